package dashotel

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/dashstream/dashstream-go/internal/spanmap"
)

// read fills s with what a span says. A span that is under way has no status and no events.
func (p *SpanProcessor) read(s *spanmap.Span, from sdktrace.ReadOnlySpan, ended bool) {
	s.Name = from.Name()
	for _, a := range from.Attributes() {
		f := spanmap.FieldOf(string(a.Key))
		switch {
		case f != (spanmap.Field{}):
			s.Set(f, valueOf(a.Value))
		case p.opts.texts:
			s.Add(string(a.Key), valueOf(a.Value))
		}
	}
	if !ended {
		return
	}
	switch status := from.Status(); status.Code {
	case codes.Ok:
		s.Status = spanmap.OK
		return
	case codes.Error:
		s.Status, s.Message = spanmap.Failed, status.Description
	}
	for _, e := range slices.Backward(from.Events()) {
		if e.Name == "exception" {
			s.Exception = exception(e.Attributes)
			break
		}
	}
}

// exception returns the message of an exception, or its type if it has none.
func exception(attrs []attribute.KeyValue) string {
	text := "exception"
	for _, a := range attrs {
		switch {
		case a.Key == "exception.message" && a.Value.AsString() != "":
			return a.Value.AsString()
		case a.Key == "exception.type" && a.Value.AsString() != "":
			text = a.Value.AsString()
		}
	}
	return text
}

func valueOf(v attribute.Value) spanmap.Value {
	switch v.Type() {
	case attribute.STRING:
		return spanmap.Value{Text: v.AsString()}
	case attribute.INT64:
		return spanmap.Value{Number: v.AsInt64()}
	case attribute.FLOAT64:
		return spanmap.Value{Number: int64(v.AsFloat64())}
	case attribute.STRINGSLICE:
		if list := v.AsStringSlice(); len(list) > 0 {
			return spanmap.Value{Text: list[0]}
		}
		return spanmap.Value{}
	}
	return spanmap.Value{Text: v.String()}
}
