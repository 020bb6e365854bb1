package callback

import (
	"encoding/binary"
	"encoding/json"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/guard"
	"github.com/dashstream/dashstream-go/internal/wire"
)

const kindState = batching.Kind(pb.MessageType_MESSAGE_TYPE_STATE_DIFF)

// SetState says what the graph's state is now: any value, written as JSON once, here; nothing of it is kept. A [json.RawMessage] is taken as
// it is. What goes out is decided later, for the state of the whole thread: nothing if it is what it was before, else the patch (RFC 6902)
// from the state before, the whole state, or a checkpoint. A state that is larger than a message may be ([Config.MaxMessageBytes]) is
// cut inside, and stays valid JSON. Call it before the end of the node that changed the state. A nil Run does nothing.
func (r *Run) SetState(state any) {
	if r != nil {
		r.root.SetState(state)
	}
}

// SetState is [Run.SetState] inside the node: the message hangs under n. A nil Node does nothing.
func (n *Node) SetState(state any) {
	if n == nil {
		return
	}
	c := n.thread.client
	env := n.envelope(c.clock.now())
	if raw, ok := state.(json.RawMessage); ok && len(raw) > 0 {
		n.emitState(raw, env)
		return
	}
	buf := stateBuffers.Get().(*stateBuffer)
	n.emitState(buf.encode(c, state), env)
	buf.release()
}

// stateBuffer is where a state is written before its size is known.
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

// encode writes a state as JSON. What in it cannot be written is a note that says why.
func (b *stateBuffer) encode(c *Client, state any) []byte {
	b.bytes = b.bytes[:0]
	if b.encoded(state) {
		return b.bytes
	}
	return []byte(c.readable(state))
}

// encoded writes a state as JSON, if all of it can be written.
func (b *stateBuffer) encoded(state any) (ok bool) {
	defer guard.Recover(func(string) { // of the state's own code, which is asked again for the note
		ok = false
		b.encoder = json.NewEncoder(b)
		b.encoder.SetEscapeHTML(false)
	})
	return b.encoder.Encode(state) == nil
}

// readable returns a state as JSON, with notes for what cannot be written, and counts a state that has some.
func (c *Client) readable(state any) string {
	var f wire.Faults
	text, notes := wire.JSON(state, &f)
	c.count(f)
	if notes > 0 && f.Panics == 0 {
		c.degraded(degradedUnreadable, 1)
	}
	return text
}

func (b *stateBuffer) release() {
	if cap(b.bytes) <= keptBuffer {
		stateBuffers.Put(b)
	}
}

// stateHead is what stands in front of a state's JSON in the queue: what its message's header and the decision of its form need.
type stateHead struct {
	id, parent wire.ID
	micros     int64
	sequence   uint64 // as the door gave it
	run        uint64
}

// stateHeadSize has room to spare: with the lane's headroom, a whole state or a checkpoint takes no more than what it was written into, so
// that no state is lost because the queue is full by the time it is sealed. The header is that of the headroom and a number; the fields
// are an id, a hash, a type, and the state itself.
const stateHeadSize = 2*len(wire.ID{}) + 3*8 + stateSpare

const stateSpare = 24

func (h *stateHead) append(b []byte) []byte {
	b = append(append(b, h.id[:]...), h.parent[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.micros))
	b = binary.BigEndian.AppendUint64(b, h.sequence)
	b = binary.BigEndian.AppendUint64(b, h.run)
	return append(b, make([]byte, stateSpare)...)
}

// cutStateHead splits what [stateHead.append] and the JSON behind it made.
func cutStateHead(b []byte) (h stateHead, json []byte) {
	copy(h.id[:], b)
	copy(h.parent[:], b[16:])
	h.micros = int64(binary.BigEndian.Uint64(b[32:]))
	h.sequence = binary.BigEndian.Uint64(b[40:])
	h.run = binary.BigEndian.Uint64(b[48:])
	return h, b[stateHeadSize:]
}

// emitState puts a state into the queue as JSON. What it is sent as is decided when it is sealed.
func (n *Node) emitState(state []byte, env *envelope) {
	t := n.thread
	if limit := t.stateLimit(); len(state) > limit {
		state = t.client.shortenState(state, limit)
	}
	head := stateHead{parent: env.parent, micros: t.client.clock.micros(env.at), run: n.run.number}
	entry := batching.Entry{Kind: kindState, At: time.Duration(env.at), Urgent: env.urgent, Trace: env.trace, Dependent: true, Size: stateHeadSize + len(state)}
	var slot batching.Slot
	for {
		entry.Width = t.lane.Width()
		switch t.lane.Reserve(&entry, &slot) {
		case batching.WidthChanged:
			continue
		case batching.Reserved:
			head.id, head.sequence = t.client.messageID(slot.ID), slot.Seq
			finish(&slot, append(head.append(slot.Buf[:0]), state...))
		}
		return
	}
}

// stateLimit is how long the JSON of a state may be so that it fits into a message of its own.
func (t *thread) stateLimit() int {
	return t.client.cfg.MaxMessageBytes - t.batchOverhead - stateOverhead
}

// stateOverhead is what a message with a whole state has beside its header and the state, at most.
const stateOverhead = 128
