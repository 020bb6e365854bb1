package integration

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

var graph = &callback.Graph{
	Name: "load", EntryPoint: "agent",
	Nodes: []callback.GraphNode{{Name: "agent", Type: "llm"}, {Name: "tools", Type: "tool"}},
	Edges: []callback.GraphEdge{{From: "agent", To: "tools", Type: callback.ConditionalEdge},
		{From: "tools", To: "agent", Type: callback.DirectEdge}},
}

// oneRun is a run with every kind of message that a graph makes.
func oneRun(client *callback.Client, thread string, rounds int) {
	run := client.StartRun(callback.RunInfo{Graph: graph, ThreadID: thread, Trace: true})
	for i := range rounds {
		agent := run.StartNode("agent", slog.Int("round", i))
		llm := agent.StartLLM(callback.LLMRequest{Model: "m", Prompt: "what now?"})
		llm.Token("some")
		llm.Token(" tokens")
		llm.End(callback.LLMResult{PromptTokens: 3, CompletionTokens: 2,
			FinishReason: callback.FinishToolCalls}, nil)
		agent.End(nil)
		run.Branch("agent", "tools", "tools")
		var side sync.WaitGroup
		for range 2 {
			node := run.StartNode("tools")
			side.Go(func() {
				tool := node.StartTool(callback.ToolCall{Name: "search",
					Arguments: map[string]int{"round": i}})
				node.Progress(.5, "searching")
				tool.Complete(`{"found":true}`)
				node.End(nil)
			})
		}
		side.Wait()
	}
	run.Quality(callback.Quality{Score: 1, Passed: true})
	if rounds%2 == 1 {
		run.End(errors.New("an odd number of rounds"))
	} else {
		run.End(nil)
	}
}

// load emits about rate events a second on several threads until stop is closed, and then returns.
func load(client *callback.Client, threads, rate int, payload string, stop <-chan struct{}) {
	nodes := make([]*callback.Node, threads)
	runs := make([]*callback.Run, threads)
	for i := range nodes {
		runs[i] = client.StartRun(callback.RunInfo{ThreadID: fmt.Sprintf("load-%d", i)})
		nodes[i] = runs[i].StartNode("work")
	}
	const quantum = 10 * time.Millisecond
	tick := time.NewTicker(quantum)
	defer tick.Stop()
	begin, emitted := time.Now(), 0
	for done := false; !done; {
		select {
		case <-stop:
			done = true
		case now := <-tick.C:
			for due := int(now.Sub(begin).Seconds() * float64(rate)); emitted < due; emitted++ {
				nodes[emitted%threads].Progress(.5, payload, slog.Int("n", emitted))
			}
		}
	}
	for i := range nodes {
		nodes[i].End(nil)
		runs[i].End(nil)
	}
}
