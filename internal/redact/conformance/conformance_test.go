// Package conformance holds the rules for values against rule sets of others: for each of their
// rules that describes a form of its own, values that are made from the rule have to be hidden. It
// has no code of theirs, and the module that is published does not need them.
package conformance

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/internal/redact"
)

// rule is one of a rule set. group is the submatch that is secret.
type rule struct {
	id, expression string
	group          int
}

const (
	first = 0  // the first group that is not empty, or all if there is none
	whole = -1 // all
)

// sample is a value made from a rule.
type sample struct {
	text   string // all that the rule matches
	secret string
	drawn  []bool
}

// fixed is the longest run of bytes that all values of the rule have in common.
func (s *sample) fixed() (longest int) {
	n := 0
	for i, drawn := range s.drawn {
		if n++; drawn || s.secret[i] == '-' && n == 1 {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}

// ownForm is how many bytes make a form: a rule that has fewer knows the value by what stands
// beside it.
const ownForm = 3

// remains is the longest run of drawn bytes of the secret that a text still has.
func (s *sample) remains(text string) (longest int) {
	for i := range s.secret {
		for n := longest + 1; i+n <= len(s.secret) && !slices.Contains(s.drawn[i:i+n], false) &&
			strings.Contains(text, s.secret[i:i+n]); n++ {
			longest = n
		}
	}
	return longest
}

// tolerated is a run that may remain: texts have so much in common by chance.
const tolerated = 5

var places = []string{"%s", "use %s now", "key=%s", "KEY='%s'", `{"k": "%s"}`,
	"first line\n%s\nlast line"}

const draws = 20

// unlike are rules whose expression fits much more than the form that it is for, so that what is
// made from it is none.
var unlike = map[string]string{
	"jwt": "its header and claims are no JSON; tokens that are have tests of " +
		"their own",
	"jwt-token":              "as jwt",
	"private-key":            "its label and its last line are not those of a key",
	"kubernetes-secret-yaml": "it is a manifest around a value of any form",
	"freemius-secret-key":    "it is a name beside a value of any printable characters",
}

// dear are rules whose values are not looked for, since that would make every message dearer.
var dear = map[string]string{
	"ionic-api-token": "ion_ is the end of every word in -ion that a line follows, and its first " +
		"three letters are those of names such as conversation: half as much again for each event",
}

func TestValuesOfRulesWithAFormOfTheirOwnAreHidden(t *testing.T) {
	r, err := redact.New(redact.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	for name, rules := range map[string][]rule{"gitleaks": gitleaksRules(t),
		"trivy": trivyRules(t)} {
		t.Run(name, func(t *testing.T) {
			t.Logf("seed %d", seed)
			rnd := rand.New(rand.NewPCG(seed, 0))
			with, hidden := 0, 0
			for _, rule := range rules {
				samples := samplesOf(t, rnd, &rule)
				if unlike[rule.id] != "" || slices.ContainsFunc(samples, func(s sample) bool {
					return s.fixed() < ownForm
				}) {
					continue
				}
				with++
				if why := dear[rule.id]; why != "" {
					t.Logf("%s is not looked for: %s", rule.id, why)
					continue
				}
				if missed, example := leave(r, samples); missed > 0 {
					t.Errorf("%-40s %3d of %d leave, as %.120q\n\t%s", rule.id, missed,
						len(samples)*len(places), example, rule.expression)
					continue
				}
				hidden++
			}
			t.Logf("%d of %d rules with a form of their own, of %d in all, are hidden", hidden,
				with, len(rules))
		})
	}
}

// leave returns how many of the samples leave, and how one does.
func leave(r *redact.Redactor, samples []sample) (missed int, example string) {
	for _, s := range samples {
		for _, place := range places {
			if got, _ := r.String("content", fmt.Sprintf(place, s.secret)); s.remains(got) >
				tolerated {
				missed++
				example = got
			}
		}
	}
	return missed, example
}

// samplesOf makes values that the rule itself matches.
func samplesOf(t *testing.T, rnd *rand.Rand, r *rule) (samples []sample) {
	t.Helper()
	match := regexp.MustCompile(r.expression)
	for range 20 * draws {
		d, err := draw(rnd, r.expression)
		if err != nil {
			t.Fatalf("%s: %v", r.id, err)
		}
		s := sample{text: d.text.String()}
		if s.secret, s.drawn = d.secret(r.group); match.MatchString(s.text) {
			if samples = append(samples, s); len(samples) == draws {
				break
			}
		}
	}
	if len(samples) == 0 {
		t.Errorf("%s: no value of it could be made", r.id)
	}
	return samples
}
