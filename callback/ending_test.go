package callback_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func TestARunEndsOnce(t *testing.T) {
	ends := map[string]func(*callback.Run){
		"graph_end":       func(r *callback.Run) { r.End(nil) },
		"graph_error":     func(r *callback.Run) { r.End(errOops) },
		"human_interrupt": func(r *callback.Run) { r.Interrupt("why") },
	}
	for first, end := range ends {
		for second, again := range ends {
			t.Run(first+", then "+second, func(t *testing.T) {
				rec := callbacktest.NewRecorder()
				client := rec.Client(t)
				run := client.StartRun(callback.RunInfo{ThreadID: "thread", Trace: true})
				end(run)
				again(run)
				if got, want := describe(rec), "1:graph_start 2:MESSAGE_TYPE_EXECUTION_TRACE 3:"+
					first; got != want {
					t.Errorf("sent %s, want %s", got, want)
				}
				if s := client.Stats().Input; s.Runs != 0 || s.Remembered != 1 {
					t.Errorf("the client holds %+v", s)
				}
			})
		}
	}
}

func TestManyGoroutinesEndARunOnce(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	run := client.StartRun(callback.RunInfo{ThreadID: "thread"})
	node := run.StartNode("node")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { node.End(nil); run.End(nil); run.Interrupt("x") })
	}
	wg.Wait()
	counts := map[pb.EventType]int{}
	for _, e := range rec.Events() {
		counts[e.GetEventType()]++
	}
	if counts[pb.EventType_EVENT_TYPE_NODE_END] != 1 ||
		counts[pb.EventType_EVENT_TYPE_GRAPH_END]+counts[pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT] !=
			1 {
		t.Errorf("events %v", counts)
	}
	if n := client.Stats().Input.Runs; n != 0 {
		t.Errorf("%d runs are left", n)
	}
}

// What outlives its run is still reported, with the right parent.
func TestWhatIsEmittedAfterTheEndOfItsRun(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	run := client.StartRun(callback.RunInfo{ThreadID: "thread", Trace: true})
	node := run.StartNode("node")
	llm := node.StartLLM(callback.LLMRequest{ID: "r"})
	tool := node.StartTool(callback.ToolCall{})
	run.End(nil)
	run.StartNode("late")
	llm.Token("late")
	llm.End(callback.LLMResult{}, nil)
	tool.Complete(nil)
	node.End(nil)
	want :=
		`1:graph_start 2:node_start 3:llm_start 4:MESSAGE_TYPE_TOOL_EXECUTION 5:MESSAGE_TYPE_EXECUTION_TRACE 6:graph_end ` +
			`7:node_start 8:r="late" 9:llm_end 10:MESSAGE_TYPE_TOOL_EXECUTION 11:node_end`
	if got := describe(rec); got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}

// The end of a run and errors are sent at once; everything else waits for the linger.
func TestWhatGoesAtOnce(t *testing.T) {
	tests := map[string]struct {
		emit   func(r *callback.Run, n *callback.Node)
		urgent bool
	}{
		"nothing":  {func(*callback.Run, *callback.Node) {}, false},
		"an event": {func(_ *callback.Run, n *callback.Node) { n.Warning("w") }, false},
		"a tool": {func(_ *callback.Run, n *callback.Node) {
			n.StartTool(callback.ToolCall{}).Complete(nil)
		}, false},
		"a node's end": {func(_ *callback.Run, n *callback.Node) { n.End(nil) }, false},
		"its error":    {func(_ *callback.Run, n *callback.Node) { n.End(errOops) }, true},
		"a tool's": {func(_ *callback.Run, n *callback.Node) {
			n.StartTool(callback.ToolCall{}).Fail(errOops)
		}, true},
		"a model's": {func(_ *callback.Run, n *callback.Node) {
			n.StartLLM(callback.LLMRequest{}).End(callback.LLMResult{}, errOops)
		}, true},
		"an Error": {func(_ *callback.Run, n *callback.Node) {
			n.Error(errOops, callback.ErrorInfo{})
		}, true},
		"the run's end": {func(r *callback.Run, _ *callback.Node) { r.End(nil) }, true},
		"its interrupt": {func(r *callback.Run, _ *callback.Node) { r.Interrupt("x") }, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := callbacktest.NewRecorder()
				client := rec.Client(t)
				run := client.StartRun(callback.RunInfo{ThreadID: "thread"})
				tt.emit(run, run.StartNode("node"))
				synctest.Wait()
				if n := client.Stats().Total; (n.Delivered == n.Emitted) != tt.urgent ||
					n.Delivered > 0 != tt.urgent {
					t.Errorf("%d of %d events are delivered before the linger ends", n.Delivered,
						n.Emitted)
				}
				time.Sleep(300 * time.Millisecond)
				synctest.Wait()
				if n := client.Stats().Total; n.Delivered != n.Emitted {
					t.Errorf("%d of %d events are delivered when it has ended", n.Delivered,
						n.Emitted)
				}
			})
		})
	}
}

func TestWhatIsEmittedAfterShutdownIsCountedAsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := callbacktest.NewRecorder().Client(t)
		run := client.StartRun(callback.RunInfo{ThreadID: "thread"})
		node := run.StartNode("node")
		llm := node.StartLLM(callback.LLMRequest{})
		report, err := client.Shutdown(t.Context())
		if err != nil || report.Emitted != 3 {
			t.Fatalf("shutdown: %+v, %v", report, err)
		}
		node.Warning("w")
		llm.Token("t")
		node.StartTool(callback.ToolCall{}).Complete(nil)
		run.End(nil)
		client.StartRun(callback.RunInfo{ThreadID: "new"}).End(nil)
		if s := client.Stats().Total; s.Emitted != 10 || s.Delivered != 3 ||
			s.Dropped[batching.Closed] != 7 {
			t.Errorf("the account is %+v, want 7 dropped as closed", s)
		}
		if err := client.Flush(t.Context()); err != nil {
			t.Errorf("flush after shutdown: %v", err)
		}
	})
}

// Nodes of one name that run at the same time, some of them inside others, are told apart by their
// parents.
func TestConcurrentNodesOfOneName(t *testing.T) {
	const width, depth = 8, 3
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	run := client.StartRun(callback.RunInfo{ThreadID: "thread"})
	var wg sync.WaitGroup
	var descend func(n *callback.Node, path string, level int)
	descend = func(n *callback.Node, path string, level int) {
		defer n.End(nil)
		n.Warning(path)
		if level == depth {
			return
		}
		for i := range width {
			inner := n.StartNode("same")
			wg.Go(func() { descend(inner, fmt.Sprint(path, i), level+1) })
		}
	}
	wg.Go(func() { descend(run.StartNode("same"), "", 0) })
	wg.Wait()
	run.End(nil)

	parents, paths := map[string]string{}, map[string]string{}
	for _, e := range rec.Events() {
		id, parent := string(e.GetHeader().GetMessageId()), string(e.GetHeader().GetParentId())
		switch e.GetEventType() {
		case pb.EventType_EVENT_TYPE_NODE_START:
			parents[id] = parent
		case pb.EventType_EVENT_TYPE_NODE_WARNING:
			paths[parent] = e.GetAttributes()["message"].GetStringValue()
		}
	}
	if len(paths) != 1+width+width*width+width*width*width {
		t.Fatalf("%d nodes spoke", len(paths))
	}
	for id, path := range paths {
		if path != "" && paths[parents[id]] != path[:len(path)-1] {
			t.Fatalf("the node at %s hangs under that at %q", path, paths[parents[id]])
		}
	}
	if report := rec.Check(); len(report.Violations) > 0 || len(report.Unended) > 0 {
		t.Errorf("the stream breaks rules: %v, not ended: %v", report.Violations, report.Unended)
	}
}

func TestConcurrentRunsOfOneThread(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			run := client.StartRun(callback.RunInfo{ThreadID: "thread", ExecutionID: fmt.Sprint(i)})
			n := run.StartNode(fmt.Sprint(i))
			n.End(nil)
			run.End(nil)
		})
	}
	wg.Wait()
	starts := map[string]string{}
	for _, e := range rec.Events() {
		switch e.GetEventType() {
		case pb.EventType_EVENT_TYPE_GRAPH_START:
			starts[string(e.GetHeader().GetMessageId())] =
				e.GetAttributes()["execution_id"].GetStringValue()
		case pb.EventType_EVENT_TYPE_NODE_START:
			if run := starts[string(e.GetHeader().GetParentId())]; run != e.GetNodeId() {
				t.Errorf("node %s hangs under run %s", e.GetNodeId(), run)
			}
		}
	}
	if got := sequences(rec); !slices.Equal(got, upTo(80)) {
		t.Errorf("the numbers are not 1 to 80 but %v", got)
	}
}
