package callbacktest

import (
	"errors"
	"fmt"
)

// Rule names the rule that a [Violation] breaks. All rules are listed here.
type Rule string

const (
	// RuleValue: a record's value decodes to a message.
	RuleValue Rule = "value"
	// RuleRecordHeaders: a record has the headers ds-producer and ds-epoch once each, and a
	// traceparent only if it is a valid one.
	RuleRecordHeaders Rule = "record_headers"
	// RuleKey: a record's key is the thread_id of everything in it.
	RuleKey Rule = "key"
	// RulePartition: a thread stays in one partition, the one chosen by its key.
	RulePartition Rule = "partition"
	// RuleHeader: every message has a header with schema version 1, its own kind and its
	// compression.
	RuleHeader Rule = "header"
	// RuleThreadID: thread_id is not empty and has at most 256 bytes.
	RuleThreadID Rule = "thread_id"
	// RuleMessageID: message_id has 16 bytes and belongs to one message.
	RuleMessageID Rule = "message_id"
	// RuleSequence: every message, except for an EventBatch and a producer's in-band report and its
	// statements of losses, has a number that is unique in its thread.
	RuleSequence Rule = "sequence"
	// RuleBatch: an EventBatch has no number of its own, is not empty, and contains events of its
	// own tenant and thread.
	RuleBatch Rule = "batch"
	// RuleGraphStart: GRAPH_START comes first in a thread.
	RuleGraphStart Rule = "graph_start"
	// RuleParent: parent_id is the message_id of the start that encloses the message, or that the
	// message ends. A start ends once.
	RuleParent Rule = "parent"
	// RuleEvent: an event has a known type, and the node, attributes and attribute types of that
	// type.
	RuleEvent Rule = "event"
	// RuleDuration: the end of a node or graph has its duration in the field and in the attribute.
	RuleDuration Rule = "duration"
	// RuleJSON: fields defined as JSON contain JSON.
	RuleJSON Rule = "json"
	// RuleState: a StateDiff builds on what was sent before, comes before the end of its node, and
	// is whole if another run has written the thread's state last. Its operations are those of RFC
	// 6902. Its hash is a SHA-256 or empty; that of a whole state is the hash of its canonical
	// form.
	RuleState Rule = "state"
	// RuleDefaults: op and encoding of an operation are on the wire even if they are 0.
	RuleDefaults Rule = "defaults"
	// RuleSchema: the graph of GRAPH_START has the form that readers draw: node_type and edge_type
	// are known types, conditional_targets is a list of names, and no edge is drawn twice.
	RuleSchema Rule = "schema"
	// RuleCheckpoint: a Checkpoint has an id and the SHA-256 of its state.
	RuleCheckpoint Rule = "checkpoint"
	// RuleMetrics: quality metrics and the producer's in-band report have the scope, metrics and
	// tags that readers expect.
	RuleMetrics Rule = "metrics"
	// RuleLoss: a statement of losses has the form that readers expect, and is that of the producer
	// that sent it. What it says is lost did not arrive, unless the reason is that it was not
	// acknowledged.
	RuleLoss Rule = "loss"
)

// Violation is one violation of a rule.
type Violation struct {
	// Rule is one of the list above.
	Rule Rule
	// Thread is the thread_id of the message, or the record's key if nothing else could be read.
	Thread string
	// Sequence is the message's number, or 0.
	Sequence uint64
	// Detail describes what was found.
	Detail string
}

// String returns the violation as one line, thread first.
func (v Violation) String() string {
	return fmt.Sprintf("thread %q, sequence %d: %s: %s", v.Thread, v.Sequence, v.Rule, v.Detail)
}

// Gap is a range of numbers that a thread skipped and that did not come later, and which no
// producer states as lost. From is the first, To the last number.
type Gap struct {
	Thread   string
	From, To uint64
}

// String returns the gap as one line, thread first.
func (g Gap) String() string {
	return fmt.Sprintf("thread %q: %d..%d are missing", g.Thread, g.From, g.To)
}

// Reorder is a message that came after one with a higher number. It is no longer part of a Gap.
type Reorder struct {
	Thread          string
	Sequence, After uint64
}

// String returns the reorder as one line, thread first.
func (r Reorder) String() string {
	return fmt.Sprintf("thread %q: %d came after %d", r.Thread, r.Sequence, r.After)
}

// Duplicate is a repeated message. Delivery is at least once, so readers have to expect duplicates.
type Duplicate struct {
	Thread   string
	Sequence uint64
}

// String returns the duplicate as one line, thread first.
func (d Duplicate) String() string {
	return fmt.Sprintf("thread %q: %d came once more", d.Thread, d.Sequence)
}

// Unended is a node or graph that started and has not ended, not counting those whose end may have
// been lost in a gap of the thread. A graph that waits for a human does not count.
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

// Report is the result of a [Checker]. Its lists belong to the caller and are in the order in which
// entries were found, except for Gaps, Explained and Unended, which are sorted by thread and
// number.
type Report struct {
	// Records counts the records. Messages counts the messages in them, without duplicates: each
	// event of an EventBatch, and each message of another kind. Events counts those messages that
	// are Events.
	Records, Messages, Events int
	// Threads counts the threads, including those of producers' in-band reports.
	Threads int

	// Gaps is what is missing and not explained. Where a statement gives a range and a number of
	// losses, and more numbers are missing in it, which of them are here is arbitrary.
	Gaps []Gap
	// Explained has the gaps of which a producer states why numbers are missing, also those at the
	// ends of threads and threads of which nothing arrived. They are not errors.
	Explained  []ExplainedGap
	Reorders   []Reorder
	Duplicates []Duplicate
	Unended    []Unended
	// Violations has the first [Checker.MaxViolations]; Omitted is the number of further ones.
	Violations []Violation
	Omitted    int
}

// violate adds a violation, or counts it if there are as many as the limit.
func (r *Report) violate(limit int, v Violation) {
	if len(r.Violations) >= limit {
		r.Omitted++
		return
	}
	r.Violations = append(r.Violations, v)
}

// Missing returns the number of missing numbers in all unexplained gaps. That many messages were
// lost beside those of Explained, not counting those at the ends of threads.
func (r Report) Missing() uint64 {
	var n uint64
	for _, g := range r.Gaps {
		n += g.To - g.From + 1
	}
	return n
}

// errorLines is how many of each list Err shows.
const errorLines = 20

// Err returns an error with everything that a perfect topic does not have: violations, unexplained
// gaps, reorders, duplicates and starts without an end, the first few of each. It is nil if there
// is nothing. A test that expects some of these sets their list to nil before.
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
