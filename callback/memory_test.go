package callback_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// sink is a Sender that acknowledges everything and keeps nothing.
type sink struct{}

func (sink) Send(b *batching.Batch, done func(*batching.Batch, error)) { done(b, nil) }
func (sink) Stats() batching.SenderStats {
	return batching.SenderStats{}
}
func (sink) Close(context.Context) error { return nil }

// sinkClient returns a client that keeps what it must keep, and nothing that waits to be read.
func sinkClient(t *testing.T, change func(*callback.Config)) *callback.Client {
	t.Helper()
	return callbacktest.NewRecorder().Client(t, func(cfg *callback.Config) {
		cfg.Sender = sink{}
		change(cfg)
	})
}

// heap returns the bytes in use.
func heap() int64 {
	runtime.GC()
	runtime.GC() // the second run also frees what a sync.Pool keeps
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// settledHeap returns the bytes in use once those who used some before have ended.
func settledHeap() int64 {
	before := heap()
	for range 50 {
		time.Sleep(20 * time.Millisecond)
		now := heap()
		if max(before-now, now-before) < 32<<10 {
			return now
		}
		before = now
	}
	return before
}

// taken returns the memory of a client after so many threads have run and ended, each with a state.
func taken(
	t *testing.T, threads int, state func(i int) any, change func(*callback.Config),
) (bytes int64, client *callback.Client) {
	t.Helper()
	before := settledHeap()
	client = sinkClient(t, change)
	for i := range threads {
		run := client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint("thread-", i)})
		if state != nil {
			run.SetState(state(i))
		}
		run.End(nil)
		flush(t, client) // otherwise the queue holds memory, too
	}
	return heap() - before, client
}

// GUARANTEES.md: the states that patches are computed from take at most DASHSTREAM_STATE_BYTES.
func TestStatesTakeNoMoreThanTheirLimit(t *testing.T) {
	if callback.RaceEnabled {
		t.Skip("the race detector takes memory, too")
	}
	const (
		limit   = 4 << 20
		scratch = 512 << 10 // for sealing one state, plus the queue's own segments
	)
	for name, tt := range map[string]struct {
		threads int
		state   func(i int) any
	}{
		"tiny": {30_000, func(i int) any { return map[string]int{"a": i} }},
		"small": {8_000, func(i int) any {
			return map[string]any{"messages": strings.Split(strings.Repeat("some words, ", 50+i%50),
				",")}
		}},
		"large": {300,
			func(i int) any {
				return map[string]string{"text": strings.Repeat("x", 40_000+100*i)}
			}},
		"of a kind": {8_000,
			func(i int) any { return map[string]string{"text": strings.Repeat("x", 1<<(i%16))} }},
		"all longer": {300,
			func(i int) any { return map[string]string{"text": strings.Repeat("x", limit/16)} }},
	} {
		remember := func(cfg *callback.Config) {
			cfg.RememberedThreads, cfg.StateBytes = tt.threads, limit
		}
		var without, with int64
		var s callback.Stats
		// Each client ends before the next begins, so that what it frees late is not counted.
		t.Run(name+", without states", func(t *testing.T) {
			without, _ = taken(t, tt.threads, nil, remember)
		})
		t.Run(name, func(t *testing.T) {
			var client *callback.Client
			with, client = taken(t, tt.threads, tt.state, remember)
			s = client.Stats()
		})
		if s.Input.Remembered != int64(tt.threads) || s.State.Evicted == 0 ||
			s.State.BaselineBytes > limit {
			t.Errorf("%s: %d threads are remembered; states: %+v", name, s.Input.Remembered,
				s.State)
		}
		if got := with - without; got > limit*11/10+scratch || s.State.BaselineBytes < limit*8/10 {
			t.Errorf("%s: states take %d bytes of memory, %d by their account, at most %d", name,
				got, s.State.BaselineBytes, limit)
		}
	}
}

// The state of a thread is freed when the thread is forgotten, and does not keep a forgotten thread
// alive.
func TestAStateGoesWithItsThread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, func(cfg *callback.Config) { cfg.RememberedThreads = 10 })
		var runs []*callback.Run
		for i := range 100 {
			run := client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint("thread-", i)})
			run.SetState(map[string]int{"a": i})
			run.End(nil)
			runs = append(runs, run)
			flush(t, client)
		}
		time.Sleep(3 * time.Second)
		s := client.Stats()
		if s.Input.Remembered != 10 || s.State.Baselines != 10 || s.State.Evicted != 0 {
			t.Errorf("%d threads are remembered; states: %+v", s.Input.Remembered, s.State)
		}
		for _, run := range runs { // states that are still referenced
			run.SetState("after the end")
		}
		flush(t, client)
		after := client.Stats().State
		if after.Baselines != 10 || after.Whole+after.Patches != s.State.Whole+s.State.Patches+100 {
			t.Errorf("states: %+v", after)
		}
	})
}

// GUARANTEES.md: threads without a run are remembered up to a limit. Those kept beyond it in an
// outage are forgotten after it, even if no run ends.
func TestRememberedThreadsReturnToTheirLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, many = 100, 5000
		client, c := withCourier(t, func(cfg *callback.Config) {
			cfg.RememberedThreads, cfg.MaxPermits, cfg.DeliveryTimeout = limit, 10, time.Hour
		})
		c.hold()
		for i := range many {
			client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint("thread-", i)}).End(nil)
		}
		time.Sleep(time.Minute)
		if s := client.Stats().Input; s.Remembered < many-limit {
			t.Errorf("in the outage %d threads are remembered, want all with queued messages",
				s.Remembered)
		}
		c.release()
		flush(t, client)
		time.Sleep(3 * time.Second)
		if s := client.Stats().Input; s.Remembered != limit || s.Threads != 0 {
			t.Errorf("after the outage %d threads are remembered, want %d; %d are active",
				s.Remembered, limit, s.Threads)
		}
		// those that ended last
		for i, want := range map[int]uint64{many - 1: 4, many - limit/2: 4, many / 2: 2, 0: 2} {
			id := fmt.Sprint("thread-", i)
			client.StartRun(callback.RunInfo{ThreadID: id}).End(nil)
			if got := sequences(c.Recorder, id); got[len(got)-1] != want {
				t.Errorf("the numbers of %s are %v, want %d at last", id, got, want)
			}
		}
	})
}

// GUARANTEES.md: a thread that is remembered takes less than 700 bytes.
func TestARememberedThreadIsSmall(t *testing.T) {
	if callback.RaceEnabled {
		t.Skip("the race detector takes memory, too")
	}
	const threads = 20_000
	bytes, _ := taken(t, threads, nil, func(cfg *callback.Config) {
		cfg.RememberedThreads = threads
	})
	if bytes > threads*700 {
		t.Errorf("a thread takes %d bytes", bytes/threads)
	}
}

// mute is a Sender that acknowledges nothing.
type mute struct{ sink }

func (mute) Send(*batching.Batch, func(*batching.Batch, error)) {}

// GUARANTEES.md's paragraph on memory, with a queue full of events of all sizes, and with one full
// of small events on many threads.
func TestMemoryOfAFullClient(t *testing.T) {
	if callback.RaceEnabled {
		t.Skip("the race detector takes memory, too")
	}
	const (
		queue, states, remembered = 16 << 20, 4 << 20, 2000
		perThread                 = 1000
		// counters, redaction tables, and the buffers for sealing
		fixed = 3 << 20
	)
	for name, tt := range map[string]struct {
		threads int
		size    func(i int) int
		state   bool
	}{
		"large events":               {100, func(int) int { return 40_000 }, false},
		"events of all sizes":        {100, func(i int) int { return 1 << (i % 16) }, false},
		"small events, few threads":  {100, func(int) int { return 100 }, false},
		"small events, many threads": {5_000, func(int) int { return 100 }, false},
		"small states, many threads": {5_000, func(int) int { return 100 }, true},
		"states that grow":           {100, func(i int) int { return 10 * i % 40_000 }, true},
	} {
		before := heap()
		client := sinkClient(t, func(cfg *callback.Config) {
			cfg.Sender, cfg.QueueBytes, cfg.StateBytes, cfg.RememberedThreads = mute{}, queue,
				states, remembered
			cfg.ShutdownTimeout = time.Millisecond
		})
		text := strings.Repeat("some words ", 4000)
		runs := make([]*callback.Run, tt.threads)
		for i := range runs {
			runs[i] = client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint("thread-", i)})
		}
		full := func() bool {
			total := client.Stats().Total
			return total.DroppedTotal() > 0
		}
		for i := 0; !full() && i < 1<<20; {
			for range 50 {
				run := runs[i%len(runs)]
				if tt.state {
					run.SetState(map[string]string{"text": text[:tt.size(i)]})
				} else {
					run.Root().Warning(text[:tt.size(i)])
				}
				i++
			}
		}
		took, s := heap()-before, client.Stats()
		limit := int64(queue + states + tt.threads*perThread + fixed)
		if s.Queue.Bytes < queue*7/10 || took > limit*11/10 {
			t.Errorf("%s: the client takes %d kB of memory with %d kB in the queue and %d kB of "+
				"states, %d batches and %d threads", name, took>>10,
				s.Queue.Bytes>>10, s.State.BaselineBytes>>10, s.Batches.Pending, tt.threads)
		}
		t.Logf("%s: %d kB of at most %d; %d kB in the queue, %d kB of states, %d batches", name,
			took>>10, limit>>10, s.Queue.Bytes>>10, s.State.BaselineBytes>>10, s.Batches.Pending)
		runtime.KeepAlive(runs)
	}
}
