package callback_test

import (
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func toolRows() []row {
	const sec = time.Second
	wait := func() { time.Sleep(sec) }
	args := map[string]string{"q": "why"}
	const argsJSON = `{"q":"why"}`
	call := callback.ToolCall{ID: "c", Name: "search", Arguments: args}
	tool := func(stage pb.ToolExecution_ExecutionStage,
		change func(*pb.ToolExecution)) *pb.ToolExecution {
		x := &pb.ToolExecution{CallId: "c", ToolName: "search", Stage: stage}
		if change != nil {
			change(x)
		}
		return x
	}
	withArgs := func(x *pb.ToolExecution) { x.Arguments = []byte(argsJSON) }
	requested := sent{tool(pb.ToolExecution_EXECUTION_STAGE_REQUESTED, withArgs), ofNode, 0}
	started := sent{tool(pb.ToolExecution_EXECUTION_STAGE_STARTED, withArgs), ofNode, 0}
	onlyEvents := callback.ToolCall{ID: "c", Name: "search", Arguments: args, EventsOnly: true}
	startEvent := func(after time.Duration) sent {
		return sent{event(pb.EventType_EVENT_TYPE_TOOL_START, "node", "tool_name", "search",
			"call_id", "c", "arguments", argsJSON), ofNode, after}
	}
	return []row{
		{"Node.RequestTool", func(s *scene) { s.node.RequestTool(call) }, []sent{requested}},
		{"Node.StartTool", func(s *scene) { s.node.StartTool(call) }, []sent{started}},
		{"Node.StartTool without arguments",
			func(s *scene) { s.node.StartTool(callback.ToolCall{ID: "c", Name: "search"}) }, []sent{
				{tool(pb.ToolExecution_EXECUTION_STAGE_STARTED, nil), ofNode, 0},
			}},
		{"Node.StartTool with text that is not JSON", func(s *scene) {
			s.node.StartTool(callback.ToolCall{ID: "c", Name: "search", Arguments: "why <\xff>"})
		}, []sent{
			{tool(pb.ToolExecution_EXECUTION_STAGE_STARTED, func(x *pb.ToolExecution) {
				x.Arguments = []byte(`"why \u003c\ufffd\u003e"`)
			}), ofNode, 0},
		}},
		{"Tool.Start", func(s *scene) { t := s.node.RequestTool(call); wait(); t.Start() },
			[]sent{requested,
				{tool(pb.ToolExecution_EXECUTION_STAGE_STARTED, withArgs), theFirst, sec},
			}},
		{"Tool.Retry", func(s *scene) {
			t := s.node.StartTool(call)
			wait()
			t.Retry(errOops)
			t.Retry(nil)
		}, []sent{started,
			{tool(pb.ToolExecution_EXECUTION_STAGE_RETRYING, func(x *pb.ToolExecution) {
				x.Error, x.RetryCount = "oops", 1
			}), theFirst, sec},
			{tool(pb.ToolExecution_EXECUTION_STAGE_RETRYING, func(x *pb.ToolExecution) {
				x.RetryCount = 2
			}), theFirst, sec},
		}},
		{"Tool.Complete", func(s *scene) {
			t := s.node.StartTool(call)
			wait()
			t.Complete([]int{1, 2})
			t.Fail(errOops)
		}, []sent{started,
			{tool(pb.ToolExecution_EXECUTION_STAGE_COMPLETED, func(x *pb.ToolExecution) {
				x.Result, x.DurationUs = []byte("[1,2]"), 1e6
			}), theFirst, sec},
		}},
		{"Tool.Complete after a request and a retry", func(s *scene) {
			t := s.node.RequestTool(call)
			wait()
			t.Start()
			t.Retry(errOops)
			wait()
			t.Complete("text as it is")
		}, []sent{requested,
			{tool(pb.ToolExecution_EXECUTION_STAGE_STARTED, withArgs), theFirst, sec},
			{tool(pb.ToolExecution_EXECUTION_STAGE_RETRYING, func(x *pb.ToolExecution) {
				x.Error, x.RetryCount = "oops", 1
			}), theFirst, sec},
			{tool(pb.ToolExecution_EXECUTION_STAGE_COMPLETED, func(x *pb.ToolExecution) {
				x.Result, x.DurationUs, x.RetryCount = []byte("text as it is"), 1e6, 1
			}), theFirst, 2 * sec},
		}},
		{"Tool.Complete of a tool that was never started",
			func(s *scene) { t := s.node.RequestTool(call); wait(); t.Complete(nil) },
			[]sent{requested,
				{tool(pb.ToolExecution_EXECUTION_STAGE_COMPLETED, func(x *pb.ToolExecution) {
					x.DurationUs = 1e6
				}), theFirst, sec},
			}},
		{"Tool.Fail", func(s *scene) {
			t := s.node.StartTool(call)
			wait()
			t.Fail(errOops)
			t.Complete(1)
		}, []sent{started,
			{tool(pb.ToolExecution_EXECUTION_STAGE_FAILED, func(x *pb.ToolExecution) {
				x.Error, x.DurationUs = "oops", 1e6
			}), theFirst, sec},
		}},
		{"Tool.Fail without an error", func(s *scene) { s.node.StartTool(call).Fail(nil) },
			[]sent{started,
				{tool(pb.ToolExecution_EXECUTION_STAGE_FAILED, func(x *pb.ToolExecution) {
					x.Error = "failed"
				}), theFirst, 0},
			}},
		{"Tool.Complete by events", func(s *scene) {
			t := s.node.StartTool(onlyEvents)
			t.Retry(errOops)
			wait()
			t.Complete("x")
		}, []sent{startEvent(0),
			{ended(pb.EventType_EVENT_TYPE_TOOL_END, "node", sec, "tool_name", "search", "call_id",
				"c", "result", "x"), theFirst, sec},
		}},
		{"Tool.Complete by events, after a request", func(s *scene) {
			t := s.node.RequestTool(onlyEvents)
			wait()
			t.Start()
			t.Start()
			wait()
			t.Complete("x")
		}, []sent{startEvent(sec),
			{ended(pb.EventType_EVENT_TYPE_TOOL_END, "node", sec, "tool_name", "search", "call_id",
				"c", "result", "x"), theFirst, 2 * sec},
		}},
		{"Tool.Complete by events, without texts", func(s *scene) {
			s.node.StartTool(callback.ToolCall{ID: "c", Name: "search", EventsOnly: true}).
				Complete(nil)
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_TOOL_START, "node", "tool_name", "search", "call_id",
				"c"), ofNode, 0},
			{ended(pb.EventType_EVENT_TYPE_TOOL_END, "node", 0, "tool_name", "search", "call_id",
				"c"), theFirst, 0},
		}},
		{"Tool.Fail by events", func(s *scene) {
			t := s.node.StartTool(onlyEvents)
			wait()
			t.Fail(errOops)
		}, []sent{startEvent(0),
			{ended(pb.EventType_EVENT_TYPE_TOOL_ERROR, "node", sec,
				"tool_name", "search", "call_id", "c", "error", "oops"), theFirst, sec},
		}},
		{"Tool.Fail by events, never started",
			func(s *scene) { s.node.RequestTool(onlyEvents).Fail(errOops) }, []sent{startEvent(0),
				{ended(pb.EventType_EVENT_TYPE_TOOL_ERROR, "node", 0,
					"tool_name", "search", "call_id",
					"c", "error", "oops"), theFirst, 0},
			}},
	}
}

func stateRows() []row {
	const state = `{"messages":["hi"]}`
	sum := sha256.Sum256([]byte(state))
	save := event(pb.EventType_EVENT_TYPE_CHECKPOINT_SAVE, "node", "checkpoint_id", "cp-1",
		"state_bytes", len(state), "storage_uri", "s3://b/1", "n", 1)
	whole := &pb.StateDiff{FullState: []byte(state), StateHash: sum[:]}
	return []row{
		{"Run.SetState",
			func(s *scene) { s.run.SetState(map[string]any{"messages": []string{"hi"}}) },
			[]sent{{whole, ofRun, 0}}},
		{"Node.SetState twice", func(s *scene) {
			s.node.SetState(json.RawMessage(` { "messages" : ["hi"] } `))
			s.node.SetState(struct {
				Messages []string `json:"messages"`
			}{[]string{"hi"}})
		}, []sent{{whole, ofNode, 0}}},
		{"Node.SaveCheckpoint", func(s *scene) {
			s.node.SaveCheckpoint(callback.Checkpoint{
				ID: "cp-1", State: map[string]any{"messages": []string{"hi"}}, StateType: "State",
				StorageURI: "s3://b/1",
				Metadata:   map[string]string{"step": "3"},
			}, slog.Int("n", 1))
		}, []sent{
			{&pb.Checkpoint{
				CheckpointId: []byte("cp-1"), State: []byte(state), StateType: "State",
				Checksum: sum[:], StorageUri: "s3://b/1",
				Metadata: map[string]string{"step": "3"},
			}, ofNode, 0},
			{save, ofNode, 0},
		}},
		{"Node.SaveCheckpoint without its state",
			func(s *scene) { s.node.SaveCheckpoint(callback.Checkpoint{ID: "cp-1"}) }, []sent{
				{event(pb.EventType_EVENT_TYPE_CHECKPOINT_SAVE, "node", "checkpoint_id", "cp-1"),
					ofNode, 0},
			}},
		{"Node.LoadCheckpoint", func(s *scene) { s.node.LoadCheckpoint("cp-1", slog.Int("n", 1)) },
			[]sent{
				{event(pb.EventType_EVENT_TYPE_CHECKPOINT_LOAD, "node", "checkpoint_id", "cp-1",
					"n", 1), ofNode, 0},
			}},
		{"Node.DeleteCheckpoint",
			func(s *scene) { s.node.DeleteCheckpoint("cp-1", slog.Int("n", 1)) }, []sent{
				{event(pb.EventType_EVENT_TYPE_CHECKPOINT_DELETE, "node", "checkpoint_id", "cp-1",
					"n", 1), ofNode, 0},
			}},
	}
}
