package wire

import (
	"log/slog"
	"strings"
	"testing"
)

// A string that is not UTF-8 would cost the whole record, so it must be detected at every place and
// every length: short ones are checked together, as words.
func TestInvalidUTF8IsNeverPlain(t *testing.T) {
	before, after := slog.String("before", "é"), slog.String("after", "ascii")
	plain := func(key, value string) bool {
		return SizeAttrs([]slog.Attr{before, {Key: key, Value: slog.StringValue(value)},
			slog.Int("n", 1), after}) != NotPlain &&
			SizeAttrs([]slog.Attr{slog.Group("g", slog.String(key, value))}) != NotPlain
	}
	for length := range 130 {
		text := strings.Repeat("x", length)
		if !plain(text, text) {
			t.Fatalf("%d letters are not plain", length)
		}
		for at := range length {
			for _, b := range []string{"\x80", "\xc3", "\xff"} {
				bad := text[:at] + b + text[at+1:]
				if plain(bad, "v") || plain("k", bad) || plain(bad, bad) {
					t.Fatalf("%q is plain", bad)
				}
			}
			if good := text[:at] + "é" + text[at+1:]; !plain(good, good) {
				t.Fatalf("%q is not plain", good)
			}
		}
	}
}
