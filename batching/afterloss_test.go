package batching

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func (m message) dependent() message {
	m.Dependent = true
	return m
}

// told is the result of AfterLoss for a dependent message that was sealed.
type told struct {
	serial uint64
	loss   bool
}

// watchAfterLoss makes a config record the results of AfterLoss before it calls another Seal.
func watchAfterLoss(c *Config, next func(*Sealing) error) *[]told {
	all := new([]told)
	c.Seal = func(b *Sealing) error {
		if p, _ := pieces(b.Body()); b.dependent {
			*all = append(*all, told{p[0].serial, b.AfterLoss()})
		} else if b.AfterLoss() {
			*all = append(*all, told{p[0].serial, true}) // only dependent messages have a result
		}
		return next(b)
	}
	return all
}

func TestDependentMessageIsToldOfALossInFrontOfIt(t *testing.T) {
	refused := func(l *Lane) { event(99).padded(1 << 20).emit(l) }
	abandoned := func(l *Lane, m message) func() {
		slot, _ := m.reserve(l)
		return slot.abandon
	}
	tests := []struct {
		name string
		play func(l *Lane)
		want []told
	}{
		{"nothing lost", func(l *Lane) {
			event(1).emit(l)
			state(2).dependent().emit(l)
			state(3).dependent().emit(l)
		}, []told{{2, false}, {3, false}}},
		{"rejected before the first", func(l *Lane) {
			refused(l)
			state(2).dependent().emit(l)
			state(3).dependent().emit(l)
		}, []told{{2, true}, {3, false}}},
		{"rejected after one that still waits", func(l *Lane) {
			state(2).dependent().emit(l)
			refused(l)
			state(3).emit(l) // not dependent, and does not consume the loss
			state(4).dependent().emit(l)
			state(5).dependent().emit(l)
		}, []told{{2, false}, {4, true}, {5, false}}},
		{"a dependent one refused", func(l *Lane) {
			state(2).dependent().emit(l)
			state(99).dependent().padded(1 << 20).emit(l)
			state(3).dependent().emit(l)
		}, []told{{2, false}, {3, true}}},
		{"abandoned after those behind it were reserved", func(l *Lane) {
			state(2).dependent().emit(l)
			giveUp := abandoned(l, event(99))
			event(1).emit(l)
			state(3).dependent().emit(l)
			state(4).dependent().emit(l)
			giveUp()
		}, []told{{2, false}, {3, true}, {4, false}}},
		{"abandoned while the worker waits for it", func(l *Lane) {
			giveUp := abandoned(l, event(99))
			event(1).emit(l)
			state(3).dependent().emit(l)
			state(4).dependent().emit(l)
			time.Sleep(time.Second)
			giveUp()
		}, []told{{3, true}, {4, false}}},
		{"a dependent one abandoned, which had been told itself", func(l *Lane) {
			refused(l)
			giveUp := abandoned(l, state(99).dependent())
			state(3).dependent().emit(l)
			state(4).dependent().emit(l)
			giveUp()
		}, []told{{3, true}, {4, false}}},
		{"a dependent one abandoned while the worker waits for it", func(l *Lane) {
			giveUp := abandoned(l, state(99).dependent())
			state(3).dependent().emit(l)
			state(4).dependent().emit(l)
			time.Sleep(time.Second)
			giveUp()
		}, []told{{3, true}, {4, false}}},
		{"Seal failed", func(l *Lane) {
			event(100).emit(l)
			state(3).dependent().emit(l)
			state(101).dependent().emit(l)
			state(4).dependent().emit(l)
			state(5).dependent().emit(l)
		}, []told{{3, true}, {101, false}, {4, true}, {5, false}}},
		{"Seal failed, with another message between", func(l *Lane) {
			event(100).emit(l)
			state(1).emit(l)
			state(3).dependent().emit(l)
		}, []told{{3, true}}},
		{"Seal panicked", func(l *Lane) {
			state(102).dependent().emit(l)
			state(3).dependent().emit(l)
			state(4).dependent().emit(l)
		}, []told{{102, false}, {3, true}, {4, false}}},
		{"unchanged is no loss", func(l *Lane) {
			state(103).dependent().emit(l)
			state(3).dependent().emit(l)
		}, []told{{103, false}, {3, false}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got *[]told
				s := new(heldSender)
				fail := func(*Sealing) error { return errors.New("no") }
				e := start(t, s, func(c *Config) {
					got = watchAfterLoss(c, sealBySerial(map[uint64]func(*Sealing) error{
						100: fail, 101: fail, 102: func(*Sealing) error { panic("no") },
						103: unchanged,
					}))
				})
				l, other := e.NewLane("a", nil, 0, 0), e.NewLane("b", nil, 0, 0)
				tt.play(l)
				time.Sleep(time.Second)
				state(50).dependent().emit(other) // another lane's losses are not its own
				time.Sleep(time.Second)
				synctest.Wait()
				if want := append(tt.want, told{50, false}); !slices.Equal(*got, want) {
					t.Errorf("told %v, want %v", *got, want)
				}
				s.end(nil)
			})
		})
	}
}

func TestDependentMessageIsToldOfALossOnItsWayOnceItIsKnown(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  error
		want bool
	}{
		{"delivered", nil, false},
		{"dropped", &SendError{Outcome: Dropped, Reason: Rejected}, true},
		{"unacknowledged, so it may have been lost", errors.New("no word"), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got *[]told
				s := new(heldSender)
				e := start(t, s, func(c *Config) { got = watchAfterLoss(c, seal) })
				l := e.NewLane("a", nil, 0, 0)
				state(1).dependent().emit(l)
				time.Sleep(time.Second)
				state(2).dependent().emit(l) // not known yet
				time.Sleep(time.Second)
				state(3).dependent().emit(l) // reserved before it is known, sealed after
				s.end(tt.end)
				time.Sleep(time.Second)
				state(4).dependent().emit(l)
				time.Sleep(time.Second)
				synctest.Wait()
				if want := []told{{1, false}, {2, false}, {3, tt.want},
					{4, false}}; !slices.Equal(*got, want) {
					t.Errorf("told %v, want %v", *got, want)
				}
				s.end(nil)
			})
		})
	}
}

func TestDependentMessageIsToldOfALossInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got *[]told
		s := new(heldSender)
		e := start(t, s, func(c *Config) {
			c.Permits, c.DeliveryTimeout = 1, 10*time.Second
			got = watchAfterLoss(c, seal)
		})
		l := e.NewLane("a", nil, 0, 0)
		state(1).dependent().emit(l)
		time.Sleep(time.Second)
		event(2).emit(l) // it waits for a permit, and expires before one is free
		time.Sleep(11 * time.Second)
		state(3).dependent().emit(l)
		time.Sleep(time.Second)
		s.end(nil)
		time.Sleep(time.Second)
		checkDropped(t, e, map[Reason]uint64{Timeout: 1})
		s.end(nil)
		synctest.Wait()
		if want := []told{{1, false}, {3, true}}; !slices.Equal(*got, want) {
			t.Errorf("told %v, want %v", *got, want)
		}
		s.end(nil)
	})
}
