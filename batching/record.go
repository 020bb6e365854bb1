package batching

// Sealing is a batch from which [Config.Seal] makes a record. It is valid only until Seal returns.
// A Batch without it, as a [Sender] has it, is read-only.
type Sealing struct {
	*Batch
}

// Body returns the messages written into the batch. The lane's headroom lies in front of it; see
// [Sealing.SetValue].
func (b *Sealing) Body() []byte { return b.segment[b.lane.headroom:b.used] }

// SetValue makes the bytes [from, to) of the batch its value; Body begins at Headroom.
func (b *Sealing) SetValue(from, to int) { b.Value = b.segment[from:to:to] }

// Buffer returns all memory of the batch: headroom, body, and the unused rest.
func (b *Sealing) Buffer() []byte { return b.segment }

// Headroom is the offset of Body in Buffer.
func (b *Sealing) Headroom() int { return b.lane.headroom }

// Holes reports whether slots in Body were abandoned.
func (b *Sealing) Holes() bool { return b.holes }

// AfterLoss reports, for a dependent message (see [Entry]), whether a message of its lane was lost
// since the previous dependent one, or may have been. A loss in flight is known only once the
// Sender has reported it. Calls and details that were shed do not count.
func (b *Sealing) AfterLoss() bool { return b.afterLoss }

// Shift is by how much the messages' numbers on the wire are below those of [Slot.Seq]: the number
// of messages before them that were not sent, see [ErrUnchanged].
func (b *Sealing) Shift() uint64 { return b.shift }

// Lower returns by how much the numbers in Body are still above those on the wire, and records that
// the caller lowers them by that much. That matters for a batch that Seal found no memory for, and
// that is sealed again.
func (b *Sealing) Lower() uint64 {
	by := b.shift - b.lowered
	b.lowered = b.shift
	return by
}

// CloseHoles records that the abandoned slots were removed from Body, which now has size bytes.
func (b *Sealing) CloseHoles(size int) { b.used, b.holes = b.lane.headroom+size, false }

// Resize gives a batch that is being sealed memory for a body of so many bytes, and returns all of
// that memory (see [Sealing.Buffer]). The memory stays the same, with its contents, unless it is
// too small or several times too large. If it is replaced, the batch has no value any more, and the
// results of earlier calls of Body and Buffer must not be used. If the queue has no room for a
// larger body, or the batch has been given up, Resize returns nil and changes nothing; Seal then
// returns [ErrNoRoom].
func (b *Sealing) Resize(body int) []byte {
	return b.lane.shard.resize(b.Batch, b.lane.headroom+body)
}

// HeaderSpace returns an empty slice with capacity for four headers, for use as Headers without an
// allocation.
func (b *Sealing) HeaderSpace() []Header { return b.headers[:0] }

// Split moves messages from the end of a batch that is being sealed to a new batch, which follows
// it at once. The new batch has so many events, numbered from first on, and memory for a body of
// size bytes, in which the caller writes its value. last is the number of the last message that b
// keeps. Split returns nil when the queue has no room; Seal then returns [ErrNoRoom].
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

// Refuse says that a batch that is being sealed, or was split off one, cannot be sent. It is
// dropped by itself, for the reason in err (see [SendError]). Seal then returns nil.
func (b *Sealing) Refuse(err error) { b.refused = err }
