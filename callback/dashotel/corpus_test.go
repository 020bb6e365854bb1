package dashotel_test

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashotel"
	"github.com/dashstream/dashstream-go/internal/jsreader"
	"github.com/dashstream/dashstream-go/internal/spanmap"
	"github.com/dashstream/dashstream-go/internal/traces"
	"github.com/dashstream/dashstream-go/internal/traces/timeline"
)

// Spans of real instrumentations, started and ended anew in their own time, give the same timelines
// as replay gives.
func TestRecordedSpansGiveTheirTimelines(t *testing.T) {
	files, err := filepath.Glob("../../internal/traces/testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			spans := read(t, name)
			golden, err := os.ReadFile(strings.TrimSuffix(name, ".json") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				got, want := live(t, spans), withoutThreads(string(golden))
				if got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		})
	}
}

// withoutThreads takes the lines off that name runs and threads.
func withoutThreads(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "run ") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// live starts and ends spans as they were, each run on a thread of its own, and returns the
// timelines of the runs.
func live(t *testing.T, spans []traces.Span) string {
	rec := callbacktest.NewRecorder()
	p := dashotel.NewSpanProcessor(rec.Client(t), dashotel.WithTexts(),
		dashotel.WithThreadFunc(func(_ context.Context, s sdktrace.ReadOnlySpan) string {
			return s.SpanContext().SpanID().String()
		}))
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
	rerun(tp.Tracer("corpus"), spans)
	if err := tp.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := rec.Check().Err(); err != nil {
		t.Error(err)
	}
	if s := p.Stats(); s != (dashotel.Stats{}) {
		t.Errorf("%+v, want nothing open, lost or closed", s)
	}
	threads := rec.Threads()
	first := func(thread string) (at int64) {
		for e := range rec.Messages(thread)[0].Events() {
			return e.GetHeader().GetTimestampUs()
		}
		return 0
	}
	slices.SortStableFunc(threads, func(a, b string) int { return cmp.Compare(first(a), first(b)) })
	var out strings.Builder
	for _, thread := range threads {
		out.WriteString(timeline.Of(rec.Messages(thread)) + "\n")
	}
	return out.String()
}

// rerun starts and ends spans in the order of their times, the first of them now.
func rerun(tracer trace.Tracer, spans []traces.Span) {
	type step struct {
		at   time.Time
		span *traces.Span
		ends bool
	}
	var steps []step
	for i := range spans {
		s := &spans[i]
		steps = append(steps, step{s.Start, s, false}, step{s.End, s, true})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	shift := time.Since(steps[0].at).Truncate(time.Microsecond) // which is what is sent
	contexts := map[string]context.Context{"": context.Background()}
	open := map[string]trace.Span{}
	for _, s := range steps {
		at := s.at.Add(shift)
		time.Sleep(time.Until(at))
		if !s.ends {
			ctx, span := tracer.Start(contexts[s.span.Parent], s.span.Name, trace.WithTimestamp(at))
			contexts[s.span.ID], open[s.span.ID] = ctx, span
			setAttributes(span, s.span, false)
			continue
		}
		span := open[s.span.ID]
		setAttributes(span, s.span, true)
		if s.span.Exception != "" {
			span.AddEvent("exception", trace.WithAttributes(
				attribute.String("exception.message", s.span.Exception)))
		}
		switch s.span.Status {
		case spanmap.OK:
			span.SetStatus(codes.Ok, "")
		case spanmap.Failed:
			span.SetStatus(codes.Error, s.span.Message)
		}
		span.End(trace.WithTimestamp(at))
	}
}

// setAttributes sets those that a span has at its start, or those that it has at its end: genkit
// knows only its type earlier.
func setAttributes(span trace.Span, from *traces.Span, end bool) {
	for _, a := range from.Attributes {
		late := strings.HasPrefix(a.Key, "genkit:") && a.Key != "genkit:type"
		if late != end {
			continue
		}
		switch v := a.Value.(type) {
		case string:
			span.SetAttributes(attribute.String(a.Key, v))
		case int64:
			span.SetAttributes(attribute.Int64(a.Key, v))
		case float64:
			span.SetAttributes(attribute.Float64(a.Key, v))
		case bool:
			span.SetAttributes(attribute.Bool(a.Key, v))
		case []string:
			span.SetAttributes(attribute.StringSlice(a.Key, v))
		}
	}
}

// A browser draws the graph of every run of the corpus.
func TestABrowserReadsTheCorpus(t *testing.T) {
	files, err := filepath.Glob("../../internal/traces/testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var streams [][][]byte
	for _, name := range files {
		spans := read(t, name)
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, dashotel.WithTexts())
			rerun(b.tracer, spans)
			b.timeline()
			var values [][]byte
			for _, r := range b.rec.Records() {
				values = append(values, r.Value)
			}
			streams = append(streams, values)
		})
	}
	for i, threads := range jsreader.ReadAll(t, streams) {
		graphs := 0
		for id, js := range threads {
			if wrong := js.Sound(); wrong != "" {
				t.Errorf("%s, thread %s: %s", files[i], id, wrong)
			}
			graphs += js.Graphs
		}
		if graphs == 0 {
			t.Errorf("%s: no graph is drawn", files[i])
		}
	}
}

func read(t *testing.T, name string) []traces.Span {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	spans, err := traces.OTLP(raw)
	if err != nil {
		t.Fatal(err)
	}
	return spans
}
