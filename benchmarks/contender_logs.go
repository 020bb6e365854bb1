package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
)

const nameLogs = "otel logs"

// logs is OpenTelemetry's SDK with its batch log processor and OTLP over HTTP; an event is a log
// record. The processor has no way to wait: its queue overwrites the oldest record. Where it is to
// be lossless the caller waits here while half of the queue is taken.
type logs struct {
	provider *sdklog.LoggerProvider
	exporter *logExporter
	lossless bool
	emitted  atomic.Uint64
}

// logsQueue is the processor's default.
const logsQueue = 2048

func openLogs(s load.Setup) (load.Contender, error) {
	if s.Address == "" {
		return newLogs(nil, s.Lossless), nil
	}
	compression := otlploghttp.NoCompression
	if s.Compression == "gzip" {
		compression = otlploghttp.GzipCompression
	}
	inner, err := otlploghttp.New(context.Background(),
		otlploghttp.WithEndpointURL(s.Address+"/v1/logs"), otlploghttp.WithInsecure(),
		otlploghttp.WithCompression(compression))
	if err != nil {
		return nil, err
	}
	return newLogs(inner, s.Lossless), nil
}

// newLogs makes a contender that exports to inner, or to nowhere if that is nil.
func newLogs(inner sdklog.Exporter, lossless bool) *logs {
	e := &logExporter{inner: inner}
	processor := sdklog.NewBatchProcessor(e, sdklog.WithMaxQueueSize(logsQueue))
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(processor),
		sdklog.WithResource(resource.NewSchemaless(attribute.String("service.name", "benchmarks"))))
	return &logs{provider: provider, exporter: e, lossless: lossless}
}

func (l *logs) Emitter(int) load.Emitter {
	return &logRun{owner: l, logger: l.provider.Logger("benchmarks")}
}

func (l *logs) Finish(ctx context.Context) (load.Outcome, error) {
	err := l.provider.Shutdown(ctx)
	outcome := l.exporter.outcome()
	outcome.Emitted = l.emitted.Load()
	return outcome, err
}

// logExporter notes what was exported and how long that took since each record was made.
type logExporter struct {
	inner    sdklog.Exporter // nil: everything is taken at once
	exported atomic.Uint64

	mu        sync.Mutex
	groups    uint64
	latencies measure.Latencies
}

func (e *logExporter) Export(ctx context.Context, batch []sdklog.Record) error {
	if e.inner != nil {
		if err := e.inner.Export(ctx, batch); err != nil {
			return err
		}
	}
	now := time.Now()
	e.exported.Add(uint64(len(batch)))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.groups++
	if len(batch) > 0 {
		e.latencies.Add(now.Sub(batch[0].Timestamp()))
	}
	return nil
}

func (e *logExporter) Shutdown(ctx context.Context) error {
	if e.inner == nil {
		return nil
	}
	return e.inner.Shutdown(ctx)
}

func (e *logExporter) ForceFlush(ctx context.Context) error {
	if e.inner == nil {
		return nil
	}
	return e.inner.ForceFlush(ctx)
}

func (e *logExporter) outcome() load.Outcome {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := e.exported.Load()
	return load.Outcome{Delivered: n, EventsPerRecord: float64(n) / float64(max(e.groups, 1)),
		EmitToAck: e.latencies.Quantiles()}
}

type logRun struct {
	owner  *logs
	logger log.Logger
}

const logsWait = 50 * time.Microsecond

func (r *logRun) emit(attributes ...attribute.KeyValue) {
	n := r.owner.emitted.Add(1)
	if r.owner.lossless {
		for n > r.owner.exporter.exported.Load()+logsQueue/2 {
			time.Sleep(logsWait)
		}
	}
	var record log.Record
	record.SetTimestamp(time.Now())
	record.SetSeverity(log.SeverityWarn)
	record.SetBody(attribute.StringValue(load.Message))
	record.AddAttributes(attributes...)
	r.logger.Emit(context.Background(), record)
}

func (r *logRun) One(v *load.Values) { r.emit(attribute.String(load.Keys[0], v[0])) }

func (r *logRun) Ten(v *load.Values) {
	r.emit(attribute.String(load.Keys[0], v[0]), attribute.String(load.Keys[1], v[1]),
		attribute.String(load.Keys[2], v[2]), attribute.String(load.Keys[3], v[3]),
		attribute.String(load.Keys[4], v[4]), attribute.String(load.Keys[5], v[5]),
		attribute.String(load.Keys[6], v[6]), attribute.String(load.Keys[7], v[7]),
		attribute.String(load.Keys[8], v[8]), attribute.String(load.Keys[9], v[9]))
}

func (r *logRun) Text(text string) { r.emit(attribute.String("prompt", text)) }

func (r *logRun) Node(v *load.Values) {
	r.emit(attribute.String(load.Keys[0], v[0]), attribute.String(load.Keys[1], v[1]),
		attribute.String(load.Keys[2], v[2]), attribute.String(load.Keys[3], v[3]),
		attribute.String(load.Keys[4], v[4]))
	r.emit()
}
