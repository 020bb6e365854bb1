package wire

import (
	"log/slog"
	"math"
	"unicode/utf8"
)

// NotPlain is the size that [SizeAttrs] gives to attributes that have to be resolved first.
const NotPlain = -1

// MaxGroups is how deeply groups may be nested. A group takes three levels of messages, and readers
// reject a record of more than 100 levels, with all the events in it.
const MaxGroups = 16

// SizeAttrs is the size of attributes as entries of the map in the given field. It is [NotPlain] if
// [Resolve] has to be called first. That is so if one of them is not a valid string, a number, a
// bool, a duration, bytes, or a non-empty group of such values with a name.
func SizeAttrs(attrs []slog.Attr) int { return sizeAttrs(attrs, MaxGroups) }

// sizeAttrs sizes attributes in which groups may be nested so many levels deep.
func sizeAttrs(attrs []slog.Attr, groups int) int {
	n := 0
	var short uint64 // all bytes of short strings, or-ed together; see bitsOf
	for i := range attrs {
		a := &attrs[i]
		if a.Value.Kind() == slog.KindString {
			if s := a.Value.String(); len(a.Key)+len(s) < shortEntry {
				short |= bitsOf(a.Key) | bitsOf(s)
				n += shortEntryHeads + len(a.Key) + len(s)
				continue
			}
		}
		v := sizeValue(a, groups)
		if v < 0 || !utf8.ValidString(a.Key) {
			return NotPlain
		}
		n += 1 + sizeBytes(entrySize(len(a.Key), v))
	}
	if short&nonASCII != 0 && !validStrings(attrs) {
		return NotPlain
	}
	return n
}

// validStrings reports whether all strings among the attributes are valid UTF-8.
func validStrings(attrs []slog.Attr) bool {
	for i := range attrs {
		a := &attrs[i]
		if !utf8.ValidString(a.Key) || a.Value.Kind() == slog.KindString &&
			!utf8.ValidString(a.Value.String()) {
			return false
		}
	}
	return true
}

// An entry whose key and string together are shorter than shortEntry has only single-byte lengths,
// and takes shortEntryHeads bytes in addition.
const (
	shortEntry      = 100
	shortEntryHeads = 8
)

// nonASCII are the bits that only bytes beyond ASCII have set.
const nonASCII = 0x8080808080808080

// bitsOf returns the bytes of s or-ed together as words. Many short strings are found to be ASCII,
// and so valid, by one test of all their bits. Calling utf8.ValidString for each would cost as much
// as the rest of an event.
func bitsOf(s string) uint64 {
	if len(s) < 8 {
		var bits byte
		for i := range len(s) {
			bits |= s[i]
		}
		return uint64(bits)
	}
	bits := word(s[len(s)-8:])
	for ; len(s) > 8; s = s[8:] {
		bits |= word(s)
	}
	return bits
}

// word loads the first eight bytes of s at once.
func word(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 |
		uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// entrySize is the size of a map entry. Unlike other fields, key and value are written even when
// empty.
func entrySize(key, value int) int { return 1 + sizeBytes(key) + 1 + sizeBytes(value) }

// sizeValue is the size of the content of a's AttributeValue.
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

// AppendAttrs appends attributes as entries of the map in the given field. [SizeAttrs] must accept
// them.
func AppendAttrs(b []byte, field byte, attrs []slog.Attr) []byte {
	for i := range attrs {
		// Read once, so that the entry is consistent even if the caller changes it meanwhile.
		key, value := attrs[i].Key, attrs[i].Value
		if value.Kind() == slog.KindString {
			b = appendStringEntry(b, field, key, value.String())
			continue
		}
		b = appendEntryHead(b, field, key, sizeValue(&slog.Attr{Key: key, Value: value}, MaxGroups))
		b = appendValue(b, value)
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
	if n := len(key) + len(s); n < shortEntry {
		b = append(b, tag(field, bytesType), byte(n+shortEntryHeads-2), tag(1, bytesType),
			byte(len(key)))
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
	return append(b, tag(field, fixed64), byte(v), byte(v>>8), byte(v>>16), byte(v>>24),
		byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56))
}
