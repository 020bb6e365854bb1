package seal

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

// Sealer turns the messages of a batch into a record. The body of a batch contains, for
//
//	Events         EventBatch.events elements, one after another: the header of the EventBatch
//	               goes in front of them;
//	a TokenChunk   pieces: four bytes of length, the header (in the first piece only), the fields;
//	a state        what [StateHead] writes, and the state as JSON;
//	any other      the message's content as it is.
//
// Only the engine's worker calls [Sealer.Seal]. All other methods are safe for concurrent use.
type Sealer struct {
	cfg    Config
	states stateSealer
	hide   *redact.Messages
	merger wire.TokenMerger
	merged []byte
	clean  []byte // a batch's body without its secrets
}

// New returns a Sealer. Every field of cfg must be set: there are no defaults.
func New(cfg Config) *Sealer {
	s := &Sealer{cfg: cfg, hide: redact.NewMessages(cfg.Redactor)}
	s.states = stateSealer{cfg: &s.cfg, baselines: baselines{limit: cfg.StateBytes},
		next: new(statediff.Document)}
	return s
}

var errHole = errors.New("seal: a batch holds what it should not")

// Seal turns a batch into its record; see [batching.Config] for its errors. If the queue has no
// room, Seal is called again for the same batch. So it changes a batch's body only in ways that can
// be sealed as well.
func (s *Sealer) Seal(b *batching.Sealing) error {
	if b.Holes() && b.Kind != KindEvent {
		return errHole
	}
	if b.Kind == KindState {
		if err := s.states.seal(b); err != nil {
			return err
		}
		s.headers(b)
		return nil
	}
	body, err := s.body(b)
	if err != nil {
		return err
	}
	if out, changed := s.hidden(b.Kind, body.bytes); changed {
		body = sealing{bytes: out, elsewhere: true}
	}
	if err := s.write(b, body); err != nil {
		return err
	}
	if b.Kind == KindCheckpoint {
		s.states.forget(b.Lane().Data().(*Thread))
	}
	return nil
}

// sealing is the content of a record without the header of an EventBatch and the framing.
type sealing struct {
	bytes     []byte
	elsewhere bool // in memory of the sealer, not of the batch
}

// body returns the messages of a batch as they are sent, except for secrets.
func (s *Sealer) body(b *batching.Sealing) (sealing, error) {
	switch b.Kind {
	case KindEvent:
		err := s.events(b)
		return sealing{bytes: b.Body()}, err
	case KindTokens:
		return s.tokens(b)
	}
	err := renumber(b, b.Body(), wire.Renumber)
	return sealing{bytes: b.Body()}, err
}

// renumber changes the messages' numbers to those on the wire, if messages in front of them turned
// out to be unchanged.
func renumber(b *batching.Sealing, messages []byte, lower func([]byte, uint64) error) error {
	if by := b.Lower(); by != 0 {
		return lower(messages, by)
	}
	return nil
}

// events prepares the events of a batch.
func (s *Sealer) events(b *batching.Sealing) error {
	if b.Holes() {
		end, err := s.closeHoles(b)
		if err != nil {
			return err
		}
		b.CloseHoles(end - b.Headroom())
	}
	return renumber(b, b.Body(), wire.RenumberEvents)
}

// write makes the record of a batch.
func (s *Sealer) write(b *batching.Sealing, body sealing) error {
	if !body.elsewhere {
		from := b.Headroom()
		if b.Kind == KindTokens {
			from += PieceHead
		}
		s.frame(b, from, from+len(body.bytes))
		return nil
	}
	// marks are longer than most of what they replace
	if b.Headroom()+len(body.bytes) > s.cfg.MaxMessageBytes {
		if b.Kind != KindEvent {
			return s.tooLarge(b.Headroom() + len(body.bytes))
		}
		return s.split(b, body.bytes)
	}
	return s.put(b, body.bytes)
}

// put copies a body from other memory into a batch.
func (s *Sealer) put(b *batching.Sealing, body []byte) error {
	buf := b.Resize(len(body))
	if buf == nil {
		return batching.ErrNoRoom
	}
	from := b.Headroom()
	s.frame(b, from, from+copy(buf[from:], body))
	return nil
}

// frame makes the bytes [from, to) of a batch its record. All records pass here, except for states,
// which [stateSealer] makes.
func (s *Sealer) frame(b *batching.Sealing, from, to int) {
	messageType := byte(b.Kind)
	if b.Kind == KindEvent {
		s.states.events(b.Lane().Data().(*Thread), b.Buffer()[from:to])
		from = s.batchHeader(b, from)
		messageType = typeBatch
	}
	b.SetValue(wire.PutFrame(b.Buffer(), from, messageType, to-from), to)
	s.headers(b)
}

func (s *Sealer) tooLarge(size int) error {
	err := fmt.Errorf("seal: %d bytes with what stands for secrets, at most %d", size,
		s.cfg.MaxMessageBytes)
	return &batching.SendError{Outcome: batching.Dropped, Reason: batching.TooLarge, Err: err}
}

// hidden returns a message, or the events of a batch, without secrets, and reports whether anything
// was hidden.
func (s *Sealer) hidden(kind batching.Kind, body []byte) (out []byte, changed bool) {
	var hide func(m *redact.Messages, dst, body []byte) ([]byte, bool)
	switch kind {
	case KindEvent:
		hide = (*redact.Messages).Events
	case KindTokens:
		hide = (*redact.Messages).Tokens
	case KindTool:
		hide = (*redact.Messages).Tool
	case KindCheckpoint:
		hide = (*redact.Messages).Checkpoint
	case KindReport:
		hide = (*redact.Messages).Metrics
	case KindError:
		hide = (*redact.Messages).Error
	case KindTrace:
		hide = (*redact.Messages).Trace
	}
	if out, changed = hide(s.hide, s.clean[:0], body); changed {
		s.clean = out
		if kind == KindTokens {
			out = wire.DropIDs(out)
		}
	}
	return out, changed
}

// batchHeader writes the header of an EventBatch in front of its events.
func (s *Sealer) batchHeader(b *batching.Sealing, at int) int {
	t := b.Lane().Data().(*Thread)
	h := wire.Header{ID: s.cfg.MessageID(b.ID), Micros: s.cfg.Micros(b.Opened), Thread: t.Header,
		Type: typeBatch}
	at -= wire.SizeHeader(&h, 0)
	wire.AppendHeader(b.Buffer()[at:at], &h, 0)
	return at
}

// closeHoles moves the events of a batch together, over the slots that were abandoned.
func (s *Sealer) closeHoles(b *batching.Sealing) (end int, err error) {
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

// tokens joins the pieces of a TokenChunk. A single piece remains where it is.
func (s *Sealer) tokens(b *batching.Sealing) (sealing, error) {
	rest := b.Body()
	if err := renumber(b, rest[PieceHead:], wire.Renumber); err != nil {
		return sealing{}, err
	}
	if b.Events == 1 {
		return sealing{bytes: rest[PieceHead:]}, nil
	}
	s.merger.Reset()
	var header []byte
	for len(rest) > PieceHead {
		n := int(binary.BigEndian.Uint32(rest))
		rest = rest[PieceHead:]
		if header == nil {
			h := 1 + protowire.ConsumeFieldValue(1, protowire.BytesType, rest[1:])
			if h <= 1 {
				return sealing{}, errHole
			}
			header, rest = rest[:h], rest[h:]
		}
		if n > len(rest) {
			return sealing{}, errHole
		}
		if err := s.merger.Add(rest[:n]); err != nil {
			return sealing{}, err
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		return sealing{}, errHole
	}
	s.merged = s.merger.Append(append(s.merged[:0], header...))
	return sealing{bytes: s.merged, elsewhere: true}, nil
}

// headers sets the record's headers: its sender, and the trace context if all of it belongs to one
// trace.
func (s *Sealer) headers(b *batching.Sealing) {
	h := append(b.HeaderSpace(), s.cfg.Headers...)
	if t := b.Trace(); t != nil {
		h = append(h, batching.Header{Key: headerTraceparent, Value: []byte(t.Parent)})
		if t.State != "" {
			h = append(h, batching.Header{Key: headerTracestate, Value: []byte(t.State)})
		}
	}
	b.Headers = h
}
