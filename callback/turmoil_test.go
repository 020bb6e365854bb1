package callback_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// act makes a node do something at random, including nodes inside it.
func act(rnd *rand.Rand, client *callback.Client, run *callback.Run, n *callback.Node, depth int) {
	for range rnd.IntN(8) {
		switch rnd.IntN(12) {
		case 0:
			if depth > 0 {
				inner := n.StartNode("inner", slog.Int("depth", depth))
				act(rnd, client, run, inner, depth-1)
				inner.End(nil)
			}
		case 1:
			n.StartNode("failing").End(errOops)
		case 2:
			t := n.RequestTool(callback.ToolCall{Name: "tool",
				Arguments: map[string]int{"n": rnd.IntN(9)}, EventsOnly: rnd.IntN(2) == 0})
			t.Start()
			t.Complete("done")
		case 3:
			n.SaveCheckpoint(callback.Checkpoint{ID: "c", State: map[string]int{"depth": depth}})
		case 4:
			n.Metrics("s", "i", []callback.Metric{{Name: "m", Value: rnd.Float64()}}, nil)
		case 5:
			n.Error(errOops, callback.ErrorInfo{})
		case 6:
			run.Edge("a", "b", "c")
		case 7:
			p := n.StartParallel("a", "b")
			n.Warning("parallel", slog.Any("value", badLogs))
			p.End()
		case 8:
			n.StartLLM(callback.LLMRequest{Model: "m"}).End(callback.LLMResult{PromptTokens: 1},
				nil)
		case 9:
			time.Sleep(time.Duration(rnd.IntN(500)) * time.Millisecond)
		case 10:
			n.Warning(string(make([]byte, rnd.IntN(3000))))
		default:
			n.Progress(rnd.Float64(), "on")
		}
	}
}

// Whatever an application does concurrently, and whatever the destination rejects: the stream
// follows its rules, exactly the numbers of lost messages are missing, and the account agrees.
func TestTurmoil(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkTurmoil(t, seed) })
		})
	}
}

func checkTurmoil(t *testing.T, seed uint64) {
	settings := rand.New(rand.NewPCG(seed, 1))
	client, c := withCourier(t, func(cfg *callback.Config) {
		cfg.QueueEvents, cfg.MaxPermits = 50+settings.Int64N(500), 1+settings.IntN(20)
		cfg.MaxMessageBytes, cfg.BatchBytes = 4096, 1024
		cfg.RememberedThreads, cfg.ExecutionTrace = 1+settings.IntN(10), settings.IntN(2) == 0
		if settings.IntN(3) == 0 {
			cfg.Overflow, cfg.BlockTimeout = "block", 50*time.Millisecond
		}
	})
	fate := rand.New(rand.NewPCG(seed, 2))
	c.decide(func(*batching.Batch) error { // one batch at a time
		if fate.IntN(20) == 0 {
			return errRefused
		}
		return nil
	})
	const threads = 6
	// All threads have a run that never ends, so that their last numbers can be asked for.
	holders := make([]*callback.Run, threads)
	for i := range holders {
		holders[i] = client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint(i)})
	}
	var wg sync.WaitGroup
	for i := range 2 * threads {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, uint64(100+i)))
			for range 5 {
				run := client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint(i % threads)})
				for range rnd.IntN(3) {
					wg.Go(func() {
						rnd := rand.New(rand.NewPCG(seed, uint64(i)))
						n := run.StartNode("outer")
						act(rnd, client, run, n, 3)
						n.End(nil)
					})
				}
				act(rnd, client, run, run.Root(), 2)
				if rnd.IntN(5) == 0 {
					run.Interrupt("wait")
				} else {
					run.End(nil)
				}
			}
		})
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		for range 5 {
			c.hold()
			time.Sleep(700 * time.Millisecond)
			c.release()
			time.Sleep(time.Second)
		}
	}()
	wg.Wait()
	c.decide(nil)
	flush(t, client)

	var numbered, arrived uint64
	for i, h := range holders {
		numbered += h.Position().Sequence
		arrived += uint64(len(itemsOf(c.Recorder, fmt.Sprint(i))))
	}
	s := client.Stats()
	if numbered != s.Total.Emitted || arrived != s.Total.Delivered ||
		numbered-arrived != s.Total.DroppedTotal() {
		t.Errorf("%d numbers, %d messages arrived; the account is %+v", numbered, arrived, s.Total)
	}
	report := c.Check()
	if len(report.Violations) > 0 || len(report.Reorders) > 0 || len(report.Duplicates) > 0 {
		t.Errorf("the stream breaks rules: %v, %v, %v",
			report.Violations[:min(5, len(report.Violations))], report.Reorders, report.Duplicates)
	}
	if events := s.Kinds[pb.MessageType_MESSAGE_TYPE_EVENT]; events.Emitted == 0 ||
		s.Total.DroppedTotal() == 0 {
		t.Errorf("nothing was emitted, or nothing lost: %+v", s.Total)
	}
	checkAccount(t, client)
}
