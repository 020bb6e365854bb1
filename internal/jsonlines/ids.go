package jsonlines

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IDText formats an id: text as it is, 16 other bytes as a UUID, anything else in hexadecimal.
func IDText(b []byte) string {
	strange := func(r rune) bool { return !unicode.IsPrint(r) }
	printable := utf8.Valid(b) && strings.IndexFunc(string(b), strange) < 0
	switch {
	case len(b) == 16 && !printable:
		return UUID(b)
	case !printable:
		return fmt.Sprintf("%x", b)
	}
	return string(b)
}

// UUID writes 16 bytes as a UUID.
func UUID(b []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
