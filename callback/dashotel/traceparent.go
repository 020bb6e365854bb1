package dashotel

import (
	"context"

	"go.opentelemetry.io/otel/trace"
)

// Traceparent is for the field of that name of a callback.Config: runs and nodes that begin with a
// context then belong to the trace that the context carries.
func Traceparent(ctx context.Context) (traceparent, tracestate string) {
	return headersOf(trace.SpanContextFromContext(ctx))
}

// headersOf returns a span's context as W3C headers, "" for an invalid one.
func headersOf(sc trace.SpanContext) (traceparent, tracestate string) {
	if !sc.IsValid() {
		return "", ""
	}
	return "00-" + sc.TraceID().String() + "-" + sc.SpanID().String() + "-" +
		sc.TraceFlags().String(), sc.TraceState().String()
}
