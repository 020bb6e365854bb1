package callback_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"google.golang.org/protobuf/proto"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// plant emits a run with text in every place that takes a text, and key in every place for a key.
func plant(client *callback.Client, thread, text, key string) {
	object := map[string]any{"content": text, "list": []any{1, map[string]any{"deep": text}},
		key: true}
	run := client.StartRun(callback.RunInfo{
		ThreadID: thread, ExecutionID: "x", InitialState: object, Attrs: attrsOf(text, key),
		Trace: true,
		Graph: &callback.Graph{
			Name: text, Description: text, EntryPoint: text,
			Metadata: map[string]string{"note": text, key: "x"},
			Nodes: []callback.GraphNode{{Name: text, Description: text,
				Type: "function", InputFields: []string{text},
				Attributes: map[string]string{"note": text}}},
			Edges: []callback.GraphEdge{{From: text, To: text, Type: callback.ConditionalEdge,
				Label: text, Targets: map[string]string{key: text}}},
		},
	})
	run.Branch("a", text, "b")
	plantInNode(run.StartNode(text, attrsOf(text, key)...), text, key, object)
	run.StartNode("failing").End(errors.New(text))
	run.Root().Metrics("scope", text, []callback.Metric{{Name: key, Value: text},
		{Name: "raw", Value: []byte(text)}, {Name: "any", Value: object}},
		map[string]string{"tag": text, key: "x"})
	run.End(errors.New(text))
	client.StartRun(callback.RunInfo{ThreadID: thread, ExecutionID: "y", Resume: true}).
		Interrupt(text, slog.String("content", text))
}

func attrsOf(text, key string) []slog.Attr {
	return []slog.Attr{
		slog.String("content", text), slog.Group("group", slog.String("content", text),
			slog.Group("inner", slog.String("x", text))),
		slog.Any("any", map[string]any{"content": text}), slog.Any("list", []string{text}),
		slog.Any("bytes", []byte(text)), slog.Any("raw", json.RawMessage(quote(text))),
		slog.Any("error", errors.New(text)), slog.String(key, "a key"),
	}
}

func quote(text string) string {
	b, _ := json.Marshal(text) // a string can always be encoded as JSON
	return string(b)
}

func plantInNode(n *callback.Node, text, key string, object map[string]any) {
	n.Progress(.5, text)
	n.Thinking(1, text)
	n.Substep(text, text)
	n.Warning(text)
	n.SaveMemory(text)
	n.AskHuman(text)
	n.HumanAnswered(attrsOf(text, key)...)
	n.StartOptimization(callback.Optimization{ID: "o", Target: text, Strategy: text}).
		End(callback.OptimizationResult{Termination: text})
	llm := n.StartLLM(callback.LLMRequest{ID: "whole", Prompt: text, Attrs: attrsOf(text, key)})
	llm.Token(text)
	llm.Retry(2, errors.New(text))
	llm.End(callback.LLMResult{Text: text}, nil)
	llm = n.StartLLM(callback.LLMRequest{ID: "in parts"})
	for rest := text; rest != ""; rest = rest[min(len(rest), 3):] {
		llm.Token(rest[:min(len(rest), 3)]) // they wait together and are joined
	}
	llm.End(callback.LLMResult{}, errors.New(text))
	tool := n.RequestTool(callback.ToolCall{ID: "1", Name: text, Arguments: object})
	tool.Start()
	tool.Retry(errors.New(text))
	tool.Complete(object)
	n.StartTool(callback.ToolCall{ID: "2", Name: "tool", Arguments: text}).Fail(errors.New(text))
	n.StartTool(callback.ToolCall{ID: "3", Name: "tool", Arguments: []byte(text)}).Complete(text)
	n.SetState(object)
	object["more"] = text
	n.SetState(object) // as a patch
	n.SaveCheckpoint(callback.Checkpoint{ID: "c", State: object, StateType: text, StorageURI: text,
		Metadata: map[string]string{"note": text, key: "x"}}, attrsOf(text, key)...)
	n.Error(errors.New(text), callback.ErrorInfo{
		Code: text, ExceptionType: text, Stack: "goroutine 1:\n" + text,
		Context: map[string]string{"note": text, key: "x"}, Suggestions: []string{text},
	})
	n.End(nil, attrsOf(text, key)...)
}

// spelled returns the ways in which bytes can spell a text: as it is, as a JSON string, and as a
// JSON string inside a JSON string.
func spelled(text string) [][]byte {
	once := strings.Trim(quote(text), `"`)
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // cannot fail in memory
	other := strings.Trim(strings.TrimSpace(plain.String()), `"`)
	ways := [][]byte{[]byte(text)}
	for _, s := range []string{once, other, strings.Trim(quote(other), `"`),
		strings.Trim(quote(once), `"`)} {
		ways = append(ways, []byte(s))
	}
	return ways
}

// needle returns what to search for: the secret, with some of the text around it if it is so short
// that it could occur by chance.
func needle(s corpus.Secret) string {
	at := strings.Index(s.Text, s.Secret)
	if len(s.Secret) >= 8 || at < 0 {
		return s.Secret
	}
	return s.Text[max(0, at-6):min(len(s.Text), at+len(s.Secret)+2)]
}

// TestNoSecretLeaves plants secrets of every form in every place, and searches everything that is
// sent, byte by byte.
//
// It runs in a bubble so that the parts of an answer wait together, however slow the machine is.
func TestNoSecretLeaves(t *testing.T) { synctest.Test(t, noSecretLeaves) }

func noSecretLeaves(t *testing.T) {
	secrets := corpus.Secrets(1)
	if len(secrets) < 150 {
		t.Fatalf("only %d secrets", len(secrets))
	}
	r := callbacktest.NewRecorder()
	client := r.Client(t)
	for i, s := range secrets {
		plant(client, fmt.Sprint("t", i), s.Text, s.Text)
	}
	if flush(t, client); lost(client) > 0 {
		t.Error("something was lost")
	}
	records := map[string][]callbacktest.Record{}
	for _, rec := range r.Records() {
		records[string(rec.Key)] = append(records[string(rec.Key)], rec)
	}
	bytesSeen := 0
	for i, s := range secrets {
		for _, rec := range records[fmt.Sprint("t", i)] {
			bytesSeen += len(rec.Value)
			for _, way := range spelled(needle(s)) {
				if at := bytes.Index(rec.Value, way); at >= 0 {
					m, _ := pb.Decode(rec.Value)
					t.Errorf("%s: %q leaves in a %v: …%q…", s.What, s.Secret, m.Kind(),
						rec.Value[max(0, at-60):min(len(rec.Value), at+len(way)+20)])
				}
				for _, h := range rec.Headers {
					if bytes.Contains(h.Value, way) {
						t.Errorf("%s: %q leaves in the header %s", s.What, s.Secret, h.Key)
					}
				}
			}
		}
	}
	t.Logf("%d secrets in every place: %d bytes", len(secrets), bytesSeen)
	if err := r.Check().Err(); err != nil {
		t.Error(err)
	}
}

// TestNothingHarmlessIsTouched plants look-alikes in the same places, except for keys, which have
// harmless names. What is sent must equal what is sent without redaction.
func TestNothingHarmlessIsTouched(t *testing.T) {
	texts := corpus.Harmless()
	if len(texts) < 200 {
		t.Fatalf("only %d look-alikes", len(texts))
	}
	leaves := func(disabled bool) map[string][]proto.Message {
		all := map[string][]proto.Message{}
		synctest.Test(t, func(t *testing.T) {
			r := callbacktest.NewRecorder()
			client := r.Client(t, func(c *callback.Config) {
				c.Redaction.Disabled,
					c.SelfMetrics = disabled, "off"
			})
			for i, text := range texts {
				plant(client, fmt.Sprint("t", i), text, "note")
			}
			run := client.StartRun(callback.RunInfo{ThreadID: "names", ExecutionID: "x"})
			for _, name := range corpus.HarmlessNames {
				run.Root().Warning("x", slog.String(name, "swordfish7"),
					slog.Any("any", map[string]any{name: map[string]string{"a": "swordfish7"}}))
				run.SetState(map[string]any{name: "swordfish7"})
				run.Root().StartTool(callback.ToolCall{ID: "1",
					Name: "tool", Arguments: map[string]string{name: "swordfish7"}})
				run.Root().Metrics("scope", "",
					[]callback.Metric{{Name: name, Value: "swordfish7"}},
					map[string]string{name: "swordfish7"})
			}
			for _, m := range r.Messages() {
				id := m.Header().GetThreadId()
				all[id] = append(all[id], comparable(m)...)
			}
		})
		return all
	}
	want, got := leaves(true), leaves(false)
	for id, messages := range want {
		if len(got[id]) != len(messages) {
			t.Errorf("%s: %d messages, %d without redaction", id, len(got[id]), len(messages))
			continue
		}
		for i, m := range messages {
			if !proto.Equal(m, got[id][i]) {
				t.Errorf("%s: %.1000v\nbecomes %.1000v", id, m, got[id][i])
				break
			}
		}
	}
}

// comparable splits a record into its parts and removes what differs each time: ids, numbers, and
// how events and chunks of tokens are grouped.
func comparable(m *pb.DashStreamMessage) (parts []proto.Message) {
	for h := range m.Headers() {
		h.MessageId, h.ParentId, h.Sequence = nil, nil, 0
	}
	switch x := m.GetMessage().(type) {
	case *pb.DashStreamMessage_EventBatch:
		for _, e := range x.EventBatch.GetEvents() {
			parts = append(parts, e)
		}
		return parts
	case *pb.DashStreamMessage_TokenChunk:
		for _, r := range x.TokenChunk.GetText() {
			parts = append(parts, &pb.TokenChunk{Text: string(r)})
		}
		return parts
	case *pb.DashStreamMessage_StateDiff:
		x.StateDiff.BaseCheckpointId = nil
	case *pb.DashStreamMessage_Checkpoint:
		x.Checkpoint.CheckpointId = nil
	}
	return []proto.Message{m}
}
