package dashotel_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashotel"
	"github.com/dashstream/dashstream-go/internal/traces/timeline"
)

// bench is a processor with a tracer before it and a recorder behind it.
type bench struct {
	t         *testing.T
	rec       *callbacktest.Recorder
	processor *dashotel.SpanProcessor
	provider  *sdktrace.TracerProvider
	tracer    trace.Tracer
}

func newBench(t *testing.T, opts ...dashotel.Option) *bench {
	b := &bench{t: t, rec: callbacktest.NewRecorder()}
	b.processor = dashotel.NewSpanProcessor(b.rec.Client(t), opts...)
	b.provider = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(b.processor))
	b.tracer = b.provider.Tracer("test")
	return b
}

// start starts a span of a kind by GenAI's conventions: "agent a", "node a", "chat m", "tool t".
// Any other name is that of a plain span.
func (b *bench) start(ctx context.Context, what string) (context.Context, trace.Span) {
	return b.tracer.Start(ctx, what, trace.WithAttributes(kind(what)...))
}

func kind(what string) []attribute.KeyValue {
	kind, name, _ := strings.Cut(what, " ")
	of := func(operation, key string) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("gen_ai.operation.name", operation),
			attribute.String(key, name)}
	}
	switch kind {
	case "agent":
		return of("invoke_agent", "gen_ai.agent.name")
	case "node":
		return of("invoke_node", "gen_ai.node.name")
	case "chat":
		return of("chat", "gen_ai.request.model")
	case "tool":
		return of("execute_tool", "gen_ai.tool.name")
	}
	return nil
}

// timeline returns what was sent so far, of all threads.
func (b *bench) timeline() string {
	b.t.Helper()
	if err := b.processor.ForceFlush(context.Background()); err != nil {
		b.t.Error(err)
	}
	if err := b.rec.Check().Err(); err != nil {
		b.t.Error(err)
	}
	var out strings.Builder
	for _, thread := range b.rec.Threads() {
		out.WriteString(timeline.Of(b.rec.Messages(thread)))
	}
	return out.String()
}

const ms = time.Millisecond

func TestSpansThatEndLateNeverOrOutOfOrder(t *testing.T) {
	for _, c := range []struct {
		name string
		opts []dashotel.Option
		play func(b *bench, ctx context.Context)
		want string
		stat dashotel.Stats
	}{
		{name: "a child that ends after its parent", play: func(b *bench, ctx context.Context) {
			ctx, agent := b.start(ctx, "agent a")
			_, chat := b.start(ctx, "chat m")
			time.Sleep(10 * ms)
			agent.End()
			time.Sleep(10 * ms)
			chat.End()
			chat.End() // the second is ignored
		}, want: `
     0.0 GRAPH_START graph_name=a
     0.0   LLM_START model=m
    10.0 GRAPH_END
    20.0   LLM_END model=m`},
		{name: "a child that never ends", play: func(b *bench, ctx context.Context) {
			ctx, agent := b.start(ctx, "agent a")
			inner, node := b.start(ctx, "node n")
			_, chat := b.start(inner, "chat m")
			time.Sleep(10 * ms)
			agent.End()
			time.Sleep(6 * time.Second)
			chat.End() // too late
			node.End()
		}, want: `
     0.0 GRAPH_START graph_name=a
     0.0   NODE_START n
     0.0     LLM_START model=m
    10.0 GRAPH_END
  5010.0     LLM_ERROR model=m finish_reason=error error="did not end"
  5010.0   NODE_ERROR n error="did not end"`, stat: dashotel.Stats{Orphans: 2, Strays: 2}},
		{name: "a shorter grace", opts: []dashotel.Option{dashotel.WithGrace(ms)},
			play: func(b *bench, ctx context.Context) {
				ctx, agent := b.start(ctx, "agent a")
				b.start(ctx, "tool t")
				agent.End()
				time.Sleep(10 * ms)
			}, want: `
     0.0 GRAPH_START graph_name=a
     0.0   TOOL_START tool_name=t
     0.0 GRAPH_END
     1.0   TOOL_ERROR tool_name=t error="did not end"`, stat: dashotel.Stats{Orphans: 1}},
		{name: "a child that starts after its parent's end", play: func(b *bench,
			ctx context.Context) {
			ctx, agent := b.start(ctx, "agent a")
			inner, node := b.start(ctx, "node n")
			node.End()
			time.Sleep(ms)
			_, chat := b.start(inner, "chat m")
			chat.End()
			agent.End()
		}, want: `
     0.0 GRAPH_START graph_name=a
     0.0   NODE_START n
     0.0   NODE_END n
     1.0   LLM_START model=m
     1.0   LLM_END model=m
     1.0 GRAPH_END`},
		{name: "an end before the start", play: func(b *bench, ctx context.Context) {
			_, agent := b.start(ctx, "agent a")
			agent.End(trace.WithTimestamp(time.Now().Add(-time.Hour)))
		}, want: `
     0.0 GRAPH_START graph_name=a
     0.0 GRAPH_END`},
		{name: "what it is is said late", play: func(b *bench, ctx context.Context) {
			ctx, agent := b.start(ctx, "late")
			time.Sleep(20 * ms)
			agent.SetAttributes(kind("agent a")...)
			time.Sleep(100 * ms)
			_, chat := b.start(ctx, "later")
			time.Sleep(ms)
			chat.SetAttributes(kind("chat m")...)
			chat.End()
			agent.End()
		}, want: `
     0.0 GRAPH_START graph_name=a
   120.0   LLM_START model=m
   121.0   LLM_END model=m
   121.0 GRAPH_END`},
		{name: "plain spans around and between", play: func(b *bench, ctx context.Context) {
			ctx, top := b.start(ctx, "POST /ask")
			ctx, agent := b.start(ctx, "agent a")
			inner, between := b.start(ctx, "SELECT")
			_, chat := b.start(inner, "chat m")
			chat.End()
			between.End()
			agent.End()
			time.Sleep(time.Second)
			top.End()
		}, want: `
     0.0 GRAPH_START graph_name=a
     0.0   LLM_START model=m
     0.0   LLM_END model=m
     0.0 GRAPH_END`},
		{name: "plain spans as nodes", opts: []dashotel.Option{dashotel.WithPlainSpans()},
			play: func(b *bench, ctx context.Context) {
				ctx, top := b.start(ctx, "POST /ask")
				ctx, agent := b.start(ctx, "agent a")
				inner, between := b.start(ctx, "SELECT")
				_, chat := b.start(inner, "chat m")
				chat.End()
				between.End()
				agent.End()
				top.End()
			}, want: `
     0.0 GRAPH_START graph_name=a
     0.0   NODE_START SELECT
     0.0     LLM_START model=m
     0.0     LLM_END model=m
     0.0   NODE_END SELECT
     0.0 GRAPH_END`},
		{name: "a panic", play: func(b *bench, ctx context.Context) {
			defer func() { _ = recover() }()
			ctx, agent := b.start(ctx, "agent a")
			defer agent.End()
			_, node := b.start(ctx, "node n")
			defer node.End()
			panic("boom")
		}, want: `
     0.0 GRAPH_START graph_name=a
     0.0   NODE_START n
     0.0   NODE_ERROR n error=boom
     0.0 GRAPH_ERROR error=boom`},
		{name: "a call alone is a run", play: func(b *bench, ctx context.Context) {
			_, tool := b.start(ctx, "tool t")
			tool.RecordError(errors.New("down"))
			tool.End()
		}, want: `
     0.0 GRAPH_START graph_name="tool t"
     0.0   TOOL_START tool_name=t
     0.0   TOOL_ERROR tool_name=t error=down
     0.0 GRAPH_ERROR error=down`},
		{name: "an action that lasts", play: func(b *bench, ctx context.Context) {
			ctx, flow := b.tracer.Start(ctx, "flow", trace.WithAttributes(
				attribute.String("genkit:type", "flow")))
			_, m := b.tracer.Start(ctx, "fake/m", trace.WithAttributes(
				attribute.String("genkit:type", "action")))
			time.Sleep(80 * ms)
			m.SetAttributes(attribute.String("genkit:metadata:subtype", "model"),
				attribute.String("genkit:name", "fake/m"),
				attribute.String("genkit:output", `{"usage":{"inputTokens":5}}`))
			m.End()
			flow.End()
		}, want: `
     0.0 GRAPH_START graph_name=flow
     0.0   NODE_START fake/m
     0.0     LLM_START model=fake/m
    80.0     LLM_END model=fake/m prompt_tokens=5
    80.0   NODE_END fake/m
    80.0 GRAPH_END`},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, c.opts...)
				c.play(b, t.Context())
				synctest.Wait()
				if got := b.timeline(); got != strings.TrimPrefix(c.want, "\n")+"\n" {
					t.Errorf("got\n%s\nwant%s", got, c.want)
				}
				if got := b.processor.Stats(); got != c.stat {
					t.Errorf("%+v, want %+v", got, c.stat)
				}
			})
		})
	}
}

// Half a second into a run, all that has begun is to be seen.
func TestSpansAreShownBeforeTheyEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		ctx, agent := b.start(t.Context(), "agent a")
		_, chat := b.start(ctx, "later")
		chat.SetAttributes(kind("chat m")...)
		time.Sleep(40 * ms)
		if got := lines(b.rec); got != 1 {
			t.Errorf("%d events after 40 ms, want that of the agent", got)
		}
		time.Sleep(500 * ms)
		if got := lines(b.rec); got != 2 {
			t.Errorf("%d events after 540 ms, want that of the call as well", got)
		}
		chat.End()
		agent.End()
	})
}

func lines(rec *callbacktest.Recorder) (n int) {
	for _, thread := range rec.Threads() {
		n += strings.Count(timeline.Of(rec.Messages(thread)), "\n")
	}
	return n
}

func TestShutdownClosesWhatIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		ctx, agent := b.start(t.Context(), "agent a")
		b.start(ctx, "chat m")
		b.start(ctx, "plain")
		if err := b.provider.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		agent.End()
		b.start(t.Context(), "agent b") // is ignored
		want := `     0.0 GRAPH_START graph_name=a
     0.0   LLM_START model=m
     0.0   LLM_ERROR model=m finish_reason=error error="did not end"
     0.0 GRAPH_ERROR error="did not end"
`
		if got := b.timeline(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if s := b.processor.Stats(); s.Orphans != 3 || s.Open != 0 {
			t.Errorf("%+v, want three orphans", s)
		}
	})
}
