package redact

import (
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func TestRulesThatCannotBeAreErrorsAllAtOnce(t *testing.T) {
	_, err := New(Rules{
		Off:   []string{"no-such-rule"},
		Names: []string{"", "a→b"},
		Custom: []Custom{{Name: "Bad Name", Pattern: "x+"}, {Name: "regexp", Pattern: "("},
			{Name: "jwt", Pattern: "x+"}, {Name: "empty", Pattern: "x*"},
			{Name: "short", Pattern: "x+", Literals: []string{"ab"}}},
		AllowNames:    []string{"?"},
		AllowPatterns: []string{"["},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"no-such-rule", `name ""`, "a→b", "Bad Name", `"regexp"`,
		`"jwt"`, `"empty"`, `"short"`, `name "?"`, `pattern "["`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in the error:\n%v", want, err)
		}
	}
	if _, err := New(Rules{Custom: make([]Custom, maxCustom+1)}); err == nil ||
		!strings.Contains(err.Error(), "at most 64") {
		t.Errorf("too many rules: %v", err)
	}
}

func TestRulesCanBeSwitchedOff(t *testing.T) {
	token := tokensOf(7)[25]
	on, off := redactor(t, Rules{}), redactor(t, Rules{Off: []string{"password", token.rule}})
	for _, text := range []string{token.text, "password=hunter2"} {
		if _, changed := on.String("x", text); !changed {
			t.Errorf("%q is not hidden", text)
		}
		if got, changed := off.String("x", text); changed {
			t.Errorf("%q is hidden: %q", text, got)
		}
	}
	if _, changed := off.String("password", "x"); changed {
		t.Error("a password is hidden")
	}
}

func TestUsersNames(t *testing.T) {
	r := redactor(t, Rules{Names: []string{"ssn", "employee Number", "SSN", "pass key", "email"}})
	for name, want := range map[string]string{"ssn": "[REDACTED:ssn]", "user_SSN": "[REDACTED:ssn]",
		"employeeNumber": "[REDACTED:employee-number]", "number": "7-7",
		"passKey": "[REDACTED:pass-key]", "user_email": "[REDACTED:email-name]"} {
		if got, _ := r.String(name, "7-7"); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got, _ := r.String("x", "ssn=123-45-6789&employee_number=x12345678&number=5"); got !=
		"ssn=[REDACTED:ssn]&employee_number=[REDACTED:employee-number]&number=5" {
		t.Errorf("in a text: %q", got)
	}
}

func TestUsersRules(t *testing.T) {
	r := redactor(t, Rules{Custom: []Custom{
		{Name: "order", Pattern: `ORD-\d{4,}`},
		{Name: "case", Pattern: `(?i)case (?P<secret>\d+)`, Literals: []string{"case"}},
		{Name: "word", Pattern: `[A-Z]{8}`},
	}})
	tests := map[string]string{
		"ORD-12345 and ORD-1":         "[REDACTED:order] and ORD-1",
		"see CASE 77, ok":             "see CASE [REDACTED:case], ok",
		"a SECRETLY word":             "a [REDACTED:word] word",
		"[REDACTED:jwt]":              "[REDACTED:jwt]",
		"[REDACTED]":                  "[REDACTED]",
		"password=ORD-12345-and-more": "password=[REDACTED:password]",
		"ORD-1234":                    "[REDACTED:order]",
	}
	for text, want := range tests {
		got, _ := r.String("x", text)
		if got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if again, changed := r.String("x", got); changed {
			t.Errorf("%q becomes %q when it comes again", got, again)
		}
	}
	if rules := r.Rules(); rules[len(rules)-3] != "order" || rules[0] != "password" {
		t.Errorf("%q", rules)
	}
}

func TestOverlappingFindsAreOne(t *testing.T) {
	r := redactor(t,
		Rules{Custom: []Custom{{Name: "wide", Pattern: `<<.*?>>`},
			{Name: "odd", Pattern: `\d+>> end`}}})
	got, _ := r.String("x", "a <<password=hunter2 1>> end b")
	if got != "a [REDACTED:wide] b" {
		t.Errorf("%q", got)
	}
}

func TestAllowLists(t *testing.T) {
	token := tokensOf(8)[25].text
	r := redactor(t, Rules{AllowNames: []string{"token", "internalSecret"},
		Allow: []string{token, "public"}, AllowPatterns: []string{`test-\w+`}})
	for _, tt := range []struct{ name, value, want string }{
		{"token", "abc", "abc"}, {"access_token", "abc", "[REDACTED:token]"},
		{"internal_secret", "abc", "abc"}, {"secret", "abc", "[REDACTED:secret]"},
		{"x", "see " + token + "!", "see " + token + "!"}, {"password", "public", "public"},
		{"password", "test-1", "test-1"}, {"password", "a test-1", "[REDACTED:password]"},
		{"x", "password=public", "password=public"}, {"x", "password=test-1;", "password=test-1;"},
		{"x", "password=test2;", "password=[REDACTED:password];"},
	} {
		if got, _ := r.String(tt.name, tt.value); got != tt.want {
			t.Errorf("%s=%s: %q, want %q", tt.name, tt.value, got, tt.want)
		}
		doc := `{"` + tt.name + `":"` + tt.value + `"}`
		out, changed, _ := r.JSON(nil, []byte(doc))
		if !changed {
			out = []byte(doc)
		}
		if want := `{"` + tt.name + `":"` + tt.want + `"}`; string(out) != want {
			t.Errorf("%s becomes %s", doc, out)
		}
	}
}

func TestCreditCardsAndEmailsAreOptions(t *testing.T) {
	cards := []string{"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111",
		"5555555555554444", "2223003122003222", "378282246310005", "3782 822463 10005",
		"6011111111111117", "3530111333300000", "30569309025904", "4222222222222",
		"6304000000000000", "6200000000000005"}
	emails := []string{"bob@example.com", "first.last+tag@mail.example.co.uk", "x_y%z@a-b.io"}
	off, on := redactor(t, Rules{}), redactor(t, Rules{CreditCards: true, Emails: true})
	for mark, texts := range map[string][]string{"[REDACTED:credit-card]": cards,
		"[REDACTED:email]": emails} {
		for _, text := range texts {
			for _, around := range []string{"%s", "pay %s now", "%s.", "(%s)", "é%s!", "12 %s"} {
				if around == "12 %s" && mark != "[REDACTED:email]" {
					// digits that another group of digits stands before are a longer number
					continue
				}
				text, want := strings.Replace(around, "%s", text, 1),
					strings.Replace(around, "%s", mark, 1)
				if got, _ := on.String("x", text); got != want {
					t.Errorf("%q becomes %q", text, got)
				}
				if got, changed := off.String("x", text); changed {
					t.Errorf("without the option %q becomes %q", text, got)
				}
			}
		}
	}
	for _, text := range []string{"4111111111111112", "1234567812345670", "41111111111111111111",
		"4111111111111111-4", "x4111111111111111", "0.4111111111111111",
		"1716201000000000", "a@b", "@user", "x@y.1", "user@localhost",
		"https://user@example.com/x"} {
		if got, changed := on.String("x", text); changed {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	out, _, err := on.JSON(nil,
		[]byte(`{"card":4111111111111111,"n":4111111111111112,"f":4111111111111111.0}`))
	if want := `{"card":"[REDACTED:credit-card]","n":4111111111111112,"f":4111111111111111.0}`; err != nil || string(out) != want {
		t.Errorf("numbers: %s (%v)", out, err)
	}
}

func TestHiddenValuesAreCountedByRule(t *testing.T) {
	r := redactor(t, Rules{Custom: []Custom{{Name: "mine", Pattern: "zzzz+"}}})
	token := tokensOf(9)[25].text
	r.String("password", "x")
	r.String("x", token+" "+token+" zzzzzz")
	if _, _, err := r.JSON(nil, []byte(`{"secrets":["a",1,null],"b":"`+token+`"}`)); err != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{"password": 1, "github-token": 3, "mine": 1, "secret": 2}
	counts := r.Counts()
	if len(counts) != len(r.Rules()) {
		t.Errorf("%d counts of %d rules", len(counts), len(r.Rules()))
	}
	for i, c := range counts {
		if c.Hidden != want[c.Rule] || c.Rule != r.Rules()[i] {
			t.Errorf("%s: %d, want %d", c.Rule, c.Hidden, want[c.Rule])
		}
	}
}

func TestRuleNamesAreFitForMarksAndLabels(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range redactor(t, Rules{}).Rules() {
		if !regexp.MustCompile(`^[a-z0-9-]{1,64}$`).MatchString(name) || seen[name] {
			t.Errorf("%q", name)
		}
		seen[name] = true
	}
	if t.Logf("%d rules", len(seen)); len(seen) < 80 {
		t.Error("rules are missing")
	}
}

func TestNilRedactorHidesNothing(t *testing.T) {
	var r *Redactor
	if got, changed := r.String("password", "x"); changed || got != "x" {
		t.Error("String")
	}
	if out, changed, err := r.JSON([]byte("a"), []byte(`{"password":"x"}`)); changed ||
		err != nil || string(out) != "a" {
		t.Error("JSON")
	}
	if out, changed := r.Bytes([]byte("a"), "password", []byte("x")); changed ||
		string(out) != "a" {
		t.Error("Bytes")
	}
	if _, secret := r.Name("password"); secret || r.Rules() != nil || r.Counts() != nil {
		t.Error("Name, Rules or Counts")
	}
}

func TestOneRedactorServesManyGoroutines(t *testing.T) {
	r := redactor(t, Rules{CreditCards: true, Emails: true,
		Custom: []Custom{{Name: "mine", Pattern: "zzzz+"}}})
	docs := secrets()
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range docs {
				p := docs[(i+g*17)%len(docs)]
				for _, doc := range documents(p.text) {
					if out, changed, err := r.JSON(nil, []byte(doc)); !changed || err != nil ||
						!json.Valid(out) || strings.Contains(string(out), p.secret) {
						t.Errorf("%s: %v, %s", p.what, err, out)
					}
				}
				r.Counts()
			}
		})
	}
	group.Wait()
}

// The filter knows a literal by a few of its bytes, or by two where JSON escapes the others.
func TestLiteralsOfEveryLengthAndSpellingAreFound(t *testing.T) {
	long := strings.Repeat("e ", 170) + "zqxjkvzq"
	for _, c := range []struct{ literals, text, document string }{
		{long, long + "=hunter2", `{"a":"` + long + `=hunter2"}`},
		{`pw"`, `mypw"=hunter2`, `{"a":"mypw\"=hunter2"}`},
		{`{a"|[a"`, `[a"=hunter2`, `{"b":"[a\"=hunter2"}`},
		{`[a"|{a"`, `{a"=hunter2`, `{"b":"{a\"=hunter2"}`},
	} {
		r := redactor(t,
			Rules{Custom: []Custom{{Name: "mine", Pattern: "=(?P<secret>hunter2)",
				Literals: strings.Split(c.literals, "|")}}})
		m := NewMessages(r)
		for _, text := range []string{c.text, c.document} {
			if out, _ := r.String("k", text); strings.Contains(out, "hunter2") {
				t.Errorf("%.20s: %q", c.literals, out)
			}
			out := checkMessage(t, m,
				&pb.Event{Attributes: map[string]*pb.AttributeValue{"k": attributeText(text)}})
			if strings.Contains(string(out), "hunter2") {
				t.Errorf("%.20s: in a message: %q", c.literals, out)
			}
		}
	}
}

// A placeholder with nothing in it is no value, and no end of the program.
func TestEmptyPlaceholders(t *testing.T) {
	r := redactor(t, Rules{})
	for _, text := range []string{"password=${}", "password=${ } x", "password=$()", "password={}",
		"password=<>", "password=${{}}"} {
		if got := stringOf(r, text); got != text {
			t.Errorf("%s becomes %s", text, got)
		}
	}
}
