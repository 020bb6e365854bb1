package proof

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

const (
	scrapeEvery = 15 * time.Second
	lookEvery   = 500 * time.Millisecond
)

// observation is what one run of a scenario left behind. Times count from its start.
type observation struct {
	began   time.Time
	scrapes []scrape
	looks   []look
	changes []change
	truth   truth
	stats   selfmetrics.Stats
}

type scrape struct {
	at       time.Time
	families []*dto.MetricFamily
}

// look is what the client said at one moment.
type look struct {
	at       time.Duration
	seconds  float64
	limit    selfmetrics.Limit
	driver   selfmetrics.Driver
	level    float64 // the share of the fullest of the queue's limits
	age      float64 // the share of the delivery timeout
	until    float64 // seconds to the loss at the limit of the verdict
	pressure selfmetrics.PressureLevel
	refused  uint64 // so far, because the queue was full
	verdict  selfmetrics.Pressure
}

type change struct {
	at    time.Duration
	level selfmetrics.PressureLevel
	full  float64 // the share of the fullest of the queue's limits
	age   float64 // the share of the delivery timeout
}

// used is the share of the fullest of the queue's limits.
func used(q *batching.QueueStats) float64 {
	return max(float64(q.Bytes)/float64(q.MaxBytes), float64(q.Events)/float64(q.MaxEvents))
}

// run takes the real client through a scenario on a fake clock.
func run(t *testing.T, s *scenario, seed uint64, scale float64) *observation {
	o := new(observation)
	synctest.Test(t, func(t *testing.T) {
		o.began = time.Now()
		x := s.make(seed, scale)
		timeout := x.deliveryTimeout()
		b := newBroker(x.broker, timeout)
		var mu sync.Mutex
		var client *callback.Client
		config := callback.Config{
			Sender: b, InstanceID: "proof", Service: "proof", Logger: slog.New(slog.DiscardHandler),
			DeliveryTimeout: timeout, QueueBytes: x.queueBytes, QueueEvents: x.queueEvents,
			MaxPermits: x.permits,
			OnPressure: func(p callback.Pressure) {
				mu.Lock()
				defer mu.Unlock()
				s := client.Stats()
				age := s.Forecast.Limits[selfmetrics.LimitDeliveryDeadline].Level
				o.changes = append(o.changes, change{time.Since(o.began), p.Level, used(&s.Queue),
					age})
			},
		}
		if x.blocks {
			config.Overflow = callback.OverflowBlock
		}
		var err error
		client, err = callback.New(config)
		if err != nil {
			t.Fatal(err)
		}
		l := newLoad(client, max(x.threads, usualThread), seed, x.load)
		var emitting sync.WaitGroup
		emitting.Go(func() { l.run(x.lasts) })
		o.drive(client, x.lasts, time.Duration(seed*4801%15000)*time.Millisecond)
		emitting.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
		defer cancel()
		if _, err := client.Shutdown(ctx); err != nil {
			t.Logf("shutdown: %v", err)
		}
		o.stats = client.Stats()
		mu.Lock()
		defer mu.Unlock()
		o.truth = findTruth(o, b, l, timeout)
	})
	return o
}

// drive scrapes and looks until the time is over. The first scrape comes at phase.
func (o *observation) drive(client *callback.Client, lasts, phase time.Duration) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(client.Metrics())
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	nextScrape, nextLook := phase, time.Duration(0)
	for now := range ticker.C {
		at := now.Sub(o.began)
		if at >= lasts {
			return
		}
		if at >= nextLook {
			nextLook += lookEvery
			o.look(client, at)
		}
		if at >= nextScrape {
			nextScrape += scrapeEvery
			if families, err := registry.Gather(); err == nil {
				o.scrapes = append(o.scrapes, scrape{now, families})
			}
		}
	}
}

func (o *observation) look(client *callback.Client, at time.Duration) {
	s := client.Stats()
	f := &s.Forecast
	limit, seconds := f.First()
	o.looks = append(o.looks, look{
		at: at, seconds: seconds, limit: limit, driver: f.Driver, pressure: s.Pressure.Level,
		level: used(&s.Queue), until: f.Limits[s.Pressure.Limit].SecondsToLoss,
		age:     f.Limits[selfmetrics.LimitDeliveryDeadline].Level,
		refused: s.Total.Dropped[batching.QueueFull],
		verdict: s.Pressure,
	})
}

// truth is what really happened.
type truth struct {
	emitted, arrived, missing int
	firstLoss                 time.Duration // negative: none
	peak                      float64       // the highest share of a limit of the queue
	oldest                    float64       // the highest share of the delivery timeout
}

// findTruth compares what the application emitted with what the broker has. An event whose number
// neither arrived nor was given up at the broker was lost in the queue at its deadline, unless it
// was emitted while the queue refused events.
func findTruth(o *observation, b *broker, l *load, timeout time.Duration) truth {
	b.mu.Lock()
	defer b.mu.Unlock()
	tr := truth{emitted: l.total(), firstLoss: -1}
	first := time.Duration(math.MaxInt64)
	for _, x := range b.ledger.lost {
		first = min(first, x.at.Sub(o.began))
	}
	lost := map[string][]span{}
	for _, x := range b.ledger.lost {
		lost[x.thread] = append(lost[x.thread], x.span)
	}
	for i, times := range l.emitted {
		known := make([]bool, len(times)+1)
		for _, s := range b.ledger.arrived[threadName(i)] {
			tr.arrived += s.events
			s.mark(known)
			if s.holes() { // refused, between two that were not
				first = min(first, times[s.first].Sub(o.began))
			}
		}
		for _, s := range lost[threadName(i)] {
			s.mark(known)
		}
		for k, at := range times {
			if known[k+1] {
				continue
			}
			when := at.Sub(o.began)
			if !o.refusing(when) {
				when += timeout
			}
			first = min(first, when)
		}
	}
	tr.missing = tr.emitted - tr.arrived
	if first != math.MaxInt64 {
		tr.firstLoss = first
	}
	for _, x := range o.looks {
		tr.peak, tr.oldest = max(tr.peak, x.level), max(tr.oldest, x.age)
	}
	for _, x := range o.changes {
		tr.peak, tr.oldest = max(tr.peak, x.full), max(tr.oldest, x.age)
	}
	return tr
}

func (s span) holes() bool { return int(s.last-s.first)+1 > s.events }

// mark marks the numbers of a batch as known, holes included.
func (s span) mark(known []bool) {
	for n := s.first; n <= s.last && int(n) < len(known); n++ {
		known[n] = true
	}
}

// refusing says whether events were refused about the time at.
func (o *observation) refusing(at time.Duration) bool {
	i := min(int(at/lookEvery), len(o.looks)-1)
	return o.looks[min(i+1, len(o.looks)-1)].refused > o.looks[max(i-1, 0)].refused
}
