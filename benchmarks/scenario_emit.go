package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
)

// emission is one way to emit an event; several goroutines may use it, each with an emitter of its
// own.
type emission struct {
	name   string
	values load.Kind
	call   func(load.Emitter, *load.Values)
	n      int // calls in one turn, about a millisecond
}

const (
	// of values, so few that they stay in the processor's cache: reading them is not what is
	// measured
	emitSets   = 64
	promptWord = "The customer asks to change the flight and to add a bag. "
)

func emissions() []emission {
	text := func(n int) string { return strings.Repeat(promptWord, n/len(promptWord)+1)[:n] }
	short, long := text(4<<10), text(100<<10)
	return []emission{
		{"1 attribute", load.Constant, load.Emitter.One, 1000},
		{"10 attributes", load.Constant, load.Emitter.Ten, 1000},
		{"10 attributes", load.Words, load.Emitter.Ten, 1000},
		{"10 attributes", load.Random, load.Emitter.Ten, 1000},
		{"10 attributes", load.Recorded, load.Emitter.Ten, 1000},
		{"start and end, 5 attributes", load.Constant, load.Emitter.Node, 500},
		{"prompt of 4 kB", load.Constant, func(e load.Emitter, _ *load.Values) { e.Text(short) },
			200},
		{"prompt of 100 kB", load.Constant, func(e load.Emitter, _ *load.Values) { e.Text(long) },
			10},
	}
}

func runEmit(b *bench) ([]row, error) {
	var rows []row
	for _, e := range emissions() {
		more, err := runEmission(b, e)
		if err = b.left(fmt.Sprintf("%s, %s", e.name, e.values), err); err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// localContenders are those that were asked for and work inside the process.
func (b *bench) localContenders() []contender {
	var local []contender
	for _, c := range contenders {
		if c.local && b.wants(c.name) {
			local = append(local, c)
		}
	}
	return local
}

// runEmission measures all contenders: the time of a call while they take turns, then each by
// itself for everything else.
func runEmission(b *bench, e emission) ([]row, error) {
	values, err := load.NewValues(e.values, emitSets, b.runs)
	if err != nil {
		return nil, err
	}
	local := b.localContenders()
	turns := make([]func(int), len(local))
	opened := make([]*turn, len(local))
	for i, c := range local {
		if opened[i], err = newTurn(c, e, values); err != nil {
			return nil, err
		}
		turns[i] = opened[i].calls
	}
	times := measure.Compare(pick(b, 400, 40), e.n, turns...)
	rows := make([]row, 0, len(local))
	for i, c := range local {
		r := row{Case: e.name, Contender: c.name, Values: string(e.values), NsPerOp: times[i]}
		if err := opened[i].finish(&r); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		if err := measureAlone(b, c, e, values, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// turn is a contender that is opened to emit in turn with others.
type turn struct {
	contender load.Contender
	emitter   load.Emitter
	emission  emission
	values    []load.Values
	at        int
}

func newTurn(c contender, e emission, values []load.Values) (*turn, error) {
	opened, err := c.open(load.Setup{Lossless: true, Compression: "none"})
	if err != nil {
		return nil, err
	}
	return &turn{contender: opened, emitter: opened.Emitter(0), emission: e, values: values}, nil
}

func (t *turn) calls(n int) {
	for range n {
		t.emission.call(t.emitter, &t.values[t.at%len(t.values)])
		t.at++
	}
}

func (t *turn) finish(r *row) error {
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	_, err := t.contender.Finish(ctx)
	return err
}

// measureAlone fills in what takes the whole process: processor time, allocations, latencies of
// single calls, and delivery.
func measureAlone(b *bench, c contender, e emission, values []load.Values, r *row) error {
	t, err := newTurn(c, e, values)
	if err != nil {
		return err
	}
	t.calls(e.n)
	meter := measure.Start(false)
	for meter.Elapsed() < pick(b, time.Second, 100*time.Millisecond) {
		t.calls(e.n)
	}
	calls := t.at - e.n
	r.setCost(meter.Stop(), uint64(calls))
	r.Call = callLatencies(t, pick(b, 100_000, 5_000)*min(e.n, 1000)/1000)
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	outcome, err := t.contender.Finish(ctx)
	r.EventsPerRecord = outcome.EventsPerRecord
	r.setDelivered(outcome.Delivered, outcome.Taken(uint64(t.at)))
	return err
}

// callLatencies times single calls; the time that reading the clock takes is in them.
func callLatencies(t *turn, n int) measure.Quantiles {
	var l measure.Latencies
	for range n {
		began := time.Now()
		t.calls(1)
		l.Add(time.Since(began))
	}
	return l.Quantiles()
}

func runGoroutines(b *bench) ([]row, error) {
	values, err := load.NewValues(load.Constant, emitSets, "")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, goroutines := range []int{1, 2, 8, 64} {
		local := b.localContenders()
		turns, finish, err := concurrentTurns(local, values, goroutines)
		if err != nil {
			return nil, err
		}
		times, cpu := measure.Alone(pick(b, 60, 10), concurrentCalls, turns...)
		delivered, err := finish()
		if err != nil {
			return nil, err
		}
		for i, c := range local {
			r := row{
				Case: fmt.Sprintf("%d goroutines", goroutines), Contender: c.name,
				Values: string(load.Constant), NsPerOp: times[i], CPUPerOp: cpu[i],
				Delivered: delivered[i],
			}
			if err := callsOf(b, c, values, goroutines, &r); err != nil {
				return nil, err
			}
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// callsOf fills in what single calls take from several goroutines, and what they allocate, all that
// goes on behind them included.
func callsOf(b *bench, c contender, values []load.Values, goroutines int, r *row) error {
	opened, err := c.open(load.Setup{Lossless: true, Compression: "none"})
	if err != nil {
		return err
	}
	spec := load.Spec{Goroutines: goroutines, Events: pick(b, 400_000, 20_000)}
	load.EmitValues(&spec, opened, values) // what is made once
	measure.Settle()
	meter := measure.Start(false)
	emitted, call := load.EmitValues(&spec, opened, values)
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	if _, err := opened.Finish(ctx); err != nil {
		return err
	}
	cost := meter.Stop()
	r.Call, r.BytesPerOp, r.AllocsPerOp, r.hasAllocs = call, float64(cost.Bytes)/float64(emitted),
		float64(cost.Allocs)/float64(emitted), true
	return nil
}

// concurrentCalls is how many calls one turn of several goroutines makes in all.
const concurrentCalls = 64 * 800

// concurrentTurns opens contenders to emit ten attributes from several goroutines at once. finish
// ends them and tells what share of the events each delivered, in percent.
func concurrentTurns(
	from []contender, values []load.Values, goroutines int,
) (turns []func(int), finish func() ([]float64, error), err error) {
	opened := make([]load.Contender, len(from))
	emitted := make([]uint64, len(from))
	for i, c := range from {
		if opened[i], err = c.open(load.Setup{Lossless: true, Compression: "none"}); err != nil {
			return nil, nil, err
		}
		emitters := make([]load.Emitter, goroutines)
		for g := range emitters {
			emitters[g] = opened[i].Emitter(g)
		}
		turns = append(turns, func(n int) {
			var group sync.WaitGroup
			for _, e := range emitters {
				group.Go(func() {
					for k := range n / goroutines {
						e.Ten(&values[k%len(values)])
					}
				})
			}
			group.Wait()
			emitted[i] += uint64(n / goroutines * goroutines)
		})
	}
	finish = func() ([]float64, error) {
		shares := make([]float64, len(opened))
		for i, c := range opened {
			ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
			outcome, err := c.Finish(ctx)
			cancel()
			if err != nil {
				return nil, err
			}
			shares[i] = 100 * float64(outcome.Delivered) / float64(outcome.Taken(emitted[i]))
		}
		return shares, nil
	}
	return turns, finish, nil
}
