package batching

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// sealing is what the ledger knows about one call of Seal.
type sealing struct {
	order                int // among all calls
	takenAt              time.Time
	dependent, afterLoss bool
	unchanged            bool
	reason               Reason // for a batch that is not to be sent
}

// seal is the engine's Seal. It also records the batches that are not to be sent.
func (l *ledger) seal(b *Sealing) error {
	e := l.entry(b.Batch, b.Body())
	if len(e.pieces) == 0 {
		l.t.Errorf("lane %s: a batch of %d events and %d bytes without any", b.Key, b.Events,
			len(b.Body()))
		return errMalformed
	}
	l.mu.Lock()
	delete(l.waiting, e.pieces[0].serial)
	l.mu.Unlock()
	l.takes++
	e.sealed = sealing{order: l.takes, takenAt: b.sentAt, dependent: b.dependent,
		afterLoss: b.AfterLoss(), reason: Internal}
	r := l.rand(b.Batch, 3)
	if l.slow > 0 && r.IntN(l.slow) == 0 {
		time.Sleep(randomPause(r, 2*time.Second))
	}
	err := l.write(b, e, r)
	f := l.fate(l.rand(b.Batch, 1))
	if f == fateUnchanged && b.First != b.Last { // that is for single messages
		f = fateAck
	}
	if err == nil {
		if err = e.sealed.end(f, r); err == nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			rest := l.split(b, e, r)
			e.value = bytes.Clone(b.Value)
			l.letThrough(b.Batch, e)
			for _, x := range rest {
				l.letThrough(x.batch, x)
			}
			return nil
		}
	}
	e.settled = time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if errors.Is(err, ErrNoRoom) {
		l.waiting[e.pieces[0].serial] = e
		return err
	}
	l.unsealed = append(l.unsealed, e)
	if f == fateSealPanic {
		e.sealed.reason = Internal
		panic("seal panicked")
	}
	return err
}

// letThrough records that a batch was sealed. A batch sealed earlier in the same memory that was
// never sent was dropped.
func (l *ledger) letThrough(b *Batch, e *entry) {
	if was := l.sealings[b]; was != nil {
		l.kept = append(l.kept, was)
	}
	l.sealings[b] = e
}

// split splits a batch in two at random.
func (l *ledger) split(b *Sealing, e *entry, r *rand.Rand) []*entry {
	if b.Events < 2 || b.join == 0 || b.oneMessage || r.IntN(3) != 0 {
		return nil
	}
	at := 1 + r.IntN(b.Events-1)
	body := rewritten(e.pieces[at:], 0)
	n := b.Split(len(body), b.Events-at, e.pieces[at-1].seq-e.shift, e.pieces[at].seq-e.shift)
	if n == nil {
		l.cramped.Add(1)
		return nil
	}
	l.splits.Add(1)
	copy(n.Body(), body)
	n.SetValue(n.Headroom(), n.Headroom()+len(body))
	second := &entry{key: e.key, kind: e.kind, shift: e.shift, pieces: e.pieces[at:],
		messages: e.messages - at, size: len(body),
		sealed: e.sealed, value: bytes.Clone(n.Value), batch: n.Batch}
	first := rewritten(e.pieces[:at], 0)
	e.pieces, e.messages = e.pieces[:at], at
	copy(b.Body(), first)
	b.SetValue(b.Headroom(), b.Headroom()+len(first))
	return []*entry{second}
}

// end returns Seal's result for a batch that could be sent.
func (s *sealing) end(f fate, r *rand.Rand) error {
	switch f {
	case fateSealError, fateSealPanic:
		return errors.New("seal failed")
	case fateSealReason:
		reason := Reason(r.IntN(NumReasons))
		switch r.IntN(3) {
		case 0:
			// an outcome that has no reason
			return &SendError{Outcome: Unacknowledged, Reason: reason}
		case 1:
			s.reason = reason
			return &SendError{Outcome: Dropped, Reason: reason}
		}
		s.reason = reason
		return fmt.Errorf("wrapped: %w", &SendError{Outcome: Dropped, Reason: reason})
	case fateUnchanged:
		s.unchanged = true
		return fmt.Errorf("wrapped: %w", ErrUnchanged)
	}
	return nil
}

// write makes the value of a batch, sometimes longer or shorter than its body.
func (l *ledger) write(b *Sealing, e *entry, r *rand.Rand) error {
	if err := seal(b); err != nil {
		return err
	}
	if l.resizing == 0 || r.IntN(l.resizing) != 0 {
		return nil
	}
	for range 1 + r.IntN(2) {
		if !l.rewrite(b, rewritten(e.pieces, r.IntN(pick(r, 1, 1, 300, 5000, 100_000)))) &&
			r.IntN(2) == 0 {
			e.sealed.reason = QueueFull
			if r.IntN(2) == 0 {
				if b.Holes() {
					b.CloseHoles(len(b.Value))
				}
				return fmt.Errorf("wrapped: %w", ErrNoRoom)
			}
			return &SendError{Outcome: Dropped, Reason: QueueFull}
		}
	}
	return nil
}

// rewritten returns the same messages with so many bytes of padding.
func rewritten(all []piece, pad int) []byte {
	var body []byte
	for _, p := range all {
		slot := Slot{Seq: p.seq, ID: p.id, Joined: p.joined}
		if p.joined {
			slot.Buf = make([]byte, pieceBytes+pad)
		} else {
			slot.Buf = make([]byte, messageBytes+varintLen(p.seq)+pad)
		}
		write(&slot, p.serial)
		body = append(body, slot.Buf...)
		pad = 0
	}
	return body
}

// rewrite gives a batch another body, and reports whether the queue had room for it.
func (l *ledger) rewrite(b *Sealing, body []byte) bool {
	size := b.Headroom() + len(body)
	before, value := b.Buffer(), bytes.Clone(b.Value)
	buf := b.Resize(len(body))
	if buf == nil {
		l.cramped.Add(1)
		if size <= len(before) && !givenUp(b.Batch) {
			l.t.Errorf("lane %s: no room for %d bytes in a batch that has %d", b.Key, size,
				len(before))
		}
		if &b.Buffer()[0] != &before[0] || !bytes.Equal(b.Value, value) {
			l.t.Errorf("lane %s: a batch without room to grow has changed", b.Key)
		}
		return false
	}
	switch same := min(len(body), len(value)); {
	case &buf[0] == &before[0]:
		if !bytes.Equal(buf[b.Headroom():][:same], value[:same]) {
			l.t.Errorf("lane %s: memory that a batch keeps has changed", b.Key)
		}
	case len(buf) != segmentSize(size) || b.Value != nil:
		l.t.Errorf("lane %s: %d bytes of memory for %d, with a value of %d", b.Key, len(buf), size,
			len(b.Value))
	case len(buf) > len(before):
		l.grown.Add(1)
	default:
		l.shrunk.Add(1)
	}
	if len(b.Body()) != len(body) || &b.Buffer()[0] != &buf[0] {
		l.t.Errorf("lane %s: a body of %d bytes, want %d", b.Key, len(b.Body()), len(body))
	}
	for i := range buf {
		buf[i] = 0xDB // shows if anything else uses this memory
	}
	copy(b.Body(), body)
	b.SetValue(b.Headroom(), size)
	return true
}

func givenUp(b *Batch) bool {
	b.lane.shard.mu.Lock()
	defer b.lane.shard.mu.Unlock()
	return b.state == stateEnded
}

// sendingWhatWasSealed checks that the Sender gets what Seal made.
func (l *ledger) sendingWhatWasSealed(e *entry, b *Batch) {
	l.mu.Lock()
	s := l.sealings[b]
	delete(l.sealings, b)
	l.mu.Unlock()
	if s == nil || s.key != e.key || s.shift != e.shift || !bytes.Equal(s.value, b.Value) {
		l.t.Errorf("lane %s: batch %d of %d bytes is not what Seal made", e.key, b.ID, len(b.Value))
		return
	}
	e.sealed, e.value = s.sealed, s.value
}
