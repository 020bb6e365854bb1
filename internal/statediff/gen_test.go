package statediff

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// gen makes random JSON values and changes to them, with keys and values that repeat so that there
// is something to match.
type gen struct{ r *rand.Rand }

func (g gen) scalar() any {
	switch g.r.IntN(8) {
	case 0:
		return nil
	case 1:
		return g.r.IntN(2) == 0
	case 2:
		return g.r.IntN(4)
	case 3:
		return g.r.NormFloat64()
	case 4, 5:
		return fmt.Sprint("a sentence that is long enough to be worth a copy, number ", g.r.IntN(6))
	}
	return g.text()
}

func (g gen) text() string {
	const runes = "abc/~\"\\\n\x00\x1f<>&é€\u2028\ue000\U0001F600 01-"
	all := []rune(runes)
	s := make([]rune, g.r.IntN(6))
	for i := range s {
		s[i] = all[g.r.IntN(len(all))]
	}
	return string(s)
}

// key returns one of a few keys, so that they collide.
func (g gen) key() string {
	switch g.r.IntN(8) {
	case 0:
		return g.text()
	case 1:
		return []string{"__proto__", "constructor", "prototype"}[g.r.IntN(3)]
	}
	return string('a' + rune(g.r.IntN(6)))
}

func (g gen) value(depth int) any {
	switch n := g.r.IntN(6); {
	case depth == 0 || n < 2:
		return g.scalar()
	case n < 4:
		a := make([]any, g.r.IntN(7))
		for i := range a {
			a[i] = g.value(depth - 1)
		}
		return a
	}
	m := map[string]any{}
	for range g.r.IntN(6) {
		m[g.key()] = g.value(depth - 1)
	}
	return m
}

// change returns a copy of v that usually differs from it somewhere.
func (g gen) change(v any, depth int) any {
	switch x := v.(type) {
	case []any:
		return g.changeArray(slices.Clone(x), depth)
	case map[string]any:
		return g.changeObject(maps.Clone(x), depth)
	}
	return g.value(max(depth, 0))
}

func (g gen) changeArray(x []any, depth int) any {
	for range 1 + g.r.IntN(2) {
		i := g.r.IntN(len(x) + 1)
		switch n := g.r.IntN(6); {
		case n == 0 || len(x) == 0:
			x = slices.Insert(x, i, g.value(max(depth, 0)))
		case i == len(x):
		case n == 1:
			x = slices.Delete(x, i, i+1)
		case n == 2:
			j := g.r.IntN(len(x))
			x[i], x[j] = x[j], x[i]
		case n == 3:
			x = append(x, x[i])
		default:
			x[i] = g.change(x[i], depth-1)
		}
	}
	return x
}

func (g gen) changeObject(m map[string]any, depth int) any {
	keys := slices.Sorted(maps.Keys(m))
	if len(keys) == 0 {
		m[g.key()] = g.value(max(depth, 0))
		return m
	}
	k := keys[g.r.IntN(len(keys))]
	switch g.r.IntN(5) {
	case 0:
		delete(m, k)
	case 1:
		m[g.key()] = g.value(max(depth, 0))
	case 2:
		v := m[k]
		delete(m, k)
		m[g.key()] = v
	case 3:
		m[g.key()] = m[k]
	default:
		m[k] = g.change(m[k], depth-1)
	}
	return m
}

// pair returns a value and the result of a few changes to it, as JSON.
func pair(t testing.TB, seed uint64) (base, next []byte) {
	g := gen{rand.New(rand.NewPCG(seed, 1))}
	v := g.value(4)
	w := v
	for range 1 + g.r.IntN(4) {
		w = g.change(w, 3)
	}
	return marshal(t, v), marshal(t, w)
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parsed(t testing.TB, src []byte) *Document {
	t.Helper()
	var c Canonicalizer
	d := new(Document)
	if err := c.Parse(d, src); err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return d
}

// dense returns a value with a few texts in many places, all of them long enough to be moved and
// copied.
func (g gen) dense(depth int) any {
	switch n := g.r.IntN(8); {
	case n == 0:
		return g.r.IntN(3)
	case depth == 0 || n < 4:
		return fmt.Sprint("a sentence that is long enough to be worth a copy, number ", g.r.IntN(4))
	case n < 6:
		a := make([]any, g.r.IntN(6))
		for i := range a {
			a[i] = g.dense(depth - 1)
		}
		return a
	}
	m := map[string]any{}
	for range g.r.IntN(5) {
		m[string('a'+rune(g.r.IntN(4)))] = g.dense(depth - 1)
	}
	return m
}

// densePair returns two unrelated values that contain the same texts, besides one that stays.
func densePair(t testing.TB, g gen) (base, next []byte) {
	const rest = "something that stays and makes the whole larger than a patch, whatever that " +
		"takes in bytes"
	stays := []any{rest, rest + rest, rest + rest + rest + rest}
	return marshal(t, []any{stays, g.dense(3), g.dense(2)}),
		marshal(t, []any{stays, g.dense(3), g.dense(2)})
}

// tape is a source of recorded random numbers: fuzzing writes them, and so chooses what is
// generated.
type tape struct {
	rest []byte
	end  rand.PCG // what comes after them
}

func (t *tape) Uint64() uint64 {
	if len(t.rest) == 0 {
		return t.end.Uint64()
	}
	b := t.rest[0]
	t.rest = t.rest[1:]
	return uint64(b)<<56 | uint64(b)<<24 | t.end.Uint64()>>40 // draws of 32 bits use the lower half
}
