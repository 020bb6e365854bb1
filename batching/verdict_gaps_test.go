package batching

import "slices"

// takeGaps collects what the engine tells of missing numbers, as somebody does who tells readers.
func (s *schedule) takeGaps(most int) {
	gaps := s.engine.Gaps(most)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = append(s.gaps, gaps...)
}

// checkGaps checks what the engine told: each number that did not get through, or may not have,
// and no other one, with the kind and the reason of the account.
func (s *schedule) checkGaps(st *Stats) {
	for s.engine.HasGaps() {
		before := len(s.gaps)
		s.takeGaps(100)
		if len(s.gaps) == before {
			s.t.Errorf("gaps are left that are not returned although all is over")
			break
		}
	}
	for _, l := range s.lanes {
		s.checkGapsOf(l)
	}
	var events [numTestKinds][NumReasons + 1]uint64
	for _, g := range s.gaps {
		cause := int(g.Reason)
		if g.Unacknowledged {
			cause = NumReasons
		}
		events[g.Kind][cause] += g.Events
	}
	for k := range st.Kinds {
		for r, told := range events[k] {
			want := st.Kinds[k].Unacknowledged
			if r < NumReasons {
				want = st.Kinds[k].Dropped[r]
			}
			// An abandoned part of a message has no number of its own.
			if told > want || told < want && Reason(r) != Internal {
				s.t.Errorf("kind %s: gaps tell of %d events lost for reason %d, the account of %d",
					testKinds[k], told, r, want)
			}
		}
	}
}

const numTestKinds = 4

// checkGapsOf does so for the numbers of a lane.
func (s *schedule) checkGapsOf(l *testLane) {
	arrived := map[uint64]bool{} // true: for certain
	for _, e := range s.ledger.entries {
		if e.key != string(l.key) {
			continue
		}
		certain := e.outcome == Delivered && !e.racing && e.settled.Before(s.deadline) &&
			!e.settled.IsZero()
		maybe := e.racing || e.settled.Equal(s.deadline)
		for _, p := range e.pieces {
			if !p.joined && (certain || maybe) {
				arrived[p.seq-e.shift] = certain
			}
		}
	}
	last, _ := l.Last()
	missing := bounds{}
	var gaps []Gap
	for _, g := range s.gaps {
		if string(g.Key) == string(l.key) {
			gaps = append(gaps, g)
		}
	}
	var told uint64
	for _, g := range gaps {
		told += g.Count
		if g.First < l.first || g.Last > last || g.First > g.Last || g.Count == 0 {
			s.t.Errorf("lane %d has the numbers %d to %d and a gap %+v", l.index, l.first, last, g)
			continue
		}
		exact := g.Count == g.Last-g.First+1
		s.tally.gap(exact)
		for n := g.First; exact && n <= g.Last; n++ {
			if arrived[n] {
				s.t.Errorf("lane %d: number %d was delivered and is in a gap %+v", l.index, n, g)
			}
		}
	}
	for n := l.first; n <= last; n++ {
		certain, ok := arrived[n]
		switch covered := slices.ContainsFunc(gaps, func(g Gap) bool {
			return g.First <= n && n <= g.Last
		}); {
		case !ok && !covered:
			s.t.Errorf("lane %d: number %d is missing and no gap tells of it: %+v", l.index, n,
				gaps)
		case !ok:
			missing.surely(1)
		case !certain:
			missing.maybe(1)
		}
	}
	if told < missing.min || told > missing.max {
		s.t.Errorf("lane %d: gaps tell of %d missing numbers, the ledger of %+v: %+v", l.index,
			told, missing, gaps)
	}
}
