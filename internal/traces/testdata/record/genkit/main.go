// Record records the spans of genkit with a fake model: a flow with a step and a tool, a
// model's error, a tool's error, an interrupt, a panic.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/core"
	"github.com/firebase/genkit/go/core/tracing"
	"github.com/firebase/genkit/go/genkit"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func model(
	_ context.Context, r *ai.ModelRequest, _ core.StreamCallback[*ai.ModelResponseChunk],
) (*ai.ModelResponse, error) {
	time.Sleep(2 * time.Millisecond)
	last := r.Messages[len(r.Messages)-1]
	if strings.Contains(last.Text(), "FAIL") {
		return nil, errors.New("model down")
	}
	if len(r.Tools) > 0 && last.Role != ai.RoleTool {
		var parts []*ai.Part
		for i, t := range r.Tools {
			parts = append(parts, ai.NewToolRequestPart(&ai.ToolRequest{Name: t.Name,
				Ref: fmt.Sprint("call-", i), Input: map[string]any{"q": "x"}}))
		}
		return &ai.ModelResponse{Message: &ai.Message{Role: ai.RoleModel, Content: parts},
			FinishReason: ai.FinishReasonStop, Request: r,
			Usage: &ai.GenerationUsage{InputTokens: 5, OutputTokens: 2}}, nil
	}
	return &ai.ModelResponse{Message: ai.NewModelTextMessage("Hello"),
		FinishReason: ai.FinishReasonStop, Request: r,
		Usage: &ai.GenerationUsage{InputTokens: 7, OutputTokens: 3, TotalTokens: 10}}, nil
}

func main() {
	ctx, e := context.Background(), &exporter{}
	tracing.TracerProvider().RegisterSpanProcessor(sdktrace.NewSimpleSpanProcessor(e))
	g := genkit.Init(ctx)
	m := genkit.DefineModel(g, "fake/m", &ai.ModelOptions{
		Supports: &ai.ModelSupports{Tools: true, Multiturn: true}}, model)
	type in struct {
		Q string `json:"q"`
	}
	ok := genkit.DefineTool(g, "ok", "d", func(*ai.ToolContext, in) (string, error) {
		time.Sleep(time.Millisecond)
		return "1", nil
	})
	ask := genkit.DefineTool(g, "ask", "d", func(c *ai.ToolContext, _ in) (string, error) {
		return "", c.Interrupt(&ai.InterruptOptions{Metadata: map[string]any{"why": "name?"}})
	})
	bad := genkit.DefineTool(g, "bad", "d", func(*ai.ToolContext, in) (string, error) {
		return "", errors.New("tool down")
	})
	generate := func(ctx context.Context, text string, tools ...ai.ToolRef) (string, error) {
		opts := []ai.GenerateOption{ai.WithModel(m), ai.WithPrompt(text)}
		if len(tools) > 0 {
			opts = append(opts, ai.WithTools(tools...))
		}
		r, err := genkit.Generate(ctx, g, opts...)
		if err != nil {
			return "", err
		}
		return r.Text(), nil
	}
	flow := genkit.DefineFlow(g, "flow", func(ctx context.Context, q string) (string, error) {
		_, err := genkit.Run(ctx, "prepare", func() (string, error) {
			time.Sleep(time.Millisecond)
			return "x", nil
		})
		if err != nil {
			return "", err
		}
		return generate(ctx, q, ok)
	})
	_, _ = flow.Run(ctx, "hi")
	_, _ = generate(ctx, "FAIL")
	_, _ = generate(ctx, "hi", bad)
	_, _ = generate(ctx, "hi", ask)
	panics := genkit.DefineFlow(g, "panics", func(context.Context, string) (string, error) {
		panic("flow panics")
	})
	func() {
		defer func() { _ = recover() }()
		_, _ = panics.Run(ctx, "x")
	}()
	e.write()
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
