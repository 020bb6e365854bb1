package callback

import (
	"strconv"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"google.golang.org/protobuf/proto"
)

// MetricType says how to interpret a metric's values.
type MetricType uint8

// The types of metrics. Their numbers are those on the wire.
const (
	MetricUnspecified MetricType = iota
	MetricCounter
	MetricGauge
	MetricHistogram
	MetricSummary
)

// String returns the type in lower case, such as "counter".
func (t MetricType) String() string {
	return nameOf(t, "unspecified", "counter", "gauge", "histogram", "summary")
}

// Metric is one value of the application's own metrics.
type Metric struct {
	// Name is the metric's name.
	Name string
	// Value is an int, int64, uint64, float64, bool, string or []byte. Any other value is sent as
	// JSON text.
	Value any
	// Unit is the unit, such as "seconds" or "ratio". Type is the metric's type.
	Unit string
	Type MetricType
}

// Metrics sends metrics of the application (a Metrics message). scope and id say what they
// describe, such as "node" and a node's name; tags may be nil.
func (n *Node) Metrics(scope, id string, values []Metric, tags map[string]string) {
	if n == nil || len(values) == 0 {
		return
	}
	c := n.thread.client
	m := &pb.Metrics{Scope: c.valid(scope), ScopeId: c.valid(id),
		Metrics: make(map[string]*pb.MetricValue, len(values)), Tags: c.validMap(tags)}
	for _, v := range values {
		m.Metrics[c.valid(v.Name)] = c.metricValue(v)
	}
	n.emitProto(kindReport, m, c.now(), false)
}

func (c *Client) metricValue(m Metric) *pb.MetricValue {
	v := &pb.MetricValue{Unit: c.valid(m.Unit), Type: pb.MetricValue_MetricType(m.Type)}
	switch x := m.Value.(type) {
	case int:
		v.Value = &pb.MetricValue_IntValue{IntValue: int64(x)}
	case int64:
		v.Value = &pb.MetricValue_IntValue{IntValue: x}
	case uint64:
		v.Value = &pb.MetricValue_IntValue{IntValue: int64(min(x, 1<<63-1))}
	case float64:
		v.Value = &pb.MetricValue_FloatValue{FloatValue: x}
	case bool:
		v.Value = &pb.MetricValue_BoolValue{BoolValue: x}
	case string:
		v.Value = &pb.MetricValue_StringValue{StringValue: c.valid(x)}
	case []byte:
		v.Value = &pb.MetricValue_BytesValue{BytesValue: x}
	default:
		v.Value = &pb.MetricValue_StringValue{StringValue: c.jsonText(x)}
	}
	return v
}

// Quality is an assessment of a run's answer. Ratios go from 0 to 1.
type Quality struct {
	Accuracy, Relevance, Completeness float64
	// Score is the overall assessment, Passed whether it is good enough.
	Score  float64
	Passed bool
}

// Quality sends an assessment of the run's answer (a Metrics message of scope "quality"). A nil Run
// does nothing.
func (r *Run) Quality(q Quality) {
	if r == nil {
		return
	}
	t := r.root.thread
	values := []Metric{
		{Name: "accuracy", Value: q.Accuracy, Unit: "ratio", Type: MetricGauge},
		{Name: "relevance", Value: q.Relevance, Unit: "ratio", Type: MetricGauge},
		{Name: "completeness", Value: q.Completeness, Unit: "ratio", Type: MetricGauge},
		{Name: "quality_score", Value: q.Score, Unit: "ratio", Type: MetricGauge},
		{Name: "passed", Value: q.Passed, Unit: "bool", Type: MetricGauge},
	}
	r.root.Metrics("quality", t.id, values, map[string]string{"thread_id": t.id,
		"tenant_id": t.client.tenant})
}

// Severity says how bad an error is.
type Severity uint8

// The severities. Their numbers are those on the wire.
const (
	SeverityUnspecified Severity = iota
	SeverityDebug
	SeverityInfo
	SeverityWarning
	SeverityError
	SeverityFatal
)

// String returns the severity in lower case, such as "error".
func (s Severity) String() string {
	return nameOf(s, "unspecified", "debug", "info", "warning", "error", "fatal")
}

// nameOf returns the name of a value that counts from 0; of one beyond the names, its number.
func nameOf[T ~uint8](value T, names ...string) string {
	if int(value) < len(names) {
		return names[value]
	}
	return strconv.Itoa(int(value))
}

// ErrorInfo describes an error that is worth a message of its own. Empty fields are not sent.
type ErrorInfo struct {
	// Code identifies the kind of error to programs; ExceptionType is the error's type.
	Code, ExceptionType string
	// Stack is a stack trace.
	Stack string
	// Severity defaults to SeverityError.
	Severity Severity
	// Context is sent as it is. Suggestions say what could help.
	Context     map[string]string
	Suggestions []string
}

// Error reports an error (an Error message), at once. It does not end the node: see [Node.End]. A
// nil err is ignored.
func (n *Node) Error(err error, info ErrorInfo) {
	if n == nil || err == nil {
		return
	}
	c := n.thread.client
	if info.Severity == SeverityUnspecified {
		info.Severity = SeverityError
	}
	m := &pb.Error{
		ErrorCode: c.valid(info.Code), Message: c.errorText(err), StackTrace: c.valid(info.Stack),
		Context:  c.validMap(info.Context),
		Severity: pb.Error_Severity(info.Severity), ExceptionType: c.valid(info.ExceptionType),
	}
	for _, s := range info.Suggestions {
		m.Suggestions = append(m.Suggestions, c.valid(s))
	}
	if n.name != "" {
		if m.Context == nil {
			m.Context = map[string]string{}
		}
		if _, ok := m.Context["node"]; !ok {
			m.Context["node"] = n.name
		}
	}
	n.emitProto(kindError, m, c.now(), true)
}

// emitProto enqueues a message of a kind that is rare enough for the generated encoder. Its strings
// must be valid UTF-8.
func (n *Node) emitProto(kind batching.Kind, body proto.Message, at stamp, urgent bool) {
	env := n.envelope(at)
	env.urgent = urgent
	if over := proto.Size(body) - n.thread.limit(env, 0); over > 0 {
		n.thread.client.sealer.ShortenProto(body, over)
	}
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(body)
	if err != nil { // can fail only for invalid UTF-8, and all strings were repaired
		n.thread.client.log.Error("dashstream: a message could not be encoded", "error", err)
		return
	}
	n.thread.emitEncoded(kind, encoded, env)
}
