package callback_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// What a caller does with its buffers after a call does not change what was emitted.
func TestBuffersMayBeUsedAgainAfterTheCall(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, func(cfg *callback.Config) { cfg.Linger = time.Minute })
	raw := []byte(`"seen"`)
	ids, logprobs := []uint32{7}, []float32{7}
	attrs := []slog.Attr{slog.Any("bytes", raw), slog.Any("raw", json.RawMessage(raw)),
		slog.Group("g", slog.Any("b", raw))}
	meta := map[string]string{"key": "seen"}
	values := []callback.Metric{{Name: "m", Value: raw}, {Name: "n", Value: json.RawMessage(raw)}}
	names := []string{"seen", "seen"}
	suggestions := []string{"seen"}

	run := client.StartRun(callback.RunInfo{ThreadID: "thread", InitialState: json.RawMessage(raw),
		Attrs: attrs})
	n := run.StartNode("n", attrs...)
	n.Warning("w", attrs...)
	l := n.StartLLM(callback.LLMRequest{Attrs: attrs})
	l.Chunk(callback.TokenChunk{IDs: ids, Logprobs: logprobs})
	requested := n.RequestTool(callback.ToolCall{Arguments: raw})
	tool := n.StartTool(callback.ToolCall{Arguments: json.RawMessage(raw)})
	tool.Complete(raw)
	n.SaveCheckpoint(callback.Checkpoint{ID: "c", State: raw, Metadata: meta}, attrs...)
	n.Metrics("s", "i", values, meta)
	n.Error(errOops, callback.ErrorInfo{Context: meta, Suggestions: suggestions})
	run.Edge("from", names...)
	parallel := n.StartParallel(names...)

	for i := range raw {
		raw[i] = 'X'
	}
	ids[0], logprobs[0] = 666, 666
	clear(attrs)
	for i := range attrs {
		attrs[i] = slog.String("XXX", "XXX")
	}
	meta["key"] = "XXX"
	clear(values)
	names[0], names[1], suggestions[0] = "XXX", "XXX", "XXX"
	requested.Start() // sends the arguments again
	parallel.End()

	for _, m := range rec.Messages() {
		if text := fmt.Sprint(m); strings.Contains(text, "XXX") {
			t.Errorf("changed after the call: %s", text)
		}
		if x := m.GetTokenChunk(); x != nil && (x.GetTokenIds()[0] != 7 ||
			x.GetLogprobs()[0] != 7) {
			t.Errorf("changed after the call: %v", x)
		}
	}
	if report := rec.Check(); len(report.Violations) > 0 {
		t.Errorf("the stream breaks rules: %v", report.Violations)
	}
}

type heavy struct {
	Text  string
	Bytes [1 << 16]byte
}

func (h *heavy) Error() string { return "heavy" }

// No argument is kept alive by a call, even while what was emitted is queued.
func TestNothingOfTheCallersIsKeptAlive(t *testing.T) {
	client, c := withCourier(t, func(cfg *callback.Config) { cfg.Linger = time.Minute })
	c.hold()
	defer c.release()
	run := client.StartRun(callback.RunInfo{ThreadID: "thread", Trace: true})
	n := run.StartNode("n")
	l := n.StartLLM(callback.LLMRequest{})
	tool := n.StartTool(callback.ToolCall{})
	requested := n.RequestTool(callback.ToolCall{})
	uses := map[string]func(h *heavy){
		"initial state": func(h *heavy) {
			client.StartRun(callback.RunInfo{ThreadID: "thread", InitialState: h})
		},
		"attribute":  func(h *heavy) { n.Warning("w", slog.Any("h", h)) },
		"a group":    func(h *heavy) { n.Warning("w", slog.Group("g", slog.Any("h", h))) },
		"bytes":      func(h *heavy) { n.Warning("w", slog.Any("h", h.Bytes[:])) },
		"start":      func(h *heavy) { n.StartNode("inner", slog.Any("h", h)) },
		"node error": func(h *heavy) { n.StartNode("inner").End(h) },
		"error":      func(h *heavy) { n.Error(h, callback.ErrorInfo{}) },
		"prompt": func(h *heavy) {
			n.StartLLM(callback.LLMRequest{Attrs: []slog.Attr{slog.Any("h", h)}})
		},
		"retry": func(h *heavy) { l.Retry(2, h) },
		"result": func(h *heavy) {
			l.End(callback.LLMResult{Attrs: []slog.Attr{slog.Any("h", h)}}, h)
		},
		"arguments":     func(h *heavy) { n.RequestTool(callback.ToolCall{Arguments: h}) },
		"raw arguments": func(h *heavy) { n.RequestTool(callback.ToolCall{Arguments: h.Bytes[:]}) },
		"tool's result": func(h *heavy) { tool.Complete(h) },
		"tool's error":  func(h *heavy) { requested.Fail(h) },
		"checkpoint": func(h *heavy) {
			n.SaveCheckpoint(callback.Checkpoint{ID: "c", State: h})
		},
		"metric": func(h *heavy) {
			n.Metrics("s", "i", []callback.Metric{{Name: "m", Value: h.Bytes[:]}}, nil)
		},
		"run's error": func(h *heavy) { run.End(h) },
	}
	alive := map[string]weak.Pointer[heavy]{}
	for name, use := range uses {
		h := &heavy{Text: strings.Repeat("x", 100)}
		alive[name] = weak.Make(h)
		use(h)
	}
	var kept []string
	for range 10 { // one collection is usually enough
		runtime.GC()
		kept = kept[:0]
		for name, p := range alive {
			if p.Value() != nil {
				kept = append(kept, name)
			}
		}
	}
	if len(kept) > 0 {
		slices.Sort(kept)
		t.Errorf("kept alive: %v", kept)
	}
	runtime.KeepAlive([]any{run, n, l, tool, requested, client})
}
