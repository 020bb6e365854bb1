package programs

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// How do runs join OpenTelemetry's traces? By a hook of three lines, which uses the propagator that
// OpenTelemetry brings. The records of a run that is started in a span carry its traceparent.
func Example_openTelemetry() {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{
		Sender: rec, Logger: slog.New(slog.DiscardHandler), SelfMetrics: callback.SelfMetricsOff,
		Traceparent: func(ctx context.Context) (traceparent, tracestate string) {
			carrier := propagation.MapCarrier{}
			propagation.TraceContext{}.Inject(ctx, carrier)
			return carrier["traceparent"], carrier["tracestate"]
		},
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx := trace.ContextWithSpanContext(context.Background(), span())
	_, run := client.StartRunContext(ctx, callback.RunInfo{})
	run.End(nil)
	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	headers := rec.Records()[0].Headers
	i := slices.IndexFunc(headers, func(h callbacktest.Header) bool {
		return h.Key == "traceparent"
	})
	fmt.Printf("%s\n", headers[i].Value)
	// Output: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
}

// span stands for the one that a tracer starts.
func span() trace.SpanContext {
	id, _ := trace.TraceIDFromHex("0af7651916cd43dd8448eb211c80319c")
	parent, _ := trace.SpanIDFromHex("b7ad6b7169203331")
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: id, SpanID: parent, TraceFlags: trace.FlagsSampled,
	})
}
