package redact

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// streamed returns what leaves of a text that comes in parts. between is called after each of them.
func streamed(t testing.TB, r *Redactor, between func(s *Stream) Released, parts ...string) string {
	t.Helper()
	s := r.NewStream()
	var out strings.Builder
	taken := 0
	leave := func(got Released) {
		taken += got.Taken
		out.WriteString(got.Text)
		if s.Memory() > 2*MaxStream {
			t.Fatalf("a stream takes %d bytes", s.Memory())
		}
	}
	for _, part := range parts {
		leave(s.Add(part))
		if between != nil {
			leave(between(s))
		}
	}
	leave(s.End())
	if all := len(strings.Join(parts, "")); taken != all {
		t.Fatalf("%d bytes of %d are accounted for", taken, all)
	}
	return out.String()
}

// answersWith are texts that a model writes around what it shows.
var answersWith = []string{"%s", "Here it is: %s and so on.",
	"```\n%s\n```\nThat is all that there is in the file, as far as I can see."}

// streamText is a text with a secret, which the rules hide when it comes as one. plain says that it
// has nothing else.
type streamText struct {
	what, text, secret, whole string
	plain                     bool
}

func streamTexts(r *Redactor, seed uint64) (texts []streamText) {
	for _, p := range plantedOf(corpus.Secrets(seed)) {
		for _, a := range answersWith {
			text := fmt.Sprintf(a, p.text)
			if whole, _ := r.String("", text); !strings.Contains(whole, p.secret) {
				texts = append(texts, streamText{p.what, text, p.secret, whole, text == p.text})
			}
		}
	}
	return texts
}

func newSeed(t testing.TB) uint64 {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return seed
}

func TestAStreamThatCutsASecretIsWhatTheWholeTextIs(t *testing.T) {
	r := redactor(t, Rules{})
	seed := newSeed(t)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for _, p := range streamTexts(r, seed) {
		text, whole := p.text, p.whole
		check := func(parts ...string) {
			t.Helper()
			if got := streamed(t, r, nil, parts...); got != whole &&
				withoutPrefixes(got) != withoutPrefixes(whole) {
				t.Fatalf("%s in %.200q:\n got %.300q\nwant %.300q", p.what, parts, got, whole)
			}
		}
		for i := 1; i < len(text); i++ {
			if (p.plain || rnd.IntN(5) == 0) && rnd.IntN(40) < draws(40) {
				check(text[:i], text[i:])
			}
		}
		for range draws(40) {
			i := 1 + rnd.IntN(len(text)-2)
			j := i + rnd.IntN(len(text)-i)
			check(text[:i], text[i:j], text[j:])
		}
		check(strings.Split(text, "")...)
		check(tokensIn(rnd, text)...)
	}
}

// withoutPrefixes takes out what stands before a mark and may as well be hidden: the letters of a
// word, as which a secret may have begun, and the quote in front of a value whose end was not known
// yet; and the rules' names, for a part of a value may be another rule's.
func withoutPrefixes(text string) string { return prefix.ReplaceAllString(text, "$1") }

var prefix = regexp.MustCompile(`(?:[A-Za-z0-9]{1,16}[.,!?)]{0,2}|["'])?(\[REDACTED):[a-z0-9-]+`)

// tokensIn cuts a text as models do.
func tokensIn(rnd *rand.Rand, text string) (parts []string) {
	for text != "" {
		n := min(1+rnd.IntN(7), len(text))
		parts = append(parts, text[:n])
		text = text[n:]
	}
	return parts
}

// remainder is the longest part of a secret that a text has, its first bytes left out that any may
// have.
func remainder(text, secret string) (longest string) {
	for i := range secret {
		for n := len(longest) + 1; i+n <= len(secret) && strings.Contains(text,
			secret[i:i+n]); n++ {
			longest = secret[i : i+n]
		}
	}
	return longest
}

// Of a secret that is cut, no more leaves than the letters that it may begin with, such as gh. When
// a part is not waited for any longer, what announces a secret leaves as well, such as sk-proj-.
func TestOfASecretInAStreamOnlyItsFirstLettersLeave(t *testing.T) {
	r := redactor(t, Rules{})
	seed := newSeed(t)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for what, pause := range map[string]struct {
		between func(*Stream) Released
		most    int // bytes that may be published of a secret
	}{"cut": {nil, 8}, "decide": {(*Stream).Decide, len("access-production-")}} {
		for _, p := range streamTexts(r, seed) {
			positions := rnd.Perm(len(p.text) - 1)
			for _, i := range positions[:min(len(positions), draws(40))] {
				got := streamed(t, r, pause.between, p.text[:i+1], p.text[i+1:])
				left := remainder(got, p.secret)
				if len(left) > max(len(remainder(p.whole, p.secret)), pause.most) &&
					strings.Trim(left, corpus.Uppers+"- \n`") != "" {
					t.Errorf("%s: %s, cut at %d: %q leaves in %.300q", what, p.what, i+1, left, got)
					break
				}
			}
		}
	}
}

// Wherever a text is cut, and into however small parts, no more of its secret leaves than when it
// comes as one.
func TestAStreamHidesSecretsOfAllKinds(t *testing.T) {
	r := redactor(t, Rules{})
	seed := newSeed(t)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for kind, secrets := range corpus.Kinds(seed) {
		for _, secret := range secrets {
			whole, _ := r.String("", secret.Text)
			most := max(8, len(remainder(whole, secret.Secret)))
			check := func(parts ...string) {
				t.Helper()
				got := streamed(t, r, nil, parts...)
				if left := remainder(got, secret.Secret); len(left) > most &&
					strings.Trim(left, corpus.Uppers+"- \n`") != "" {
					t.Errorf("%s in %.200q: %q leaves in %.200q", kind, parts, left, got)
				}
			}
			for i := 1; i < len(secret.Text); i++ {
				check(secret.Text[:i], secret.Text[i:])
			}
			check(strings.Split(secret.Text, "")...)
			check(tokensIn(rnd, secret.Text)...)
		}
	}
}

func TestHarmlessTextsPassAStreamAsTheyAre(t *testing.T) {
	r := redactor(t, Rules{})
	rnd := rand.New(rand.NewPCG(newSeed(t), 0))
	for _, text := range corpus.Harmless() {
		if got := streamed(t, r, nil, tokensIn(rnd, text)...); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	all := strings.Join(corpus.Harmless(), "\n\n")
	whole, _ := r.String("", all)
	if got := streamed(t, r, nil, tokensIn(rnd, all)...); got != all && got != whole {
		t.Errorf("the texts together: %d bytes of %d", len(got), len(all))
	}
}

func TestWhatAStreamKeeps(t *testing.T) {
	long := strings.Repeat("x", 10)
	tests := map[string]struct {
		parts []string
		want  []string // what leaves with each part, and at the end
	}{
		"words": {[]string{"The", " answer", " is", " ", "4", "2."},
			[]string{"The", " answer", " is", " ", "4", "2.", ""}},
		"words that are none": {[]string{"See", " GPT", "-4", "o ", "there"},
			[]string{"See", " ", "", "GPT-4o ", "there", ""}},
		"no blanks": {[]string{"答", "案是", "四"}, []string{"答", "案是", "四", ""}},
		"minified": {[]string{`say ` + `"a","b`, `":"c",`, `"d`},
			[]string{`say "a",`, `"b":"c",`, "", `"d`}},
		"a name and its value": {
			[]string{"The password", " is ", "hun", "ter2", "!x, as ", "you ", "know"},
			[]string{"The password", "", "", "", "", "", "",
				" is [REDACTED:password], as you know"},
		},
		"a card": {[]string{"pay with 4111", " 1111 ", "1111 1111", " now"},
			[]string{"pay with ", "", "", "[REDACTED:credit-card] now", ""}},
		"a long key": {
			[]string{"-----BEG", "IN RSA PRIVATE KEY-----\n", strings.Repeat("Mx"+long, 30) + "\n",
				strings.Repeat(long, 300), "\n-----E", "ND RSA PRIV", "ATE KEY-----\n", "Keep it."},
			[]string{"", "", "[REDACTED:private-key]", "", "", "", "", "\nKeep it.", ""},
		},
		"a key without an end": {
			[]string{"-----BEG" + "IN PRIVATE KEY-----\n" + strings.Repeat("Mx"+long, 30),
				"\n" + long, " \n"}, []string{"[REDACTED:private-key]", "", "", " \n"},
		},
		"a document": {[]string{`{"a": 1, `, `"credentials": {"user": "bob", "k": `,
			`"v"}, "b"`, `: 2}`},
			[]string{`{"a": 1, `, "", "",
				`"credentials": {"user": "[REDACTED:credentials]", "k": "[REDACTED:credentials]"}, "b": 2}`, ""}},
		"a document without any": {[]string{`{"a": 1, `, `"b": `, `2}`},
			[]string{`{"a": 1, `, `"b": `, "", "2}"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := redactor(t, Rules{CreditCards: name == "a card"}).NewStream()
			var got []string
			for _, part := range tt.parts {
				got = append(got, s.Add(part).Text)
			}
			if got = append(got, s.End().Text); !slices.Equal(got, tt.want) {
				t.Errorf("\n got %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestAStreamIsBounded(t *testing.T) {
	r := redactor(t, Rules{})
	key := "-----BEG" + "IN PRIVATE KEY-----\n"
	for name, text := range map[string]string{
		"one word":                   strings.Repeat("x", 1<<20),
		"a key that never ends":      key + strings.Repeat("Ab1/", 1<<18),
		"a token that never ends":    "ghp" + "_" + strings.Repeat("Ab1", 1<<18),
		"a password that goes on":    `password = "` + strings.Repeat("correct horse ", 1<<16),
		"begins of keys":             strings.Repeat(key+"!", 1<<11),
		"names":                      strings.Repeat("password: ", 1<<11),
		"a document that never ends": `{"password": [` + strings.Repeat(`"x",`, 1<<16),
		"the header of a JWT":        "eyJ" + strings.Repeat("hbGci", 1<<15),
	} {
		t.Run(name, func(t *testing.T) {
			s := r.NewStream()
			most := 0
			for i := 0; i < len(text); i += 40 {
				s.Add(text[i:min(len(text), i+40)])
				most = max(most, s.Kept())
			}
			if most > MaxStream || s.Memory() > 2*MaxStream {
				t.Errorf("%d bytes kept in %d, want at most %d", most, s.Memory(), MaxStream)
			}
		})
	}
}

func TestANilStreamKeepsNothing(t *testing.T) {
	var r *Redactor
	s := r.NewStream()
	if got := s.Add("password: hunter2"); got.Text != "password: hunter2" || got.Hidden ||
		got.Taken != 17 {
		t.Errorf("%+v", got)
	}
	if s.Decide() != (Released{}) || s.End() != (Released{}) || s.Kept() != 0 || s.Memory() != 0 {
		t.Error("a nil stream has something")
	}
}
