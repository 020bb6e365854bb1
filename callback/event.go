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

	joinEvents = 1 // the Join of all Events: they share one EventBatch
)

// envelope is what a message has beside its content. It is apart from the content because the
// engine keeps parts of it, and the content's attributes would have to leave the caller's stack
// with them.
type envelope struct {
	parent wire.ID         // zero for none
	trace  *batching.Trace // nil for none
	at     moment
	urgent bool
}

// emit writes an event into the queue and returns its message id, which it has even if it is lost.
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
	if t.reserve(&m, e) { // the caller may change its attributes meanwhile, from another goroutine
		m.slot.Commit(len(wire.AppendEvent(m.slot.Buf[:0], &m.header, m.entry.Width, e, m.body)))
	}
	t.client.measured(m.slot.ID, env.at)
	return m.header.ID
}

// resolve makes an event plain, and returns its size then.
func (c *Client) resolve(e *wire.Event) int {
	var f wire.Faults
	e.Own, e.Attrs = wire.Resolve(e.Own, &f), wire.Resolve(e.Attrs, &f)
	c.count(f)
	return wire.SizeEventBody(e)
}

// rename gives attributes of the application's that are called like the SDK's own another name, and
// returns the event's size then.
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

// valid returns s with what is not UTF-8 replaced, and counts that.
func (c *Client) valid(s string) string {
	var f wire.Faults
	s = wire.Valid(s, &f)
	c.count(f)
	return s
}

// errorText is the message of an error, also of one whose Error method panics.
func (c *Client) errorText(err error) string {
	var f wire.Faults
	text := wire.ErrorText(err, &f)
	c.count(f)
	return text
}

// messageID makes a UUID (version 8, RFC 9562) of the instance's random half and a number that is
// unique in it.
func (c *Client) messageID(n uint64) wire.ID {
	id := c.idPrefix
	binary.BigEndian.PutUint64(id[8:], n|1<<63)
	return id
}

// limit is what the fields of a message that is a record of its own may take beside its header and
// extra bytes.
func (t *thread) limit(env *envelope, extra int) int {
	h := wire.Header{Parent: env.parent, Micros: t.client.clock.micros(env.at), Thread: t.Header}
	// one more, should the number grow meanwhile
	return t.client.cfg.MaxMessageBytes - wire.Frame - wire.SizeHeader(&h, t.lane.Width()+1) - extra
}

// emitTool writes a ToolExecution.
func (t *thread) emitTool(x *wire.Tool, env *envelope) wire.ID {
	if limit := t.limit(env, 0); wire.SizeTool(x) > limit {
		t.client.sealer.ShortenTool(x, limit)
	}
	var m message
	m.init(t, kindTool, env, wire.SizeTool(x))
	if t.reserve(&m, nil) {
		m.slot.Commit(len(wire.AppendTool(m.appendHeader(m.slot.Buf[:0]), x)))
	}
	t.client.measured(m.slot.ID, env.at)
	return m.header.ID
}

// emitEncoded writes a message whose fields but the header are encoded already.
func (t *thread) emitEncoded(kind batching.Kind, body []byte, env *envelope) wire.ID {
	var m message
	m.init(t, kind, env, len(body))
	if t.reserve(&m, nil) {
		m.slot.Commit(len(append(m.appendHeader(m.slot.Buf[:0]), body...)))
	}
	t.client.measured(m.slot.ID, env.at)
	return m.header.ID
}

// emitTokens writes a chunk of tokens. It joins the chunks of its request that still wait, if
// nothing else came between.
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
	t.client.measured(m.slot.ID, env.at)
}
