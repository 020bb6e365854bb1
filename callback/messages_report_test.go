package callback_test

import (
	"errors"
	"math"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func reportRows() []row {
	ratio := func(f float64) *pb.MetricValue {
		return &pb.MetricValue{Value: &pb.MetricValue_FloatValue{FloatValue: f},
			Unit: "ratio", Type: pb.MetricValue_METRIC_TYPE_GAUGE}
	}
	whole := func(n int64) *pb.MetricValue {
		return &pb.MetricValue{Value: &pb.MetricValue_IntValue{IntValue: n}}
	}
	text := func(s string) *pb.MetricValue {
		return &pb.MetricValue{Value: &pb.MetricValue_StringValue{StringValue: s}}
	}
	return []row{
		{"Run.Quality", func(s *scene) {
			s.run.Quality(callback.Quality{Accuracy: .5, Relevance: .25, Completeness: .125,
				Score: 1, Passed: true})
		}, []sent{
			{&pb.Metrics{Scope: "quality", ScopeId: "thread",
				Tags: map[string]string{"thread_id": "thread", "tenant_id": "default"},
				Metrics: map[string]*pb.MetricValue{
					"accuracy": ratio(.5), "relevance": ratio(.25), "completeness": ratio(.125),
					"quality_score": ratio(1),
					"passed": {Value: &pb.MetricValue_BoolValue{BoolValue: true},
						Unit: "bool", Type: pb.MetricValue_METRIC_TYPE_GAUGE},
				}}, ofRun, 0},
		}},
		{"Node.Metrics", func(s *scene) {
			s.node.Metrics("node", "search", []callback.Metric{
				{Name: "int", Value: 1, Unit: "documents", Type: callback.MetricCounter},
				{Name: "int64", Value: int64(math.MinInt64)},
				{Name: "uint64", Value: uint64(math.MaxUint64)},
				{Name: "float", Value: 1.5, Type: callback.MetricHistogram},
				{Name: "bool", Value: false, Type: callback.MetricSummary},
				{Name: "text", Value: "a\xff"},
				{Name: "bytes", Value: []byte{0xff}},
				{Name: "json", Value: []int{1}},
				{Name: "broken", Value: broken{}},
				{Name: "\xff", Value: nil, Unit: "\xff"},
			}, map[string]string{"\xff": "\xff"})
		}, []sent{
			{&pb.Metrics{Scope: "node", ScopeId: "search",
				Tags: map[string]string{"\uFFFD": "\uFFFD"}, Metrics: map[string]*pb.MetricValue{
					"int": {Value: &pb.MetricValue_IntValue{IntValue: 1},
						Unit: "documents", Type: pb.MetricValue_METRIC_TYPE_COUNTER},
					"int64": whole(math.MinInt64), "uint64": whole(math.MaxInt64),
					"float": {Value: &pb.MetricValue_FloatValue{FloatValue: 1.5},
						Type: pb.MetricValue_METRIC_TYPE_HISTOGRAM},
					"bool": {Value: &pb.MetricValue_BoolValue{},
						Type: pb.MetricValue_METRIC_TYPE_SUMMARY},
					"text":   text("a\uFFFD"),
					"bytes":  {Value: &pb.MetricValue_BytesValue{BytesValue: []byte{0xff}}},
					"json":   text("[1]"),
					"broken": text("\"\uFFFD\""),
					"\uFFFD": {Value: &pb.MetricValue_StringValue{StringValue: "null"},
						Unit: "\uFFFD"},
				}}, ofNode, 0},
		}},
		{"Node.Metrics of nothing", func(s *scene) { s.node.Metrics("node", "search", nil, nil) },
			nil},
		{"Node.Error", func(s *scene) {
			s.node.Error(errors.New("a\xff"), callback.ErrorInfo{
				Code: "E1", ExceptionType: "*net.OpError", Stack: "main.main()",
				Severity: callback.SeverityFatal,
				Context:  map[string]string{"host": "h"}, Suggestions: []string{"retry", "\xff"},
			})
		}, []sent{
			{&pb.Error{ErrorCode: "E1", Message: "a\uFFFD", StackTrace: "main.main()",
				Context:  map[string]string{"host": "h", "node": "node"},
				Severity: pb.Error_SEVERITY_FATAL, ExceptionType: "*net.OpError",
				Suggestions: []string{"retry", "\uFFFD"}}, ofNode, 0},
		}},
		{"Node.Error in short",
			func(s *scene) { s.run.Root().Error(errOops, callback.ErrorInfo{}) }, []sent{
				{&pb.Error{Message: "oops", Severity: pb.Error_SEVERITY_ERROR}, ofRun, 0},
			}},
		{"Node.Error of a node that the caller names", func(s *scene) {
			s.node.Error(errOops, callback.ErrorInfo{Context: map[string]string{"node": "other"}})
		}, []sent{
			{&pb.Error{Message: "oops", Severity: pb.Error_SEVERITY_ERROR,
				Context: map[string]string{"node": "other"}}, ofNode, 0},
		}},
		{"Node.Error of nil", func(s *scene) { s.node.Error(nil, callback.ErrorInfo{}) }, nil},
	}
}

// broken produces JSON that is not valid UTF-8.
type broken struct{}

func (broken) MarshalJSON() ([]byte, error) { return []byte("\"\xff\""), nil }
