package callback_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// openRows are the rows of the table of methods for what ends because it did not end by itself.
func openRows() []row {
	const sec = time.Second
	search := []any{"optimization_id", "o", "variants_tested", 0, "improvement_delta", 0.,
		"termination_reason", "did not end", "best_score", 0., "found_improvement", false,
		"unended", true}
	return []row{
		{"Node.EndOpen", func(s *scene) {
			s.node.StartNode("inner").StartLLM(callback.LLMRequest{ID: "q"})
			s.node.StartTool(callback.ToolCall{ID: "c", Name: "tool", EventsOnly: true})
			time.Sleep(sec)
			s.node.EndOpen(slog.Int("k", 1))
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_NODE_START, "inner"), ofNode, 0},
			{request(event(pb.EventType_EVENT_TYPE_LLM_START, "inner")), theFirst, 0},
			{event(pb.EventType_EVENT_TYPE_TOOL_START, "node", "tool_name", "tool", "call_id",
				"c"), ofNode, 0},
			{ended(pb.EventType_EVENT_TYPE_TOOL_ERROR, "node", sec, "tool_name", "tool", "call_id",
				"c", "error", "did not end", "k", 1, "unended", true), theFirst + 2, sec},
			{request(ended(pb.EventType_EVENT_TYPE_LLM_ERROR, "inner", sec, "error", "did not end",
				"finish_reason", "error", "k", 1, "unended", true)), theFirst + 1, sec},
			{ended(pb.EventType_EVENT_TYPE_NODE_ERROR, "inner", sec, "error", "did not end", "k", 1,
				"unended", true), theFirst, sec},
		}},
		{"Run.EndOpen", func(s *scene) {
			s.node.StartParallel("a", "b")
			s.node.StartOptimization(callback.Optimization{ID: "o"})
			time.Sleep(sec)
			s.node.End(nil)
			s.run.EndOpen()
			s.run.EndOpen()
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_PARALLEL_START, "a,b"), ofNode, 0},
			{event(pb.EventType_EVENT_TYPE_OPTIMIZATION_START, "node", "optimization_id", "o",
				"target_param", "", "strategy", ""), ofNode, 0},
			{ended(pb.EventType_EVENT_TYPE_NODE_END, "node", sec), ofNode, sec},
			{ended(pb.EventType_EVENT_TYPE_OPTIMIZATION_END, "node", sec, search...),
				theFirst + 1, sec},
			{ended(pb.EventType_EVENT_TYPE_PARALLEL_END, "a,b", sec, "unended", true), theFirst,
				sec},
		}},
	}
}

func request(e *pb.Event) *pb.Event { e.LlmRequestId = "q"; return e }

func TestEndOpenEndsOnlyWhatIsBelow(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	run := client.StartRun(callback.RunInfo{TrackOpen: true})
	a, b := run.StartNode("a"), run.StartNode("b")
	inner := a.StartNode("inner")
	inner.StartLLM(callback.LLMRequest{Model: "m"})
	b.StartTool(callback.ToolCall{Name: "t"})
	if n := a.EndOpen(); n != 2 {
		t.Errorf("%d ended below a, want inner and its call", n)
	}
	inner.End(nil) // late: it has ended
	a.End(nil)
	if n := run.EndOpen(); n != 2 {
		t.Errorf("%d ended below the run, want b and its tool", n)
	}
	run.End(nil)
	if got := client.Stats().Input.Unended; got != 4 {
		t.Errorf("Stats count %d, want 4", got)
	}
	report := rec.Check()
	if len(report.Violations) > 0 || len(report.Unended) > 0 {
		t.Errorf("violations %v, not ended %v", report.Violations, report.Unended)
	}
	if names := endsOf(rec, pb.EventType_EVENT_TYPE_NODE_ERROR); !slices.Equal(names,
		[]string{"inner", "b"}) {
		t.Errorf("ended with an error: %v, want inner and b", names)
	}
}

func endsOf(rec *callbacktest.Recorder, kind pb.EventType) (names []string) {
	for _, m := range rec.Messages() {
		for e := range m.Events() {
			if e.GetEventType() == kind {
				names = append(names, e.GetNodeId())
			}
		}
	}
	return names
}

func TestEndOpenWithoutTrackingDoesNothing(t *testing.T) {
	rec := callbacktest.NewRecorder()
	run := rec.Client(t).StartRun(callback.RunInfo{})
	node := run.StartNode("node")
	if n := run.EndOpen() + node.EndOpen() + (*callback.Node)(nil).EndOpen(); n != 0 {
		t.Errorf("%d ended, want none", n)
	}
	node.End(nil)
	run.End(nil)
}

// What ends by itself while EndOpen ends it, ends once.
func TestEndOpenWhileThingsStartAndEnd(t *testing.T) {
	rec := callbacktest.NewRecorder()
	run := rec.Client(t).StartRun(callback.RunInfo{TrackOpen: true})
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		for ctx.Err() == nil {
			run.EndOpen()
		}
	})
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 200 {
				n := run.StartNode("n")
				n.StartTool(callback.ToolCall{Name: "t", EventsOnly: true}).Complete(nil)
				n.StartLLM(callback.LLMRequest{})
				n.End(nil)
			}
		})
	}
	work.Wait()
	cancel()
	group.Wait()
	run.EndOpen()
	run.End(nil)
	report := rec.Check()
	if len(report.Violations) > 0 || len(report.Unended) > 0 {
		t.Errorf("violations %v, not ended %d", report.Violations, len(report.Unended))
	}
}
