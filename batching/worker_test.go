package batching

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestWorkerDoesNotWaitForAcknowledgements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits = 50 })
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(60) {
			state(i).emit(l)
		}
		time.Sleep(time.Second)
		if n := len(s.all()); n != 50 {
			t.Errorf("%d batches of one lane are on their way, want 50", n)
		}
		st := e.Stats()
		if st.Permits.InUse != 50 || st.Total.InFlight != 50 || st.Total.Queued != 10 {
			t.Errorf("permits %+v, account %+v", st.Permits, st.Total)
		}
		s.end(nil)
		synctest.Wait()
		s.end(nil)
	})
}

func TestWorkerThatRestsKeepsNobodyWaitingForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.BatchBytes = minSegment })
		busy, other := e.NewLane("busy", nil, 0, 0), e.NewLane("other", nil, 0, 0)
		for i := range uint64(5) {
			event(i).padded(200).emit(busy) // full batches, after which the worker pauses
		}
		synctest.Wait()
		state(9).urgent().emit(other)
		time.Sleep(pauseFor)
		synctest.Wait()
		all := s.all()
		i := slices.IndexFunc(all, func(r *sent) bool { return r.key == "other" })
		if i < 0 || all[i].at.Sub(all[i].opened) > pauseFor {
			t.Errorf("an urgent message was not sent within %v: %+v", pauseFor, s.numbers())
		}
		s.end(nil)
	})
}

func TestIdleWorkerIsParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		event(1).emit(e.NewLane("a", nil, 0, 0))
		time.Sleep(time.Second)
		s.end(nil)
		synctest.Wait()
		last := e.heartbeat.Load()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if e.heartbeat.Load() != last {
			t.Error("the worker ran though there was nothing to do")
		}
		if beat := e.Stats().Worker.Heartbeat; !beat.Equal(time.Now()) {
			t.Errorf("the heartbeat of a parked worker is %v old", time.Since(beat))
		}
	})
}

func TestHeartbeatIsNowWhileBatchesLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Linger = time.Minute })
		event(1).emit(e.NewLane("a", nil, 0, 0))
		time.Sleep(59 * time.Second)
		if beat := e.Stats().Worker.Heartbeat; !beat.Equal(time.Now()) {
			t.Errorf("the heartbeat of a worker that has nothing to do yet is %v old",
				time.Since(beat))
		}
		time.Sleep(time.Minute)
		s.end(nil)
	})
}

func TestHeartbeatIsOldWhenSendBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &heldSender{onSend: func(*Batch) { time.Sleep(time.Minute) }}
		e := start(t, s, func(c *Config) { c.Linger = -1 })
		event(1).emit(e.NewLane("a", nil, 0, 0))
		time.Sleep(45 * time.Second)
		if age := time.Since(e.Stats().Worker.Heartbeat); age != 45*time.Second {
			t.Errorf("the heartbeat of a worker that is stuck for 45s is %v old", age)
		}
		time.Sleep(time.Minute)
		s.end(nil)
	})
}

func TestHeartbeatGoesOnWhilePermitsAreOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits = 1 })
		l := e.NewLane("a", nil, 0, 0)
		state(1).emit(l)
		state(2).emit(l)
		time.Sleep(time.Minute)
		if age := time.Since(e.Stats().Worker.Heartbeat); age > beatEvery {
			t.Errorf("the heartbeat of a worker that waits for a permit is %v old", age)
		}
		s.end(nil)
		synctest.Wait()
		s.end(nil)
	})
}

func TestWorkerSurvivesPanics(t *testing.T) {
	tests := []struct {
		name   string
		sender func(*Batch, func(*Batch, error))
		seal   func(*Sealing) error
		want   func(*KindStats) uint64
	}{
		{
			"in Seal: nothing was sent",
			nil, func(*Sealing) error { panic("seal") },
			func(k *KindStats) uint64 { return k.Dropped[Internal] },
		},
		{
			"in Send: it may have been sent",
			func(*Batch, func(*Batch, error)) { panic("send") }, nil,
			func(k *KindStats) uint64 { return k.Unacknowledged },
		},
		{
			"in Send, after it called done",
			func(b *Batch, done func(*Batch, error)) { done(b, nil); panic("send") }, nil,
			func(k *KindStats) uint64 { return k.Delivered },
		},
		{
			"in Send, which calls done later all the same",
			func(b *Batch, done func(*Batch, error)) {
				time.AfterFunc(time.Second, func() { done(b, nil) })
				panic("send")
			}, nil,
			func(k *KindStats) uint64 { return k.Unacknowledged },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &panicking{send: tt.sender}
				e := start(t, s, func(c *Config) {
					c.Permits = 1
					c.Seal = func(b *Sealing) error {
						if tt.seal != nil && b.First <= 3 {
							return tt.seal(b)
						}
						return seal(b)
					}
				})
				l := e.NewLane("a", nil, 0, 0)
				for i := range uint64(5) {
					state(i).emit(l)
				}
				time.Sleep(10 * time.Second)
				st := e.Stats()
				if got := tt.want(&st.Total); got < 3 || st.Total.Delivered+st.Total.Lost() != 5 {
					t.Errorf("account after three panics: %+v", st.Total)
				}
				if st.Worker.Restarts != 3 {
					t.Errorf("%d restarts, want 3", st.Worker.Restarts)
				}
				checkEmpty(t, e)
			})
		})
	}
}

// panicking is a Sender that passes a lane's first three batches to a function and acknowledges the
// others.
type panicking struct {
	ackSender
	send func(*Batch, func(*Batch, error))
}

func (p *panicking) Send(b *Batch, done func(*Batch, error)) {
	if p.send != nil && b.First <= 3 {
		p.send(b, done)
		return
	}
	done(b, nil)
}

func TestSealErrorDropsTheBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, ackSender{}, func(c *Config) {
			c.Seal = func(b *Sealing) error {
				if b.First == 1 {
					return errors.New("no")
				}
				return seal(b)
			}
		})
		l := e.NewLane("a", nil, 0, 0)
		state(1).emit(l)
		state(2).emit(l)
		time.Sleep(time.Second)
		st := e.Stats()
		if st.Total.Dropped[Internal] != 1 || st.Total.Delivered != 1 || st.Worker.Restarts != 0 {
			t.Errorf("account %+v, worker %+v", st.Total, st.Worker)
		}
		if h := st.Send[Dropped]; h.Count != 1 || h.Max > 1 {
			t.Errorf("its latency: %d observations, the longest %v s", h.Count, h.Max)
		}
	})
}

func TestSlowWriterIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		l := e.NewLane("a", nil, 0, 0)
		event(1).emit(l)
		slot, _ := event(2).reserve(l)
		event(3).emit(l)
		time.Sleep(2 * time.Second)
		if len(s.all()) != 0 {
			t.Error("a batch was sent while one of its messages was being written")
		}
		write(&slot, 2)
		slot.Commit(len(slot.Buf))
		time.Sleep(time.Millisecond)
		if got := s.serials(); len(got) != 1 || !slices.Equal(got[0], []uint64{1, 2, 3}) {
			t.Errorf("sent %v", got)
		}
		s.end(nil)
	})
}

func TestEventsExpireWhilePermitsAreOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits = 1; c.DeliveryTimeout = 30 * time.Second })
		l := e.NewLane("a", nil, 0, 0)
		began := time.Now()
		state(1).emit(l)
		for i := range uint64(10) {
			event(2 + i).emit(l)
		}
		time.Sleep(29 * time.Second)
		checkDropped(t, e, nil)
		time.Sleep(time.Second + beatEvery + time.Millisecond)
		checkDropped(t, e, map[Reason]uint64{Timeout: 10})
		st := e.Stats()
		if st.Total.InFlight != 1 || st.Total.Queued != 0 || !st.Queue.Oldest.Equal(began) {
			t.Errorf("what is in flight is the Sender's: %+v, oldest %v", st.Total,
				st.Queue.Oldest.Sub(began))
		}
		s.end(nil)
		synctest.Wait()
		if n := e.Stats().Permits.InUse; n != 0 {
			t.Errorf("%d permits are in use when nothing is in flight", n)
		}
		event(12).emit(l)
		time.Sleep(time.Second)
		s.end(nil)
		if st := e.Stats(); st.Total.Delivered != 2 {
			t.Errorf("delivered %d, want 2", st.Total.Delivered)
		}
	})
}

func TestEventThatIsBeingWrittenDoesNotExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits = 1; c.DeliveryTimeout = 2 * time.Second })
		l := e.NewLane("a", nil, 0, 0)
		state(1).emit(l)
		slot, _ := state(2).reserve(l)
		time.Sleep(10 * time.Second)
		checkDropped(t, e, nil)
		write(&slot, 2)
		slot.Commit(len(slot.Buf))
		time.Sleep(beatEvery)
		synctest.Wait()
		checkDropped(t, e, map[Reason]uint64{Timeout: 1})
		s.end(nil)
	})
}

// Looking for overdue batches does not examine those in flight, of which there may be many.
func TestOverdueBatchesAreFoundAmongManyInFlight(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes a hundred thousand lanes take too long")
	}
	const inFlight, queued = 65_536, 20_000
	s := routed(1, 1, 0)
	e := start(t, s, func(c *Config) {
		c.Permits, c.QueueBytes = inFlight, 1<<30
		c.Linger, c.DeliveryTimeout = -1, 500*time.Millisecond
	})
	for range inFlight + queued {
		state(1).emit(e.NewLane("a", nil, 0, 0))
	}
	oldest := time.Duration(0)
	for end := time.Now().Add(20 * time.Second); time.Now().
		Before(end); time.Sleep(10 * time.Millisecond) {
		oldest = max(oldest, time.Since(e.Levels().Heartbeat))
		if st := e.Stats(); st.Total.Queued == 0 {
			break
		}
	}
	if st := e.Stats(); st.Total.Dropped[Timeout] == 0 || st.Total.Queued != 0 {
		t.Errorf("after their time: %+v", st.Total)
	}
	if oldest > 3*time.Second {
		t.Errorf("the worker's heartbeat was %v old", oldest)
	}
	_ = s.Close(t.Context())
}
