package reduce

import (
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// expect says how the gaps of an era are to be judged, number by number.
func expect(e *modelEra, losses []pb.Loss) (gaps []Gap) {
	lowest, highest := e.first, e.last
	for _, loss := range losses {
		lowest, highest = min(lowest, loss.First), max(highest, loss.Last)
	}
	o := oracle{losses: losses}
	for n := lowest; n <= highest; n++ {
		if !e.numbers[n] {
			o.missing = append(o.missing, n)
		}
	}
	judged := o.judge()
	for n := lowest; n <= highest; n++ {
		place := PlaceBetween
		switch {
		case n < e.first:
			place = PlaceStart
		case n > e.last:
			place = PlaceEnd
		}
		begins := len(gaps) == 0 || place != gaps[len(gaps)-1].Place
		if place == PlaceBetween && e.numbers[n-1] {
			begins = true
		}
		if place == PlaceBetween && e.numbers[n] {
			continue
		}
		if begins {
			gaps = append(gaps, Gap{Range: Range{n, n}, Place: place, Verdict: verdictNone})
		}
		g := &gaps[len(gaps)-1]
		g.To = n
		if e.numbers[n] {
			continue
		}
		j := judged[n]
		if place == PlaceStart && j.verdict == Unexplained {
			continue // nobody knows that there is such a number
		}
		if j.counted {
			g.Explained++
		}
		if j.counted || place != PlaceStart {
			g.Missing++
		}
		switch {
		case g.Verdict == verdictNone:
			g.Verdict = j.verdict
		case g.Verdict != j.verdict:
			g.Verdict = Partly
		}
	}
	return slices.DeleteFunc(gaps, func(g Gap) bool { return g.Missing == 0 })
}

const verdictNone Verdict = 99

// oracle judges numbers one by one, with the textbook's algorithm for matchings.
type oracle struct {
	missing []uint64
	losses  []pb.Loss
	skip    uint64 // a number that is left out
	slots   []pb.Loss
	taken   []int // the number that each slot is used for, as an index of missing; -1 for none
}

type judgement struct {
	verdict Verdict
	counted bool
}

func (o *oracle) judge() map[uint64]judgement {
	judged := map[uint64]judgement{}
	for _, loss := range o.losses {
		for range loss.Count {
			if loss.Coarse() {
				o.slots = append(o.slots, loss)
			}
		}
	}
	size, matched := o.match()
	for _, n := range o.missing {
		exact, covered := false, false
		for _, loss := range o.losses {
			if loss.First <= n && n <= loss.Last {
				covered = true
				exact = exact || !loss.Coarse()
			}
		}
		j := judgement{Unexplained, matched[n]}
		if covered {
			j.verdict = Partly
		}
		if exact {
			j = judgement{Explained, true}
		} else if matched[n] {
			o.skip = n // it is explained for certain if without it one fewer is
			if less, _ := o.match(); less < size {
				j.verdict = Explained
			}
			o.skip = 0
		}
		judged[n] = j
	}
	return judged
}

// match uses coarse losses for as many numbers as possible.
func (o *oracle) match() (size int, matched map[uint64]bool) {
	matched = map[uint64]bool{}
	o.taken = slices.Repeat([]int{-1}, len(o.slots))
	for i, n := range o.missing {
		if n == o.skip || slices.ContainsFunc(o.losses, func(l pb.Loss) bool {
			return !l.Coarse() && l.First <= n && n <= l.Last
		}) {
			continue
		}
		if o.augment(i, make([]bool, len(o.slots))) {
			size++
		}
	}
	for _, i := range o.taken {
		if i >= 0 {
			matched[o.missing[i]] = true
		}
	}
	return size, matched
}

func (o *oracle) augment(i int, seen []bool) bool {
	n := o.missing[i]
	for s, loss := range o.slots {
		if seen[s] || n < loss.First || n > loss.Last {
			continue
		}
		seen[s] = true
		if o.taken[s] < 0 || o.augment(o.taken[s], seen) {
			o.taken[s] = i
			return true
		}
	}
	return false
}
