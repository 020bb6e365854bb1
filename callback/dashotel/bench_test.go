package dashotel_test

import (
	"context"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/dashotel"
)

// taken acknowledges everything at once.
type taken struct{}

func (taken) Send(b *batching.Batch, done func(*batching.Batch, error)) { done(b, nil) }
func (taken) Stats() (s batching.SenderStats)                           { return s }
func (taken) Close(context.Context) error                               { return nil }

// gone discards spans.
type gone struct{}

func (gone) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (gone) Shutdown(context.Context) error                             { return nil }

// call is a span of a call of a model in an agent, with the attributes that it has at least.
func call(ctx context.Context, tracer trace.Tracer) {
	_, s := tracer.Start(ctx, "chat gpt", trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "chat"),
		attribute.String("gen_ai.request.model", "gpt")))
	s.SetAttributes(attribute.Int("gen_ai.usage.input_tokens", 1),
		attribute.Int("gen_ai.usage.output_tokens", 1))
	s.End()
}

// BenchmarkSpan compares a span of a provider whose one processor is OpenTelemetry's batch
// processor, with an exporter that discards, with a span of a provider that has a SpanProcessor
// besides, whose client discards, too: all that a program pays for dashotel, its worker included.
func BenchmarkSpan(b *testing.B) {
	for _, c := range []struct {
		name string
		with bool
	}{{"without", false}, {"with", true}} {
		b.Run(c.name, func(b *testing.B) {
			tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(gone{}))
			if c.with {
				client, err := callback.New(callback.Config{Sender: taken{}, SelfMetrics: "off",
					Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					b.Fatal(err)
				}
				defer client.Shutdown(context.Background())
				tp.RegisterSpanProcessor(dashotel.NewSpanProcessor(client))
			}
			defer tp.Shutdown(context.Background())
			tracer := tp.Tracer("bench")
			ctx, agent := tracer.Start(context.Background(), "agent", trace.WithAttributes(
				attribute.String("gen_ai.operation.name", "invoke_agent")))
			defer agent.End()
			b.ReportAllocs()
			for b.Loop() {
				call(ctx, tracer)
			}
		})
	}
}
