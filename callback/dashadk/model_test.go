package dashadk

import (
	"context"
	"iter"
	"sync/atomic"

	"google.golang.org/genai"

	"google.golang.org/adk/v2/agent"
	"google.golang.org/adk/v2/agent/llmagent"
	"google.golang.org/adk/v2/model"
	"google.golang.org/adk/v2/tool"
)

// fakeModel calls its tools first, and then answers.
type fakeModel struct {
	failing int32 // how many calls fail
	err     error
	tools   []tool.Tool
	called  atomic.Int32
}

func (*fakeModel) Name() string { return "fake-1" }

func (f *fakeModel) GenerateContent(
	_ context.Context, req *model.LLMRequest, stream bool,
) iter.Seq2[*model.LLMResponse, error] {
	return func(yield func(*model.LLMResponse, error) bool) {
		if f.called.Add(1) <= f.failing {
			yield(nil, f.err)
			return
		}
		last := req.Contents[len(req.Contents)-1]
		if len(f.tools) > 0 && last.Parts[len(last.Parts)-1].FunctionResponse == nil {
			yield(f.callTools(), nil)
			return
		}
		if stream {
			for _, s := range []string{"Hel", "lo"} {
				part := &model.LLMResponse{Content: genai.NewContentFromText(s, "model"),
					Partial: true}
				if !yield(part, nil) {
					return
				}
			}
		}
		yield(&model.LLMResponse{Content: genai.NewContentFromText("Hello", "model"),
			TurnComplete: true, FinishReason: genai.FinishReasonStop,
			UsageMetadata: &genai.GenerateContentResponseUsageMetadata{PromptTokenCount: 7,
				CandidatesTokenCount: 3, TotalTokenCount: 10}}, nil)
	}
}

func (f *fakeModel) callTools() *model.LLMResponse {
	c := &genai.Content{Role: "model"}
	for _, t := range f.tools {
		c.Parts = append(c.Parts, &genai.Part{FunctionCall: &genai.FunctionCall{
			Name: t.Name(), Args: map[string]any{"q": "x"}}})
	}
	return &model.LLMResponse{Content: c, TurnComplete: true,
		FinishReason: genai.FinishReasonStop}
}

// llm returns an agent with a model and the model's tools.
func llm(name string, m *fakeModel) agent.Agent {
	return must(llmagent.New(llmagent.Config{Name: name, Description: "answers", Model: m,
		Tools: m.tools}))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
