package callback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// schedule plays what an application and Kafka do to a few threads with states, one step at a time
// on a fake clock. The topic loses, repeats and acknowledges late (see lossyTopic); clients die and
// are restarted.
type schedule struct {
	t     *testing.T
	seed  uint64
	rand  *rand.Rand
	topic *lossyTopic
	cfg   callback.Config

	client  *callback.Client
	threads []*application
	stats   *scheduleStats
}

// application is an application's work on one thread.
type application struct {
	id    string
	runs  []*callback.Run // not ended
	value map[string]any
	last  *callback.Run // the last one started; nil if nobody knows the thread's position
}

// scheduleStats counts what happened in all schedules.
type scheduleStats struct {
	Calls, Restarts, Resyncs, Healed           int
	Arrived, Refused, Repeated, Unsure, Chance int
	Whole, Patches, Checkpoints, Unchanged     uint64
	Evicted, QueueFull, Timeout, NoHash        uint64
}

func newSchedule(t *testing.T, seed uint64, stats *scheduleStats) *schedule {
	r := rand.New(rand.NewPCG(seed, 11))
	s := &schedule{t: t, seed: seed, rand: r, stats: stats, topic: newLossyTopic(t, seed, stats)}
	s.cfg = callback.Config{
		Sender: s.topic, SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler),
		Linger: 10 * time.Millisecond, DeliveryTimeout: time.Second,
		QueueEvents: int64(3 + r.IntN(30)), MaxPermits: 1 + r.IntN(6),
		CheckpointPatches: 1 + r.IntN(6), StateBytes: 64 << 10,
	}
	if r.IntN(2) == 0 {
		s.cfg.QueueEvents = 1 << 20
	}
	s.topic.lossy = r.Float64() * r.Float64()
	// there is nothing to hide, and the redactor takes long to set up
	s.cfg.Redaction.Disabled = r.IntN(20) > 0
	filler := 10
	if r.IntN(4) == 0 {
		filler = 6000 // states that do not fit together
	}
	for i := range 1 + r.IntN(3) {
		s.threads = append(s.threads, &application{
			id: fmt.Sprint("t", i), value: map[string]any{"messages": []any{},
				"filler": string(bytes.Repeat([]byte("filler"), filler))},
		})
	}
	s.start()
	return s
}

func (s *schedule) start() {
	var err error
	if s.client, err = callback.New(s.cfg); err != nil {
		s.t.Fatal(err)
	}
}

// run plays the schedule, then ends all losses, and requires every reader to have the application's
// state after one more state.
func (s *schedule) run(length int) {
	defer func() { s.end(context.Background()) }()
	for range length {
		if s.t.Failed() {
			return
		}
		switch s.rand.IntN(40) {
		case 0:
			if s.seed%3 == 0 {
				s.restart()
			}
		case 1, 2, 3, 4, 5, 6, 7:
			s.topic.answer(s.rand.IntN(4))
		case 8, 9, 10:
			time.Sleep(s.cfg.Linger)
		case 11:
			time.Sleep(s.cfg.DeliveryTimeout / time.Duration(1+s.rand.IntN(3)))
		default:
			s.call(s.threads[s.rand.IntN(len(s.threads))])
		}
		synctest.Wait()
	}
	s.topic.recover()
	s.settle()
	for _, a := range s.threads {
		s.begin(a)
		a.change(s.rand)
		s.setState(a)
		s.settle()
		th := s.topic.reader.Thread(a.id)
		if got, _ := th.State(); th.NeedsResync() || string(got) != string(s.topic.state(a.id)) {
			s.t.Errorf("schedule %d: thread %s, after all is well again: %v", s.seed, a.id,
				th.Trust())
		}
	}
}

func (s *schedule) settle() {
	if err := s.client.Flush(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	synctest.Wait()
}

// restart ends the client, in time or not, and starts another one. That one knows the position of
// the threads, or does not, which only readers that know the sources can see.
func (s *schedule) restart() {
	s.stats.Restarts++
	ctx, cancel := context.WithTimeout(context.Background(),
		time.Duration(s.rand.IntN(3))*10*time.Millisecond)
	defer cancel()
	s.end(ctx)
	known := !s.topic.sources || s.rand.IntN(3) > 0
	for _, a := range s.threads {
		if a.runs = nil; !known {
			a.last = nil
			s.topic.anew(a.id)
		}
	}
	s.start()
}

func (s *schedule) end(ctx context.Context) {
	_, _ = s.client.Shutdown(ctx) // what is left is lost
	s.topic.closed()
	st := s.client.Stats()
	s.stats.Whole += st.State.Whole
	s.stats.Patches += st.State.Patches
	s.stats.Checkpoints += st.State.Checkpoints
	s.stats.Evicted += st.State.Evicted
	s.stats.Unchanged += st.Total.Unchanged
	s.stats.QueueFull += st.Total.Dropped[batching.QueueFull]
	s.stats.Timeout += st.Total.Dropped[batching.Timeout]
}

// call lets the application do something on a thread.
func (s *schedule) call(a *application) {
	s.stats.Calls++
	time.Sleep(2 * time.Microsecond) // calls at different times, to tell the messages apart
	if len(a.runs) == 0 {
		s.begin(a)
		return
	}
	node := a.run(s.rand).Root()
	switch s.rand.IntN(40) {
	case 0:
		s.begin(a) // one more run on the thread
	case 1:
		i := s.rand.IntN(len(a.runs))
		a.runs[i].End(nil)
		a.runs = append(a.runs[:i], a.runs[i+1:]...)
	case 2:
		a.change(s.rand)
		s.topic.bring(a.id, a.value)
		node.SaveCheckpoint(callback.Checkpoint{ID: fmt.Sprint("user-", s.stats.Calls),
			State: a.value})
	case 3, 4, 5, 6, 7, 8:
		node.Progress(.5, "on the way")
	case 9, 10:
		node.StartTool(callback.ToolCall{Name: "tool"})
	case 11, 12:
		s.setState(a) // unchanged, unless it belongs to another run
	default:
		a.change(s.rand)
		s.setState(a)
	}
}

func (s *schedule) begin(a *application) {
	time.Sleep(2 * time.Microsecond)
	info := callback.RunInfo{ThreadID: a.id, After: a.last.Position(), Resume: s.rand.IntN(4) == 0}
	if s.rand.IntN(2) == 0 {
		a.change(s.rand)
		info.InitialState = a.value
		s.topic.bring(a.id, a.value)
	}
	a.last = s.client.StartRun(info)
	a.runs = append(a.runs, a.last)
}

func (s *schedule) setState(a *application) {
	time.Sleep(2 * time.Microsecond)
	s.topic.bring(a.id, a.value)
	a.run(s.rand).SetState(a.value)
}

// run returns one of the runs, the newest as a rule.
func (a *application) run(r *rand.Rand) *callback.Run {
	if r.IntN(10) > 0 {
		return a.runs[len(a.runs)-1]
	}
	return a.runs[r.IntN(len(a.runs))]
}

// change changes the state at a random place.
func (a *application) change(r *rand.Rand) {
	messages := a.value["messages"].([]any)
	switch r.IntN(7) {
	case 0:
		a.value["step"] = r.IntN(5)
	case 1:
		a.value[fmt.Sprint("k", r.IntN(4))] = r.IntN(3)
	case 2:
		delete(a.value, fmt.Sprint("k", r.IntN(4)))
	case 3:
		if len(messages) > 0 {
			a.value["messages"] = messages[1:]
		}
	case 4:
		a.value["big"] = json.Number("9007199254740993") // while it is present, states have no hash
	case 5:
		delete(a.value, "big")
	default:
		a.value["messages"] = append(messages[:len(messages):len(messages)],
			fmt.Sprint("a message of some length, one of a few: ", r.IntN(3)))
	}
}

// TestReadersAreNeverSilentlyWrong: whatever is lost between an application and its readers, the
// readers have its state or know that they need it whole. They need that only after a loss. They
// have it after the first state that is sealed once the loss is known.
func TestReadersAreNeverSilentlyWrong(t *testing.T) {
	schedules := uint64(4000)
	// the race detector makes them several times as slow
	if testing.Short() || callback.RaceEnabled {
		schedules = 400
	}
	var stats scheduleStats
	for seed := range schedules {
		synctest.Test(t, func(t *testing.T) { newSchedule(t, seed, &stats).run(40 + int(seed%80)) })
		if t.Failed() {
			return
		}
	}
	t.Logf("%d schedules: %+v", schedules, stats)
	for name, n := range map[string]uint64{
		"restarts": uint64(stats.Restarts), "resyncs": uint64(stats.Resyncs),
		"healed": uint64(stats.Healed), "refused": uint64(stats.Refused),
		"unsure": uint64(stats.Unsure), "repeated": uint64(stats.Repeated),
		"patches": stats.Patches, "checkpoints": stats.Checkpoints,
		"unchanged": stats.Unchanged, "evicted": stats.Evicted, "queue full": stats.QueueFull,
		"timeout": stats.Timeout, "no hash": stats.NoHash,
	} {
		if n < schedules/20 {
			t.Errorf("%s: only %d", name, n)
		}
	}
}

// TestReadersAgreeWithTheProducer plays random schedules of states, unchanged states, other
// messages and losses of every kind. If nothing was lost since the last whole state, the patches
// lead to the producer's state.
func TestReadersAgreeWithTheProducer(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 9))
		client, c := withCourier(t, func(cfg *callback.Config) {
			cfg.CheckpointPatches = 1 + rng.IntN(5)
		})
		var mu = make(chan struct{}, 1)
		lost := rng.Float64() * .3
		c.decide(func(*batching.Batch) error {
			mu <- struct{}{}
			defer func() { <-mu }()
			if rng.Float64() < lost {
				return errRefused
			}
			return nil
		})
		run := client.StartRun(callback.RunInfo{ThreadID: "t"})
		state := conversation{Messages: []string{strings.Repeat("beginning ", 10)}}
		for range 40 {
			mu <- struct{}{}
			what := rng.IntN(4)
			<-mu
			switch what {
			case 0:
				state.Step++
			case 1:
				state.Messages = append(state.Messages, fmt.Sprint("message ", len(state.Messages)))
			case 2:
				run.Root().Progress(.5, "on the way")
			}
			run.SetState(state)
			if what == 0 {
				flush(t, client)
			}
		}
		flush(t, client)
		c.decide(nil)
		run.SetState(state)
		flush(t, client)
		var reader []byte
		last := uint64(0)
		ok := false // nothing is missing since the last whole state
		for _, m := range c.Recorder.Messages("t") {
			for _, h := range headers(m) {
				if h.GetSequence() <= last {
					t.Fatalf("seed %d: number %d comes after %d", seed, h.GetSequence(), last)
				}
				if h.GetSequence() != last+1 && last > 0 {
					ok = false
				}
				last = h.GetSequence()
			}
			if m.GetCheckpoint() != nil || len(m.GetStateDiff().GetFullState()) > 0 {
				ok = true
			}
			if ok {
				reader = follow(t, reader, []*pb.DashStreamMessage{m})
			}
		}
		if !ok || string(reader) != canonical(t, state) {
			t.Fatalf("seed %d: ok %t, readers have %s, want %s", seed, ok, reader,
				canonical(t, state))
		}
	}
}
