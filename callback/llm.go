package callback

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// LLMRequest describes a call of a language model. Empty fields are not sent.
type LLMRequest struct {
	// ID names the request. If it is empty, a random one is used.
	ID string
	// Model is the model's name, Provider who serves it.
	Model, Provider string
	// Prompt is the prompt. Leave it empty if it must not leave the process.
	Prompt string
	// Attrs are added to LLM_START.
	Attrs []slog.Attr
}

// LLMResult describes the result of a language-model call. Empty fields are not sent.
type LLMResult struct {
	// Text is the model's answer. Leave it empty if it must not leave the process.
	Text string
	// FinishReason says why the model stopped.
	FinishReason FinishReason
	// PromptTokens and CompletionTokens are token counts. If TotalTokens is 0, their sum is used.
	PromptTokens, CompletionTokens, TotalTokens int
	// Attrs are added to LLM_END or LLM_ERROR.
	Attrs []slog.Attr
}

// FinishReason says why a model stopped.
type FinishReason uint8

// The reasons for which a model stops. Their numbers are those on the wire.
const (
	FinishNone FinishReason = iota
	FinishStop
	FinishLength
	FinishContentFilter
	FinishToolCalls
	FinishError
)

var finishNames = [...]string{"none", "stop", "length", "content_filter", "tool_calls", "error"}

// String returns the reason as OpenAI's API writes it, "none" if there is none.
func (f FinishReason) String() string {
	if int(f) < len(finishNames) {
		return finishNames[f]
	}
	return finishNames[FinishNone]
}

// TokenChunk is one part of a streamed answer.
type TokenChunk struct {
	// Text is the part's text. A character may be split across two parts.
	Text string
	// IDs and Logprobs are the tokens' ids and log probabilities, if known.
	IDs      []uint32
	Logprobs []float32
}

// LLM is one call of a language model. It is created by [Node.StartLLM] and ended, once, by
// [LLM.End]. A nil LLM does nothing. All methods are safe for concurrent use. Parts of the answer
// are sent in the order in which Token and Chunk are called.
type LLM struct {
	node    *Node
	id      wire.ID // of its LLM_START
	request string
	model   string
	started stamp
	join    uint64
	ended   atomic.Bool

	mu     sync.Mutex
	index  uint32
	split  []byte // the beginning of a character whose rest comes with the next part
	stream bool   // at least one part was received
	closed bool   // the final part was sent, or none will follow
	answer answer

	unsent bool // its start was not sent; the lock of its run's unsampled guards it
}

// StartLLM begins a language-model call inside the node and emits its LLM_START.
func (n *Node) StartLLM(req LLMRequest) *LLM {
	if n == nil {
		return nil
	}
	if req.ID == "" {
		req.ID = newUUID()
	}
	c := n.thread.client
	at, _, attrs := c.when(req.Attrs, n.started)
	l := &LLM{node: n, request: c.valid(req.ID), model: c.valid(req.Model), started: at,
		join: c.requests.Add(1)}
	var space [4]slog.Attr
	own := appendText(space[:0], "model", l.model)
	own = appendText(own, "provider", req.Provider)
	own = appendText(own, "prompt", req.Prompt)
	e := wire.Event{Type: byte(pb.EventType_EVENT_TYPE_LLM_START), Node: n.name, Own: own,
		Attrs: attrs, LLMRequestID: l.request}
	l.id = n.thread.emit(&e, n.envelope(l.started))
	l.unsent = isUnsent(l.id)
	n.run.open.add(l)
	return l
}

func appendText(attrs []slog.Attr, key, value string) []slog.Attr {
	if value == "" {
		return attrs
	}
	return append(attrs, slog.String(key, value))
}

func appendCount(attrs []slog.Attr, key string, n int) []slog.Attr {
	if n == 0 {
		return attrs
	}
	return append(attrs, slog.Int(key, n))
}

// Token sends a part of the answer's text; see [LLM.Chunk].
func (l *LLM) Token(text string) { l.Chunk(TokenChunk{Text: text}) }

// Chunk sends a part of the answer. Parts that wait in the queue together are sent as one. After
// [LLM.End] it does nothing.
//
// Unless redaction is disabled, text that may be the beginning of a secret is kept back until the
// rest of it has come, and is sent with a later part. That applies to a word that has not ended,
// unless it is all letters. It applies to up to about a hundred bytes after the name of a secret,
// and to a secret itself. The text is sent when the call or the run ends, or half a minute after
// the last part, at the latest; what may then be a secret is hidden. IDs and Logprobs are sent with
// the end of their text. Those of a part of which something is hidden are not sent.
func (l *LLM) Chunk(c TokenChunk) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	x := wire.Tokens{RequestID: l.request, Model: l.model, Text: l.whole(c.Text), IDs: c.IDs,
		Logprobs: c.Logprobs}
	if x.Text == "" && len(x.IDs) == 0 && len(x.Logprobs) == 0 {
		return
	}
	l.begin()
	l.answer.add(&x)
	l.send(&x, l.node.thread.client.now())
	l.settle()
}

// send numbers a part and emits it. The caller holds l.mu.
func (l *LLM) send(x *wire.Tokens, at stamp) {
	x.Index = l.index
	l.index++
	l.announce(false)
	l.node.thread.emitTokens(x, l.join, l.envelope(at))
}

// whole prepends the rest of a split character to text, and keeps the beginning of the next one.
func (l *LLM) whole(text string) string {
	if len(l.split) == 0 && utf8.ValidString(text) {
		return text
	}
	text = string(l.split) + text
	l.split = l.split[:0]
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if tail := text[len(text)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRuneInString(tail) {
				l.split = append(l.split, tail...)
				text = text[:len(text)-i]
			}
			break
		}
	}
	return l.node.thread.client.valid(text)
}

// Retry reports that the call failed and is repeated (LLM_RETRY). attempt is the number of the next
// attempt: 2 for the first retry.
func (l *LLM) Retry(attempt int, err error, attrs ...slog.Attr) {
	if l == nil {
		return
	}
	l.endKept() // what follows is another answer
	l.announce(false)
	at, _, attrs := l.node.thread.client.when(attrs, l.started)
	var space [4]slog.Attr
	own := append(appendText(space[:0], "model", l.model), slog.Int("attempt", attempt))
	if err != nil {
		own = append(own, slog.String("error", l.node.thread.client.errorText(err)))
	}
	e := wire.Event{Type: byte(pb.EventType_EVENT_TYPE_LLM_RETRY), Node: l.node.name, Own: own,
		Attrs: attrs, LLMRequestID: l.request}
	l.node.thread.emit(&e, l.envelope(at))
}

// envelope returns the envelope of a message inside the call.
func (l *LLM) envelope(at stamp) *envelope {
	return &envelope{parent: l.id, trace: l.node.trace, at: at, node: l.node}
}

// End ends the call: LLM_END, or LLM_ERROR if err is not nil. A streamed answer is closed by a
// final part. Only the first call does anything.
func (l *LLM) End(res LLMResult, err error) { l.end(&res, err) }

// end is End, and reports whether it is what ended the call.
func (l *LLM) end(res *LLMResult, err error) bool {
	if l == nil || !l.ended.CompareAndSwap(false, true) {
		return false
	}
	l.node.run.open.remove(l)
	l.announce(err != nil)
	at, _, attrs := l.node.thread.client.when(res.Attrs, l.started)
	if res.TotalTokens == 0 {
		res.TotalTokens = res.PromptTokens + res.CompletionTokens
	}
	if err != nil && res.FinishReason == FinishNone {
		res.FinishReason = FinishError
	}
	end := ending{
		kind: pb.EventType_EVENT_TYPE_LLM_END, node: l.node.name, start: l.id, started: l.started,
		request: l.request, at: at,
	}
	l.closeStream(res, end.at)
	var space [10]slog.Attr
	own := appendText(space[:0], "model", l.model)
	if err != nil {
		end.kind, end.urgent = pb.EventType_EVENT_TYPE_LLM_ERROR, true
		own = append(own, slog.String("error", l.node.thread.client.errorText(err)))
	}
	own = appendCount(own, "prompt_tokens", res.PromptTokens)
	own = appendCount(own, "completion_tokens", res.CompletionTokens)
	own = appendCount(own, "total_tokens", res.TotalTokens)
	if res.FinishReason != FinishNone {
		own = append(own, slog.String("finish_reason", res.FinishReason.String()))
	}
	own = appendText(own, "completion", res.Text)
	l.node.emitEnd(&end, own, attrs)
	if l.node.run.record != nil {
		l.node.run.record.addTokens(l.node, res)
	}
	return true
}

// announce sends an LLM_START that was not sent, if what follows it is.
func (l *LLM) announce(failure bool) {
	l.node.run.unsampled.within(l.node, failure, &l.unsent, func(e *wire.Event) {
		e.Type, e.LLMRequestID = byte(pb.EventType_EVENT_TYPE_LLM_START), l.request
		e.Own = appendText(nil, "model", l.model)
		l.node.thread.emit(e, &envelope{parent: l.node.id, trace: l.node.trace, at: l.started,
			late: l.id})
	})
}

// closeStream ends the streamed answer, including what was kept of it, and an incomplete character.
func (l *LLM) closeStream(res *LLMResult, at stamp) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if !l.stream && len(l.split) == 0 {
		return
	}
	l.begin()
	x := wire.Tokens{
		RequestID: l.request, Model: l.model, Text: l.node.thread.client.valid(string(l.split)),
		Final: true, Finish: byte(res.FinishReason),
		Prompt: uint32(max(res.PromptTokens, 0)), Completion: uint32(max(res.CompletionTokens, 0)),
		Total: uint32(max(res.TotalTokens, 0)),
	}
	l.split = nil
	l.endAnswer(&x)
	l.send(&x, at)
}
