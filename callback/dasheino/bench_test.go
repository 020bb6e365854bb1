package dasheino

import (
	"context"
	"log/slog"
	"strconv"
	"testing"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
)

// nowhere is a Sender that accepts everything and keeps nothing.
type nowhere struct{}

func (nowhere) Send(b *batching.Batch, done func(*batching.Batch, error)) { done(b, nil) }

func (nowhere) Stats() batching.SenderStats { return batching.SenderStats{} }

func (nowhere) Close(context.Context) error { return nil }

// BenchmarkGraph shows what the handler adds to a run of ten nodes, which makes 22 callbacks: ns/op
// and allocs/op are a run's.
func BenchmarkGraph(b *testing.B) {
	client, err := callback.New(callback.Config{Sender: nowhere{}, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Shutdown(b.Context()) // nolint:errcheck // no loss matters here
	handler := NewHandler(client, WithoutState())
	chain := compose.NewChain[string, string]()
	for i := range 10 {
		chain.AppendLambda(compose.InvokableLambda(
			func(_ context.Context, in string) (string, error) { return in, nil }),
			compose.WithNodeKey("node "+strconv.Itoa(i)))
	}
	r, err := chain.Compile(b.Context(), named("benchmark"))
	if err != nil {
		b.Fatal(err)
	}
	idle := callbacks.NewHandlerBuilder().OnStartFn(func(ctx context.Context, _ *callbacks.RunInfo,
		_ callbacks.CallbackInput) context.Context {
		return ctx
	}).OnEndFn(func(ctx context.Context, _ *callbacks.RunInfo,
		_ callbacks.CallbackOutput) context.Context {
		return ctx
	}).Build()
	for _, c := range []struct {
		name string
		opts []compose.Option
	}{
		{"no handler", nil},
		{"a handler that does nothing", []compose.Option{compose.WithCallbacks(idle)}},
		{"dasheino", []compose.Option{compose.WithCallbacks(handler)}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Invoke(b.Context(), "in", c.opts...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
