package gopher

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dasheino"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

var standardLibrary = sync.OnceValues(func() (*Corpus, error) {
	return Load(context.Background())
})

func testCorpus(t *testing.T) *Corpus {
	t.Helper()
	c, err := standardLibrary()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// citations finds what an answer cites: a title, a file and a line.
var citations = regexp.MustCompile(`(?:Look at|See also) (\S+)\. .*\[(\S+):(\d+)\]`)

func TestAgentCitesWhereTheAnswerStands(t *testing.T) {
	a, err := New(t.Context(), testCorpus(t), Extractive{})
	if err != nil {
		t.Fatal(err)
	}
	root, err := goroot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ question, want string }{
		{"How do I read a file line by line?", "bufio.Scanner"},
		{"How can I limit how long an HTTP request takes?", "net/http.TimeoutHandler"},
		{"How do I make a random number that nobody can guess?", "crypto/rand.package"},
		{"How do I stop a goroutine when a context is canceled?", "context.CancelFunc"},
		{"How do I encode a struct as JSON without escaping HTML?",
			"encoding/json.Encoder.SetEscapeHTML"},
		{"How do I wait for several goroutines to finish?", "sync.WaitGroup"},
		{"How do I sort a slice of structs by a field?", "slices.ExampleSortFunc_multiField"},
		{"How do I compare two errors that are wrapped?", "errors.Is"},
		{"How do I walk a directory tree?", "path/filepath.WalkDir"},
		{"How do I write a fuzz test?", "testing.F"},
		{"What is the difference between a buffered reader and a scanner?",
			"bufio.Reader.ReadLine"},
	} {
		said, err := Ask(t.Context(), a, tt.question)
		if err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, c := range citations.FindAllStringSubmatch(said, -1) {
			titles = append(titles, c[1])
			checkCitation(t, root, c[1], c[2], c[3])
		}
		if !slices.Contains(titles, tt.want) {
			t.Errorf("%s\ncites %q, want %s among them", tt.question, titles, tt.want)
		}
	}
}

// checkCitation checks that the line that is cited is about what it is said to be.
func checkCitation(t *testing.T, root, title, file, line string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	n, _ := strconv.Atoi(line)
	lines := strings.Split(string(b), "\n")
	if err != nil || n < 1 || n > len(lines) {
		t.Errorf("%s:%s is cited for %s, and is not there: %v", file, line, title, err)
		return
	}
	_, name, _ := strings.Cut(title[strings.LastIndexByte(title, '/')+1:], ".")
	name = name[strings.LastIndexByte(name, '.')+1:]
	if !strings.Contains(lines[n-1], name) {
		t.Errorf("%s:%s is cited for %s, and says %q", file, line, title, lines[n-1])
	}
}

func TestAgentBroadensOnceWhenItFindsTooLittle(t *testing.T) {
	f := findings{Plan: plan{Question: "q", Concepts: []concept{{"gues"}, {"xyzzyplugh"}}}}
	if got, _ := judge(t.Context(), f); got != "broaden" {
		t.Errorf("thin evidence leads to %s", got)
	}
	p, err := broaden(t.Context(), f)
	if err != nil || !p.Broader || len(p.Concepts) != 2 ||
		!slices.Equal(p.Concepts[0], concept{"gues", "cryptographic", "secur"}) ||
		len(p.Concepts[1]) != 1 {
		t.Errorf("broaden gave %+v, %v", p, err)
	}
	if got, _ := judge(t.Context(), findings{Plan: p}); got != "prompt" {
		t.Errorf("a second look that found nothing leads to %s", got)
	}
}

// The run that is printed is that of the first question.
func TestFirstQuestionShowsTheWholeStory(t *testing.T) {
	recorder := callbacktest.NewRecorder()
	client := recorder.Client(t)
	h := dasheino.NewHandler(client)
	a, err := New(t.Context(), testCorpus(t), Extractive{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Invoke(t.Context(), Questions[0], compose.WithCallbacks(h)); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := recorder.Check().Err(); err != nil {
		t.Error(err)
	}
	var reader reduce.Reducer
	for _, m := range recorder.Messages() {
		if _, err := reader.Add(m); err != nil {
			t.Error(err)
		}
	}
	for th := range reader.Threads() {
		var r research
		state, _ := th.State()
		if err := json.Unmarshal(state, &r); err != nil || r.Question != Questions[0] ||
			r.Looks != 2 || len(r.LooksFor) == 0 || r.Passages == 0 || len(r.Cites) == 0 {
			t.Errorf("the state is %s (%v)", state, err)
		}
		if h := th.Hashes(); th.NeedsResync() || h.Verified < 4 || h.Absent > 0 {
			t.Errorf("the state is %v, hashes %+v", th.Trust(), h)
		}
	}
	count := map[string]int{}
	for _, m := range recorder.Messages() {
		for e := range m.Events() {
			count[strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_")+" "+e.GetNodeId()]++
		}
		if x := m.GetToolExecution(); x != nil {
			count[strings.TrimPrefix(x.GetStage().String(), "EXECUTION_STAGE_")+" "+
				x.GetToolName()]++
		}
	}
	searches := "search_docs,search_examples,search_sources,search_web"
	for what, want := range map[string]int{
		"PARALLEL_START " + searches: 2, "PARALLEL_END " + searches: 2,
		"CONDITIONAL_BRANCH rank": 2, "NODE_START broaden": 1,
		"RETRYING search_sources": 2, "FAILED search_web": 2, "COMPLETED search_docs": 2,
		"LLM_END answer": 1, "GRAPH_END ": 1,
	} {
		if count[what] != want {
			t.Errorf("%d × %s, want %d", count[what], what, want)
		}
	}
}

func TestAgentRefusesAQuestionWithoutWords(t *testing.T) {
	if _, err := makePlan(t.Context(), "how do I?"); err == nil || !strings.Contains(err.Error(),
		"how do I?") {
		t.Errorf("got %v", err)
	}
}

func TestExtractiveWriterStreamsWhatItGenerates(t *testing.T) {
	input, err := prompt(t.Context(), findings{Plan: plan{Question: "q"}, Evidence: []evidence{
		{Title: "fmt.Println", File: "fmt/print.go", Line: 3, Text: "Println prints: a line."},
		{Title: "io.EOF", File: "io/io.go", Line: 7, Text: "The end."},
	}})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := Extractive{}.Generate(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := Extractive{}.Stream(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := schema.ConcatMessageStream(parts)
	if err != nil {
		t.Fatal(err)
	}
	if joined.Content != whole.Content || *joined.ResponseMeta.Usage != *whole.ResponseMeta.Usage {
		t.Errorf("streamed %q, generated %q", joined.Content, whole.Content)
	}
	for _, want := range []string{"fmt.Println. Println prints: a line. [fmt/print.go:3]",
		"[io/io.go:7]"} {
		if !strings.Contains(whole.Content, want) {
			t.Errorf("%q is not in %q", want, whole.Content)
		}
	}
}

func TestTermsAreStemsWithoutStopWords(t *testing.T) {
	for text, want := range map[string]string{
		"How do I walk the trees? WalkDir, io.EOF": "walk tre walk dir io eof",
		"wrapped wraps wrap":                       "wrap wrap wrap",
		"canceled cancellation":                    "cancel cancel",
		"":                                         "",
	} {
		if got := strings.Join(terms(text), " "); got != want {
			t.Errorf("%q has terms %q, want %q", text, got, want)
		}
	}
}
