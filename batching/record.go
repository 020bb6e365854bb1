package batching

// Sealing is a batch of which [Config.Seal] makes a record. It is valid until Seal returns, and not
// to be kept. What follows from a batch without it, as a [Sender] has it, is only to be read.
type Sealing struct {
	*Batch
}

// Body returns what was written into the batch. Room for the lane's headroom lies in front of it;
// see [Sealing.SetValue].
func (b *Sealing) Body() []byte { return b.segment[b.lane.headroom:b.used] }

// SetValue makes the bytes [from, to) of the batch its value; Body begins at Headroom.
func (b *Sealing) SetValue(from, to int) { b.Value = b.segment[from:to:to] }

// Buffer returns the whole memory of the batch: headroom, body, and what was not used.
func (b *Sealing) Buffer() []byte { return b.segment }

// Headroom is the offset of Body in Buffer.
func (b *Sealing) Headroom() int { return b.lane.headroom }

// Holes says that slots in Body were abandoned.
func (b *Sealing) Holes() bool { return b.holes }

// AfterLoss says, of a message that is dependent (see [Entry]), whether a message of its lane was
// lost, or may have been, since the dependent one before it. What is lost on its way is known only
// once its Sender has said so.
func (b *Sealing) AfterLoss() bool { return b.afterLoss }

// Shift is by how much the numbers of the batch's messages on the wire are below those that
// [Slot.Seq] gave them: the number of messages before them that were not sent, see [ErrUnchanged].
func (b *Sealing) Shift() uint64 { return b.shift }

// Lower returns by how much the numbers that stand in Body are still above those on the wire, and
// notes that they will have been lowered by that much: a batch for which Seal found no room is
// sealed again.
func (b *Sealing) Lower() uint64 {
	by := b.shift - b.lowered
	b.lowered = b.shift
	return by
}

// CloseHoles notes that what was abandoned has been taken out of Body, which ends size bytes from
// its beginning now.
func (b *Sealing) CloseHoles(size int) { b.used, b.holes = b.lane.headroom+size, false }

// Resize gives a batch that is being sealed memory for a body of so many bytes, and returns all of
// it (see [Sealing.Buffer]). What was written before stays only if the memory is the same, which it
// is unless that is too small or several times too large. Other memory leaves the batch without a
// value, and what Body and Buffer returned before is not the batch's any more. When the queue has
// no room for a larger body, or the batch has been given up, Resize returns nil and changes
// nothing; Seal then returns [ErrNoRoom].
func (b *Sealing) Resize(body int) []byte {
	return b.lane.shard.resize(b.Batch, b.lane.headroom+body)
}

// HeaderSpace returns an empty slice with room for four headers, for use as Headers without an
// allocation.
func (b *Sealing) HeaderSpace() []Header { return b.headers[:0] }

// Split takes messages off the end of a batch that is being sealed and returns them as a batch of
// their own, which follows it at once: events of them, which have the numbers from first on, and
// memory for a body of size bytes, in which the caller writes its value. last is the number of the
// last message that b keeps. It returns nil when the queue has no room; Seal then returns
// [ErrNoRoom].
func (b *Sealing) Split(size, events int, last, first uint64) *Sealing {
	s := b.lane.shard
	e := s.engine
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.state == stateEnded {
		return nil
	}
	segment := e.memory.extra(b.lane.headroom + size)
	if segment == nil {
		return nil
	}
	n := e.batches.Get().(*Batch)
	n.Key, n.Kind, n.Opened, n.ID = b.Key, b.Kind, b.Opened, s.id()
	n.lane, n.segment, n.used = b.lane, segment, b.lane.headroom+size
	n.join, n.trace, n.closed, n.trigger, n.shift = b.join, b.trace, true, b.trigger, b.shift
	n.Events, n.Messages, n.First, n.Last = events, events, first, b.Last
	n.state, n.gen = stateSealing, b.gen
	n.gen.live.Add(1)
	n.claims.Store(1)
	s.live.insert(b.Batch, n)
	n.rest, b.rest = b.rest, n
	b.Events, b.Messages, b.Last = b.Events-events, b.Messages-events, last
	if b.state == stateInFlight {
		s.land(n, events)
	}
	return &Sealing{n}
}

// Refuse says of a batch that is being sealed, or was split off one, that it cannot be sent: it is
// dropped by itself, for the reason that err has (see [SendError]). Seal returns nil then.
func (b *Sealing) Refuse(err error) { b.refused = err }
