package batching

import (
	"cmp"
	"slices"
	"time"
)

// checkNumbers checks the sequence of every lane: each number was assigned once, and is missing at
// the receiver if and only if its message was lost. A message that did not have to be sent passes
// its number on to the next.
func (s *schedule) checkNumbers(sealed map[uint64]*entry) {
	ids := map[uint64]bool{}
	for _, l := range s.lanes {
		given := s.numbersGiven(l, ids, sealed)
		var unchanged bounds // so far; uncertain for batches that Close may have given up meanwhile
		var shift bounds     // of the batch that n is in
		var batch *entry
		for n := l.first; n < l.first+uint64(len(given)); n++ {
			x := given[n]
			if x == nil {
				s.t.Errorf("lane %d: number %d is missing, though no message had it", l.index, n)
				continue
			}
			e := sealed[x.serial]
			if e == nil {
				continue // lost, so it keeps its number
			}
			if e != batch {
				batch, shift = e, unchanged
			}
			if e.shift < shift.min || e.shift > shift.max {
				s.t.Errorf("lane %d: number %d became %d, but %+v in front of it were unchanged",
					l.index, n, n-e.shift, shift)
			}
			switch {
			case !e.sealed.unchanged:
			case e.settled.Before(s.deadline):
				unchanged.surely(1)
			default:
				unchanged.maybe(1)
			}
		}
		last, idle := l.Last()
		all := l.first - 1 + uint64(len(given))
		if !idle || last > all-unchanged.min || last < all-unchanged.max {
			s.t.Errorf("lane %d: %d numbers from %d were given out, %+v of them unchanged; Last "+
				"says %d, idle %t",
				l.index, len(given), l.first, unchanged, last, idle)
		}
	}
}

// numbersGiven returns the message of each number of a lane, and checks that the number arrived as
// it was assigned.
func (s *schedule) numbersGiven(
	l *testLane, ids map[uint64]bool, sealed map[uint64]*entry,
) map[uint64]*emission {
	given := map[uint64]*emission{}
	for _, x := range s.emits {
		if x.lane != l || x.slot.Joined {
			continue
		}
		if given[x.slot.Seq] != nil || ids[x.slot.ID] {
			s.t.Errorf("lane %d: number %d or ID %d was given out twice", l.index, x.slot.Seq,
				x.slot.ID)
		}
		given[x.slot.Seq] = x
		ids[x.slot.ID] = true
		e := sealed[x.serial]
		if e == nil {
			continue
		}
		i := slices.IndexFunc(e.pieces, func(p piece) bool { return p.serial == x.serial })
		if p := e.pieces[i]; p.joined || p.seq != x.slot.Seq || p.id != x.slot.ID ||
			e.key != string(l.key) || e.kind != x.entry.Kind {
			s.t.Errorf("lane %d: number %d came out as %+v of lane %s, kind %d", l.index,
				x.slot.Seq, p, e.key, e.kind)
		}
	}
	for _, x := range s.emits {
		if x.lane != l || !x.slot.Joined {
			continue
		}
		if g := given[x.slot.Seq]; g == nil || g.entry.Kind != x.entry.Kind ||
			g.slot.ID != x.slot.ID {
			s.t.Errorf("lane %d: message %d joined a message that there is not: %+v", l.index,
				x.serial, x.slot)
		}
	}
	return given
}

// checkAfterLoss checks that every dependent message was told about exactly those losses since the
// previous dependent one that were known when it was taken.
func (s *schedule) checkAfterLoss(sealed map[uint64]*entry) {
	batches := map[string][]*entry{}
	for _, e := range slices.Concat(s.ledger.unsealed, s.ledger.entries, s.ledger.neverSent()) {
		batches[e.key] = append(batches[e.key], e)
	}
	for _, l := range s.lanes {
		all := batches[string(l.key)]
		slices.SortFunc(all, func(a, b *entry) int {
			return cmp.Compare(a.sealed.order, b.sealed.order)
		})
		losses := s.lossesInQueue(l, sealed)
		from, since := l.first-1, time.Time{} // number and time of the last dependent one
		last := 0                             // its place among all
		for i, e := range all {
			if !e.sealed.dependent {
				continue
			}
			number := e.pieces[0].seq
			lost, maybe := lossesKnown(all[last:i], all[:i], since, e.sealed.takenAt)
			for _, n := range losses {
				lost = lost || from < n && n < number
			}
			if got := e.sealed.afterLoss; got && !lost && !maybe || !got && lost {
				s.t.Errorf("lane %d: number %d was told %t about a loss since number %d", l.index,
					number, got, from)
			}
			s.tally.afterLoss(lost, maybe)
			from, since, last = number, e.sealed.takenAt, i
		}
	}
}

// lossesInQueue returns the numbers of the events of a lane that were lost before they were sealed.
func (s *schedule) lossesInQueue(l *testLane, sealed map[uint64]*entry) []uint64 {
	var lost []uint64
	for _, x := range s.emits {
		shed := x.status == Refused && x.slot.Reason == Shed && x.entry.Class >= Calls
		if x.lane == l && sealed[x.serial] == nil && !shed { // nothing depends on what is shed
			lost = append(lost, x.slot.Seq)
		}
	}
	return lost
}

// lossesKnown reports whether the engine knew in the time (since, until) of a loss of one of
// before, or could have known at its ends. Those of between were taken in that time: the worker
// knew at once which of them it lost itself while it sealed them.
func lossesKnown(between, before []*entry, since, until time.Time) (lost, maybe bool) {
	for _, e := range between {
		lost = lost || e.unsent() && !e.settled.IsZero() && !e.sealed.unchanged
		maybe = maybe || e.racing
	}
	for _, e := range before {
		if e.unsent() && e.settled.IsZero() { // lost after it was sealed, at an unknown time
			maybe = true
			continue
		}
		maybe = maybe || e.racing
		if e.unsent() || e.racing || e.settled.IsZero() || e.outcome == Delivered {
			continue
		}
		lost = lost || e.settled.After(since) && e.settled.Before(until)
		maybe = maybe || e.settled.Equal(since) || e.settled.Equal(until)
	}
	return lost, maybe
}
