package callback

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// sampledThreads plays a run on each of many threads, as one process does, and returns of which
// something was sent.
func sampledThreads(t *testing.T, rate float64, from, to int) map[string]bool {
	sent := map[string]bool{}
	synctest.Test(t, func(t *testing.T) {
		s := &readSender{t: t}
		c := lossClient(t, s, func(cfg *Config) { cfg.SampleRate = rate })
		for i := from; i < to; i++ {
			run := c.StartRun(RunInfo{ThreadID: fmt.Sprint("thread ", i)})
			n := run.StartNode("node")
			n.StartLLM(LLMRequest{Model: "m"}).End(LLMResult{}, nil)
			n.StartTool(ToolCall{Name: "t"}).Complete(1)
			run.SetState(map[string]int{"i": i})
			n.End(nil)
			run.End(nil)
		}
		if _, err := c.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		for _, m := range s.messages {
			for _, e := range m.GetEventBatch().GetEvents() {
				sent[e.Header.ThreadId] = true
				if e.EventType == pb.EventType_EVENT_TYPE_GRAPH_START &&
					e.Attributes[sampleRateKey].GetFloatValue() != rate {
					t.Errorf("GRAPH_START says %v of the rate", e.Attributes[sampleRateKey])
				}
			}
		}
		for thread := range sent {
			if l := s.losses(thread); l.Missing != 0 {
				t.Errorf("%s has gaps: %+v", thread, l)
			}
		}
	})
	return sent
}

func TestProcessesSampleTheSameThreads(t *testing.T) {
	const rate = 0.2
	one, two := sampledThreads(t, rate, 0, 600), sampledThreads(t, rate, 300, 900)
	for i := 300; i < 600; i++ {
		thread := fmt.Sprint("thread ", i)
		if one[thread] != two[thread] {
			t.Errorf("%s: one process sends it: %t, the other: %t", thread, one[thread],
				two[thread])
		}
	}
	if n := len(one); n < 90 || n > 150 {
		t.Errorf("%d of 600 threads are sampled at a rate of %g", n, rate)
	}
}

// unsampledThread returns an id that is not sampled at 0.0001.
const unsampledThread = "thread 1"

func TestARunThatIsNotSampledIsSentFromItsFirstErrorOn(t *testing.T) {
	failure := errors.New("it broke")
	tests := []struct {
		name string
		fail func(run *Run, outer, inner *Node)
		want string
	}{
		{"nothing fails", func(*Run, *Node, *Node) {}, ""},
		{"a node", func(_ *Run, _, inner *Node) { inner.End(failure) },
			"GRAPH_START NODE_START:outer NODE_START:inner NODE_ERROR:inner NODE_END:outer " +
				"GRAPH_END"},
		{"a model", func(_ *Run, outer, _ *Node) {
			l := outer.StartLLM(LLMRequest{Model: "m"})
			l.End(LLMResult{}, failure)
		}, "GRAPH_START NODE_START:outer LLM_START:outer LLM_ERROR:outer NODE_START:inner " +
			"NODE_END:inner NODE_END:outer GRAPH_END"},
		{"a tool", func(_ *Run, outer, _ *Node) {
			outer.StartTool(ToolCall{Name: "t", EventsOnly: true}).Fail(failure)
		}, "GRAPH_START NODE_START:outer TOOL_START:outer TOOL_ERROR:outer NODE_START:inner " +
			"NODE_END:inner NODE_END:outer GRAPH_END"},
		{"the run", func(run *Run, _, _ *Node) { run.End(failure) }, "GRAPH_START GRAPH_ERROR " +
			"NODE_START:outer NODE_START:inner NODE_END:inner NODE_END:outer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &readSender{t: t}
				c := lossClient(t, s, func(cfg *Config) { cfg.SampleRate = 0.0001 })
				run := c.StartRun(RunInfo{ThreadID: unsampledThread})
				outer := run.StartNode("outer")
				inner := outer.StartNode("inner")
				started := time.Now()
				time.Sleep(time.Second)
				tt.fail(run, outer, inner)
				inner.End(nil)
				outer.End(nil)
				run.End(nil)
				if _, err := c.Shutdown(context.Background()); err != nil {
					t.Error(err)
				}
				if got := events(s.messages); got != tt.want {
					t.Errorf("sent\n%s\nwant\n%s", got, tt.want)
				}
				for _, m := range s.messages {
					for i, e := range m.GetEventBatch().GetEvents() {
						if i > 0 || e.EventType != pb.EventType_EVENT_TYPE_GRAPH_START {
							continue
						}
						if e.Header.TimestampUs != started.UnixMicro() || e.Header.Sequence != 1 ||
							e.Attributes[sampleReasonKey].GetStringValue() != "error" {
							t.Errorf("GRAPH_START is %v", e)
						}
					}
				}
				if in := c.Stats().Input; in.NotSampled != 1 ||
					(in.KeptForErrors == 1) != (tt.want != "") {
					t.Errorf("stats %+v", in)
				}
			})
		})
	}
}

// events returns the types and nodes of events, and checks that each has a parent that was sent.
func events(messages []*pb.DashStreamMessage) string {
	var text string
	for _, m := range messages {
		for _, e := range m.GetEventBatch().GetEvents() {
			if text != "" {
				text += " "
			}
			text += e.EventType.String()[len("EVENT_TYPE_"):]
			if e.NodeId != "" {
				text += ":" + e.NodeId
			}
		}
	}
	return text
}
