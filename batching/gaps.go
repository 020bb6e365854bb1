package batching

// Gap is a range of sequence numbers on the wire some of which are missing, or may be, and why. It
// lets a reader of the stream tell a loss that the producer knows of from one that it does not.
type Gap struct {
	// Key is the key of the lane. It must not be changed.
	Key []byte
	// First and Last are the first and the last missing number. Count is how many numbers between
	// them are missing: all, unless there were so many gaps that some were merged.
	First, Last, Count uint64
	// Events is the number of the application's events under those numbers. It differs from Count
	// where events were joined to one message.
	Events uint64
	// Kind is the kind of the messages.
	Kind Kind
	// Reason is why they were dropped. It is meaningless if they are Unacknowledged: given up after
	// they may have arrived, so they may not be missing at all.
	Reason         Reason
	Unacknowledged bool
}

// Cause returns the name of the reason, or "unacknowledged".
func (g *Gap) Cause() string {
	if g.Unacknowledged {
		return Unacknowledged.String()
	}
	return g.Reason.String()
}

const (
	// exactRanges is how many ranges of a lane are kept exactly. Beyond that, ranges of one kind
	// and reason are merged, although numbers between them were not lost.
	exactRanges = 8
	// maxRanges bounds the ranges of all lanes, at about 100 bytes each.
	maxRanges = 1 << 16
	// takeLanes is how many lanes are looked at under one hold of a shard's lock.
	takeLanes = 64
)

// lostRange is a Gap in the making. The numbers of messages that were lost before they were sealed
// are above those on the wire, as long as a state in front of them may turn out unchanged. They
// become final when the first message behind them is taken from the queue.
type lostRange struct {
	Gap
	firstFinal, final bool
}

// lose accounts for events that will not get through. Every loss in the engine, wherever it
// happens, passes through here, under the lock. It is told all that a reader needs to know: the
// thread, its missing numbers, the kind and the reason. final says whether the numbers are those on
// the wire: before sealing, they are above them by the number of messages in front that turn out to
// be unchanged.
func (s *shard) lose(l *Lane, kind Kind, g Gap, events int, reason Reason, final bool) {
	s.counts[kind].dropped[reason] += uint64(events)
	s.engine.losses.note(s.engine, events, reason.String())
	g.Kind, g.Reason, g.Events = kind, reason, uint64(events)
	s.record(l, g, final)
}

// gap returns the numbers of a batch that was taken from the queue, of which so many messages are
// missing.
func (b *Batch) gap(messages int) Gap {
	return Gap{First: b.First, Last: b.Last, Count: uint64(max(messages, 0))}
}

// record notes that numbers of a lane are missing, for [Engine.Gaps]. The caller holds the lock.
func (s *shard) record(l *Lane, g Gap, final bool) {
	if g.Count == 0 {
		return
	}
	g.Key = l.key
	if r := l.extended(&g, final); r != nil {
		r.Last, r.Count, r.Events = max(r.Last, g.Last), r.Count+g.Count, r.Events+g.Events
		r.First = min(r.First, g.First)
		return
	}
	e := s.engine
	if e.ranges.Add(1) > maxRanges {
		e.ranges.Add(-1)
		e.unstated.Add(g.Events)
		return
	}
	l.lost = append(l.lost, lostRange{Gap: g, firstFinal: final, final: final})
	if !l.isLossy {
		l.isLossy = true
		s.lossy = append(s.lossy, l)
	}
	if e.cfg.Lost != nil && e.gapsKnown.CompareAndSwap(false, true) {
		e.cfg.Lost()
	}
}

// extended returns the range that a gap can be added to: one that it continues, or, if the lane has
// too many, the last of its kind and reason.
func (l *Lane) extended(g *Gap, final bool) *lostRange {
	full := len(l.lost) >= exactRanges
	for i := len(l.lost) - 1; i >= 0; i-- {
		r := &l.lost[i]
		if r.Kind != g.Kind || r.Reason != g.Reason || r.Unacknowledged != g.Unacknowledged ||
			r.final != final || r.firstFinal != final {
			continue
		}
		if full || r.Last+1 == g.First {
			return r
		}
		if !final {
			return nil // numbers that are not final come in order
		}
	}
	return nil
}

// finalize makes those numbers final that were lost before the message with the number before, or
// in its batch, whose last number is last. shift is by how much they are above those on the wire.
func (l *Lane) finalize(before, last, shift uint64) {
	for i := range l.lost {
		r := &l.lost[i]
		if !r.firstFinal && (r.First < before || r.Last <= last) {
			r.First, r.firstFinal = r.First-shift, true
		}
		if !r.final && r.firstFinal && r.Last <= last {
			r.Last, r.final = r.Last-shift, true
		}
	}
}

// Gaps returns what is known to be missing and was not returned before, up to about max gaps. They
// belong to the caller, who is to tell the readers of the stream. Numbers that are not final yet
// are returned by a later call.
func (e *Engine) Gaps(max int) []Gap {
	e.gapsKnown.Store(false)
	var all []Gap
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		lanes := len(s.lossy)
		for n := 0; n < lanes && len(s.lossy) > 0 && len(all) < max; n++ {
			if n%takeLanes == takeLanes-1 {
				s.mu.Unlock()
				s.mu.Lock()
			}
			all = s.takeGaps(all)
		}
		s.mu.Unlock()
	}
	e.ranges.Add(-int64(len(all)))
	return all
}

// takeGaps moves the final ranges of the first lossy lane to all. If the lane has others, it goes
// to the end of the list.
func (s *shard) takeGaps(all []Gap) []Gap {
	l := s.lossy[0]
	s.lossy[0] = nil
	s.lossy = s.lossy[1:]
	if l.isEmpty() && s.engine.sealing.Load() != l {
		l.finalize(l.next, l.next, l.unchanged)
	}
	kept := l.lost[:0]
	for i := range l.lost {
		if r := &l.lost[i]; r.final {
			all = append(all, r.Gap)
		} else {
			kept = append(kept, *r)
		}
	}
	if l.lost = kept; len(kept) == 0 {
		l.lost, l.isLossy = nil, false
		return all
	}
	s.lossy = append(s.lossy, l)
	return all
}

// Unstated returns the number of lost events that [Engine.Gaps] will not tell of, because too many
// others were lost meanwhile.
func (e *Engine) Unstated() uint64 { return e.unstated.Load() }

// HasGaps reports whether there are gaps that [Engine.Gaps] has not returned yet, whether their
// numbers are final or not.
func (e *Engine) HasGaps() bool { return e.ranges.Load() > 0 }
