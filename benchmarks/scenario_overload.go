package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/benchmarks/internal/sink"
	"github.com/dashstream/dashstream-go/callback"
)

// An application answers requests at a fixed rate, each of which is some work and some events.
const (
	appWorkers  = 2
	appRequests = 500 // a second and worker
	appEvents   = 10  // a request
	appWork     = 200 // blocks hashed, about 0.2 ms
	appRate     = appWorkers * appRequests * appEvents
	// appQueue is small, so that twice too much fills it soon.
	appQueue = 16 << 20
)

// nameNone is the application without any instrumentation.
const nameNone = "nothing"

func runOverload(b *bench) ([]row, error) {
	var rows []row
	base, err := overloaded(b, contender{name: nameNone, open: openNothing}, 0)
	if err != nil {
		return nil, err
	}
	rows = append(rows, *base)
	for _, c := range contenders {
		if c.sink == "" || !b.wants(c.name) || c.name == nameUnredacted {
			continue
		}
		open := c.open
		if c.name == nameDashstream {
			open = openSmall
		}
		b.say("  %s", c.name)
		full, err := overloaded(b, contender{name: c.name, open: open, sink: c.sink}, 0)
		if err != nil {
			return nil, err
		}
		full.Case = "sink keeps up"
		half, err := overloaded(b, contender{name: c.name, open: open, sink: c.sink},
			full.WirePerOp*appRate/2)
		if err != nil {
			return nil, err
		}
		half.Case = "2x overload"
		rows = append(rows, *full, *half)
	}
	return rows, nil
}

// openSmall opens dashstream with a small queue.
func openSmall(s load.Setup) (load.Contender, error) {
	return newDashstream(callback.Config{
		SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler),
		Compression: callback.Compression(s.Compression),
		Topic:       s.Topic, Brokers: []string{s.Address},
		QueueBytes: appQueue,
	})
}

// overloaded lets the application work with a contender whose sink reads so many bytes a second, 0
// for as many as it can.
func overloaded(b *bench, c contender, limit float64) (*row, error) {
	setup := load.Setup{Topic: sink.Topic, Compression: "none"}
	var receiver *sink.Process
	var err error
	if c.sink != "" {
		if receiver, err = sink.Start(c.sink); err != nil {
			return nil, err
		}
		setup.Address = receiver.Address
	}
	r, err := work(b, c, setup, receiver, limit)
	if receiver != nil {
		err = errors.Join(err, receiver.Close())
	}
	return r, err
}

func work(
	b *bench, c contender, setup load.Setup, receiver *sink.Process, limit float64,
) (*row, error) {
	values, err := load.NewValues(load.Words, emitSets, "")
	if err != nil {
		return nil, err
	}
	opened, err := c.open(setup)
	if err != nil {
		return nil, err
	}
	if limit > 0 {
		if err := receiver.Limit(int64(limit)); err != nil {
			return nil, err
		}
	}
	meter := measure.Start(true)
	var group sync.WaitGroup
	each := make([]measure.Latencies, appWorkers)
	requests := int(pick(b, 20.0, 3.0) * appRequests)
	for i := range each {
		e := opened.Emitter(i)
		group.Go(func() { application(e, values, requests, &each[i]) })
	}
	group.Wait()
	cost := meter.Stop()
	for i := 1; i < len(each); i++ {
		each[0].Merge(&each[i])
	}
	if limit > 0 {
		if err := receiver.Limit(0); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	outcome, err := opened.Finish(ctx)
	if err != nil {
		return nil, err
	}
	calls := uint64(appWorkers * requests * appEvents)
	r := &row{Contender: c.name, Values: string(load.Words), Work: each[0].Quantiles(),
		PeakHeap: cost.PeakHeap, EventsPerRecord: outcome.EventsPerRecord}
	r.setDelivered(outcome.Delivered, outcome.Taken(calls))
	if receiver != nil {
		counts, err := receiver.Counts()
		if err != nil {
			return nil, err
		}
		r.WirePerOp = float64(counts.WireBytes) / float64(calls)
	}
	return r, nil
}

// application answers requests, each at its time, and notes how long after that the answer was
// there.
func application(e load.Emitter, values []load.Values, requests int, l *measure.Latencies) {
	began := time.Now()
	block := make([]byte, 1<<10)
	for i := range requests {
		due := began.Add(time.Duration(i) * time.Second / appRequests)
		time.Sleep(time.Until(due))
		start := time.Now()
		for range appWork {
			sum := sha256.Sum256(block)
			copy(block, sum[:])
		}
		for k := range appEvents {
			e.Ten(&values[(i+k)%len(values)])
		}
		l.Add(time.Since(start))
	}
}

// nothing is no contender at all.
type nothing struct{ tally }

func openNothing(load.Setup) (load.Contender, error) { return new(nothing), nil }

func (n *nothing) Emitter(int) load.Emitter { return nothingRun{n.counter()} }

type nothingRun struct{ n *uint64 }

func (r nothingRun) One(*load.Values)  { *r.n++ }
func (r nothingRun) Ten(*load.Values)  { *r.n++ }
func (r nothingRun) Text(string)       { *r.n++ }
func (r nothingRun) Node(*load.Values) { *r.n++ }

// outage lasts long enough that a contender needs a queue to lose nothing.
const (
	outageRate   = 2000
	outageBefore = 3 * time.Second
	outageAfter  = 10 * time.Second
)

func runOutage(b *bench) ([]row, error) {
	outage := pick(b, 60*time.Second, 5*time.Second)
	list, cleanup := b.remotes()
	defer cleanup()
	rows := make([]*row, len(list))
	errs := make([]error, len(list))
	var group sync.WaitGroup
	for i, r := range list { // at this rate they do not disturb each other
		group.Go(func() { rows[i], errs[i] = throughOutage(b, r, outage) })
	}
	group.Wait()
	var out []row
	for i, r := range rows {
		if errs[i] != nil {
			r = &row{Contender: list[i].name, Note: "it did not get through: " + errs[i].Error()}
		}
		r.Case = fmt.Sprintf("%v", outage)
		out = append(out, *r)
	}
	return out, nil
}

// throughOutage emits at a fixed rate while the sink is frozen for a time.
func throughOutage(b *bench, r remote, outage time.Duration) (*row, error) {
	receiver, err := sink.Start(r.sink)
	if err != nil {
		return nil, err
	}
	freeze := time.AfterFunc(outageBefore, func() { _ = receiver.Freeze() })
	thaw := time.AfterFunc(outageBefore+outage, func() { _ = receiver.Thaw() })
	spec := load.Spec{Values: load.Words, Goroutines: 2, Rate: outageRate,
		Seconds: (outageBefore + outage + outageAfter).Seconds()}
	spec.Address, spec.Topic, spec.Compression = receiver.Address, sink.Topic, r.compressions[1]
	line, err := drive(b, r, spec)
	freeze.Stop()
	thaw.Stop()
	if err != nil {
		return nil, errors.Join(err, receiver.Thaw(), receiver.Close())
	}
	line.PerSecond, line.CPUPerOp, line.CompressionPerOp = 0, 0, 0
	line.hasAllocs = false
	return line, errors.Join(receiver.Thaw(), receiver.Close())
}
