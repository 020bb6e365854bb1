package wire

import (
	"log/slog"
	"slices"
)

// Event is an Event without its header. Its attributes are Own, then the duration if it is Timed,
// then Attrs.
type Event struct {
	Type         byte
	Node         string
	Own, Attrs   []slog.Attr
	Micros       int64 // duration, µs
	Timed        bool  // Micros is also written as the attribute DurationKey
	LLMRequestID string
}

// DurationKey is the attribute that repeats an end's duration, where the browser UI looks for it.
const DurationKey = "duration_us"

// durationHeads is the size of that attribute without its number: lengths and tags of the entry,
// the key and the value.
const durationHeads = 4 + len(DurationKey) + 3

// RenamedPrefix is put in front of the key of an application's attribute if the SDK has an
// attribute with that key.
const RenamedPrefix = "app."

// Collides reports whether one of Attrs has the key of one of the SDK's own attributes. In a map of
// attributes, the last one would win.
func (e *Event) Collides() bool {
	for i := range e.Attrs {
		if e.owns(e.Attrs[i].Key) {
			return true
		}
	}
	return false
}

// owns reports whether one of the SDK's own attributes has this key.
func (e *Event) owns(key string) bool {
	if e.Timed && key == DurationKey {
		return true
	}
	for i := range e.Own {
		if e.Own[i].Key == key {
			return true
		}
	}
	return false
}

// Renamed returns Attrs with [RenamedPrefix] in front of colliding keys, repeated until they are
// unique, and the number of attributes renamed.
func (e *Event) Renamed() (attrs []slog.Attr, n int) {
	attrs = slices.Clone(e.Attrs)
	for i := range attrs {
		if !e.owns(attrs[i].Key) {
			continue
		}
		n++
		key := RenamedPrefix + attrs[i].Key
		for e.owns(key) || slices.ContainsFunc(attrs, func(a slog.Attr) bool {
			return a.Key == key
		}) {
			key = RenamedPrefix + key
		}
		attrs[i].Key = key
	}
	return attrs, n
}

func sizeDuration(e *Event) int {
	if !e.Timed {
		return 0
	}
	return durationHeads + VarintLen(uint64(e.Micros))
}

func appendDuration(b []byte, e *Event) []byte {
	if !e.Timed {
		return b
	}
	v := 1 + VarintLen(uint64(e.Micros))
	b = append(b, tag(4, bytesType), byte(durationHeads-3+v), tag(1, bytesType),
		byte(len(DurationKey)))
	b = append(b, DurationKey...)
	return appendVarint(append(b, tag(2, bytesType), byte(v), tag(2, varintType)), uint64(e.Micros))
}

// SizeEventBody is the size of an event's fields without the header, or [NotPlain].
func SizeEventBody(e *Event) int {
	own, attrs := SizeAttrs(e.Own), SizeAttrs(e.Attrs)
	if own < 0 || attrs < 0 {
		return NotPlain
	}
	return 2 + sizeString(e.Node) + own + sizeDuration(e) + attrs + sizeUint(uint64(e.Micros)) +
		sizeString(e.LLMRequestID)
}

// SizeEvent is the size of an event as an element of an EventBatch, including its header.
func SizeEvent(h *Header, width, body int) int { return sizeMessage(SizeHeader(h, width) + body) }

// AppendEvent appends an event as an element of an EventBatch. body is its [SizeEventBody].
func AppendEvent(b []byte, h *Header, width int, e *Event, body int) []byte {
	b = appendMessageHead(b, 2, SizeHeader(h, width)+body)
	b = AppendHeader(b, h, width)
	b = append(b, tag(2, varintType), e.Type)
	b = appendString(b, 3, e.Node)
	b = AppendAttrs(b, 4, e.Own)
	b = appendDuration(b, e)
	b = AppendAttrs(b, 4, e.Attrs)
	b = appendUint(b, 5, uint64(e.Micros))
	return appendString(b, 6, e.LLMRequestID)
}
