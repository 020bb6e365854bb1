package wire

import "log/slog"

// Event is an Event but for its header. Its attributes are the concatenation of Own and Attrs.
type Event struct {
	Type         byte
	Node         string
	Own, Attrs   []slog.Attr
	Micros       int64 // duration, µs
	LLMRequestID string
}

// SizeEventBody is the size of an event's fields but the header, or [NotPlain].
func SizeEventBody(e *Event) int {
	own, attrs := SizeAttrs(e.Own), SizeAttrs(e.Attrs)
	if own < 0 || attrs < 0 {
		return NotPlain
	}
	return 2 + sizeString(e.Node) + own + attrs + sizeUint(uint64(e.Micros)) + sizeString(e.LLMRequestID)
}

// SizeEvent is the size of an event as an element of an EventBatch, header and all.
func SizeEvent(h *Header, width, body int) int { return sizeMessage(SizeHeader(h, width) + body) }

// AppendEvent appends an event as an element of an EventBatch. body is its [SizeEventBody].
func AppendEvent(b []byte, h *Header, width int, e *Event, body int) []byte {
	b = appendMessageHead(b, 2, SizeHeader(h, width)+body)
	b = AppendHeader(b, h, width)
	b = append(b, tag(2, varintType), e.Type)
	b = appendString(b, 3, e.Node)
	b = AppendAttrs(b, 4, e.Own)
	b = AppendAttrs(b, 4, e.Attrs)
	b = appendUint(b, 5, uint64(e.Micros))
	return appendString(b, 6, e.LLMRequestID)
}
