package redact

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// hostile is a text that is made to be dear: pieces that rules begin at, over and over.
type hostile struct{ name, piece string }

// hostiles returns texts around every literal that the filter looks for, alone and in what nearly
// makes a secret of it, and more that are known to have been dear.
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
	put("curl \x00", "mysql -u\x1b ", "-----BEGIN PRIVATE KEY-----!", "-----BEGIN PRIVATE KEY-----",
		"-----BEGIN ", "pass:", "AKIAABCDEFGHIJKLMNOP/", "a://b:", "pwd={", "a://[", "a://b:c/",
		"a://b:c@",
		"eyJ", "eyJ-", "eyJ.", "eyJhbGciOiJIUzI1NiJ9.", "password=\"", "password='", `password=\"`,
		"token is ", "Bearer ", "Basic a", "curl -u a", "curl ", "@tcp(", "[REDACTED",
		"[REDACTED]", "[REDACTED]password=a", ":AA", "1:AA", "0Q~", "SK0", "Authorization: a=",
		"Cookie: a=", "&sig=", "{\"a\":", "hunter2 password=hunter2;",
		strings.Repeat("a", 4096)+"password=)", "password="+strings.Repeat(")", 4096)+" ",
		"hooks.slack.com/services/", "password: |\n  ", "password: >\n  a\n  ",
		"**password:** ", "<td>password</td><td>", "login password ", "password\t",
		"jdbc:oracle:thin:a/", `{"value":"x","a":`, `{"name":"token","value":`, `"auth":"`,
		"map[Password:[", "{Password:", "password=\\", "password=\\\"", "password=,", "password=&",
		"password=a,", "a=&password=", "\x1b[32mpassword\x1b[0m=", "\x1b[", "password=\x1b[0m",
		"password\n", "password:\n\n", "key key ", "api key api key ",
		"passpasspass", "pass_pass_", "secretsecret", "token.token.", "_key_key", "-key-key",
		"key.", "a.b.key=",
		`\u0026sig=`, `\u0022password\u0022:\u0022`, `\\\\\\\\"password`,
		"password\\\\\\\\\\\\\\\\\"", "-p ", " -p", "--password ", "mysql -p", "export PASSWORD=",
		"- name: PASSWORD\n  value: ",
		"value=a name=password ", "\"value\": \"a\", \"name\": \"password\"", "val name=password ",
		"- value: a\n  name: password\n", "val val val val type=password ", "is the password ",
		"aB3$aB3$aB3$ is the password ", "aB3$aB3$aB3$/password ", "> /////////password ",
		"setPassword(", "SET PASSWORD ", "identified by '", "password: string = ",
		"const password: string = \"", "password password ", "PASSWORD PASSWORD=")
	return all
}

func (h *hostile) text(size int) string {
	return strings.Repeat(h.piece, size/len(h.piece)+1)[:size]
}

// processTime is how long the process has used a processor.
func processTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// timeOf is how long a processor works on a text. A short one is looked at so often that this can
// be measured.
func timeOf(r *Redactor, text string) time.Duration {
	least, times := time.Hour, max(1, 64<<10/len(text))
	for range 3 {
		start := processTime()
		for range times {
			r.String("content", text)
		}
		least = min(least, (processTime()-start)/time.Duration(times))
	}
	return least
}

// unbounded is more than any text costs.
func unbounded() budget { return budget{math.MaxInt / 4, 0, math.MaxInt / 4} }

// workOf is what a text costs where nothing bounds it.
func workOf(r *Redactor, text string) int {
	b := unbounded()
	r.string(text, &b)
	return unbounded().left - b.left
}

// someHostiles draws so many of them.
func someHostiles(rnd *rand.Rand, n int) []hostile {
	all := hostiles()
	rnd.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	return all[:min(n, len(all))]
}

// Work grows as texts do, where nothing bounds it: each finder looks only so far, or remembers what
// it has looked at.
func TestWorkIsLinearInAnyText(t *testing.T) {
	r := redactor(t, Rules{CreditCards: true, Emails: true})
	rnd := rand.New(rand.NewPCG(seedOf(t), 3))
	for _, h := range someHostiles(rnd, draws(len(hostiles()))) {
		size := max(16<<10, 2*len(h.piece)) // less has not all of a long piece in it
		small, large := workOf(r, h.text(size)), workOf(r, h.text(4*size))
		if large > 8*small {
			t.Errorf("%s: %d for %d bytes, %d for four times as many", h.name, small, size, large)
		}
		if per := float64(large) / float64(4*size); per > workPerByteUnbounded {
			t.Errorf("%s: %.0f for each byte", h.name, per)
		}
	}
}

// workPerByteUnbounded is more than any text takes in all its passes where nothing bounds its work.
const workPerByteUnbounded = 1500

// No text takes more work than its size allows, but for what one finder does at the end: work is
// counted here, and the next test sees that it takes no longer than it should.
func TestNoTextTakesMoreWorkThanItsSizeAllows(t *testing.T) {
	r := redactor(t, Rules{})
	rnd := rand.New(rand.NewPCG(seedOf(t), 2))
	const oneFinder = 48 << 10 // which reads a long line, or a value
	for _, size := range []int{1 << 10, 8 << 10, 64 << 10, 1 << 20} {
		n := draws(min(len(hostiles()), 64<<20/size))
		if testing.Short() {
			n = max(1, n/8)
		}
		for _, h := range someHostiles(rnd, n) {
			b := budgetFor(size)
			allowed := b.left + b.rest
			r.string(h.text(size), &b)
			// and the filter, which looks in each pass
			if done := allowed - b.left - b.rest; done > allowed+oneFinder+4*size {
				t.Errorf("%s: %d units for %d bytes, allowed are %d", h.name, done, size, allowed)
			}
		}
	}
}

// No text takes more time than its budget is worth, and what is beyond is hidden.
func TestNoTextTakesLongerThanItsSizeAllows(t *testing.T) {
	if raceEnabled || testing.Short() {
		t.Skip("measures the processor's time, which the race detector and short runs spoil")
	}
	r := redactor(t, Rules{})
	rnd := rand.New(rand.NewPCG(seedOf(t), 1))
	chosen := someHostiles(rnd, 200)
	const size = 1 << 20
	harmless := timeOf(r,
		strings.Repeat("The agent looked at each flight and found nothing before noon. ", size/63))
	var all []time.Duration
	dearest := ""
	for _, h := range chosen {
		took := timeOf(r, h.text(size))
		for n := 0; n < 5 && took > 150*time.Millisecond; n++ { // a busy machine interrupts it
			took = min(took, timeOf(r, h.text(size)))
		}
		if all = append(all, took); took == slices.Max(all) {
			dearest = h.name
		}
		if took > 150*time.Millisecond { // with room for a busy machine: 50 are meant
			t.Errorf("%s: 1 MiB takes %v", h.name, took)
		}
	}
	slices.Sort(all)
	median := all[len(all)/2]
	t.Logf("1 MiB of %d hostile texts: median %v, most %v (%s); of a harmless one: %v", len(all),
		median, all[len(all)-1], dearest, harmless)
	if median > 20*max(harmless, 500*time.Microsecond) {
		t.Errorf("the median of hostile texts takes %v, a harmless one %v", median, harmless)
	}
	for _, size := range []int{1 << 10, 8 << 10, 64 << 10} {
		most := 150 * time.Millisecond * time.Duration(size) / (1 << 20)
		for _, h := range chosen {
			took := timeOf(r, h.text(size))
			for n := 0; n < 5 && took > most; n++ {
				took = min(took, timeOf(r, h.text(size)))
			}
			if took > most {
				t.Errorf("%s: %d bytes take %v", h.name, size, took)
			}
		}
	}
	for _, h := range chosen[:5] {
		if took := timeOf(r, h.text(8<<20)); took > 8*150*time.Millisecond {
			t.Errorf("%s: 8 MiB take %v", h.name, took)
		}
	}
}

// What is beyond the budget is hidden and counted, in texts and in documents.
func TestWhatIsBeyondTheBudgetIsHidden(t *testing.T) {
	r := redactor(t, Rules{})
	secret := "gh" + "p_" + corpus.NewMaker(seedOf(t)).Alnum(36)
	hostile := strings.Repeat("xoxb-", 1<<17)
	for what, got := range map[string]string{
		"text":     stringOf(r, hostile+" "+secret),
		"document": documentOf(t, r, `{"a":`+quoted(hostile)+`,"b":`+quoted(secret)+`}`),
		"key":      documentOf(t, r, `{"a":`+quoted(hostile)+`,`+quoted(secret)+`:1}`),
	} {
		if strings.Contains(got, secret) || !strings.Contains(got, markOf("unsearched")) {
			t.Errorf("%s: …%s", what, got[max(0, len(got)-100):])
		}
	}
	for _, c := range r.Counts() {
		if c.Rule == "unsearched" && c.Hidden == 0 {
			t.Error("nothing is counted as unsearched")
		}
	}
	if _, err := New(Rules{Off: []string{"unsearched"}}); err == nil {
		t.Error("what nobody has looked at may be published")
	}
}

// A pattern of a user's that would take long is refused when a Redactor is made.
func TestDearPatternsAreRefused(t *testing.T) {
	for _, pattern := range []string{`(a{0,100}){0,100}b`, `(\w{1,500}\s){1,9}x`, `[a-z]{1,400}Q`,
		`(?:[A-Za-z0-9]{64}){8}`} {
		_, err := New(Rules{Custom: []Custom{{Name: "dear", Pattern: pattern}}})
		if err == nil || !strings.Contains(err.Error(), `"dear"`) {
			t.Errorf("%s: %v", pattern, err)
		}
		if _, err := New(Rules{AllowPatterns: []string{pattern}}); err == nil {
			t.Errorf("%s is allowed as a pattern of what is allowed", pattern)
		}
	}
	for _, pattern := range []string{`EMP-\d{6}`, `\b[A-Z]{2}\d{6}\b`,
		`ticket (?P<secret>[a-z0-9]{32})`, `[a-f0-9]{64}`} {
		if _, err := New(Rules{Custom: []Custom{{Name: "fine", Pattern: pattern}}}); err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

// A pattern runs under a budget too.
func TestPatternsHaveABudget(t *testing.T) {
	r := redactor(t, Rules{Custom: []Custom{{Name: "long", Pattern: `[a-z]{100}Q`}}})
	text := strings.Repeat("a", 4<<20)
	if got := stringOf(r, text); !strings.HasSuffix(got, markOf("unsearched")) || len(got) < 1<<10 {
		t.Errorf("%d bytes: …%s", len(got), got[max(0, len(got)-100):])
	}
}

// FuzzWork looks for a text that takes more work than its size allows. The oracle is the count of
// work, not the clock.
func FuzzWork(f *testing.F) {
	for _, h := range hostiles() {
		f.Add(h.piece, 8)
	}
	r := redactor(f, Rules{CreditCards: true, Emails: true})
	f.Fuzz(func(t *testing.T, piece string, times int) {
		if len(piece) == 0 || len(piece) > 1<<10 {
			return
		}
		text := strings.Repeat(piece, 1+abs(times)%(1+(16<<10)/len(piece)))
		if work := workOf(r, text); work > workPerByteUnbounded*len(text)+1<<16 {
			t.Errorf("%d for %d bytes: %.60q", work, len(text), piece)
		}
		b := budgetFor(len(text))
		r.string(text, &b)
		if b.left < 0 {
			t.Errorf("%d are left", b.left)
		}
	})
}
