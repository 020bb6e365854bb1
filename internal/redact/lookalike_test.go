package redact

import (
	"encoding/json"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// touchedOfThousand is how many of a thousand texts that only look like secrets may be touched.
const touchedOfThousand = 2

func TestLookAlikesAreNotTouched(t *testing.T) {
	r := redactor(t, Rules{})
	all := corpus.LookAlikes(newSeed(t))
	kinds, touched := map[string]int{}, 0
	for _, l := range all {
		kinds[l.Kind]++
		got, changed := r.String("content", l.Text)
		if docs := documents(l.Text); !changed {
			for _, where := range []string{"member", "deep", "string of JSON", "amid a text"} {
				if out, in, err := r.JSON(nil, []byte(docs[where])); in || err != nil {
					got, changed = where+": "+string(out), true
				}
			}
		}
		if json.Valid([]byte(l.Text)) && !changed {
			if out, in, err := r.JSON(nil, []byte(l.Text)); in || err != nil {
				got, changed = string(out), true
			}
		}
		if changed {
			touched++
			t.Logf("%s: %.2000q\n\tbecomes %.2000q", l.Kind, l.Text, got)
		}
	}
	if len(all) < 1500 || len(kinds) < 20 {
		t.Errorf("%d look-alikes of %d kinds, want 1,500 of 20: %v", len(all), len(kinds), kinds)
	}
	t.Logf("%d of %d look-alikes of %d kinds are touched", touched, len(all), len(kinds))
	if touched*1000 > touchedOfThousand*len(all) {
		t.Errorf("%d of %d look-alikes are touched", touched, len(all))
	}
}
