package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// both gives every batch to the Recorder first, and then to the Sender that writes lines.
type both struct {
	*callbacktest.Recorder
	lines batching.Sender
}

func (b both) Send(batch *batching.Batch, done func(*batching.Batch, error)) {
	b.Recorder.Send(batch, func(*batching.Batch, error) {})
	b.lines.Send(batch, done)
}

func TestTheSenderOfLinesWritesWhatIsPrintedOfTheSameRun(t *testing.T) {
	var written bytes.Buffer
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{
		Sender: both{rec, callback.NewLines(&written)}, Logger: slog.New(slog.DiscardHandler),
		MaxMessageBytes: 50_000, BatchBytes: 10_000, ExecutionTrace: true, SelfMetrics: "always",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range []string{"t", "u"} {
		run := client.StartRun(callback.RunInfo{ThreadID: thread,
			InitialState: map[string]int{"a": 0}})
		a, b := run.StartNode("search"), run.StartNode("search")
		run.StartNode(strings.Repeat("too large, so a gap ", 10_000))
		tool := b.StartTool(callback.ToolCall{ID: "1",
			Name: "web", Arguments: map[string]string{"q": "<Go>"}})
		tool.Complete("three pages")
		l := a.StartLLM(callback.LLMRequest{ID: "r", Model: "m"})
		l.Token("x")
		l.End(callback.LLMResult{}, nil)
		run.SetState(map[string]int{"a": 2})
		b.End(nil)
		a.End(nil)
		run.End(nil)
	}
	if _, err := client.Shutdown(context.Background()); err != nil {
		t.Log(err) // what is too large is lost on purpose
	}
	var records []*kgo.Record
	for _, r := range rec.Records() {
		records = append(records, &kgo.Record{Offset: r.Offset, Key: r.Key, Value: r.Value})
	}
	want := printed(t, jsonLines{}, "", "", 0, records)
	if got := written.String(); got != want {
		t.Errorf("written:\n%s\nprinted:\n%s", got, want)
	}
	if got := strings.Count(want, `"gap"`); got != 2 {
		t.Errorf("%d gaps, want 2:\n%s", got, want)
	}
	if !strings.Contains(want, `"node":"search#2"`) ||
		!strings.Contains(want, "dashstream_callback") {
		t.Errorf("no second node, or no report, in\n%s", want)
	}
}
