package batching

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A full queue whose batches hold classes in turn: the oldest batch of a class that matters no more
// makes room, wherever it is in its lane.
func TestDropOldestMakesRoomAtTheCostOfWhatMattersNoMore(t *testing.T) {
	tests := []struct {
		name  string
		class Class
		want  []uint64 // serials that are sent
	}{
		{"a detail", Details, []uint64{1, 2, 4, 99}},
		{"a call", Calls, []uint64{1, 2, 4, 99}},
		{"a state", States, []uint64{1, 3, 4, 99}},
		{"the skeleton", Skeleton, []uint64{2, 3, 4, 99}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, func(c *Config) {
					c.QueueEvents, c.Permits = 4, 1
					c.Linger, c.Overflow = time.Minute, DropOldest
				})
				l := e.NewLane("a", nil, 0, 0)
				classes := []Class{Skeleton, States, Details, Skeleton}
				for i, class := range classes {
					x := state(uint64(i + 1))
					x.Class = class
					x.emit(l)
				}
				x := state(99)
				x.Class = tt.class
				x.emit(l)
				k := e.Stats().Total
				if k.Dropped[QueueFull] != 1 || k.Accepted != 5 {
					t.Errorf("account %+v", k)
				}
				var got []uint64
				for b := l.waits.head; b != nil; b = b.next {
					p, err := pieces(b.segment[l.headroom:b.used])
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, p[0].serial)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("queued %v, want %v", got, tt.want)
				}
				s.end(nil)
			})
		})
	}
}

// A batch that makes room while the one in front of it is being sealed is lost behind that one,
// even if sealing was in vain and that one is sealed again.
func TestWhatMakesRoomIsLostBehindWhatIsSealedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var other *Lane
		calls := 0
		var after *[]told
		e := start(t, ackSender{}, func(c *Config) {
			c.QueueEvents, c.Linger, c.Overflow = 3, time.Second, DropOldest
			after = watchAfterLoss(c, func(b *Sealing) error {
				if calls++; calls == 1 {
					x := state(99)
					x.Class = Details
					x.emit(other)
					return ErrNoRoom
				}
				return seal(b)
			})
		})
		l := e.NewLane("a", nil, 0, 0)
		other = e.NewLane("b", nil, 0, 0)
		state(1).dependent().emit(l)
		x := event(2)
		x.Class = Details
		x.emit(l)
		state(3).dependent().emit(l)
		time.Sleep(time.Minute)
		if k := e.Stats().Total; k.Dropped[QueueFull] != 1 || k.Delivered != 3 {
			t.Errorf("account %+v", k)
		}
		want := []told{{1, false}, {1, false}, {3, true}}
		if !slices.Equal(*after, want) {
			t.Errorf("told %v, want %v", *after, want)
		}
	})
}
