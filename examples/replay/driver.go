package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/dashstream/dashstream-go/callback"
)

// driver replays recordings side by side.
type driver struct {
	client      *callback.Client
	recordings  []recording
	flow        *flow
	runs        int64 // how many to replay; 0 for no limit
	concurrency int
	pacer       *pacer // nil for no limit
	traced      bool
	states      bool   // runs have the conversation as their state
	session     string // begins every thread id, and tells them apart from those of other replays

	// runs that were begun, or are about to be, and runs that came to their own end
	claimed, ended atomic.Int64
	active, peak   atomic.Int64 // runs that are under way, and the most that ever were
	turned         atomic.Int64 // turns that are over

	gathered chan struct{} // closed when the first run of every worker has begun
	missing  atomic.Int64  // workers whose first run has not begun
}

// drive replays until all runs are done, or ctx ends: then the runs that are under way end as
// canceled. A worker replays one run at a time, and none goes on with its first run before all have
// begun theirs: so as many runs as were asked for are under way at once, also where one run takes
// less time than it takes to start the others.
func (d *driver) drive(ctx context.Context) {
	workers := d.concurrency
	if d.runs > 0 {
		workers = int(min(int64(workers), d.runs))
	}
	d.gathered = make(chan struct{})
	d.missing.Store(int64(workers))
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { d.work(ctx) })
	}
	all.Wait()
}

func (d *driver) work(ctx context.Context) {
	p := player{client: d.client, flow: d.flow, traced: d.traced, turned: &d.turned,
		pace: allowance{pacer: d.pacer}}
	if d.states {
		p.state = new(state)
	}
	for first := true; ctx.Err() == nil; first = false {
		n := d.claimed.Add(1)
		if d.runs > 0 && n > d.runs {
			return
		}
		rec := &d.recordings[(n-1)%int64(len(d.recordings))]
		run, err := p.begin(ctx, rec, fmt.Sprintf("%s-%d", d.session, n))
		if err != nil {
			return
		}
		d.entered()
		if first {
			err = d.gather(ctx)
		}
		if p.play(ctx, run, rec, err) == nil {
			d.ended.Add(1)
		}
		d.active.Add(-1)
	}
}

func (d *driver) entered() {
	active := d.active.Add(1)
	for peak := d.peak.Load(); active > peak && !d.peak.CompareAndSwap(peak,
		active); peak = d.peak.Load() {
	}
}

// gather waits until the first run of every worker has begun.
func (d *driver) gather(ctx context.Context) error {
	if d.missing.Add(-1) == 0 {
		close(d.gathered)
	}
	select {
	case <-d.gathered:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// turnsToReplay returns how many turns all runs have together, 0 if there is no limit.
func (d *driver) turnsToReplay() int64 {
	var once, turns int64
	for i := range d.recordings {
		once += d.recordings[i].size()
		if int64(i) < d.runs%int64(len(d.recordings)) {
			turns += d.recordings[i].size()
		}
	}
	return turns + once*(d.runs/int64(len(d.recordings)))
}
