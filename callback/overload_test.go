package callback

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// slowSender acknowledges so many bytes a second, one batch after the other, and keeps count of
// what arrived.
type slowSender struct {
	rate float64 // 0: without a limit
	t    *testing.T

	mu      sync.Mutex
	busy    time.Time // when the last batch in flight will have been sent
	bytes   [batching.NumClasses]int
	numbers map[string]int // of each thread
	events  map[string]int // of its skeleton
}

func newSlowSender(t *testing.T, rate float64) *slowSender {
	return &slowSender{rate: rate, t: t, numbers: map[string]int{}, events: map[string]int{}}
}

func (s *slowSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	if b.Lane() == nil { // a report or a statement
		done(b, nil)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.busy.Before(now) {
		s.busy = now
	}
	if s.rate > 0 {
		s.busy = s.busy.Add(time.Duration(float64(len(b.Value)) / s.rate * float64(time.Second)))
	}
	time.AfterFunc(s.busy.Sub(now), func() {
		s.arrived(b)
		done(b, nil)
	})
}

func (s *slowSender) arrived(b *batching.Batch) {
	m, err := pb.Decode(b.Value)
	if err != nil {
		s.t.Error(err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	thread := string(b.Key)
	for _, e := range m.GetEventBatch().GetEvents() {
		s.numbers[thread]++
		class := classOf(byte(e.EventType))
		s.bytes[class] += len(b.Value) / len(m.GetEventBatch().Events)
		if class == batching.Skeleton {
			s.events[thread]++
		}
	}
	if m.GetEventBatch() == nil {
		s.numbers[thread]++
		s.bytes[kindClasses[b.Kind]] += len(b.Value)
	}
}

func (s *slowSender) Stats() batching.SenderStats { return batching.SenderStats{} }

func (s *slowSender) Close(context.Context) error { return nil }

// kindOfRun is one of ten kinds of agents: what a run of it has, and how long a step takes.
type kindOfRun struct {
	nodes, calls, tools, tokens, state int
	pause                              time.Duration
}

var kindsOfRuns = [10]kindOfRun{
	{nodes: 3, calls: 1, tools: 0, tokens: 40, state: 200, pause: 20 * time.Millisecond},
	{nodes: 6, calls: 1, tools: 2, tokens: 20, state: 800, pause: 30 * time.Millisecond},
	{nodes: 2, calls: 2, tools: 1, tokens: 200, state: 0, pause: 10 * time.Millisecond},
	{nodes: 12, calls: 1, tools: 1, tokens: 0, state: 3000, pause: 50 * time.Millisecond},
	{nodes: 20, calls: 0, tools: 1, tokens: 0, state: 100, pause: 15 * time.Millisecond},
	{nodes: 4, calls: 3, tools: 3, tokens: 30, state: 1500, pause: 60 * time.Millisecond},
	{nodes: 8, calls: 1, tools: 0, tokens: 10, state: 6000, pause: 40 * time.Millisecond},
	{nodes: 1, calls: 1, tools: 5, tokens: 60, state: 400, pause: 25 * time.Millisecond},
	{nodes: 30, calls: 0, tools: 0, tokens: 0, state: 0, pause: 10 * time.Millisecond},
	{nodes: 5, calls: 2, tools: 2, tokens: 100, state: 2500, pause: 35 * time.Millisecond},
}

// play plays a run and returns how many events its skeleton has.
func (k *kindOfRun) play(c *Client, thread string, r *rand.Rand) (skeleton int) {
	run := c.StartRun(RunInfo{ThreadID: thread})
	state := map[string]string{"history": randomText(r, k.state)}
	for i := range k.nodes {
		n := run.StartNode(fmt.Sprint("step", i))
		for range k.calls {
			l := n.StartLLM(LLMRequest{Model: "m", Prompt: randomText(r, 300)})
			for range k.tokens {
				l.Token(randomText(r, 5) + " ")
			}
			l.End(LLMResult{Text: randomText(r, 200)}, nil)
		}
		for range k.tools {
			arguments := map[string]string{"q": randomText(r, 60)}
			n.StartTool(ToolCall{Name: "search", Arguments: arguments}).
				Complete(randomText(r, 400))
		}
		if k.state > 0 {
			state[fmt.Sprint("result", i)] = randomText(r, 100)
			run.SetState(state)
		}
		n.Progress(float64(i)/float64(k.nodes), "done")
		n.End(nil)
		time.Sleep(10 * k.pause)
	}
	run.End(nil)
	return 2 + 2*k.nodes
}

func randomText(r *rand.Rand, n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteByte("abcdefghijklmnopqrstuvwxyz     "[r.IntN(31)])
	}
	return b.String()
}

// outcome is what became of the runs of a minute.
type outcome struct {
	runs, whole         int
	skeleton, delivered int // events of skeletons, and those of them that arrived
	bytes               [batching.NumClasses]int
	shedDetails         uint64
	report              Report
}

// overload plays runs for so many minutes on a sender with so many bytes a second.
func overload(t *testing.T, minutes int, rate float64, shed Shedding) (out outcome) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlowSender(t, rate)
		c, err := New(Config{
			Sender: s, Shed: shed, QueueBytes: 2 << 20, BatchBytes: 8 << 10,
			Linger: 100 * time.Millisecond, DeliveryTimeout: time.Hour,
			RememberedThreads: 1 << 20,
			SelfMetrics:       SelfMetricsOff, Redaction: Redaction{Disabled: true},
			Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		end := time.Now().Add(time.Duration(minutes) * time.Minute)
		var mu sync.Mutex
		expected := map[string]int{}
		last := map[string]uint64{}
		var workers sync.WaitGroup
		for w := range 20 {
			workers.Go(func() {
				r := rand.New(rand.NewPCG(1, uint64(w)))
				time.Sleep(time.Duration(r.Int64N(int64(time.Second))))
				for i := 0; time.Now().Before(end); i++ {
					thread := fmt.Sprintf("run-%d-%d", w, i)
					n := kindsOfRuns[w%len(kindsOfRuns)].play(c, thread, r)
					mu.Lock()
					expected[thread] = n
					mu.Unlock()
				}
			})
		}
		workers.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		if err := c.Flush(ctx); err != nil {
			t.Error(err)
		}
		for thread := range expected {
			l, _ := c.threads.byID[thread].lane.Last()
			last[thread] = l
		}
		st := c.Stats()
		out.shedDetails = st.Shed[batching.Details]
		out.report, _ = c.Shutdown(ctx)
		for thread, n := range expected {
			out.runs++
			if s.numbers[thread] == int(last[thread]) {
				out.whole++
			}
			out.skeleton += n
			out.delivered += s.events[thread]
		}
		out.bytes = s.bytes
	})
	return out
}

func (o *outcome) sent() (sum int) {
	for _, n := range o.bytes {
		sum += n
	}
	return sum
}

func TestSheddingKeepsTheSkeletonOrWholeRuns(t *testing.T) {
	if RaceEnabled {
		t.Skip("the race detector makes it take a minute, and other tests of shedding show a race")
	}
	full := overload(t, 1, 0, ShedOff)
	if full.whole != full.runs {
		t.Fatalf("without a limit, %d of %d runs were whole", full.whole, full.runs)
	}
	rate := float64(full.sent()) / 60
	share := float64(full.bytes[batching.Skeleton]) / float64(full.sent())
	t.Logf("%d runs, %.0f bytes a second; skeleton %.0f %%, states %.0f %%, calls %.0f %%, "+
		"details %.0f %% of the bytes", full.runs, rate, 100*share,
		100*float64(full.bytes[batching.States])/float64(full.sent()),
		100*float64(full.bytes[batching.Calls])/float64(full.sent()),
		100*float64(full.bytes[batching.Details])/float64(full.sent()))
	// With the smallest of these only details have to be given up, with the largest the skeleton
	// does not fit.
	factors := []float64{1.04, 2, 5, 20}
	if testing.Short() {
		factors = factors[1:2]
	}
	for _, factor := range factors {
		capacity := rate / factor
		minutes := 1
		if factor > 10 { // or the queue alone would have room for most of it
			minutes = 4
		}
		auto := overload(t, minutes, capacity, ShedAuto)
		plain := overload(t, minutes, capacity, ShedOff)
		fit := float64(auto.sent()) / float64(full.sent()*minutes)
		t.Logf("%4.2f x: shed: skeleton %6.2f %%, whole runs %5.1f %% (%5.1f %% fit), of those "+
			"that fit %5.1f %%; drop newest: skeleton %6.2f %%, whole runs %5.1f %%; lost %v",
			factor, 100*float64(auto.delivered)/float64(auto.skeleton),
			100*float64(auto.whole)/float64(auto.runs), 100*fit,
			100*float64(auto.whole)/float64(auto.runs)/fit,
			100*float64(plain.delivered)/float64(plain.skeleton),
			100*float64(plain.whole)/float64(plain.runs), auto.report.Dropped)
		fits := share < 1/factor
		switch kept := float64(auto.delivered) / float64(auto.skeleton); {
		case fits && kept < 0.999:
			t.Errorf("%g x: the skeleton fits, and %.2f %% of it arrived", factor, 100*kept)
		case !fits && float64(auto.whole) < 0.8*fit*float64(auto.runs):
			t.Errorf("%g x: %d of %d runs are whole, and %.1f %% fit", factor, auto.whole,
				auto.runs, 100*fit)
		case auto.whole <= plain.whole:
			t.Errorf("%g x: %d runs are whole with shedding, %d without", factor, auto.whole,
				plain.whole)
		}
		full := auto.report.Dropped["queue_full"]
		if shed := auto.report.Dropped["shed"]; fits && full > 0 || full > shed/100 || shed == 0 {
			t.Errorf("%g x: dropped %v, want what was shed", factor, auto.report.Dropped)
		}
		if details := auto.report.Dropped["shed"] - auto.shedDetails; factor < 1.1 && details != 0 {
			t.Errorf("%g x: %d messages were shed that are no details", factor, details)
		}
	}
}
