package callback

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/redact"
	"github.com/dashstream/dashstream-go/internal/statediff"
	"github.com/dashstream/dashstream-go/internal/wire"
	"google.golang.org/protobuf/encoding/protowire"
)

// The headers of W3C Trace Context.
const (
	headerTraceparent = "traceparent"
	headerTracestate  = "tracestate"
)

// sealer turns what was written into a batch into a record. The body of a batch is, for
//
//	Events         EventBatch.events elements, one after another: the header of the EventBatch goes in front of them;
//	a TokenChunk   pieces: four bytes of length, the header (in the first piece only), the fields;
//	a state        what [stateHead] writes, and the state as JSON;
//	any other      the message's content as it is.
//
// The engine's worker calls it, alone.
type sealer struct {
	client *Client
	states stateSealer
	hide   *redact.Messages
	merger wire.TokenMerger
	merged []byte
	clean  []byte // a batch's body without its secrets
}

func newSealer(c *Client) *sealer {
	return &sealer{client: c, hide: redact.NewMessages(c.redactor), states: stateSealer{client: c, baselines: baselines{limit: c.cfg.StateBytes}, next: new(statediff.Document)}}
}

var errNoRoom = errors.New("callback: no room in the queue for the message as it is sent")

var errHole = errors.New("callback: a batch holds what it should not")

func (s *sealer) seal(b *batching.Batch) error {
	if b.Holes() && b.Kind != kindEvent {
		return errHole
	}
	if b.Kind == kindState {
		if err := s.states.seal(b); err != nil {
			return err
		}
		s.headers(b)
		return nil
	}
	from, to := b.Headroom(), b.Headroom()+len(b.Body())
	messageType := byte(b.Kind)
	var err error
	switch b.Kind {
	case kindEvent:
		to, err = s.events(b)
		messageType = typeBatch
	case kindTokens:
		from, to, err = s.tokens(b)
	default:
		err = s.renumber(b, b.Body(), wire.Renumber)
	}
	if err == nil {
		from, to, err = s.redact(b, from, to)
	}
	if err != nil {
		return err
	}
	switch b.Kind {
	case kindEvent:
		s.states.events(b.Lane().Data().(*thread), b.Buffer()[from:to])
		from = s.batchHeader(b, from)
	case kindCheckpoint:
		s.states.forget(b.Lane().Data().(*thread))
	}
	b.SetValue(wire.PutFrame(b.Buffer(), from, messageType, to-from), to)
	s.headers(b)
	return nil
}

// renumber gives messages the numbers that they have on the wire, if messages in front of them turned out to be unchanged.
func (s *sealer) renumber(b *batching.Batch, messages []byte, lower func([]byte, uint64) error) error {
	if b.Shift() == 0 {
		return nil
	}
	return lower(messages, b.Shift())
}

// events puts the events of a batch in order, and returns where they end.
func (s *sealer) events(b *batching.Batch) (to int, err error) {
	to = b.Headroom() + len(b.Body())
	if b.Holes() {
		if to, err = s.closeHoles(b); err != nil {
			return 0, err
		}
	}
	return to, s.renumber(b, b.Buffer()[b.Headroom():to], wire.RenumberEvents)
}

// redact hides secrets in what is about to leave, [from, to) of the batch, and returns where that is then. All that leaves passes it,
// but for states, which [stateSealer] makes out of JSON without secrets.
func (s *sealer) redact(b *batching.Batch, from, to int) (int, int, error) {
	out, changed := s.hidden(b.Kind, b.Buffer()[from:to])
	if !changed {
		return from, to, nil
	}
	if limit := s.client.cfg.MaxMessageBytes; b.Headroom()+len(out) > limit { // marks are longer than most of what they stand for
		err := fmt.Errorf("callback: %d bytes with what stands for secrets, at most %d", b.Headroom()+len(out), limit)
		return 0, 0, &batching.SendError{Outcome: batching.Dropped, Reason: batching.TooLarge, Err: err}
	}
	buf := b.Resize(len(out))
	if buf == nil {
		return 0, 0, &batching.SendError{Outcome: batching.Dropped, Reason: batching.QueueFull, Err: errNoRoom}
	}
	from = b.Headroom()
	return from, from + copy(buf[from:], out), nil
}

// hidden returns what may be published of a message, or of the events of a batch, and whether that differs.
func (s *sealer) hidden(kind batching.Kind, body []byte) (out []byte, changed bool) {
	var hide func(m *redact.Messages, dst, body []byte) ([]byte, bool)
	switch kind {
	case kindEvent:
		hide = (*redact.Messages).Events
	case kindTokens:
		hide = (*redact.Messages).Tokens
	case kindTool:
		hide = (*redact.Messages).Tool
	case kindCheckpoint:
		hide = (*redact.Messages).Checkpoint
	case kindReport:
		hide = (*redact.Messages).Metrics
	case kindError:
		hide = (*redact.Messages).Error
	case kindTrace:
		hide = (*redact.Messages).Trace
	}
	if out, changed = hide(s.hide, s.clean[:0], body); changed {
		s.clean = out
		if kind == kindTokens {
			out = wire.DropIDs(out)
		}
	}
	return out, changed
}

// batchHeader writes the header of an EventBatch in front of its events.
func (s *sealer) batchHeader(b *batching.Batch, at int) int {
	t := b.Lane().Data().(*thread)
	h := wire.Header{ID: s.client.messageID(b.ID), Micros: b.Opened.UnixMicro(), Thread: t.header, Type: typeBatch}
	at -= wire.SizeHeader(&h, 0)
	wire.AppendHeader(b.Buffer()[at:at], &h, 0)
	return at
}

// closeHoles moves the events of a batch together over the slots that were given up.
func (s *sealer) closeHoles(b *batching.Batch) (end int, err error) {
	buf, to := b.Buffer(), b.Headroom()
	for rest := b.Body(); len(rest) > 0; {
		n := 0
		if rest[0] == 0 {
			n = int(binary.BigEndian.Uint32(rest[1:]))
		} else {
			var tagLen int
			_, _, tagLen = protowire.ConsumeTag(rest)
			_, n = protowire.ConsumeBytes(rest[max(tagLen, 0):])
			if tagLen < 0 || n < 0 {
				return 0, errHole
			}
			n += tagLen
			to += copy(buf[to:], rest[:n])
		}
		if n <= 0 || n > len(rest) {
			return 0, errHole
		}
		rest = rest[n:]
	}
	return to, nil
}

// tokens joins the pieces of a TokenChunk. One piece stays where it is.
func (s *sealer) tokens(b *batching.Batch) (from, to int, err error) {
	rest := b.Body()
	from = b.Headroom() + sizePieceHead
	if err := s.renumber(b, rest[sizePieceHead:], wire.Renumber); err != nil {
		return 0, 0, err
	}
	if b.Events == 1 {
		return from, b.Headroom() + len(rest), nil
	}
	s.merger.Reset()
	var header []byte
	for len(rest) > sizePieceHead {
		n := int(binary.BigEndian.Uint32(rest))
		rest = rest[sizePieceHead:]
		if header == nil {
			h := 1 + protowire.ConsumeFieldValue(1, protowire.BytesType, rest[1:])
			if h <= 1 {
				return 0, 0, errHole
			}
			header, rest = rest[:h], rest[h:]
		}
		if n > len(rest) {
			return 0, 0, errHole
		}
		if err := s.merger.Add(rest[:n]); err != nil {
			return 0, 0, err
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		return 0, 0, errHole
	}
	s.merged = s.merger.Append(append(s.merged[:0], header...))
	return from, from + copy(b.Buffer()[from:], s.merged), nil
}

// headers says who sent the record, and in which trace it was made if that is one.
func (s *sealer) headers(b *batching.Batch) {
	h := append(b.HeaderSpace(), s.client.recordHeaders...)
	if t := b.Trace(); t != nil {
		h = append(h, batching.Header{Key: headerTraceparent, Value: []byte(t.Parent)})
		if t.State != "" {
			h = append(h, batching.Header{Key: headerTracestate, Value: []byte(t.State)})
		}
	}
	b.Headers = h
}
