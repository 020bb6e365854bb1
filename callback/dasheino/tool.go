package dasheino

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/cloudwego/eino/components/tool"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
)

// toolWork is a tool call.
type toolWork struct {
	tool     *callback.Tool
	textless bool

	mu     sync.Mutex
	answer strings.Builder
	other  any // a result that is not text
}

// tool begins a call of a tool.
func (b *beginning) tool() context.Context {
	call := callback.ToolCall{Name: b.info.Name}
	if b.last.Type == compose.AddressSegmentTool {
		call.ID = compose.GetToolCallID(b.ctx)
	}
	if call.Name == "" {
		call.Name = b.info.Type
	}
	var text string
	if in := tool.ConvCallbackInput(b.input); in != nil {
		text = in.ArgumentsInJSON
	}
	if !b.h.opts.textless {
		call.Arguments = arguments(text)
	}
	s := b.span(b.node)
	t := s.tree.calls.start(b.node, call, text)
	s.work = &toolWork{tool: t, textless: b.h.opts.textless}
	return s.enter(context.WithValue(b.ctx, toolKey{}, t))
}

// arguments returns the arguments written by a model as JSON, which they are not always.
func arguments(text string) any {
	if text == "" {
		return nil
	}
	if raw := []byte(text); json.Valid(raw) {
		return json.RawMessage(raw)
	}
	quoted, _ := json.Marshal(text) // cannot fail for a string
	return json.RawMessage(quoted)
}

func (w *toolWork) result(output any) { w.part(output) }

func (w *toolWork) part(chunk any) {
	out := tool.ConvCallbackOutput(chunk)
	if out == nil || w.textless {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer.WriteString(out.Response)
	if out.ToolOutput == nil {
		return
	}
	if text, ok := onlyText(out.ToolOutput); ok {
		w.answer.WriteString(text)
	} else {
		w.other = out.ToolOutput
	}
}

// onlyText returns the text of a result that consists of nothing else.
func onlyText(r *schema.ToolResult) (string, bool) {
	var text strings.Builder
	for _, p := range r.Parts {
		if p.Type != schema.ToolPartTypeText {
			return "", false
		}
		text.WriteString(p.Text)
	}
	return text.String(), true
}

func (w *toolWork) end(o outcome) {
	w.mu.Lock()
	answer := w.other
	if answer == nil && w.answer.Len() > 0 {
		answer = w.answer.String()
	}
	w.mu.Unlock()
	switch {
	case o.interrupt != nil:
		// The call waits, as the run does: it begins again when the run is resumed.
	case o.err != nil:
		w.tool.Fail(o.failure())
	default:
		w.tool.Complete(answer)
	}
}
