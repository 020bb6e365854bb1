package dashadk

import (
	"google.golang.org/genai"

	"google.golang.org/adk/v2/agent"
	"google.golang.org/adk/v2/agent/llmagent"
	"google.golang.org/adk/v2/model"
	"google.golang.org/adk/v2/tool"
	"google.golang.org/adk/v2/tool/functiontool"

	"github.com/dashstream/dashstream-go/callback/internal/adk/adktest"
)

type fakeModel = adktest.Model[model.LLMRequest, model.LLMResponse]

// newModel returns a model of which the first calls fail.
func newModel(failing int32) *fakeModel {
	return &fakeModel{Failing: failing, Args: map[string]any{"q": "x"},
		Contents: func(r *model.LLMRequest) []*genai.Content { return r.Contents },
		Response: func(c *genai.Content, partial bool) *model.LLMResponse {
			if partial {
				return &model.LLMResponse{Content: c, Partial: true}
			}
			return &model.LLMResponse{Content: c, TurnComplete: true,
				FinishReason: genai.FinishReasonStop, UsageMetadata: adktest.Usage()}
		}}
}

// llm returns an agent with a model, which calls the tools.
func llm(name string, m *fakeModel, tools ...tool.Tool) agent.Agent {
	for _, t := range tools {
		m.Tools = append(m.Tools, t.Name())
	}
	return must(llmagent.New(llmagent.Config{Name: name, Description: "answers", Model: m,
		Tools: tools}))
}

type query struct {
	Q string `json:"q"`
}

// newTool returns a tool that does f.
func newTool(name string, f func(agent.Context) error) tool.Tool {
	return must(functiontool.New(functiontool.Config{Name: name, Description: "finds"},
		func(c agent.Context, q query) (query, error) { return q, f(c) }))
}

func must[T any](v T, err error) T { return adktest.Must(v, err) }
