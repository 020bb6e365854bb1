package main

import (
	"bytes"
	"context"
	"runtime/pprof"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
)

// callSteps are what emitting an event consists of, by the functions that do it. The worker's share
// is what the caller does not do.
var callSteps = []measure.Owner{
	{Prefix: module + "batching.(*worker)", Part: "worker", Below: true},
	{Prefix: module + "batching.(*Engine).wake", Part: "waking the worker", Below: true},
	{Prefix: module + "callback.(*clock)", Part: "clock"},
	{Prefix: module + "internal/wire.Size", Part: "sizing"},
	{Prefix: module + "internal/wire.size", Part: "sizing"},
	{Prefix: module + "internal/wire.bitsOf", Part: "sizing"},
	{Prefix: module + "internal/wire.", Part: "appending"},
	{Prefix: module + "batching.(*Slot)", Part: "committing"},
	{Prefix: module + "batching.(*Batch).wrote", Part: "committing"},
	{Prefix: module + "batching.", Part: "reserving"},
	{Prefix: module + "callback.", Part: "callback"},
	{Prefix: "main.(*dashstreamRun)", Part: "making attributes"},
	{Prefix: "main.", Part: measure.ShareLoad},
}

const module = "github.com/dashstream/dashstream-go/"

// runCall tells where the time of a call goes, from a profile of one goroutine that emits into a
// sink in the same process.
func runCall(b *bench) ([]row, error) {
	var rows []row
	for _, e := range emissions() {
		if e.values != load.Constant || !b.wants(nameUnredacted) {
			continue
		}
		values, err := load.NewValues(e.values, emitSets, "")
		if err != nil {
			return nil, err
		}
		r, err := profiled(e, values, time.Duration(pick(b, 10, 1))*time.Second)
		if err != nil {
			return nil, err
		}
		rows = append(rows, *r)
	}
	return rows, nil
}

func profiled(e emission, values []load.Values, length time.Duration) (*row, error) {
	c, err := findContender(nameUnredacted)
	if err != nil {
		return nil, err
	}
	t, err := newTurn(c, e, values)
	if err != nil {
		return nil, err
	}
	t.calls(e.n)
	var profile bytes.Buffer
	meter := measure.Start(false)
	if err := pprof.StartCPUProfile(&profile); err != nil {
		return nil, err
	}
	n := 0
	for meter.Elapsed() < length {
		t.calls(e.n)
		n += e.n
	}
	pprof.StopCPUProfile()
	r := &row{Case: e.name, Contender: nameUnredacted, Values: string(e.values)}
	r.setCost(meter.Stop(), uint64(n))
	if r.Shares, err = measure.ReadShares(&profile, callSteps); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	outcome, err := t.contender.Finish(ctx)
	r.setDelivered(outcome.Delivered, outcome.Emitted)
	return r, err
}
