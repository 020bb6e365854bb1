package batching

// Slot is the memory for one message. It must be committed exactly once, and soon, because its
// batch cannot be sent before.
type Slot struct {
	// Buf must be filled completely.
	Buf []byte
	// Seq is the message's sequence number in its lane.
	Seq uint64
	// ID is unique among all messages and batches of the engine.
	ID uint64
	// Reason is why the message was refused; meaningless for one that was accepted.
	Reason Reason
	// Joined reports that the message continues another one, whose number and ID it shares.
	Joined bool

	batch *Batch
}

// Commit ends the writing of the slot, into which written bytes were written. If that is not
// exactly its size, the slot is abandoned so that it cannot corrupt its neighbours: its event
// counts as dropped ([Internal]) and its number is left out.
func (s *Slot) Commit(written int) {
	if written != len(s.Buf) {
		s.abandon()
		return
	}
	s.batch.wrote()
}

// abandon marks the slot as a hole: a zero byte followed by the slot's length in four bytes. Seal
// has to leave holes out (see [Sealing.Holes]).
func (s *Slot) abandon() {
	b := s.batch
	clear(s.Buf)
	if n := len(s.Buf); n >= 5 {
		s.Buf[1], s.Buf[2], s.Buf[3], s.Buf[4] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	}
	sh := b.lane.shard
	sh.mu.Lock()
	if b.state != stateEnded { // otherwise it was lost with its batch
		c := &sh.counts[b.Kind]
		if b.state == stateInFlight {
			c.ended++
		} else {
			c.leftQueue++
		}
		b.Events--
		if !b.oneMessage {
			b.Messages--
		}
		// a queued batch breaks its lane only when it is taken, because the loss comes after what
		// waits in front of it
		b.holes = true
		b.lane.broken = b.lane.broken || b.state != stateQueued
		sh.engine.held.Add(-1)
		g := Gap{First: s.Seq, Last: s.Seq, Count: 1}
		switch {
		case b.oneMessage:
			g.Count = 0 // its number goes with the rest of the message
		case b.state != stateQueued:
			g.First, g.Last = s.Seq-b.shift, s.Seq-b.shift
		}
		sh.lose(b.lane, b.Kind, g, 1, Internal, b.state != stateQueued)
	}
	sh.unlock()
	sh.engine.roomFreed()
	b.wrote()
}
