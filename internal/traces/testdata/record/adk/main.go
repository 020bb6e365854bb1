// Record records the spans of ADK with a fake model: tools at once, errors, agents at once, a
// workflow that is tried again, interrupted and resumed, and panics.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/genai"

	"google.golang.org/adk/v2/agent"
	"google.golang.org/adk/v2/agent/llmagent"
	"google.golang.org/adk/v2/agent/workflowagent"
	"google.golang.org/adk/v2/agent/workflowagents/parallelagent"
	"google.golang.org/adk/v2/model"
	"google.golang.org/adk/v2/runner"
	"google.golang.org/adk/v2/session"
	"google.golang.org/adk/v2/tool"
	"google.golang.org/adk/v2/tool/functiontool"
	"google.golang.org/adk/v2/workflow"
)

// fake is a model that asks for tools first, and then answers.
type fake struct{ tools []string }

func (fake) Name() string { return "fake-1" }

func (f fake) GenerateContent(
	_ context.Context, req *model.LLMRequest, stream bool,
) iter.Seq2[*model.LLMResponse, error] {
	return func(yield func(*model.LLMResponse, error) bool) {
		answered := false
		for _, x := range req.Contents[len(req.Contents)-1].Parts {
			answered = answered || x.FunctionResponse != nil
			if strings.Contains(x.Text, "FAIL") {
				yield(nil, errors.New("model down"))
				return
			}
		}
		if len(f.tools) > 0 && !answered {
			yield(f.call(), nil)
			return
		}
		for _, s := range []string{"Hel", "lo"} {
			r := &model.LLMResponse{Content: genai.NewContentFromText(s, "model"), Partial: true}
			if stream && !yield(r, nil) {
				return
			}
		}
		yield(&model.LLMResponse{Content: genai.NewContentFromText("Hello", "model"),
			TurnComplete: true, FinishReason: "STOP", UsageMetadata: usage(7, 3)}, nil)
	}
}

func (f fake) call() *model.LLMResponse {
	c := &genai.Content{Role: "model"}
	for i, t := range f.tools {
		c.Parts = append(c.Parts, &genai.Part{FunctionCall: &genai.FunctionCall{
			ID: fmt.Sprint("call-", i), Name: t, Args: map[string]any{"q": "x"}}})
	}
	return &model.LLMResponse{Content: c, TurnComplete: true, FinishReason: "STOP",
		UsageMetadata: usage(5, 2)}
}

func usage(in, out int32) *genai.GenerateContentResponseUsageMetadata {
	return &genai.GenerateContentResponseUsageMetadata{PromptTokenCount: in,
		CandidatesTokenCount: out, TotalTokenCount: in + out}
}

type in struct {
	Q string `json:"q"`
}

type out struct {
	A string `json:"a"`
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// run runs an agent with messages. If stopAfter is not 0, the caller stops reading after so many
// events.
func run(a agent.Agent, mode agent.StreamingMode, stopAfter int, messages ...*genai.Content) {
	defer func() { _ = recover() }()
	r := must(runner.New(runner.Config{AppName: "app", Agent: a,
		SessionService: session.InMemoryService(), AutoCreateSession: true}))
	for _, m := range messages {
		n := 0
		for range r.Run(context.Background(), "user", "sess-1", m,
			agent.RunConfig{StreamingMode: mode}) {
			if n++; n == stopAfter {
				break
			}
		}
	}
}

func text(s string) *genai.Content { return genai.NewContentFromText(s, "user") }

func newTool(name string, f func(agent.Context, in) (out, error)) tool.Tool {
	return must(functiontool.New(functiontool.Config{Name: name, Description: "d"}, f))
}

func newAgent(name string, tools ...tool.Tool) agent.Agent {
	f := fake{}
	for _, t := range tools {
		f.tools = append(f.tools, t.Name())
	}
	return must(llmagent.New(llmagent.Config{Name: name, Model: f, Tools: tools}))
}

func newWorkflow(name string, nodes ...workflow.Node) agent.Agent {
	chain := workflow.Chain(append([]workflow.Node{workflow.Start}, nodes...)...)
	return must(workflowagent.New(workflowagent.Config{Name: name, Edges: chain}))
}

func main() {
	e := &exporter{}
	defer e.write()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(e)))
	ok := newTool("ok", func(c agent.Context, _ in) (out, error) {
		time.Sleep(20 * time.Millisecond)
		_ = c.State().Set("k", "v")
		return out{"1"}, nil
	})
	bad := newTool("bad", func(agent.Context, in) (out, error) {
		return out{}, errors.New("tool down")
	})
	panics := newTool("pan", func(agent.Context, in) (out, error) { panic("tool panics") })
	run(newAgent("a", ok, bad), agent.StreamingModeSSE, 0, text("hi"))
	run(newAgent("a"), agent.StreamingModeNone, 0, text("FAIL"))
	run(newAgent("a"), agent.StreamingModeSSE, 1, text("hi"))
	run(must(parallelagent.New(parallelagent.Config{AgentConfig: agent.Config{Name: "par",
		SubAgents: []agent.Agent{newAgent("left"), newAgent("right")}}})),
		agent.StreamingModeNone, 0, text("hi"))
	workflows()
	run(newAgent("a", panics), agent.StreamingModeNone, 0, text("hi"))
	boom := workflow.NewFunctionNode("boom", func(agent.Context, any) (string, error) {
		panic("node panics")
	}, workflow.NodeConfig{})
	run(newWorkflow("wf2", boom), agent.StreamingModeNone, 0, text("go"))
}

// workflows runs a workflow whose first node is tried again, and whose second one waits for a
// human.
func workflows() {
	tries := 0
	one := workflow.NewFunctionNode("one", func(agent.Context, any) (string, error) {
		if tries++; tries == 1 {
			return "", errors.New("first try fails")
		}
		return "1", nil
	}, workflow.NodeConfig{RetryConfig: &workflow.RetryConfig{MaxAttempts: 3,
		InitialDelay: time.Millisecond}})
	ask := workflow.NewEmittingFunctionNode[any, any]("ask", func(
		c agent.Context, _ any, emit func(*session.Event) error,
	) (any, error) {
		_ = emit(workflow.NewRequestInputEvent(c, session.RequestInput{InterruptID: "q1",
			Message: "name?"}))
		return nil, workflow.ErrNodeInterrupted
	}, workflow.NodeConfig{})
	greet := workflow.NewFunctionNode("greet", func(_ agent.Context, n string) (string, error) {
		return "hello " + n, nil
	}, workflow.NodeConfig{})
	answer := &genai.Content{Role: "user", Parts: []*genai.Part{{
		FunctionResponse: &genai.FunctionResponse{ID: "q1", Name: "adk_request_input",
			Response: map[string]any{"result": "Ann"}}}}}
	run(newWorkflow("wf", one, ask, greet), agent.StreamingModeNone, 0, text("go"), answer)
}

// The exporter writes an ExportTraceServiceRequest in JSON, as a file of the collector has it.
type exporter struct {
	mu    sync.Mutex
	spans []map[string]any
}

func attributes(kv []attribute.KeyValue) []map[string]any {
	list := []map[string]any{}
	for _, a := range kv {
		v := map[string]any{"stringValue": a.Value.Emit()}
		switch a.Value.Type() {
		case attribute.INT64:
			v = map[string]any{"intValue": a.Value.Emit()}
		case attribute.BOOL:
			v = map[string]any{"boolValue": a.Value.AsBool()}
		case attribute.STRINGSLICE:
			values := []map[string]any{}
			for _, s := range a.Value.AsStringSlice() {
				values = append(values, map[string]any{"stringValue": s})
			}
			v = map[string]any{"arrayValue": map[string]any{"values": values}}
		}
		if a.Key != "exception.stacktrace" {
			list = append(list, map[string]any{"key": string(a.Key), "value": v})
		}
	}
	return list
}

func (e *exporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range spans {
		parent := ""
		if s.Parent().IsValid() {
			parent = s.Parent().SpanID().String()
		}
		events := []map[string]any{}
		for _, x := range s.Events() {
			events = append(events, map[string]any{"name": x.Name,
				"timeUnixNano": fmt.Sprint(x.Time.UnixNano()),
				"attributes":   attributes(x.Attributes)})
		}
		code := map[codes.Code]int{codes.Ok: 1, codes.Error: 2}[s.Status().Code]
		e.spans = append(e.spans, map[string]any{
			"traceId":      s.SpanContext().TraceID().String(),
			"spanId":       s.SpanContext().SpanID().String(),
			"parentSpanId": parent, "name": s.Name(), "kind": int(s.SpanKind()),
			"startTimeUnixNano": fmt.Sprint(s.StartTime().UnixNano()),
			"endTimeUnixNano":   fmt.Sprint(s.EndTime().UnixNano()),
			"attributes":        attributes(s.Attributes()), "events": events,
			"status": map[string]any{"code": code, "message": s.Status().Description}})
	}
	return nil
}

func (e *exporter) Shutdown(context.Context) error { return nil }

func (e *exporter) write() {
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"resourceSpans": []any{map[string]any{
		"scopeSpans": []any{map[string]any{"spans": e.spans}}}}})
}
