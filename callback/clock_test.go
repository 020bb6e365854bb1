package callback

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func startedClock() *clock {
	var c clock
	c.start(time.Now())
	return &c
}

func timeOf(c *clock, m moment) time.Time { return time.Unix(0, c.nanos(stamp{moment: m})) }

func TestClockTellsTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startedClock()
		for _, step := range []time.Duration{0, 1, time.Millisecond, clockStep - 1, clockStep,
			3 * clockStep, time.Hour} {
			before := c.now()
			time.Sleep(step)
			got, want := c.now(), time.Now()
			if !timeOf(c, got).Equal(want) || c.micros(got) != want.UnixMicro() ||
				got.sub(before) != step {
				t.Errorf("after %v more: now() = %v, %v later, want %v", step, timeOf(c, got),
					got.sub(before), want)
			}
		}
	})
}

func TestClockFollowsAStepOfTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startedClock()
		c.day.Add(-int64(time.Hour)) // the system's clock was set an hour ahead
		before := c.now()
		time.Sleep(clockStep)
		after := c.now()
		if got := timeOf(c, after); !got.Equal(time.Now()) {
			t.Errorf("now() = %v, want %v", got, time.Now())
		}
		if got := after.sub(before); got != clockStep {
			t.Errorf("%v passed, want %v", got, clockStep)
		}
	})
}

// kept is a Sender that stores the values it is sent.
type kept struct{ values [][]byte }

func (k *kept) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	k.values = append(k.values, bytes.Clone(b.Value))
	done(b, nil)
}
func (*kept) Stats() batching.SenderStats { return batching.SenderStats{} }
func (*kept) Close(context.Context) error { return nil }

// The header of a batch uses the same clock as the events in it.
func TestABatchFollowsAStepOfTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &kept{}
		client, err := New(Config{Sender: k,
			SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		client.clock.day.Add(int64(time.Hour)) // the system's clock was set an hour ahead
		client.StartRun(RunInfo{}).StartNode("node")
		if _, err := client.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		m, err := pb.Decode(k.values[0])
		if err != nil {
			t.Fatal(err)
		}
		batch := m.GetEventBatch()
		if got, want := batch.GetHeader().GetTimestampUs(), batch.GetEvents()[0].GetHeader().
			GetTimestampUs(); got != want {
			t.Errorf("the batch is of %v, its first event of %v", time.UnixMicro(got),
				time.UnixMicro(want))
		}
	})
}

func TestClockDoesNotAllocate(t *testing.T) {
	c := startedClock()
	if n := testing.AllocsPerRun(1000, func() { c.now() }); n > 0 {
		t.Errorf("now allocates %v times", n)
	}
}
