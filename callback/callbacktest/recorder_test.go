package callbacktest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func types(events []*pb.Event) (names []string) {
	for _, e := range events {
		names = append(names, strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_"))
	}
	return names
}

func TestRecorderShowsWhatWasEmittedAtOnce(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	a := client.StartRun(callback.RunInfo{ThreadID: "a"})
	b := client.StartRun(callback.RunInfo{ThreadID: "b"})
	a.StartNode("n").StartTool(callback.ToolCall{Name: "search"})
	b.End(nil)
	if got, want := types(rec.Events("a")), []string{"GRAPH_START",
		"NODE_START"}; !slices.Equal(got, want) {
		t.Errorf("events of thread a: %v, want %v", got, want)
	}
	if got, want := types(rec.Events("b")), []string{"GRAPH_START", "GRAPH_END"}; !slices.Equal(got,
		want) {
		t.Errorf("events of thread b: %v, want %v", got, want)
	}
	if n := len(rec.Events()); n != 4 {
		t.Errorf("%d events of all threads, want 4", n)
	}
	if n := len(rec.Messages("a")); n != 2 ||
		rec.Messages("a")[1].GetToolExecution().GetToolName() != "search" {
		t.Errorf("messages of thread a: %v", rec.Messages("a"))
	}
	if n := len(rec.Messages("c")); n != 0 {
		t.Errorf("%d messages of a thread that is not there", n)
	}
	threads := rec.Threads()
	if slices.Sort(threads); !slices.Equal(threads, []string{"a", "b"}) {
		t.Errorf("threads %v", threads)
	}
	if report := rec.Check(); report.Messages != 5 || len(report.Violations) > 0 {
		t.Errorf("the checker says %+v", report)
	}
	rec.Reset()
	a.End(nil)
	if got, want := types(rec.Events()), []string{"GRAPH_END"}; !slices.Equal(got, want) {
		t.Errorf("events after Reset: %v, want %v", got, want)
	}
}

func TestRecorderKeepsRecordsAsATopicWould(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, func(cfg *callback.Config) { cfg.InstanceID = "producer-1" })
	for i := range 2 {
		client.StartRun(callback.RunInfo{ThreadID: "a"}).End(nil)
		if n := len(rec.Records()); n != i+1 {
			t.Fatalf("%d records after %d runs", n, i+1)
		}
	}
	records := rec.Records()
	for i, r := range records {
		if r.Offset != int64(i) || string(r.Key) != "a" {
			t.Errorf("record %d has offset %d and key %q", i, r.Offset, r.Key)
		}
		if !slices.ContainsFunc(r.Headers, func(h callbacktest.Header) bool {
			return h.Key == "ds-producer" && string(h.Value) == "producer-1"
		}) {
			t.Errorf("record %d has headers %v", i, r.Headers)
		}
	}
}

func TestRecorderServesManyClientsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		var wg sync.WaitGroup
		for i := range 4 {
			client := rec.Client(t)
			wg.Go(func() {
				for range 50 {
					client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint(i)}).End(nil)
					rec.Messages()
				}
			})
		}
		wg.Wait()
		if n := len(rec.Events()); n != 400 {
			t.Errorf("%d events, want 400", n)
		}
	})
}

func TestRecorderTakesAClientThatSomebodyElseMade(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{Sender: rec, Logger: slog.New(slog.DiscardHandler),
		SelfMetrics: "off"})
	if err != nil {
		t.Fatal(err)
	}
	client.StartRun(callback.RunInfo{})
	if _, err := client.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if n := len(rec.Events()); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

func TestClientIsShutDownWhenItsTestEnds(t *testing.T) {
	rec := callbacktest.NewRecorder()
	var client *callback.Client
	t.Run("inner", func(t *testing.T) {
		client = rec.Client(t)
		client.StartRun(callback.RunInfo{ThreadID: "a"})
	})
	if n := len(rec.Events()); n != 1 {
		t.Errorf("%d events after the test, want 1", n)
	}
	client.StartRun(callback.RunInfo{ThreadID: "b"})
	if n := client.Stats().Total.Dropped[batching.Closed]; n != 1 {
		t.Errorf("%d events dropped after the test, want 1", n)
	}
}

func TestRecorderRefusesWhatIsNoMessage(t *testing.T) {
	rec := callbacktest.NewRecorder()
	var got error
	rec.Send(&batching.Batch{Key: []byte("a"), Value: []byte{7}, Events: 1},
		func(_ *batching.Batch, err error) { got = err })
	var refused *batching.SendError
	if !errors.As(got, &refused) || refused.Outcome != batching.Dropped ||
		refused.Reason != batching.Rejected {
		t.Errorf("the error is %v", got)
	}
	if n := len(rec.Records()); n != 0 {
		t.Errorf("%d records were kept", n)
	}
}
