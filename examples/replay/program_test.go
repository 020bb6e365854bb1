package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

const sample = "testdata/conversations.json"

// outcome is what a program left behind.
type outcome struct {
	code           int
	result         result
	stdout, stderr string
}

// replayed runs the program with a sender instead of Kafka.
func replayed(t *testing.T, ctx context.Context, cfg callback.Config, args ...string) outcome {
	t.Helper()
	var stdout bytes.Buffer
	stderr := new(lockedBuffer)
	p := program{stdout: &stdout, screen: newScreen(stderr), config: func() (callback.Config,
		error) {
		return cfg, nil
	}}
	o := outcome{code: p.run(ctx, args)}
	o.stdout, o.stderr = stdout.String(), stderr.String()
	if o.stdout != "" {
		dec := json.NewDecoder(strings.NewReader(o.stdout))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&o.result); err != nil || strings.Count(o.stdout, "\n") != 1 {
			t.Errorf("stdout is not one JSON line (%v): %s", err, o.stdout)
		}
	}
	return o
}

// lockedBuffer is a buffer that one goroutine may read while another writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestEveryRecordedRunIsReplayedInFullDetail(t *testing.T) {
	l := new(ledger)
	o := replayed(t, t.Context(), callback.Config{Sender: l}, sample)
	if o.code != exitDone {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	l.verify(t, map[string]int{
		"EVENT_TYPE_GRAPH_START": 3, "EVENT_TYPE_GRAPH_END": 3, "EVENT_TYPE_NODE_START": 13,
		"EVENT_TYPE_NODE_END":  13,
		"EVENT_TYPE_LLM_START": 5, "EVENT_TYPE_LLM_END": 5, "EVENT_TYPE_HUMAN_INTERRUPT": 3,
		"EVENT_TYPE_HUMAN_RESUME":       3,
		"EVENT_TYPE_CONDITIONAL_BRANCH": 11, "EVENT_TYPE_EDGE_TRAVERSAL": 2,
		"EXECUTION_STAGE_REQUESTED": 6, "EXECUTION_STAGE_STARTED": 6,
		"EXECUTION_STAGE_COMPLETED": 5, "EXECUTION_STAGE_FAILED": 1,
		"quality": 2,
	})
	r := &o.result
	if len(l.threads) != 3 || uint64(l.messages) != r.Messages || uint64(l.records) != r.Batches {
		t.Errorf("%d threads; %d messages in %d records, reported %d in %d", len(l.threads),
			l.messages, l.records, r.Messages, r.Batches)
	}
	if r.Emitted == 0 || r.Emitted != r.Delivered || r.Emitted != r.Accepted ||
		len(r.Dropped) != 0 || r.HighWater.Events == 0 || r.HighWater.Permits == 0 {
		t.Errorf("result %+v", r)
	}
	texts := map[string]bool{}
	for _, text := range l.texts {
		texts[text] = true
	}
	if !texts["Yes: two copies, on shelf C-4."] || !texts["One moment.Größer — 比較 ✓"] {
		t.Errorf("texts of tokens: %v", texts)
	}
}

func TestDetailsOfToolsAndModels(t *testing.T) {
	l := new(ledger)
	if o := replayed(t, t.Context(), callback.Config{Sender: l}, "--concurrency=1", "--runs=1",
		sample); o.code != exitDone {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	var found []string
	for _, m := range l.decoded {
		if x := m.GetToolExecution(); x != nil {
			found = append(found, x.GetToolName()+" "+x.GetCallId()+" "+
				string(x.GetArguments())+string(x.GetResult()))
		}
		for e := range m.Events() {
			for _, name := range []string{"initial_state_json", "task_id", "prompt", "completion",
				"finish_reason", "condition_result"} {
				if a := e.GetAttributes()[name]; a != nil {
					found = append(found, e.GetNodeId()+" "+name+" "+a.GetStringValue())
				}
			}
		}
	}
	const arguments = `search_title call_1 {"title": "The Soul of a New Machine"}`
	want := []string{
		` initial_state_json {"messages":[{"role":"system","content":"You help people to find books."}]}`,
		` task_id 7`,
		`agent prompt Is The Soul of a New Machine in stock?`,
		`agent finish_reason tool_calls`,
		arguments, arguments, `search_title call_1 {"copies": 2, "shelf": "C-4"}`,
		`agent prompt {"copies": 2, "shelf": "C-4"}`,
		`agent completion Yes: two copies, on shelf C-4.`,
		`agent finish_reason stop`,
	}
	for _, w := range want {
		at := slices.Index(found, w)
		if at < 0 {
			t.Fatalf("%q is missing (or out of order) in\n%s", w, strings.Join(found, "\n"))
		}
		found = found[at+1:]
	}
}

func TestLastLineHasTheKeysThatToolsRead(t *testing.T) {
	o := replayed(t, t.Context(), callback.Config{Sender: new(ledger)}, sample)
	var object map[string]any
	if err := json.Unmarshal([]byte(o.stdout), &object); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"emitted": nil, "accepted": nil, "delivered": nil, "unacknowledged": nil, "unchanged": nil,
		"dropped": {}, "queued": nil, "in_flight": nil,
		"high_water": {"bytes", "events", "permits"}, "door_to_ack_ms": {"max", "p50", "p99"},
		"state": {"bytes", "checkpoints", "patches", "whole"}, "messages": nil, "batches": nil,
		"wire_bytes": nil, "cpu_ns_per_event": nil, "seconds": nil,
	}
	if len(object) != len(want) {
		t.Errorf("%d keys, want %d: %s", len(object), len(want), o.stdout)
	}
	for key, inner := range want {
		value, ok := object[key]
		if !ok {
			t.Errorf("%s is missing", key)
		}
		if inner == nil {
			if _, ok := value.(float64); !ok {
				t.Errorf("%s is %v, want a number", key, value)
			}
			continue
		}
		fields, _ := value.(map[string]any)
		for _, name := range inner {
			if _, ok := fields[name].(float64); !ok {
				t.Errorf("%s.%s is %v, want a number", key, name, fields[name])
			}
		}
		if fields == nil || len(fields) != len(inner) {
			t.Errorf("%s is %v", key, value)
		}
	}
}

func TestAThousandRunsAreUnderWayAtOnce(t *testing.T) {
	l := new(ledger)
	o := replayed(t, t.Context(), callback.Config{Sender: l}, "--runs", "1000", "--concurrency",
		"1000", sample)
	if o.code != exitDone ||
		!strings.Contains(o.stderr, "replayed 1,000 runs of 3 recorded ones, up to 1,000 at once") {
		t.Errorf("exit code %d: %s", o.code, o.stderr)
	}
	l.verify(t, map[string]int{"EVENT_TYPE_GRAPH_START": 1000, "EVENT_TYPE_GRAPH_END": 1000})
	if len(l.threads) != 1000 {
		t.Errorf("%d threads", len(l.threads))
	}
}

func TestRateHoldsForTheWholeProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := new(ledger)
		o := replayed(t, t.Context(), callback.Config{Sender: l, SelfMetrics: "off"}, "--rate=500",
			"--duration=25s", "--concurrency=20", sample)
		r := &o.result
		// 500 × 25, less what is left of quanta, and the ends of the runs that were cut off.
		if o.code != exitDone || r.Emitted < 12_480 || r.Emitted > 12_600 || r.Seconds < 25 ||
			r.Seconds > 25.3 {
			t.Errorf("exit code %d, %d events in %v s: %s", o.code, r.Emitted, r.Seconds, o.stderr)
		}
		l.verify(t, nil)
		if n := l.tally["EVENT_TYPE_GRAPH_ERROR"]; n == 0 || n > 20 ||
			l.tally["EVENT_TYPE_GRAPH_END"]+n != l.tally["EVENT_TYPE_GRAPH_START"] {
			t.Errorf("%d runs, %d ended, %d cut off", l.tally["EVENT_TYPE_GRAPH_START"],
				l.tally["EVENT_TYPE_GRAPH_END"], n)
		}
		progress := regexp.MustCompile(
			`(?m)^replay:  (40|80) %  [\d,]+ events, (499|50\d)/s, 20 runs under way, queue \d+, \d+ permits, 0 lost, \d+s left$`)
		if n := len(progress.FindAllString(o.stderr, -1)); n != 2 {
			t.Errorf("%d lines of progress, want 2:\n%s", n, o.stderr)
		}
	})
}

func TestInterruptEndsRunsAndSaysWhatBecameOfThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		l := new(ledger)
		o := replayed(t, ctx, callback.Config{Sender: l, SelfMetrics: "off"}, "--rate=10",
			"--concurrency=2", sample)
		if r := &o.result; o.code != exitDone || r.Delivered != r.Emitted || r.Emitted < 30 {
			t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
		}
		l.verify(t, map[string]int{"EVENT_TYPE_GRAPH_ERROR": 2})
	})
}

func TestInterruptReachesRunsThatWaitForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		cfg := callback.Config{Sender: &ledger{stalled: true}, QueueEvents: 30,
			SelfMetrics: "off", ShutdownTimeout: time.Second}
		o := replayed(t, ctx, cfg, "--runs=100", "--concurrency=10", sample)
		r := &o.result
		if o.code != exitIncomplete || r.Unacknowledged == 0 || r.Delivered != 0 || !r.closes() {
			t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
		}
		if took := time.Since(start); took > 5*time.Second+patience+time.Second+
			200*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

func TestWithoutARateEmittingWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, overflow := range []callback.Overflow{"", callback.OverflowDrop} {
			l := &ledger{slow: 50 * time.Millisecond}
			cfg := callback.Config{Sender: l, QueueEvents: 30,
				SelfMetrics: "off", Overflow: overflow}
			o := replayed(t, t.Context(), cfg, "--runs=30", "--concurrency=10", sample)
			lost := o.result.Dropped["queue_full"]
			want := map[callback.Overflow]int{
				"": exitDone, callback.OverflowDrop: exitLost,
			}[overflow]
			if o.code != want || (lost > 0) != (overflow == "drop") {
				t.Errorf("overflow %q: exit code %d, %d lost: %s", overflow, o.code, lost, o.stdout)
			}
			if overflow == "" {
				l.verify(t, map[string]int{"EVENT_TYPE_GRAPH_END": 30})
			}
		}
	})
}

func TestSmallQueueDropsAreCountedByReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := callback.Config{Sender: &ledger{stalled: true}, QueueEvents: 100,
			SelfMetrics: "off", DeliveryTimeout: 2 * time.Second, ShutdownTimeout: time.Second}
		o := replayed(t, t.Context(), cfg, "--rate=1000", "--duration=1s", sample)
		if r := &o.result; r.Dropped["queue_full"] < 800 || !r.closes() ||
			r.HighWater.Events != 100 {
			t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
		}
	})
}

func TestMetricsAreServedWhileItReplays(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stderr := new(lockedBuffer)
	var stdout bytes.Buffer
	p := program{stdout: &stdout, screen: newScreen(stderr), config: func() (callback.Config,
		error) {
		return callback.Config{Sender: new(ledger)}, nil
	}}
	code := make(chan int)
	go func() {
		code <- p.run(ctx, []string{"--rate=1000", "--duration=1m", "--metrics-addr=127.0.0.1:0",
			sample})
	}()
	defer func() {
		cancel()
		if c := <-code; c != exitDone {
			t.Errorf("exit code %d: %s", c, stderr)
		}
	}()
	address := regexp.MustCompile(`metrics: (http://\S+/metrics), page: (http://\S+/)`)
	var url []string
	for deadline := time.Now().Add(10 * time.Second); url ==
		nil; url = address.FindStringSubmatch(stderr.String()) {
		if time.Now().After(deadline) {
			t.Fatalf("no address: %s", stderr)
		}
	}
	for i, want := range [][]string{
		1: {"dashstream_events_emitted_total", "dashstream_telemetry_max_permits", "go_goroutines"},
		2: {"<!doctype html>", "The last five minutes"},
	} {
		if want == nil {
			continue
		}
		resp, err := http.Get(url[i])
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // it was read
		body, err := io.ReadAll(resp.Body)
		for _, name := range want {
			if !bytes.Contains(body, []byte(name)) {
				t.Errorf("%s is missing from %s (error %v)", name, url[i], err)
			}
		}
	}
}
