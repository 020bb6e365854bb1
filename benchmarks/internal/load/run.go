package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
)

// Spec says how a contender is to be driven, end to end.
type Spec struct {
	Setup
	Contender  string
	Values     Kind
	Names      Names   // of the attributes
	Seed       uint64  // for names that are drawn
	Runs       string  // file of recorded runs, for Recorded
	Goroutines int     // that emit, each on a run of its own
	Events     int     // in all; 0 means as many as Seconds allow
	Seconds    float64 // how long to emit; 0 means until Events are emitted
	Rate       float64 // events a second in all; 0 means as fast as it goes
	Warmup     int     // events before the clock starts
	Profile    bool    // tell where the processor's time went
}

// Result is what driving a contender gave.
type Result struct {
	Emitted uint64 // after the warm-up
	Outcome Outcome
	// Emitting is how long emitting took, Cost what it took until the last acknowledgement.
	Emitting time.Duration
	Cost     measure.Cost
	Call     measure.Quantiles
	// Shares are parts of the processor's time by who used it; nil without Spec.Profile.
	Shares measure.Shares
}

const (
	sets        = 4096 // of values, so that no batch holds one twice
	sampleEvery = 16   // calls, of which one is timed when emitting as fast as it goes
	checkEvery  = 64   // events between two looks at the clock
)

// Drive opens a contender, drives it and ends it.
func Drive(spec Spec, open Open) (Result, error) {
	values, err := NewValues(spec.Values, sets, spec.Runs)
	if err != nil {
		return Result{}, err
	}
	if Keys, err = KeysOf(spec.Names, spec.Seed); err != nil {
		return Result{}, err
	}
	c, err := open(spec.Setup)
	if err != nil {
		return Result{}, err
	}
	emitters := emittersOf(c, spec.Goroutines)
	warm := spec
	warm.Events, warm.Seconds, warm.Rate = spec.Warmup, 0, 0
	emitAll(&warm, emitters, values)
	measure.Settle() // or what is queued of it would be counted

	var profile bytes.Buffer
	if spec.Profile {
		if err := pprof.StartCPUProfile(&profile); err != nil {
			return Result{}, fmt.Errorf("profile: %w", err)
		}
	}
	meter := measure.Start(true)
	var r Result
	r.Emitted, r.Call = emitAll(&spec, emitters, values)
	r.Emitting = meter.Elapsed()
	ctx, cancel := context.WithTimeout(context.Background(), FinishTimeout)
	defer cancel()
	r.Outcome, err = c.Finish(ctx)
	r.Cost = meter.Stop()
	if spec.Profile {
		pprof.StopCPUProfile()
		if r.Shares, err = measure.ReadShares(&profile, measure.Packages); err != nil {
			return Result{}, err
		}
	}
	return r, err
}

// Emit emits as spec says to a contender that is open, and returns how many calls it made and how
// long one took.
func Emit(spec *Spec, c Contender) (emitted uint64, call measure.Quantiles, err error) {
	values, err := NewValues(spec.Values, sets, spec.Runs)
	if err != nil {
		return 0, measure.Quantiles{}, err
	}
	emitted, call = EmitValues(spec, c, values)
	return emitted, call, nil
}

// EmitValues is Emit with values that are there already.
func EmitValues(spec *Spec, c Contender, values []Values) (emitted uint64, call measure.Quantiles) {
	return emitAll(spec, emittersOf(c, spec.Goroutines), values)
}

func emittersOf(c Contender, n int) []Emitter {
	emitters := make([]Emitter, n)
	for i := range emitters {
		emitters[i] = c.Emitter(i)
	}
	return emitters
}

func emitAll(
	spec *Spec, emitters []Emitter, values []Values,
) (emitted uint64, call measure.Quantiles) {
	var all measure.Latencies
	var mu sync.Mutex
	var group sync.WaitGroup
	for i, e := range emitters {
		group.Go(func() {
			g := goroutine{emitter: e, values: values, at: i * len(values) / len(emitters)}
			g.emit(spec, len(emitters))
			mu.Lock()
			defer mu.Unlock()
			all.Merge(&g.calls)
			emitted += uint64(g.emitted)
		})
	}
	group.Wait()
	return emitted, all.Quantiles()
}

// goroutine is one that emits.
type goroutine struct {
	emitter Emitter
	values  []Values
	at      int
	emitted int
	calls   measure.Latencies
}

func (g *goroutine) emit(spec *Spec, of int) {
	began := time.Now()
	limit, until := spec.Events/of, time.Duration(spec.Seconds*float64(time.Second))
	for (limit == 0 && until > 0 || g.emitted < limit) &&
		(until == 0 || time.Since(began) < until) {
		due := checkEvery
		if spec.Rate > 0 {
			due = int(time.Since(began).Seconds()*spec.Rate/float64(of)) - g.emitted
			if due <= 0 {
				time.Sleep(200 * time.Microsecond)
				continue
			}
		}
		if limit > 0 {
			due = min(due, limit-g.emitted)
		}
		for range due {
			g.one(spec.Rate > 0)
		}
	}
}

func (g *goroutine) one(timed bool) {
	v := &g.values[g.at%len(g.values)]
	g.at++
	g.emitted++
	if !timed && g.emitted%sampleEvery != 0 {
		g.emitter.Ten(v)
		return
	}
	began := time.Now()
	g.emitter.Ten(v)
	g.calls.Add(time.Since(began))
}

// Serve is the body of a process that drives one contender: it reads a [Spec] from in as JSON and
// writes a [Result] to out.
func Serve(in io.Reader, out io.Writer, contenders map[string]Open) error {
	var spec Spec
	if err := json.NewDecoder(in).Decode(&spec); err != nil {
		return fmt.Errorf("producer: %w", err)
	}
	open := contenders[spec.Contender]
	if open == nil {
		return fmt.Errorf("producer: no contender %q", spec.Contender)
	}
	r, err := Drive(spec, open)
	if err != nil {
		return fmt.Errorf("producer: %s: %w", spec.Contender, err)
	}
	return json.NewEncoder(out).Encode(r)
}
