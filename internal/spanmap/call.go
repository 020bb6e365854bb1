package spanmap

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/dashstream/dashstream-go/callback"
)

// Request returns how the call of a model begins.
func (s *Span) Request(texts bool) callback.LLMRequest {
	r := callback.LLMRequest{Model: s.model(), Provider: s.text(provider)}
	if texts {
		r.Prompt = s.prompt()
	}
	return r
}

func (s *Span) model() string {
	for _, f := range []fact{requestModel, responseModel} {
		if m := s.text(f); m != "" {
			return m
		}
	}
	if s.known[genkitSubtype] {
		return s.text(nodeName)
	}
	return ""
}

// Result returns how the call of a model ended.
func (s *Span) Result(texts bool) callback.LLMResult {
	r := callback.LLMResult{
		FinishReason: finishReason(s.text(finish)),
		PromptTokens: s.number(inputTokens), CompletionTokens: s.number(outputTokens),
		TotalTokens: s.number(totalTokens),
	}
	cached, written, reasoned := s.number(cacheRead), s.number(cacheWrite), s.number(reasoning)
	if s.known[genkitOutput] {
		out := readGenkit(s.text(genkitOutput))
		r.FinishReason = finishReason(out.FinishReason)
		u := &out.Usage
		r.PromptTokens, r.CompletionTokens = max(u.InputTokens, 0), max(u.OutputTokens, 0)
		r.TotalTokens = max(u.TotalTokens, 0)
		cached, reasoned = max(u.CachedContentTokens, 0), max(u.ThoughtsTokens, 0)
	}
	for _, c := range []struct {
		key string
		n   int
	}{
		{"cached_tokens", cached}, {"cache_write_tokens", written}, {"reasoning_tokens", reasoned},
	} {
		if c.n > 0 {
			r.Attrs = append(r.Attrs, slog.Int(c.key, c.n))
		}
	}
	if m := s.text(responseModel); m != "" && m != s.model() {
		r.Attrs = append(r.Attrs, slog.String("response_model", m))
	}
	if texts {
		r.Text = s.answer()
	}
	return r
}

// maxGenkit is how much of an output of genkit is read: media are in it whole.
const maxGenkit = 1 << 20

// genkitResponse is what genkit writes of a model's response.
type genkitResponse struct {
	FinishReason string `json:"finishReason"`
	Usage        struct {
		InputTokens         int `json:"inputTokens"`
		OutputTokens        int `json:"outputTokens"`
		TotalTokens         int `json:"totalTokens"`
		CachedContentTokens int `json:"cachedContentTokens"`
		ThoughtsTokens      int `json:"thoughtsTokens"`
	} `json:"usage"`
}

func readGenkit(text string) (out genkitResponse) {
	if len(text) <= maxGenkit {
		_ = json.Unmarshal([]byte(text), &out) // what cannot be read says nothing
	}
	return out
}

var finishReasons = map[string]callback.FinishReason{
	"stop": callback.FinishStop, "end_turn": callback.FinishStop,
	"stop_sequence": callback.FinishStop, "completed": callback.FinishStop,
	"eos": callback.FinishStop, "complete": callback.FinishStop,
	"length": callback.FinishLength, "max_tokens": callback.FinishLength,
	"max_output_tokens": callback.FinishLength, "incomplete": callback.FinishLength,
	"content_filter": callback.FinishContentFilter, "safety": callback.FinishContentFilter,
	"blocked": callback.FinishContentFilter, "refusal": callback.FinishContentFilter,
	"recitation": callback.FinishContentFilter,
	"tool_calls": callback.FinishToolCalls, "tool_call": callback.FinishToolCalls,
	"tool_use": callback.FinishToolCalls, "function_call": callback.FinishToolCalls,
	"error": callback.FinishError, "failed": callback.FinishError,
}

// finishReason knows the reasons of all providers. They may be written as the name of a constant:
// FinishReason.STOP.
func finishReason(reason string) callback.FinishReason {
	if reason == "" {
		return callback.FinishNone
	}
	reason = strings.ToLower(reason[strings.LastIndexByte(reason, '.')+1:])
	return finishReasons[reason]
}

// Call returns how the call of a tool begins.
func (s *Span) Call(texts bool) callback.ToolCall {
	c := callback.ToolCall{ID: s.text(callID), Name: s.toolName(), EventsOnly: true}
	if texts {
		if text := s.first(arguments, prompt); text != "" {
			c.Arguments = cut(text)
		}
	}
	return c
}

func (s *Span) toolName() string {
	if name := s.first(toolName, nodeName); name != "" {
		return name
	}
	name := strings.TrimPrefix(s.Name, "execute_tool ")
	return strings.TrimSuffix(strings.TrimPrefix(name, "tools/call "), ".tool")
}

// Output returns the result of the call of a tool; nil if it has none, or texts is false.
func (s *Span) Output(texts bool) any {
	if texts {
		if text := s.first(toolResult, genkitOutput, answer); text != "" {
			return cut(text)
		}
	}
	return nil
}

// first returns the first text that there is.
func (s *Span) first(facts ...fact) string {
	for _, f := range facts {
		if text := s.text(f); text != "" {
			return text
		}
	}
	return ""
}

// failure is the error of a span. Its text is all that there is of it.
type failure string

func (f failure) Error() string { return string(f) }

// Is tells the end of a context from other errors.
func (f failure) Is(target error) bool {
	return target == context.Canceled && strings.Contains(string(f), context.Canceled.Error()) ||
		target == context.DeadlineExceeded &&
			strings.Contains(string(f), context.DeadlineExceeded.Error())
}

// interrupted is how genkit's error of a tool begins that waits for a human.
const interrupted = "tool execution interrupted"

// Err returns the error with which the span ended: its status, or an exception that it did not
// turn into one, as a panic does, or the type of an error.
func (s *Span) Err() error {
	switch {
	case s.Status == OK, strings.HasPrefix(s.Message, interrupted):
		return nil
	case s.Message != "" && s.Status == Failed:
		return failure(withoutStack(s.Message))
	case s.Exception != "":
		return failure(withoutStack(s.Exception))
	case s.text(errorType) != "":
		return failure(s.text(errorType))
	case s.Status == Failed:
		return failure("failed")
	}
	return nil
}

// withoutStack takes off the stack that a recovered panic was reported with, with the line that
// introduces it.
func withoutStack(text string) string {
	before, rest, found := strings.Cut(text, "goroutine ")
	if !found || !strings.Contains(rest, "]:\n") {
		return text
	}
	if line := strings.LastIndexByte(before, '\n'); line > 0 {
		before = before[:line]
	}
	return strings.TrimRight(before, "\n")
}
