package adk

import (
	"errors"
	"log/slog"
	"strings"

	"google.golang.org/genai"

	"github.com/dashstream/dashstream-go/callback"
)

// Response is a model's response, or a part of one that is streamed.
type Response struct {
	Content                 *genai.Content
	Partial                 bool
	Usage                   *genai.GenerateContentResponseUsageMetadata
	Finish                  genai.FinishReason
	ErrorCode, ErrorMessage string
}

// beforeModel begins a call of a model.
func (r *Recorder) beforeModel(c Context, model string, contents []*genai.Content) {
	r.in(c, func(p *place) {
		p.goesOn()
		req := callback.LLMRequest{Model: model}
		if !r.opts.textless {
			req.Prompt = prompt(contents)
		}
		p.llm = p.node.StartLLM(req)
	})
}

// afterModel sends a part of an answer, or ends the call with the whole.
func (r *Recorder) afterModel(c Context, resp Response, err error) {
	if err != nil {
		r.modelError(c, err)
		return
	}
	r.in(c, func(p *place) {
		p.failed = nil // another plug-in may have answered in the place of a model that failed
		switch {
		case p.llm == nil:
		case resp.Partial:
			if !r.opts.textless {
				p.llm.Token(text(resp.Content))
			}
		default:
			p.llm.End(resp.result(r.opts.textless), resp.failure())
			p.llm = nil
		}
	})
}

// modelError ends a call of a model with an error. Unless the agent goes on, it ends the agent.
func (r *Recorder) modelError(c Context, err error) {
	r.in(c, func(p *place) {
		p.failed = firstLine(err)
		p.llm.End(callback.LLMResult{}, p.failed)
		p.llm = nil
	})
}

func (r *Response) result(textless bool) callback.LLMResult {
	res := callback.LLMResult{FinishReason: finishReasons[r.Finish]}
	if hasCalls(r.Content) {
		res.FinishReason = callback.FinishToolCalls
	}
	if !textless {
		res.Text = text(r.Content)
	}
	if u := r.Usage; u != nil {
		res.PromptTokens = int(u.PromptTokenCount)
		res.CompletionTokens = int(u.CandidatesTokenCount + u.ThoughtsTokenCount)
		res.TotalTokens = int(u.TotalTokenCount)
		if u.CachedContentTokenCount > 0 {
			res.Attrs = append(res.Attrs, slog.Int("cached_tokens", int(u.CachedContentTokenCount)))
		}
		if u.ThoughtsTokenCount > 0 {
			res.Attrs = append(res.Attrs, slog.Int("reasoning_tokens", int(u.ThoughtsTokenCount)))
		}
	}
	return res
}

// failure is the error that a response reports, which is none of Go's.
func (r *Response) failure() error {
	if r.ErrorCode == "" && r.ErrorMessage == "" {
		return nil
	}
	return errors.New(strings.TrimPrefix(r.ErrorCode+": "+r.ErrorMessage, ": "))
}

var finishReasons = map[genai.FinishReason]callback.FinishReason{
	genai.FinishReasonStop:                  callback.FinishStop,
	genai.FinishReasonMaxTokens:             callback.FinishLength,
	genai.FinishReasonSafety:                callback.FinishContentFilter,
	genai.FinishReasonRecitation:            callback.FinishContentFilter,
	genai.FinishReasonLanguage:              callback.FinishContentFilter,
	genai.FinishReasonBlocklist:             callback.FinishContentFilter,
	genai.FinishReasonProhibitedContent:     callback.FinishContentFilter,
	genai.FinishReasonSPII:                  callback.FinishContentFilter,
	genai.FinishReasonImageSafety:           callback.FinishContentFilter,
	genai.FinishReasonMalformedFunctionCall: callback.FinishError,
	genai.FinishReasonUnexpectedToolCall:    callback.FinishError,
	genai.FinishReasonOther:                 callback.FinishError,
}
