package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/internal/traces/timeline"
)

var update = flag.Bool("update", false, "write the timelines anew")

const corpus = "../../internal/traces/testdata"

// timelinesOf replays a file and returns the timelines of its runs.
func timelinesOf(t *testing.T, file []byte) string {
	t.Helper()
	recordings, err := readRecordings(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	var turned atomic.Int64
	p := player{client: client, flow: flowOf(recordings), turned: &turned}
	var out strings.Builder
	for i := range recordings {
		thread := fmt.Sprint("run ", i+1)
		run, err := p.begin(t.Context(), &recordings[i], thread)
		if err = p.play(t.Context(), run, &recordings[i], err); err != nil {
			t.Fatal(err)
		}
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s, thread %q\n%s\n", thread, recordings[i].trace.Thread,
			timeline.Of(rec.Messages(thread)))
	}
	if err := rec.Check().Err(); err != nil {
		t.Error(err)
	}
	return out.String()
}

// The spans of real instrumentations give the timelines that are written beside them.
func TestRecordedSpansAreReplayedAsTheyWere(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := timelinesOf(t, file)
			golden := strings.TrimSuffix(name, ".json") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the timeline has changed; go test -update writes it anew:\n%s", got)
			}
		})
	}
}

// The collector writes a line for each export, and a trace may be in several.
func TestSpansOfATraceMayBeOnSeveralLines(t *testing.T) {
	line := func(id, parent, operation string, start int) string {
		return fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"a","spanId":%q,`+
			`"parentSpanId":%q,"name":%q,"startTimeUnixNano":"17000000000000%d",`+
			`"endTimeUnixNano":1700000000000090000,"attributes":[{"key":"gen_ai.operation.name",`+
			`"value":{"stringValue":%q}}]}]}]}]}`, id, parent, id, start, operation)
	}
	file := line("2", "1", "chat", 20000) + "\n" + line("3", "2", "unknown", 30000) + "\n" +
		line("4", "3", "execute_tool", 40000) + "\n" + line("1", "0", "invoke_agent", 10000)
	got := timelinesOf(t, []byte(file))
	for _, want := range []string{"run 1,", "GRAPH_START graph_name=1", "  LLM_START",
		"  TOOL_START"} {
		if !strings.Contains(got, want) || strings.Contains(got, "run 2") {
			t.Errorf("no %q, or a second run:\n%s", want, got)
		}
	}
}

func TestExportsOfTracesThatAreNoneAreNamed(t *testing.T) {
	span := `{"traceId":"a","spanId":"b","name":"n","startTimeUnixNano":"1"}`
	for _, c := range []struct{ file, want string }{
		{`{"resourceSpans":7}`, "resourceSpans"},
		{`{"resourceSpans":[]}`, "none of 0 spans"},
		{`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"n"}]}]}]}`, `span "n" has no traceId`},
		{`{"resourceSpans":[{"scopeSpans":[{"spans":[` + span + `]}]}]}`, "none of 1 spans"},
		{`{"resourceSpans":[]} {"messages":[{"role":"user","content":"x"}]}`, "among spans"},
		{`{"role":"user","content":"x"} {"resourceSpans":[]}`, "spans among messages"},
		{`{"messages":[{"role":"user","content":"x"}]} {"resourceSpans":[]}`, "spans among runs"},
		{`{"id":"t","observations":[null],"timestamp":"2026-01-01T00:00:00Z"}`, "found null"},
		{`{"id":"t","observations":[{"id":"o"}],"timestamp":"2026-01-01T00:00:00Z"}`, "no startTime"},
		{`{"id":"t","observations":[]}`, "no timestamp"},
	} {
		_, err := readRecordings(strings.NewReader(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.file, err, c.want)
		}
	}
}

func TestSpansThatPointInCirclesOrNowhereAreReplayed(t *testing.T) {
	span := func(id, parent string) string {
		return fmt.Sprintf(`{"traceId":"a","spanId":%q,"parentSpanId":%q,"name":%[1]q,
			"startTimeUnixNano":"1800000000000000000","endTimeUnixNano":"1700000000000000000",
			"attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"invoke_agent"}}]}`,
			id, parent)
	}
	file := `{"resourceSpans":[{"scopeSpans":[{"spans":[` + strings.Join([]string{span("1", "2"),
		span("2", "1"), span("3", "3"), span("4", "none"), span("4", "1")}, ",") + `]}]}]}`
	if got := timelinesOf(t, []byte(file)); !strings.Contains(got, "GRAPH_START graph_name=4") {
		t.Error(got)
	}
}

func TestLangfuseTracesAreReplayedWithTheirTimes(t *testing.T) {
	at := func(ms int) string {
		return time.Date(2026, 1, 2, 3, 4, 5, ms*1e6, time.UTC).Format(time.RFC3339Nano)
	}
	trace := fmt.Sprintf(`{"id":"t1","name":"support","sessionId":"s1","timestamp":%q,
		"observations":[
		{"id":"o1","type":"AGENT","name":"agent","startTime":%q,"endTime":%q},
		{"id":"o2","type":"GENERATION","name":"chat","parentObservationId":"o1","startTime":%q,
		 "endTime":%q,"model":"gpt-4o","usageDetails":{"input":21,"output":7,"total":28},
		 "input":[{"role":"user","content":"hi"}],"output":{"role":"assistant","content":"Hello"}},
		{"id":"o3","type":"TOOL","name":"search","parentObservationId":"o1","startTime":%q,
		 "endTime":%q,"level":"ERROR","statusMessage":"down"},
		{"id":"o4","type":"EVENT","name":"noise","parentObservationId":"o1","startTime":%q}]}`,
		at(0), at(1), at(50), at(2), at(20), at(20), at(40), at(41))
	want := `run 1, thread "s1"
     0.0 GRAPH_START graph_name=support
     1.0   NODE_START agent
     2.0     LLM_START model=gpt-4o prompt=hi
    20.0     LLM_END model=gpt-4o prompt_tokens=21 completion_tokens=7 completion=Hello
    20.0     TOOL_START tool_name=search
    40.0     TOOL_ERROR tool_name=search error=down
    50.0   NODE_ERROR agent
    50.0 GRAPH_END
`
	want = strings.Replace(want, "NODE_ERROR", "NODE_END", 1)
	for name, file := range map[string]string{"a trace": trace, "a list": "[" + trace + "]",
		"a page": `{"data":[` + trace + `],"meta":{}}`} {
		if got := timelinesOf(t, []byte(file)); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}
