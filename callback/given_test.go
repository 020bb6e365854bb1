package callback_test

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Every start, end, error and other event that takes attributes takes its time from them, and its
// duration follows.
func TestGivenTimes(t *testing.T) {
	start := time.Date(2024, 2, 29, 12, 0, 0, 1000, time.UTC)
	at := func(seconds int) slog.Attr {
		return callback.At(start.Add(time.Duration(seconds) * time.Second))
	}
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	run := client.StartRun(callback.RunInfo{Attrs: []slog.Attr{at(0)}, Trace: true})
	node := run.StartNode("node", slog.Int("before", 1), at(1), slog.Int("after", 2))
	node.Warning("warning", at(2))
	llm := node.StartLLM(callback.LLMRequest{Attrs: []slog.Attr{at(3)}})
	llm.Token("token")
	llm.Retry(2, nil, at(4))
	llm.End(callback.LLMResult{Attrs: []slog.Attr{at(6)}}, errors.New("oops"))
	asEvents := node.RequestTool(callback.ToolCall{EventsOnly: true, Attrs: []slog.Attr{at(7)}})
	asEvents.Start(at(8))
	asEvents.Complete(nil, at(10))
	tool := node.RequestTool(callback.ToolCall{Attrs: []slog.Attr{at(11)}})
	tool.Start(at(12))
	tool.Retry(nil, at(13))
	tool.Fail(nil, at(15))
	node.StartOptimization(callback.Optimization{}, at(16)).End(callback.OptimizationResult{},
		at(18))
	node.End(nil, at(19))
	run.End(nil, at(20))

	// of each message: its time, and how long it took, in seconds; -1 is the time of the call
	want := []struct{ at, took int }{{0, 0}, {1, 0}, {2, 0}, {3, 0}, {-1, 0}, {4, 0}, {6, 0},
		{6, 3}, {8, 0}, {10, 2}, {11, 0}, {12, 0}, {13, 0}, {15, 3}, {16, 0}, {18, 2}, {19, 18},
		{20, 0}, {20, 20}}
	items := itemsOf(rec)
	if len(items) != len(want) {
		t.Fatalf("%d messages, want %d: %v", len(items), len(want), items)
	}
	for i, w := range want {
		wantAt := start.Add(time.Duration(w.at) * time.Second).UnixMicro()
		if got := items[i].header.GetTimestampUs(); w.at >= 0 && got != wantAt {
			t.Errorf("message %d is of %v, want %v: %v", i, time.UnixMicro(got).UTC(),
				time.UnixMicro(wantAt).UTC(), items[i].content)
		}
		took := int64(0)
		switch x := items[i].content.(type) {
		case *pb.Event:
			took = x.GetDurationUs()
			for key := range x.GetAttributes() {
				if key == "dashstream.at" {
					t.Errorf("message %d has the time as an attribute", i)
				}
			}
		case *pb.ToolExecution:
			took = x.GetDurationUs()
		}
		if took != int64(w.took)*1e6 {
			t.Errorf("message %d took %d µs, want %d s: %v", i, took, w.took, items[i].content)
		}
	}
	attributes := items[1].content.(*pb.Event).GetAttributes()
	if len(attributes) != 2 || attributes["before"] == nil || attributes["after"] == nil {
		t.Errorf("the node has the attributes %v, want before and after", attributes)
	}
	checkTraceTimes(t, items[len(items)-2].content.(*pb.ExecutionTrace))
	if n := client.Stats().Input.CorrectedTimes; n != 0 {
		t.Errorf("%d times were corrected, want none", n)
	}
}

func checkTraceTimes(t *testing.T, x *pb.ExecutionTrace) {
	t.Helper()
	node := x.GetNodesExecuted()[0]
	if x.GetStartedAt() != "2024-02-29T12:00:00.000001Z" || x.GetTotalDurationMs() != 20_000 ||
		node.GetStartedAt() != "2024-02-29T12:00:01.000001Z" || node.GetDurationMs() != 18_000 {
		t.Errorf("the execution trace has other times: %v", x)
	}
}

func TestImplausibleTimes(t *testing.T) {
	now := time.Now()
	long, never := now.Add(-time.Hour), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(t time.Time) []slog.Attr { return []slog.Attr{callback.At(t)} }
	tests := map[string]struct {
		run, start, end []slog.Attr
		wantStart       time.Time // of the node
		took            time.Duration
		corrected       uint64
	}{
		"plausible": {at(long), at(long.Add(time.Second)), at(long.Add(3 * time.Second)),
			long.Add(time.Second), 2 * time.Second, 0},
		"an end before its start": {at(long), at(long.Add(time.Second)), at(long), // one µs in all
			long.Add(time.Second), 0, 1},
		"a start before its run's": {at(long), at(long.Add(-time.Second)),
			at(long.Add(time.Second)), long, time.Second, 1},
		"a little before its run": {at(long), at(long.Add(-time.Millisecond)), at(long), long,
			0, 0},
		"a start before a run of now": {nil, at(long), nil, now, 0, 1},
		"a start in the future":       {nil, at(now.Add(time.Hour)), nil, now, 0, 1},
		"an end in the future": {at(long), at(long), at(now.Add(1000 * time.Hour)), long,
			time.Hour, 1},
		"beyond what can be counted":    {nil, at(never), nil, now, 0, 1},
		"before 2000":                   {nil, at(time.Unix(0, 0)), at(time.Unix(1, 0)), now, 0, 2},
		"the zero time says nothing":    {at(time.Time{}), at(time.Time{}), nil, now, 0, 0},
		"a start given, an end of now":  {at(long), at(long), nil, long, time.Hour, 0},
		"a start of now, its end given": {nil, nil, at(long), now, 0, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rec := callbacktest.NewRecorder()
			client := rec.Client(t)
			run := client.StartRun(callback.RunInfo{Attrs: tt.run})
			run.StartNode("node", tt.start...).End(nil, tt.end...)
			run.End(nil)
			items := itemsOf(rec)
			const room = time.Minute // for a test on a busy machine
			got := time.UnixMicro(items[1].header.GetTimestampUs())
			took := time.Duration(items[2].content.(*pb.Event).GetDurationUs()) * time.Microsecond
			if got.Sub(tt.wantStart).Abs() > room || (took-tt.took).Abs() > room || took < 0 {
				t.Errorf("the node is of %v and took %v, want %v and %v", got, took, tt.wantStart,
					tt.took)
			}
			if n := client.Stats().Input.CorrectedTimes; n != tt.corrected {
				t.Errorf("%d times were corrected, want %d", n, tt.corrected)
			}
		})
	}
}

// An event of last year waits as long for others as one of now, and is delivered.
func TestGivenTimesDoNotChangeBatching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client, err := callback.New(callback.Config{Sender: rec, Linger: time.Second,
			DeliveryTimeout: time.Minute, SelfMetrics: "off",
			Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		old := callback.At(time.Now().Add(-30 * time.Second))
		run := client.StartRun(callback.RunInfo{Attrs: []slog.Attr{old}})
		run.StartNode("node", old)
		time.Sleep(time.Second - time.Millisecond)
		synctest.Wait()
		if n := len(rec.Messages()); n != 0 {
			t.Errorf("%d messages were sent before their linger was over", n)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if n := len(rec.Messages()); n != 1 {
			t.Errorf("%d messages were sent when the linger was over, want one batch", n)
		}
		if _, err := client.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestGivenTraceContext(t *testing.T) {
	tests := map[string]struct {
		attr slog.Attr
		want string
	}{
		"none":                  {slog.Int("k", 1), traceA + "+a=b"},
		"one":                   {callback.TraceContext(traceB, "c=d"), traceB + "+c=d"},
		"invalid":               {callback.TraceContext("00-nonsense", "c=d"), traceA + "+a=b"},
		"with an invalid state": {callback.TraceContext(traceB, "c\n"), traceB},
	}
	for name, tt := range tests {
		t.Run(name+", for a run", func(t *testing.T) {
			rec := callbacktest.NewRecorder()
			client := rec.Client(t, traced)
			_, run := client.StartRunContext(inTrace(t.Context(), traceA, "a=b"),
				callback.RunInfo{Attrs: []slog.Attr{tt.attr}})
			run.StartNode("node").End(nil)
			run.End(nil)
			if got := traceHeaders(rec); got != tt.want {
				t.Errorf("the record is of the trace %s, want %s", got, tt.want)
			}
		})
		t.Run(name+", for a node", func(t *testing.T) {
			rec := callbacktest.NewRecorder()
			client := rec.Client(t, traced)
			ctx, run := client.StartRunContext(inTrace(t.Context(), traceA, "a=b"),
				callback.RunInfo{})
			if err := client.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, node := callback.StartNodeContext(ctx, "node", tt.attr)
			node.End(nil)
			if got := traceHeaders(rec); got != traceA+"+a=b "+tt.want {
				t.Errorf("the records are of the traces %s, want that of the node to be %s", got,
					tt.want)
			}
			run.End(nil)
		})
	}
}
