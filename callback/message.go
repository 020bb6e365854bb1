package callback

import (
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/seal"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// message is a message on its way into the queue: its entry for the lane, and the slot it gets. It
// does not refer to its content, which would then escape to the heap.
type message struct {
	entry  batching.Entry
	header wire.Header
	slot   batching.Slot
	body   int // size of its fields without the header; for a state, of all that is written
	around int // size of what surrounds it in its record
}

// init initializes a zero m for a body of so many bytes.
func (m *message) init(t *thread, kind batching.Kind, env *envelope, body int) {
	m.entry.Kind, m.entry.At = kind, time.Duration(env.at.moment)
	if env.at.given != 0 { // batching goes by the time of the call
		m.entry.At = time.Duration(t.client.clock.now())
	}
	m.entry.Urgent, m.entry.Trace = env.urgent, env.trace
	m.header.Parent, m.header.Micros = env.parent, t.client.clock.nanos(env.at)/1000
	m.header.Thread, m.header.Type = t.Header, byte(kind)
	m.body, m.around = body, wire.Frame
	if kind == kindEvent {
		m.around = t.BatchOverhead
	}
}

// plan computes the sizes of m for a sequence number that takes width bytes.
func (m *message) plan(width int) {
	e := &m.entry
	e.Width = width
	switch e.Kind {
	case kindState: // its message is encoded when it is sealed
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

// reserve reserves a slot for m and reports whether it was accepted. If not, the slot has no
// memory, but the header is complete. If m is an event, e is that event; it is shortened if it is
// too large.
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

// appendHeader appends m's header, in a form that elements of an EventBatch do not use.
func (m *message) appendHeader(b []byte) []byte {
	return wire.AppendHeader(b, &m.header, m.entry.Width)
}
