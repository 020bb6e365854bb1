package redact

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// seedOf draws a seed, and prints it where a test fails.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return seed
}

// printable draws n characters of ASCII that are no blanks.
func printable(rnd *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('!' + rnd.IntN('~'-'!'+1)))
	}
	return b.String()
}

// lines are what a strong password stands in; %s is the password as it is.
var lines = []string{
	"DB_PASSWORD=%s", "export DB_PASSWORD=%s", "user=bob\nDB_PASSWORD=%s\nPORT=80",
	"  - DB_PASSWORD=%s\n", "password: %s", "password: %s\n",
	"db:\n  user: bob\n  password: %s\n  port: 80\n",
	"--password=%s", "tool --password=%s --verbose", "tool --password %s --verbose", "password=%s",
	"password = %s", "password = %s\n", "spring.datasource.password=%s\nspring.x=1",
	"PASSWORD=%s ./run", "Password: %s", "The password is %s", "{User:bob Password:%s Port:80}",
	"{User:bob Password:%s}", "&{Password:%s User:bob}", "map[password:%s user:bob]",
	"docker run -e DB_PASSWORD=%s image", "password -> %s", "| password | %s |", "password\t%s\n",
	"ENV DB_PASSWORD=%s\n", "ENV DB_PASSWORD %s\n", "SECRET_KEY=%s", "API_KEY=%s", "api_key: %s",
	"client_secret=%s", "TOKEN=%s", "Passwort: %s", "PWD=%s",
}

// quotedLines are the same with the password as the language around quotes it.
var quotedLines = []struct {
	format string
	quote  func(string) string
}{
	{`password = %s`, strconv.Quote}, {`"password": %s,`, strconv.Quote},
	{`{"user":"bob","password":%s}`, strconv.Quote}, {`const password = %s;`, strconv.Quote},
	{`password: %s`, strconv.Quote},
	{`DB_PASSWORD=%s`, shellQuote}, {`export DB_PASSWORD=%s`, shellQuote},
	{`login("bob", password=%s)`, strconv.Quote}, {`login(user, password=%s, x=1)`, pythonQuote},
	{`{'password': %s}`, pythonQuote},
	{`password = %s`, sqlQuote}, {`CREATE USER a WITH PASSWORD %s;`, sqlQuote},
	{`CREATE USER a IDENTIFIED BY %s;`, sqlQuote}, {`<password>%s</password>`, xmlQuote},
	{`<add name="db" password=%s/>`, func(s string) string { return `"` + xmlQuote(s) + `"` }},
	{`password: %s`, sqlQuote}, {`var password string = %s`, strconv.Quote},
	{`const password: string = %s;`, strconv.Quote},
	{`setPassword(%s)`, strconv.Quote}, {`setPassword(%s);`, pythonQuote},
	{`let password: &str = %s;`, strconv.Quote}, {`val password: String = %s`, strconv.Quote},
	{"log: {\\\"password\\\": \\%s\\\"}", func(s string) string {
		q := strconv.Quote(strconv.Quote(s))
		return q[2 : len(q)-3]
	}},
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
func pythonQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
func sqlQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
func xmlQuote(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

// remains returns the longest part of a secret that is in a text, of six bytes or more.
func remains(text, secret string) string {
	best := ""
	for i := range len(secret) {
		for n := max(6, len(best)+1); i+n <= len(secret) && strings.Contains(text,
			secret[i:i+n]); n++ {
			best = secret[i : i+n]
		}
	}
	return best
}

func TestStrongPasswordsAreHiddenWhole(t *testing.T) {
	r := redactor(t, Rules{})
	rnd := rand.New(rand.NewPCG(seedOf(t), 1))
	n := draws(1000)
	if testing.Short() {
		n = min(n, 100)
	}
	all, allUntouched, allInPart := 0, 0, 0
	check := func(format string, quote func(string) string) {
		untouched, inPart := 0, 0
		var examples []string
		for range n {
			secret := quote(printable(rnd, 20))
			text := fmt.Sprintf(format, secret)
			got, changed := r.String("content", text)
			if inner := strings.Trim(secret, `"'`); !changed {
				untouched++
			} else if remains(got, inner) != "" {
				inPart++
			} else {
				continue
			}
			if len(examples) < 4 {
				examples = append(examples, text+"  =>  "+got)
			}
		}
		all, allUntouched, allInPart = all+n, allUntouched+untouched, allInPart+inPart
		if untouched > 1+5*n/1000 || inPart > 1+n/1000 { // a few more come by chance
			t.Errorf("%q: of %d untouched %d, in part %d:\n  %s", format, n, untouched, inPart,
				strings.Join(examples, "\n  "))
		}
	}
	for _, format := range lines {
		check(format, func(s string) string { return s })
	}
	for _, l := range quotedLines {
		check(l.format, l.quote)
	}
	t.Logf("of %d passwords %d are untouched, and of %d a part remains", all, allUntouched,
		allInPart)
	if allUntouched > max(5, all/1000) || allInPart > max(2, all/10_000) {
		t.Errorf("of %d passwords %d are untouched, want at most one in 1,000; of %d a part "+
			"remains, want none but by chance", all, allUntouched, allInPart)
	}
}
