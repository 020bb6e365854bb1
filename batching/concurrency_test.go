package batching

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestGoroutinesEmitAtOnce runs on the real clock, with as much parallelism as the machine has.
func TestGoroutinesEmitAtOnce(t *testing.T) {
	const goroutines, each = 8, 2000
	tests := []struct {
		name   string
		lanes  int
		change func(*Config)
		lossy  bool
	}{
		{"on a lane of their own", goroutines, nil, false},
		{"on one lane", 1, nil, false},
		{"on a lane of their own, with a small queue", goroutines,
			func(c *Config) { c.QueueBytes = 64 << 10 }, true},
		{"on one lane, with a small queue", 1, func(c *Config) { c.QueueEvents = 50 }, true},
		{"on one lane, waiting for room", 1, func(c *Config) {
			c.QueueEvents, c.Overflow,
				c.BlockTimeout = 50, Block, time.Minute
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := Config{
				Kinds: testKinds, Linger: time.Millisecond, Permits: 50,
				QueueEvents: DefaultQueueEvents, QueueBytes: DefaultQueueBytes,
				Logger: slog.New(slog.DiscardHandler),
			}
			if tt.change != nil {
				tt.change(&cfg)
			}
			ledger := &ledger{
				t: t, maxDelay: 2 * time.Millisecond, permits: cfg.Permits,
				bytes: int(cfg.QueueBytes), events: int(cfg.QueueEvents),
				last: map[string]uint64{}, ids: map[uint64]bool{}, sealings: map[*Batch]*entry{},
				waiting: map[uint64]*entry{},
			}
			if tt.change == nil { // large enough for all
				ledger.resizing = 10
			}
			ledger.weights[fateAck], ledger.weights[fateAckInSend] = 1, 1
			cfg.Sender, cfg.Seal = ledger, ledger.seal
			e, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			lanes := make([]*Lane, tt.lanes)
			for i := range lanes {
				lanes[i] = e.NewLane(fmt.Sprint(i), nil, 8, 100)
			}
			var serial, refused atomic.Uint64
			var emitters sync.WaitGroup
			for g := range goroutines {
				emitters.Go(func() {
					for i := range each {
						m := event(serial.Add(1))
						switch i % 100 {
						case 30, 31, 32, 33:
							m = token(m.serial, uint64(1+i%2))
						case 34:
							m = state(m.serial)
						case 35:
							m = m.urgent()
						}
						if !m.padded(i % 50).emit(lanes[g%len(lanes)]) {
							refused.Add(1)
						}
						if i%20 == g {
							st := e.Stats()
							checkAccount(t, e, &st)
						}
					}
				})
			}
			emitters.Wait()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := e.Drain(ctx); err != nil {
				t.Error(err)
			}
			_ = e.Close(ctx)
			checkArrivals(t, e, ledger, lanes, refused.Load(), goroutines*each)
			if lost := refused.Load(); lost > 0 != tt.lossy {
				t.Errorf("%d of %d were rejected", lost, goroutines*each)
			}
		})
	}
}

// TestSnapshotIsOfOneMoment alternately counts one kind on a lane in one shard and another kind on
// a lane in another shard.
func TestSnapshotIsOfOneMoment(t *testing.T) {
	e := start(t, ackSender{}, nil)
	a, b := e.NewLane("a", nil, 0, 0), e.NewLane("b", nil, 0, 0)
	for b.shard != &e.shards[len(e.shards)-1] { // as far from the first as possible
		b = e.NewLane("b", nil, 0, 0)
	}
	var emitter sync.WaitGroup
	over := make(chan struct{})
	emitter.Go(func() {
		for i := uint64(0); ; i++ {
			select {
			case <-over:
				return
			default:
				event(i).emit(a)
				state(i).emit(b)
			}
		}
	})
	for first, second := uint64(0), uint64(0); second < 20_000; {
		st := e.Stats()
		first, second = st.Kinds[kindEvent].Emitted, st.Kinds[kindState].Emitted
		if second > first || first > second+1 {
			t.Errorf("a snapshot counts %d and %d of kinds that are emitted in turn", first, second)
			break
		}
	}
	close(over)
	emitter.Wait()
}

// checkArrivals checks that everything that was not rejected has arrived, and that as many numbers
// are missing as were rejected.
func checkArrivals(
	t *testing.T, e *Engine, ledger *ledger, lanes []*Lane, refused, emitted uint64,
) {
	t.Helper()
	checkEmpty(t, e)
	k := e.Stats().Total
	if k.Emitted != emitted || k.Delivered != emitted-refused || k.Dropped[QueueFull] != refused ||
		k.Lost() != refused {
		t.Errorf("%d of %d were rejected, the account says %+v", refused, emitted, k)
	}
	var events, messages, numbers uint64
	for _, entry := range ledger.entries {
		events += uint64(len(entry.pieces))
		messages += uint64(entry.messages)
	}
	for _, l := range lanes {
		last, _ := l.Last()
		numbers += last - 100
	}
	if events != k.Delivered || messages != k.Messages {
		t.Errorf("the ledger has %d events in %d messages, the account says %d in %d", events,
			messages, k.Delivered, k.Messages)
	}
	if numbers-messages != refused {
		t.Errorf("%d numbers were given out, %d messages arrived, %d were rejected", numbers,
			messages, refused)
	}
}
