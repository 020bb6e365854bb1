package main

import (
	"fmt"
	"io"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

const (
	// decideEvery is how often the shedder looks at the client.
	decideEvery = 250 * time.Millisecond
	// drains is the share of what Kafka takes that is emitted while the level is elevated, so that
	// the queue empties; holds that which is emitted afterwards, until the queue is empty.
	drains, holds = 0.5, 0.9
	// empty is the share of a limit below which the queue counts as empty, and regain by what
	// factor more is kept then in a second.
	empty, regain = 0.05, 1.02
)

// shedder decides which events are left out. Nothing is until the client says "elevated". Then as
// much goes on as Kafka takes, and a little less; more comes back slowly once the queue is empty.
type shedder struct {
	client *callback.Client
	keep   float64 // the share of what can be left out that is kept
	credit float64 // of what is kept

	offered, shed, before uint64
}

// wants says whether an event is emitted. Every tenth is needed; of the others a share is kept.
func (s *shedder) wants() bool {
	s.offered++
	if s.offered%uint64(1/needed) == 0 {
		return true
	}
	if s.credit += s.keep; s.credit >= 1 {
		s.credit--
		return true
	}
	s.shed++
	return false
}

// decide looks at the client. It is called a few times a second.
func (s *shedder) decide(since time.Duration) {
	stats := s.client.Stats()
	f := &stats.Forecast
	used := 0.0
	for _, l := range f.Limits {
		used = max(used, l.Level)
	}
	offered := float64(s.offered-s.before) / since.Seconds()
	s.before = s.offered
	// What can be left out is the rest beside what is needed.
	fits := func(share float64) float64 {
		return max((share*f.EventsDelivered/max(offered, 1)-needed)/(1-needed), 0)
	}
	switch {
	case stats.Pressure.Level >= selfmetrics.PressureElevated:
		s.keep = min(s.keep, fits(drains))
	case s.keep < 1 && used > empty:
		s.keep = min(s.keep, fits(holds))
	case s.keep < 1:
		s.keep = min(max(s.keep, 0.01)*(1+(regain-1)*since.Seconds()), 1)
	}
}

func (s *shedder) tell(w io.Writer, at time.Duration) {
	stats := s.client.Stats()
	fmt.Fprintf(w, "%4.0f s  %-9s %3.0f %% of the queue  %6.0f events/s emitted  %6.0f delivered"+
		"  %3.0f %% kept  %d lost\n", at.Seconds(), stats.Pressure.Level,
		100*stats.Forecast.Limits[selfmetrics.LimitQueueBytes].Level, stats.Forecast.EventsEmitted,
		stats.Forecast.EventsDelivered, 100*s.keep, stats.Total.Lost())
}
