package redact

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// hostile is a text that is made to be dear: pieces that rules begin at, over and over.
type hostile struct{ name, piece string }

// hostiles returns texts around every literal that the filter looks for, alone and in what nearly makes a secret of it, and more that
// are known to have been dear.
func hostiles() (all []hostile) {
	r, err := New(Rules{})
	if err != nil {
		panic(err)
	}
	put := func(pieces ...string) {
		for _, p := range pieces {
			if !slices.ContainsFunc(all, func(h hostile) bool { return h.piece == p }) {
				all = append(all, hostile{fmt.Sprintf("%.24q", p), p})
			}
		}
	}
	m := corpus.NewMaker(5)
	for i, t := range r.filter.triggers {
		l := t.literal
		put(l)
		switch i % 8 {
		case 0:
			put(l+"!", l+l+" ")
		case 1:
			put(l+m.Alnum(15)+"!", l+"/")
		case 2:
			put(l + strings.Repeat("a", 255) + "\"")
		case 3:
			put(" "+l+"=", l+"={")
		case 4:
			put(l+": ", "\""+l+"\":")
		case 5:
			put("x_"+l+"(", l+"[")
		case 6:
			put(l+"='", "<"+l+">")
		case 7:
			put("-"+l+" ", l+m.Alnum(11))
		}
	}
	put("-----BEGIN PRIVATE KEY-----!", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "pass:", "AKIAABCDEFGHIJKLMNOP/", "a://b:", "pwd={", "a://[", "a://b:c/", "a://b:c@",
		"eyJ", "eyJ-", "eyJ.", "eyJhbGciOiJIUzI1NiJ9.", "password=\"", "password='", `password=\"`, "token is ", "Bearer ", "Basic a", "curl -u a", "curl ", "@tcp(", "[REDACTED",
		"[REDACTED]", "[REDACTED]password=a", ":AA", "1:AA", "0Q~", "SK0", "Authorization: a=", "Cookie: a=", "&sig=", "{\"a\":", "hunter2 password=hunter2;",
		strings.Repeat("a", 4096)+"password=)", "password="+strings.Repeat(")", 4096)+" ", "hooks.slack.com/services/", "password: |\n  ", "password: >\n  a\n  ",
		"**password:** ", "<td>password</td><td>", "login password ", "password\t", "jdbc:oracle:thin:a/", `{"value":"x","a":`, `{"name":"token","value":`, `"auth":"`,
		"map[Password:[", "{Password:", "password=\\", "password=\\\"", "password=,", "password=&", "password=a,", "a=&password=", "\x1b[32mpassword\x1b[0m=", "\x1b[", "password=\x1b[0m",
		"password\n", "password:\n\n", "key key ", "api key api key ", "passpasspass", "pass_pass_", "secretsecret", "token.token.", "_key_key", "-key-key", "key.", "a.b.key=",
		`\u0026sig=`, `\u0022password\u0022:\u0022`, `\\\\\\\\"password`, "password\\\\\\\\\\\\\\\\\"", "-p ", " -p", "--password ", "mysql -p", "export PASSWORD=", "- name: PASSWORD\n  value: ",
		"setPassword(", "SET PASSWORD ", "identified by '", "password: string = ", "const password: string = \"", "password password ", "PASSWORD PASSWORD=")
	return all
}

func (h *hostile) text(size int) string { return strings.Repeat(h.piece, size/len(h.piece)+1)[:size] }

// processTime is how long the process has used a processor.
func processTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// timeOf is how long a processor works on a text.
func timeOf(r *Redactor, text string) time.Duration {
	least := time.Hour
	for range 3 {
		start := processTime()
		r.String("content", text)
		least = min(least, processTime()-start)
	}
	return least
}

// unbounded is more than any text costs.
func unbounded() budget { return budget{1 << 60, 1 << 60} }

// workOf is what a text costs where nothing bounds it.
func workOf(r *Redactor, text string) int {
	b := unbounded()
	r.string(text, &b)
	return unbounded().left - b.left
}

func TestHostileSurvey(t *testing.T) {
	r := redactor(t, Rules{})
	const size = 1 << 18
	type row struct {
		h    hostile
		took time.Duration
		work float64
		part string
	}
	var rows []row
	for _, h := range hostiles() {
		text := h.text(size)
		took := timeOf(r, text)
		rows = append(rows, row{h, took, float64(workOf(r, text[:size/8])) / size * 8, ""})
	}
	slices.SortFunc(rows, func(a, b row) int { return int(b.took - a.took) })
	t.Logf("%d generators, median %v", len(rows), rows[len(rows)/2].took)
	for _, r := range rows[:25] {
		t.Logf("%-30s %8v %6.1f", r.h.name, r.took.Round(100*time.Microsecond), r.work)
	}
	slices.SortFunc(rows, func(a, b row) int { return int(b.work - a.work) })
	for _, r := range rows[:25] {
		t.Logf("%-30s %8v %6.1f", r.h.name, r.took.Round(100*time.Microsecond), r.work)
	}
}
