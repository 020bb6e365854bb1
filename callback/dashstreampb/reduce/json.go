package reduce

import (
	"encoding/json"
	"strconv"

	"github.com/dashstream/dashstream-go/internal/statediff"
)

// whole is a number that JavaScript can read: beyond 2^53 it is written as a string.
type whole uint64

func (n whole) MarshalJSON() ([]byte, error) {
	if n > 1<<53 {
		return strconv.AppendQuote(nil, strconv.FormatUint(uint64(n), 10)), nil
	}
	return strconv.AppendUint(nil, uint64(n), 10), nil
}

// MarshalJSON writes everything known about the thread, for a browser to show. Numbers beyond 2^53,
// and numbers that no double can represent, are written as strings, also in the state. The state is
// not shortened.
func (t *Thread) MarshalJSON() ([]byte, error) {
	var state json.RawMessage
	if t.state.doc != nil {
		state = t.state.doc.AppendPortable(nil)
	}
	return json.Marshal(struct {
		ID            string          `json:"thread_id"`
		Last          whole           `json:"sequence"`
		FromMiddle    bool            `json:"from_middle"`
		State         json.RawMessage `json:"state,omitempty"`
		StateSequence whole           `json:"state_sequence"`
		Trust         Trust           `json:"trust"`
		NeedsResync   bool            `json:"needs_resync"`
		Hashes        Hashes          `json:"hashes"`
		Missing       []Range         `json:"missing"`
		MissingTotal  whole           `json:"missing_total"`
		Losses        Losses          `json:"losses"`
		Runs          []*Run          `json:"runs"`
		Nodes         []*Node         `json:"nodes"`
	}{
		t.id, whole(t.numbers.last), t.FromMiddle(), state, whole(t.state.sequence), t.state.trust,
		t.NeedsResync(), t.state.hashes,
		append([]Range{}, t.numbers.gaps...),
		whole(t.numbers.missing), t.Losses(), append([]*Run{}, t.tree.runs...),
		append([]*Node{}, t.tree.nodes...),
	})
}

// MarshalJSON writes numbers as [Thread.MarshalJSON] does.
func (g Range) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		From whole `json:"from"`
		To   whole `json:"to"`
	}{whole(g.From), whole(g.To)})
}

// MarshalJSON writes numbers as [Thread.MarshalJSON] does.
func (r *Run) MarshalJSON() ([]byte, error) {
	type plain Run
	run := plain(*r)
	run.Graph.Schema = portable(r.Graph.Schema)
	return json.Marshal(struct {
		plain
		Sequence whole `json:"sequence,omitempty"`
		Duration whole `json:"duration_ns,omitempty"`
	}{run, whole(r.Sequence), whole(r.Duration)})
}

// MarshalJSON writes numbers as [Thread.MarshalJSON] does.
func (n *Node) MarshalJSON() ([]byte, error) {
	type plain Node
	return json.Marshal(struct {
		plain
		Sequence whole `json:"sequence,omitempty"`
		Duration whole `json:"duration_ns,omitempty"`
	}{plain(*n), whole(n.Sequence), whole(n.Duration)})
}

// portable returns JSON with the numbers that no double can represent as strings, nil if src is not
// JSON.
func portable(src []byte) json.RawMessage {
	var c statediff.Canonicalizer
	var d statediff.Document
	if len(src) == 0 || c.Parse(&d, src) != nil {
		return nil
	}
	return d.AppendPortable(nil)
}
