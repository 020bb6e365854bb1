package callback

import (
	"errors"
	"log/slog"
	"testing"
)

// BenchmarkEmit is what the calls of the API cost the caller, with a Sender that keeps nothing.
func BenchmarkEmit(b *testing.B) {
	c, err := New(Config{Sender: nowhere{}, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Shutdown(b.Context()) // nolint:errcheck // no loss matters here
	run := c.StartRun(RunInfo{ThreadID: "thread"})
	n := run.StartNode("node")
	const v = "values of 20 letters"
	errOops := errors.New("oops")
	for name, emit := range map[string]func(){
		"warning with 10 attributes": func() {
			n.Warning("message", slog.String("attribute_number_001", v),
				slog.String("attribute_number_002", v), slog.String("attribute_number_003", v),
				slog.String("attribute_number_004", v), slog.String("attribute_number_005", v),
				slog.String("attribute_number_006", v), slog.String("attribute_number_007", v),
				slog.String("attribute_number_008", v), slog.String("attribute_number_009", v),
				slog.String("attribute_number_010", v))
		},
		"node":       func() { n.StartNode("inner", slog.String("k", v)).End(nil) },
		"node error": func() { n.StartNode("inner").End(errOops, slog.String("k", v)) },
		"model": func() {
			n.StartLLM(LLMRequest{ID: "id", Model: "model"}).End(LLMResult{PromptTokens: 1}, nil)
		},
		"tool": func() {
			n.StartTool(ToolCall{ID: "id", Name: "tool", EventsOnly: true}).Complete(nil)
		},
		"run": func() { c.StartRun(RunInfo{ThreadID: "t", ExecutionID: "e"}).End(nil) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				emit()
			}
		})
	}
}
