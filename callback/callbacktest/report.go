package callbacktest

import (
	"errors"
	"fmt"
)

// Rule names what a [Violation] breaks. The list is closed.
type Rule string

const (
	// RuleValue: a record's value decodes to a message.
	RuleValue Rule = "value"
	// RuleRecordHeaders: a record has the headers ds-producer and ds-epoch once each, and a
	// traceparent only if it is a valid one.
	RuleRecordHeaders Rule = "record_headers"
	// RuleKey: a record's key is the thread_id of all that it holds.
	RuleKey Rule = "key"
	// RulePartition: a thread stays in one partition, which is the one that its key chooses.
	RulePartition Rule = "partition"
	// RuleHeader: every message has a header that states schema version 1, its own kind and how it
	// is compressed.
	RuleHeader Rule = "header"
	// RuleThreadID: thread_id is not empty and has at most 256 bytes.
	RuleThreadID Rule = "thread_id"
	// RuleMessageID: message_id has 16 bytes and belongs to one message.
	RuleMessageID Rule = "message_id"
	// RuleSequence: every message but an EventBatch and a producer's report has a number, and no
	// other one of its thread has the same.
	RuleSequence Rule = "sequence"
	// RuleBatch: an EventBatch has no number of its own, is not empty, and holds events of its own
	// tenant and thread.
	RuleBatch Rule = "batch"
	// RuleGraphStart: GRAPH_START comes first in a thread.
	RuleGraphStart Rule = "graph_start"
	// RuleParent: parent_id is the message_id of the start that encloses a message, or whose end it
	// is; a start ends once.
	RuleParent Rule = "parent"
	// RuleEvent: an event is of a known type, and its node, attributes and their types are those of
	// its type.
	RuleEvent Rule = "event"
	// RuleDuration: the end of a node or graph states its duration in the field and in the
	// attribute.
	RuleDuration Rule = "duration"
	// RuleJSON: what is to be JSON is JSON.
	RuleJSON Rule = "json"
	// RuleState: a StateDiff builds on what was sent before, comes before the end of its node, and
	// is whole when another run than the last one writes the thread's state. Its operations are RFC
	// 6902's, its hash is a SHA-256 or empty, and that of a whole state is the one of its canonical
	// form.
	RuleState Rule = "state"
	// RuleDefaults: op and encoding of an operation are on the wire even when they are 0.
	RuleDefaults Rule = "defaults"
	// RuleSchema: the graph of GRAPH_START is of the form that readers draw: node_type and
	// edge_type are of their lists, conditional_targets is a list of names, and no edge is drawn
	// twice.
	RuleSchema Rule = "schema"
	// RuleCheckpoint: a Checkpoint has an id, and the SHA-256 of its state.
	RuleCheckpoint Rule = "checkpoint"
	// RuleMetrics: quality metrics and the producer's report on itself have the scope, metrics and
	// tags that readers expect.
	RuleMetrics Rule = "metrics"
)

// Violation is one breach of a rule.
type Violation struct {
	// Rule is one of the list above.
	Rule Rule
	// Thread is the thread_id of the message, or the record's key when that is all that could be
	// read.
	Thread string
	// Sequence is the message's number; 0 when it has none.
	Sequence uint64
	// Detail says in words what was found.
	Detail string
}

// String returns it as one line, thread first.
func (v Violation) String() string {
	return fmt.Sprintf("thread %q, sequence %d: %s: %s", v.Thread, v.Sequence, v.Rule, v.Detail)
}

// Gap is a run of numbers that a thread skipped and that did not come later: From and To are the
// first and the last.
type Gap struct {
	Thread   string
	From, To uint64
}

// String returns it as one line, thread first.
func (g Gap) String() string {
	return fmt.Sprintf("thread %q: %d..%d are missing", g.Thread, g.From, g.To)
}

// Reorder is a message that came after one with a higher number. It is not part of a Gap any more.
type Reorder struct {
	Thread          string
	Sequence, After uint64
}

// String returns it as one line, thread first.
func (r Reorder) String() string {
	return fmt.Sprintf("thread %q: %d came after %d", r.Thread, r.Sequence, r.After)
}

// Duplicate is a message that came once more. Delivery is at least once, so readers have to expect
// it.
type Duplicate struct {
	Thread   string
	Sequence uint64
}

// String returns it as one line, thread first.
func (d Duplicate) String() string {
	return fmt.Sprintf("thread %q: %d came once more", d.Thread, d.Sequence)
}

// Unended is a node or graph that started and has not ended, beyond those whose end may be what a
// gap of the thread lost. A graph that waits for a human is not one.
type Unended struct {
	Thread   string
	Sequence uint64
	// Event is the type of the start: EVENT_TYPE_NODE_START or EVENT_TYPE_GRAPH_START.
	Event string
	// Node is the node's name; "" for a graph.
	Node string
}

// String returns it as one line, thread first.
func (u Unended) String() string {
	return fmt.Sprintf("thread %q, sequence %d: %s %q has no end", u.Thread, u.Sequence, u.Event,
		u.Node)
}

// Report is what a [Checker] has found. Its lists belong to the caller and are in the order in
// which it was found, but for Gaps and Unended, which are sorted by thread and number.
type Report struct {
	// Records counts the records, Messages the messages that they hold: each event of an
	// EventBatch, and each message of another kind, duplicates left out. Events counts those of
	// them that are Events.
	Records, Messages, Events int
	// Threads counts the threads, those of producers' reports on themselves included.
	Threads int

	Gaps       []Gap
	Reorders   []Reorder
	Duplicates []Duplicate
	Unended    []Unended
	// Violations has the first [Checker.MaxViolations]; Omitted counts those beyond.
	Violations []Violation
	Omitted    int
}

// Missing counts the numbers in all gaps: as many messages were lost, beside those at the ends of
// threads.
func (r Report) Missing() uint64 {
	var n uint64
	for _, g := range r.Gaps {
		n += g.To - g.From + 1
	}
	return n
}

// errorLines is how many of each list Err shows.
const errorLines = 20

// Err joins all that a perfect topic has none of: violations, gaps, reorders, duplicates and starts
// without an end, the first ones of each. It is nil if there is nothing. A test that expects some
// sets their list to nil before.
func (r Report) Err() error {
	errs := summarize("violations", r.Violations, r.Omitted)
	errs = append(errs, summarize("gaps", r.Gaps, 0)...)
	errs = append(errs, summarize("reorders", r.Reorders, 0)...)
	errs = append(errs, summarize("duplicates", r.Duplicates, 0)...)
	errs = append(errs, summarize("starts without an end", r.Unended, 0)...)
	return errors.Join(errs...)
}

func summarize[T fmt.Stringer](what string, found []T, omitted int) []error {
	var errs []error
	for _, f := range found[:min(len(found), errorLines)] {
		errs = append(errs, fmt.Errorf("callbacktest: %v", f))
	}
	if more := len(found) - len(errs) + omitted; more > 0 {
		errs = append(errs, fmt.Errorf("callbacktest: and %d more %s", more, what))
	}
	return errs
}
