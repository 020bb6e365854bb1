package statediff

import (
	"strings"
	"testing"
)

// checkAfter checks that parsing after another document has the same result as parsing alone.
func checkAfter(t testing.TB, c *Canonicalizer, last *Document, src []byte) {
	t.Helper()
	var d, alone Document
	err, wantErr := c.ParseAfter(&d, src, last), new(Canonicalizer).Parse(&alone, src)
	if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
		t.Fatalf("%s after %s: %v, want %v", src, last.text, err, wantErr)
	}
	if err != nil {
		return
	}
	if string(d.text) != string(alone.text) {
		t.Fatalf("%s after %s: %s, want %s", src, last.text, d.text, alone.text)
	}
	checkIndex(t, &d)
}

func TestWhatStandsInThePlaceOfTheKnownIsReadAsItIs(t *testing.T) {
	long := func(c string) string { return `"` + strings.Repeat(c, 20) + `"` }
	number := strings.Repeat("1234567890", 2)
	sources := []string{
		``, `{}`, `[]`, ` `, number, number + "1", number + ".5", number + "e3", "-" + number,
		`[` + number + `]`, `[` + number + `0]`, `[` + number + `.0]`, `[` + number + ` , 1]`,
		`[1,` + number + `]`,
		long("a"), long("a") + " ", long("a") + "x", `["` + strings.Repeat("a", 20),
		`["` + strings.Repeat("a", 20) + `\u0061"]`,
		`[` + long("a") + `,` + long("b") + `,` + long("c") + `,` + long("d") + `]`,
		`[` + long("b") + `,` + long("c") + `,` + long("d") + `]`, `[` + long("d") + `,` +
			long("c") + `]`,
		`[` + long("a") + `,` + long("x") + `,` + long("c") + `,` + number + `,` + number + `]`,
		`{"a":` + long("a") + `,"b":` + long("b") + `,"c":[` + long("c") + `,` + number + `]}`,
		`{"c":[` + long("c") + `,` + number + `],"b":` + long("b") + `,"a":` + long("a") + `}`,
		`{"a":` + long("x") + `,"a":` + long("a") + `,"b":[` + number + `],"b":` + long("b") + `}`,
		` { "a" : ` + long("a") + ` , "aa" : ` + long("a") + `,"c":[` + long("c") + `] } `,
		`{"a":` + long("a") + `,"b":` + long("b") + `,"c":[` + long("c") + `,` + number,
		`{"a":` + long("a") + `"b":` + long("b") + `}`, `{"a":[` + long("a") + `}`, `{"c":{"c":[` +
			long("c") + `,` + number + `]}}`,
		strings.Repeat(`[`, MaxDepth+1) + strings.Repeat(`]`, MaxDepth+1),
		strings.Repeat(`[`, MaxDepth+2) + strings.Repeat(`]`, MaxDepth+2),
	}
	var c Canonicalizer
	for _, known := range sources {
		var last Document
		if c.Parse(&last, []byte(known)) != nil {
			continue
		}
		for _, src := range sources {
			checkAfter(t, &c, &last, []byte(src))
		}
	}
}

func TestWhatIsRepeatedIsNotReadAgain(t *testing.T) {
	messages := strings.Repeat(`{"content":"a message that is long enough to be compared"},`,
		1000) + `{"content":""}`
	tests := []struct{ name, known, src string }{
		{"a counter in front", `{"at":1,"messages":[` + messages + `]}`, `{"at":22,"messages":[` +
			messages + `]}`},
		{"a counter in front, and one more", `{"at":1,"messages":[` + messages + `]}`,
			`{"at":22,"messages":[` + messages + `,1]}`},
		{"one element gone in front",
			`{"messages":[1,"a first message that is not the second one",` + messages + `]}`,
			`{"messages":[2,` + messages + `]}`},
		{"keys in another order", `{"at":1,"messages":[` + messages + `]}`, `{"messages":[` +
			messages + `],"at":22}`},
		{"white space", `{"at":1,"messages":[` + messages + `]}`, ` { "messages" : [` + messages +
			`] , "zzz" : 1 }`},
		{"a number beyond 2^53", `{"id":9007199254740993,"messages":[` + messages + `]}`,
			`{"id":9007199254740993,"messages":[` + messages + `,2]}`},
	}
	for _, tt := range tests {
		var c Canonicalizer
		last := parsed(t, []byte(tt.known))
		// A wrong mark in last shows that what is taken from last is not read again.
		last.inexact = append(last.inexact, uint32(len(last.nodes)/2))
		var d Document
		if err := c.ParseAfter(&d, []byte(tt.src), last); err != nil {
			t.Fatal(err)
		}
		if len(d.inexact) != len(last.inexact) {
			t.Errorf("%s: the messages were read again", tt.name)
		}
	}
}

func TestComparingIsBoundedInWork(t *testing.T) {
	const depth = 900
	text := `"` + strings.Repeat("x", 1000) + `",`
	others := `,"some other text of the array","one more of these"`
	shapes := map[string]func(end string) string{
		"deep, behind": func(end string) string {
			return strings.Repeat(`[`+text, depth) + end + strings.Repeat(others+`]`, depth)
		},
		"deep, in front": func(end string) string {
			return strings.Repeat(`[`, depth) + end + strings.Repeat(`,`+text+
				`"some other text of the array"]`, depth)
		},
		"deep, by keys": func(end string) string {
			return strings.Repeat(`{"a":`+text+`"b":[`, depth/2) + end + strings.Repeat(others+`]}`,
				depth/2)
		},
		"alike": func(end string) string {
			return `[` + strings.Repeat(text, 1000) + strings.Repeat(text[:900]+end+`",`, 1000) +
				`0]`
		},
	}
	for name, p := range hard(1_000_000) {
		shapes[name] = func(end string) string {
			return map[string]string{"1": p[0], "22": p[1]}[end]
		}
	}
	for name, shape := range shapes {
		var c Canonicalizer
		var d Document
		last := parsed(t, []byte(shape("1")))
		if err := c.ParseAfter(&d, []byte(shape("22")), last); err != nil {
			t.Fatal(err)
		}
		if c.compared > 4*len(last.text) {
			t.Errorf("%s: %d bytes compared of %d", name, c.compared, len(last.text))
		}
		t.Logf("%-28s %.2f compared", name, float64(c.compared)/float64(len(last.text)))
	}
}

func FuzzParseAfter(f *testing.F) {
	for seed := range uint64(50) {
		base, next := pair(f, seed)
		f.Add(base, next)
	}
	f.Add([]byte(`{"a":[1,"sixteen bytes of text",{"b":[9007199254740993]}]}`),
		[]byte(`{"a":["sixteen bytes of text",{"b":[9007199254740993]}],"b":[4]}`))
	f.Fuzz(func(t *testing.T, known, src []byte) {
		var c Canonicalizer
		var last Document
		if c.Parse(&last, known) != nil {
			return
		}
		checkAfter(t, &c, &last, src)
		checkAfter(t, &c, &last, known)
	})
}
