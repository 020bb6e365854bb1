package dashslog_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/dashslog"
)

// nowhere is a Sender that accepts everything and keeps nothing.
type nowhere struct{}

func (nowhere) Send(b *batching.Batch, done func(*batching.Batch, error)) { done(b, nil) }

func (nowhere) Stats() batching.SenderStats { return batching.SenderStats{} }

func (nowhere) Close(context.Context) error { return nil }

// BenchmarkLine shows what a line costs that becomes an event, one without a run, and one without
// this handler.
func BenchmarkLine(b *testing.B) {
	client, err := callback.New(callback.Config{Sender: nowhere{}, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Shutdown(b.Context()) // nolint:errcheck // no loss matters here
	inside, run := client.StartRunContext(b.Context(), callback.RunInfo{})
	defer run.End(nil)
	json := slog.NewJSONHandler(io.Discard, nil)
	for _, c := range []struct {
		name    string
		handler slog.Handler
		ctx     context.Context
	}{
		{"JSON alone", json, b.Context()},
		{"without a run", dashslog.NewHandler(json), b.Context()},
		{"in a run", dashslog.NewHandler(json), inside},
	} {
		logger := slog.New(c.handler)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				logger.WarnContext(c.ctx, "few results", "found", 1, "index", "docs")
			}
		})
	}
}
