package statediff

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// patchCase is one case of the json-patch test suite.
type patchCase struct {
	Comment  string
	Doc      json.RawMessage
	Patch    []json.RawMessage
	Expected json.RawMessage
	Error    string
	Disabled bool
}

// decodeOps decodes a patch document. An operation that no decoder could turn into an Op, because a
// member is missing or of the wrong type, is an error. Such an operation cannot be written on the
// wire.
func decodeOps(patch []json.RawMessage) (ops []Op, err error) {
	kinds := map[string]Kind{}
	for k, name := range kindNames {
		kinds[name] = Kind(k)
	}
	for _, raw := range patch {
		var o struct {
			Op         string
			Path, From *string
			Value      json.RawMessage
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			return nil, err
		}
		kind, known := kinds[o.Op]
		op := Op{Kind: kind, Value: o.Value}
		if !known || o.Path == nil || (kind == Move || kind == Copy) && o.From == nil {
			return nil, fmt.Errorf("not an operation: %s", raw)
		}
		if op.Path = *o.Path; o.From != nil {
			op.From = *o.From
		}
		ops = append(ops, op)
	}
	return ops, nil
}

func TestApplyPassesTheConformanceSuite(t *testing.T) {
	for _, file := range []string{"tests.json", "spec_tests.json"} {
		src, err := os.ReadFile("testdata/json-patch-tests/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []patchCase
		if err := json.Unmarshal(src, &cases); err != nil {
			t.Fatal(err)
		}
		ran := 0
		for i, c := range cases {
			if c.Disabled || c.Doc == nil {
				t.Logf("%s %d is disabled by the suite itself: %s", file, i, c.Comment)
				continue
			}
			ran++
			ops, err := decodeOps(c.Patch)
			var got []byte
			if err == nil {
				got, err = Apply(c.Doc, ops)
			}
			switch {
			case c.Error != "" && err == nil:
				t.Errorf("%s %d %s: no error but %s; want: %s", file, i, c.Comment, got, c.Error)
			case c.Error == "" && err != nil:
				t.Errorf("%s %d %s: %v", file, i, c.Comment, err)
			case c.Error == "" && c.Expected != nil:
				if want := parsed(t, c.Expected).Bytes(); string(got) != string(want) {
					t.Errorf("%s %d %s: %s, want %s", file, i, c.Comment, got, want)
				}
			}
		}
		t.Logf("%s: %d cases", file, ran)
		if ran < 15 {
			t.Errorf("%s: only %d cases", file, ran)
		}
	}
}

func TestApplyRefusesWhatRFC6902Refuses(t *testing.T) {
	const base = `{"a":[1,2],"b":{"c":"x"},"":0,"~/":1}`
	tests := []struct {
		name string
		op   Op
		err  error
	}{
		{"no slash", Op{Kind: Add, Path: "a", Value: []byte("1")}, ErrPatch},
		{"a tilde alone", Op{Kind: Replace, Path: "/~", Value: []byte("1")}, ErrPatch},
		{"a tilde and 2", Op{Kind: Replace, Path: "/~2", Value: []byte("1")}, ErrPatch},
		{"beyond the end", Op{Kind: Add, Path: "/a/3", Value: []byte("1")}, ErrPatch},
		{"replace at the end", Op{Kind: Replace, Path: "/a/2", Value: []byte("1")}, ErrPatch},
		{"replace at -", Op{Kind: Replace, Path: "/a/-", Value: []byte("1")}, ErrPatch},
		{"remove at -", Op{Kind: Remove, Path: "/a/-"}, ErrPatch},
		{"leading zero", Op{Kind: Replace, Path: "/a/00", Value: []byte("1")}, ErrPatch},
		{"sign", Op{Kind: Replace, Path: "/a/+0", Value: []byte("1")}, ErrPatch},
		{"minus", Op{Kind: Replace, Path: "/a/-1", Value: []byte("1")}, ErrPatch},
		{"a long index", Op{Kind: Replace, Path: "/a/99999999999999999999", Value: []byte("1")},
			ErrPatch},
		{"no index", Op{Kind: Add, Path: "/a/", Value: []byte("1")}, ErrPatch},
		{"into a string", Op{Kind: Add, Path: "/b/c/0", Value: []byte("1")}, ErrPatch},
		{"no parent", Op{Kind: Add, Path: "/x/y", Value: []byte("1")}, ErrPatch},
		{"nothing to remove", Op{Kind: Remove, Path: "/x"}, ErrPatch},
		{"nothing to replace", Op{Kind: Replace, Path: "/x", Value: []byte("1")}, ErrPatch},
		{"the whole", Op{Kind: Remove}, ErrPatch},
		{"into itself", Op{Kind: Move, From: "/b", Path: "/b/d"}, ErrPatch},
		{"the whole into itself", Op{Kind: Move, Path: "/b"}, ErrPatch},
		{"nothing to move", Op{Kind: Move, From: "/x", Path: "/a/0"}, ErrPatch},
		{"nothing to copy", Op{Kind: Copy, From: "/x", Path: "/a/0"}, ErrPatch},
		{"a test", Op{Kind: Test, Path: "/a", Value: []byte("[1,3]")}, ErrPatch},
		{"a test of nothing", Op{Kind: Test, Path: "/x", Value: []byte("null")}, ErrPatch},
		{"no operation", Op{Kind: 6, Path: "/a"}, ErrPatch},
		{"no value", Op{Kind: Add, Path: "/x"}, ErrSyntax},
		{"no JSON", Op{Kind: Add, Path: "/x", Value: []byte("{")}, ErrSyntax},
	}
	for _, tt := range tests {
		if got, err := Apply([]byte(base), []Op{{Kind: Replace, Path: "/b/c", Value: []byte("2")},
			tt.op}); !errors.Is(err, tt.err) || got != nil {
			t.Errorf("%s: %v, and %s", tt.name, err, got)
		} else if !strings.HasPrefix(err.Error(), "operation 1, ") && tt.err == ErrPatch {
			t.Errorf("%s: %v does not say where", tt.name, err)
		}
	}
	if _, err := Apply([]byte(`{`), nil); !errors.Is(err, ErrSyntax) {
		t.Errorf("a base that is not JSON: %v", err)
	}
	if err := new(Canonicalizer).Apply(new(Document), new(Document), nil); !errors.Is(err,
		ErrPatch) {
		t.Errorf("no base: %v", err)
	}
}

func TestApplyTakesWhatRFC6902Takes(t *testing.T) {
	tests := []struct {
		base, want string
		ops        []Op
	}{
		{`{"a":1}`, `[2]`, []Op{{Kind: Add, Value: []byte(" [ 2.0 ] ")}}},
		{`{"a":1}`, `{"a":1}`, []Op{{Kind: Move, From: "/a", Path: "/a"}, {Kind: Move},
			{Kind: Copy}}},
		{`{"a":{"b":[1]}}`, `{"a":{"b":[1,{"b":[1]}]}}`,
			[]Op{{Kind: Copy, From: "/a", Path: "/a/b/-"}}},
		{`{"a":{"b":[1]}}`, `[1]`, []Op{{Kind: Move, From: "/a/b", Path: ""}}},
		{`{"a":[1],"c":0}`, `{"a":[1,2],"b":[1],"c":0}`, []Op{{Kind: Copy, From: "/a", Path: "/b"},
			{Kind: Add, Path: "/a/1", Value: []byte("2")}}},
		{`{"a":[[1]]}`, `{"a":[[1,3],[1,2]]}`, []Op{
			{Kind: Add, Path: "/a/0/1", Value: []byte("2")},
			{Kind: Copy, From: "/a/0", Path: "/a/0"}, {Kind: Replace, Path: "/a/0/1",
				Value: []byte("3")},
		}},
		{`{"~/\"\n":1}`, `{"~/\"\n":2}`, []Op{{Kind: Test, Path: "/~0~1\"\n", Value: []byte("1.0")},
			{Kind: Replace, Path: "/~0~1\"\n", Value: []byte("2")}}},
		{`{"~1":1}`, `{}`, []Op{{Kind: Remove, Path: "/~01"}}},
		{`{"b":1}`, `{"":0,"a":2,"b":1,"é":{"x":1,"y":2}}`, []Op{
			{Kind: Add, Path: "/é", Value: []byte(`{"y":2,"x":1}`)},
			{Kind: Add, Path: "/a", Value: []byte("2")},
			{Kind: Add, Path: "/", Value: []byte("-0")},
		}},
		{`[9007199254740993]`, `[9007199254740993,9007199254740993]`,
			[]Op{{Kind: Copy, From: "/0", Path: "/1"}}},
	}
	for _, tt := range tests {
		got, err := Apply([]byte(tt.base), tt.ops)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s becomes %s, %v; want %s", tt.base, got, err, tt.want)
		}
	}
}

func TestApplyFillsADocumentThatCountsAsParsed(t *testing.T) {
	var c Canonicalizer
	base := parsed(t, []byte(`{"a":[1,{"b":2}],"c":3}`))
	var d Document
	if err := c.Apply(&d, base,
		[]Op{{Kind: Add, Path: "/a/1/a", Value: []byte("9007199254740993")}}); err != nil {
		t.Fatal(err)
	}
	checkIndex(t, &d)
	if string(base.Bytes()) != `{"a":[1,{"b":2}],"c":3}` || d.Verifiable() {
		t.Errorf("base %s, verifiable %v", base.Bytes(), d.Verifiable())
	}
	if err := c.Apply(&d, base, []Op{{Kind: Remove, Path: "/x"}}); err == nil || !d.Empty() {
		t.Errorf("%v, and %s", err, d.Bytes())
	}
}

func TestAPatchCannotBlowADocumentUp(t *testing.T) {
	double := Op{Kind: Copy, From: "", Path: "/-"}
	for name, tt := range map[string]struct {
		base string
		op   Op
		n    int
	}{
		"doubled":         {`["` + strings.Repeat("x", 1000) + `"]`, double, 60},
		"nested":          {`{"a":{}}`, Op{Kind: Copy, From: "/a", Path: "/a/" + "a"}, 60},
		"a long way down": {`[]`, Op{Kind: Copy, From: "", Path: strings.Repeat("/0", 5000)}, 1},
	} {
		ops := make([]Op, tt.n)
		for i := range ops {
			ops[i] = tt.op
		}
		if _, err := Apply([]byte(tt.base), ops); name != "nested" && !errors.Is(err, ErrTooMuch) &&
			!errors.Is(err, ErrTooDeep) {
			t.Errorf("%s: %v", name, err)
		}
	}
	deep := strings.Repeat("[", 600) + strings.Repeat("]", 600)
	ops := []Op{{Kind: Add, Path: strings.Repeat("/0", 599) + "/-", Value: []byte(deep)}}
	if _, err := Apply([]byte(deep), ops); !errors.Is(err, ErrTooDeep) {
		t.Errorf("deep in deep: %v", err)
	}
}

// FuzzApply looks for panics, and for results that are not canonical.
func FuzzApply(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":2}]}`), uint64(1), "/a/1/b", "/a")
	f.Fuzz(func(t *testing.T, base []byte, seed uint64, path, from string) {
		r := rand.New(rand.NewPCG(seed, 2))
		places := []string{path, from, "", "/a", "/a/0", "/a/-", "/b", path + "/0", from + path}
		values := []string{"1", `{"a":[]}`, `[1,2]`, string(base)}
		ops := make([]Op, 1+r.IntN(6))
		for i := range ops {
			ops[i] = Op{
				Kind: Kind(r.IntN(6)), Path: places[r.IntN(len(places))],
				From: places[r.IntN(len(places))], Value: []byte(values[r.IntN(len(values))]),
			}
		}
		got, err := Apply(base, ops)
		if err != nil {
			return
		}
		if again, err := Canonical(nil, got); err != nil || string(again) != string(got) {
			t.Fatalf("%q is not canonical: %v", got, err)
		}
	})
}
