package callback

import (
	"encoding/binary"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// kinds are the names of the kinds of message in metrics; their index is the MessageType on the wire.
var kinds = []string{"", "event", "state_diff", "token_chunk", "tool_execution", "checkpoint", "metrics", "error", "", "execution_trace"}

const (
	kindEvent     = batching.Kind(pb.MessageType_MESSAGE_TYPE_EVENT)
	kindTokens    = batching.Kind(pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK)
	kindTool      = batching.Kind(pb.MessageType_MESSAGE_TYPE_TOOL_EXECUTION)
	kindReport    = batching.Kind(pb.MessageType_MESSAGE_TYPE_METRICS)
	typeBatch     = byte(pb.MessageType_MESSAGE_TYPE_EVENT_BATCH)
	joinEvents    = 1 // the Join of all Events: they share one EventBatch
	sizePieceHead = 4 // the length in front of each piece of a TokenChunk, see seal.go
)

// envelope is what a message has beside its content. It is apart from the content because the engine keeps parts of it, and the content's
// attributes would have to leave the caller's stack with them.
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
	h := wire.Header{Parent: env.parent, Micros: t.client.clock.micros(env.at), Thread: t.header, Type: byte(kindEvent)}
	entry := batching.Entry{Kind: kindEvent, Join: joinEvents, At: time.Duration(env.at), Urgent: env.urgent, Trace: env.trace}
	shortened := false
	var slot batching.Slot
	for {
		width := t.lane.Width()
		entry.Width = width
		entry.Size = wire.SizeEvent(&h, width, body)
		entry.MessageSize = entry.Size + t.batchOverhead
		if over := entry.MessageSize - t.client.cfg.MaxMessageBytes; over > 0 && !shortened {
			body, shortened = t.client.shortenEvent(e, body-over), true
			continue
		}
		status := t.lane.Reserve(&entry, &slot)
		if status == batching.WidthChanged {
			continue
		}
		h.ID, h.Sequence = t.client.messageID(slot.ID), slot.Seq
		if status == batching.Reserved {
			finish(&slot, wire.AppendEvent(slot.Buf[:0], &h, width, e, body))
		}
		t.client.measured(slot.ID, env.at)
		return h.ID
	}
}

// finish commits a slot that was written as planned. One that was not, because the caller changed its attributes meanwhile from
// another goroutine, is given up: it must not corrupt its neighbours.
func finish(slot *batching.Slot, written []byte) {
	if len(written) != len(slot.Buf) {
		slot.Abandon()
		return
	}
	slot.Commit()
}

// resolve makes an event plain, and returns its size then.
func (c *Client) resolve(e *wire.Event) int {
	var f wire.Faults
	e.Own, e.Attrs = wire.Resolve(e.Own, &f), wire.Resolve(e.Attrs, &f)
	c.count(f)
	return wire.SizeEventBody(e)
}

// rename gives attributes of the application's that are called like the SDK's own another name, and returns the event's size then.
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

// messageID makes a UUID (version 8, RFC 9562) of the instance's random half and a number that is unique in it.
func (c *Client) messageID(n uint64) wire.ID {
	id := c.idPrefix
	binary.BigEndian.PutUint64(id[8:], n|1<<63)
	return id
}

// reserve finds room for a message that is a record of its own; body is the size of its fields but the header. ok is false when it was dropped.
func (t *thread) reserve(kind batching.Kind, env *envelope, body int) (slot batching.Slot, h wire.Header, width int, ok bool) {
	h = wire.Header{Parent: env.parent, Micros: t.client.clock.micros(env.at), Thread: t.header, Type: byte(kind)}
	entry := batching.Entry{Kind: kind, At: time.Duration(env.at), Urgent: env.urgent, Trace: env.trace}
	for {
		width = t.lane.Width()
		entry.Width = width
		entry.Size = wire.SizeHeader(&h, width) + body
		entry.MessageSize = entry.Size + wire.Frame
		status := t.lane.Reserve(&entry, &slot)
		if status == batching.WidthChanged {
			continue
		}
		h.ID, h.Sequence = t.client.messageID(slot.ID), slot.Seq
		return slot, h, width, status == batching.Reserved
	}
}

// limit is what the fields of a message that is a record of its own may take beside its header and extra bytes.
func (t *thread) limit(env *envelope, extra int) int {
	h := wire.Header{Parent: env.parent, Micros: t.client.clock.micros(env.at), Thread: t.header}
	return t.client.cfg.MaxMessageBytes - wire.Frame - wire.SizeHeader(&h, t.lane.Width()+1) - extra // one more, should the number grow meanwhile
}

// emitTool writes a ToolExecution.
func (t *thread) emitTool(x *wire.Tool, env *envelope) wire.ID {
	if limit := t.limit(env, 0); wire.SizeTool(x) > limit {
		t.client.shortenTool(x, limit)
	}
	slot, h, width, ok := t.reserve(kindTool, env, wire.SizeTool(x))
	if ok {
		finish(&slot, wire.AppendTool(wire.AppendHeader(slot.Buf[:0], &h, width), x))
	}
	t.client.measured(slot.ID, env.at)
	return h.ID
}

// emitEncoded writes a message whose fields but the header are encoded already.
func (t *thread) emitEncoded(kind batching.Kind, body []byte, env *envelope) wire.ID {
	slot, h, width, ok := t.reserve(kind, env, len(body))
	if ok {
		finish(&slot, append(wire.AppendHeader(slot.Buf[:0], &h, width), body...))
	}
	t.client.measured(slot.ID, env.at)
	return h.ID
}

// emitTokens writes a chunk of tokens. It joins the chunks of its request that still wait, if nothing else came between.
func (t *thread) emitTokens(x *wire.Tokens, request uint64, env *envelope) {
	h := wire.Header{Parent: env.parent, Micros: t.client.clock.micros(env.at), Thread: t.header, Type: byte(kindTokens)}
	body := wire.SizeTokens(x)
	if limit := t.limit(env, sizePieceHead); body > limit {
		t.client.shortenTokens(x, body-limit)
		body = wire.SizeTokens(x)
	}
	entry := batching.Entry{
		Kind: kindTokens, Join: request, OneMessage: true, At: time.Duration(env.at), Urgent: env.urgent, Trace: env.trace, JoinedSize: sizePieceHead + body,
	}
	var slot batching.Slot
	for {
		width := t.lane.Width()
		entry.Width = width
		entry.Size = sizePieceHead + wire.SizeHeader(&h, width) + body
		entry.MessageSize = entry.Size + wire.Frame
		status := t.lane.Reserve(&entry, &slot)
		if status == batching.WidthChanged {
			continue
		}
		if status != batching.Reserved {
			return
		}
		b := binary.BigEndian.AppendUint32(slot.Buf[:0], uint32(body))
		if !slot.Joined {
			h.ID, h.Sequence = t.client.messageID(slot.ID), slot.Seq
			b = wire.AppendHeader(b, &h, width)
		}
		finish(&slot, wire.AppendTokens(b, x))
		t.client.measured(slot.ID, env.at)
		return
	}
}
