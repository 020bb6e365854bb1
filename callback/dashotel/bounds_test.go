package dashotel_test

import (
	"context"
	"math/rand/v2"
	"regexp"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback/dashotel"
)

var times = regexp.MustCompile(`(?m)^ *[0-9]+\.[0-9]`)

// zeroed leaves times out.
func zeroed(timeline string) string { return times.ReplaceAllString(timeline, "     0.0") }

// A hundred thousand spans may be open at once, beside or in each other; beyond that, the oldest
// are closed.
func TestOpenSpansAreBounded(t *testing.T) {
	const more = 500

	for _, c := range []struct {
		name   string
		nested bool
		what   string
		limit  int
	}{
		{"beside each other", false, "chat m", 100_000},
		{"in each other", true, "node n", 5_000},
		{"plain, in each other", true, "plain", 5_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			limit := c.limit
			if raced { // it takes ten times as long
				limit = min(limit, 10_000)
			}
			// the agent is the first that is evicted, and nothing else ends with it
			opts := []dashotel.Option{dashotel.WithGrace(time.Hour)}
			if limit != 100_000 { // which is the default
				opts = append(opts, dashotel.WithMaxOpen(limit))
			}
			b := newBench(t, opts...)
			ctx, root := b.start(t.Context(), "agent a")
			spans := make([]trace.Span, 0, limit+more)
			for range limit + more - 1 { // and the agent
				_, span := b.start(ctx, c.what)
				spans = append(spans, span)
				if c.nested { // no deeper than that in contexts, which have to be searched
					ctx = trace.ContextWithSpan(t.Context(), span)
				}
			}
			s := b.processor.Stats()
			if s.Open != limit || s.Evicted != more {
				t.Errorf("%+v, want %d open and %d evicted", s, limit, more)
			}
			for _, span := range spans {
				span.End()
			}
			root.End()
			if s = b.processor.Stats(); s.Open != 0 || s.Strays != more {
				t.Errorf("%+v, want none open and %d strays", s, more)
			}
		})
	}
}

// What many goroutines start and end at random is rightly nested, and is over at the end.
func TestSpansOfManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		names := []string{"agent a", "node n", "chat m", "tool t", "plain", "late"}
		var all sync.WaitGroup
		var grow func(ctx context.Context, r *rand.Rand, depth int)
		grow = func(ctx context.Context, r *rand.Rand, depth int) {
			what := names[r.IntN(len(names))]
			ctx, span := b.start(ctx, what)
			if what == "late" {
				time.Sleep(time.Duration(r.IntN(80)) * ms)
				span.SetAttributes(kind("node late")...)
			}
			for range r.IntN(4) {
				if depth == 0 {
					break
				}
				seed := r.Uint64()
				all.Go(func() { grow(ctx, rand.New(rand.NewPCG(seed, 0)), depth-1) })
			}
			time.Sleep(time.Duration(r.IntN(100)) * ms)
			if r.IntN(20) > 0 {
				span.End()
			}
		}
		for i := range 60 {
			all.Go(func() { grow(t.Context(), rand.New(rand.NewPCG(uint64(i), 1)), 5) })
		}
		all.Wait()
		time.Sleep(10 * time.Second)
		if err := b.provider.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		b.timeline()
		if s := b.processor.Stats(); s.Open != 0 || s.Orphans == 0 {
			t.Errorf("%+v, want none open, and orphans", s)
		}
		if open := unended(b); open != 0 {
			t.Errorf("%d starts have no end", open)
		}
	})
}

// unended counts the starts that have no end.
func unended(b *bench) int {
	open := map[string]bool{}
	for _, thread := range b.rec.Threads() {
		for _, m := range b.rec.Messages(thread) {
			for e := range m.Events() {
				h := e.GetHeader()
				switch e.GetEventType() {
				case 1, 10, 30, 40: // GRAPH_, NODE_, LLM_ and TOOL_START
					open[string(h.GetMessageId())] = true
				default:
					delete(open, string(h.GetParentId()))
				}
			}
		}
	}
	return len(open)
}
