package callback

import (
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/seal"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// message is a message on its way into the queue: what it asks its lane for, and the room that it
// gets. It holds nothing of its content, which would have to leave the caller's stack with it.
type message struct {
	entry  batching.Entry
	header wire.Header
	slot   batching.Slot
	body   int // of its fields but the header, in bytes; of a state, all that is written
	around int // what its record has around it, in bytes
}

// init sets m, which is zero, up for a body of so many bytes.
func (m *message) init(t *thread, kind batching.Kind, env *envelope, body int) {
	m.entry.Kind, m.entry.At = kind, time.Duration(env.at)
	m.entry.Urgent, m.entry.Trace = env.urgent, env.trace
	m.header.Parent, m.header.Micros = env.parent, t.client.clock.micros(env.at)
	m.header.Thread, m.header.Type = t.Header, byte(kind)
	m.body, m.around = body, wire.Frame
	if kind == kindEvent {
		m.around = t.BatchOverhead
	}
}

// plan sizes m for a sequence number that takes width bytes.
func (m *message) plan(width int) {
	e := &m.entry
	e.Width = width
	switch e.Kind {
	case kindState: // its message is made when it is sealed
		e.Size = m.body
		return
	case kindEvent:
		e.Size = wire.SizeEvent(&m.header, width, m.body)
	case kindTokens:
		e.Size = seal.PieceHead + wire.SizeHeader(&m.header, width) + m.body
	default:
		e.Size = wire.SizeHeader(&m.header, width) + m.body
	}
	e.MessageSize = e.Size + m.around
}

// reserve finds room for m, and reports whether there was any: if not, its slot has no room, but
// its header is complete. e is the event if m is one: it is shortened if it is too large.
func (t *thread) reserve(m *message, e *wire.Event) bool {
	for shortened := false; ; {
		m.plan(t.lane.Width())
		over := m.entry.MessageSize - t.client.cfg.MaxMessageBytes
		if over > 0 && e != nil && !shortened {
			m.body, shortened = t.client.sealer.ShortenEvent(e, m.body-over), true
			continue
		}
		status := t.lane.Reserve(&m.entry, &m.slot)
		if status == batching.WidthChanged {
			continue
		}
		m.header.ID, m.header.Sequence = t.client.messageID(m.slot.ID), m.slot.Seq
		return status == batching.Reserved
	}
}

// appendHeader writes m's header, which no element of an EventBatch has in this form.
func (m *message) appendHeader(b []byte) []byte {
	return wire.AppendHeader(b, &m.header, m.entry.Width)
}
