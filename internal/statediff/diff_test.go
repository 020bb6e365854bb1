package statediff

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// checkDiff applies the differ's operations, and returns them.
func checkDiff(t testing.TB, differ *Differ, base, next *Document) (ops []Op, ok bool) {
	t.Helper()
	ops, size, ok := differ.Diff(base, next)
	if !ok {
		return nil, false
	}
	sum := 0
	for i := range ops {
		sum += ops[i].Size()
	}
	if sum != size || size >= fieldSize(len(next.text)) {
		t.Fatalf("size %d, the operations' sizes %d, the whole %d", size, sum,
			fieldSize(len(next.text)))
	}
	got, err := Apply(base.text, ops)
	if err != nil || !bytes.Equal(got, next.text) {
		t.Fatalf("%v, got\n%s\nfrom\n%s\nwant\n%s\noperations %s", err, got, base.text, next.text,
			show(ops))
	}
	return ops, true
}

func show(ops []Op) string {
	var s strings.Builder
	for _, o := range ops {
		fmt.Fprintf(&s, "%s %s", o.Kind, o.Path)
		if o.From != "" {
			fmt.Fprintf(&s, " from %s", o.From)
		}
		if o.Value != nil {
			fmt.Fprintf(&s, " %s", o.Value)
		}
		s.WriteByte('\n')
	}
	return s.String()
}

func TestDiffSaysTheLeast(t *testing.T) {
	long := func(c string) string { return `"` + strings.Repeat(c, 60) + `"` }
	message := func(n int) string {
		return fmt.Sprintf(
			`{"content":"message number %d, long enough that it is worth a move","id":%d}`, n, n)
	}
	messages := func(ns ...int) string {
		var all []string
		for _, n := range ns {
			all = append(all, message(n))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	rest :=
		`"zz":"something that stays and makes the whole larger than a patch, whatever that takes in bytes"`
	tests := []struct{ name, base, next, want string }{
		{"nothing", `{"a":1}`, `{"a":1}`, ``},
		{"one field", `{"a":1,` + rest + `}`, `{"a":2,` + rest + `}`, "replace /a 2\n"},
		{"a field comes", `{` + rest + `}`, `{"a/b~":[1],` + rest + `}`, "add /a~1b~0 [1]\n"},
		{"a field goes", `{"":1,` + rest + `}`, `{` + rest + `}`, "remove /\n"},
		{"a key with escapes", `{"\n\"é":1,` + rest + `}`, `{"\n\"é":2,` + rest + `}`,
			"replace /\n\"é 2\n"},
		{"messages grow", `{"messages":` + messages(1, 2) + `}`, `{"messages":` +
			messages(1, 2, 3) + `}`, "add /messages/2 " + message(3) + "\n"},
		{"messages begin", `{"messages":[],` + rest + `}`, `{"messages":` + messages(1) + `,` +
			rest + `}`, "add /messages/0 " + message(1) + "\n"},
		{"messages shrink", messages(1, 2, 3, 4), messages(1, 4), "remove /2\nremove /1\n"},
		{"a window slides", messages(1, 2, 3), messages(2, 3, 4), "add /3 " + message(4) +
			"\nremove /0\n"},
		{"a window slides by two", messages(1, 2, 3, 4, 5, 6), messages(3, 4, 5, 6, 7, 8),
			"add /6 " + message(7) + "\nadd /7 " + message(8) + "\nremove /1\nremove /0\n"},
		{"the newest is in front", messages(4, 3, 2, 1), messages(6, 5, 4, 3),
			"add /0 " + message(6) + "\nadd /1 " + message(5) + "\nremove /5\nremove /4\n"},
		{"a ring turns", messages(1, 2, 3, 4, 5), messages(3, 4, 5, 1, 2),
			"move /4 from /0\nmove /4 from /0\n"},
		{"the last becomes the first", messages(1, 2, 3), messages(3, 1, 2), "move /0 from /2\n"},
		{"in the middle", messages(1, 2, 3, 4, 5), messages(1, 2, 9, 3, 5), "add /2 " + message(9) +
			"\nremove /4\n"},
		{"one message changes", messages(1, 2, 3), strings.Replace(messages(1, 2, 3), `"id":2`,
			`"id":7`, 1), "replace /1/id 7\n"},
		{"one changes and one comes", messages(1, 2), strings.Replace(messages(1, 2, 3), `"id":2`,
			`"id":7`, 1),
			"replace /1/id 7\nadd /2 " + message(3) + "\n"},
		{"one moves", messages(1, 2, 3, 4), messages(2, 3, 4, 1), "move /3 from /0\n"},
		{"two change places", messages(1, 2, 3, 4), messages(3, 2, 1, 4),
			"move /2 from /1\nmove /2 from /0\n"},
		{"a key is renamed", `{"a":` + long("x") + `,` + rest + `}`, `{"b":` + long("x") + `,` +
			rest + `}`, "move /b from /a\n"},
		{"all keys are renamed", `{"a":` + long("x") + `,"b":` + long("y") + `}`,
			`{"c":` + long("x") + `,"d":` + long("y") + `}`,
			"move /c from /a\nmove /d from /b\n"},
		{"a draft is sent", `{"draft":` + message(2) + `,"messages":` + messages(1) + `}`,
			`{"messages":` + messages(1, 2) + `}`,
			"move /messages/1 from /draft\n"},
		{"a draft is sent, the next one is there", `{"draft":` + message(2) + `,"messages":` +
			messages(1) + `}`,
			`{"draft":` + message(3) + `,"messages":` + messages(1, 2) + `}`,
			"copy /messages/1 from /draft\nreplace /draft " + message(3) + "\n"},
		{"current becomes previous", `{"current":` + long("x") + `,"previous":` + long("w") + `}`,
			`{"current":"y","previous":` + long("x") + `}`,
			"copy /previous from /current\nreplace /current \"y\"\n"},
		{"the last one is also by itself", `{"last":` + message(1) + `,"messages":` + messages(1) +
			`}`,
			`{"last":` + message(2) + `,"messages":` + messages(1, 2) + `}`, "replace /last " +
				message(2) + "\ncopy /messages/1 from /last\n"},
		{"from the back of one list to the front of another", `{"done":` + messages(1) +
			`,"todo":` + messages(2, 3) + `}`,
			`{"done":` + messages(3, 1) + `,"todo":` + messages(2) + `}`,
			"move /done/0 from /todo/1\n"},
		{"into the element that takes its place", `[` + long("x") + `,{},` + long("y") + `]`,
			`[{"a":` + long("x") + `},` + long("y") + `,` + long("x") + `]`,
			"copy /1/a from /0\nmove /2 from /0\n"},
		{"a wrapping goes", `{"a":{"x":` + long("x") + `},` + rest + `}`, `{"a":` + long("x") +
			`,` + rest + `}`, "copy /a from /a/x\n"},
		{"browsers refuse __proto__", `{"a":{"__proto__":1,"b":2},` + rest + `}`,
			`{"a":{"__proto__":2,"b":2},` + rest + `}`,
			`replace /a {"__proto__":2,"b":2}` + "\n"},
		{"__proto__ on the way", `{"a":{"__proto__":{"x":1},"b":2},` + rest + `}`,
			`{"a":{"__proto__":{"x":2},"b":2},` + rest + `}`,
			`replace /a {"__proto__":{"x":2},"b":2}` + "\n"},
		{"browsers refuse constructor/prototype", `{"constructor":{"prototype":1},` + rest + `}`,
			`{"constructor":{"prototype":2},` + rest + `}`,
			`replace /constructor {"prototype":2}` + "\n"},
		{"out of constructor/prototype", `{"constructor":{"prototype":` + long("x") +
			`},"prototype":1,` + rest + `}`,
			`{"a":` + long("x") + `,"constructor":{"prototype":` + long("x") + `},"prototype":2,` +
				rest + `}`,
			"add /a " + long("x") + "\nreplace /prototype 2\n"},
		{"the whole is smaller", `{"a":1}`, `{"b":2}`, "whole"},
		{"another kind", `{"a":1}`, `[1]`, "whole"},
		{"all new", messages(1, 2, 3), messages(4, 5, 6), "whole"},
	}
	var differ Differ
	for _, tt := range tests {
		ops, ok := checkDiff(t, &differ, parsed(t, []byte(tt.base)), parsed(t, []byte(tt.next)))
		got := show(ops)
		if !ok {
			got = "whole"
		}
		if got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestDiffWithoutABaseIsTheWhole(t *testing.T) {
	var differ Differ
	if _, _, ok := differ.Diff(new(Document), parsed(t, []byte(`{}`))); ok {
		t.Error("a patch of nothing")
	}
}

func TestWhatDiffSaysLeadsToTheNextState(t *testing.T) {
	n := uint64(60_000)
	if testing.Short() || fewer {
		n = 5_000
	}
	var differ Differ
	kinds, patches := map[Kind]int{}, 0
	for seed := range n {
		a, b := pair(t, seed)
		if seed%4 == 3 {
			a, b = densePair(t, gen{rand.New(rand.NewPCG(seed, 5))})
		}
		ops, ok := checkDiff(t, &differ, parsed(t, a), parsed(t, b))
		if ok {
			patches++
		}
		for _, o := range ops {
			kinds[o.Kind]++
			if p := o.Path + " " + o.From; strings.Contains(p, "__proto__") ||
				strings.Contains(p, "/constructor/prototype") {
				t.Fatalf("an unsafe path: %s", show(ops))
			}
		}
	}
	t.Logf("%d patches of %d: %v", patches, n, kinds)
	for _, kind := range []Kind{Add, Remove, Replace, Move, Copy} {
		if kinds[kind] < int(n)/100 {
			t.Errorf("only %d times %s: this test does not reach it", kinds[kind], kind)
		}
	}
}

func FuzzDiff(f *testing.F) {
	for seed := range uint64(50) {
		base, next := pair(f, seed)
		f.Add(base, next)
	}
	f.Add([]byte(`{"a":[1,[2,3],{"b":[4]}]}`), []byte(`{"a":[[2,3],1,{"b":[4,4]}],"b":[4]}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var c Canonicalizer
		var base, next Document
		if c.Parse(&base, a) != nil || c.Parse(&next, b) != nil {
			return
		}
		var differ Differ
		checkDiff(t, &differ, &base, &next)
		checkDiff(t, &differ, &next, &base)
	})
}

// FuzzDiffOfShapes lets the fuzzer choose values, not bytes of JSON.
func FuzzDiffOfShapes(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 9))
	for range 50 {
		choices := make([]byte, 20+r.IntN(200))
		for i := range choices {
			choices[i] = byte(r.Uint32())
		}
		f.Add(choices)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		g := gen{rand.New(&tape{rest: choices})}
		a, b := densePair(t, g)
		base, next := parsed(t, a), parsed(t, b)
		var differ Differ
		checkDiff(t, &differ, base, next)
		checkDiff(t, &differ, next, base)
		checkAfter(t, new(Canonicalizer), base, b)
	})
}

// hard are pairs that cause as much work as a pair of that length can.
func hard(n int) map[string][2]string {
	r := rand.New(rand.NewPCG(7, 7))
	list := func(n int, element func(i int) string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = element(i)
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	order := r.Perm(n / 40)
	text := func(i int) string { return fmt.Sprintf(`"element number %08d, some more of it"`, i) }
	deep := func(end string) string {
		const depth = 900
		fill := strings.Repeat("x", n/depth)
		return strings.Repeat(`{"a":"`+fill+`","b":`, depth) + end + strings.Repeat("}", depth)
	}
	return map[string][2]string{
		"shuffled": {list(n/40, text), list(n/40, func(i int) string { return text(order[i]) })},
		"reversed": {list(n/40, text),
			list(n/40, func(i int) string { return text(n/40 - 1 - i) })},
		"all new": {list(n/40, text), list(n/40, func(i int) string { return text(i + n) })},
		"numbers": {list(n/2, func(i int) string { return "1" }),
			list(n/2, func(i int) string { return "2" })},
		"repeated": {list(n/4, func(i int) string { return fmt.Sprint(r.IntN(3)) }),
			list(n/4, func(i int) string { return fmt.Sprint(r.IntN(3)) })},
		"one length": {`{"a":` +
			list(n/80, func(i int) string {
				return fmt.Sprintf(`"%s%08d"`, strings.Repeat("a", 30),
					i)
			}) + `,"b":[]}`,
			`{"a":[],"b":` +
				list(n/80, func(i int) string {
					return fmt.Sprintf(`"%s%08d"`, strings.Repeat("a", 30), i+n)
				}) + `}`},
		"deep, changed at the end":   {deep("1"), deep("2")},
		"deep, longer at the end":    {deep("1"), deep("22")},
		"deep, changed at both ends": {`[0,` + deep("1") + `,0]`, `[11,` + deep("2") + `,11]`},
	}
}

func TestDiffIsBoundedInWork(t *testing.T) {
	const small = 100_000
	large := 3_200_000
	if fewer {
		large = 400_000
	}
	var differ Differ
	for _, p := range hard(small) {
		checkDiff(t, &differ, parsed(t, []byte(p[0])), parsed(t, []byte(p[1])))
		checkDiff(t, &differ, parsed(t, []byte(p[1])), parsed(t, []byte(p[0])))
	}
	for name, p := range hard(large) {
		base, next := parsed(t, []byte(p[0])), parsed(t, []byte(p[1]))
		start := time.Now()
		_, size, ok := differ.Diff(base, next)
		took := time.Since(start)
		if over := -differ.work; over > max(len(base.text), len(next.text)) {
			t.Errorf("%s: %d bytes more than the bound were compared", name, over)
		}
		t.Logf("%-28s %6d operations, %8d bytes, patch %-5v  %v", name, len(differ.ops), size, ok,
			took.Round(time.Millisecond))
	}
}
