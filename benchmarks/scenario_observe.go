package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

const (
	observeRate   = 100_000
	observeScrape = 15 * time.Second
	observePage   = time.Second // somebody looks at it
	observePacing = time.Millisecond
	observer      = "github.com/dashstream/dashstream-go/selfmetrics"
)

// runObserve measures what looking on takes: the watch with its forecast, the collector, and the
// page.
func runObserve(b *bench) ([]row, error) {
	// forecasts look back for two minutes
	r, _, err := observe(pick(b, 150*time.Second, 5*time.Second))
	if err != nil {
		return nil, err
	}
	return []row{*r}, nil
}

// observe returns beside the row the share of one processor that looking on took.
func observe(lasts time.Duration) (r *row, share float64, err error) {
	values, err := load.NewValues(load.Words, emitSets, "")
	if err != nil {
		return nil, 0, err
	}
	opened, err := openDashstream(load.Setup{})
	if err != nil {
		return nil, 0, err
	}
	client := opened.(*dashstream)
	registry := prometheus.NewRegistry()
	registry.MustRegister(client.client.Metrics())
	page := selfmetrics.Handler(client.client)

	ctx, cancel := context.WithTimeout(context.Background(), lasts)
	defer cancel()
	var group sync.WaitGroup
	every := func(d time.Duration, look func()) {
		group.Go(func() {
			ticker := time.NewTicker(d)
			defer ticker.Stop()
			for look(); ctx.Err() == nil; {
				select {
				case <-ctx.Done():
				case <-ticker.C:
					look()
				}
			}
		})
	}
	var profile bytes.Buffer
	meter := measure.Start(false)
	if err := pprof.StartCPUProfile(&profile); err != nil {
		return nil, 0, err
	}
	every(observeScrape, func() { _, _ = registry.Gather() })
	every(observePage,
		func() { page.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/json", nil)) })
	calls := paced(ctx, opened.Emitter(0), values)
	group.Wait()
	pprof.StopCPUProfile()
	cost := meter.Stop()
	took, err := measure.Within(&profile, observer)
	if err != nil {
		return nil, 0, err
	}
	r = &row{Case: fmt.Sprintf("%d k events/s", observeRate/1000), Contender: nameDashstream,
		Values: string(load.Words)}
	r.setCost(cost, calls)
	share = took.Seconds() / cost.Wall.Seconds()
	r.Note = fmt.Sprintf("looking on took %.3f %% of one processor; scraped every %v, page asked "+
		"for every %v", 100*share, observeScrape, observePage)
	err = finishObserved(opened, r, calls)
	return r, share, err
}

func finishObserved(opened load.Contender, r *row, calls uint64) error {
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	outcome, err := opened.Finish(ctx)
	r.setDelivered(outcome.Delivered, outcome.Taken(calls))
	return err
}

// paced emits at the rate until ctx ends.
func paced(ctx context.Context, e load.Emitter, values []load.Values) (calls uint64) {
	began := time.Now()
	for ctx.Err() == nil {
		for due := uint64(time.Since(began).Seconds() * observeRate); calls < due; calls++ {
			e.Ten(&values[calls%uint64(len(values))])
		}
		time.Sleep(observePacing)
	}
	return calls
}
