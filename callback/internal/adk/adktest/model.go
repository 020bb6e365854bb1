// Package adktest has a model for tests of the adapters for ADK: it needs no key.
package adktest

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"

	"google.golang.org/genai"
)

// Err is what fails in tests.
var Err = errors.New("no luck")

// Model calls its tools first, and then answers "Hello", in two parts if it streams. Req and Resp
// are ADK's LLMRequest and LLMResponse.
type Model[Req, Resp any] struct {
	// Failing is how many calls fail, before the others.
	Failing int32
	// Tools are the names of the tools, Args what they are called with.
	Tools []string
	Args  map[string]any
	// Contents reads a request, and Response writes a response.
	Contents func(*Req) []*genai.Content
	Response func(c *genai.Content, partial bool) *Resp

	called atomic.Int32
}

// Name returns the model's name.
func (*Model[Req, Resp]) Name() string { return "fake-1" }

// GenerateContent is a call of the model.
func (m *Model[Req, Resp]) GenerateContent(
	_ context.Context, req *Req, stream bool,
) iter.Seq2[*Resp, error] {
	return func(yield func(*Resp, error) bool) {
		if m.called.Add(1) <= m.Failing {
			yield(nil, Err)
			return
		}
		contents := m.Contents(req)
		last := contents[len(contents)-1]
		if len(m.Tools) > 0 && last.Parts[len(last.Parts)-1].FunctionResponse == nil {
			yield(m.Response(m.calls(), false), nil)
			return
		}
		for _, s := range []string{"Hel", "lo"} {
			c := genai.NewContentFromText(s, "model")
			if stream && !yield(m.Response(c, true), nil) {
				return
			}
		}
		yield(m.Response(genai.NewContentFromText("Hello", "model"), false), nil)
	}
}

func (m *Model[Req, Resp]) calls() *genai.Content {
	c := &genai.Content{Role: "model"}
	for _, name := range m.Tools {
		c.Parts = append(c.Parts, &genai.Part{FunctionCall: &genai.FunctionCall{
			Name: name, Args: m.Args}})
	}
	return c
}

// Usage is what every response counts.
func Usage() *genai.GenerateContentResponseUsageMetadata {
	return &genai.GenerateContentResponseUsageMetadata{PromptTokenCount: 7,
		CandidatesTokenCount: 3, TotalTokenCount: 10}
}

// Text returns the text of a content.
func Text(c *genai.Content) (text string) {
	if c != nil {
		for _, p := range c.Parts {
			text += p.Text
		}
	}
	return text
}

// Answer is what a human says to a question, or to a call of a tool.
func Answer(id, name string) *genai.Content {
	return &genai.Content{Role: "user", Parts: []*genai.Part{{
		FunctionResponse: &genai.FunctionResponse{ID: id, Name: name,
			Response: map[string]any{"result": "Ann"}}}}}
}

// Must returns v, and panics if there is an error.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
