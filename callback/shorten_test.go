package callback_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

const smallMessage = 8 << 10

func small(c *callback.Config) { c.MaxMessageBytes, c.BatchBytes = smallMessage, 4<<10 }

func attribute(e *pb.Event, key string) string { return e.GetAttributes()[key].GetStringValue() }

func TestAGraphStartShedsInOrder(t *testing.T) {
	graph := func(nodes int) *callback.Graph {
		g := &callback.Graph{Name: "g", EntryPoint: "n0"}
		for i := range nodes {
			g.Nodes = append(g.Nodes, callback.GraphNode{Name: fmt.Sprint("n", i),
				Type: "function", Description: strings.Repeat("what it does ", 5)})
		}
		return g
	}
	manifest := slog.String("graph_manifest", strings.Repeat("m", 5000))
	state := map[string]any{"text": strings.Repeat("s", 3000)}
	for name, tt := range map[string]struct {
		info callback.RunInfo
		// what GRAPH_START contains: the manifest, the state, the whole schema
		manifest, inPlace, whole bool
	}{
		"all of it fits": {callback.RunInfo{Graph: graph(3), InitialState: state},
			false, true, true},
		"the manifest goes first": {callback.RunInfo{Graph: graph(3), InitialState: state,
			Attrs: []slog.Attr{manifest}}, false, true, true},
		"the manifest alone fits": {callback.RunInfo{Graph: graph(3),
			Attrs: []slog.Attr{manifest}}, true, false, true},
		"then the state becomes its own": {callback.RunInfo{Graph: graph(40), InitialState: state},
			false, false, true},
		"then the schema is cut": {callback.RunInfo{Graph: graph(400), InitialState: state,
			Attrs: []slog.Attr{manifest}}, false, false, false},
		"values of their own code or not": {callback.RunInfo{Graph: graph(40), InitialState: state,
			Attrs: []slog.Attr{slog.Any("any", []int{1})}}, false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			rec := callbacktest.NewRecorder()
			client := rec.Client(t, small)
			tt.info.ThreadID = "t"
			client.StartRun(tt.info).End(nil)
			start := rec.Events("t")[0]
			if got := attribute(start, "graph_manifest") != ""; got != tt.manifest {
				t.Errorf("manifest: %t", got)
			}
			if got := attribute(start, "initial_state_json") != ""; got != tt.inPlace {
				t.Errorf("initial state in place: %t", got)
			}
			schema := attribute(start, "graph_schema_json")
			if !json.Valid([]byte(schema)) || strings.Contains(schema, "$truncated") == tt.whole {
				t.Errorf("the schema is %.100s…", schema)
			}
			messages := rec.Messages("t")
			moved := tt.info.InitialState != nil && !tt.inPlace
			if moved {
				if got := string(follow(t, nil, messages)); got != canonical(t, state) ||
					forms(messages[1:2])[0] != "whole" {
					t.Errorf("the state that follows is %.100s", got)
				}
			}
			if got := client.Stats().State.Added; (got == 1) != moved {
				t.Errorf("%d messages were added", got)
			}
			complete(t, rec)
		})
	}
}

func TestWhatIsCutSaysWhatItWas(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, small)
	run := client.StartRun(callback.RunInfo{ThreadID: "t"})
	text := strings.Repeat("é", 10_000)
	doc := `{"first":1,"list":["` + strings.Repeat(`word","`, 5000) + `"]}`
	run.Root().Warning("short", slog.String("text", text), slog.String("doc", doc),
		slog.Any("bytes", []byte(text)))
	e := rec.Events("t")[1]
	sum := sha256.Sum256([]byte(text))
	got := attribute(e, "text")
	if !utf8.ValidString(got) || !strings.HasPrefix(got, "éé") ||
		!strings.HasSuffix(got, fmt.Sprintf("…[$truncated bytes=%d sha256=%s]", len(text),
			hex.EncodeToString(sum[:]))) {
		t.Errorf("%.50s … %s", got, got[max(len(got)-120, 0):])
	}
	if got := attribute(e, "doc"); !json.Valid([]byte(got)) ||
		!strings.Contains(got, `"$truncated"`) || !strings.Contains(got, `"first":1`) {
		t.Errorf("the document is %.200s", got)
	}
	if attribute(e, "message") != "short" {
		t.Error("a short text was cut")
	}
}

func TestArgumentsAndResultsThatAreCutStayJSON(t *testing.T) {
	long := strings.Repeat(`what "it" said; `, 2000)
	for what, value := range map[string]any{
		"text": long, "list": []string{long, long}, "object": map[string]string{"a": long},
		"blanks in front": json.RawMessage(" \n\t[" + strings.Repeat(`"word",`, 5000) + `""]`),
	} {
		rec := callbacktest.NewRecorder()
		run := rec.Client(t, small).StartRun(callback.RunInfo{ThreadID: "t"})
		run.Root().StartTool(callback.ToolCall{Name: "tool", Arguments: value}).Complete(value)
		for _, m := range rec.Messages("t") {
			x := m.GetToolExecution()
			for part, doc := range map[string][]byte{"arguments": x.GetArguments(),
				"result": x.GetResult()} {
				if _, text := value.(string); text && part == "result" {
					continue // a text is sent as it is
				}
				if len(doc) > 0 && (!json.Valid(doc) || !strings.Contains(string(doc),
					"$truncated")) {
					t.Errorf("%s: the %s are %.40s … %s", what, part, doc,
						doc[max(0, len(doc)-120):])
				}
			}
		}
	}
}

func TestAResumedRunMovesItsInitialStateToo(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, small)
	run := client.StartRun(callback.RunInfo{ThreadID: "t"})
	run.Interrupt("waits")
	state := map[string]string{"text": strings.Repeat("s", smallMessage/2),
		"more": strings.Repeat("m", smallMessage/3)}
	client.StartRun(callback.RunInfo{ThreadID: "t", Resume: true, InitialState: state,
		Attrs: []slog.Attr{slog.String("why", strings.Repeat("w", smallMessage/2))}}).End(nil)
	if got := string(follow(t, nil, rec.Messages("t"))); got != canonical(t, state) {
		t.Errorf("the state is %.100s", got)
	}
	complete(t, rec)
}

// No secret gets through because it is cut in two.
func TestWhatIsCutIsRedactedBefore(t *testing.T) {
	secret := "ghp_" + strings.Repeat("a1B2c3D4e5", 4)[:36]
	for i := range 60 {
		rec := callbacktest.NewRecorder()
		run := rec.Client(t, small).StartRun(callback.RunInfo{ThreadID: "t"})
		text := strings.Repeat("x", 6000+40*i) + " " + secret + " " + strings.Repeat("y", 10_000)
		run.Root().Warning("w", slog.String("text", text))
		run.Root().Warning("w", slog.Any("bytes", []byte(text)))
		run.Root().StartTool(callback.ToolCall{Name: "tool",
			Arguments: map[string]string{"text": text}})
		run.SetState(map[string]string{"text": text})
		for _, r := range rec.Records() {
			if strings.Contains(string(r.Value), secret[:12]) {
				t.Fatalf("%d: a part of the secret got through", i)
			}
		}
	}
}

// A run is visible from its start, whatever happens to its state: the marks of many secrets fit, or
// the state is sent separately.
func TestAGraphStartHasRoomForTheMarksOfItsState(t *testing.T) {
	for name, state := range map[string]any{
		"names":  slices.Repeat([]any{map[string]string{"pwd": "ab"}}, smallMessage/15),
		"digits": map[string]any{"passwords": slices.Repeat([]int{1}, smallMessage/4)},
		"raw":    json.RawMessage(`{"passwords":[` + strings.Repeat("1,", smallMessage/4) + `1]}`),
		"little": map[string]any{"passwords": slices.Repeat([]int{1}, smallMessage/13/2)},
	} {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, small)
		client.StartRun(callback.RunInfo{ThreadID: "t", InitialState: state}).End(nil)
		events := rec.Events("t")
		if len(events) != 2 || events[0].GetEventType() != pb.EventType_EVENT_TYPE_GRAPH_START {
			t.Errorf("%s: the events are %v", name, events)
			continue
		}
		in := []byte(attribute(events[0], "initial_state_json"))
		if got := string(follow(t, in, rec.Messages("t"))); !json.Valid([]byte(got)) ||
			!strings.Contains(got, "[REDACTED:password]") {
			t.Errorf("%s: the state is %.100s", name, got)
		}
		complete(t, rec)
	}
}

// Readers parse the initial state as JSON, and so does a browser, which throws if it is not JSON.
func TestAnInitialStateThatIsNoJSONIsReplaced(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":`: `{"$unreadable":"no JSON"}`, `{} {}`: `{"$unreadable":"no JSON"}`,
		"": "null", ` [1] `: ` [1] `, "\"\xff\"": "\"\ufffd\"",
	} {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t)
		client.StartRun(callback.RunInfo{ThreadID: "t", InitialState: json.RawMessage(text)}).
			End(nil)
		if got := attribute(rec.Events("t")[0], "initial_state_json"); got != want {
			t.Errorf("%q: %q", text, got)
		}
		counted := 0
		for _, d := range client.Stats().State.Degraded {
			if d.Name == "unreadable" {
				counted = int(d.Count)
			}
		}
		if unreadable := strings.Contains(want, "$unreadable"); (counted == 1) != unreadable {
			t.Errorf("%q: counted %d times", text, counted)
		}
	}
}

// Whatever is emitted, no record is larger than a message may be, and what can be shortened is not
// lost.
func TestAnyMixtureOfSizesFits(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 3))
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, small, func(c *callback.Config) {
			c.ExecutionTrace = rng.IntN(2) == 0
		})
		text := func() string {
			return strings.Repeat(string(rune('a'+rng.IntN(26)))+"é",
				rng.IntN(6000))
		}
		run := client.StartRun(callback.RunInfo{ThreadID: "t", InitialState: text()})
		for range 20 {
			n := run.StartNode("n", slog.String("a", text()), slog.String("b", text()))
			switch rng.IntN(5) {
			case 0:
				n.StartTool(callback.ToolCall{Arguments: []string{text(), text()}}).Complete(text())
			case 1:
				l := n.StartLLM(callback.LLMRequest{Prompt: text()})
				l.Token(text())
				l.End(callback.LLMResult{Text: text()}, nil)
			case 2:
				n.Error(errOops, callback.ErrorInfo{Stack: text()})
			case 3:
				n.SetState([]string{text(), text()})
			case 4:
				n.SaveCheckpoint(callback.Checkpoint{ID: "c", State: []string{text(), text(),
					text()}})
			}
			n.End(nil)
		}
		run.End(nil)
		for _, r := range rec.Records() {
			if len(r.Value) > smallMessage {
				t.Fatalf("seed %d: a record has %d bytes", seed, len(r.Value))
			}
		}
		if st := client.Stats().Total; st.Lost() > 0 {
			t.Fatalf("seed %d: %v", seed, st.Dropped)
		}
		complete(t, rec)
	}
}

// Marks are longer than most secrets. A message that they make too large is dropped alone, before
// the broker would reject it.
func TestWhatMarksMakeTooLargeIsDroppedAlone(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, small)
	run := client.StartRun(callback.RunInfo{ThreadID: "t"})
	flush(t, client)
	attrs := make([]slog.Attr, 400)
	for i := range attrs {
		attrs[i] = slog.String(fmt.Sprint("password", i), "x")
	}
	run.Root().Warning("w", attrs...)
	flush(t, client)
	run.End(nil)
	for _, r := range rec.Records() {
		if len(r.Value) > smallMessage {
			t.Errorf("a record has %d bytes", len(r.Value))
		}
	}
	if n := client.Stats().Total; n.Dropped[batching.TooLarge] != 1 || n.Delivered != 2 {
		t.Errorf("the account is %+v", n)
	}
}
