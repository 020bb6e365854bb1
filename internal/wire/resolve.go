package wire

import (
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// Faults counts what [Resolve] had to repair.
type Faults struct {
	// Panics counts values whose own code panicked, InvalidUTF8 strings that were not valid UTF-8.
	Panics, InvalidUTF8 int
}

const (
	// maxValues bounds the attributes that one Resolve examines: a LogValuer can return a group of
	// many like itself.
	maxValues = 10_000
	// maxLogValues bounds a chain of LogValuers that return each other.
	maxLogValues = 100
)

// Resolve returns attributes that [SizeAttrs] accepts in place of any. It runs the values' own code
// (LogValue, MarshalJSON, Error) and catches its panics. Durations become numbers of µs, times RFC
// 3339 in UTC, errors their message, unsigned numbers beyond 2^63 decimal strings, other values
// JSON (see [JSON]). Groups without a name are inlined; empty attributes and groups are omitted.
// What does not end, or is nested deeper than [MaxGroups], is replaced by a text that says so.
func Resolve(attrs []slog.Attr, f *Faults) []slog.Attr {
	r := resolver{faults: f, left: maxValues}
	return r.attrs(attrs, MaxGroups)
}

type resolver struct {
	faults *Faults
	left   int // number of attributes that may still be examined
}

// attrs resolves attributes in which groups may be nested so many levels deep.
func (r *resolver) attrs(attrs []slog.Attr, groups int) []slog.Attr {
	out := make([]slog.Attr, 0, min(len(attrs), r.left+1))
	for _, a := range attrs {
		if a.Equal(slog.Attr{}) {
			continue
		}
		if r.left == 0 {
			return append(out, slog.String("!ERROR", "too many attributes"))
		}
		r.left--
		v := r.value(a.Value, groups)
		switch {
		case v.Kind() == slog.KindGroup && len(v.Group()) == 0:
		case v.Kind() == slog.KindGroup && a.Key == "":
			out = append(out, v.Group()...)
		default:
			out = append(out, slog.Attr{Key: Valid(a.Key, r.faults), Value: v})
		}
	}
	return out
}

// Valid returns s with invalid UTF-8 replaced.
func Valid(s string, f *Faults) string {
	if utf8.ValidString(s) {
		return s
	}
	f.InvalidUTF8++
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

func (r *resolver) text(s string) slog.Value { return slog.StringValue(Valid(s, r.faults)) }

func (r *resolver) value(v slog.Value, groups int) (plain slog.Value) {
	defer guard.Recover(func(panicked string) {
		r.faults.Panics++
		plain = r.text(panicked)
	})
	for range maxLogValues {
		if v.Kind() != slog.KindLogValuer {
			break
		}
		v = v.LogValuer().LogValue()
	}
	switch v.Kind() {
	case slog.KindString:
		return r.text(v.String())
	case slog.KindUint64:
		if u := v.Uint64(); u > math.MaxInt64 {
			return slog.StringValue(strconv.FormatUint(u, 10))
		}
	case slog.KindTime:
		return slog.StringValue(v.Time().UTC().Format(time.RFC3339Nano))
	case slog.KindGroup:
		if groups == 0 {
			return slog.StringValue("!ERROR: groups are nested too deeply")
		}
		return slog.GroupValue(r.attrs(v.Group(), groups-1)...)
	case slog.KindAny:
		return r.any(v.Any())
	case slog.KindLogValuer:
		return slog.StringValue("!ERROR: LogValue calls do not end")
	}
	return v
}

func (r *resolver) any(v any) slog.Value {
	switch x := v.(type) {
	case nil:
		return slog.StringValue("null")
	case []byte:
		return slog.AnyValue(x)
	case error:
		return r.text(x.Error())
	}
	panics := r.faults.Panics
	text, notes := JSON(v, r.faults)
	why, all := readNote(text)
	switch {
	case notes != 1 || !all:
		return slog.StringValue(text)
	case r.faults.Panics > panics:
		return slog.StringValue(why)
	}
	return slog.StringValue("!ERROR: " + why)
}

// ErrorText returns the message of an error, even if its own code panics.
func ErrorText(err error, f *Faults) string {
	text, panicked := guard.ErrorText(err)
	if panicked {
		f.Panics++
	}
	return Valid(text, f)
}
