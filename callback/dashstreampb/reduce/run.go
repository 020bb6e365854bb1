package reduce

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Status is the status of a run or a node.
type Status uint8

const (
	// Running: it has begun, and its end was not seen.
	Running Status = iota
	// Ended: it ended without an error.
	Ended
	// Failed: it ended with an error.
	Failed
	// Interrupted: the run waits for a human. Nodes are never in this status.
	Interrupted
)

var statuses = [...]string{"running", "ended", "failed", "interrupted"}

// String returns the name in lower case, or a number if there is no name.
func (s Status) String() string {
	if int(s) < len(statuses) {
		return statuses[s]
	}
	return fmt.Sprintf("status(%d)", uint8(s))
}

// MarshalText returns the same as [Status.String].
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Graph is the description of the graph in GRAPH_START. The zero value is an unknown graph.
type Graph struct {
	Name       string `json:"name,omitempty"`
	SchemaID   string `json:"schema_id,omitempty"`
	EntryPoint string `json:"entry_point,omitempty"`
	// Schema is graph_schema_json: the nodes and edges. It is nil if that is missing or not JSON.
	Schema json.RawMessage `json:"schema,omitempty"`
}

// Run is one run of a graph. It is read-only.
type Run struct {
	// ID is the message_id of its GRAPH_START, which is the Parent of its outermost nodes.
	ID ID `json:"id"`
	// Begun reports whether GRAPH_START was seen. Otherwise Graph, ExecutionID, Sequence and
	// StartedAt are zero.
	Begun       bool   `json:"begun"`
	Graph       Graph  `json:"graph"`
	ExecutionID string `json:"execution_id,omitempty"`
	// Sequence is the number of GRAPH_START.
	Sequence  uint64    `json:"sequence,omitempty"`
	StartedAt time.Time `json:"started_at,omitzero"`
	// Status is the run's status. Error is the text of GRAPH_ERROR. Waiting is what an interrupted
	// run waits for, in the producer's words.
	Status  Status `json:"status"`
	Error   string `json:"error,omitempty"`
	Waiting string `json:"waiting,omitempty"`
	// EndedAt and Duration are zero while the run has not ended.
	EndedAt  time.Time     `json:"ended_at,omitzero"`
	Duration time.Duration `json:"duration_ns,omitempty"`
}

// Node is one execution of a node. Executions with the same name are distinguished by their IDs. It
// is read-only.
type Node struct {
	// ID is the message_id of its NODE_START. Parent is that of the enclosing start: a run, or a
	// node if this one is nested. Parent is zero if it is unknown, for instance because the start
	// was not seen.
	ID     ID     `json:"id"`
	Parent ID     `json:"parent"`
	Name   string `json:"name"`
	// Begun reports whether NODE_START was seen. Otherwise its number, Sequence, and StartedAt are
	// zero.
	Begun     bool      `json:"begun"`
	Sequence  uint64    `json:"sequence,omitempty"`
	StartedAt time.Time `json:"started_at,omitzero"`
	// Status is the node's status. Error is the text of NODE_ERROR.
	Status Status `json:"status"`
	Error  string `json:"error,omitempty"`
	// EndedAt and Duration are zero while the node has not ended.
	EndedAt  time.Time     `json:"ended_at,omitzero"`
	Duration time.Duration `json:"duration_ns,omitempty"`

	top ID // the outermost known start around it, usually the run
}

// maxText bounds the stored texts of errors and names, in bytes. Readers show 2,000 characters.
const maxText = 8 << 10

// clip returns the part of s that is stored.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// text returns an attribute of an event, "" if it is missing or not a string.
func text(e *pb.Event, name string) string { return e.GetAttributes()[name].GetStringValue() }

// start sets what a GRAPH_START describes.
func (r *Run) start(e *pb.Event) {
	h := e.GetHeader()
	r.Begun, r.Sequence, r.StartedAt = true, h.GetSequence(),
		time.UnixMicro(h.GetTimestampUs()).UTC()
	r.ExecutionID = clip(text(e, "execution_id"))
	r.Graph = Graph{Name: clip(text(e, "graph_name")), SchemaID: clip(text(e, "schema_id")),
		EntryPoint: clip(text(e, "graph_entry_point"))}
	if schema := []byte(text(e, "graph_schema_json")); json.Valid(schema) {
		r.Graph.Schema = schema
	}
}

// end ends the run with a status.
func (r *Run) end(e *pb.Event, status Status) {
	r.again(status)
	switch status {
	case Interrupted:
		r.Waiting = clip(text(e, "reason"))
		return
	case Failed:
		r.Error = clip(text(e, "error"))
	}
	r.EndedAt, r.Duration = ending(e)
}

// again sets the run's status again, and clears the details of the previous one.
func (r *Run) again(status Status) {
	r.Status, r.Error, r.Waiting, r.EndedAt, r.Duration = status, "", "", time.Time{}, 0
}

func (n *Node) start(e *pb.Event) {
	h := e.GetHeader()
	n.Begun, n.Sequence, n.StartedAt = true, h.GetSequence(),
		time.UnixMicro(h.GetTimestampUs()).UTC()
	n.Name, n.Parent = clip(e.GetNodeId()), idOf(h.GetParentId())
}

func (n *Node) end(e *pb.Event, status Status) {
	if n.Status, n.Error = status, ""; status == Failed {
		n.Error = clip(text(e, "error"))
	}
	n.EndedAt, n.Duration = ending(e)
}

func ending(e *pb.Event) (at time.Time, took time.Duration) {
	us := min(max(0, e.GetDurationUs()), math.MaxInt64/int64(time.Microsecond))
	return time.UnixMicro(e.GetHeader().GetTimestampUs()).UTC(),
		time.Duration(us) * time.Microsecond
}
