package batching

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The property test runs random schedules. These variables change what it runs:
//
//	DASHSTREAM_TEST_SCHEDULES=N  runs N of them
//	DASHSTREAM_TEST_SEED=S       runs the one of seed S, N times: concurrent goroutines interleave
//	                             differently from run to run
const (
	schedulesEnv     = "DASHSTREAM_TEST_SCHEDULES"
	seedEnv          = "DASHSTREAM_TEST_SEED"
	defaultSchedules = 10_000
)

func TestAccountAgreesWithTheLedgerOfTheSender(t *testing.T) {
	n := defaultSchedules
	switch {
	case raceEnabled:
		n /= 20
	case testing.Short():
		n /= 8
	}
	if s := os.Getenv(schedulesEnv); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("%s: %v", schedulesEnv, err)
		}
	}
	first, step := rand.Uint64()>>1, uint64(1)
	if s := os.Getenv(seedEnv); s != "" {
		var err error
		if first, err = strconv.ParseUint(s, 0, 64); err != nil {
			t.Fatalf("%s: %v", seedEnv, err)
		}
		step = 0
	}
	debug.SetTraceback("all") // if a goroutine panics, the trace shows runSchedule with its seed
	var tally tally
	t.Run("schedules", func(t *testing.T) {
		const workers = 4
		for w := range workers {
			t.Run(strconv.Itoa(w), func(t *testing.T) {
				t.Parallel()
				for i := w; i < n && !t.Failed(); i += workers {
					runSchedule(t, first+uint64(i)*step, &tally)
				}
			})
		}
	})
	if !t.Failed() && step != 0 && n >= 300 {
		tally.checkCoverage(t)
	}
	t.Logf("%d schedules: %s", n, &tally)
}

// tally counts the outcomes of the schedules, to show that they differ.
type tally struct {
	emitted, delivered, unacknowledged, widths, joined, abandoned, restarts, blocked, flushed,
	flushesLate atomic.Uint64
	unchanged, grown, shrunk, cramped, splits, afterALoss,
	afterNone, exactGaps, mergedGaps atomic.Uint64
	dropped [NumReasons]atomic.Uint64
	sealed  [NumTriggers]atomic.Uint64
}

func (y *tally) String() string {
	s := fmt.Sprintf("emitted %d, delivered %d, unacknowledged %d, width changes %d, joined %d, "+
		"abandoned %d, restarts %d, blocked %d, flushes %d and %d late, dropped:",
		y.emitted.Load(), y.delivered.Load(), y.unacknowledged.Load(), y.widths.Load(),
		y.joined.Load(), y.abandoned.Load(), y.restarts.Load(),
		y.blocked.Load(), y.flushed.Load(), y.flushesLate.Load())
	for r := range y.dropped {
		s += fmt.Sprintf(" %s %d", Reason(r), y.dropped[r].Load())
	}
	s += fmt.Sprintf(", unchanged %d, resized up %d, down %d, in vain %d, dependent after a loss "+
		"%d, after none %d, sealed:",
		y.unchanged.Load(), y.grown.Load(), y.shrunk.Load(), y.cramped.Load(), y.afterALoss.Load(),
		y.afterNone.Load())
	for g := range y.sealed {
		s += fmt.Sprintf(" %s %d", Trigger(g), y.sealed[g].Load())
	}
	return s
}

func (y *tally) gap(exact bool) {
	if exact {
		y.exactGaps.Add(1)
	} else {
		y.mergedGaps.Add(1)
	}
}

func (y *tally) afterLoss(lost, maybe bool) {
	switch {
	case lost:
		y.afterALoss.Add(1)
	case !maybe:
		y.afterNone.Add(1)
	}
}

func (y *tally) checkCoverage(t *testing.T) {
	for r := range y.dropped {
		if y.dropped[r].Load() == 0 {
			t.Errorf("no schedule dropped anything as %s", Reason(r))
		}
	}
	for g := range y.sealed {
		if y.sealed[g].Load() == 0 {
			t.Errorf("no schedule sealed a batch by %s", Trigger(g))
		}
	}
	for _, n := range []*atomic.Uint64{
		&y.delivered, &y.unacknowledged, &y.widths, &y.joined, &y.abandoned, &y.restarts,
		&y.blocked, &y.flushed, &y.flushesLate,
		&y.unchanged, &y.grown, &y.shrunk, &y.cramped, &y.splits, &y.afterALoss, &y.afterNone,
		&y.exactGaps, &y.mergedGaps,
	} {
		if n.Load() == 0 {
			t.Errorf("the schedules did not cover everything: %s", y)
			return
		}
	}
}

// schedule is one run of an engine, with everything that happens to it.
type schedule struct {
	t      *testing.T
	seed   uint64
	cfg    Config
	engine *Engine
	ledger *ledger
	tally  *tally
	lanes  []*testLane

	// calls of Reserve that have begun, and that have counted an event
	emitting, emitted atomic.Int64
	serial            atomic.Uint64

	mu       sync.Mutex
	emits    []*emission
	closing  time.Time // when the engine stopped accepting; zero before
	deadline time.Time // when Close returned
	flushes  []flushed
	gaps     []Gap
}

type testLane struct {
	*Lane
	index int
	first uint64
}

func runSchedule(t *testing.T, seed uint64, tally *tally) {
	defer func() {
		if t.Failed() {
			t.Logf("to run it again: %s=%d %s=100 go test -run %s ./batching", seedEnv, seed,
				schedulesEnv, "TestAccountAgrees")
		}
	}()
	synctest.Test(t, func(t *testing.T) { newSchedule(t, seed, tally).run() })
}

func pick[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

func newSchedule(t *testing.T, seed uint64, tally *tally) *schedule {
	r := rand.New(rand.NewPCG(seed, 0))
	s := &schedule{t: t, seed: seed, tally: tally}
	s.cfg = Config{
		Kinds:           testKinds,
		QueueBytes:      pick[int64](r, minSegment+64, 8<<10, 64<<10, 64<<10, 1<<20, 1<<20),
		QueueEvents:     pick[int64](r, 1, 5, 30, 1000, 1000, 10_000),
		BatchBytes:      pick(r, minSegment, 2<<10, 64<<10),
		BatchEvents:     pick(r, 1, 3, 7, 1000, 1000),
		Linger:          pick(r, -1, time.Millisecond, 20*time.Millisecond, 250*time.Millisecond),
		Permits:         pick(r, 1, 3, 20, 1000),
		MaxMessageBytes: pick(r, 120, 1000, 5000),
		Overflow:        pick(r, DropNewest, Block, DropOldest),
		Shed:            r.IntN(4) == 0,
		BlockTimeout:    pick(r, time.Millisecond, 50*time.Millisecond, time.Second),
		DeliveryTimeout: pick(r, 300*time.Millisecond, 2*time.Second, 2*time.Minute),
		Logger:          slog.New(slog.DiscardHandler),
		window:          pick(r, 1, 2, firstWindow, 1000),
		batchCost:       pick[int64](r, -1, -1, 64),
	}
	for c := range NumClasses {
		if r.IntN(3) == 0 {
			if s.cfg.Overflows == nil {
				s.cfg.Overflows = map[Class]Overflow{}
			}
			s.cfg.Overflows[Class(c)] = pick(r, DropNewest, Block, DropOldest)
		}
	}
	s.ledger = &ledger{
		t: t, seed: seed, maxDelay: pick(r, time.Millisecond, 30*time.Millisecond, 3*time.Second),
		permits: s.cfg.Permits, bytes: int(s.cfg.QueueBytes), events: int(s.cfg.QueueEvents),
		last: map[string]uint64{}, ids: map[uint64]bool{}, sealings: map[*Batch]*entry{},
		waiting: map[uint64]*entry{}, slow: pick(r, 0, 0, 0, 30), resizing: 3,
	}
	s.ledger.weights[fateAck], s.ledger.weights[fateAckInSend] = 20, 5
	for f := range numFates {
		s.ledger.weights[f] += pick(r, 0, 0, 0, 1, 10)
	}
	s.cfg.Sender, s.cfg.Seal = s.ledger, s.ledger.seal
	e, err := New(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.engine = e
	for i := range 1 + r.IntN(5) {
		last := pick[uint64](r, 0, 0, 110, 126, 127, 128, 16_370, 16_382, 16_383, 16_384, 1<<35-5)
		l := e.NewLane(fmt.Sprint("lane ", i), i, pick(r, 0, 3, 64), last)
		s.lanes = append(s.lanes, &testLane{Lane: l, index: i, first: last + 1})
	}
	return s
}

// run plays all parts concurrently and then compares what they saw with the engine's account.
func (s *schedule) run() {
	r := rand.New(rand.NewPCG(s.seed, 1))
	var parts sync.WaitGroup
	over := make(chan struct{})
	var emitters sync.WaitGroup
	for i := range 1 + r.IntN(5) {
		e := s.newEmitter(uint64(i))
		emitters.Go(e.run)
	}
	for i := range r.IntN(3) {
		parts.Go(func() { s.flusher(rand.New(rand.NewPCG(s.seed, 1000+uint64(i)))) })
	}
	var watchers sync.WaitGroup
	for i := range 2 {
		watchers.Go(func() { s.watcher(rand.New(rand.NewPCG(s.seed, 2000+uint64(i))), over) })
	}
	if r.IntN(2) == 0 {
		emitters.Wait() // a WaitGroup lets the clock advance
	}
	time.Sleep(randomPause(r, 3*time.Second))
	s.end(r)
	emitters.Wait()
	parts.Wait()
	s.newEmitter(99).emit() // into a closed engine
	close(over)
	watchers.Wait()
	time.Sleep(time.Hour) // for late calls of done
	<-s.engine.stopped    // what Close did not wait for has been written now
	s.verdict()
}

// randomPause is mostly short, and often zero.
func randomPause(r *rand.Rand, longest time.Duration) time.Duration {
	switch r.IntN(4) {
	case 0:
		return 0
	case 1:
		return time.Duration(r.Int64N(int64(longest)))
	}
	return time.Duration(r.Int64N(int64(longest)/100 + 1))
}

func randomDeadline(r *rand.Rand) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(),
		pick(r, 0, time.Millisecond, 40*time.Millisecond, 2*time.Second, time.Minute))
}

// end closes the engine in one of several ways.
func (s *schedule) end(r *rand.Rand) {
	s.mu.Lock()
	s.closing = time.Now()
	s.mu.Unlock()
	var parts sync.WaitGroup
	for range r.IntN(3) {
		ctx, cancel := randomDeadline(r)
		defer cancel()
		drain := func() {
			if err := s.engine.Drain(ctx); err != nil && ctx.Err() == nil {
				s.t.Errorf("Drain failed before its time: %v", err)
			}
		}
		if r.IntN(2) == 0 {
			drain()
		} else {
			parts.Go(drain)
		}
	}
	time.Sleep(randomPause(r, 100*time.Millisecond))
	ctx, cancel := randomDeadline(r)
	defer cancel()
	var other error
	parts.Go(func() {
		time.Sleep(time.Nanosecond) // the second call
		other = s.engine.Close(context.Background())
	})
	err := s.engine.Close(ctx)
	s.mu.Lock()
	s.deadline = time.Now()
	s.mu.Unlock()
	parts.Wait()
	if !errors.Is(err, other) {
		s.t.Errorf("two calls of Close returned %v and %v", err, other)
	}
	st := s.engine.Stats()
	if st.Total.Queued != 0 || st.Total.InFlight != 0 {
		s.t.Errorf("queued %d, in flight %d after Close", st.Total.Queued, st.Total.InFlight)
	}
}

// watcher takes snapshots and compares them with what was emitted and what the Sender acknowledged.
func (s *schedule) watcher(r *rand.Rand, over <-chan struct{}) {
	for {
		select {
		case <-over:
			return
		case <-time.After(pick(r, time.Millisecond, 100*time.Millisecond, time.Second)):
		}
		for range 1 + r.IntN(2) {
			s.snapshot()
		}
		if r.IntN(3) == 0 {
			s.takeGaps(1 + r.IntN(50))
		}
	}
}

func (s *schedule) snapshot() {
	emitted, acked := s.emitted.Load(), s.ledger.acked.Load()
	st := s.engine.Stats()
	emitting, acking := s.emitting.Load(), s.ledger.acking.Load()
	checkAccount(s.t, s.engine, &st)
	if got := int64(st.Total.Emitted); got < emitted || got > emitting {
		s.t.Errorf("a snapshot says %d emitted, the ledger %d to %d", got, emitted, emitting)
	}
	s.mu.Lock()
	closing := !s.closing.IsZero()
	s.mu.Unlock()
	if got := int64(st.Total.Delivered); got > acking || !closing && got < acked {
		s.t.Errorf("a snapshot says %d delivered, the ledger %d to %d", got, acked, acking)
	}
}
