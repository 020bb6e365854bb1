package dashotel_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/internal/markdown"
)

// assistant is an agent behind an HTTP server, as instrumentations see it.
func assistant(ctx context.Context, tracer trace.Tracer) {
	ctx, server := tracer.Start(ctx, "POST /ask")
	defer server.End()
	ctx, agent := tracer.Start(ctx, "invoke_agent assistant", trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "invoke_agent"),
		attribute.String("gen_ai.agent.name", "assistant"),
		attribute.String("gen_ai.conversation.id", "conversation-7")))
	defer agent.End()
	ask := func(d time.Duration, in, out int, finish string) {
		_, s := tracer.Start(ctx, "chat gpt-4o", trace.WithAttributes(
			attribute.String("gen_ai.operation.name", "chat"),
			attribute.String("gen_ai.provider.name", "openai"),
			attribute.String("gen_ai.request.model", "gpt-4o")))
		time.Sleep(d)
		s.SetAttributes(attribute.Int("gen_ai.usage.input_tokens", in),
			attribute.Int("gen_ai.usage.output_tokens", out),
			attribute.StringSlice("gen_ai.response.finish_reasons", []string{finish}))
		s.End()
	}
	ask(400*ms, 52, 14, "tool_calls")
	_, tool := tracer.Start(ctx, "execute_tool weather", trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "execute_tool"),
		attribute.String("gen_ai.tool.name", "weather")))
	time.Sleep(50 * ms)
	tool.SetStatus(codes.Error, "timeout")
	tool.End()
	ask(450*ms, 81, 9, "stop")
}

func TestTheREADMEShowsWhatTheLineGives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		assistant(t.Context(), b.tracer)
		markdown.Shows(t, "README.md", "timeline", "```\n"+b.timeline()+"```\n", *write)
		if threads := b.rec.Threads(); len(threads) != 1 || threads[0] != "conversation-7" {
			t.Errorf("threads %q", threads)
		}
	})
}

// OpenTelemetry's bridge takes every family of the client's metrics.
func TestTheBridgeOfMetricsTakesThemAll(t *testing.T) {
	client := callbacktest.NewRecorder().Client(t)
	registry := prometheus.NewRegistry()
	registry.MustRegister(client.Metrics())
	reader := metric.NewManualReader(metric.WithProducer(
		bridge.NewMetricProducer(bridge.WithGatherer(registry))))
	metric.NewMeterProvider(metric.WithReader(reader))
	var got metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	bridged := map[string]bool{}
	for _, scope := range got.ScopeMetrics {
		for _, m := range scope.Metrics {
			bridged[m.Name] = true
		}
	}
	families, err := registry.Gather()
	if err != nil || len(families) == 0 {
		t.Fatal(families, err)
	}
	for _, f := range families {
		if !bridged[f.GetName()] {
			t.Errorf("%s is not among OpenTelemetry's metrics", f.GetName())
		}
	}
}
