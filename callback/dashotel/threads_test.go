package dashotel_test

import (
	"context"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashotel"
)

func TestThreadsAreNamedByTheFirstThatKnows(t *testing.T) {
	member, err := baggage.NewMember("session.id", "baggage")
	if err != nil {
		t.Fatal(err)
	}
	bag, err := baggage.New(member)
	if err != nil {
		t.Fatal(err)
	}
	withBaggage := baggage.ContextWithBaggage(context.Background(), bag)
	given := dashotel.WithThreadFunc(func(context.Context, sdktrace.ReadOnlySpan) string {
		return "given"
	})
	panics := dashotel.WithThreadFunc(func(context.Context, sdktrace.ReadOnlySpan) string {
		panic("oh")
	})
	for _, c := range []struct {
		name  string
		ctx   context.Context
		opts  []dashotel.Option
		attrs []string // of the run's span, and behind "|" those of a call in it
		want  string   // "" for the trace's id
	}{
		{name: "the option", ctx: withBaggage, opts: []dashotel.Option{given},
			attrs: []string{"gen_ai.conversation.id", "session.id"}, want: "given"},
		{name: "an option that panics", opts: []dashotel.Option{panics},
			attrs: []string{"session.id"}, want: "session.id"},
		{name: "GenAI before OpenInference", ctx: withBaggage,
			attrs: []string{"session.id", "gen_ai.conversation.id"},
			want:  "gen_ai.conversation.id"},
		{name: "OpenInference before Traceloop",
			attrs: []string{"traceloop.association.properties.thread_id", "session.id"},
			want:  "session.id"},
		{name: "Traceloop", attrs: []string{"traceloop.association.properties.thread_id"},
			want: "traceloop.association.properties.thread_id"},
		{name: "what is inside", ctx: withBaggage, attrs: []string{"|", "session.id"},
			want: "session.id"},
		{name: "baggage", ctx: withBaggage, want: "baggage"},
		{name: "nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, c.opts...)
			ctx := c.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			outer, inner := c.attrs, []string(nil)
			if i := slices.Index(c.attrs, "|"); i >= 0 {
				outer, inner = c.attrs[:i], c.attrs[i+1:]
			}
			ctx, agent := b.tracer.Start(ctx, "run")
			agent.SetAttributes(append(kind("agent a"), named(outer)...)...)
			_, chat := b.tracer.Start(ctx, "call", trace.WithAttributes(append(kind("chat m"),
				named(inner)...)...))
			chat.End()
			agent.End()
			b.timeline()
			want := c.want
			if want == "" {
				want = agent.SpanContext().TraceID().String()
			}
			if got := b.rec.Threads(); len(got) != 1 || got[0] != want {
				t.Errorf("threads %q, want %q", got, want)
			}
		})
	}
}

// named returns attributes whose values are their keys.
func named(keys []string) (attrs []attribute.KeyValue) {
	for _, k := range keys {
		attrs = append(attrs, attribute.String(k, k))
	}
	return attrs
}

// A run knows its trace: by its execution id, and in the headers of its records.
func TestRunsBelongToTheirTraces(t *testing.T) {
	b := newBench(t)
	_, agent := b.start(t.Context(), "agent a")
	agent.End()
	b.timeline()
	sc := agent.SpanContext()
	for _, m := range b.rec.Messages(sc.TraceID().String()) {
		for e := range m.Events() {
			id, ok := e.GetAttributes()["execution_id"]
			if want := sc.TraceID().String() + "-" + sc.SpanID().String(); ok &&
				id.GetStringValue() != want {
				t.Errorf("execution %q, want %q", id.GetStringValue(), want)
			}
		}
	}
}

// Each process has runs of its own, and so has each request of one.
func TestARemoteParentIsOutside(t *testing.T) {
	b := newBench(t)
	ctx, agent := b.start(t.Context(), "agent a")
	remote := trace.ContextWithRemoteSpanContext(t.Context(), trace.SpanContextFromContext(ctx))
	_, other := b.start(remote, "agent b")
	other.End()
	agent.End()
	want := `     0.0 GRAPH_START graph_name=a
     0.0 GRAPH_START graph_name=b
     0.0 GRAPH_END
     0.0 GRAPH_END
`
	if got := zeroed(b.timeline()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Inside a run that the application has begun, spans are its nodes.
func TestSpansJoinTheRunOfTheirContext(t *testing.T) {
	b := newBench(t)
	client := b.rec.Client(t)
	ctx, run := client.StartRunContext(t.Context(), callback.RunInfo{ThreadID: "mine"})
	ctx, agent := b.start(ctx, "agent a")
	_, chat := b.start(ctx, "chat m")
	chat.End()
	agent.End()
	_, alone := b.start(callback.NewContext(t.Context(), run), "chat alone")
	alone.End()
	run.End(nil)
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := `     0.0 GRAPH_START
     0.0   NODE_START a
     0.0     LLM_START model=m
     0.0     LLM_END model=m
     0.0   NODE_END a
     0.0   LLM_START model=alone
     0.0   LLM_END model=alone
     0.0 GRAPH_END
`
	if got := zeroed(b.timeline()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWithoutAClientNothingHappens(t *testing.T) {
	for _, p := range []*dashotel.SpanProcessor{nil, dashotel.NewSpanProcessor(nil, nil)} {
		tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
		_, span := tp.Tracer("test").Start(t.Context(), "agent a")
		span.End()
		if err := tp.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
		if err := tp.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if got := p.Stats(); got != (dashotel.Stats{}) {
			t.Error(got)
		}
	}
}

func TestTraceparentIsThatOfTheSpan(t *testing.T) {
	b := newBench(t)
	ctx, span := b.start(t.Context(), "plain")
	defer span.End()
	sc := span.SpanContext()
	parent, state := dashotel.Traceparent(ctx)
	want := "00-" + sc.TraceID().String() + "-" + sc.SpanID().String() + "-01"
	if parent != want || state != "" {
		t.Errorf("%q, %q, want %q", parent, state, want)
	}
	if parent, state = dashotel.Traceparent(t.Context()); parent != "" || state != "" {
		t.Errorf("%q, %q without a span", parent, state)
	}
}

func TestRecordsCarryTheTraceContextOfTheSpanAround(t *testing.T) {
	b := newBench(t)
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, func(cfg *callback.Config) { cfg.Traceparent = dashotel.Traceparent })
	ctx, span := b.start(t.Context(), "plain")
	_, run := client.StartRunContext(ctx, callback.RunInfo{ThreadID: "spanned"})
	run.End(nil)
	span.End()
	_, run = client.StartRunContext(t.Context(), callback.RunInfo{ThreadID: "spanless"})
	run.End(nil)
	want, _ := dashotel.Traceparent(ctx)
	records := map[string]int{}
	for _, r := range rec.Records() {
		got := ""
		for _, h := range r.Headers {
			if h.Key == "traceparent" {
				got = string(h.Value)
			}
		}
		records[string(r.Key)]++
		if spanned := string(r.Key) == "spanned"; spanned && got != want || !spanned && got != "" {
			t.Errorf("a record of %s has the traceparent %q", r.Key, got)
		}
	}
	if len(records) != 2 || want == "" {
		t.Errorf("records of %v, traceparent %q", records, want)
	}
}
