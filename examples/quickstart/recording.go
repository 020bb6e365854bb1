package main

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/examples/quickstart/gopher"
)

// recording gathers runs from what is read back of their stream, as conversations that
// examples/replay can replay.
type recording struct {
	mu    sync.Mutex
	order []*conversation
	by    map[string]*conversation // by thread
}

// conversation is one run: its question, rounds of tools that were called at once, and the answer.
type conversation struct {
	began             int64 // µs
	question, failure string
	ended             bool
	rounds            [][]*toolCall
	calls             map[string]*toolCall // by call id
	request           string               // the call of the model whose answer this is
	answer            strings.Builder
}

type toolCall struct{ id, name, arguments, result string }

// recorded is a conversation in the form that examples/replay reads.
type recorded struct {
	TaskID int              `json:"task_id"`
	Trial  int              `json:"trial"`
	Reward float64          `json:"reward"`
	Info   map[string]any   `json:"info"`
	Traj   []map[string]any `json:"traj"`
}

func newRecording() *recording { return &recording{by: map[string]*conversation{}} }

// add takes the next message of its thread.
func (r *recording) add(m *pb.DashStreamMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	thread := m.Header().GetThreadId()
	c := r.by[thread]
	if c == nil {
		c = &conversation{calls: map[string]*toolCall{}}
		r.by[thread] = c
		r.order = append(r.order, c)
	}
	for e := range m.Events() {
		c.event(e)
	}
	if x := m.GetToolExecution(); x != nil {
		c.tool(x)
	}
	if x := m.GetTokenChunk(); x != nil {
		c.say(x.GetRequestId(), x.GetText())
	}
}

func (c *conversation) event(e *pb.Event) {
	switch e.GetEventType() {
	case pb.EventType_EVENT_TYPE_GRAPH_START:
		c.began = e.GetHeader().GetTimestampUs()
		// the agent's input is a text
		_ = json.Unmarshal([]byte(attr(e, "initial_state_json")), &c.question)
	case pb.EventType_EVENT_TYPE_LLM_END:
		c.say(e.GetLlmRequestId(), attr(e, "completion")) // which is there if it was not streamed
	case pb.EventType_EVENT_TYPE_GRAPH_END:
		c.ended = true
	case pb.EventType_EVENT_TYPE_GRAPH_ERROR:
		c.ended, c.failure = true, attr(e, "error")
	}
}

// tool takes a stage of a tool's execution. A tool that is called once more begins the next round.
func (c *conversation) tool(x *pb.ToolExecution) {
	switch x.GetStage() {
	case pb.ToolExecution_EXECUTION_STAGE_STARTED:
		call := &toolCall{id: x.GetCallId(), name: x.GetToolName(),
			arguments: string(x.GetArguments())}
		c.calls[call.id] = call
		last := len(c.rounds) - 1
		if last < 0 || slices.ContainsFunc(c.rounds[last], func(o *toolCall) bool {
			return o.name == call.name
		}) {
			c.rounds = append(c.rounds, nil)
			last++
		}
		c.rounds[last] = append(c.rounds[last], call)
	case pb.ToolExecution_EXECUTION_STAGE_COMPLETED, pb.ToolExecution_EXECUTION_STAGE_FAILED:
		if call := c.calls[x.GetCallId()]; call != nil {
			if call.result = string(x.GetResult()); x.GetError() != "" {
				call.result = "error: " + x.GetError()
			}
		}
	}
}

// say takes a part of an answer. Only that of the last call of the model counts.
func (c *conversation) say(request, text string) {
	if text == "" {
		return
	}
	if request != c.request {
		c.request = request
		c.answer.Reset()
	}
	c.answer.WriteString(text)
}

// messages writes the conversation in OpenAI's form.
func (c *conversation) messages() []map[string]any {
	list := []map[string]any{{"role": "system", "content": gopher.Instructions},
		{"role": "user", "content": c.question}}
	for _, round := range c.rounds {
		calls, results := []any{}, []map[string]any{}
		for _, call := range round {
			calls = append(calls, map[string]any{
				"id": call.id, "type": "function", "function": map[string]any{"name": call.name,
					"arguments": call.arguments},
			})
			results = append(results, map[string]any{"role": "tool", "tool_call_id": call.id,
				"name": call.name, "content": call.result})
		}
		list = append(list, map[string]any{"role": "assistant", "content": nil,
			"tool_calls": calls})
		list = append(list, results...)
	}
	if text := strings.TrimSpace(c.answer.String()); text != "" {
		list = append(list, map[string]any{"role": "assistant", "content": text})
	}
	return list
}

// write writes the runs that have ended, in the order in which they began.
func (r *recording) write(file string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	// partitions are read in any order
	slices.SortStableFunc(r.order, func(a, b *conversation) int {
		return cmp.Compare(a.began, b.began)
	})
	runs := []recorded{}
	for _, c := range r.order {
		if !c.ended {
			continue
		}
		run := recorded{TaskID: len(runs), Reward: 1, Info: map[string]any{"source": "quickstart"},
			Traj: c.messages()}
		if c.failure != "" {
			run.Reward, run.Info["error"] = 0, c.failure
		}
		runs = append(runs, run)
	}
	b, err := json.MarshalIndent(runs, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}
