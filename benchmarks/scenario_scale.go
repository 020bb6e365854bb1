package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/callback"
)

// scaleQueue has room for an open batch of each of the most runs.
const scaleQueue = 1 << 30

// scaleTogether is how many runs start between two flushes.
const scaleTogether = 50

func runScale(b *bench) ([]row, error) {
	values, err := load.NewValues(load.Constant, emitSets, "")
	if err != nil {
		return nil, err
	}
	if !b.wants(nameDashstream) {
		return nil, nil
	}
	one, err := newRuns(1)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, turn := range []struct {
		runs, together int
	}{{1, 1}, {100, 1}, {10_000, 1}, {10_000, stepEvents}, {pick(b, 100_000, 20_000), 1},
		{pick(b, 100_000, 20_000), stepEvents}} {
		many, err := newRuns(turn.runs)
		if err != nil {
			return nil, err
		}
		step := turn.runs * turn.together // events of one round of all runs
		many.emit(values, warmRounds*step, turn.together)
		few := func(calls int) { one.emit(values, calls, 1) }
		times := measure.Compare(max(pick(b, 200, 20), pick(b, 4, 1)*step/1000), 1000,
			func(calls int) { many.emit(values, calls, turn.together) }, few)
		r := row{
			Case:      fmt.Sprintf("%d runs, %d events of each in turn", turn.runs, turn.together),
			Contender: nameDashstream, Values: string(load.Constant), NsPerOp: times[0],
			BytesPerRun: many.bytes,
			Multiple:    times[0] / times[1], Note: "multiple of one run in turn with it",
		}
		if err := many.finish(&r); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, one.finish(&row{})
}

const (
	// stepEvents is about what one step of an agent emits: a node's start, a call's start and end,
	// an edge, the node's end.
	stepEvents = 5
	// warmRounds is how often each run has its turn before it is measured, so that it has the
	// memory that it needs.
	warmRounds = 3
)

// runs are runs of one client, each with a node.
type runs struct {
	contender *dashstream
	nodes     []load.Emitter
	bytes     float64 // that each of them takes while it is idle
	at        int
}

func newRuns(n int) (*runs, error) {
	c, err := newDashstream(callback.Config{
		Sender: discard{}, SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler),
		QueueBytes: scaleQueue, Overflow: "block", BlockTimeout: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	r := &runs{contender: c, nodes: make([]load.Emitter, n)}
	before := heap()
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	for i := range r.nodes {
		r.nodes[i] = c.Emitter(i)
		// so that the memory of what waits at once is not taken for that of the runs
		if i%scaleTogether == 0 || i == n-1 {
			if err := c.client.Flush(ctx); err != nil {
				return nil, err
			}
		}
	}
	r.bytes = (heap() - before) / float64(n)
	return r, nil
}

// heap is the memory that live objects take.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// emit emits to the runs in turn, so many events together to each.
func (r *runs) emit(values []load.Values, n, together int) {
	for range n {
		r.nodes[r.at/together%len(r.nodes)].Ten(&values[r.at%len(values)])
		r.at++
	}
}

func (r *runs) finish(line *row) error {
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	outcome, err := r.contender.Finish(ctx)
	line.setDelivered(outcome.Delivered, outcome.Emitted)
	line.EventsPerRecord = outcome.EventsPerRecord
	return err
}
