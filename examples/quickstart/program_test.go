package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/examples/quickstart/gopher"
)

func TestProgramReadsBackWhatItEmitted(t *testing.T) {
	for _, name := range []string{"KAFKA_BROKERS", "DASHSTREAM_BROKERS", "KAFKA_BOOTSTRAP_SERVERS",
		"OPENAI_BASE_URL"} {
		t.Setenv(name, "")
	}
	file := filepath.Join(t.TempDir(), "runs.json")
	var out, log strings.Builder
	code := program(t.Context(), []string{"--runs", "24", "--concurrency", "8", "--record", file},
		&out, &log)
	if code != 0 {
		t.Fatalf("exit code %d\n%s\n%s", code, out.String(), log.String())
	}
	for _, want := range []string{
		"run of gopher", "∥ at once", "⚙ search_web", "this agent has no network", "◆ rank",
		"☰ answer", "✔ done", "every message was read back",
		"the extractive writer", "/metrics", "/dashstream/",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in the output:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b[") {
		t.Error("there are colors in what is not a terminal")
	}
	var runs []recorded
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &runs)
	}
	if err != nil || len(runs) != 24 {
		t.Fatalf("recording: %v, %d runs", err, len(runs))
	}
	for _, run := range runs {
		checkRecorded(t, run)
	}
}

// checkRecorded checks that a conversation is what the run did: the tools that were called, with
// what each of them gave.
func checkRecorded(t *testing.T, run recorded) {
	t.Helper()
	answer, _ := run.Traj[len(run.Traj)-1]["content"].(string)
	results := map[string]string{}
	for _, m := range run.Traj {
		if m["role"] == "tool" {
			results[m["name"].(string)] = m["content"].(string)
		}
	}
	if results["search_web"] != "error: search_web: this agent has no network" {
		t.Errorf("search_web gave %q", results["search_web"])
	}
	var found []map[string]any
	if err := json.Unmarshal([]byte(results["search_docs"]), &found); err != nil ||
		len(found) == 0 {
		t.Errorf("search_docs gave %q: %v", results["search_docs"], err)
	}
	if run.Traj[1]["content"] == "" || !strings.Contains(answer, "[") ||
		results["search_docs"] == answer {
		t.Errorf("question %q, answer %q", run.Traj[1]["content"], answer)
	}
}

func TestRecordingKeepsTheRoundsOfTools(t *testing.T) {
	recorder := callbacktest.NewRecorder()
	client := recorder.Client(t)
	run := client.StartRun(callback.RunInfo{InitialState: "why?"})
	n := run.StartNode("n")
	for range 2 {
		a, b := n.StartTool(callback.ToolCall{Name: "a", Arguments: `{}`}),
			n.StartTool(callback.ToolCall{Name: "b"})
		b.Fail(errors.New("no luck"))
		a.Complete("found")
	}
	for _, text := range []string{"not", "because"} { // the model is asked twice
		llm := n.StartLLM(callback.LLMRequest{})
		llm.Token(text)
		llm.End(callback.LLMResult{}, nil)
	}
	run.End(errors.New("too late"))
	client.StartRun(callback.RunInfo{}) // which does not end
	if _, err := client.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	r := newRecording()
	for _, m := range recorder.Messages() {
		r.add(m)
	}
	file := filepath.Join(t.TempDir(), "runs.json")
	if err := r.write(file); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var runs []recorded
	if err := json.Unmarshal(b, &runs); err != nil || len(runs) != 1 || runs[0].Reward != 0 ||
		runs[0].Info["error"] != "too late" {
		t.Fatalf("%v, %s", err, b)
	}
	var got []string
	for _, m := range runs[0].Traj {
		calls, _ := m["tool_calls"].([]any)
		got = append(got, fmt.Sprintf("%v %v %d", m["role"], m["content"], len(calls)))
	}
	round := []string{"assistant <nil> 2", "tool found 0", "tool error: no luck 0"}
	want := slices.Concat([]string{"system " + gopher.Instructions + " 0", "user why? 0"}, round,
		round, []string{"assistant because 0"})
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProgramFailsIfWhatItReadDiffers(t *testing.T) {
	for _, name := range []string{"KAFKA_BROKERS", "DASHSTREAM_BROKERS", "KAFKA_BOOTSTRAP_SERVERS",
		"OPENAI_BASE_URL"} {
		t.Setenv(name, "")
	}
	var out, log strings.Builder
	o, err := parseOptions([]string{"--runs", "2", "--quiet"}, &log)
	if err != nil {
		t.Fatal(err)
	}
	q, err := newQuickstart(t.Context(), o, &out, &log)
	if err != nil {
		t.Fatal(err)
	}
	defer q.close()
	q.stream.mu.Lock()
	q.stream.kinds[pb.MessageType_MESSAGE_TYPE_EVENT]++ // as if a message had come that nobody sent
	q.stream.mu.Unlock()
	if code := q.exit(t.Context()); code != 1 || !strings.Contains(log.String(),
		"messages of type MESSAGE_TYPE_EVENT were read back") || !strings.Contains(out.String(),
		"differs from what was emitted") {
		t.Errorf("exit code %d\n%s\n%s", code, out.String(), log.String())
	}
}

func TestCtrlCEndsTheRunsAndStillPrintsTheSummary(t *testing.T) {
	for _, name := range []string{"KAFKA_BROKERS", "DASHSTREAM_BROKERS", "KAFKA_BOOTSTRAP_SERVERS",
		"OPENAI_BASE_URL"} {
		t.Setenv(name, "")
	}
	var out, log strings.Builder
	o, err := parseOptions([]string{"--runs", "100000", "--quiet"}, &log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	q, err := newQuickstart(ctx, o, &out, &log)
	if err != nil {
		t.Fatal(err)
	}
	defer q.close()
	go func() {
		<-q.tree.ended // one run is over, others are under way
		cancel()
	}()
	if code := q.exit(ctx); code != 0 || !strings.Contains(out.String(),
		"every message was read back") || !strings.Contains(out.String(), "0 failed") {
		t.Errorf("exit code %d\n%s\n%s", code, out.String(), log.String())
	}
}

func TestProgramSaysWhatIsWrongWithItsArguments(t *testing.T) {
	tests := []struct{ args, says string }{
		{"--runs -1", "--runs is -1"},
		{"--concurrency 0", "--concurrency is 0"},
		{"--rate -2", "--rate is -2"},
		{"--questions no-such-file.txt", "no-such-file.txt"},
		{"stray", `"stray"`},
	}
	for _, tt := range tests {
		var out, log strings.Builder
		if code := program(t.Context(), strings.Fields(tt.args), &out, &log); code != 2 ||
			!strings.Contains(log.String(), tt.says) {
			t.Errorf("%s: exit code %d, %s", tt.args, code, log.String())
		}
	}
	var help strings.Builder
	if code := program(t.Context(), []string{"--help"}, &help, &help); code != 0 ||
		!strings.Contains(help.String(), "Exit codes") {
		t.Errorf("--help: exit code %d, %s", code, help.String())
	}
}

func TestModelBehindAnEndpointWritesTheAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req chatRequest
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil ||
			r.Header.Get("Authorization") != "Bearer sesame" ||
			r.URL.Path != "/v1/chat/completions" {
			http.Error(w, "what?", http.StatusBadRequest)
			return
		}
		if !req.Stream {
			fmt.Fprint(w,
				`{"choices":[{"message":{"role":"assistant","content":"Use X."},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}`)
			return
		}
		fmt.Fprint(w, "data: {\"choices\":[{\"delta\":{\"content\":\"Use \"}}]}\n\ndata: "+
			"{\"choices\":[{\"delta\":{\"content\":\"X.\"},\"finish_reason\":\"stop\"}]}\n\n",
			"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,"+
				"\"total_tokens\":7}}\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()
	t.Setenv("OPENAI_BASE_URL", server.URL+"/v1/")
	t.Setenv("OPENAI_API_KEY", "sesame")
	m := openAIFromEnv()
	if m == nil || strings.Contains(m.String(), "sesame") {
		t.Fatalf("%v", m)
	}
	input := []*schema.Message{schema.UserMessage("q")}
	whole, err := m.Generate(t.Context(), input)
	if err != nil || whole.Content != "Use X." || whole.ResponseMeta.Usage.TotalTokens != 7 {
		t.Errorf("%+v, %v", whole, err)
	}
	parts, err := m.Stream(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := schema.ConcatMessageStream(parts)
	if err != nil || joined.Content != "Use X." || joined.ResponseMeta.Usage.TotalTokens != 7 {
		t.Errorf("%+v, %v", joined, err)
	}
	m.key = "wrong"
	if _, err := m.Generate(t.Context(), input); err == nil || !strings.Contains(err.Error(),
		"400") {
		t.Errorf("a refusal gives %v", err)
	}
}
