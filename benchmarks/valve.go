package main

import (
	"context"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/dashstream/dashstream-go/batching"
)

// weather is how a sink behaves.
type weather string

// The weathers.
const (
	healthy  weather = "healthy"
	slow     weather = "slow, 5 ms a batch"
	stalled  weather = "stalled"
	flapping weather = "flapping, 0.2 s on and off"
)

const (
	slowBatch = 5 * time.Millisecond
	flapHalf  = 200 * time.Millisecond
)

// valve is what stands between a contender and a sink inside the process.
type valve struct {
	weather weather
	began   time.Time
	opened  chan struct{}
	once    sync.Once
}

func newValve(w weather) *valve {
	return &valve{weather: w, began: time.Now(), opened: make(chan struct{})}
}

// open lets everything pass from now on.
func (v *valve) open() { v.once.Do(func() { close(v.opened) }) }

// pass returns when one batch has got through.
func (v *valve) pass() {
	var wait time.Duration
	switch v.weather {
	case slow:
		wait = slowBatch
	case stalled:
		<-v.opened
		return
	case flapping:
		if phase := time.Since(v.began) % (2 * flapHalf); phase >= flapHalf {
			wait = 2*flapHalf - phase
		}
	}
	if wait == 0 {
		return
	}
	select {
	case <-v.opened:
	case <-time.After(wait):
	}
}

// valveSender is a Sender whose batches pass the valve one after another.
type valveSender struct {
	valve *valve
	mu    sync.Mutex
	queue []sending
	wake  chan struct{}
	stop  chan struct{}
	once  sync.Once
}

type sending struct {
	batch *batching.Batch
	done  func(*batching.Batch, error)
}

func newValveSender(v *valve) *valveSender {
	s := &valveSender{valve: v, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	go s.work()
	return s
}

func (s *valveSender) work() {
	for {
		select {
		case <-s.wake:
		case <-s.stop:
			return
		}
		s.mu.Lock()
		queue := s.queue
		s.queue = nil
		s.mu.Unlock()
		for _, x := range queue {
			s.valve.pass()
			x.done(x.batch, nil)
		}
	}
}

// Send implements [batching.Sender].
func (s *valveSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	s.mu.Lock()
	s.queue = append(s.queue, sending{b, done})
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Stats implements [batching.Sender].
func (s *valveSender) Stats() batching.SenderStats { return batching.SenderStats{} }

// Close implements [batching.Sender].
func (s *valveSender) Close(context.Context) error {
	s.once.Do(func() { close(s.stop) })
	return nil
}

// valveExporter is a span exporter whose batches pass the valve.
type valveExporter struct{ valve *valve }

// ExportSpans implements [sdktrace.SpanExporter].
func (e valveExporter) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error {
	e.valve.pass()
	return nil
}

// Shutdown implements [sdktrace.SpanExporter].
func (e valveExporter) Shutdown(context.Context) error { return nil }
