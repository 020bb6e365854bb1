package wire

import (
	"log/slog"
	"math"
	"unicode/utf8"
)

// NotPlain is the size that [SizeAttrs] gives to attributes that have to be resolved first.
const NotPlain = -1

// SizeAttrs is the size of attributes as entries of the map in the given field, or [NotPlain] if one of them is more than a valid
// string, a number, a bool, a duration, bytes, or a named group of such: then [Resolve] has to be called first.
func SizeAttrs(attrs []slog.Attr) int {
	n := 0
	for i := range attrs {
		a := &attrs[i]
		v := sizeValue(a.Value)
		if v < 0 || !utf8.ValidString(a.Key) {
			return NotPlain
		}
		n += 1 + sizeBytes(entrySize(len(a.Key), v))
	}
	return n
}

func entrySize(key, value int) int {
	n := 1 + sizeBytes(value)
	if key > 0 {
		n += 1 + sizeBytes(key)
	}
	return n
}

// sizeValue is the size of an AttributeValue's content.
func sizeValue(v slog.Value) int {
	switch v.Kind() {
	case slog.KindString:
		s := v.String()
		if !utf8.ValidString(s) {
			return NotPlain
		}
		return 1 + sizeBytes(len(s))
	case slog.KindInt64:
		return 1 + VarintLen(uint64(v.Int64()))
	case slog.KindUint64:
		if v.Uint64() > math.MaxInt64 {
			return NotPlain
		}
		return 1 + VarintLen(v.Uint64())
	case slog.KindDuration:
		return 1 + VarintLen(uint64(v.Duration().Microseconds()))
	case slog.KindFloat64:
		return 1 + 8
	case slog.KindBool:
		return 2
	case slog.KindGroup:
		return sizeGroup(v.Group())
	case slog.KindAny:
		if p, ok := v.Any().([]byte); ok {
			return 1 + sizeBytes(len(p))
		}
	}
	return NotPlain
}

func sizeGroup(attrs []slog.Attr) int {
	for i := range attrs {
		if attrs[i].Key == "" {
			return NotPlain
		}
	}
	n := SizeAttrs(attrs)
	if n < 0 {
		return NotPlain
	}
	return 1 + sizeBytes(n)
}

// AppendAttrs appends attributes as entries of the map in the given field. They must be what [SizeAttrs] accepts.
func AppendAttrs(b []byte, field byte, attrs []slog.Attr) []byte {
	for i := range attrs {
		a := &attrs[i]
		if s := a.Value; s.Kind() == slog.KindString {
			b = appendStringEntry(b, field, a.Key, s.String())
			continue
		}
		v := sizeValue(a.Value)
		b = appendMessageHead(b, field, entrySize(len(a.Key), v))
		b = appendString(b, 1, a.Key)
		b = appendMessageHead(b, 2, v)
		b = appendValue(b, a.Value)
	}
	return b
}

// appendStringEntry is the common case: short strings, whose lengths are single bytes.
func appendStringEntry(b []byte, field byte, key, s string) []byte {
	if n := len(key) + len(s); n < 100 && key != "" {
		b = append(b, tag(field, bytesType), byte(n+6), tag(1, bytesType), byte(len(key)))
		b = append(b, key...)
		b = append(b, tag(2, bytesType), byte(len(s)+2), tag(1, bytesType), byte(len(s)))
		return append(b, s...)
	}
	v := 1 + sizeBytes(len(s))
	b = appendMessageHead(b, field, entrySize(len(key), v))
	b = appendString(b, 1, key)
	b = appendMessageHead(b, 2, v)
	b = appendMessageHead(b, 1, len(s))
	return append(b, s...)
}

func appendValue(b []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		s := v.String()
		return append(appendMessageHead(b, 1, len(s)), s...)
	case slog.KindInt64:
		return appendVarint(append(b, tag(2, varintType)), uint64(v.Int64()))
	case slog.KindUint64:
		return appendVarint(append(b, tag(2, varintType)), v.Uint64())
	case slog.KindDuration:
		return appendVarint(append(b, tag(2, varintType)), uint64(v.Duration().Microseconds()))
	case slog.KindFloat64:
		return appendDouble(b, 3, v.Float64())
	case slog.KindBool:
		if v.Bool() {
			return append(b, tag(4, varintType), 1)
		}
		return append(b, tag(4, varintType), 0)
	case slog.KindGroup:
		n := SizeAttrs(v.Group())
		return AppendAttrs(appendMessageHead(b, 7, n), 1, v.Group())
	}
	p, _ := v.Any().([]byte)
	return append(appendMessageHead(b, 5, len(p)), p...)
}

func appendDouble(b []byte, field byte, f float64) []byte {
	v := math.Float64bits(f)
	return append(b, tag(field, fixed64), byte(v), byte(v>>8), byte(v>>16), byte(v>>24), byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56))
}
