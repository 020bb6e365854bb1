package redact

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// recorded returns the documents of recorded runs of agents, one a run.
func recorded(t testing.TB) []json.RawMessage {
	t.Helper()
	path := os.Getenv("DASHSTREAM_TEST_RUNS")
	if path == "" {
		t.Skip("DASHSTREAM_TEST_RUNS does not name a file of recorded runs")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	var runs []any
	if err := json.NewDecoder(in).Decode(&runs); err != nil {
		t.Fatal(err)
	}
	docs := make([]json.RawMessage, len(runs))
	for i := range runs {
		if docs[i], err = json.Marshal(runs[i]); err != nil {
			t.Fatal(err)
		}
	}
	return docs
}

// textsOf returns the strings of documents that are at least so long.
func textsOf(docs []json.RawMessage, long int) (texts []string) {
	for _, doc := range docs {
		var v any
		if json.Unmarshal(doc, &v) == nil {
			everyString(v, func(s string) {
				if len(s) >= long {
					texts = append(texts, s)
				}
			})
		}
	}
	return texts
}

func TestRecordedRunsHaveNothingToHide(t *testing.T) {
	r := redactor(t, Rules{})
	for i, doc := range recorded(t) {
		if out := checkDocument(t, r, doc); string(out) != string(doc) {
			t.Errorf("run %d changed", i)
		}
	}
	for _, c := range r.Counts() {
		if c.Hidden > 0 {
			t.Errorf("%s: %d", c.Rule, c.Hidden)
		}
	}
}

func TestNothingToHideAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a sync.Pool drops at random what is put into it")
	}
	r := redactor(t, Rules{CreditCards: true, Emails: true})
	text := strings.Repeat("The agent said: \"no token of appreciation\", key = value, basic "+
		"economy, bearer of news. ", 20)
	doc := []byte(`{"role":"user","content":` + quoted(text) + `,"arguments":` +
		quoted(`{"a":[1,"x"]}`) + `,"usage":{"prompt_tokens":1}}`)
	for name, do := range map[string]func(){
		"String": func() { r.String("content", text) },
		"Bytes":  func() { r.Bytes(nil, "result", doc) },
		"JSON":   func() { r.JSON(nil, doc) }, //nolint:errcheck // measured, not checked
		"Name":   func() { r.Name("content") },
	} {
		do()
		if n := allocations(200, do); n > 1 {
			t.Errorf("%s: %.0f allocations in 200 calls", name, n)
		}
	}
}

func BenchmarkTexts(b *testing.B) {
	r := redactor(b, Rules{})
	texts := textsOf(recorded(b), 64)
	perByte(b, total(texts), func() {
		for _, text := range texts {
			r.String("content", text)
		}
	})
}

func BenchmarkShortTexts(b *testing.B) {
	r := redactor(b, Rules{})
	var texts []string
	for _, text := range textsOf(recorded(b), 1) {
		if len(text) < 64 {
			texts = append(texts, text)
		}
	}
	perByte(b, total(texts), func() {
		for _, text := range texts {
			r.String("content", text)
		}
	})
}

func BenchmarkTextsWithEveryOption(b *testing.B) {
	r := redactor(b, Rules{CreditCards: true, Emails: true})
	texts := textsOf(recorded(b), 64)
	perByte(b, total(texts), func() {
		for _, text := range texts {
			r.String("content", text)
		}
	})
}

func BenchmarkDocuments(b *testing.B) {
	r := redactor(b, Rules{})
	docs := recorded(b)
	perByte(b, total(docs), func() {
		for _, doc := range docs {
			if _, _, err := r.JSON(nil, doc); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkMarshal is what the documents cost their owner, to compare with.
func BenchmarkMarshal(b *testing.B) {
	docs := recorded(b)
	values := make([]any, len(docs))
	for i := range docs {
		if err := json.Unmarshal(docs[i], &values[i]); err != nil {
			b.Fatal(err)
		}
	}
	perByte(b, total(docs), func() {
		for _, v := range values {
			if _, err := json.Marshal(v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkBase64(b *testing.B) {
	r := redactor(b, Rules{})
	text := corpus.NewMaker(12).Of(corpus.Base64Chars, 1<<20)
	perByte(b, len(text), func() { r.String("content", text) })
}

func BenchmarkSecrets(b *testing.B) {
	r := redactor(b, Rules{})
	var texts []string
	for _, p := range secrets() {
		texts = append(texts, p.text)
	}
	perByte(b, total(texts), func() {
		for _, text := range texts {
			r.String("content", text)
		}
	})
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		redactor(b, Rules{})
	}
}

func total[T ~string | ~[]byte](all []T) (n int) {
	for _, one := range all {
		n += len(one)
	}
	return n
}

func perByte(b *testing.B, bytes int, do func()) {
	b.Helper()
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		do()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(bytes), "ns/byte")
}
