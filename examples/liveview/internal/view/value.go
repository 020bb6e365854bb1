package view

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// The limits of texts, in characters.
const (
	maxName = 200
	maxText = 2000
)

// clip returns at most n characters of s.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	for i := range s {
		if count++; count > n {
			return s[:i]
		}
	}
	return s
}

func name(s string) string { return clip(s, maxName) }
func text(s string) string { return clip(s, maxText) }

// parser parses what producers wrote. It is for one goroutine.
type parser struct {
	canonicalizer statediff.Canonicalizer
	document      statediff.Document
}

// portable returns JSON with the numbers that no double can represent as strings; false if src is
// not JSON.
func (p *parser) portable(src []byte) (json.RawMessage, bool) {
	if len(src) == 0 || p.canonicalizer.Parse(&p.document, src) != nil {
		return nil, false
	}
	return p.document.AppendPortable(nil), true
}

// value returns the input or output of a call; nil for none. part is what intake noted of it.
func (p *parser) value(src []byte, part *intake.Part) *Value {
	if len(src) == 0 && part == nil {
		return nil
	}
	v := &Value{Bytes: len(src)}
	if part != nil {
		v.Bytes, v.Cut = part.Bytes, true
		if part.Why != intake.Cut {
			v.Rejected = part.Why
		}
	} else if parsed, is := p.portable(src); is {
		v.JSON = parsed
		return v
	}
	v.Text = string(src)
	if len(v.Text) > intake.MaxTextBytes {
		v.Text, v.Cut = clipBytes(v.Text, intake.MaxTextBytes), true
	}
	if !utf8.ValidString(v.Text) {
		v.Text = strings.ToValidUTF8(v.Text, "\uFFFD")
	}
	return v
}

// clipBytes returns at most n bytes of s, whole characters.
func clipBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// maxChanges bounds how many changes of a state are listed.
const maxChanges = 200

// changes returns what differs between two states, as canonical JSON.
func changes(before, after []byte) []Change {
	var c statediff.Canonicalizer
	var b, a statediff.Document
	var d statediff.Differ
	found := []Change{}
	if len(before) == 0 || c.Parse(&b, before) != nil || c.Parse(&a, after) != nil {
		return append(found, Change{Op: "add"})
	}
	ops, _, ok := d.Diff(&b, &a)
	if !ok {
		return append(found, Change{Op: "replace"})
	}
	for _, op := range ops[:min(len(ops), maxChanges)] {
		found = append(found, Change{Op: strings.ToLower(op.Kind.String()), Path: text(op.Path)})
	}
	return found
}
