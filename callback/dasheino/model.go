package dasheino

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"

	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
)

// modelWork is a call of a chat model, with its node if the model is one.
type modelWork struct {
	llm      *callback.LLM
	in       *callback.Node // where it is made
	own      *callback.Node // the model's own node, nil if it has none
	textless bool

	mu        sync.Mutex
	text      strings.Builder // of an answer that was not streamed
	reasoning strings.Builder
	calls     []*schema.Message // messages with the tools that the model asks for
	usage     model.TokenUsage
	finish    string
}

// model begins a call of a chat model.
func (b *beginning) model() context.Context {
	ctx, s := b.ctx, (*span)(nil)
	w := &modelWork{in: b.node, textless: b.h.opts.textless}
	if b.last.Type == compose.AddressSegmentNode {
		ctx, w.own, s = b.startNode()
		w.in = w.own
	} else {
		s = b.span(b.node)
	}
	w.llm = w.in.StartLLM(b.request())
	s.work = w
	return s.enter(context.WithValue(ctx, llmKey{}, w.llm))
}

func (b *beginning) request() callback.LLMRequest {
	req := callback.LLMRequest{Provider: b.info.Type}
	in := model.ConvCallbackInput(b.input)
	if in == nil {
		return req
	}
	if in.Config != nil {
		req.Model = in.Config.Model
	}
	if len(in.Tools) > 0 {
		req.Attrs = append(req.Attrs, slog.Int("tools", len(in.Tools)))
	}
	req.Attrs = append(req.Attrs, slog.Int("messages", len(in.Messages)))
	if !b.h.opts.textless {
		req.Prompt = prompt(in.Messages)
	}
	return req
}

// maxPrompt is how much of a prompt is sent, in bytes: a conversation is sent again with every call.
const maxPrompt = 16 << 10

// prompt writes the newest messages that fit.
func prompt(messages []*schema.Message) string {
	var parts []string
	room := maxPrompt
	for i := len(messages) - 1; i >= 0; i-- {
		if messages[i] == nil {
			continue
		}
		text := string(messages[i].Role) + ": " + content(messages[i])
		if len(parts) > 0 && len(text) > room {
			parts = append(parts, "("+strconv.Itoa(i+1)+" earlier messages)")
			break
		}
		text = cut(text, maxPrompt)
		room -= len(text)
		parts = append(parts, text)
	}
	var all strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		all.WriteString(parts[i])
		if i > 0 {
			all.WriteString("\n\n")
		}
	}
	return all.String()
}

// content is the text of a message, and the tools that it asks for.
func content(m *schema.Message) string {
	parts := []string{}
	if m.Content != "" {
		parts = append(parts, m.Content)
	}
	for _, p := range m.UserInputMultiContent {
		if p.Type == schema.ChatMessagePartTypeText {
			parts = append(parts, p.Text)
		} else {
			parts = append(parts, "["+string(p.Type)+"]")
		}
	}
	for _, c := range m.ToolCalls {
		parts = append(parts, c.Function.Name+"("+c.Function.Arguments+")")
	}
	return strings.Join(parts, "\n")
}

func (w *modelWork) result(output any) { w.take(output, false) }
func (w *modelWork) part(chunk any)    { w.take(chunk, true) }

func (w *modelWork) take(output any, streamed bool) {
	out := model.ConvCallbackOutput(output)
	if out == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if out.TokenUsage != nil {
		w.count(*out.TokenUsage)
	}
	m := out.Message
	if m == nil {
		return
	}
	if m.ResponseMeta != nil {
		w.meta(m.ResponseMeta)
	}
	if len(m.ToolCalls) > 0 {
		w.calls = append(w.calls, &schema.Message{Role: schema.Assistant, ToolCalls: m.ToolCalls})
	}
	if w.textless {
		return
	}
	w.reasoning.WriteString(m.ReasoningContent)
	if streamed {
		w.llm.Token(m.Content)
	} else {
		w.text.WriteString(m.Content)
	}
}

func (w *modelWork) meta(m *schema.ResponseMeta) {
	if m.FinishReason != "" {
		w.finish = m.FinishReason
	}
	if u := m.Usage; u != nil {
		w.count(model.TokenUsage{PromptTokens: u.PromptTokens, CompletionTokens: u.CompletionTokens, TotalTokens: u.TotalTokens})
	}
}

// count takes what a model says about its tokens. In a stream the counts grow, or come once.
func (w *modelWork) count(u model.TokenUsage) {
	w.usage.PromptTokens = max(w.usage.PromptTokens, u.PromptTokens)
	w.usage.CompletionTokens = max(w.usage.CompletionTokens, u.CompletionTokens)
	w.usage.TotalTokens = max(w.usage.TotalTokens, u.TotalTokens)
}

func (w *modelWork) end(o outcome) {
	w.mu.Lock()
	thought, asked := w.reasoning.String(), w.asked()
	res := callback.LLMResult{
		Text: w.text.String(), FinishReason: finishReason(w.finish),
		PromptTokens: w.usage.PromptTokens, CompletionTokens: w.usage.CompletionTokens, TotalTokens: w.usage.TotalTokens,
	}
	w.mu.Unlock()
	if thought != "" {
		w.in.Thinking(1, thought)
	}
	w.llm.End(res, o.err)
	for _, c := range asked {
		call := callback.ToolCall{ID: c.ID, Name: c.Function.Name}
		if !w.textless {
			call.Arguments = arguments(c.Function.Arguments)
		}
		w.in.RequestTool(call) // it runs elsewhere, under the same id
	}
	if w.own != nil {
		endNode(w.own, o)
	}
}

// asked returns the tools that the model asks for, whole, whose parts a stream brings one by one. The caller holds the lock.
func (w *modelWork) asked() []schema.ToolCall {
	if len(w.calls) == 0 {
		return nil
	}
	m, err := schema.ConcatMessages(w.calls)
	if err != nil {
		return nil // the graph cannot make sense of them either, and fails
	}
	return m.ToolCalls
}

func finishReason(s string) callback.FinishReason {
	switch s {
	case "":
		return callback.FinishNone
	case "stop", "end_turn", "STOP":
		return callback.FinishStop
	case "length", "max_tokens", "MAX_TOKENS":
		return callback.FinishLength
	case "content_filter", "SAFETY":
		return callback.FinishContentFilter
	case "tool_calls", "tool_use", "function_call":
		return callback.FinishToolCalls
	default:
		return callback.FinishNone
	}
}
