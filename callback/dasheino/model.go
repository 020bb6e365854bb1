package dasheino

import (
	"context"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
)

// modelWork is a call of a chat model, and its node if the model is a node.
type modelWork struct {
	llm      *callback.LLM
	in       *callback.Node // the node in which the call is made
	own      *callback.Node // the model's own node, or nil
	calls    *requests      // those of the run
	textless bool

	mu        sync.Mutex
	text      strings.Builder   // of an answer that was not streamed
	reasoning strings.Builder   // not sent yet
	thoughts  int               // number of them sent
	others    map[string]bool   // kinds of parts without text that were named
	asked     []*schema.Message // messages with the tool calls that the model requests
	usage     tokenCount
	finish    string
	name      string // the model's name according to its answer
}

// tokenCount counts tokens. Cached tokens and those spent on reasoning are included in the others.
type tokenCount struct{ prompt, completion, total, cached, reasoning int }

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
	w.calls = &s.tree.calls
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

// maxPrompt is how much of a prompt is sent, in bytes: each call repeats the whole conversation.
const maxPrompt = 16 << 10

// prompt formats the newest messages that fit.
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

// content returns the text of a message, and the tool calls that it requests.
func content(m *schema.Message) string {
	parts := []string{}
	if m.Content != "" {
		parts = append(parts, m.Content)
	}
	part := func(kind schema.ChatMessagePartType, text string) {
		if kind != schema.ChatMessagePartTypeText {
			text = "[" + string(kind) + "]"
		}
		parts = append(parts, text)
	}
	for _, p := range m.MultiContent {
		part(p.Type, p.Text)
	}
	for _, p := range m.UserInputMultiContent {
		part(p.Type, p.Text)
	}
	for _, p := range m.AssistantGenMultiContent {
		part(p.Type, p.Text)
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
	if u := out.TokenUsage; u != nil {
		w.count(tokenCount{u.PromptTokens, u.CompletionTokens, u.TotalTokens,
			u.PromptTokenDetails.CachedTokens, u.CompletionTokensDetails.ReasoningTokens})
	}
	if out.Config != nil && out.Config.Model != "" {
		w.name = out.Config.Model
	}
	m := out.Message
	if m == nil {
		return
	}
	if m.ResponseMeta != nil {
		w.meta(m.ResponseMeta)
	}
	if len(m.ToolCalls) > 0 {
		w.asked = append(w.asked, &schema.Message{Role: schema.Assistant, ToolCalls: m.ToolCalls})
		w.calls.hear(w, m.ToolCalls)
	}
	if !w.textless {
		w.emit(m, streamed)
	}
}

// emit sends the texts of an answer or of a part of it, in order. The caller holds the lock.
func (w *modelWork) emit(m *schema.Message, streamed bool) {
	text, reasoning := w.texts(m)
	w.reasoning.WriteString(reasoning)
	if !streamed {
		w.text.WriteString(text)
		return
	}
	if text != "" || w.reasoning.Len() >= maxThought {
		w.think()
	}
	w.llm.Token(text)
}

// maxThought is how much streamed reasoning is collected before it is sent, in bytes.
const maxThought = 4 << 10

// think sends the reasoning that was not sent yet. The caller holds the lock.
func (w *modelWork) think() {
	if w.reasoning.Len() == 0 {
		return
	}
	w.thoughts++
	w.in.Thinking(w.thoughts, w.reasoning.String())
	w.reasoning.Reset()
}

// texts returns the text and the reasoning of a message. Of parts without text, one of each kind is
// named.
func (w *modelWork) texts(m *schema.Message) (text, reasoning string) {
	text, reasoning = m.Content, m.ReasoningContent
	for i := range m.AssistantGenMultiContent {
		p := &m.AssistantGenMultiContent[i]
		switch kind := string(p.Type); {
		case p.Type == schema.ChatMessagePartTypeText:
			text += p.Text
		case kind == "reasoning": // with a field that older versions do not have
			if thought := member(reflect.ValueOf(p), "Reasoning", "Text"); thought.Kind() ==
				reflect.String {
				reasoning += thought.String()
			}
		case !w.others[kind]:
			if w.others == nil {
				w.others = map[string]bool{}
			}
			w.others[kind] = true
			text += "[" + kind + "]"
		}
	}
	return text, reasoning
}

func (w *modelWork) meta(m *schema.ResponseMeta) {
	if m.FinishReason != "" {
		w.finish = m.FinishReason
	}
	if u := m.Usage; u != nil {
		w.count(tokenCount{u.PromptTokens, u.CompletionTokens, u.TotalTokens,
			u.PromptTokenDetails.CachedTokens, u.CompletionTokensDetails.ReasoningTokens})
	}
}

// count records the token counts that a model reports. In a stream the counts grow, or come once.
func (w *modelWork) count(u tokenCount) {
	w.usage.prompt = max(w.usage.prompt, u.prompt)
	w.usage.completion = max(w.usage.completion, u.completion)
	w.usage.total = max(w.usage.total, u.total)
	w.usage.cached = max(w.usage.cached, u.cached)
	w.usage.reasoning = max(w.usage.reasoning, u.reasoning)
}

func (w *modelWork) end(o outcome) {
	w.mu.Lock()
	w.think()
	asked := w.whole()
	finish := finishReason(w.finish)
	res := callback.LLMResult{
		Text: w.text.String(), FinishReason: finish, PromptTokens: w.usage.prompt,
		CompletionTokens: w.usage.completion, TotalTokens: w.usage.total,
		Attrs: o.attrs(),
	}
	if n := w.usage.cached; n > 0 {
		res.Attrs = append(res.Attrs, slog.Int("cached_tokens", n))
	}
	if n := w.usage.reasoning; n > 0 {
		res.Attrs = append(res.Attrs, slog.Int("reasoning_tokens", n))
	}
	if w.name != "" {
		res.Attrs = append(res.Attrs, slog.String("response_model", w.name))
	}
	if w.finish != "" && w.finish != finish.String() {
		res.Attrs = append(res.Attrs, slog.String("provider_finish_reason", w.finish))
		if finish == callback.FinishNone && o.err == nil {
			res.Attrs = append(res.Attrs, slog.String("finish_reason", w.finish))
		}
	}
	w.mu.Unlock()
	w.llm.End(res, o.failure())
	w.calls.answered(w, asked)
	if w.own != nil {
		w.own.End(o.failure(), o.attrs()...)
	}
}

// whole returns the complete tool calls that the model requests; a stream yields them in parts. The
// caller holds the lock.
func (w *modelWork) whole() []schema.ToolCall {
	if len(w.asked) == 0 {
		return nil
	}
	m, err := schema.ConcatMessages(w.asked)
	if err != nil {
		return nil // the graph cannot interpret them either, and fails
	}
	return m.ToolCalls
}

// finishReason converts a provider's reason, to FinishNone if it is unknown.
func finishReason(s string) callback.FinishReason {
	switch strings.ToLower(s) {
	case "stop", "end_turn", "stop_sequence", "eos", "eos_token", "finish", "complete", "completed":
		return callback.FinishStop
	case "length", "max_tokens", "max_output_tokens", "model_length",
		"model_context_window_exceeded":
		return callback.FinishLength
	case "content_filter", "content_filtered", "safety", "recitation", "blocklist",
		"prohibited_content", "spii", "image_safety", "sensitive",
		"guardrail_intervened", "refusal":
		return callback.FinishContentFilter
	case "tool_calls", "tool_use", "tool_call", "function_call":
		return callback.FinishToolCalls
	case "error", "malformed_function_call", "network_error":
		return callback.FinishError
	}
	return callback.FinishNone
}
