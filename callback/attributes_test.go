package callback_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Values whose own code misbehaves or calls the SDK.
type (
	logs     func() slog.Value
	marshals func() ([]byte, error)
	failure  func() string
)

func (f logs) LogValue() slog.Value             { return f() }
func (f marshals) MarshalJSON() ([]byte, error) { return f() }
func (f failure) Error() string                 { return f() }

var (
	badLogs  = logs(func() slog.Value { panic("oh") })
	badJSON  = marshals(func() ([]byte, error) { panic("oh") })
	badError = failure(func() string { panic("oh") })
)

func TestAttributesKeepTheirTypes(t *testing.T) {
	rec := callbacktest.NewRecorder()
	run := rec.Client(t).StartRun(callback.RunInfo{})
	run.StartNode("n",
		slog.String("string", "s"), slog.Int("int", -1), slog.Uint64("uint", 1),
		slog.Float64("float", .5), slog.Bool("bool", true),
		slog.Duration("duration", time.Millisecond), slog.Time("time", time.Unix(0, 0)),
		slog.Any("bytes", []byte{1}), slog.Any("error", errOops),
		slog.Any("json", map[string]int{"a": 1}),
		slog.Any("lazy", logs(func() slog.Value { return slog.IntValue(7) })),
		slog.Group("group", slog.Int("a", 1), slog.Group("inner", slog.String("b", "x"))),
		slog.Group("", slog.Int("dissolved", 1)),
		slog.Group("empty"), slog.Attr{},
	)
	want := attributes("string", "s", "int", -1, "uint", 1, "float", .5, "bool", true,
		"duration", 1000, "time", "1970-01-01T00:00:00Z",
		"error", "oops", "json", `{"a":1}`, "lazy", 7, "dissolved", 1)
	want["bytes"] = &pb.AttributeValue{Value: &pb.AttributeValue_BytesValue{BytesValue: []byte{1}}}
	group := func(m map[string]*pb.AttributeValue) *pb.AttributeValue {
		return &pb.AttributeValue{Value: &pb.AttributeValue_MapValue{
			MapValue: &pb.AttributeMap{Values: m}}}
	}
	want["group"] = group(attributes("a", 1))
	want["group"].GetMapValue().Values["inner"] = group(attributes("b", "x"))
	if got := rec.Events()[1]; !proto.Equal(&pb.Event{Attributes: got.GetAttributes()},
		&pb.Event{Attributes: want}) {
		t.Errorf("attributes %v, want %v", got.GetAttributes(), want)
	}
}

// Wherever a value's own code runs, a panic in it is counted, and reported in place of the value.
func TestPanicsOfValuesAreCountedAndSeen(t *testing.T) {
	tests := map[string]func(client *callback.Client, n *callback.Node){
		"LogValue of an attribute": func(_ *callback.Client, n *callback.Node) {
			n.Warning("w", slog.Any("a", badLogs))
		},
		"LogValue in a group": func(_ *callback.Client, n *callback.Node) {
			n.Warning("w", slog.Group("g", slog.Any("a", badLogs)))
		},
		"MarshalJSON of an attribute": func(_ *callback.Client, n *callback.Node) {
			n.Warning("w", slog.Any("a", badJSON))
		},
		"Error of an attribute": func(_ *callback.Client, n *callback.Node) {
			n.Warning("w", slog.Any("a", badError))
		},
		"Error of a node's end": func(_ *callback.Client, n *callback.Node) {
			n.End(badError)
		},
		"Error of a run's end": func(_ *callback.Client, n *callback.Node) {
			n.Run().End(badError)
		},
		"Error of a model's end": func(_ *callback.Client, n *callback.Node) {
			n.StartLLM(callback.LLMRequest{}).End(callback.LLMResult{}, badError)
		},
		"Error of a model's retry": func(_ *callback.Client, n *callback.Node) {
			n.StartLLM(callback.LLMRequest{}).Retry(2, badError)
		},
		"Error of a tool": func(_ *callback.Client, n *callback.Node) {
			n.StartTool(callback.ToolCall{}).Fail(badError)
		},
		"Error of a tool's retry": func(_ *callback.Client, n *callback.Node) {
			n.StartTool(callback.ToolCall{}).Retry(badError)
		},
		"Error of an Error": func(_ *callback.Client, n *callback.Node) {
			n.Error(badError, callback.ErrorInfo{})
		},
		"MarshalJSON of arguments": func(_ *callback.Client, n *callback.Node) {
			n.StartTool(callback.ToolCall{Arguments: badJSON})
		},
		"MarshalJSON of a result": func(_ *callback.Client, n *callback.Node) {
			n.StartTool(callback.ToolCall{}).Complete(badJSON)
		},
		"MarshalJSON of a checkpoint": func(_ *callback.Client, n *callback.Node) {
			n.SaveCheckpoint(callback.Checkpoint{ID: "c", State: badJSON})
		},
		"MarshalJSON of a metric": func(_ *callback.Client, n *callback.Node) {
			n.Metrics("s", "i", []callback.Metric{{Name: "m", Value: badJSON}}, nil)
		},
		"MarshalJSON of a state": func(c *callback.Client, _ *callback.Node) {
			c.StartRun(callback.RunInfo{InitialState: badJSON})
		},
	}
	for name, emit := range tests {
		t.Run(name, func(t *testing.T) {
			rec := callbacktest.NewRecorder()
			client := rec.Client(t)
			emit(client,
				client.StartRun(callback.RunInfo{Trace: strings.HasPrefix(name,
					"Error of a node")}).StartNode("node"))
			if n := client.Stats().Input.ValuePanics; n != 1 {
				t.Errorf("%d panics counted, want 1", n)
			}
			seen := 0
			for _, r := range rec.Records() {
				seen += strings.Count(string(r.Value), "!PANIC")
			}
			if seen != 1 {
				t.Errorf("%d messages say so, want 1", seen)
			}
			if report := rec.Check(); len(report.Violations) > 0 {
				t.Errorf("the stream breaks rules: %v", report.Violations)
			}
		})
	}
}

// An error is reported by its message, even if it resolves to something else for loggers.
func TestErrorsThatAreLogValuersToo(t *testing.T) {
	for name, v := range map[string]slog.Value{"a number": slog.IntValue(5),
		"an empty group": slog.GroupValue(), "itself": slog.AnyValue(errOops)} {
		t.Run(name, func(t *testing.T) {
			rec := callbacktest.NewRecorder()
			client := rec.Client(t)
			client.StartRun(callback.RunInfo{Trace: true}).End(loggedError{errOops, v})
			for _, m := range rec.Messages() {
				if x := m.GetExecutionTrace(); x != nil && x.GetErrors()[0].GetMessage() != "oops" {
					t.Errorf("the trace has the errors %v", x.GetErrors())
				}
			}
			events := rec.Events()
			if got := events[len(events)-1].GetAttributes()["error"].GetStringValue(); got !=
				"oops" {
				t.Errorf("the error is %q", got)
			}
		})
	}
}

type loggedError struct {
	error
	value slog.Value
}

func (e loggedError) LogValue() slog.Value { return e.value }

func TestInvalidUTF8IsRepairedEverywhere(t *testing.T) {
	const bad = "\xff"
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, func(cfg *callback.Config) { cfg.ExecutionTrace = true })
	graph := &callback.Graph{
		Name: bad, Version: bad, Description: bad, EntryPoint: bad,
		Metadata: map[string]string{bad: bad},
		Nodes: []callback.GraphNode{{Name: bad, Type: bad,
			Attributes: map[string]string{bad: bad}}},
		Edges: []callback.GraphEdge{{From: bad, To: bad, Type: bad,
			Targets: map[string]string{bad: bad}}},
	}
	run := client.StartRun(callback.RunInfo{
		ThreadID: bad, ExecutionID: bad, Graph: graph,
		InitialState: json.RawMessage(`"` + bad + `"`), Attrs: []slog.Attr{slog.String(bad, bad)},
	})
	n := run.StartNode(bad, slog.String(bad, bad))
	n.Progress(0, bad)
	n.Thinking(1, bad)
	n.Substep(bad, bad)
	n.Warning(bad)
	n.SaveMemory(bad)
	n.LoadMemory(bad)
	n.AskHuman(bad)
	n.HumanAnswered(slog.String(bad, bad))
	n.SaveCheckpoint(callback.Checkpoint{ID: bad, State: bad, StateType: bad, StorageURI: bad,
		Metadata: map[string]string{bad: bad}})
	n.LoadCheckpoint(bad)
	n.DeleteCheckpoint(bad)
	n.StartOptimization(callback.Optimization{ID: bad, Target: bad, Strategy: bad}).
		End(callback.OptimizationResult{Termination: bad})
	n.Edge(bad, bad, bad)
	n.Branch(bad, bad, bad)
	n.StartParallel(bad, bad).End()
	n.Metrics(bad, bad, []callback.Metric{{Name: bad, Value: bad, Unit: bad}},
		map[string]string{bad: bad})
	n.Error(errors.New(bad), callback.ErrorInfo{
		Code: bad, ExceptionType: bad, Stack: bad, Context: map[string]string{bad: bad},
		Suggestions: []string{bad},
	})
	l := n.StartLLM(callback.LLMRequest{ID: bad, Model: bad, Provider: bad, Prompt: bad})
	l.Token(bad)
	l.Retry(2, errors.New(bad))
	l.End(callback.LLMResult{Text: bad}, errors.New(bad))
	for _, events := range []bool{true, false} {
		tool := n.RequestTool(callback.ToolCall{ID: bad, Name: bad, Arguments: bad,
			EventsOnly: events})
		tool.Start()
		tool.Retry(errors.New(bad))
		tool.Fail(errors.New(bad))
	}
	n.End(errors.New(bad))
	run.Quality(callback.Quality{})
	run.End(errors.New(bad))
	flush(t, client)
	if s := client.Stats(); s.Total.Delivered != s.Total.Emitted || s.Input.InvalidUTF8 == 0 {
		t.Errorf("%d of %d delivered, %d strings repaired", s.Total.Delivered, s.Total.Emitted,
			s.Input.InvalidUTF8)
	}
	if report := rec.Check(); len(report.Violations) > 0 || len(report.Unended) > 0 {
		t.Errorf("the stream breaks rules: %v, not ended: %v", report.Violations, report.Unended)
	}
}

// A value may use the client while its code runs: the SDK holds no lock then.
func TestValuesThatCallBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := withCourier(t, func(cfg *callback.Config) {
			cfg.Traceparent = func(ctx context.Context) (string, string) {
				callback.NodeFromContext(ctx).Warning("from the hook")
				return "", ""
			}
		})
		ctx, run := client.StartRunContext(t.Context(),
			callback.RunInfo{ThreadID: "thread", Trace: true})
		node := run.StartNode("node")
		llm := node.StartLLM(callback.LLMRequest{})
		use := func() string {
			inner := run.StartNode("inner")
			llm.Token("t")
			client.Stats()
			flush(t, client)
			client.StartRun(callback.RunInfo{ThreadID: "thread"}).End(nil)
			inner.End(errOops)
			return "done"
		}
		value := logs(func() slog.Value { return slog.StringValue(use()) })
		jsonValue := marshals(func() ([]byte, error) { return json.Marshal(use()) })
		err := failure(use)

		client.StartRun(callback.RunInfo{ThreadID: "thread", InitialState: jsonValue,
			Attrs: []slog.Attr{slog.Any("a", value)}})
		callback.StartNodeContext(ctx, "n", slog.Any("a", value))
		node.Warning("w", slog.Any("a", value), slog.Any("b", jsonValue), slog.Any("c", err))
		node.StartTool(callback.ToolCall{Arguments: jsonValue}).Fail(err)
		node.Metrics("s", "i", []callback.Metric{{Name: "m", Value: jsonValue}}, nil)
		node.SaveCheckpoint(callback.Checkpoint{ID: "c", State: jsonValue})
		node.Error(err, callback.ErrorInfo{})
		llm.Retry(2, err)
		llm.End(callback.LLMResult{Attrs: []slog.Attr{slog.Any("a", value)}}, err)
		node.End(err)
		run.End(err)
		checkAccount(t, client)
	})
}

func TestAnExecutionTraceOfErrorsThatCallBack(t *testing.T) {
	rec := callbacktest.NewRecorder()
	run := rec.Client(t).StartRun(callback.RunInfo{Trace: true})
	node := run.StartNode("node")
	done := make(chan struct{})
	go func() {
		defer close(done)
		node.End(failure(func() string { run.StartNode("other").End(nil); return "first" }))
		run.End(failure(func() string { run.StartNode("other").End(nil); return "second" }))
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("an error whose Error method uses the run waits for ever")
	}
	for _, m := range rec.Messages() {
		if x := m.GetExecutionTrace(); x != nil {
			if got := fmt.Sprint(x.GetErrors()[0].GetMessage(),
				x.GetErrors()[1].GetMessage()); got != "firstsecond" {
				t.Errorf("the trace has the errors %s", got)
			}
		}
	}
}

// An attribute of the application with the name of one of the SDK's own is kept under another name,
// in every kind of event that has some.
func TestTheSDKsOwnAttributesWin(t *testing.T) {
	r := callbacktest.NewRecorder()
	client := r.Client(t)
	same := []slog.Attr{
		slog.Int("duration_us", -5), slog.String("error", "theirs"), slog.String("model", "theirs"),
		slog.Int("prompt_tokens", -5),
		slog.String("graph_name", "theirs"), slog.String("execution_id", "theirs"),
		slog.Float64("percent", -5), slog.String("free", "theirs"),
	}
	run := client.StartRun(callback.RunInfo{ThreadID: "t", ExecutionID: "ours",
		Graph: &callback.Graph{Name: "ours"}, Attrs: same})
	n := run.StartNode("n", same...)
	n.Progress(.5, "half", same...)
	l := n.StartLLM(callback.LLMRequest{Model: "ours", Attrs: same})
	l.End(callback.LLMResult{PromptTokens: 7, Attrs: same}, nil)
	n.End(errors.New("ours"), append(same, slog.String("app.error", "theirs, too"),
		slog.Group("", slog.Int("duration_us", -6)))...)
	run.End(errors.New("ours"), same...)
	report := r.Check()
	if err := report.Err(); err != nil {
		t.Error(err)
	}
	own := map[string]string{"error": "ours", "model": "ours", "graph_name": "ours",
		"execution_id": "ours", "prompt_tokens": "7", "percent": "0.5"}
	renamed := 0
	for _, e := range r.Events() {
		for key, v := range e.GetAttributes() {
			got := plainText(v)
			if strings.HasPrefix(key, "app.") && key != "app.error" || key == "app.app.error" {
				renamed++
			}
			if _, kept := e.GetAttributes()["app."+key]; kept && own[key] != "" && got != own[key] {
				t.Errorf("%v: %s is %q, the SDK said %q", e.GetEventType(), key, got, own[key])
			}
		}
		if v, ok := e.GetAttributes()["duration_us"]; ok && e.GetDurationUs() > 0 &&
			v.GetIntValue() != e.GetDurationUs() {
			t.Errorf("%v: duration_us is %d, the field %d", e.GetEventType(), v.GetIntValue(),
				e.GetDurationUs())
		}
		if e.GetAttributes()["free"].GetStringValue() != "theirs" &&
			!strings.HasPrefix(e.GetEventType().String(), "EVENT_TYPE_EDGE") {
			t.Errorf("%v has lost an attribute that nobody else has", e.GetEventType())
		}
	}
	if n := client.Stats().Input.RenamedAttributes; n == 0 || renamed == 0 {
		t.Errorf("%d counted, %d seen", n, renamed)
	}
}

func plainText(v *pb.AttributeValue) string {
	switch x := v.GetValue().(type) {
	case *pb.AttributeValue_StringValue:
		return x.StringValue
	case *pb.AttributeValue_IntValue:
		return fmt.Sprint(x.IntValue)
	case *pb.AttributeValue_FloatValue:
		return fmt.Sprint(x.FloatValue)
	}
	return v.String()
}
