package selfmetrics

import (
	"time"
)

const (
	// historyFor is how far back the history reaches: to the onset of an outage whose first loss,
	// two minutes later at the default delivery timeout, was a while ago. historyEvery is the least
	// time between two moments of it.
	historyFor   = 5 * time.Minute
	historyEvery = time.Second
	moments      = int(historyFor / historyEvery)
)

// Moment is one point of a [Watch]'s history.
type Moment struct {
	// At is when it was seen.
	At time.Time
	// Used is the share of the fullest of the queue's limits. Bytes, Events and Permits are what
	// was held.
	Used                   float64
	Bytes, Events, Permits int64
	// BytesIn and BytesOut are rates of the queue in bytes per second, averaged over some seconds,
	// as are those in events per second: what the application emitted, what was acknowledged, and
	// what was lost because a limit was reached.
	BytesIn, BytesOut                          float64
	EventsEmitted, EventsDelivered, EventsLost float64
	// SecondsToLoss is the time to the first loss at the trend of the moment; +Inf if none was in
	// sight.
	SecondsToLoss float64
	// Pressure is the pressure's ratio, Level its level.
	Pressure float64
	Level    PressureLevel
	// Lost counts the events lost since the start because a limit was reached.
	Lost uint64
}

// history holds the moments of the last five minutes, in memory that is bounded.
type history struct {
	ring [moments]Moment
	next int
	n    int
}

func (h *history) last() *Moment { return &h.ring[(h.next-1+moments)%moments] }

// add appends a moment. The last one is replaced as long as it is not historyEvery away from the
// one before.
func (h *history) add(m Moment) {
	if h.n >= 2 && h.last().At.Sub(h.ring[(h.next-2+moments)%moments].At) < historyEvery {
		*h.last() = m
		return
	}
	h.ring[h.next] = m
	h.next = (h.next + 1) % moments
	h.n = min(h.n+1, moments)
}

// list returns the moments of the five minutes before now, oldest first.
func (h *history) list(now time.Time) []Moment {
	list := make([]Moment, 0, h.n)
	for i := range h.n {
		if m := h.ring[(h.next-h.n+i+moments)%moments]; now.Sub(m.At) <= historyFor {
			list = append(list, m)
		}
	}
	return list
}
