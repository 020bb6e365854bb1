package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
)

const nameSpans = "otel spans"

// spans is OpenTelemetry's SDK with its batch span processor and OTLP over HTTP; an event is a
// span. Its settings are the defaults, but that a caller waits for room where it is to be lossless.
type spans struct {
	provider *sdktrace.TracerProvider
	exporter *spanExporter
	roots    int
}

func openSpans(s load.Setup) (load.Contender, error) {
	if s.Address == "" {
		return newSpans(nil, s.Lossless), nil
	}
	compression := otlptracehttp.NoCompression
	if s.Compression == "gzip" {
		compression = otlptracehttp.GzipCompression
	}
	inner, err := otlptracehttp.New(context.Background(),
		otlptracehttp.WithEndpointURL(s.Address+"/v1/traces"), otlptracehttp.WithInsecure(),
		otlptracehttp.WithCompression(compression))
	if err != nil {
		return nil, err
	}
	return newSpans(inner, s.Lossless), nil
}

// newSpans makes a contender that exports to inner, or to nowhere if that is nil.
func newSpans(inner sdktrace.SpanExporter, lossless bool) *spans {
	e := &spanExporter{inner: inner}
	var options []sdktrace.BatchSpanProcessorOption
	if lossless {
		options = append(options, sdktrace.WithBlocking())
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(e, options...),
		sdktrace.WithSampler(sdktrace.AlwaysSample()),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name",
			"benchmarks"))))
	return &spans{provider: provider, exporter: e}
}

func (s *spans) Emitter(i int) load.Emitter {
	tracer := s.provider.Tracer("benchmarks")
	ctx, run := tracer.Start(context.Background(), fmt.Sprintf("conversation-%04d", i))
	run.End()
	s.roots++
	return &spanRun{tracer, ctx}
}

func (s *spans) Finish(ctx context.Context) (load.Outcome, error) {
	err := s.provider.Shutdown(ctx)
	outcome := s.exporter.outcome()
	// the calls count, and a run's own span is none of them
	outcome.Delivered -= min(outcome.Delivered, uint64(s.roots))
	return outcome, err
}

// spanExporter notes what was exported and how long that took since the end of each span.
type spanExporter struct {
	inner sdktrace.SpanExporter // nil: everything is taken at once

	mu               sync.Mutex
	exported, groups uint64
	latencies        measure.Latencies
}

func (e *spanExporter) ExportSpans(ctx context.Context, batch []sdktrace.ReadOnlySpan) error {
	if e.inner != nil {
		if err := e.inner.ExportSpans(ctx, batch); err != nil {
			return err
		}
	}
	now := time.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.exported += uint64(len(batch))
	e.groups++
	e.latencies.Add(now.Sub(batch[0].EndTime()))
	return nil
}

func (e *spanExporter) Shutdown(ctx context.Context) error {
	if e.inner == nil {
		return nil
	}
	return e.inner.Shutdown(ctx)
}

func (e *spanExporter) outcome() load.Outcome {
	e.mu.Lock()
	defer e.mu.Unlock()
	return load.Outcome{Delivered: e.exported,
		EventsPerRecord: float64(e.exported) / float64(max(e.groups, 1)),
		EmitToAck:       e.latencies.Quantiles()}
}

// spanRun emits spans under one span.
type spanRun struct {
	tracer trace.Tracer
	parent context.Context
}

func (r *spanRun) emit(attributes ...attribute.KeyValue) {
	_, span := r.tracer.Start(r.parent, load.Message)
	span.SetAttributes(attributes...)
	span.End()
}

func (r *spanRun) One(v *load.Values) { r.emit(attribute.String(load.Keys[0], v[0])) }

func (r *spanRun) Ten(v *load.Values) {
	r.emit(attribute.String(load.Keys[0], v[0]), attribute.String(load.Keys[1], v[1]),
		attribute.String(load.Keys[2], v[2]),
		attribute.String(load.Keys[3], v[3]), attribute.String(load.Keys[4], v[4]),
		attribute.String(load.Keys[5], v[5]),
		attribute.String(load.Keys[6], v[6]), attribute.String(load.Keys[7], v[7]),
		attribute.String(load.Keys[8], v[8]),
		attribute.String(load.Keys[9], v[9]))
}

func (r *spanRun) Text(text string) { r.emit(attribute.String("prompt", text)) }

func (r *spanRun) Node(v *load.Values) {
	r.emit(attribute.String(load.Keys[0], v[0]), attribute.String(load.Keys[1], v[1]),
		attribute.String(load.Keys[2], v[2]),
		attribute.String(load.Keys[3], v[3]), attribute.String(load.Keys[4], v[4]))
}
