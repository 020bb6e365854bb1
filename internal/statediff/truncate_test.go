package statediff

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// truncated truncates and checks the invariants of every truncation.
func truncated(t testing.TB, src string, limit int) (string, Cuts) {
	t.Helper()
	short, cuts, err := Truncate([]byte(src), limit)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	switch {
	case limit < 2:
		return string(short), cuts
	case len(short) > limit || !json.Valid(short) || !utf8.Valid(short):
		t.Fatalf("%d bytes of at most %d: %s", len(short), limit, short)
	case cuts.Any():
		if again, err := Canonical(nil, short); err != nil || string(again) != string(short) {
			t.Fatalf("not canonical: %s", short)
		}
	}
	if again, more, err := Truncate(short, limit); err != nil || more.Any() ||
		string(again) != string(short) {
		t.Fatalf("truncated again: %s becomes %s, %v", short, again, err)
	}
	return string(short), cuts
}

func TestWhatIsShortEnoughStays(t *testing.T) {
	for _, src := range []string{`{"b": 1, "a": 2}`, `not JSON`} {
		if got, cuts, err := Truncate([]byte(src), len(src)); err != nil || cuts.Any() ||
			string(got) != src {
			t.Errorf("%s becomes %s, %v, %v", src, got, cuts, err)
		}
	}
	if got, cuts := truncated(t, `{"b": 1, "a": 2}`, 15); cuts.Any() || got != `{"a":2,"b":1}` {
		t.Errorf("only the white space had to go: %s, %v", got, cuts)
	}
	if got, cuts := truncated(t, "{\"\xff\":1}", 12); cuts.Any() || got != "{\"\ufffd\":1}" {
		t.Errorf("only what is not UTF-8 had to go: %s, %v", got, cuts)
	}
	if _, _, err := Truncate([]byte("not JSON"), 3); err == nil {
		t.Error("no error")
	}
}

func TestAStringIsCutWhereItsTextCanBe(t *testing.T) {
	long := strings.Repeat("äöü \"quoted\"\n\x01€😀", 500)
	src := string(marshal(t, map[string]any{"a": long, "b": "short"}))
	seen := map[string]bool{}
	for limit := 300; limit < 360; limit++ {
		got, cuts := truncated(t, src, limit)
		var v struct{ A, B string }
		if err := json.Unmarshal([]byte(got), &v); err != nil {
			t.Fatal(err)
		}
		head, mark, found := strings.Cut(v.A, "…[$truncated ")
		if !found || !strings.HasPrefix(long, head) || len(head) < 100 ||
			mark != fmt.Sprintf("bytes=%d sha256=%s]", len(long), hexSum(long)) {
			t.Fatalf("limit %d: %s", limit, got)
		}
		if v.B != "short" || cuts != (Cuts{Strings: 1}) {
			t.Fatalf("limit %d: %s, %+v", limit, got, cuts)
		}
		seen[head] = true
	}
	if len(seen) < 15 {
		t.Errorf("only %d places to cut at", len(seen))
	}
}

// mark is the decoded description of a cut.
type mark struct {
	Truncated struct {
		Bytes, Elements, Members int
		SHA256                   string
	} `json:"$truncated"`
}

func TestAnArrayLosesItsMiddle(t *testing.T) {
	var all []string
	for i := range 1000 {
		all = append(all, fmt.Sprintf(`{"content":"message %d","role":"user"}`, i))
	}
	whole := "[" + strings.Join(all, ",") + "]"
	got, cuts := truncated(t, `{"messages":`+whole+`,"step":7}`, 4000)
	var v struct {
		Messages []json.RawMessage
		Step     int
	}
	if err := json.Unmarshal([]byte(got), &v); err != nil {
		t.Fatal(err)
	}
	marks, at := mark{}, 0
	for i, m := range v.Messages {
		if strings.Contains(string(m), "$truncated") {
			at = i
			if err := json.Unmarshal(m, &marks); err != nil {
				t.Fatal(err)
			}
		}
	}
	behind := len(v.Messages) - at - 1
	if string(v.Messages[at-1]) != all[at-1] || string(v.Messages[at+1]) != all[1000-behind] ||
		at < 30 || behind < 30 {
		t.Errorf("%d elements before the mark and %d after it: %s", at, behind, got)
	}
	if m := marks.Truncated; m.Elements != 1000 || m.Bytes != len(whole) ||
		m.SHA256 != hexSum(whole) {
		t.Errorf("the mark says %+v", m)
	}
	if len(got) < 3800 || v.Step != 7 || cuts != (Cuts{Arrays: 1}) {
		t.Errorf("%d bytes, %+v", len(got), cuts)
	}
}

func TestLargeValuesShareWhatSmallOnesLeave(t *testing.T) {
	src := string(marshal(t, map[string]any{
		"big": strings.Repeat("b", 100_000), "huge": strings.Repeat("h", 10_000_000),
		"small": strings.Repeat("s", 300), "n": []int{1, 2, 3},
	}))
	got, cuts := truncated(t, src, 10_000)
	var v struct {
		Big, Huge, Small string
		N                []int
	}
	if err := json.Unmarshal([]byte(got), &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Small) != 300 || len(v.N) != 3 || len(v.Big) < 4500 || len(v.Huge) < 4500 ||
		cuts != (Cuts{Strings: 2}) {
		t.Errorf("%d, %d and %d bytes of strings: %+v", len(v.Big), len(v.Huge), len(v.Small), cuts)
	}
}

func TestAnObjectLosesItsLargestMembers(t *testing.T) {
	m := map[string]any{"~": 1, " ": 2, "$truncated": "the application's own"}
	for i := range 300 {
		m[fmt.Sprintf("key%03d", i)] = strings.Repeat("x", i)
	}
	src := string(marshal(t, m))
	got, cuts := truncated(t, src, 5000)
	var v map[string]json.RawMessage
	var said mark
	if err := json.Unmarshal([]byte(got), &v); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), &said); err != nil {
		t.Fatal(err)
	}
	whole := parsed(t, []byte(src)).Bytes()
	if s := said.Truncated; s.Members != 303 || s.Bytes != len(whole) ||
		s.SHA256 != hexSum(string(whole)) {
		t.Errorf("the mark says %+v", s)
	}
	if v["~"] == nil || v[" "] == nil || v["key000"] == nil || v["key050"] == nil ||
		v["key299"] != nil || len(got) < 4500 || cuts.Objects != 1 {
		t.Errorf("%d members in %d bytes, %+v", len(v), len(got), cuts)
	}
}

func TestSmallLimitsKeepTheType(t *testing.T) {
	long := strings.Repeat("x", 500)
	tests := []struct {
		src, want string
		limit     int
	}{
		{`"` + long + `"`, `""`, 100}, {`["` + long + `"]`, `[]`, 100},
		{`{"a":"` + long + `"}`, `{}`, 100},
		{strings.Repeat("9", 500), `0`, 100}, {`true`, `0`, 3}, {`"abc"`, `""`, 2}, {`[1]`, ``, 1},
		{`[1]`, ``, 0}, {`[1]`, ``, -1},
	}
	for _, tt := range tests {
		if got, cuts := truncated(t, tt.src, tt.limit); got != tt.want || tt.limit > 1 &&
			!cuts.Any() {
			t.Errorf("%s in %d bytes: %s, %+v", tt.src, tt.limit, got, cuts)
		}
	}
	if got, cuts := truncated(t, strings.Repeat("9", 500),
		200); got != `{"$truncated":{"bytes":500,"sha256":"`+hexSum(strings.Repeat("9", 500))+
		`"}}` ||
		cuts != (Cuts{Numbers: 1}) {
		t.Errorf("%s, %+v", got, cuts)
	}
	if got, _ := truncated(t, strings.Repeat("[", 400)+strings.Repeat("]", 400),
		300); !strings.Contains(got, `"elements":1`) {
		t.Errorf("depth is cut like anything else: %s", got)
	}
}

func TestTruncationIsSoundForAnyShape(t *testing.T) {
	n := uint64(1500)
	if testing.Short() || fewer {
		n = 400
	}
	for seed := range n {
		g := gen{rand.New(rand.NewPCG(seed, 3))}
		var list []any
		for range 1 + g.r.IntN(20) {
			list = append(list, g.value(5), strings.Repeat(g.text(), g.r.IntN(100)))
		}
		src := string(marshal(t, map[string]any{"list": list, "one": g.value(5),
			g.key(): g.value(5)}))
		for range 6 {
			truncated(t, src, g.r.IntN(len(src)+10))
		}
		truncated(t, src, g.r.IntN(600))
	}
}

// huge are values of about size bytes, in shapes that are difficult in different ways.
func huge(size int) map[string]string {
	return map[string]string{
		"string": `"` + strings.Repeat(`text with \n in it `, size/20) + `"`,
		"messages": `[` + strings.Repeat(`{"content":"`+strings.Repeat("x", 1000)+`"},`,
			size/1015) + `0]`,
		"numbers": `[` + strings.Repeat(`12345,`, size/6) + `0]`,
		"members": members(size),
		"nested": strings.Repeat(`[[1],"`+strings.Repeat("x", size/900)+`",`, 900) + "0" +
			strings.Repeat("]", 900),
	}
}

func TestAHugeValueIsTruncatedToAUsefulOne(t *testing.T) {
	const limit = 900_000
	for name, src := range huge(10 << 20) {
		if got, cuts := truncated(t, src, limit); len(got) < limit*9/10 {
			t.Errorf("%s: %d bytes of %d are used, %+v", name, len(got), limit, cuts)
		}
	}
}

func BenchmarkTruncate(b *testing.B) {
	for name, src := range huge(100 << 20) {
		b.Run(name+"/100MB", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Truncate([]byte(src), 900_000); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// members returns an object of about size bytes with many members, all keys different and out of
// order.
func members(size int) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := uint32(0); b.Len() < size; i++ {
		fmt.Fprintf(&b,
			`"%08x":{"content":"a hundred bytes or so of text that is not very interesting in itself"},`, i*2654435761)
	}
	b.WriteString(`"z":0}`)
	return b.String()
}

func FuzzTruncate(f *testing.F) {
	f.Add([]byte(`{"a":["`+strings.Repeat("é", 300)+`",{"b":[1,2,3]}]}`), 220)
	f.Add([]byte(`{"$truncated":{"bytes":1},"a":"`+strings.Repeat(`\n`, 300)+`"}`), 250)
	f.Fuzz(func(t *testing.T, src []byte, limit int) {
		if _, err := Canonical(nil, src); err != nil {
			return
		}
		short, cuts := truncated(t, string(src), limit)
		if len(short) > 0 && !cuts.Any() {
			var a, b any
			if json.Unmarshal(src, &a) == nil && (json.Unmarshal([]byte(short), &b) != nil ||
				!reflect.DeepEqual(a, b)) {
				t.Fatalf("%q became %q and nothing was cut", src, short)
			}
		}
	})
}
