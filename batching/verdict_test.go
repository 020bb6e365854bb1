package batching

import "slices"

// bounds are the values that a count of the engine may have. There is more than one only where two
// things happen at the same moment.
type bounds struct{ min, max uint64 }

// books are the account of one kind as the ledger and the emitters see it.
type books struct {
	emitted, accepted, delivered, unacknowledged, unchanged, messages bounds
	dropped                                                           [NumReasons]bounds
}

func (b *bounds) surely(n int) { b.min += uint64(n); b.max += uint64(n) }
func (b *bounds) maybe(n int)  { b.max += uint64(n) }

func (b *books) end(o Outcome, r Reason, add func(*bounds)) {
	switch o {
	case Delivered:
		add(&b.delivered)
	case Unacknowledged:
		add(&b.unacknowledged)
	case Dropped:
		add(&b.dropped[r])
	}
}

// verdict compares the engine's final account with what went in and what came out.
func (s *schedule) verdict() {
	checkEmpty(s.t, s.engine)
	st := s.engine.Stats()
	all := make([]books, len(testKinds))
	sealed := s.readLedger(all)
	s.readEmissions(all, sealed)
	for k := range all {
		s.compare(&all[k], &st.Kinds[k])
	}
	s.checkNumbers(sealed)
	s.checkAfterLoss(sealed)
	s.checkFlushes()
	s.checkGaps(&st)
	s.count(&st)
}

// readLedger reads the batches and returns the place of every event that was sealed.
func (s *schedule) readLedger(all []books) map[uint64]*entry {
	sealed := map[uint64]*entry{}
	enter := func(e *entry) {
		for _, p := range e.pieces {
			if sealed[p.serial] != nil {
				s.t.Errorf("lane %s: message %d was sealed twice", e.key, p.serial)
			}
			sealed[p.serial] = e
		}
	}
	for _, e := range s.ledger.unsealed {
		enter(e)
		b, n := &all[e.kind], len(e.pieces)
		end := &b.dropped[e.sealed.reason]
		if e.sealed.unchanged {
			end = &b.unchanged
		}
		if e.settled.Before(s.deadline) {
			end.surely(n)
		} else { // Close may have ended it before
			end.maybe(n)
			b.unacknowledged.maybe(n)
		}
	}
	for _, e := range s.ledger.neverSent() {
		enter(e)
		b, n := &all[e.kind], len(e.pieces)
		b.dropped[Timeout].maybe(n)
		b.dropped[Shutdown].maybe(n)
		b.unacknowledged.maybe(n) // Close ended it while it was being sealed
		if e.value == nil {
			b.dropped[QueueFull].maybe(n)
		}
	}
	for _, e := range s.ledger.entries {
		enter(e)
		b, n := &all[e.kind], len(e.pieces)
		switch {
		case e.racing || e.settled.Equal(s.deadline):
			b.end(e.outcome, e.reason, func(x *bounds) { x.maybe(n) })
			b.unacknowledged.maybe(n)
			b.messages.maybe(e.messages)
		case e.settled.IsZero() || e.settled.After(s.deadline):
			b.unacknowledged.surely(n)
		default:
			b.end(e.outcome, e.reason, func(x *bounds) { x.surely(n) })
			if e.outcome == Delivered {
				b.messages.surely(e.messages)
			}
		}
	}
	return sealed
}

// readEmissions counts what was never sealed.
func (s *schedule) readEmissions(all []books, sealed map[uint64]*entry) {
	hanging := map[*testLane]bool{} // Close gave up on writers of these
	for _, x := range s.emits {
		if !x.written.Before(s.deadline) {
			hanging[x.lane] = true
		}
	}
	for _, x := range s.emits {
		b := &all[x.entry.Kind]
		b.emitted.surely(1)
		open := x.at.Before(s.closing)
		tooLarge := x.entry.MessageSize > s.cfg.MaxMessageBytes
		switch {
		case x.status == Refused && open && tooLarge:
			b.dropped[TooLarge].surely(1)
		case x.status == Refused && open && x.slot.Reason == Shed && s.cfg.Shed:
			b.dropped[Shed].surely(1)
		case x.status == Refused && open:
			b.dropped[QueueFull].surely(1)
		case x.status == Refused:
			b.dropped[Closed].maybe(1)
			b.dropped[Shed].maybe(1)
			if tooLarge {
				b.dropped[TooLarge].maybe(1)
			} else {
				b.dropped[QueueFull].maybe(1)
			}
		case tooLarge:
			s.t.Errorf("message %d of %d bytes was accepted, the limit is %d", x.serial,
				x.entry.MessageSize, s.cfg.MaxMessageBytes)
		}
		if x.status != Reserved {
			continue
		}
		b.accepted.surely(1)
		written := x.written.Before(s.closing)
		switch {
		case sealed[x.serial] != nil:
			if x.abandoned {
				s.t.Errorf("message %d was sealed though it had been abandoned", x.serial)
			}
		case x.abandoned && written:
			b.dropped[Internal].surely(1)
		default: // it waited until its timeout, until it was evicted, or until shutdown
			if slices.Contains(s.engine.cfg.overflows[:], DropOldest) {
				b.dropped[QueueFull].maybe(1)
			}
			b.dropped[Timeout].maybe(1)
			b.dropped[Shutdown].maybe(1)
			if x.abandoned {
				b.dropped[Internal].maybe(1)
			}
			if hanging[x.lane] {
				b.unacknowledged.maybe(1)
			}
		}
	}
}

func (s *schedule) compare(b *books, k *KindStats) {
	check := func(what string, got uint64, want bounds) {
		if got < want.min || got > want.max {
			s.t.Errorf("kind %s: %s is %d, the ledger says %d to %d", k.Name, what, got, want.min,
				want.max)
		}
	}
	check("emitted", k.Emitted, b.emitted)
	check("accepted", k.Accepted, b.accepted)
	check("delivered", k.Delivered, b.delivered)
	check("unacknowledged", k.Unacknowledged, b.unacknowledged)
	check("unchanged", k.Unchanged, b.unchanged)
	check("messages", k.Messages, b.messages)
	for r, n := range k.Dropped {
		check(Reason(r).String(), n, b.dropped[r])
	}
}

// checkFlushes checks that everything accepted before a Flush had ended when it returned: batches
// sent by then were settled, and all others were never sent.
func (s *schedule) checkFlushes() {
	for _, f := range s.flushes {
		if !f.at.Before(s.deadline) {
			continue // Close had settled all of it
		}
		for _, e := range s.ledger.entries {
			if !e.settled.IsZero() && !e.settled.After(f.at) || !e.sentAt.Before(s.deadline) {
				continue
			}
			for _, p := range e.pieces {
				if f.before[p.serial] {
					s.t.Errorf("lane %s: message %d was sent %v and settled %v after the return "+
						"of a Flush that should have covered it",
						e.key, p.serial, e.sentAt.Sub(f.at), e.settled.Sub(f.at))
				}
			}
		}
	}
}

// neverSent returns what was sealed, or had no memory to be, and then waited until its timeout or
// until shutdown.
func (l *ledger) neverSent() []*entry {
	all := slices.Clone(l.kept)
	for _, e := range l.sealings {
		all = append(all, e)
	}
	for _, e := range l.waiting {
		all = append(all, e)
	}
	return all
}

func (s *schedule) count(st *Stats) {
	y := s.tally
	y.emitted.Add(st.Total.Emitted)
	y.delivered.Add(st.Total.Delivered)
	y.unacknowledged.Add(st.Total.Unacknowledged)
	y.unchanged.Add(st.Total.Unchanged)
	y.grown.Add(s.ledger.grown.Load())
	y.shrunk.Add(s.ledger.shrunk.Load())
	y.cramped.Add(s.ledger.cramped.Load())
	y.splits.Add(s.ledger.splits.Load())
	y.restarts.Add(st.Worker.Restarts)
	for r, n := range st.Total.Dropped {
		y.dropped[r].Add(n)
	}
	for g, n := range st.Batches.Sealed {
		y.sealed[g].Add(n)
	}
}
