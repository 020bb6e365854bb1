package integration

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

func TestEveryEventOfConcurrentRunsArrivesInOrder(t *testing.T) {
	for _, compression := range []callback.Compression{"zstd", "lz4", "snappy", "none"} {
		t.Run(compression.String(), func(t *testing.T) {
			c := newCluster(t)
			cfg := c.config()
			cfg.Compression = compression
			client := newClient(t, cfg)
			var runs sync.WaitGroup
			for i := range 200 {
				runs.Go(func() { oneRun(client, fmt.Sprintf("thread-%d", i), 1+i%4) })
			}
			runs.Wait()
			report, err := client.Shutdown(deadline(t, 30*time.Second))
			if err != nil || !report.Complete() {
				t.Fatalf("%+v, %v", report, err)
			}
			found := c.readTopic(t)
			if err := found.Err(); err != nil {
				t.Error(err)
			}
			if got, want := uint64(found.Messages), client.Stats().Total.Messages; got != want {
				t.Errorf("%d messages in the topic, %d counted as sent", got, want)
			}
			if found.Threads != 200 {
				t.Errorf("%d threads in the topic, want 200", found.Threads)
			}
		})
	}
}

func TestTwoClientsShareATopic(t *testing.T) {
	c := newCluster(t)
	var clients sync.WaitGroup
	for i := range 2 {
		client := newClient(t, c.config())
		clients.Go(func() {
			for j := range 20 {
				oneRun(client, fmt.Sprintf("client-%d-thread-%d", i, j), 2)
			}
			if report, err := client.Shutdown(deadline(t, 30*time.Second)); err != nil ||
				!report.Complete() {
				t.Errorf("%+v, %v", report, err)
			}
		})
	}
	clients.Wait()
	if err := c.readTopic(t).Err(); err != nil {
		t.Error(err)
	}
}

func TestAThreadContinuesInAnotherProcess(t *testing.T) {
	c := newCluster(t)
	first := newClient(t, c.config())
	run := first.StartRun(callback.RunInfo{ThreadID: "t", Graph: graph})
	run.StartNode("agent").End(nil)
	run.Interrupt("approval")
	position := run.Position()
	if _, err := first.Shutdown(deadline(t, 30*time.Second)); err != nil {
		t.Fatal(err)
	}
	second := newClient(t, c.config())
	run = second.StartRun(callback.RunInfo{ThreadID: "t", Resume: true, After: position})
	run.StartNode("tools").End(nil)
	run.End(nil)
	if _, err := second.Shutdown(deadline(t, 30*time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := c.readTopic(t).Err(); err != nil {
		t.Error(err)
	}
}

func TestFlushReturnsWhenWhatWasEmittedIsInTheTopic(t *testing.T) {
	c := newCluster(t)
	cfg := c.config()
	cfg.Linger = 30 * time.Second
	client := newClient(t, cfg)
	for i := range 50 {
		client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint("t", i)}).StartNode("n")
	}
	if err := client.Flush(deadline(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	if got := c.readTopic(t).Messages; got != 100 {
		t.Errorf("%d messages in the topic after Flush, want 100", got)
	}
}

func TestShutdownTwiceSaysTheSame(t *testing.T) {
	c := newCluster(t)
	client := newClient(t, c.config())
	oneRun(client, "t", 2)
	first, err1 := client.Shutdown(context.Background())
	second, err2 := client.Shutdown(context.Background())
	if err1 != nil || err2 != nil || first.Delivered != second.Delivered ||
		first.Emitted != second.Emitted || !first.Complete() {
		t.Errorf("%+v, %v; then %+v, %v", first, err1, second, err2)
	}
}
