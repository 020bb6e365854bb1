package integration

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// during runs a load, calls what is to happen meanwhile, and returns when the load has ended.
func during(client *callback.Client, threads, rate int, payload string, happen func()) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		load(client, threads, rate, payload, stop)
	}()
	happen()
	close(stop)
	<-ended
}

func after(d time.Duration) { <-time.After(d) }

func TestNothingIsLostWhileBrokersStandStillAndTheQueueHasRoom(t *testing.T) {
	c := newCluster(t)
	client := newClient(t, c.config())
	pause := 10 * time.Second
	if testing.Short() {
		pause = 3 * time.Second
	}
	during(client, 200, 20_000, strings.Repeat("text ", 20), func() {
		after(time.Second)
		thaw := c.freeze(t)
		after(pause)
		if s := client.Stats(); s.Permits.InUse == 0 || s.Queue.Events == 0 {
			t.Errorf("nothing is held while the brokers stand still: %+v %+v", s.Queue, s.Permits)
		}
		thaw()
		after(time.Second)
	})
	report, err := client.Shutdown(deadline(t, time.Minute))
	if err != nil || !report.Complete() {
		t.Fatalf("%+v, %v", report, err)
	}
	if s := client.Stats(); s.Permits.InUse != 0 || s.Queue.Bytes != 0 {
		t.Errorf("permits in use %d and %d bytes held after the end", s.Permits.InUse,
			s.Queue.Bytes)
	}
	if err := c.readTopic(t).Err(); err != nil {
		t.Error(err)
	}
}

func TestWhatFindsNoRoomIsCountedAndMissing(t *testing.T) {
	c := newCluster(t)
	cfg := c.config()
	cfg.QueueBytes, cfg.MaxMessageBytes = 256<<10, 64<<10
	cfg.BatchBytes = 16 << 10
	client := newClient(t, cfg)
	during(client, 20, 5_000, strings.Repeat("text ", 20), func() {
		after(500 * time.Millisecond)
		thaw := c.freeze(t)
		after(3 * time.Second)
		thaw()
		after(time.Second)
	})
	report, err := client.Shutdown(deadline(t, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	lost := report.Dropped["queue_full"]
	if lost == 0 || report.Delivered+lost != report.Emitted {
		t.Fatalf("%+v", report)
	}
	found := c.readTopic(t)
	// Each number that is missing is stated.
	if got := found.Missing(); got > 0 || found.ofThreads() != report.Delivered {
		t.Errorf("%d numbers are missing without an explanation and %d messages arrived; %d were "+
			"lost and %d delivered", got, found.ofThreads(), lost, report.Delivered)
	}
	duplicates := slices.DeleteFunc(slices.Clone(found.Duplicates),
		func(d callbacktest.Duplicate) bool { return d.Sequence == 0 }) // statements sent again
	if len(found.Reorders)+len(duplicates) > 0 {
		t.Errorf("%d reorders, %d duplicates", len(found.Reorders), len(duplicates))
	}
}

func TestWhatMayHaveArrivedIsUnacknowledged(t *testing.T) {
	c := newCluster(t)
	cfg := c.config()
	cfg.DeliveryTimeout = 3 * time.Second
	client := newClient(t, cfg)
	during(client, 50, 2_000, "text", func() {
		after(time.Second)
		thaw := c.freeze(t)
		after(8 * time.Second)
		thaw()
		after(2 * time.Second)
	})
	report, err := client.Shutdown(deadline(t, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if report.Unacknowledged+report.Dropped["timeout"] == 0 || report.Left != 0 {
		t.Fatalf("nothing was given up: %+v", report)
	}
	arrived := c.readTopic(t).ofThreads()
	if arrived < report.Delivered || arrived > report.Delivered+report.Unacknowledged {
		t.Errorf("%d arrived; %+v", arrived, report)
	}
}

func TestShutdownKeepsItsDeadline(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*testing.T, *cluster)
	}{
		{"brokers stand still", func(t *testing.T, c *cluster) { c.freeze(t) }},
		{"brokers are gone", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			c := newCluster(t)
			cfg := c.config()
			if tt.end == nil {
				cfg.Brokers, cfg.StartTimeout = []string{"127.0.0.1:1"}, 200*time.Millisecond
				before = runtime.NumGoroutine()
			}
			client := newClient(t, cfg)
			oneRun(client, "before", 2)
			if tt.end != nil {
				if err := client.Flush(deadline(t, 10*time.Second)); err != nil {
					t.Fatal(err)
				}
				before = runtime.NumGoroutine()
				tt.end(t, c)
			}
			for range 100 {
				oneRun(client, "after", 2)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			begin := time.Now()
			report, err := client.Shutdown(ctx)
			if took := time.Since(begin); took > 2200*time.Millisecond {
				t.Errorf("Shutdown took %v of 2 s", took)
			}
			if err == nil || !strings.Contains(err.Error(), "were not delivered") ||
				report.Delivered == report.Emitted || report.Left != 0 {
				t.Errorf("%+v, %v", report, err)
			}
			after(2 * time.Second)
			if now := runtime.NumGoroutine(); now > before {
				t.Errorf("%d goroutines 2 s after Shutdown, %d before", now, before)
			}
		})
	}
}

func TestWhatIsEmittedBeforeTheBrokersAreThereArrives(t *testing.T) {
	c := newCluster(t)
	thaw := c.freeze(t)
	cfg := c.config()
	cfg.StartTimeout = 300 * time.Millisecond
	client := newClient(t, cfg)
	for i := range 20 {
		oneRun(client, "t", i%3)
	}
	after(time.Second)
	thaw()
	report, err := client.Shutdown(deadline(t, time.Minute))
	if err != nil || !report.Complete() {
		t.Fatalf("%+v, %v", report, err)
	}
	if err := c.readTopic(t).Err(); err != nil {
		t.Error(err)
	}
}
