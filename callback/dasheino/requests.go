package dasheino

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
)

// patience is how long a tool's call waits for the answer that requests it, which others have
// already read to its end.
const patience = 20 * time.Millisecond

// requests makes sure that the stages of a run's calls come in order, and under one id. A tool
// begins when Eino has read the answer that requests it. That may be before the handler has read
// its own copy of the answer.
type requests struct {
	mu       sync.Mutex
	asking   map[*modelWork]*asked // models whose answer is being read
	waiting  map[string]int        // number of calls that were requested and have not begun, by id
	nameless []nameless            // the same for calls without an id from the model
	changed  chan struct{}         // closed at the next change; nil while nobody waits
}

// asked is what a model has requested so far.
type asked struct {
	ids   map[string]bool
	begun []string // ids of requested calls that have begun
}

// nameless is a call without an id from its model.
type nameless struct{ id, name, arguments string }

// newID returns an id for something that has none.
func newID() string { return rand.Text() }

// ask records that a model's answer is being read.
func (r *requests) ask(m *modelWork) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asking == nil {
		r.asking = map[*modelWork]*asked{}
	}
	r.asking[m] = &asked{ids: map[string]bool{}}
}

// hear records the ids in a part of a model's answer.
func (r *requests) hear(m *modelWork, calls []schema.ToolCall) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.asking[m]
	if a == nil {
		return
	}
	for _, c := range calls {
		if c.ID != "" && !a.ids[c.ID] {
			a.ids[c.ID] = true
			r.wake()
		}
	}
}

func (r *requests) wake() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// answered sends the requests for the calls in a model's answer.
func (r *requests) answered(m *modelWork, calls []schema.ToolCall) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.asking[m]
	for _, c := range calls {
		if a != nil {
			if i := slices.Index(a.begun, c.ID); i >= 0 {
				a.begun = slices.Delete(a.begun, i, i+1)
				continue
			}
		}
		call := callback.ToolCall{ID: c.ID, Name: c.Function.Name}
		if !m.textless {
			call.Arguments = arguments(c.Function.Arguments)
		}
		if call.ID == "" {
			call.ID = newID()
			r.nameless = append(r.nameless, nameless{call.ID, call.Name, c.Function.Arguments})
		} else {
			r.expect(call.ID, 1)
		}
		m.in.RequestTool(call) // it runs elsewhere, under the same id
	}
	delete(r.asking, m)
	r.wake()
}

func (r *requests) expect(id string, n int) {
	if r.waiting == nil {
		r.waiting = map[string]int{}
	}
	if r.waiting[id] += n; r.waiting[id] <= 0 {
		delete(r.waiting, id)
	}
}

// start reports that a call begins, after its request if a model requests it. text is its arguments
// as the model wrote them.
func (r *requests) start(node *callback.Node, call callback.ToolCall, text string) *callback.Tool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.await(call.ID)
	switch {
	case call.ID == "":
		call.ID = r.named(call.Name, text)
	case r.waiting[call.ID] > 0:
		r.expect(call.ID, -1)
	case len(r.asking) > 0:
		r.request(node, call)
	}
	return node.StartTool(call)
}

// await waits until it is known which model requests a call. It releases the lock meanwhile.
func (r *requests) await(id string) {
	var timer *time.Timer
	for len(r.asking) > 0 && r.waiting[id] == 0 && !r.heard(id) {
		if timer == nil {
			timer = time.NewTimer(patience)
			defer timer.Stop()
		}
		if r.changed == nil {
			r.changed = make(chan struct{})
		}
		changed := r.changed
		r.mu.Unlock()
		select {
		case <-changed:
			r.mu.Lock()
		case <-timer.C:
			r.mu.Lock()
			return
		}
	}
}

// heard reports whether the answer of a model that is being read requests the call.
func (r *requests) heard(id string) bool {
	for _, a := range r.asking {
		if a.ids[id] {
			return true
		}
	}
	return false
}

// request sends the request for a call that begins before the answer that requests it has been read
// to its end. It is sent in the node of the model, if known, and otherwise where the call begins.
func (r *requests) request(node *callback.Node, call callback.ToolCall) {
	known := r.heard(call.ID)
	for m, a := range r.asking {
		if !known || a.ids[call.ID] {
			a.begun = append(a.begun, call.ID)
			if known {
				node = m.in
				break
			}
		}
	}
	node.RequestTool(call)
}

// named returns the id of a call that was requested without one, a new one if none was.
func (r *requests) named(name, arguments string) string {
	i := slices.IndexFunc(r.nameless, func(n nameless) bool {
		return n.name == name &&
			n.arguments == arguments
	})
	if i < 0 {
		i = slices.IndexFunc(r.nameless, func(n nameless) bool { return n.name == name })
	}
	if i < 0 {
		return newID()
	}
	id := r.nameless[i].id
	r.nameless = slices.Delete(r.nameless, i, i+1)
	return id
}
