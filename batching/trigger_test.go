package batching

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestTriggersSealBatches(t *testing.T) {
	const linger = 160 * time.Millisecond
	const late = linger + linger/16 // lanes that become due close to each other are served together
	tests := []struct {
		name   string
		change func(*Config)
		play   func(*Engine, *Lane)
		after  time.Duration // when the batches are expected, and not earlier
		want   [][]uint64
		sealed map[Trigger]uint64
	}{
		{
			name: "linger, counted from the first event",
			play: func(_ *Engine, l *Lane) {
				event(1).emit(l)
				time.Sleep(linger / 2)
				event(2).emit(l)
			},
			after: linger / 2, want: [][]uint64{{1, 2}}, sealed: map[Trigger]uint64{ByLinger: 1},
		},
		{
			name:   "no linger",
			change: func(c *Config) { c.Linger = -1 },
			play:   func(_ *Engine, l *Lane) { event(1).emit(l) },
			want:   [][]uint64{{1}}, sealed: map[Trigger]uint64{ByLinger: 1},
		},
		{
			name:   "bytes, when the next does not fit",
			change: func(c *Config) { c.BatchBytes = minSegment },
			play: func(_ *Engine, l *Lane) {
				for i := range uint64(3) {
					event(i + 1).padded(200).emit(l)
				}
			},
			want: [][]uint64{{1, 2}}, sealed: map[Trigger]uint64{ByBytes: 1},
		},
		{
			name:   "count, with the last event that it may hold",
			change: func(c *Config) { c.BatchEvents = 3 },
			play: func(_ *Engine, l *Lane) {
				for i := range uint64(3) {
					event(i + 1).emit(l)
				}
			},
			want: [][]uint64{{1, 2, 3}}, sealed: map[Trigger]uint64{ByCount: 1},
		},
		{
			name: "urgent, together with what waits in front of it",
			play: func(_ *Engine, l *Lane) {
				event(1).emit(l)
				state(2).emit(l)
				event(3).urgent().emit(l)
			},
			want: [][]uint64{{1}, {2}, {3}}, sealed: map[Trigger]uint64{ByKind: 2, ByUrgency: 1},
		},
		{
			name: "another kind, in order and not at once",
			play: func(_ *Engine, l *Lane) {
				event(1).emit(l)
				state(2).emit(l)
				event(3).emit(l)
				token(4, 1).emit(l)
			},
			after: linger, want: [][]uint64{{1}, {2}, {3}, {4}},
			sealed: map[Trigger]uint64{ByKind: 3, ByLinger: 1},
		},
		{
			name:  "a message that shares with none",
			play:  func(_ *Engine, l *Lane) { state(1).emit(l); state(2).emit(l) },
			after: linger, want: [][]uint64{{1}, {2}}, sealed: map[Trigger]uint64{ByKind: 2},
		},
		{
			name: "another join, before a flush",
			play: func(e *Engine, l *Lane) {
				mixed(1, 1, false).emit(l)
				mixed(2, 2, false).emit(l)
				sealNow(e)
			},
			want: [][]uint64{{1}, {2}}, sealed: map[Trigger]uint64{ByKind: 1, ByFlush: 1},
		},
		{
			name: "flush",
			play: func(e *Engine, l *Lane) {
				event(1).emit(l)
				sealNow(e)
				event(2).emit(l)
			},
			want: [][]uint64{{1}}, sealed: map[Trigger]uint64{ByFlush: 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, func(c *Config) {
					c.Linger = linger
					if tt.change != nil {
						tt.change(c)
					}
				})
				tt.play(e, e.NewLane("a", nil, 0, 0))
				if tt.after > 0 {
					time.Sleep(tt.after - 1)
					if got := s.serials(); got != nil {
						t.Errorf("sent too early: %v", got)
					}
					time.Sleep(late - linger + 1)
				}
				synctest.Wait()
				if got := s.serials(); !slices.EqualFunc(got, tt.want, slices.Equal[[]uint64]) {
					t.Errorf("sent %v, want %v", got, tt.want)
				}
				for trigger, got := range e.Stats().Batches.Sealed {
					if want := tt.sealed[Trigger(trigger)]; got != want {
						t.Errorf("%d batches sealed by %s, want %d", got, Trigger(trigger), want)
					}
				}
				s.end(nil)
			})
		})
	}
}

func TestBatchesGrowWithTheLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(2000) {
			event(i).padded(100).emit(l)
		}
		if err := flushAcked(e, s); err != nil {
			t.Fatal(err)
		}
		sizes := s.all()
		if first, last := sizes[0].events, sizes[len(sizes)-2].events; first > firstHint/100 ||
			last < 400 {
			t.Errorf("the first batch held %d events, the last full one %d", first, last)
		}
	})
}

// sealNow starts a Flush without waiting for its end.
func sealNow(e *Engine) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = e.Flush(ctx)
}

// flushAcked flushes e while s acknowledges.
func flushAcked(e *Engine, s *heldSender) error {
	result := make(chan error)
	go func() { result <- e.Flush(context.Background()) }()
	time.Sleep(pauseFor) // the worker may pause
	synctest.Wait()
	s.end(nil)
	return <-result
}

func TestQueueOrderOfOneLaneSurvivesOtherLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.BatchEvents = 5; c.Permits = 3 })
		lanes := make([]*Lane, 20)
		for i := range lanes {
			lanes[i] = e.NewLane(string(rune('a'+i)), nil, 0, 0)
		}
		for n := range 400 {
			event(uint64(n)).emit(lanes[n*7%len(lanes)])
		}
		for range 1000 {
			if synctest.Wait(); e.Stats().Total.Delivered == 400 {
				break
			}
			s.end(nil)
			time.Sleep(10 * time.Millisecond)
		}
		last := map[string]uint64{}
		for _, r := range s.all() {
			if r.first != last[r.key]+1 {
				t.Errorf("lane %s: %d after %d", r.key, r.first, last[r.key])
			}
			last[r.key] = r.last
		}
		for key, n := range last {
			if n != 20 {
				t.Errorf("lane %s: %d messages arrived, want 20", key, n)
			}
		}
	})
}
