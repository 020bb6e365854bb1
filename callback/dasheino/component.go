package dasheino

import (
	"log/slog"

	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/components/embedding"
	"github.com/cloudwego/eino/components/retriever"
	"github.com/cloudwego/eino/schema"
)

// about returns the attributes of a node's start that describe its component.
func (b *beginning) about() (attrs []slog.Attr) {
	if b.info.Component != components.ComponentOfEmbedding {
		return nil
	}
	in := embedding.ConvCallbackInput(b.input)
	if in == nil {
		return nil
	}
	if in.Config != nil && in.Config.Model != "" {
		attrs = append(attrs, slog.String("model", in.Config.Model))
	}
	return append(attrs, slog.Int("texts", len(in.Texts)))
}

// resultAttrs returns the attributes of a node's end that describe a component's result.
func resultAttrs(output any) (attrs []slog.Attr) {
	switch out := output.(type) {
	case *embedding.CallbackOutput:
		if out == nil {
			return nil
		}
		if out.Config != nil && out.Config.Model != "" {
			attrs = append(attrs, slog.String("model", out.Config.Model))
		}
		if u := out.TokenUsage; u != nil {
			attrs = append(attrs, slog.Int("prompt_tokens", u.PromptTokens),
				slog.Int("completion_tokens", u.CompletionTokens),
				slog.Int("total_tokens", u.TotalTokens))
		}
	case *retriever.CallbackOutput:
		if out != nil {
			attrs = append(attrs, slog.Int("documents", len(out.Docs)))
		}
	case []*schema.Document:
		attrs = append(attrs, slog.Int("documents", len(out)))
	}
	return attrs
}
