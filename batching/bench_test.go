package batching

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// benchmarkPad makes a message as large as an event with ten attributes.
const benchmarkPad = 400

func benchmarkEngine(tb testing.TB) *Engine {
	e, err := New(Config{
		Sender: ackSender{}, Kinds: testKinds, Logger: slog.New(slog.DiscardHandler),
		Overflow: Block, BlockTimeout: time.Minute,
		Seal: func(b *Sealing) error {
			b.SetValue(b.Headroom(), b.Headroom()+len(b.Body()))
			return nil
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close(tb.Context()) })
	return e
}

// repeater emits the same event again and again, on its lanes in turn, and reads the clock at
// intervals.
type repeater struct {
	lanes []*Lane
	entry Entry
	n     int
}

func (m *repeater) emit() {
	l := m.lanes[m.n%len(m.lanes)]
	if m.n++; m.n%64 == 1 {
		m.entry.At = time.Since(l.shard.engine.started)
	}
	for {
		sized(&m.entry, l, benchmarkPad)
		var slot Slot
		if status := l.Reserve(&m.entry, &slot); status == Reserved {
			slot.Commit(len(slot.Buf))
			return
		} else if status == Refused {
			return
		}
	}
}

func benchmarkLanes(e *Engine, n int) []*Lane {
	lanes := make([]*Lane, n)
	for i := range lanes {
		lanes[i] = e.NewLane(strconv.Itoa(i), nil, 64, 0)
	}
	return lanes
}

// BenchmarkReserveCommit measures the engine's part of emitting: getting a place in the queue,
// without writing into it. A caller that finds the queue full waits, so the figure includes the
// worker's part where that is slower.
func BenchmarkReserveCommit(b *testing.B) {
	event := Entry{Kind: kindEvent, Join: 1}
	for _, lanes := range []int{1, 8} {
		b.Run(fmt.Sprintf("lanes=%d", lanes), func(b *testing.B) {
			e := benchmarkEngine(b)
			m := repeater{lanes: benchmarkLanes(e, lanes), entry: event}
			b.ReportAllocs()
			for b.Loop() {
				m.emit()
			}
			reportDelivered(b, e)
		})
		b.Run(fmt.Sprintf("lanes=%d/parallel", lanes), func(b *testing.B) {
			e := benchmarkEngine(b)
			all := benchmarkLanes(e, lanes)
			var next atomic.Int64
			b.ReportAllocs()
			b.RunParallel(func(p *testing.PB) {
				m := repeater{lanes: all, entry: event, n: int(next.Add(4))} // not in step
				for p.Next() {
					m.emit()
				}
			})
			reportDelivered(b, e)
		})
	}
}

func reportDelivered(b *testing.B, e *Engine) {
	b.StopTimer()
	if err := e.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	k := e.Stats().Total
	b.ReportMetric(100*float64(k.Delivered)/float64(k.Emitted), "delivered-%")
}

func TestEmittingDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes a sync.Pool drop items at random")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties pools
	for name, entry := range map[string]Entry{
		"events": {Kind: kindEvent, Join: 1},
		"pieces": {Kind: kindToken, Join: 7, OneMessage: true},
		"alone":  {Kind: kindState},
	} {
		t.Run(name, func(t *testing.T) {
			const n = 1000
			e := benchmarkEngine(t)
			m := repeater{lanes: benchmarkLanes(e, 1), entry: entry}
			flush := func() {
				if err := e.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			// until there are as many batches and segments as are ever needed at the same time
			for range 20 * n {
				m.emit()
			}
			flush()
			flushing := testing.AllocsPerRun(20, flush)
			emitting := testing.AllocsPerRun(20, func() {
				for range n {
					m.emit()
				}
				flush()
			})
			// From emit to the acknowledgement. A pool may grow when a processor takes what another
			// one put in.
			if more := emitting - flushing; more > n/100 {
				t.Errorf("%v allocations for %d messages", more, n)
			}
		})
	}
}
