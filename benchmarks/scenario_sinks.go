package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/callback"
)

// sinksRate is slow enough that the default queue has room for a stalled sink until the row ends.
const sinksRate = 20_000

// smallQueue is full at once: the drop path.
const smallQueue = 1 << 20

// sinkContenders are those whose sink can be made slow inside the process. bare has none: its
// latencies are the machine's own noise.
var sinkContenders = []struct {
	name string
	open func(*valve) (load.Contender, error)
}{
	{nameDashstream, func(v *valve) (load.Contender, error) { return openBehindValve(v, 0) }},
	{nameSpans, func(v *valve) (load.Contender, error) {
		return newSpans(valveExporter{v}, false),
			nil
	}},
	{nameBare, func(*valve) (load.Contender, error) { return openBare(load.Setup{}) }},
}

func openBehindValve(v *valve, queue int64) (load.Contender, error) {
	return newDashstream(callback.Config{
		Sender: newValveSender(v), QueueBytes: queue,
		SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler),
	})
}

func runSinks(b *bench) ([]row, error) {
	var rows []row
	for _, w := range []weather{healthy, slow, stalled, flapping} {
		for _, c := range sinkContenders {
			if !b.wants(c.name) {
				continue
			}
			v := newValve(w)
			opened, err := c.open(v)
			if err != nil {
				return nil, err
			}
			b.say("  %s, %s", w, c.name)
			r := row{Case: string(w), Contender: c.name, Values: string(load.Words)}
			if err := runWeather(b, v, opened, &r); err != nil {
				return nil, err
			}
			rows = append(rows, r)
		}
	}
	if b.wants(nameDashstream) {
		r, _, err := dropPath(b)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// runWeather emits at a fixed rate and times every call.
func runWeather(b *bench, v *valve, c load.Contender, r *row) error {
	spec := load.Spec{Seconds: pick(b, 5.0, 1.0), Rate: sinksRate, Goroutines: 1,
		Values: load.Words}
	emitted, call, err := load.Emit(&spec, c)
	if err != nil {
		return err
	}
	v.open()
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	outcome, err := c.Finish(ctx)
	r.Call, r.Operations, r.EventsPerRecord = call, emitted, outcome.EventsPerRecord
	r.setDelivered(outcome.Delivered, outcome.Taken(emitted))
	return err
}

// dropPath measures what it costs to emit when there is no room, in turn with emitting where there
// is: times are of both, in this order.
func dropPath(b *bench) (r row, times []float64, err error) {
	values, err := load.NewValues(load.Words, emitSets, "")
	if err != nil {
		return row{}, nil, err
	}
	v := newValve(stalled)
	full, err := openBehindValve(v, smallQueue)
	if err != nil {
		return row{}, nil, err
	}
	free, err := openDashstream(load.Setup{})
	if err != nil {
		return row{}, nil, err
	}
	calls := func(c load.Contender) *turn {
		return &turn{contender: c, emitter: c.Emitter(0),
			emission: emission{call: load.Emitter.Ten}, values: values}
	}
	dropping, emitting := calls(full), calls(free)
	dropping.calls(2 * smallQueue / 600)
	times = measure.Compare(pick(b, 400, 40), 1000, dropping.calls, emitting.calls)
	r = row{
		Case: "full: every event is dropped", Contender: nameDashstream, Values: string(load.Words),
		NsPerOp: times[0],
		Note:    fmt.Sprintf("emitting where there is room took %.0f ns in turn with it", times[1]),
	}
	r.Call = callLatencies(dropping, pick(b, 100_000, 10_000))
	v.open()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	outcome, err := full.Finish(ctx)
	if err != nil {
		return row{}, nil, err
	}
	r.setDelivered(outcome.Delivered, outcome.Emitted)
	_, err = free.Finish(ctx)
	return r, times, err
}
