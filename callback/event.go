package callback

import (
	"encoding/binary"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/seal"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// kinds are the names of the kinds of message in metrics; their index is the MessageType on the
// wire.
var kinds = []string{"", "event", "state_diff", "token_chunk", "tool_execution", "checkpoint",
	"metrics", "error", "", "execution_trace"}

const (
	kindEvent      = seal.KindEvent
	kindState      = seal.KindState
	kindTokens     = seal.KindTokens
	kindTool       = seal.KindTool
	kindCheckpoint = seal.KindCheckpoint
	kindReport     = seal.KindReport
	kindError      = seal.KindError
	kindTrace      = seal.KindTrace

	joinEvents = 1 // the Join of all Events, which share one EventBatch
)

// envelope is what a message has apart from its content. It is a separate struct because the engine
// keeps parts of it: with them, the content's attributes would escape to the heap.
type envelope struct {
	parent wire.ID         // zero for none
	trace  *batching.Trace // nil for none
	at     stamp
	urgent bool
}

// emit enqueues an event and returns its message id, which it has even if it is lost.
func (t *thread) emit(e *wire.Event, env *envelope) wire.ID {
	body := wire.SizeEventBody(e)
	if body == wire.NotPlain {
		body = t.client.resolve(e)
	}
	if e.Collides() {
		body = t.client.rename(e)
	}
	var m message
	m.init(t, kindEvent, env, body)
	m.entry.Join = joinEvents
	if t.reserve(&m, e) { // another goroutine of the caller may change its attributes meanwhile
		m.slot.Commit(len(wire.AppendEvent(m.slot.Buf[:0], &m.header, m.entry.Width, e, m.body)))
	}
	t.client.measured(m.slot.ID, moment(m.entry.At))
	return m.header.ID
}

// resolve resolves the values of an event's attributes and returns its size.
func (c *Client) resolve(e *wire.Event) int {
	var f wire.Faults
	e.Own, e.Attrs = wire.Resolve(e.Own, &f), wire.Resolve(e.Attrs, &f)
	c.count(f)
	return wire.SizeEventBody(e)
}

// rename renames attributes of the application that have the name of one of the SDK's own, and
// returns the event's size.
func (c *Client) rename(e *wire.Event) int {
	attrs, n := e.Renamed()
	c.renamedAttributes.Add(uint64(n))
	e.Attrs = attrs
	return wire.SizeEventBody(e)
}

func (c *Client) count(f wire.Faults) {
	if f.Panics > 0 {
		c.valuePanics.Add(uint64(f.Panics))
	}
	if f.InvalidUTF8 > 0 {
		c.invalidUTF8.Add(uint64(f.InvalidUTF8))
	}
}

// valid returns s with invalid UTF-8 replaced, and counts that.
func (c *Client) valid(s string) string {
	var f wire.Faults
	s = wire.Valid(s, &f)
	c.count(f)
	return s
}

// errorText returns the message of an error, even if its Error method panics.
func (c *Client) errorText(err error) string {
	var f wire.Faults
	text := wire.ErrorText(err, &f)
	c.count(f)
	return text
}

// messageID makes a UUID (version 8, RFC 9562) from the instance's random half and a number that is
// unique in the instance.
func (c *Client) messageID(n uint64) wire.ID {
	id := c.idPrefix
	binary.BigEndian.PutUint64(id[8:], n|1<<63)
	return id
}

// limit is the maximum size of a message's fields, if the message is a record of its own, besides
// its header and extra bytes.
func (t *thread) limit(env *envelope, extra int) int {
	h := wire.Header{Parent: env.parent, Micros: t.client.clock.nanos(env.at) / 1000,
		Thread: t.Header}
	// one byte more, in case the number grows meanwhile
	return t.client.cfg.MaxMessageBytes - wire.Frame - wire.SizeHeader(&h, t.lane.Width()+1) - extra
}

// emitTool enqueues a ToolExecution.
func (t *thread) emitTool(x *wire.Tool, env *envelope) wire.ID {
	if limit := t.limit(env, 0); wire.SizeTool(x) > limit {
		t.client.sealer.ShortenTool(x, limit)
	}
	var m message
	m.init(t, kindTool, env, wire.SizeTool(x))
	if t.reserve(&m, nil) {
		m.slot.Commit(len(wire.AppendTool(m.appendHeader(m.slot.Buf[:0]), x)))
	}
	t.client.measured(m.slot.ID, moment(m.entry.At))
	return m.header.ID
}

// emitEncoded enqueues a message whose fields, except for the header, are already encoded.
func (t *thread) emitEncoded(kind batching.Kind, body []byte, env *envelope) wire.ID {
	var m message
	m.init(t, kind, env, len(body))
	if t.reserve(&m, nil) {
		m.slot.Commit(len(append(m.appendHeader(m.slot.Buf[:0]), body...)))
	}
	t.client.measured(m.slot.ID, moment(m.entry.At))
	return m.header.ID
}

// emitTokens enqueues a chunk of tokens. It joins the waiting chunks of its request if nothing else
// came between.
func (t *thread) emitTokens(x *wire.Tokens, request uint64, env *envelope) {
	body := wire.SizeTokens(x)
	if limit := t.limit(env, seal.PieceHead); body > limit {
		t.client.sealer.ShortenTokens(x, body-limit)
		body = wire.SizeTokens(x)
	}
	var m message
	m.init(t, kindTokens, env, body)
	m.entry.Join, m.entry.OneMessage, m.entry.JoinedSize = request, true, seal.PieceHead+body
	if !t.reserve(&m, nil) {
		return
	}
	b := binary.BigEndian.AppendUint32(m.slot.Buf[:0], uint32(body))
	if !m.slot.Joined {
		b = m.appendHeader(b)
	}
	m.slot.Commit(len(wire.AppendTokens(b, x)))
	t.client.measured(m.slot.ID, moment(m.entry.At))
}
