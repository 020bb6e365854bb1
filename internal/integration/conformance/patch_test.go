package conformance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/dashstream/dashstream-go/internal/statediff"
)

// patchDocument formats operations as in RFC 6902.
func patchDocument(t testing.TB, ops []statediff.Op) []byte {
	t.Helper()
	var all []map[string]any
	for _, o := range ops {
		m := map[string]any{"op": o.Kind.String(), "path": o.Path}
		switch o.Kind {
		case statediff.Move, statediff.Copy:
			m["from"] = o.From
		case statediff.Add, statediff.Replace, statediff.Test:
			m["value"] = json.RawMessage(o.Value)
		}
		all = append(all, m)
	}
	doc, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func emptyKey(path string) bool { return strings.Contains(path+"/", "//") }

// applyElsewhere applies operations with json-patch, and returns the canonical result.
func applyElsewhere(t testing.TB, base []byte, ops []statediff.Op) ([]byte, error) {
	t.Helper()
	patch, err := jsonpatch.DecodePatch(patchDocument(t, ops))
	if err != nil {
		t.Fatal(err)
	}
	options := jsonpatch.NewApplyOptions()
	options.SupportNegativeIndices = false
	options.AccumulatedCopySizeLimit = 0
	got, err := patch.ApplyWithOptions(base, options)
	if err != nil {
		return nil, err
	}
	return statediff.Canonical(nil, got)
}

func parse(t testing.TB, src []byte) *statediff.Document {
	t.Helper()
	var c statediff.Canonicalizer
	d := new(statediff.Document)
	if err := c.Parse(d, src); err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return d
}

// value makes a container whose parts repeat, so that there is something to move and to copy. It
// has no empty keys, which json-patch mistakes for the container itself.
func value(r *rand.Rand, depth int) any {
	switch n := r.IntN(5); {
	case depth == 0 || n < 2 && depth < 4:
		return []any{nil, true, r.IntN(3), r.NormFloat64(), "", "é/~\"\\\n<\u2028",
			fmt.Sprint("text that is long enough to be worth a copy ", r.IntN(8))}[r.IntN(7)]
	case n < 4:
		a := make([]any, r.IntN(8))
		for i := range a {
			a[i] = value(r, depth-1)
		}
		return a
	}
	m := map[string]any{}
	for range r.IntN(7) {
		m[[]string{"a", "b", "c", "d/e", "~", "é", "messages"}[r.IntN(7)]] = value(r, depth-1)
	}
	return m
}

// changed returns v with a change at a random place.
func changed(r *rand.Rand, v any) any {
	switch x := v.(type) {
	case []any:
		y := append([]any{}, x...)
		r.Shuffle(min(len(y), r.IntN(3)), func(i, j int) { y[i], y[j] = y[j], y[i] })
		if k := r.IntN(len(y) + 1); k < len(y) && r.IntN(2) == 0 {
			y[k] = changed(r, y[k])
		} else if k < len(y) && r.IntN(2) == 0 {
			y = append(y[:k], y[k+1:]...)
		} else {
			y = append(y[:k], append([]any{value(r, 2)}, y[k:]...)...)
		}
		return y
	case map[string]any:
		y := map[string]any{"new": value(r, 1)}
		for k, e := range x {
			switch r.IntN(6) {
			case 0:
				y[k+"2"] = e
			case 1:
				y[k] = changed(r, e)
			case 2:
			default:
				y[k] = e
			}
		}
		return y
	}
	return value(r, 2)
}

func pair(t testing.TB, seed uint64) (base, next *statediff.Document) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 6902))
	v := any([]any{value(r, 5), value(r, 3)})
	a, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(changed(r, v))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, a), parse(t, b)
}

func checkPatch(t testing.TB, base, next *statediff.Document) (kinds map[statediff.Kind]int) {
	t.Helper()
	var d statediff.Differ
	ops, _, ok := d.Diff(base, next)
	if !ok || slices.ContainsFunc(ops, func(o statediff.Op) bool {
		return emptyKey(o.Path) ||
			emptyKey(o.From)
	}) {
		return nil
	}
	kinds = map[statediff.Kind]int{}
	for _, o := range ops {
		kinds[o.Kind]++
	}
	got, err := applyElsewhere(t, base.Bytes(), ops)
	if err != nil || string(got) != string(next.Bytes()) {
		t.Fatalf("%v, got\n%s\nfrom\n%s\nby\n%s\nwant\n%s", err, got, base.Bytes(),
			patchDocument(t, ops), next.Bytes())
	}
	return kinds
}

func TestAnotherImplementationAppliesOurPatches(t *testing.T) {
	n := uint64(20_000)
	if testing.Short() {
		n = 2_000
	}
	kinds, patches := map[statediff.Kind]int{}, 0
	for seed := range n {
		base, next := pair(t, seed)
		some := checkPatch(t, base, next)
		if some != nil {
			patches++
		}
		for k, n := range some {
			kinds[k] += n
		}
	}
	t.Logf("%d patches of %d pairs: %v", patches, n, kinds)
	if few := int(n) / 200; patches < int(n)/4 || kinds[statediff.Move] < few ||
		kinds[statediff.Copy] < few {
		t.Error("too little was compared")
	}
}

// TestAnyPatchComesToTheSame applies patches that were not computed. They avoid what json-patch
// treats differently: operations on the whole document, and indexes with leading zeros. They also
// have no tests, because json-patch takes a missing value for null and panics on a null in an
// array.
func TestAnyPatchComesToTheSame(t *testing.T) {
	n := uint64(20_000)
	if testing.Short() {
		n = 2_000
	}
	both, neither := 0, 0
	for seed := range n {
		r := rand.New(rand.NewPCG(seed, 6901))
		v := any(map[string]any{"a": value(r, 4), "messages": value(r, 3)})
		src, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		ops := make([]statediff.Op, 1+r.IntN(4))
		for i := range ops {
			some, err := json.Marshal(value(r, 1))
			if err != nil {
				t.Fatal(err)
			}
			ops[i] = statediff.Op{Kind: statediff.Kind(r.IntN(int(statediff.Test))),
				Path: path(r, v), From: path(r, v), Value: some}
		}
		want, wantErr := applyElsewhere(t, src, ops)
		got, err := statediff.Apply(src, ops)
		switch {
		case err == nil && wantErr == nil && string(got) == string(want):
			both++
		case err != nil && wantErr != nil:
			neither++
		case err != nil && lenient(ops):
		default:
			t.Fatalf("%s\nby\n%s\nours  %s, %v\ntheirs %s, %v", src, patchDocument(t, ops), got,
				err, want, wantErr)
		}
	}
	t.Logf("of %d patches both applied %d and both refused %d", n, both, neither)
	if both < int(n)/10 || neither < int(n)/10 {
		t.Error("too little was compared")
	}
}

// lenient reports whether json-patch may accept operations that RFC 6902 forbids: it moves a
// container into itself.
func lenient(ops []statediff.Op) bool {
	return slices.ContainsFunc(ops, func(o statediff.Op) bool {
		return o.Kind == statediff.Move &&
			strings.HasPrefix(o.Path, o.From+"/")
	})
}

// path returns a pointer to something in v, or nearly.
func path(r *rand.Rand, v any) string {
	p := ""
	for p == "" || r.IntN(5) > 0 {
		switch x := v.(type) {
		case []any:
			i := r.IntN(len(x) + 2)
			if i > len(x) {
				return p + "/-"
			}
			p += fmt.Sprint("/", i)
			if v = nil; i < len(x) {
				v = x[i]
			}
		case map[string]any:
			k := []string{"a", "b", "c", "d/e", "~", "é", "messages"}[r.IntN(7)]
			p += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(k)
			v = x[k]
		default:
			return p
		}
	}
	return p
}

func FuzzPatch(f *testing.F) {
	for seed := range uint64(20) {
		base, next := pair(f, seed)
		f.Add(base.Bytes(), next.Bytes())
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var c statediff.Canonicalizer
		var base, next statediff.Document
		if c.Parse(&base, a) != nil || c.Parse(&next, b) != nil {
			return
		}
		if first := base.Bytes()[0]; first != '{' && first != '[' {
			return // json-patch wants a container
		}
		checkPatch(t, &base, &next)
	})
}
