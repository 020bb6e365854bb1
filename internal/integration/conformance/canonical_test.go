package conformance

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gowebpki/jcs"

	"github.com/dashstream/dashstream-go/internal/statediff"
)

// comparableDocument parses src. It returns nil if the libraries intentionally differ from us: they
// reject what is not Unicode, jsontext also rejects a key that occurs twice, and they round numbers
// that no double can represent.
func comparableDocument(src []byte) *statediff.Document {
	var c statediff.Canonicalizer
	d := new(statediff.Document)
	if c.Parse(d, src) != nil || !d.Verifiable() {
		return nil
	}
	return d
}

func checkCanonical(t testing.TB, src []byte) {
	t.Helper()
	d := comparableDocument(src)
	if d == nil {
		return
	}
	other := jsontext.Value(bytes.Clone(src))
	if err := other.Canonicalize(); err == nil && !bytes.Equal(other, d.Bytes()) {
		t.Fatalf("%s\nours     %s\njsontext %s", src, d.Bytes(), other)
	}
	if src = bytes.TrimSpace(src); src[0] != '{' && src[0] != '[' {
		return // jcs accepts only containers
	}
	if theirs, err := jcs.Transform(bytes.Clone(src)); err == nil && !bytes.Equal(theirs,
		d.Bytes()) {
		t.Fatalf("%s\nours %s\njcs  %s", src, d.Bytes(), theirs)
	}
}

func TestOthersCanonicalizeAlike(t *testing.T) {
	for seed := range uint64(5_000) {
		base, next := pair(t, seed)
		checkCanonical(t, base.Bytes())
		escaped, err := json.MarshalIndent(json.RawMessage(next.Bytes()), " ", "\t")
		if err != nil {
			t.Fatal(err)
		}
		checkCanonical(t, escaped)
	}
	for _, src := range []string{`[1e21,1e20,-0.0,1E-7,0.000001,333333333.33333329,5e-324]`,
		`{"\ue000":1,"\ud83d\ude00":2,"\r":3}`, `"\u003c\u2028\/"`} {
		checkCanonical(t, []byte(src))
	}
}

func FuzzOthersCanonicalizeAlike(f *testing.F) {
	f.Add([]byte(`{"b":[1.0,{"d":"\u003c","c":-0}],"a":"\ud83d\ude00"}`))
	f.Fuzz(func(t *testing.T, src []byte) { checkCanonical(t, src) })
}
