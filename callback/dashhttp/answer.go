package dashhttp

import (
	"cmp"
	"log/slog"
	"strings"

	"github.com/dashstream/dashstream-go/callback"
)

// field is something that an answer, or an event of a streamed one, can say.
type field uint8

const (
	fieldModel field = iota + 1
	fieldType        // of an event
	fieldFinish
	fieldStatus // of a response
	fieldItem   // the type of an item of a response's output
	fieldItemEnd
	fieldIndex // of a choice
	fieldChoiceEnd
	fieldText // of the answer, or of its next part
	fieldPrompt
	fieldCompletion
	fieldTotal
	fieldCached     // tokens of the prompt that were read from a cache
	fieldCacheRead  // the same, where the tokens of the prompt do not include them
	fieldCacheWrite // tokens of the prompt that were written to a cache, not among the others
	fieldReasoning
	fieldError
	fieldErrorCode
	fieldMessage // an error's, in an answer that is one
	fields       // how many there are
)

var (
	failure = &place{value: fieldError, within: map[string]*place{
		"message": is(fieldError), "type": is(fieldErrorCode), "code": is(fieldErrorCode),
	}}
	openAIUsage = in(map[string]*place{
		"prompt_tokens": is(fieldPrompt), "completion_tokens": is(fieldCompletion),
		"total_tokens":              is(fieldTotal),
		"prompt_tokens_details":     in(map[string]*place{"cached_tokens": is(fieldCached)}),
		"prompt_cache_hit_tokens":   is(fieldCached), // DeepSeek
		"completion_tokens_details": in(map[string]*place{"reasoning_tokens": is(fieldReasoning)}),
	})
	choiceText = in(map[string]*place{
		"content": {value: fieldText, within: map[string]*place{"text": is(fieldText)}},
		"refusal": is(fieldText),
	})
	chatAnswer = in(map[string]*place{
		"model": is(fieldModel),
		"choices": {ends: fieldChoiceEnd, within: map[string]*place{
			"index": is(fieldIndex), "finish_reason": is(fieldFinish),
			"message": choiceText, "delta": choiceText,
		}},
		"usage": openAIUsage, "error": failure, "message": is(fieldMessage),
	})
	embeddingsAnswer = in(map[string]*place{
		"model": is(fieldModel), "usage": openAIUsage, "error": failure,
		"message": is(fieldMessage),
	})

	response = map[string]*place{
		"model": is(fieldModel), "status": is(fieldStatus), "error": failure,
		"incomplete_details": in(map[string]*place{"reason": is(fieldFinish)}),
		"output": {ends: fieldItemEnd, within: map[string]*place{
			"type": is(fieldItem),
			"content": in(map[string]*place{
				"text": is(fieldText), "refusal": is(fieldText),
			}),
		}},
		"usage": in(map[string]*place{
			"input_tokens": is(fieldPrompt), "output_tokens": is(fieldCompletion),
			"total_tokens":          is(fieldTotal),
			"input_tokens_details":  in(map[string]*place{"cached_tokens": is(fieldCached)}),
			"output_tokens_details": in(map[string]*place{"reasoning_tokens": is(fieldReasoning)}),
		}),
	}
	responsesAnswer  = in(response)
	responsesElement = in(map[string]*place{
		"type": is(fieldType), "delta": is(fieldText), "response": in(response),
		"message": is(fieldMessage), "code": is(fieldErrorCode), "error": failure,
	})

	messagesUsage = in(map[string]*place{
		"input_tokens": is(fieldPrompt), "output_tokens": is(fieldCompletion),
		"cache_read_input_tokens":     is(fieldCacheRead),
		"cache_creation_input_tokens": is(fieldCacheWrite),
	})
	messagesAnswer = in(map[string]*place{
		"model": is(fieldModel), "stop_reason": is(fieldFinish), "usage": messagesUsage,
		"content": in(map[string]*place{"text": is(fieldText)}), "error": failure,
	})
	messagesElement = in(map[string]*place{
		"type": is(fieldType), "usage": messagesUsage, "error": failure,
		"message": in(map[string]*place{"model": is(fieldModel), "usage": messagesUsage}),
		"delta": in(map[string]*place{
			"stop_reason": is(fieldFinish), "text": is(fieldText),
		}),
	})
)

// answer is what is known of an answer so far. It is the sink of the scanner that reads it.
type answer struct {
	streamed bool
	texts    bool // the text is asked for

	model, finish, status string
	counts                [fields]int
	failed                string // the error that the answer is
	failure               string // its code
	message               string // the error, if the answer turns out to be one
	text                  []byte
	said                  bool // text has come, whether it is asked for or not
	tools                 bool // a tool is asked for
	over                  bool // its last event has come

	// of the event, choice or item that is being read
	typ, item string
	typed     bool // it says its type
	part      []byte
	others    bool // the choice is not the first
}

// maxText is how much of a text is kept, in bytes.
const maxText = 256 << 10

func (a *answer) value(f field, text []byte, quoted bool) {
	if !quoted {
		a.number(f, text)
		return
	}
	switch f {
	case fieldModel:
		a.model = intern(a.model, text)
	case fieldType:
		a.typ, a.typed = intern(a.typ, text), true
	case fieldItem:
		a.item = intern(a.item, text)
	case fieldFinish:
		a.finish = unquote(text)
	case fieldStatus:
		a.status = intern(a.status, text)
	case fieldText:
		a.said = a.said || len(text) > 0
		if a.texts && len(a.part) < maxText {
			a.part = appendUnquoted(a.part, text)
		}
	case fieldError:
		a.failed = unquote(text)
	case fieldMessage:
		a.message = unquote(text)
	case fieldErrorCode:
		a.failure = unquote(text)
	}
}

// intern is unquote, without an allocation for what was there before.
func intern(before string, text []byte) string {
	if string(text) == before {
		return before
	}
	return unquote(text)
}

// number takes a number. Servers say 0 where they do not know yet, or no more.
func (a *answer) number(f field, text []byte) {
	switch n := count(text); {
	case f == fieldIndex:
		a.others = n > 0
	case n > 0:
		a.counts[f] = n
	}
}

func (a *answer) end(f field) {
	switch f {
	case fieldChoiceEnd:
		if a.others { // one answer is told, the first
			a.part = a.part[:0]
		}
		a.others = false
	case fieldItemEnd:
		a.tools = a.tools || strings.HasSuffix(a.item, "_call")
		if a.streamed || a.item != "message" { // the text of a stream has come already
			a.part = a.part[:0]
		}
		a.item = ""
	}
	if !a.streamed {
		a.keep()
	}
}

// keep takes the part into the text.
func (a *answer) keep() {
	a.text = append(a.text, a.part[:min(len(a.part), maxText-len(a.text))]...)
	a.part = a.part[:0]
}

// element ends an event of a stream and returns the part of the answer's text that it brings.
func (a *answer) element() (text string) {
	defer func() { a.part, a.typed = a.part[:0], false }()
	if !a.typed { // of chat completions
		a.over = a.over || a.finish != ""
		return string(a.part)
	}
	switch a.typ {
	case "response.completed", "response.incomplete", "response.failed", "message_stop":
		a.over = true
	case "response.output_text.delta", "response.refusal.delta", "content_block_delta":
		return string(a.part)
	case "error":
		a.over = true
		if a.failed == "" {
			a.failed = cmp.Or(a.message, "error")
		}
	}
	return ""
}

// problem says in words what error the answer is, "" if it is none.
func (a *answer) problem() string {
	if a.failed != "" && a.failure != "" && a.failure != a.failed {
		return a.failure + ": " + a.failed
	}
	return a.failed
}

// result is what the answer says at its end.
func (a *answer) result() callback.LLMResult {
	if !a.streamed {
		a.keep() // that of messages, which stands in no choice
	}
	n := &a.counts
	reason := a.finish
	if reason == "" {
		reason = a.status
	}
	if reason == "completed" && a.tools {
		reason = "tool_calls"
	}
	res := callback.LLMResult{Text: string(a.text), FinishReason: finishReason(reason),
		PromptTokens:     n[fieldPrompt] + n[fieldCacheRead] + n[fieldCacheWrite],
		CompletionTokens: n[fieldCompletion], TotalTokens: n[fieldTotal]}
	if a.model != "" {
		res.Attrs = append(res.Attrs, slog.String("response_model", a.model))
	}
	if cached := n[fieldCached] + n[fieldCacheRead]; cached > 0 {
		res.Attrs = append(res.Attrs, slog.Int("cached_tokens", cached))
	}
	if written := n[fieldCacheWrite]; written > 0 {
		res.Attrs = append(res.Attrs, slog.Int("cache_write_tokens", written))
	}
	if n := n[fieldReasoning]; n > 0 {
		res.Attrs = append(res.Attrs, slog.Int("reasoning_tokens", n))
	}
	if reason != "" && reason != res.FinishReason.String() {
		res.Attrs = append(res.Attrs, slog.String("provider_finish_reason", reason))
	}
	return res
}

// finishReason returns what a provider's reason stands for, FinishNone if it is another one.
func finishReason(s string) callback.FinishReason {
	switch s {
	case "stop", "end_turn", "stop_sequence", "completed":
		return callback.FinishStop
	case "length", "max_tokens", "max_output_tokens", "model_context_window_exceeded":
		return callback.FinishLength
	case "content_filter", "refusal":
		return callback.FinishContentFilter
	case "tool_calls", "tool_use", "function_call":
		return callback.FinishToolCalls
	case "error", "failed":
		return callback.FinishError
	}
	return callback.FinishNone
}
