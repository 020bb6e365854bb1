package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// maxText bounds a text within a line, in runes.
const maxText = 120

// clean replaces what a terminal would obey or not show: a stream can hold anything.
func clean(s string) string {
	ok := func(r rune) bool { return unicode.IsPrint(r) && r != utf8.RuneError }
	if strings.IndexFunc(s, func(r rune) bool { return !ok(r) }) < 0 {
		return s
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// cut cleans a text and shortens it to what a line has room for.
func cut(s string) string {
	short, more := shorten(s)
	return clean(short) + more
}

// quoted is a text in quotes, shortened to what a line has room for; what is in it is escaped as Go
// does it, unless it can stand as it is in backquotes, as JSON can.
func quoted(s string) string {
	short, more := shorten(s)
	if strings.Contains(short, `"`) && strconv.CanBackquote(short) {
		return "`" + short + "`" + more
	}
	return strconv.Quote(short) + more
}

// shorten cuts a text to what a line has room for; more says so.
func shorten(s string) (short, more string) {
	if len(s) <= maxText {
		return s, ""
	}
	runes := 0
	for at := range s {
		if runes++; runes > maxText {
			return s[:at], "…"
		}
	}
	return s, ""
}

// word is a text without quotes if it can be told from what surrounds it.
func word(s string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-/:@+#", r)
	}
	if s == "" || len(s) > maxText ||
		strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) >= 0 {
		return quoted(s)
	}
	return s
}

// attribute writes an attribute's value in short.
func attribute(v *pb.AttributeValue) string {
	switch x := v.GetValue().(type) {
	case *pb.AttributeValue_StringValue:
		return word(x.StringValue)
	case *pb.AttributeValue_IntValue:
		return strconv.FormatInt(x.IntValue, 10)
	case *pb.AttributeValue_FloatValue:
		return strconv.FormatFloat(x.FloatValue, 'g', -1, 64)
	case *pb.AttributeValue_BoolValue:
		return strconv.FormatBool(x.BoolValue)
	case *pb.AttributeValue_BytesValue:
		return bytesText(x.BytesValue)
	case *pb.AttributeValue_ArrayValue:
		var all []string
		for _, element := range x.ArrayValue.GetValues() {
			all = append(all, attribute(element))
		}
		return "[" + strings.Join(all, ", ") + "]"
	case *pb.AttributeValue_MapValue:
		return "{" + strings.Join(attributes(x.MapValue.GetValues()), ", ") + "}"
	}
	return "null"
}

// attributes writes key=value, sorted by key. Times in µs are written as durations.
func attributes(values map[string]*pb.AttributeValue) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		v := values[key]
		if name, micros := strings.CutSuffix(key, "_us"); micros && name != "" {
			if n, ok := v.GetValue().(*pb.AttributeValue_IntValue); ok {
				all = append(all, clean(name)+"="+
					duration(time.Duration(n.IntValue)*time.Microsecond))
				continue
			}
		}
		all = append(all, clean(key)+"="+attribute(v))
	}
	return all
}

// bytesText shows bytes that are text as such, and of others how many they are.
func bytesText(b []byte) string {
	if utf8.Valid(b) {
		return cut(string(b))
	}
	return size(int64(len(b)))
}

// duration writes a duration with three digits.
func duration(d time.Duration) string {
	unit := time.Nanosecond
	for d.Abs() >= 1000*unit && unit < 100*time.Millisecond {
		unit *= 10
	}
	return d.Round(unit).String()
}

// size writes a number of bytes.
func size(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	x, i := float64(n), 0
	for ; x >= 1024 && i < len(units)-1; i++ {
		x /= 1024
	}
	if i == 0 {
		return fmt.Sprintf("%d %s", n, units[0])
	}
	return fmt.Sprintf("%.1f %s", x, units[i])
}
