package reduce

import (
	"iter"
	"slices"
)

// Thread is what is known of a thread. It belongs to its Reducer: what its methods return is to be
// read, not written to, and valid until the next message is added.
type Thread struct {
	id      string
	source  Source
	newest  int64 // the latest timestamp, in µs since the Unix epoch
	numbers numbers
	state   state
	tree    tree
	bytes   int // what the reducer counts for it
}

// ID returns the thread's id.
func (t *Thread) ID() string { return t.id }

// State returns the last state that is known as canonical JSON (RFC 8785), and whether there is
// one. It is one that the producer had; whether it still is the producer's, [Thread.NeedsResync]
// says.
func (t *Thread) State() (json []byte, known bool) {
	if t.state.doc == nil {
		return nil, false
	}
	return t.state.doc.Bytes(), true
}

// StateSequence returns the number of the message that brought the state; 0 while none is known.
func (t *Thread) StateSequence() uint64 { return t.state.sequence }

// Trust says how far the state can be trusted.
func (t *Thread) Trust() Trust { return t.state.trust }

// NeedsResync says whether the state may differ from the producer's, so that nothing but a whole
// state, or a patch whose hash proves it, puts it right. That takes an actual loss, or a message
// that was refused. A thread that was joined in the middle and has not shown a state yet does not
// need one: see [Thread.FromMiddle].
func (t *Thread) NeedsResync() bool { return t.state.trust > Current }

// FromMiddle says whether the first message that was seen of the thread is not its first: what came
// before is not known.
func (t *Thread) FromMiddle() bool { return t.numbers.first > 1 }

// Last returns the highest number that was seen.
func (t *Thread) Last() uint64 { return t.numbers.last }

// Missing returns the numbers that are missing between those that were seen, in order, and how many
// they are. Of very many gaps the oldest are only counted. What is lost at the end of a thread
// cannot be seen.
func (t *Thread) Missing() (gaps []Range, total uint64) {
	return slices.Clone(t.numbers.gaps), t.numbers.missing
}

// Hashes counts what the hashes of states said.
func (t *Thread) Hashes() Hashes { return t.state.hashes }

// Run returns the run that began last, nil if none was seen.
func (t *Thread) Run() *Run {
	if len(t.tree.runs) == 0 {
		return nil
	}
	return t.tree.runs[len(t.tree.runs)-1]
}

// Runs returns the runs in the order in which they began, the last 64 of them.
func (t *Thread) Runs() iter.Seq[*Run] { return slices.Values(t.tree.runs) }

// Nodes returns the nodes of all runs, in the order in which they were first seen.
func (t *Thread) Nodes() iter.Seq[*Node] { return slices.Values(t.tree.nodes) }

// NodesOf returns the nodes of a run, nested ones too, in the order in which they were first seen.
// A node whose start or what is around it was not seen belongs to no run that is known: only
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

// Node returns a node by the message_id of its start, nil if it is not known.
func (t *Thread) Node(id ID) *Node { return t.tree.byID[id] }
