package selfmetrics

import (
	"context"
	"log/slog"
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// heldSender keeps batches until a test releases them.
type heldSender struct {
	mu    sync.Mutex
	held  []func()
	block chan struct{} // Send waits until it is closed; nil: it does not wait
}

func (s *heldSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	s.mu.Lock()
	block := s.block
	s.held = append(s.held, func() { done(b, nil) })
	s.mu.Unlock()
	if block != nil {
		<-block
	}
}

func (s *heldSender) release() {
	s.mu.Lock()
	held := s.held
	s.held = nil
	s.mu.Unlock()
	for _, done := range held {
		done()
	}
}

func (s *heldSender) Stats() batching.SenderStats { return batching.SenderStats{} }

func (s *heldSender) Close(context.Context) error { return nil }

// watched starts an engine with a queue of 100 events and a Watch over it.
func watched(
	t *testing.T, s *heldSender, change func(*WatchConfig),
) (*Watch, *batching.Engine, *batching.Lane) {
	t.Helper()
	e, err := batching.New(batching.Config{
		Sender: s, Kinds: []string{"event"}, QueueEvents: 100,
		Logger: slog.New(slog.DiscardHandler),
		Seal: func(b *batching.Sealing) error {
			b.SetValue(b.Headroom(), b.Headroom()+len(b.Body()))
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	config := WatchConfig{Engine: e, DeliveryTimeout: batching.DefaultDeliveryTimeout,
		Logger: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&config)
	}
	w := NewWatch(config)
	w.Start()
	t.Cleanup(func() {
		w.Stop()
		_ = e.Close(context.Background()) // what is held cannot be delivered
	})
	return w, e, e.NewLane("a", e, 0, 0)
}

func emit(l *batching.Lane, n int) {
	for range n {
		entry := batching.Entry{Join: 1, At: time.Since(l.Data().(*batching.Engine).Started()),
			Size: 10, MessageSize: 10, Width: l.Width()}
		var slot batching.Slot
		if l.Reserve(&entry, &slot) == batching.Reserved {
			clear(slot.Buf)
			slot.Commit(len(slot.Buf))
		}
	}
}

func snapshotOf(w *Watch) Stats {
	var s Stats
	w.Fill(&s)
	return s
}

func TestWatchForetellsTheLossWhileTheSenderIsStuck(t *testing.T) {
	for name, block := range map[string]chan struct{}{"unanswered": nil,
		"worker stuck in Send": make(chan struct{})} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				if block != nil {
					block = make(chan struct{})
					s.block = block
				}
				w, _, l := watched(t, s, nil)
				for range 50 { // one a second: the queue is full after 100 s
					emit(l, 1)
					time.Sleep(time.Second)
				}
				st := snapshotOf(w)
				limit, seconds := st.Forecast.First()
				// one event of the twenty that the rate is made of
				if limit != LimitQueueEvents || math.Abs(seconds-50) > 3 {
					t.Errorf("the first loss is foretold in %.1f s by %v, want 50 s by "+
						"queue_events", seconds, limit)
				}
				if deadline := st.Forecast.Limits[LimitDeliveryDeadline].SecondsToLoss; math.Abs(
					deadline-70) > 1 {
					t.Errorf("the deadline is foretold in %.1f s, want 70", deadline)
				}
				want := DriverBroker
				if block != nil {
					want = DriverWorker
				}
				if st.Forecast.Driver != want {
					t.Errorf("the driver is %v, want %v", st.Forecast.Driver, want)
				}
				if p := w.Pressure(); p.Level != PressureElevated || p.Ratio < 0.5 ||
					time.Until(p.Loss).Round(time.Second) > 53*time.Second {
					t.Errorf("the pressure is %+v", p)
				}
				if block != nil {
					close(block)
				}
			})
		})
	}
}

func TestWatchSleepsWhileNothingIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		w, _, l := watched(t, s, nil)
		looks := func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.forecast.At }
		synctest.Wait()
		first := looks()
		time.Sleep(time.Hour)
		if at := looks(); at != first {
			t.Errorf("it looked %v after its start, though nothing happened", at.Sub(first))
		}
		emit(l, 1)
		time.Sleep(time.Second)
		if at := looks(); time.Since(at) > lookEvery {
			t.Errorf("it looked %v ago while an event is held", time.Since(at))
		}
		s.release()
		time.Sleep(time.Second)
		last := looks()
		time.Sleep(time.Hour)
		if at := looks(); at != last {
			t.Error("it goes on looking when nothing is held any more")
		}
	})
}

func TestPressureIsToldOncePerLevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		var told []PressureLevel
		var changes int
		w, _, l := watched(t, s, func(c *WatchConfig) {
			c.OnPressure = func(p Pressure) {
				told = append(told, p.Level)
				panic("the application's own")
			}
			c.LevelChanged = func() { changes++ }
		})
		emit(l, 60)
		time.Sleep(time.Second)
		emit(l, 25)
		time.Sleep(time.Second)
		emit(l, 30)
		time.Sleep(time.Second / 2) // while events still count as being lost
		s.release()
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []PressureLevel{PressureElevated, PressureCritical, PressureDropping, PressureOK}
		if len(told) != len(want) || changes != len(want) {
			t.Fatalf("the levels are %v in %d changes, want %v", told, changes, want)
		}
		for i := range want {
			if told[i] != want[i] {
				t.Errorf("the levels are %v, want %v", told, want)
			}
		}
		if p := w.Pressure(); p.Entered != [NumPressureLevels]uint64{1, 1, 1, 1} || p.Ratio != 0 {
			t.Errorf("the pressure is %+v", p)
		}
	})
}

func TestAnApplicationThatBlocksInOnPressureHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, block := new(heldSender), make(chan struct{})
		var told []PressureLevel
		w, _, l := watched(t, s, func(c *WatchConfig) {
			c.OnPressure = func(p Pressure) { told = append(told, p.Level); <-block }
		})
		emit(l, 60)
		time.Sleep(time.Second)
		emit(l, 60)
		time.Sleep(time.Second)
		if p := w.Pressure(); p.Level != PressureDropping {
			t.Errorf("the pressure is %+v while the application is told of an earlier one", p)
		}
		s.release()
		time.Sleep(time.Minute)
		close(block)
		synctest.Wait()
		if len(told) != 2 || told[1] != PressureOK {
			t.Errorf("it was told %v, want the first level and the last", told)
		}
	})
}

func TestAnApplicationThatEndsTheGoroutineIsToldOfTheNextLevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		var told []PressureLevel
		_, _, l := watched(t, s, func(c *WatchConfig) {
			c.OnPressure = func(p Pressure) { told = append(told, p.Level); runtime.Goexit() }
		})
		synctest.Wait()
		emit(l, 60)
		time.Sleep(time.Second)
		emit(l, 60)
		time.Sleep(time.Second)
		s.release()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(told); n != 3 || told[n-1] != PressureOK {
			t.Errorf("it was told %v, want three levels, the last of them ok", told)
		}
	})
}

func TestASenderWhoseStatsPanicIsWatchedNevertheless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		w, _, l := watched(t, s, func(c *WatchConfig) {
			c.Sender = func() batching.SenderStats { panic("the Sender's own") }
		})
		emit(l, 60)
		time.Sleep(time.Second)
		if p := w.Pressure(); p.Level != PressureElevated {
			t.Errorf("the pressure is %+v", p)
		}
		s.release()
	})
}

// A look that is overtaken by another one must not leave the application with the level that it
// saw.
func TestTheApplicationIsToldOfTheLatestLevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		var told []PressureLevel
		var w *Watch
		var l *batching.Lane
		overtaken := false
		w, _, l = watched(t, s, func(c *WatchConfig) {
			c.OnPressure = func(p Pressure) { told = append(told, p.Level) }
			c.LevelChanged = func() {
				if !overtaken {
					overtaken = true
					emit(l, 30)
					w.look()
					time.Sleep(time.Millisecond)
				}
			}
		})
		synctest.Wait()
		emit(l, 60)
		time.Sleep(time.Second)
		synctest.Wait()
		if n := len(told); n == 0 || told[n-1] != w.Pressure().Level {
			t.Errorf("it was told %v, the level is %v", told, w.Pressure().Level)
		}
		s.release()
	})
}

func TestEventsThatFillTheQueueBetweenTwoLooksAreAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		w, e, l := watched(t, s, nil)
		emit(l, 1)
		time.Sleep(time.Second)
		for range 110 { // the queue is full after 50 ms
			emit(l, 1)
			time.Sleep(500 * time.Microsecond)
			if e.Levels().Lost == 0 && w.Pressure().Level > PressureOK {
				s.release()
				return
			}
		}
		t.Error("nothing was said before the first loss")
		s.release()
	})
}

func TestThereIsNoPressureOnceTheEngineHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		w, e, l := watched(t, s, nil)
		synctest.Wait()
		emit(l, 110)
		time.Sleep(time.Second)
		before := w.Pressure()
		if before.Level != PressureDropping {
			t.Fatalf("the pressure is %+v", before)
		}
		_ = e.Close(context.Background()) // what is held cannot be delivered
		w.Ended()
		time.Sleep(time.Hour)
		st := snapshotOf(w)
		if _, seconds := st.Forecast.First(); !math.IsInf(seconds, 1) {
			t.Errorf("a loss is foretold in %v s", seconds)
		}
		if p := w.Pressure(); p.Level != PressureOK || p.Ratio != 0 || !p.Loss.IsZero() ||
			p != st.Pressure {
			t.Errorf("the pressure is %+v, in Stats %+v", p, st.Pressure)
		} else if p.Entered[PressureDropping] != 1 ||
			p.Entered[PressureOK] != before.Entered[PressureOK]+1 {
			t.Errorf("the levels entered are %v, were %v", p.Entered, before.Entered)
		}
		if len(w.History()) != 0 {
			t.Error("the history reaches over an hour")
		}
	})
}

func TestHistoryHoldsFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		w, _, l := watched(t, s, nil)
		for range 200 {
			emit(l, 1)
			time.Sleep(2 * time.Second)
		}
		h := w.History()
		if n := len(h); n < 200 || n > moments {
			t.Errorf("the history has %d moments", n)
		}
		first, last := h[0], h[len(h)-1]
		if span := last.At.Sub(first.At); span < 290*time.Second || span > historyFor {
			t.Errorf("the history reaches over %v", span)
		}
		if last.Events == 0 || last.EventsEmitted < 0.3 || last.EventsEmitted > 0.7 ||
			last.EventsDelivered != 0 {
			t.Errorf("it goes from %+v to %+v", first, last)
		}
		s.release()
	})
}

func TestNilWatchDoesNothing(t *testing.T) {
	var w *Watch
	w.Start()
	w.Stop()
	w.Ended()
	st := snapshotOf(w)
	if w.History() != nil || w.Pressure() != (Pressure{}) || !st.Forecast.At.IsZero() {
		t.Error("a nil Watch says something")
	}
}
