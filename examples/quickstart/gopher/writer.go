package gopher

import (
	"context"
	"fmt"
	"strings"

	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/schema"
)

// Extractive writes answers without a language model: it quotes the passages that it is given.
type Extractive struct{}

// String names the writer.
func (Extractive) String() string { return "the extractive writer, which quotes what was found" }

// Generate implements model.BaseChatModel.
func (w Extractive) Generate(
	_ context.Context, input []*schema.Message, _ ...model.Option,
) (*schema.Message, error) {
	return w.message(strings.Join(w.write(input), ""), input), nil
}

// Stream implements model.BaseChatModel: the answer comes in parts of some words.
func (w Extractive) Stream(
	_ context.Context, input []*schema.Message, _ ...model.Option,
) (*schema.StreamReader[*schema.Message], error) {
	parts := w.write(input)
	messages := make([]*schema.Message, len(parts))
	for i, p := range parts {
		messages[i] = schema.AssistantMessage(p, nil)
	}
	if len(messages) > 0 {
		messages[len(messages)-1].ResponseMeta = w.message(strings.Join(parts, ""),
			input).ResponseMeta
	}
	return schema.StreamReaderFromArray(messages), nil
}

func (Extractive) message(text string, input []*schema.Message) *schema.Message {
	m := schema.AssistantMessage(text, nil)
	asked := 0
	for _, in := range input {
		asked += len(strings.Fields(in.Content))
	}
	said := len(strings.Fields(text))
	m.ResponseMeta = &schema.ResponseMeta{
		FinishReason: "stop", Usage: &schema.TokenUsage{PromptTokens: asked, CompletionTokens: said,
			TotalTokens: asked + said},
	}
	return m
}

// write returns the answer in parts.
func (Extractive) write(input []*schema.Message) []string {
	passages := passages(input[len(input)-1].Content)
	if len(passages) == 0 {
		return []string{"Nothing in the standard library's documentation ", "answers that."}
	}
	var parts []string
	for i, p := range passages {
		lead := "See also"
		if i == 0 {
			lead = "Look at"
		}
		parts = append(parts, strings.SplitAfter(fmt.Sprintf("%s %s. %s [%s]\n", lead, p.title,
			p.text, p.cite), " ")...)
	}
	return parts
}

type passage struct{ cite, title, text string }

// passages reads what prompt wrote.
func passages(content string) (found []passage) {
	for _, line := range strings.Split(content, "\n") {
		rest, ok := strings.CutPrefix(line, "[")
		if !ok {
			continue
		}
		cite, rest, _ := strings.Cut(rest, "] ")
		title, text, _ := strings.Cut(rest, ": ")
		found = append(found, passage{cite, title, text})
	}
	return found
}
