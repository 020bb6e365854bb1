package main

import (
	"encoding/json"
	"strconv"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/callback"
)

// replayer instruments recorded runs as a graph's runtime would: a node for each turn of the agent
// with its call of the model, a node for each tool with its execution, edges between them.
type replayer struct {
	client *callback.Client
	texts  texts
	each   func() // is called before each message, unless it is nil
}

// texts is whether prompts, answers, arguments and results go along.
type texts uint8

const (
	textsLeftOut    texts = iota
	textsInEvents         // as attributes of events, those of tools as well
	textsInMessages       // those of tools in ToolExecution messages
)

var textsNames = [...]string{"texts left out", "with texts, tools by events",
	"with texts, tools by messages"}

// graph is that of every recorded run.
var graph = &callback.Graph{
	Name: "agent", EntryPoint: "agent",
	Nodes: []callback.GraphNode{{Name: "agent", Type: "llm"}, {Name: "tools", Type: "tool"}},
	Edges: []callback.GraphEdge{{From: "agent", To: "tools", Type: callback.ConditionalEdge},
		{From: "tools", To: "agent", Type: callback.DirectEdge}},
}

const (
	replayModel  = "gpt-4o"
	bytesOfToken = 4
)

// replay emits one run. What it costs to walk over the recording is the benchmark's own, and small.
func (p *replayer) replay(run *load.Run, thread int) {
	r := p.client.StartRun(callback.RunInfo{Graph: graph, ThreadID: "recorded-" +
		strconv.Itoa(thread)})
	var last string
	for i := range run.Messages {
		m := &run.Messages[i]
		if p.each != nil {
			p.each()
		}
		switch m.Role {
		case "assistant":
			p.answer(r, m, last)
		case "tool":
			p.tool(r, run, i)
		}
		last = m.Content
	}
	r.End(nil)
}

func (p *replayer) answer(r *callback.Run, m *load.RunMessage, prompt string) {
	n := r.StartNode("agent")
	request := callback.LLMRequest{Model: replayModel, Provider: "openai"}
	result := callback.LLMResult{
		PromptTokens: len(prompt)/bytesOfToken + 1, CompletionTokens: len(m.Content)/bytesOfToken +
			1, FinishReason: callback.FinishStop,
	}
	if p.texts != textsLeftOut {
		request.Prompt, result.Text = prompt, m.Content
	}
	if len(m.ToolCalls) > 0 {
		result.FinishReason = callback.FinishToolCalls
	}
	n.StartLLM(request).End(result, nil)
	n.End(nil)
	if len(m.ToolCalls) > 0 {
		r.Branch("agent", "tool_calls", "tools")
	}
}

// tool emits the execution of a tool, whose answer is message i.
func (p *replayer) tool(r *callback.Run, run *load.Run, i int) {
	m := &run.Messages[i]
	n := r.StartNode("tools")
	call := callback.ToolCall{ID: m.CallID, Name: m.Name, EventsOnly: p.texts != textsInMessages}
	if p.texts != textsLeftOut {
		call.Arguments = arguments(run, i)
	}
	t := n.StartTool(call)
	if p.texts != textsLeftOut {
		t.Complete(m.Content)
	} else {
		t.Complete(nil)
	}
	n.End(nil)
	r.Edge("tools", "agent")
}

// arguments are what the model asked for before message i.
func arguments(run *load.Run, i int) any {
	for k := i - 1; k >= 0; k-- {
		for _, c := range run.Messages[k].ToolCalls {
			if c.ID == run.Messages[i].CallID {
				return json.RawMessage(c.Function.Arguments)
			}
		}
	}
	return nil
}

// textsOf are all that a run's instrumentation carries of its texts.
func textsOf(run *load.Run) []byte {
	var b []byte
	var last string
	for i := range run.Messages {
		m := &run.Messages[i]
		switch m.Role {
		case "assistant":
			b = append(append(b, last...), m.Content...)
		case "tool":
			if raw, ok := arguments(run, i).(json.RawMessage); ok {
				b = append(b, raw...)
			}
			b = append(b, m.Content...)
		}
		last = m.Content
	}
	return b
}
