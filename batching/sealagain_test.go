package batching

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// What is split off a batch may be refused while its lane has nothing else to send.
func TestRefusedRestLeavesAnIdleLane(t *testing.T) {
	for name, firstToo := range map[string]bool{"the rest": false, "all of it": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tooLarge := &SendError{Outcome: Dropped, Reason: TooLarge, Err: errors.New("no")}
				e := start(t, ackSender{}, func(c *Config) {
					c.Linger = time.Second
					c.Seal = func(b *Sealing) error {
						if err := seal(b); err != nil {
							return err
						}
						if b.Events == 2 {
							b.Split(0, 1, b.First, b.Last).Refuse(tooLarge)
							if firstToo {
								b.Refuse(tooLarge)
							}
						}
						return nil
					}
				})
				l := e.NewLane("a", nil, 0, 0)
				event(1).emit(l)
				event(2).emit(l)
				time.Sleep(time.Minute)
				event(3).emit(l)
				time.Sleep(time.Minute)
				k, delivered := e.Stats().Total, uint64(2)
				if firstToo {
					delivered = 1
				}
				if k.Delivered != delivered || k.Dropped[TooLarge] != 3-delivered {
					t.Errorf("account %+v, want %d events delivered", k, delivered)
				}
				if n := e.restarts.Load(); n > 0 {
					t.Errorf("the worker panicked %d times", n)
				}
			})
		})
	}
}

// A batch that was sealed in vain may have been waited for before, as one of its messages was being
// written.
func TestBatchWithASlowWriterIsSealedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		e := start(t, ackSender{}, func(c *Config) {
			c.Linger = time.Second
			c.Seal = func(b *Sealing) error {
				if calls++; calls == 1 {
					return ErrNoRoom
				}
				return seal(b)
			}
		})
		slot, _ := event(1).reserve(e.NewLane("a", nil, 0, 0))
		time.Sleep(2 * time.Second) // the worker waits for it
		write(&slot, 1)
		slot.Commit(len(slot.Buf))
		time.Sleep(time.Second)
		event(2).emit(e.NewLane("b", nil, 0, 0))
		time.Sleep(time.Minute)
		if k := e.Stats().Total; k.Delivered != 2 {
			t.Errorf("account %+v", k)
		}
	})
}

// A batch that needs more memory than is free is not given up while batches of other lanes linger,
// which will be sent and free theirs.
func TestBatchWaitsForTheMemoryOfLingeringBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, ackSender{}, func(c *Config) {
			c.Linger, c.QueueBytes, c.BatchBytes = time.Second, 64<<10, 4<<10
			c.Seal = func(b *Sealing) error {
				size := len(b.Body())
				if b.Kind == kindState && b.Resize(3*size) == nil {
					return ErrNoRoom
				}
				b.SetValue(b.Headroom(), b.Headroom()+size)
				return nil
			}
		})
		slot, _ := state(1).urgent().padded(4000).reserve(e.NewLane("a", nil, 0, 0))
		for event(2).padded(1500).emit(e.NewLane("b", nil, 0, 0)) {
		}
		write(&slot, 1)
		slot.Commit(len(slot.Buf))
		time.Sleep(time.Minute)
		if k := e.Stats().Kinds[kindState]; k.Delivered != 1 {
			t.Errorf("account of the batch that grows: %+v", k)
		}
	})
}

// The last batch in flight may end at the moment at which a batch goes back to the queue to wait
// for memory.
func TestMemoryThatIsFreedMeanwhileIsNotMissed(t *testing.T) {
	s := new(heldSender)
	calls, sent := 0, make(chan struct{})
	s.onSend = func(b *Batch) {
		if b.Kind == kindEvent {
			close(sent)
		}
	}
	e := start(t, s, func(c *Config) {
		c.Seal = func(b *Sealing) error {
			if b.Kind != kindState {
				return seal(b)
			}
			if calls++; calls > 1 {
				return seal(b)
			}
			locked := make(chan struct{})
			go func() {
				shard := b.lane.shard
				shard.mu.Lock()
				close(locked)
				time.Sleep(50 * time.Millisecond) // the worker waits for the lock
				s.end(nil)
				shard.mu.Unlock()
			}()
			<-locked
			return ErrNoRoom
		}
	})
	event(1).urgent().emit(e.NewLane("a", nil, 0, 0))
	<-sent
	state(2).urgent().emit(e.NewLane("b", nil, 0, 0))
	for range 1000 {
		if len(s.all()) == 2 {
			s.end(nil)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the batch is not sealed again")
	s.end(nil)
}
