package main

import (
	"bytes"
	"io"
	"testing"
)

func TestBarStandsBelowTheLog(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out, terminal: true}
	s.draw("[==]")
	io.WriteString(s, "a line\n") //nolint:errcheck // into memory
	s.draw("[===]")
	s.draw("[====]")
	const want = "\r\x1b[K[==]" + "\r\x1b[K" + "a line\n" + "\r\x1b[K[===]" + "\r\x1b[K[====]"
	if out.String() != want {
		t.Errorf("wrote %q, want %q", &out, want)
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234: "-1,234",
		-123: "-123", 1234567890: "1,234,567,890"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is %s", n, got)
		}
	}
	for n, want := range map[int64]string{12: "12 bytes", 1536: "1.5 KiB", 128 << 20: "128.0 MiB"} {
		if got := size(n); got != want {
			t.Errorf("%d bytes are %s", n, got)
		}
	}
}
