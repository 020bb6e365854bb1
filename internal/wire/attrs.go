package wire

import (
	"log/slog"
	"math"
	"unicode/utf8"
)

// NotPlain is the size that [SizeAttrs] gives to attributes that have to be resolved first.
const NotPlain = -1

// MaxGroups is how deeply groups may be nested in each other. A group costs three levels of messages, and readers refuse a record of
// more than 100 levels, with all the events in it.
const MaxGroups = 16

// SizeAttrs is the size of attributes as entries of the map in the given field, or [NotPlain] if one of them is more than a valid
// string, a number, a bool, a duration, bytes, or a group of such that has a name and something in it: then [Resolve] has to be
// called first.
func SizeAttrs(attrs []slog.Attr) int { return sizeAttrs(attrs, MaxGroups) }

// sizeAttrs sizes attributes in which groups more groups may be nested.
func sizeAttrs(attrs []slog.Attr, groups int) int {
	n := 0
	for i := range attrs {
		a := &attrs[i]
		v := sizeValue(a, groups)
		if v < 0 || !utf8.ValidString(a.Key) {
			return NotPlain
		}
		n += 1 + sizeBytes(entrySize(len(a.Key), v))
	}
	return n
}

// entrySize is the size of a map's entry. Unlike other fields, key and value are there even when empty.
func entrySize(key, value int) int { return 1 + sizeBytes(key) + 1 + sizeBytes(value) }

// sizeValue is the size of the AttributeValue's content that a makes.
func sizeValue(a *slog.Attr, groups int) int {
	switch v := a.Value; v.Kind() {
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
		if a.Key == "" {
			return NotPlain
		}
		return sizeGroup(v.Group(), groups)
	case slog.KindAny:
		if p, ok := v.Any().([]byte); ok {
			return 1 + sizeBytes(len(p))
		}
	}
	return NotPlain
}

func sizeGroup(members []slog.Attr, groups int) int {
	if len(members) == 0 || groups == 0 {
		return NotPlain
	}
	n := sizeAttrs(members, groups-1)
	if n < 0 {
		return NotPlain
	}
	return 1 + sizeBytes(n)
}

// AppendAttrs appends attributes as entries of the map in the given field. They must be what [SizeAttrs] accepts.
func AppendAttrs(b []byte, field byte, attrs []slog.Attr) []byte {
	for i := range attrs {
		a := attrs[i] // read once, so that the entry agrees with itself even if the caller changes it meanwhile
		if a.Value.Kind() == slog.KindString {
			b = appendStringEntry(b, field, a.Key, a.Value.String())
			continue
		}
		v := sizeValue(&a, MaxGroups)
		b = appendEntryHead(b, field, a.Key, v)
		b = appendValue(b, a.Value)
	}
	return b
}

// appendEntryHead appends what precedes the content of an entry's value, which is v bytes long.
func appendEntryHead(b []byte, field byte, key string, v int) []byte {
	b = appendMessageHead(b, field, entrySize(len(key), v))
	b = append(appendMessageHead(b, 1, len(key)), key...)
	return appendMessageHead(b, 2, v)
}

// appendStringEntry is the common case: short strings, whose lengths are single bytes.
func appendStringEntry(b []byte, field byte, key, s string) []byte {
	if n := len(key) + len(s); n < 100 {
		b = append(b, tag(field, bytesType), byte(n+6), tag(1, bytesType), byte(len(key)))
		b = append(b, key...)
		b = append(b, tag(2, bytesType), byte(len(s)+2), tag(1, bytesType), byte(len(s)))
		return append(b, s...)
	}
	b = appendEntryHead(b, field, key, 1+sizeBytes(len(s)))
	return append(appendMessageHead(b, 1, len(s)), s...)
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
