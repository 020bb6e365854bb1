package batching

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// sealBySerial is a Seal that returns the given result for the first serial in the batch, and
// otherwise seals.
func sealBySerial(answers map[uint64]func(*Sealing) error) func(*Sealing) error {
	return func(b *Sealing) error {
		all, err := pieces(b.Body())
		if err != nil {
			return err
		}
		if answer := answers[all[0].serial]; answer != nil {
			if err := answer(b); err != nil {
				return err
			}
		}
		return seal(b)
	}
}

func unchanged(*Sealing) error { return ErrUnchanged }

// numbers returns the first and last number of what was sent.
func (s *heldSender) numbers() [][2]uint64 {
	var all [][2]uint64
	for _, r := range s.all() {
		all = append(all, [2]uint64{r.first, r.last})
	}
	return all
}

func TestUnchangedMessageGivesItsNumberToTheNext(t *testing.T) {
	tests := []struct {
		name string
		play func(l *Lane)
		want [][2]uint64
		last uint64
	}{
		{"one between two", func(l *Lane) {
			state(1).emit(l)
			state(100).emit(l)
			state(2).emit(l)
		}, [][2]uint64{{8, 8}, {9, 9}}, 9},
		{"the first and the last", func(l *Lane) {
			state(100).emit(l)
			state(1).emit(l)
			state(101).emit(l)
		}, [][2]uint64{{8, 8}}, 8},
		{"all", func(l *Lane) {
			state(100).emit(l)
			state(101).emit(l)
		}, nil, 7},
		{"in front of batches of several", func(l *Lane) {
			state(100).emit(l)
			state(101).emit(l)
			event(1).emit(l)
			event(2).emit(l)
			event(3).emit(l)
			token(4, 1).emit(l)
			token(5, 1).emit(l)
		}, [][2]uint64{{8, 10}, {11, 11}}, 11},
		{"a loss keeps its number", func(l *Lane) {
			state(1).emit(l)
			state(100).emit(l)
			state(2).padded(1 << 20).emit(l) // rejected
			state(3).emit(l)
		}, [][2]uint64{{8, 8}, {10, 10}}, 10},
		{"one message of several pieces has one number", func(l *Lane) {
			token(100, 1).emit(l)
			token(101, 1).emit(l)
			state(1).emit(l)
		}, [][2]uint64{{8, 8}}, 8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, func(c *Config) {
					c.Seal = sealBySerial(map[uint64]func(*Sealing) error{100: unchanged,
						101: unchanged})
				})
				l := e.NewLane("a", nil, 0, 7)
				tt.play(l)
				time.Sleep(time.Second)
				if got := s.numbers(); !slices.Equal(got, tt.want) {
					t.Errorf("numbers %v were sent, want %v", got, tt.want)
				}
				if last, idle := l.Last(); last != tt.last || !idle {
					t.Errorf("Last says %d, idle %t; want %d", last, idle, tt.last)
				}
				s.end(nil)
			})
		})
	}
}

func TestShiftSaysHowManyInFrontWereUnchanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []uint64
		e := start(t, ackSender{}, func(c *Config) {
			c.Seal = func(b *Sealing) error {
				got = append(got, b.Shift(), b.First)
				if len(got) == 2 || len(got) == 6 {
					return ErrUnchanged
				}
				return seal(b)
			}
		})
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(4) {
			state(i).emit(l)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if want := []uint64{0, 1, 1, 1, 1, 2, 2, 2}; !slices.Equal(got, want) {
			t.Errorf("shifts and first numbers %v, want %v", got, want)
		}
	})
}

func TestUnchangedIsAnOutcomeOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) {
			c.Permits = 1
			c.Seal = func(*Sealing) error { return fmt.Errorf("as before: %w", ErrUnchanged) }
		})
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(5) {
			state(i).emit(l)
		}
		if err := e.Flush(context.Background()); err != nil {
			t.Error(err)
		}
		st := e.Stats()
		if k := st.Total; k.Unchanged != 5 || k.Lost() != 0 || k.Delivered != 0 ||
			k.SendFailures != 0 || k.Messages != 0 {
			t.Errorf("account %+v", k)
		}
		if st.Kinds[kindState].Unchanged != 5 || len(s.all()) != 0 || st.Worker.Restarts != 0 ||
			st.EmitToAck.Count != 0 {
			t.Errorf("account of its kind %+v, %d batches sent, worker %+v", st.Kinds[kindState],
				len(s.all()), st.Worker)
		}
		checkEmpty(t, e)
	})
}

func TestLaneIsNotIdleUntilItsLastNumberIsSettled(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(*Sealing) error
		last   uint64
	}{
		{"unchanged", unchanged, 1},
		{"sent", func(*Sealing) error { return nil }, 2},
		{"failed", func(*Sealing) error { return errors.New("no") }, 2},
		{"panicked", func(*Sealing) error { panic("no") }, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, func(c *Config) {
					c.Seal = sealBySerial(
						map[uint64]func(*Sealing) error{2: func(b *Sealing) error {
							time.Sleep(time.Minute)
							return tt.answer(b)
						}})
				})
				l, other := e.NewLane("a", nil, 0, 0), e.NewLane("b", nil, 0, 0)
				state(1).emit(l)
				state(2).emit(l)
				if _, idle := l.Last(); idle {
					t.Error("a lane that waits is idle")
				}
				time.Sleep(30 * time.Second)
				if last, idle := l.Last(); last != 2 || idle {
					t.Errorf("while its last message is being sealed, Last says %d, idle %t", last,
						idle)
				}
				if _, idle := other.Last(); !idle {
					t.Error("a lane is not idle while another one's batch is being sealed")
				}
				time.Sleep(time.Minute)
				if last, idle := l.Last(); last != tt.last || !idle {
					t.Errorf("then, Last says %d, idle %t; want %d", last, idle, tt.last)
				}
				s.end(nil)
			})
		})
	}
}

func TestLaneIsNotIdleWhileItsLastMessageIsBeingWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, ackSender{}, func(c *Config) { c.Seal = unchanged })
		l := e.NewLane("a", nil, 0, 0)
		slot, _ := state(1).reserve(l)
		time.Sleep(time.Second)
		if _, idle := l.Last(); idle {
			t.Error("idle before its message is written")
		}
		write(&slot, 1)
		slot.Commit(len(slot.Buf))
		time.Sleep(time.Second)
		if last, idle := l.Last(); last != 0 || !idle {
			t.Errorf("Last says %d, idle %t", last, idle)
		}
	})
}

func TestUnchangedThatCloseGaveUpIsUnacknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Sender: ackSender{}, Kinds: testKinds, Linger: -1,
			Logger: slog.New(slog.DiscardHandler), Seal: func(*Sealing) error {
				time.Sleep(time.Minute)
				return ErrUnchanged
			}}
		e, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		state(1).emit(e.NewLane("a", nil, 0, 0))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := e.Close(ctx); err == nil {
			t.Error("Close did not say that the worker was stuck")
		}
		before := e.Stats().Total
		time.Sleep(2 * time.Minute)
		if after := e.Stats().Total; before != after || after.Unacknowledged != 1 ||
			after.Unchanged != 0 {
			t.Errorf("the account was final as %+v, and became %+v", before, after)
		}
		checkEmpty(t, e)
	})
}

func TestSealSaysWhyItDropsABatch(t *testing.T) {
	why := errors.New("why")
	for _, tt := range []struct {
		name string
		err  error
		want Reason
	}{
		{"any error", why, Internal},
		{"dropped", &SendError{Outcome: Dropped, Reason: TooLarge, Err: why}, TooLarge},
		{"dropped, wrapped", fmt.Errorf("seal: %w", &SendError{Outcome: Dropped, Reason: QueueFull,
			Err: why}), QueueFull},
		{"unacknowledged, which has no reason", &SendError{Outcome: Unacknowledged,
			Reason: Rejected, Err: why}, Internal},
		{"a reason that there is not", &SendError{Outcome: Dropped, Reason: 99, Err: why},
			Internal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s,
					func(c *Config) { c.Seal = func(*Sealing) error { return tt.err } })
				state(1).emit(e.NewLane("a", nil, 0, 0))
				time.Sleep(time.Second)
				checkDropped(t, e, map[Reason]uint64{tt.want: 1})
				if st := e.Stats(); st.Worker.Restarts != 0 || st.Total.SendFailures != 1 ||
					len(s.all()) != 0 {
					t.Errorf("worker %+v, account %+v, %d sent", st.Worker, st.Total, len(s.all()))
				}
				checkEmpty(t, e)
			})
		})
	}
}
