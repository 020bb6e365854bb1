package reduce

import (
	"iter"
	"slices"
)

// Thread is what is known about a thread. It belongs to its Reducer: what its methods return is
// read-only, and valid until the next message is added.
type Thread struct {
	id      string
	source  Source
	newest  int64 // the latest timestamp, in µs since the Unix epoch
	era           // the last one
	past    []era
	settled Losses // of eras before those
	ledger  *ledger
	state   state
	tree    tree
	bytes   int // its size as counted by the reducer
}

// ID returns the thread's id.
func (t *Thread) ID() string { return t.id }

// State returns the last known state as canonical JSON (RFC 8785), and whether there is one. It is
// a state that the producer had; [Thread.NeedsResync] tells whether it may be outdated.
func (t *Thread) State() (json []byte, known bool) {
	if t.state.doc == nil {
		return nil, false
	}
	return t.state.doc.Bytes(), true
}

// StateSequence returns the number of the message with that state; 0 while none is known.
func (t *Thread) StateSequence() uint64 { return t.state.sequence }

// Trust returns how far the state can be trusted.
func (t *Thread) Trust() Trust { return t.state.trust }

// NeedsResync reports whether the state may differ from the producer's, so that only a whole state,
// or a patch whose hash proves it, repairs it. It takes an actual loss, or a message that was
// rejected, to get there. A thread that was joined in the middle and has not shown a state yet does
// not need a resync: see [Thread.FromMiddle].
func (t *Thread) NeedsResync() bool { return t.state.trust > Current }

// FromMiddle reports whether the first message seen of the thread is not its first: earlier ones
// are unknown.
func (t *Thread) FromMiddle() bool { return t.numbers.first > 1 }

// Last returns the highest number seen.
func (t *Thread) Last() uint64 { return t.numbers.last }

// Missing returns the ranges of numbers missing between those seen, in order, and the count of
// those numbers. If there are very many gaps, the oldest are only counted. [Thread.Losses] tells
// why numbers are missing, and what was lost at the end of the thread, as far as producers state
// it.
func (t *Thread) Missing() (gaps []Range, total uint64) {
	return slices.Clone(t.numbers.gaps), t.numbers.missing
}

// Hashes returns the results of checking the hashes of states.
func (t *Thread) Hashes() Hashes { return t.state.hashes }

// Run returns the run that began last, nil if none was seen.
func (t *Thread) Run() *Run {
	if len(t.tree.runs) == 0 {
		return nil
	}
	return t.tree.runs[len(t.tree.runs)-1]
}

// Runs returns the last 64 runs, in the order in which they began.
func (t *Thread) Runs() iter.Seq[*Run] { return slices.Values(t.tree.runs) }

// Nodes returns the nodes of all runs, in the order in which they were first seen.
func (t *Thread) Nodes() iter.Seq[*Node] { return slices.Values(t.tree.nodes) }

// NodesOf returns the nodes of a run, including nested ones, in the order in which they were first
// seen. A node whose start, or whose enclosing start, was not seen belongs to no known run: only
// [Thread.Nodes] has it.
func (t *Thread) NodesOf(run ID) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for _, n := range t.tree.nodes {
			if n.top == run && !yield(n) {
				return
			}
		}
	}
}

// Node returns a node by the message_id of its start, nil if it is unknown.
func (t *Thread) Node(id ID) *Node { return t.tree.byID[id] }
