package wire

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Faults counts what [Resolve] had to repair.
type Faults struct {
	// Panics counts values whose own code panicked, InvalidUTF8 strings that were not valid UTF-8.
	Panics, InvalidUTF8 int
}

// Resolve returns attributes that [SizeAttrs] accepts in place of any. It runs the values' own code (LogValue, MarshalJSON, Error)
// and catches its panics. Durations stay numbers (of µs), times become RFC 3339 in UTC, errors their message, unsigned numbers
// beyond 2^63 decimal strings, other values JSON; groups without a name are dissolved, empty attributes and groups left out.
func Resolve(attrs []slog.Attr, f *Faults) []slog.Attr {
	out := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if a.Equal(slog.Attr{}) {
			continue
		}
		v := resolveValue(a.Value, f)
		switch {
		case v.Kind() == slog.KindGroup && len(v.Group()) == 0:
		case v.Kind() == slog.KindGroup && a.Key == "":
			out = append(out, v.Group()...)
		default:
			out = append(out, slog.Attr{Key: Valid(a.Key, f), Value: v})
		}
	}
	return out
}

// Valid returns s with what is not UTF-8 replaced.
func Valid(s string, f *Faults) string {
	if utf8.ValidString(s) {
		return s
	}
	f.InvalidUTF8++
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

func resolveValue(v slog.Value, f *Faults) (plain slog.Value) {
	defer func() {
		if r := recover(); r != nil {
			f.Panics++
			plain = slog.StringValue(Valid(fmt.Sprintf("!PANIC: %v", r), f))
		}
	}()
	for range maxLogValues {
		if v.Kind() != slog.KindLogValuer {
			break
		}
		v = v.LogValuer().LogValue()
	}
	switch v.Kind() {
	case slog.KindString:
		return slog.StringValue(Valid(v.String(), f))
	case slog.KindUint64:
		if u := v.Uint64(); u > math.MaxInt64 {
			return slog.StringValue(strconv.FormatUint(u, 10))
		}
	case slog.KindTime:
		return slog.StringValue(v.Time().UTC().Format(time.RFC3339Nano))
	case slog.KindGroup:
		return slog.GroupValue(Resolve(v.Group(), f)...)
	case slog.KindAny:
		return resolveAny(v.Any(), f)
	case slog.KindLogValuer:
		return slog.StringValue("!ERROR: LogValue calls do not end")
	}
	return v
}

// maxLogValues bounds a chain of LogValuers that return each other.
const maxLogValues = 100

func resolveAny(v any, f *Faults) slog.Value {
	switch x := v.(type) {
	case nil:
		return slog.StringValue("null")
	case []byte:
		return slog.AnyValue(x)
	case error:
		return slog.StringValue(Valid(x.Error(), f))
	case []slog.Attr:
		return slog.GroupValue(Resolve(x, f)...)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return slog.StringValue(Valid("!ERROR: "+err.Error(), f))
	}
	return slog.StringValue(string(text))
}
