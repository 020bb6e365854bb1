package callback

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// nowhere is a Sender that accepts everything and keeps nothing.
type nowhere struct{}

func (nowhere) Send(b *batching.Batch, done func(*batching.Batch, error)) { done(b, nil) }
func (nowhere) Stats() batching.SenderStats {
	return batching.SenderStats{}
}
func (nowhere) Close(context.Context) error { return nil }

func TestEmittingDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools drop items and everything allocate more")
	}
	c, err := New(Config{Sender: nowhere{},
		SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Shutdown(t.Context()) // nolint:errcheck // no loss matters here
	run := c.StartRun(RunInfo{ThreadID: "thread"})
	n := run.StartNode("node")
	l := n.StartLLM(LLMRequest{Model: "model"})
	const v = "values of 20 letters"
	ids := []uint32{1}
	errOops := errors.New("oops")
	tests := map[string]struct {
		emit func()
		most float64
	}{
		"10 string attributes": {func() {
			n.Warning("message", slog.String("attribute_number_001", v),
				slog.String("attribute_number_002", v), slog.String("attribute_number_003", v),
				slog.String("attribute_number_004", v), slog.String("attribute_number_005", v),
				slog.String("attribute_number_006", v),
				slog.String("attribute_number_007", v), slog.String("attribute_number_008", v),
				slog.String("attribute_number_009", v),
				slog.String("attribute_number_010", v))
		}, 0},
		"attributes of all plain types": {func() {
			n.Substep("name", "done", slog.Int("a", 1), slog.Float64("b", 2), slog.Bool("c", true),
				slog.Duration("d", time.Second), slog.Uint64("e", 5))
		}, 0},
		"progress": {func() { n.Progress(.5, "half") }, 0},
		"thinking": {func() { n.Thinking(1, "hm") }, 0},
		"edge":     {func() { run.Edge("a", "b") }, 0},
		"token":    {func() { l.Token("token") }, 0},
		"chunk":    {func() { l.Chunk(TokenChunk{Text: "token", IDs: ids}) }, 0},
		"memory":   {func() { n.SaveMemory("key", slog.Int("n", 1)) }, 0},
		// What has an end is a handle, and the handle is its only allocation.
		"a node": {func() {
			n.StartNode("inner", slog.String("k", v)).End(nil,
				slog.String("k", v))
		}, 1},
		"a call of a model": {func() {
			n.StartLLM(LLMRequest{ID: "id", Model: "model"}).End(LLMResult{PromptTokens: 1}, nil)
		}, 1},
		"a tool": {func() {
			n.StartTool(ToolCall{ID: "id", Name: "tool", EventsOnly: true}).Complete(nil)
		}, 1},
		"a retry": {func() { l.Retry(2, errOops) }, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for range 3000 { // until pools and segments have their final size
				tt.emit()
			}
			if got := testing.AllocsPerRun(2000, tt.emit); got > tt.most {
				t.Errorf("%g allocations, want at most %g", got, tt.most)
			}
		})
	}
}
