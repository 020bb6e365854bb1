package callback

import (
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// A step of an application that computes for about a millisecond and emits a node with a call, a
// tool and a state, like those of an agent without its waiting. Its p99 may not depend on whether
// Kafka keeps up.
func TestStepsOfTheApplicationTakeAsLongWhileEventsAreShed(t *testing.T) {
	if os.Getenv("DASHSTREAM_LONG") == "" {
		t.Skip("it compares times for half a minute: .ci/long overload")
	}
	const rounds = 5
	var ratios []float64
	for range rounds {
		usual := stepsP99(t, 0, ShedOff)
		full, shed := stepsP99(t, 1e5, ShedOff), stepsP99(t, 1e5, ShedAuto)
		t.Logf("p99 of a step: %v; with a full queue %v (%.3f), while events are shed %v (%.3f)",
			usual, full, ratio(full, usual), shed, ratio(shed, usual))
		ratios = append(ratios, ratio(shed, usual))
	}
	slices.Sort(ratios)
	if median := ratios[rounds/2]; median > 1.05 {
		t.Errorf("shedding moves the p99 of a step to %.3f times, want at most 1.05", median)
	}
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// stepsP99 returns how long a step takes in 99 of 100 cases, on a Sender with a rate.
func stepsP99(t *testing.T, rate float64, shed Shedding) time.Duration {
	s := newSlowSender(t, rate)
	c, err := New(Config{Sender: s, QueueBytes: 1 << 20, Shed: shed, DeliveryTimeout: time.Hour,
		SelfMetrics: SelfMetricsOff, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	run := c.StartRun(RunInfo{})
	text := string(make([]byte, 300))
	var took []time.Duration
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
		began := time.Now()
		compute()
		n := run.StartNode("step")
		l := n.StartLLM(LLMRequest{Model: "m", Prompt: text})
		for range 20 {
			l.Token("token ")
		}
		l.End(LLMResult{Text: text}, nil)
		n.StartTool(ToolCall{Name: "t", Arguments: `{"a":1}`}).Complete(text)
		n.SetState(map[string]string{"text": text})
		n.End(nil)
		took = append(took, time.Since(began))
	}
	if dropped := c.Stats().Total.Dropped; rate > 0 && shed == ShedAuto &&
		dropped[batching.Shed] == 0 {
		t.Error("nothing was shed")
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

var computed float64

// compute computes for about a millisecond.
func compute() {
	x := 1.0001
	for range 1_000_000 {
		x = x*1.0000001 + 1e-9
	}
	computed = x
}
