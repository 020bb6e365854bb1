package statediff

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestCanonicalFormIsThatOfTheRFC(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"keys in order", `{"b":2,"a":1,"nested":{"z":"x","y":[true,null]}}`,
			`{"a":1,"b":2,"nested":{"y":[true,null],"z":"x"}}`},
		{"white space", " {\n\"a\" : [ 1 ,\t2 ] ,\r\"b\":{ } , \"c\":[ ]} ",
			`{"a":[1,2],"b":{},"c":[]}`},
		{"order by UTF-16",
			`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`,
			"{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"\U0001F600\":5,\"\ufb33\":3}"},
		{"a key is shorter", `{"ab":1,"a":2,"":3}`, `{"":3,"a":2,"ab":1}`},
		{"keys with escapes", `{"a\"":1,"a!":2,"a#":3,"a\\":4,"a\u0001":5}`,
			`{"a\u0001":5,"a!":2,"a\"":1,"a#":3,"a\\":4}`},
		{"order inside order", `{"b":{"d":1,"c":[{"f":1,"e":2}]},"a":0}`,
			`{"a":0,"b":{"c":[{"e":2,"f":1}],"d":1}}`},
		{"the last of a key", `{"a":1,"b":2,"a":3,"a":{"y":1,"x":2}}`, `{"a":{"x":2,"y":1},"b":2}`},
		{"the last of a key, in order", `{"a":1,"a":2}`, `{"a":2}`},
		{"the last of a key, once escaped", `{"\u0061":1,"a":2,"b":3}`, `{"a":2,"b":3}`},
		{"no needless escapes", `"\u003c\u003e\u0026\u2028\u2029\/\u0041\u007f"`,
			"\"<>&\u2028\u2029/A\u007f\""},
		{"needed escapes",
			`"\b\t\n\f\r\u0008\u0009\u000A\u000c\u000d\u0000\u001F\u000b\u0022\u005c"`,
			`"\b\t\n\f\r\b\t\n\f\r\u0000\u001f\u000b\"\\"`},
		{"surrogates", `"\ud83d\ude00 \uD83D\uDE00"`, "\"\U0001F600 \U0001F600\""},
		{"lone surrogates", `"\ud83d \ude00\ud83d\ud83d\ude00 \ud83dx\ud83d\n"`,
			"\"\ufffd \ufffd\ufffd\U0001F600 \ufffdx\ufffd\\n\""},
		{"bytes that are not UTF-8", "\"a\xffb\xe2\x82\xed\xa0\x80 \xc3\xa9\"",
			"\"a\ufffdb\ufffd\ufffd\ufffd\ufffd\ufffd é\""},
		{"keys that become the same", "{\"\\ud800\":1,\"\xff\":2}", "{\"\ufffd\":2}"},
		{"numbers",
			`[1.0,-0,-0.0,0e9,1E2,1e21,1e-7,0.000001,0.0000001,100,1.50,123456789012345678e-2,1e20,-1.5e300,5e-324,4.5]`,
			`[1,0,0,0,100,1e+21,1e-7,0.000001,1e-7,100,1.5,1234567890123456.8,100000000000000000000,-1.5e+300,5e-324,4.5]`},
		{"numbers too precise for a double",
			`[0.1234567890123456789,9007199254740991.5,333333333.33333329]`,
			`[0.12345678901234568,9007199254740992,333333333.3333333]`},
		{"whole numbers beyond 2^53",
			`[9007199254740992,9007199254740993,-123456789012345678901234567890]`,
			`[9007199254740992,9007199254740993,-123456789012345678901234567890]`},
		{"numbers beyond all doubles", `[1e400,-1E+400]`, `[1e400,-1E+400]`},
		{"scalars", ` true`, `true`},
		{"long strings", `"` + strings.Repeat("0123456789abcde", 9) + `\n\u0041` +
			strings.Repeat("é", 9) + `"`,
			`"` + strings.Repeat("0123456789abcde", 9) + `\nA` + strings.Repeat("é", 9) + `"`},
	}
	for _, tt := range tests {
		got, err := Canonical([]byte("before "), []byte(tt.src))
		if err != nil || string(got) != "before "+tt.want {
			t.Errorf("%s: %s gives %s, %v; want %s", tt.name, tt.src, got, err, tt.want)
		}
		if again, err := Canonical(nil, []byte(tt.want)); err != nil || string(again) != tt.want {
			t.Errorf("%s: %s is not canonical to itself: %s, %v", tt.name, tt.want, again, err)
		}
	}
}

func TestGoldenSum(t *testing.T) {
	d := parsed(t, []byte(`{"b":2,"a":1,"nested":{"z":"x","y":[true,null]}}`))
	sum := new(Summer).Sum(d, nil)
	if got := hex.EncodeToString(sum[:]); got !=
		"f35279c8aa6b00bc82d43a191596cc3b41b7de7899ee16e36a08efe3afc45103" {
		t.Errorf("sum %s", got)
	}
}

func TestVerifiableSaysWhetherADoubleHoldsEveryNumber(t *testing.T) {
	for src, want := range map[string]bool{
		`[1,-9007199254740992,9007199254740992,1e21,1.5,1e-400]`: true,
		`9007199254740993`:          false,
		`-9007199254740993`:         false,
		`[{"a":10000000000000000}]`: false,
		`1e20`:                      false, // formatted as a whole number
		`1e400`:                     false,
		`"9007199254740993"`:        true,
	} {
		d := parsed(t, []byte(src))
		if d.Verifiable() != want {
			t.Errorf("%s: verifiable %v", src, d.Verifiable())
		}
		if again := parsed(t, d.Bytes()); again.Verifiable() != want {
			t.Errorf("%s, from its canonical form: verifiable %v", src, again.Verifiable())
		}
	}
}

func TestWhatIsNotJSONIsRefused(t *testing.T) {
	bad := []string{
		"", " ", "{", "[", `"`, `"a`, `"\`, `"\u12`, `"\u12g4"`, `"\x"`, "\"\n\"", "\"\x00\"", "01",
		"-", "-x", "1.", ".5", "1e", "1e+", "+1", "00", "-01",
		"tru", "nul", "truex", "{}{}", "[1,]", "[,1]", "[1 2]", `{"a"}`, `{"a":}`, `{"a":1,}`,
		`{,}`, `{a:1}`, `{"a":1 "b":2}`, "NaN", "Infinity", "'a'",
		"[1}", "{\"a\":1]", "\ufeff1", "1 // comment", "\v1", "]", "}", ",",
	}
	for _, src := range bad {
		d := parsed(t, []byte(`{"what was there":"before"}`))
		if json.Valid([]byte(src)) {
			t.Fatalf("%q is valid", src)
		}
		if err := new(Canonicalizer).Parse(d, []byte(src)); !errors.Is(err, ErrSyntax) ||
			!d.Empty() || len(d.Bytes()) > 0 {
			t.Errorf("%q: %v, and %q", src, err, d.Bytes())
		}
	}
}

func TestDepthAndLengthHaveLimits(t *testing.T) {
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if _, err := Canonical(nil, nested(MaxDepth+1)); err != nil {
		t.Errorf("%d containers around nothing: %v", MaxDepth+1, err)
	}
	if _, err := Canonical(nil, nested(MaxDepth+2)); !errors.Is(err, ErrTooDeep) {
		t.Errorf("one more: %v", err)
	}
	if testing.Short() || fewer {
		return
	}
	if _, err := Canonical(nil, make([]byte, MaxBytes+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too long: %v", err)
	}
}

// checkIndex compares the index of a document with the result of a walk over its text.
func checkIndex(t testing.TB, d *Document) {
	t.Helper()
	fresh := parsed(t, d.text)
	if string(fresh.text) != string(d.text) || !reflect.DeepEqual(append([]node{}, d.nodes...),
		append([]node{}, fresh.nodes...)) {
		t.Fatalf("the index of %s is\n%v, want\n%v", d.text, d.nodes, fresh.nodes)
	}
	if !slices.Equal(fresh.inexact, d.inexact) {
		t.Fatalf("%s: inexact %v, want %v", d.text, d.inexact, fresh.inexact)
	}
}

func TestWhatIsKnownIsNotReadAgainAndMakesNoDifference(t *testing.T) {
	var c Canonicalizer
	var s Summer
	a, b := new(Document), new(Document)
	for seed := range uint64(3000) {
		base, next := pair(t, seed)
		for _, src := range [][]byte{base, next, append([]byte(" "), next...), base, []byte(`[12]`),
			[]byte(`[123]`), []byte(`[12,9007199254740993]`), []byte(`[12,9007199254740993,1]`)} {
			if err := c.ParseAfter(b, src, a); err != nil {
				t.Fatal(err)
			}
			checkIndex(t, b)
			if s.Sum(b, a) != s.Sum(parsed(t, src), nil) {
				t.Fatalf("the sum of %s after %s", b.text, a.text)
			}
			a, b = b, a
		}
	}
}

func TestSumTakesUpWhereTextsPart(t *testing.T) {
	var s Summer
	text := func(n int, end string) *Document {
		return parsed(t, []byte(`"`+strings.Repeat("x", n)+end+`"`))
	}
	for _, n := range []int{0, 1, interval - 3, interval - 2, interval - 1, interval,
		5*interval + 17} {
		last := text(n, "")
		s.Sum(last, nil)
		for _, end := range []string{"", "y", strings.Repeat("y", 3*interval)} {
			d := text(n, end)
			if got, want := s.Sum(d, last), s.Sum(text(n, end), nil); got != want {
				t.Errorf("%d and %d bytes: %x, want %x", n, len(end), got, want)
			}
			if want := len(d.text) / interval * stateSize; len(d.sums) != want {
				t.Errorf("%d and %d bytes: %d bytes of states, want %d", n, len(end), len(d.sums),
					want)
			}
		}
		if got, want := s.Sum(text(n/2, ""), last), s.Sum(text(n/2, ""), nil); got != want {
			t.Errorf("half of %d bytes: %x, want %x", n, got, want)
		}
	}
}

func TestSetCopies(t *testing.T) {
	from := parsed(t, []byte(`{"a":[1,"two",9007199254740993]}`))
	new(Summer).Sum(from, nil)
	var d Document
	d.Set(from)
	if !reflect.DeepEqual(&d, from) && string(d.text) != string(from.text) {
		t.Errorf("%+v, want %+v", d, *from)
	}
	checkIndex(t, &d)
	from.text[2] = 'b'
	if string(d.Bytes()) != `{"a":[1,"two",9007199254740993]}` || d.Footprint() < len(d.text) {
		t.Errorf("%s, %d bytes", d.Bytes(), d.Footprint())
	}
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{"b":[1.0,{"d":"\u003c","c":-0}],"a":"\ud800"}`, `[1e400, 1E2]`,
		"\"\xff\"", `{"a":1,"a":2}`} {
		f.Add([]byte(s))
	}
	for seed := range uint64(20) {
		_, next := pair(f, seed)
		f.Add(next)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := Canonical(nil, src)
		if errors.Is(err, ErrTooDeep) {
			return
		}
		if (err == nil) != json.Valid(src) {
			t.Fatalf("%q: %v, but encoding/json says valid %v", src, err, json.Valid(src))
		}
		if err != nil {
			return
		}
		checkIndex(t, parsed(t, src))
		if again, err := Canonical(nil, got); err != nil || string(again) != string(got) {
			t.Fatalf("%q gives %q, and that %q, %v", src, got, again, err)
		}
		var want, have any
		if json.Unmarshal(src, &want) != nil {
			return // a number beyond all doubles
		}
		if err := json.Unmarshal(got, &have); err != nil || !reflect.DeepEqual(have, want) {
			t.Fatalf("%q gives %q, which says something else: %v", src, got, err)
		}
	})
}
