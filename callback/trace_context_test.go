package callback_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

type traceKey struct{}

type traceContext struct{ parent, state string }

func inTrace(ctx context.Context, parent, state string) context.Context {
	return context.WithValue(ctx, traceKey{}, traceContext{parent, state})
}

// traced lets a client find the trace context that inTrace put into a context.
func traced(cfg *callback.Config) {
	cfg.Traceparent = func(ctx context.Context) (string, string) {
		t, _ := ctx.Value(traceKey{}).(traceContext)
		return t.parent, t.state
	}
}

// traceHeaders lists the trace contexts of the records, "-" for a record without one.
func traceHeaders(rec *callbacktest.Recorder) string {
	var all []string
	for _, r := range rec.Records() {
		parent, state := "-", ""
		for _, h := range r.Headers {
			switch h.Key {
			case "traceparent":
				parent = string(h.Value)
			case "tracestate":
				state = "+" + string(h.Value)
			}
		}
		all = append(all, parent+state)
	}
	return strings.Join(all, " ")
}

const (
	traceA = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	// another span of the same trace
	traceA2 = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"
	traceB  = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
)

func TestTraceContextOfARecord(t *testing.T) {
	tests := map[string]struct {
		emit func(ctx context.Context, client *callback.Client)
		want string
	}{
		"one trace": {func(ctx context.Context, client *callback.Client) {
			ctx, run := client.StartRunContext(inTrace(ctx, traceA, "vendor=1"), callback.RunInfo{})
			_, n := callback.StartNodeContext(ctx, "n")
			n.End(nil)
			run.End(nil)
		}, traceA + "+vendor=1"},
		"several spans of one trace: that of the first event": {func(ctx context.Context,
			client *callback.Client) {
			ctx, run := client.StartRunContext(inTrace(ctx, traceA, ""), callback.RunInfo{})
			_, n := callback.StartNodeContext(inTrace(ctx, traceA2, ""), "n")
			n.End(nil)
			run.End(nil)
		}, traceA},
		"no trace": {func(ctx context.Context, client *callback.Client) {
			_, run := client.StartRunContext(ctx, callback.RunInfo{})
			run.End(nil)
		}, "-"},
		"without a context": {func(_ context.Context, client *callback.Client) {
			client.StartRun(callback.RunInfo{}).End(nil)
		}, "-"},
		"two traces in one record": {func(ctx context.Context, client *callback.Client) {
			ctx, run := client.StartRunContext(inTrace(ctx, traceA, ""), callback.RunInfo{})
			_, n := callback.StartNodeContext(inTrace(ctx, traceB, ""), "n")
			n.End(nil)
			run.End(nil)
		}, "-"},
		"a trace behind none": {func(ctx context.Context, client *callback.Client) {
			_, run := client.StartRunContext(ctx, callback.RunInfo{})
			_, n := callback.StartNodeContext(inTrace(callback.NewContext(ctx, run), traceA, ""),
				"n")
			n.End(nil)
		}, "-"},
		"none behind a trace": {func(ctx context.Context, client *callback.Client) {
			client.StartRunContext(inTrace(ctx, traceA, ""), callback.RunInfo{ThreadID: "t"})
			client.StartRun(callback.RunInfo{ThreadID: "t"})
		}, "-"},
		"two records": {func(ctx context.Context, client *callback.Client) {
			ctx, run := client.StartRunContext(inTrace(ctx, traceA, ""), callback.RunInfo{})
			_, n := callback.StartNodeContext(inTrace(ctx, traceB, ""), "n")
			n.StartTool(callback.ToolCall{})
			n.End(nil)
			run.End(nil)
		}, "- " + traceB + " -"},
		"what a node does is in the node's trace": {func(ctx context.Context,
			client *callback.Client) {
			ctx, _ = client.StartRunContext(ctx, callback.RunInfo{})
			if err := client.Flush(ctx); err != nil {
				panic(err)
			}
			_, n := callback.StartNodeContext(inTrace(ctx, traceA, ""), "n")
			l := n.StartNode("inner").StartLLM(callback.LLMRequest{})
			l.Token("x")
			l.Token("y")
			n.End(nil)
		}, "- " + traceA + " " + traceA + " " + traceA},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := callbacktest.NewRecorder()
				tt.emit(t.Context(), rec.Client(t, traced))
				if got := traceHeaders(rec); got != tt.want {
					t.Errorf("the records have the trace contexts %s, want %s", got, tt.want)
				}
				if report := rec.Check(); len(report.Violations) > 0 {
					t.Errorf("the stream breaks rules: %v", report.Violations)
				}
			})
		})
	}
}

func TestInvalidTraceContextsAreLeftOut(t *testing.T) {
	tests := map[string]struct{ parent, state, want string }{
		"a later version":        {"cc" + traceA[2:], "", "cc" + traceA[2:]},
		"a later version, more":  {"cc" + traceA[2:] + "-new", "", "cc" + traceA[2:] + "-new"},
		"empty":                  {"", "vendor=1", "-"},
		"too short":              {traceA[:54], "", "-"},
		"too long":               {traceA + "0", "", "-"},
		"version 0, more":        {traceA + "-new", "", "-"},
		"version ff":             {"ff" + traceA[2:], "", "-"},
		"a later version, glued": {"cc" + traceA[2:] + "new", "", "-"},
		"upper case":             {strings.ToUpper(traceA), "", "-"},
		"no trace id": {"00-00000000000000000000000000000000-b7ad6b7169203331-01", "",
			"-"},
		"no span id": {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "",
			"-"},
		"no hexadecimal":        {strings.Replace(traceA, "a", "g", 1), "", "-"},
		"other separators":      {strings.ReplaceAll(traceA, "-", "_"), "", "-"},
		"a later one with junk": {"cc" + traceA[2:] + "-\x00", "", "-"},
		"a later one, endless":  {"cc" + traceA[2:] + "-" + strings.Repeat("x", 1<<20), "", "-"},
		"a state":               {traceA, "a=1,b=2", traceA + "+a=1,b=2"},
		"a state of 512 bytes": {traceA, "a=" + strings.Repeat("x", 510), traceA + "+a=" +
			strings.Repeat("x", 510)},
		"a state that is longer": {traceA, "a=" + strings.Repeat("x", 511), traceA},
		"a state with junk":      {traceA, "a=1\n", traceA},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rec := callbacktest.NewRecorder()
			_, run := rec.Client(t, traced).StartRunContext(inTrace(t.Context(), tt.parent,
				tt.state), callback.RunInfo{})
			run.End(nil)
			if got := traceHeaders(rec); got != tt.want {
				t.Errorf("the record has the trace context %s, want %s", got, tt.want)
			}
		})
	}
}

func TestPanicOfTheTraceparentHook(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, func(cfg *callback.Config) {
		cfg.Traceparent = func(context.Context) (string, string) { panic("oh") }
	})
	ctx, run := client.StartRunContext(t.Context(), callback.RunInfo{})
	_, n := callback.StartNodeContext(ctx, "n")
	n.End(nil)
	run.End(nil)
	if got := traceHeaders(rec); got != "-" || len(rec.Events()) != 4 {
		t.Errorf("%d events with the trace contexts %s, want 4 without", len(rec.Events()), got)
	}
	if n := client.Stats().Input.ValuePanics; n != 2 {
		t.Errorf("%d panics counted, want 2", n)
	}
}

func TestContextsCarryRunsAndNodes(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	ctx, run := client.StartRunContext(t.Context(), callback.RunInfo{ThreadID: "a"})
	if callback.FromContext(ctx) != run || callback.NodeFromContext(ctx) != run.Root() {
		t.Error("the context of a run does not carry it and its root")
	}
	outerCtx, outer := callback.StartNodeContext(ctx, "outer")
	innerCtx, inner := callback.StartNodeContext(outerCtx, "inner")
	if callback.NodeFromContext(outerCtx) != outer || callback.NodeFromContext(innerCtx) != inner ||
		callback.FromContext(innerCtx) != run {
		t.Error("the context of a node does not carry it and its run")
	}
	if callback.NodeFromContext(ctx) != run.Root() {
		t.Error("starting a node changed the context that it was started in")
	}
	other := client.StartRun(callback.RunInfo{ThreadID: "b"})
	moved := callback.NewNodeContext(innerCtx, other.Root())
	if callback.FromContext(moved) != other {
		t.Error("a node's context does not carry the node's own run")
	}
	if replaced := callback.NewContext(innerCtx, other); callback.NodeFromContext(replaced) !=
		other.Root() {
		t.Error("a run's context still carries a node of another run")
	}
	if inner.Name() != "inner" || inner.Run() != run || run.Root().Name() != "" {
		t.Errorf("the node is %q of %p, the root is %q", inner.Name(), inner.Run(),
			run.Root().Name())
	}
}
