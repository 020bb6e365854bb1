package callback_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// sequences lists the numbers of a thread's messages in wire order.
func sequences(rec *callbacktest.Recorder, thread ...string) (numbers []uint64) {
	for _, i := range itemsOf(rec, thread...) {
		numbers = append(numbers, i.header.GetSequence())
	}
	return numbers
}

// upTo lists the numbers from 1 to n, except for those missing.
func upTo(n uint64, missing ...uint64) (numbers []uint64) {
	for i := uint64(1); i <= n; i++ {
		if !slices.Contains(missing, i) {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

// oneOfEach emits one message of every kind, under the kind's name in metrics, and notes what is
// emitted in addition.
var oneOfEach = []struct {
	kind  string
	extra uint64 // events emitted in addition
	emit  func(n *callback.Node, l *callback.LLM, traced *callback.Run)
}{
	{"event", 0, func(n *callback.Node, _ *callback.LLM, _ *callback.Run) { n.Warning("w") }},
	{"token_chunk", 0, func(_ *callback.Node, l *callback.LLM, _ *callback.Run) {
		l.Token("token")
	}},
	{"tool_execution", 0, func(n *callback.Node, _ *callback.LLM, _ *callback.Run) {
		n.StartTool(callback.ToolCall{Name: "t"})
	}},
	{"checkpoint", 1, func(n *callback.Node, _ *callback.LLM, _ *callback.Run) {
		n.SaveCheckpoint(callback.Checkpoint{ID: "c", State: 1})
	}},
	{"metrics", 0, func(n *callback.Node, _ *callback.LLM, _ *callback.Run) {
		n.Metrics("s", "i", []callback.Metric{{Name: "m", Value: 1}}, nil)
	}},
	{"error", 0, func(n *callback.Node, _ *callback.LLM, _ *callback.Run) {
		n.Error(errOops, callback.ErrorInfo{})
	}},
	{"execution_trace", 1, func(_ *callback.Node, _ *callback.LLM, traced *callback.Run) {
		traced.End(nil)
	}},
}

func TestOneSequenceCountsAllKindsOfMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		run := rec.Client(t).StartRun(callback.RunInfo{ThreadID: "thread", Trace: true})
		node := run.StartNode("node")
		llm := node.StartLLM(callback.LLMRequest{})
		want := uint64(3)
		kinds := map[pb.MessageType]bool{}
		for range 2 { // the second time, every kind follows another one
			for _, e := range oneOfEach {
				if e.kind != "execution_trace" {
					e.emit(node, llm, run)
					want += 1 + e.extra
				}
			}
		}
		run.End(nil)
		if got := sequences(rec); !slices.Equal(got, upTo(want+2)) {
			t.Errorf("the numbers on the wire are %v, want 1 to %d", got, want+2)
		}
		for _, i := range itemsOf(rec) {
			kinds[i.kind] = true
		}
		if len(kinds) != len(oneOfEach) {
			t.Errorf("%d kinds were sent, want %d", len(kinds), len(oneOfEach))
		}
	})
}

func TestALossLeavesExactlyItsNumberOut(t *testing.T) {
	losses := []struct {
		name string
		lose func(*testing.T, *callback.Client, *courier, func()) // loses what emit emits
		why  batching.Reason
	}{
		{"on emit", func(t *testing.T, client *callback.Client, c *courier, emit func()) {
			c.hold()
			for n := client.Stats().Queue.MaxEvents; n > 0; n-- {
				client.StartRun(callback.RunInfo{ThreadID: "other"})
			}
			emit()
			c.release()
		}, batching.QueueFull},
		{"refused by the destination", func(t *testing.T, client *callback.Client, c *courier,
			emit func()) {
			c.decide(func(*batching.Batch) error { return errRefused })
			emit()
			flush(t, client)
			c.decide(nil)
		}, batching.Rejected},
	}
	for _, loss := range losses {
		for _, kind := range oneOfEach {
			t.Run(loss.name+", "+kind.kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client, c := withCourier(t, func(cfg *callback.Config) { cfg.QueueEvents = 10 })
					run := client.StartRun(callback.RunInfo{ThreadID: "thread", Trace: true})
					node := run.StartNode("node")
					llm := node.StartLLM(callback.LLMRequest{})
					flush(t, client)
					loss.lose(t, client, c, func() { kind.emit(node, llm, run) })
					flush(t, client)
					node.Warning("seen")
					missing := []uint64{4}
					if kind.extra > 0 {
						missing = append(missing, 5)
					}
					last := 4 + uint64(len(missing))
					if got := sequences(c.Recorder, "thread"); !slices.Equal(got,
						upTo(last, missing...)) {
						t.Errorf("the numbers on the wire are %v, want %v", got,
							upTo(last, missing...))
					}
					for _, k := range client.Stats().Kinds {
						if n := k.Dropped[loss.why]; k.Name == kind.kind && n != 1 {
							t.Errorf("%d messages of kind %s dropped as %s, want 1", n, k.Name,
								loss.why)
						}
					}
					if report := c.Check(); report.Missing() != uint64(len(missing)) {
						t.Errorf("a reader misses %d, want %d", report.Missing(), len(missing))
					}
				})
			})
		}
	}
}

// Runs, nodes and kinds of message that share a thread meet at random here; the output is in the
// order of the numbers.
func TestOrderOnTheWireIsTheOrderOfTheNumbers(t *testing.T) {
	const runs, nodes, rounds = 4, 4, 25
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, func(cfg *callback.Config) { cfg.BatchEvents = 7 })
	var wg sync.WaitGroup
	for r := range runs {
		run := client.StartRun(callback.RunInfo{ThreadID: "thread", ExecutionID: fmt.Sprint(r)})
		for range nodes {
			wg.Go(func() {
				for range rounds {
					n := run.StartNode("same")
					l := n.StartLLM(callback.LLMRequest{})
					l.Token("a")
					n.Warning("w")
					l.Token("b")
					l.End(callback.LLMResult{}, nil)
					n.End(nil)
				}
			})
		}
	}
	wg.Wait()
	got := sequences(rec)
	if want := upTo(uint64(len(got))); !slices.Equal(got, want) {
		t.Errorf("%d messages are not in the order of their numbers, or numbers are missing",
			len(got))
	}
	if report := rec.Check(); len(report.Violations) > 0 {
		t.Errorf("the stream breaks rules: %v", report.Violations[:min(5, len(report.Violations))])
	}
	if n := client.Stats().Total.Emitted; n != runs+runs*nodes*rounds*8 {
		t.Errorf("%d messages emitted, want %d", n, runs+runs*nodes*rounds*8)
	}
}

func TestThreadsHaveSequencesOfTheirOwn(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			run := client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint(i)})
			for range i {
				run.Edge("a", "b")
			}
			run.End(nil)
		})
	}
	wg.Wait()
	for i := range 50 {
		if got, want := sequences(rec, fmt.Sprint(i)), upTo(uint64(i+2)); !slices.Equal(got, want) {
			t.Errorf("thread %d has the numbers %v, want %v", i, got, want)
		}
	}
}

// The number takes as many bytes in the message as it needs, so all widths must work.
func TestSequenceGrowsWider(t *testing.T) {
	for _, after := range []uint64{0, 126, 127, 128, 16382, 16383, 1<<21 - 2, 1<<28 - 2, 1<<35 - 2,
		1<<42 - 2, 1<<49 - 2, 1<<56 - 2, 1<<63 - 2} {
		rec := callbacktest.NewRecorder()
		run := rec.Client(t).StartRun(callback.RunInfo{ThreadID: "thread",
			After: callback.Position{Sequence: after}})
		n := run.StartNode("n")
		n.StartTool(callback.ToolCall{}).Complete(nil)
		l := n.StartLLM(callback.LLMRequest{})
		l.Token("a")
		run.End(nil)
		want := []uint64{1, 2, 3, 4, 5, 6, 7}
		for i := range want {
			want[i] += after
		}
		if got := sequences(rec); !slices.Equal(got, want) {
			t.Errorf("after %d the numbers are %v, want %v", after, got, want)
		}
	}
}

// describe writes what a thread sent, a word for each message.
func describe(rec *callbacktest.Recorder, thread ...string) string {
	var words []string
	for _, i := range itemsOf(rec, thread...) {
		switch m := i.content.(type) {
		case *pb.Event:
			words = append(words, fmt.Sprintf("%d:%s", i.header.GetSequence(),
				strings.ToLower(strings.TrimPrefix(m.GetEventType().String(), "EVENT_TYPE_"))))
		case *pb.TokenChunk:
			words = append(words, fmt.Sprintf("%d:%s=%q", i.header.GetSequence(), m.GetRequestId(),
				m.GetText()))
		default:
			words = append(words, fmt.Sprintf("%d:%s", i.header.GetSequence(), i.kind))
		}
	}
	return strings.Join(words, " ")
}
