package adk

import (
	"log/slog"
	"slices"
	"strings"

	"google.golang.org/genai"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// Event is what a runner yields.
type Event struct {
	Author, Branch string
	// Path is that of the node of a workflow, such as "flow@1/ask@1"; "" if there is none.
	Path string
	// Result says that the event is the result of the node.
	Result     bool
	Partial    bool
	Content    *genai.Content
	StateDelta map[string]any
	// LongRunning are the ids of calls of tools that somebody else is going to answer.
	LongRunning []string
	// InterruptID is what the node waits for, and Question what it asks; "" if it does not wait.
	InterruptID, Question string
}

// wait is what a run waits for.
type wait struct{ id, reason string }

// OnEvent records a change of the session's state, and that the run waits for a human.
func (r *Recorder) OnEvent(invocation string, e *Event) {
	defer guard.Recover(ignore)
	if e.Partial {
		return
	}
	x := r.runOf(invocation)
	if x == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.merge(e)
	if p := x.source(e); e.Result && p.agent == "" {
		p.resulted = true
	}
	x.waitFor(e)
}

// merge sends the state after a change, in the node that changed it.
func (x *run) merge(e *Event) {
	changed := false
	for key, value := range e.StateDelta {
		if x.state != nil && !strings.HasPrefix(key, "temp:") { // which ADK does not keep
			x.state[key], changed = value, true
		}
	}
	if changed {
		x.source(e).node.SetState(x.state)
	}
}

// source returns where an event comes from.
func (x *run) source(e *Event) *place {
	p := x.find(e.Author, e.Branch)
	name := e.Path[strings.LastIndexByte(e.Path, '/')+1:]
	name, _, _ = strings.Cut(name, "@")
	for _, q := range slices.Backward(x.open) {
		if q.node.Name() == name && name != "" {
			return q
		}
	}
	return p
}

// waitFor records what the run waits for when it ends. ADK's question of a node is the call of a
// tool, too, with the same id.
func (x *run) waitFor(e *Event) {
	if e.InterruptID != "" {
		w := wait{id: e.InterruptID}
		if !x.rec.opts.textless {
			w.reason = e.Question
		}
		x.addWait(w)
		x.source(e).interrupted = true
	}
	if e.Content == nil {
		return
	}
	for _, p := range e.Content.Parts {
		if p == nil || p.FunctionCall == nil {
			continue
		}
		if f := p.FunctionCall; slices.Contains(e.LongRunning, f.ID) {
			x.addWait(wait{f.ID, "waits for " + f.Name})
		}
	}
}

// addWait adds what the run waits for, unless it has that already.
func (x *run) addWait(w wait) {
	if !slices.ContainsFunc(x.waits, func(o wait) bool { return o.id == w.id }) {
		x.waits = append(x.waits, w)
	}
}

// reasons describes what a run waits for.
func reasons(waits []wait) (reason string, ids slog.Attr) {
	var texts, names []string
	for _, w := range waits {
		if w.reason != "" && !slices.Contains(texts, w.reason) {
			texts = append(texts, w.reason)
		}
		names = append(names, w.id)
	}
	if len(texts) == 0 {
		texts = []string{"interrupted"}
	}
	return strings.Join(texts, "; "), slog.String("interrupt_ids", strings.Join(names, ","))
}
