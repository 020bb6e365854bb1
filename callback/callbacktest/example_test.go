package callbacktest_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// In a test, a client that sends to the Recorder is one line, and needs no shutdown. A test of a
// graph that does so is in examples/approval.
func ExampleRecorder_Client() {
	_ = func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t)

		// the code under test
		client.StartRun(callback.RunInfo{ThreadID: "conversation-7"}).End(nil)

		if events := rec.Events("conversation-7"); len(events) != 2 {
			t.Errorf("%d events, want the run's start and end", len(events))
		}
		if report := rec.Check(); report.Err() != nil {
			t.Error(report.Err())
		}
	}
}

// Outside of tests, the Recorder is a Sender like any other.
func ExampleNewRecorder() {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{Sender: rec, Logger: slog.New(slog.DiscardHandler),
		SelfMetrics: callback.SelfMetricsOff})
	if err != nil {
		log.Fatal(err)
	}
	client.StartRun(callback.RunInfo{ThreadID: "conversation-7"}).End(nil)
	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, e := range rec.Events() {
		fmt.Println(e.GetHeader().GetThreadId(), e.GetHeader().GetSequence(), e.GetEventType())
	}
	// Output:
	// conversation-7 1 EVENT_TYPE_GRAPH_START
	// conversation-7 2 EVENT_TYPE_GRAPH_END
}
