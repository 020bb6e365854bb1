package view

import (
	"encoding/json"
	"strconv"
)

// Whole is a whole number as the page reads it: beyond 2^53 it is a string of digits.
type Whole uint64

// MarshalJSON writes a number, or a string of digits if no double can represent it.
func (n Whole) MarshalJSON() ([]byte, error) {
	if n > 1<<53 {
		return strconv.AppendQuote(nil, strconv.FormatUint(uint64(n), 10)), nil
	}
	return strconv.AppendUint(nil, uint64(n), 10), nil
}

// Row is a run in the list. Times and durations are in microseconds, here and below; times count
// from the Unix epoch, and 0 means unknown.
type Row struct {
	Thread   string `json:"thread"`
	Run      string `json:"run"` // "" if its start was not seen
	Graph    string `json:"graph"`
	Tenant   string `json:"tenant"`
	Status   string `json:"status"` // running, waiting (for a human), failed, ended
	Started  int64  `json:"started_us"`
	Ended    int64  `json:"ended_us"`
	Duration int64  `json:"duration_us"`
	Updated  int64  `json:"updated_us"` // by the time stamp of its latest message
	Error    string `json:"error"`
	Waiting  string `json:"waiting"` // what it waits for, if status is waiting
	Node     string `json:"node"`    // the nodes that run now, joined by ", "
	Nodes    int    `json:"nodes"`   // executions of nodes
	Calls    int    `json:"calls"`
	Tokens   int64  `json:"tokens"`
	Retries  int    `json:"retries"`
	Producer string `json:"producer"`
	// Flags are the things that the operator has to know: see the constants Flag….
	Flags []string `json:"flags"`
}

// The flags of a run and of its thread.
const (
	FlagFromMiddle   = "joined_in_the_middle" // its first messages were not seen
	FlagNeedsResync  = "needs_resync"         // its state may be wrong
	FlagGap          = "gap"                  // messages are missing, and nothing says why
	FlagGapExplained = "gap_explained"        // messages are missing, and the producer said why
	FlagRejected     = "rejected"             // something of it was over a limit, or did not decode
	FlagStopped      = "stopped"              // its producer is of a newer version than this view
	FlagStale        = "stale"                // it runs, and nothing came for a while
	FlagProducerDied = "producer_died"        // it runs, and its producer is silent
	FlagLine         = "line_only"            // too old to be opened
)

// Summary is what the list says of all runs, and what its filters can be set to.
type Summary struct {
	Total   int      `json:"total"`
	Matches int      `json:"matches"` // of the filter; the list has at most its limit
	Running int      `json:"running"`
	Waiting int      `json:"waiting"`
	Failed  int      `json:"failed"`
	Ended   int      `json:"ended"`
	Graphs  []string `json:"graphs"`
	Tenants []string `json:"tenants"`
}

// Thread is what holds for a thread, whichever run of it is shown.
type Thread struct {
	Thread       string   `json:"thread"`
	Tenant       string   `json:"tenant"`
	Sequence     Whole    `json:"sequence"` // the highest number seen
	First        Whole    `json:"first_sequence"`
	FirstTime    int64    `json:"first_us"`
	LastTime     int64    `json:"last_us"`
	Flags        []string `json:"flags"`
	ResyncReason string   `json:"resync_reason"` // set if the flags contain needs_resync
	Gaps         []Gap    `json:"gaps"`
	Missing      Whole    `json:"missing"` // numbers missing in all, also those beyond Gaps
	Rejected     int      `json:"rejected"`
	Verified     Whole    `json:"hashes_verified"`
	Wrong        Whole    `json:"hashes_wrong"`
	Producer     string   `json:"producer"`
	// ProducerStatus is live, ended, died or unknown (it sends no reports).
	ProducerStatus string `json:"producer_status"`
	// At is set in a moment: the number up to which messages were applied.
	At Whole `json:"at,omitempty"`
}

// Gap is a range of numbers that are missing.
type Gap struct {
	From      Whole  `json:"from"`
	To        Whole  `json:"to"`
	Explained bool   `json:"explained"`
	Reason    string `json:"reason"` // the producer's, if it is explained
}

// Run is one run of the thread.
type Run struct {
	ID       string `json:"id"`
	Graph    string `json:"graph"`
	Schema   *Graph `json:"schema"` // null if the producer sent none, or it was rejected
	Status   string `json:"status"` // as in Row
	Error    string `json:"error"`
	Waiting  string `json:"waiting"`
	Sequence Whole  `json:"sequence"`
	Started  int64  `json:"started_us"`
	Ended    int64  `json:"ended_us"`
	Duration int64  `json:"duration_us"`
	Tokens   int64  `json:"tokens"`
}

// Graph is a graph as its producer described it, within bounds: 500 nodes, 2,000 edges.
type Graph struct {
	Name  string      `json:"name"`
	Entry string      `json:"entry"`
	Nodes []GraphNode `json:"nodes"`
	Edges []GraphEdge `json:"edges"` // one for each target; the end is __end__
	Cut   bool        `json:"cut"`
}

// GraphNode is a node of a graph.
type GraphNode struct {
	Name        string `json:"name"`
	Type        string `json:"type"` // one of pb.NodeTypes
	Description string `json:"description"`
}

// GraphEdge is an edge of a graph.
type GraphEdge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Type  string `json:"type"` // direct, conditional, parallel
	Label string `json:"label"`
}

// Node is one execution of a node.
type Node struct {
	ID       string  `json:"id"`
	Parent   string  `json:"parent"` // a run's or a node's id; "" if unknown
	Run      string  `json:"run"`
	Name     string  `json:"name"`
	Status   string  `json:"status"`  // running, ended, failed
	Attempt  int     `json:"attempt"` // counts the executions of this name in the run, from 1
	Sequence Whole   `json:"sequence"`
	Started  int64   `json:"started_us"`
	Ended    int64   `json:"ended_us"`
	Duration int64   `json:"duration_us"`
	Error    string  `json:"error"`
	Percent  float64 `json:"percent"` // 0 to 1
	Message  string  `json:"message"` // its latest progress, thought or warning
}

// Edge is an edge that was taken.
type Edge struct {
	Run       string `json:"run"`
	From      string `json:"from"`
	To        string `json:"to"`
	Type      string `json:"type"`
	Condition string `json:"condition"` // the latest result of its condition
	Count     int    `json:"count"`
	Last      int64  `json:"last_us"`
}

// Value is a value of a producer's, parsed and bounded.
type Value struct {
	// JSON is set if it is JSON within the limits. Numbers that no double can represent are
	// strings in it.
	JSON json.RawMessage `json:"json,omitempty"`
	// Text is set otherwise.
	Text string `json:"text,omitempty"`
	// Bytes is its size as it was sent. Cut says that Text is only its beginning.
	Bytes int  `json:"bytes"`
	Cut   bool `json:"cut"`
	// Rejected says why it was not parsed, "" if it was or is not JSON: too_large, too_deep.
	Rejected string `json:"rejected,omitempty"`
}

// Call is a call of a model or a tool.
type Call struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"` // llm, tool
	Run       string `json:"run"`
	Node      string `json:"node"` // the id of the node's execution, "" if unknown
	NodeName  string `json:"node_name"`
	Name      string `json:"name"`   // of the model or the tool
	Status    string `json:"status"` // requested, running, ended, failed
	Sequence  Whole  `json:"sequence"`
	Started   int64  `json:"started_us"`
	Ended     int64  `json:"ended_us"`
	Duration  int64  `json:"duration_us"`
	Input     *Value `json:"input"`  // prompt or arguments
	Output    *Value `json:"output"` // completion or result; while it streams, what has come
	Streaming bool   `json:"streaming"`
	Error     string `json:"error"`
	Retries   int    `json:"retries"`
	Prompt    int64  `json:"prompt_tokens"`
	Completed int64  `json:"completion_tokens"`
	Total     int64  `json:"total_tokens"`
	Finish    string `json:"finish_reason"`
}

// Entry is one thing that happened, in the timeline.
type Entry struct {
	N        int    `json:"n"` // its place: entries are shown by it
	Sequence Whole  `json:"sequence"`
	Time     int64  `json:"time_us"`
	Kind     string `json:"kind"`  // node_start, state_diff, gap, rejected, refused, …
	Level    string `json:"level"` // info, warning, error
	Run      string `json:"run"`
	Node     string `json:"node"` // the id of the node's execution, "" if unknown
	NodeName string `json:"node_name"`
	Text     string `json:"text"`
	// Others counts attributes that are not in the contract; OtherNames has at most 20 of their
	// names, and never a value.
	Others     int      `json:"others,omitempty"`
	OtherNames []string `json:"other_names,omitempty"`
}

// State is the thread's state.
type State struct {
	Known    bool     `json:"known"`
	Sequence Whole    `json:"sequence"` // of the message that brought it
	Trust    string   `json:"trust"`    // unknown, current, suspect, lost
	Value    *Value   `json:"value"`
	Changed  []Change `json:"changed"` // against the state before it
}

// Change is a part of a state that is not what it was.
type Change struct {
	Op   string `json:"op"`   // add, remove, replace
	Path string `json:"path"` // a JSON pointer
}

// Producer is an instance of the SDK, as its in-band reports say.
type Producer struct {
	ID       string `json:"id"`
	Service  string `json:"service"`
	Host     string `json:"host"`
	PID      string `json:"pid"`
	Version  string `json:"version"`
	Status   string `json:"status"` // live, ended, died
	Level    string `json:"level"`  // ok, elevated, critical, dropping; "" if it does not say
	Reported int64  `json:"reported_us"`
	Started  int64  `json:"started_us"`
	Interval int64  `json:"interval_us"`
	// SecondsToLoss is null if no loss is in sight, or it does not say.
	SecondsToLoss *float64 `json:"seconds_to_loss"`
	QueueDepth    float64  `json:"queue_depth"`
	QueueMax      float64  `json:"queue_max"`
	Permits       float64  `json:"permits"`
	PermitsMax    float64  `json:"permits_max"`
	Emitted       float64  `json:"emitted"`
	Delivered     float64  `json:"delivered"`
	// Lost is what was dropped or given up, by reason; only reasons that occurred.
	Lost map[string]float64 `json:"lost"`
	// LatencyP50 and LatencyP99 are from emit to acknowledgement, in seconds, since it started;
	// null if nothing was acknowledged yet.
	LatencyP50 *float64 `json:"latency_p50"`
	LatencyP99 *float64 `json:"latency_p99"`
	Running    int      `json:"running"` // its runs that are running or waiting
}

// Health is the health of the view itself.
type Health struct {
	// Status is connecting, waiting (everything was read, and nothing came for 10 s), live,
	// behind (more than 1 s), or stale (the cluster does not answer).
	Status     string   `json:"status"`
	Reason     string   `json:"reason"` // of stale, in words
	Topic      string   `json:"topic"`
	Partitions int      `json:"partitions"`
	Records    Whole    `json:"records"`
	Messages   Whole    `json:"messages"`
	Refused    Whole    `json:"refused"` // by the reducer, since the view was started
	LagRecords Whole    `json:"lag_records"`
	LagSeconds float64  `json:"lag_seconds"`
	LastKafka  int64    `json:"last_kafka_message_us"`        // 0: never
	LastError  int64    `json:"last_infrastructure_error_us"` // 0: never
	Clients    int      `json:"clients"`
	Undecoded  Whole    `json:"undecoded"` // since the view was started
	ByReason   []Reason `json:"by_reason"` // since the view was started; only those that occurred
	Threads    int      `json:"threads"`
	Kept       int      `json:"kept_bytes"`
	KeptMax    int      `json:"kept_max_bytes"`
	Started    int64    `json:"started_us"`
}

// Reason counts the decode failures of one reason.
type Reason struct {
	Reason string `json:"reason"`
	Leads  string `json:"leads_to"` // skip, resync, stop
	Count  Whole  `json:"count"`
}

// Failure is a record that did not decode.
type Failure struct {
	N         int    `json:"n"` // its place: the latest has the highest
	Time      int64  `json:"time_us"`
	Reason    string `json:"reason"`
	Leads     string `json:"leads_to"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Bytes     int    `json:"bytes"`
	Detail    string `json:"detail"` // never quotes the record
}

// Warning is about the recent past: it is gone when its cause has been gone for the window.
type Warning struct {
	Name   string `json:"name"`
	Text   string `json:"text"`
	Count  int    `json:"count"`     // in the window
	Window int    `json:"window_us"` // its length
	Since  int64  `json:"since_us"`  // when it began
	Total  Whole  `json:"total"`     // since the view was started
}
