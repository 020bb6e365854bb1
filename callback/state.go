package callback

import (
	"encoding/json"
	"sync"

	"github.com/dashstream/dashstream-go/internal/guard"
	"github.com/dashstream/dashstream-go/internal/seal"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// SetState records the graph's current state: any value, encoded as JSON once, during the call. No
// reference to it is kept. A [json.RawMessage] is used as it is. What is sent is decided later, for
// the whole thread: nothing if the state has not changed. Otherwise it is the patch (RFC 6902) from
// the previous state, the whole state, or a checkpoint. A state larger than a message may be
// ([Config.MaxMessageBytes]) is shortened and remains valid JSON. Call it before the end of the
// node that changed the state. A nil Run does nothing.
func (r *Run) SetState(state any) {
	if r != nil {
		r.root.SetState(state)
	}
}

// SetState is [Run.SetState] inside the node: n is the message's parent. A nil Node does nothing.
func (n *Node) SetState(state any) {
	if n == nil {
		return
	}
	c := n.thread.client
	env := n.envelope(c.now())
	if raw, ok := state.(json.RawMessage); ok && len(raw) > 0 {
		n.emitState(raw, false, env)
		return
	}
	buf := stateBuffers.Get().(*stateBuffer)
	text, noted := buf.encode(c, state)
	n.emitState(text, noted, env)
	buf.release()
}

// stateBuffer is where a state is encoded before its size is known.
type stateBuffer struct {
	bytes   []byte
	encoder *json.Encoder
}

// keptBuffer is the largest buffer that is kept for the next state.
const keptBuffer = 1 << 20

var stateBuffers = sync.Pool{New: func() any {
	b := &stateBuffer{}
	b.encoder = json.NewEncoder(b)
	b.encoder.SetEscapeHTML(false)
	return b
}}

// Write implements [io.Writer].
func (b *stateBuffer) Write(p []byte) (int, error) {
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}

// encode encodes a state as JSON. A note takes the place of what cannot be encoded, and says why.
func (b *stateBuffer) encode(c *Client, state any) (text []byte, noted bool) {
	b.bytes = b.bytes[:0]
	if b.encoded(state) {
		return b.bytes, false
	}
	return []byte(c.readable(state)), true
}

// encoded encodes a state as JSON if all of it can be encoded.
func (b *stateBuffer) encoded(state any) (ok bool) {
	// readable reports a panic of the state's own code: it runs that code again.
	defer guard.Recover(func(string) {
		ok = false
		b.encoder = json.NewEncoder(b)
		b.encoder.SetEscapeHTML(false)
	})
	return b.encoder.Encode(state) == nil
}

// readable returns a state as JSON, with notes in place of what cannot be encoded. It counts a
// state that has notes.
func (c *Client) readable(state any) string {
	var f wire.Faults
	text, notes := wire.JSON(state, &f)
	c.count(f)
	if notes > 0 && f.Panics == 0 {
		c.sealer.CountUnreadable()
	}
	return text
}

// initialState returns the state with which a run begins, as JSON. In a large one, secrets are
// already replaced: the size of the marks counts when deciding whether it fits into GRAPH_START.
func (c *Client) initialState(state any) json.RawMessage {
	var text []byte
	raw, ok := state.(json.RawMessage)
	switch {
	case !ok:
		text = []byte(c.readable(state))
	case len(raw) == 0:
		text = []byte("null") // as json.Marshal does
	default:
		text = []byte(c.valid(string(raw)))
		if !json.Valid(text) {
			c.sealer.CountUnreadable()
			return json.RawMessage(seal.NoJSON)
		}
	}
	if len(text) > c.cfg.MaxMessageBytes/marksGrow && !c.redactor.Clean(text) {
		if clean, changed, err := c.redactor.JSON(nil, text); err == nil && changed {
			return clean
		}
	}
	return text
}

// marksGrow bounds how many times longer marks make a JSON document: a secret list of digits grows
// 11 times.
const marksGrow = 12

func (b *stateBuffer) release() {
	if cap(b.bytes) <= keptBuffer {
		stateBuffers.Put(b)
	}
}

// emitState enqueues a state as JSON. The form in which it is sent is decided when it is sealed.
func (n *Node) emitState(state []byte, noted bool, env *envelope) {
	t := n.thread
	if limit := t.client.sealer.StateLimit(&t.Thread); len(state) > limit {
		state = t.client.sealer.ShortenState(state, limit)
	}
	var m message
	m.init(t, kindState, env, seal.StateHeadSize+len(state))
	m.entry.Dependent = true
	if !t.reserve(&m, nil) {
		return
	}
	h := &m.header
	head := seal.StateHead{
		ID: h.ID, Parent: h.Parent, Micros: h.Micros, Sequence: h.Sequence, Run: n.run.number,
		Noted: noted,
	}
	m.slot.Commit(len(append(head.Append(m.slot.Buf[:0]), state...)))
}
