package main

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/cloudwego/eino/schema"
)

var standardLibrary = sync.OnceValues(func() (*corpus, error) { return loadCorpus(context.Background()) })

func testCorpus(t *testing.T) *corpus {
	t.Helper()
	c, err := standardLibrary()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAgentCitesWhereTheAnswerStands(t *testing.T) {
	a, err := newAgent(t.Context(), testCorpus(t), extractive{})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ question, title, file string }{
		{"How do I walk a directory tree?", "filepath.Walk", "path/filepath/path.go:"},
		{"How do I stop a goroutine when a context is canceled?", "context.", "context/context.go:"},
		{"How do I read a file line by line?", "Scanner", "bufio/"},
		{"How do I format a time as RFC 3339?", "RFC 3339", "time/"},
	}
	for _, tt := range tests {
		x := ask(t.Context(), a, tt.question)
		if x.err != nil {
			t.Fatal(x.err)
		}
		if !strings.Contains(x.text, tt.title) || !strings.Contains(x.text, "["+tt.file) && !strings.Contains(x.text, "["+strings.TrimSuffix(tt.file, ":")) {
			t.Errorf("%s\nwant %s in %s, got\n%s", tt.question, tt.title, tt.file, x.text)
		}
	}
}

func TestAgentBroadensOnceWhenItFindsTooLittle(t *testing.T) {
	f := findings{Plan: plan{Question: "q", Words: []string{"quux", "xyzzyplugh"}}}
	if got, _ := judge(t.Context(), f); got != "broaden" {
		t.Errorf("thin evidence leads to %s", got)
	}
	p, err := broaden(t.Context(), f)
	if err != nil || !p.Broader || len(p.Words) != 1 || p.Words[0] != "xyzzyplugh" {
		t.Errorf("broaden gave %+v, %v", p, err)
	}
	if got, _ := judge(t.Context(), findings{Plan: p}); got != "prompt" {
		t.Errorf("a second look that found nothing leads to %s", got)
	}
}

func TestAgentRefusesAQuestionWithoutWords(t *testing.T) {
	if _, err := makePlan(t.Context(), "how do I?"); err == nil || !strings.Contains(err.Error(), "how do I?") {
		t.Errorf("got %v", err)
	}
}

func TestExtractiveWriterStreamsWhatItGenerates(t *testing.T) {
	input, err := prompt(t.Context(), findings{Plan: plan{Question: "q"}, Evidence: []evidence{
		{Title: "fmt.Println", File: "fmt/print.go", Line: 3, Text: "Println prints: a line."}, {Title: "io.EOF", File: "io/io.go", Line: 7, Text: "The end."},
	}})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := extractive{}.Generate(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := extractive{}.Stream(t.Context(), input)
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
	for _, want := range []string{"fmt.Println. Println prints: a line. [fmt/print.go:3]", "[io/io.go:7]"} {
		if !strings.Contains(whole.Content, want) {
			t.Errorf("%q is not in %q", want, whole.Content)
		}
	}
}

func TestTermsAreStemsWithoutStopWords(t *testing.T) {
	got := strings.Join(terms("How do I walk the trees? WalkDir, io.EOF"), " ")
	if got != "walk tre walk dir eof" && got != "walk tre walk dir io eof" {
		t.Errorf("got %q", got)
	}
}
