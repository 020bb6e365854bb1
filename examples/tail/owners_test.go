package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/twmb/franz-go/pkg/kgo"
)

// sent returns the records of what a client sends.
func sent(t *testing.T, emit func(*callback.Client)) (records []*kgo.Record) {
	t.Helper()
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	emit(client)
	if _, err := client.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range rec.Records() {
		records = append(records, &kgo.Record{Key: r.Key, Value: r.Value})
	}
	return records
}

// columns returns kind, node and the first words of what happened, of each line.
func columns(text string, words int) (lines []string) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)[3:]
		lines = append(lines, strings.Join(fields[:min(len(fields), 2+words)], " "))
	}
	return lines
}

// Two nodes of one name call one tool at the same time, and a third one after them.
func TestACallIsShownWithTheNodeThatMadeIt(t *testing.T) {
	records := sent(t, func(client *callback.Client) {
		run := client.StartRun(callback.RunInfo{ThreadID: "t"})
		a, b, plan := run.StartNode("search"), run.StartNode("search"), run.StartNode("plan")
		asked := a.RequestTool(callback.ToolCall{ID: "1", Name: "web"})
		of := b.StartTool(callback.ToolCall{ID: "2", Name: "web"})
		asked.Start()
		l := plan.StartLLM(callback.LLMRequest{ID: "r", Model: "m"})
		l.Token("x")
		of.Complete(nil)
		asked.Complete(nil)
		l.End(callback.LLMResult{}, nil)
		b.End(nil)
		a.End(nil)
		run.StartNode("search").End(nil)
		run.End(nil)
	})
	want := []string{
		"graph_start -", "node_start search", "node_start search#2", "node_start plan",
		"tool_execution search web requested", "tool_execution search#2 web started",
		"tool_execution search web started",
		"llm_start plan", "token_chunk plan", "tool_execution search#2 web completed",
		"tool_execution search web completed",
		"token_chunk plan", "llm_end plan", "node_end search#2", "node_end search",
		"node_start search", "node_end search", "graph_end -",
	}
	got := columns(printed(t, utcLines(), "", "", 0, records), 2)
	for i, line := range got {
		if !strings.HasPrefix(line, "tool_execution") {
			got[i] = strings.Join(strings.Fields(line)[:2], " ")
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q,\nwant %q", got, want)
	}
	if json := printed(t, jsonLines{}, "", "tool_execution", 0, records); strings.Count(json,
		`"node":"search#2"`) != 2 || strings.Count(json, `"node":"search"`) != 3 {
		t.Errorf("in JSON:\n%s", json)
	}
}
