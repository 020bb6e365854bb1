package batching

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestFlushCoversWhatWasAcceptedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		a, b := e.NewLane("a", nil, 0, 0), e.NewLane("b", nil, 0, 0)
		event(1).emit(a)
		time.Sleep(time.Second) // in flight
		event(2).emit(a)
		slot, _ := event(3).reserve(b) // accepted, not yet written
		result := make(chan error, 1)
		go func() { result <- e.Flush(context.Background()) }()
		synctest.Wait()
		event(4).emit(b) // not covered by the flush
		write(&slot, 3)
		slot.Commit(len(slot.Buf))
		time.Sleep(10 * time.Millisecond)
		if got := s.serials(); len(got) != 3 {
			t.Fatalf("sent %v, want 1, 2 and 3", got)
		}
		for i, r := range s.all() {
			select {
			case err := <-result:
				t.Fatalf("Flush returned %v after %d of 3 acknowledgements", err, i)
			default:
			}
			r.ended = true
			r.end(nil)
			synctest.Wait()
		}
		if err := <-result; err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		s.end(nil)
	})
}

func TestFlushEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		event(1).emit(e.NewLane("a", nil, 0, 0))
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		before := time.Now()
		err := e.Flush(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(before) != 5*time.Second {
			t.Errorf("Flush returned %v after %v", err, time.Since(before))
		}
		s.end(&SendError{Outcome: Unacknowledged})
		if err := e.Flush(context.Background()); err != nil {
			t.Errorf("with nothing left: %v", err)
		}
	})
}

func TestFlushOfAnIdleEngineReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, ackSender{}, nil)
		for range 3 {
			if err := e.Flush(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestFlushesOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		l := e.NewLane("a", nil, 0, 0)
		results := make(chan int, 10)
		for i := range 10 {
			event(uint64(i)).emit(l)
			go func() {
				if err := e.Flush(context.Background()); err != nil {
					t.Error(err)
				}
				results <- i
			}()
			synctest.Wait()
		}
		for i, r := range s.all() {
			r.ended = true
			r.end(nil)
			if got := <-results; got != i {
				t.Errorf("Flush %d returned after %d acknowledgements", got, i+1)
			}
		}
	})
}

// The cost of a flush does not depend on how many flushes wait.
func TestFlushesThatWaitDoNotAddUp(t *testing.T) {
	s := new(heldSender)
	e := start(t, s, nil)
	l := e.NewLane("a", nil, 0, 0)
	event(1).emit(l)
	cost := func() time.Duration {
		before := time.Now()
		for range 200 {
			e.sealAll()
		}
		return time.Since(before)
	}
	few := cost()
	for range 50_000 {
		e.sealAll()
	}
	if many := cost(); many > 20*few+100*time.Millisecond {
		t.Errorf("200 flushes took %v, and %v behind 50,000 others", few, many)
	}
	for len(s.all()) == 0 {
		time.Sleep(time.Millisecond)
	}
	s.end(nil)
	if err := e.Flush(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestDrainSendsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, ackSender{}, nil)
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(100) {
			state(i).emit(l)
		}
		before := time.Now()
		if err := e.Drain(context.Background()); err != nil {
			t.Error(err)
		}
		if k := e.Stats().Total; k.Delivered != 100 || time.Since(before) != 0 {
			t.Errorf("after %v: %+v", time.Since(before), k)
		}
	})
}

func TestShutdownKeepsItsDeadlineAndItsAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits = 3 })
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(10) {
			state(i).emit(l)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		before := time.Now()
		if err := e.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) ||
			time.Since(before) != 2*time.Second {
			t.Errorf("Drain returned %v after %v", err, time.Since(before))
		}
		if k := e.Stats().Total; k.InFlight != 3 || k.Queued != 0 || k.Dropped[Shutdown] != 7 {
			t.Errorf("after Drain: %+v", k)
		}
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
		k := e.Stats().Total
		if k.InFlight != 0 || k.Unacknowledged != 3 || !s.closed {
			t.Errorf("after Close: %+v", k)
		}
		s.end(nil) // too late
		if late := e.Stats().Total; late != k {
			t.Errorf("a late acknowledgement changed the account to %+v", late)
		}
		if err := e.Flush(context.Background()); err != nil {
			t.Errorf("Flush of a closed engine: %v", err)
		}
	})
}

// closing is a Sender whose Close does what the test tells it to.
type closing struct {
	heldSender
	close func(context.Context) error
}

func (c *closing) Close(ctx context.Context) error { return c.close(ctx) }

func TestCloseAgainReturnsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		calls := 0
		s := &closing{close: func(context.Context) error {
			calls++
			time.Sleep(5 * time.Second)
			return broken
		}}
		e, err := New(Config{Sender: s, Seal: seal, Kinds: testKinds,
			Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		first := make(chan error, 1)
		go func() { first <- e.Close(context.Background()) }()
		synctest.Wait()
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := e.Close(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second call whose time is over returned %v", err)
		}
		second := e.Close(context.Background())
		if err := <-first; !errors.Is(err, broken) || err != second || e.Close(short) != err {
			t.Errorf("Close returned %v, then %v", err, second)
		}
		if calls != 1 {
			t.Errorf("the Sender was closed %d times", calls)
		}
	})
}

func TestCloseDoesNotWaitForASenderThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		s := &closing{close: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
		s.onSend = func(*Batch) { <-release }
		e, err := New(Config{Sender: s, Seal: seal, Kinds: testKinds,
			Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		l := e.NewLane("a", nil, 0, 0)
		state(1).emit(l)
		state(2).emit(l)
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		before := time.Now()
		if err := e.Close(ctx); !errors.Is(err, context.DeadlineExceeded) ||
			time.Since(before) != 2*time.Second {
			t.Errorf("Close returned %v after %v", err, time.Since(before))
		}
		checkEmpty(t, e)
		k := e.Stats().Total
		if k.Unacknowledged != 1 || k.Dropped[Shutdown] != 1 {
			t.Errorf("account %+v", k)
		}
		close(release)
		synctest.Wait()
		s.end(nil)
		checkEmpty(t, e)
		if late := e.Stats().Total; late != k {
			t.Errorf("the account changed after Close to %+v", late)
		}
	})
}

func TestShutdownDoesNotWaitForAWriterThatHangs(t *testing.T) {
	end := map[string]func(*Slot){
		"and commits":  func(s *Slot) { write(s, 1); s.Commit(len(s.Buf)) },
		"and abandons": (*Slot).abandon,
	}
	for name, end := range end {
		for _, due := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, due %t", name, due), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e, err := New(Config{Sender: ackSender{}, Seal: seal, Kinds: testKinds,
						Logger: slog.New(slog.DiscardHandler)})
					if err != nil {
						t.Fatal(err)
					}
					slot, _ := event(1).reserve(e.NewLane("a", nil, 0, 0))
					// still queued, because the worker takes one batch at a time
					other, _ := event(1).reserve(e.NewLane("b", nil, 0, 0))
					if due {
						time.Sleep(time.Second) // the worker waits for the writer
					}
					ctx, cancel := context.WithTimeout(context.Background(), time.Second)
					defer cancel()
					before := time.Now()
					_ = e.Drain(ctx)
					_ = e.Close(ctx)
					if took := time.Since(before); took > time.Second {
						t.Errorf("it took %v", took)
					}
					checkEmpty(t, e)
					before1 := e.Stats().Total
					end(&slot)
					end(&other)
					time.Sleep(time.Second)
					checkEmpty(t, e)
					if after := e.Stats().Total; after != before1 {
						t.Errorf("the account changed after Close to %+v", after)
					}
				})
			})
		}
	}
}

// ackingOnClose acknowledges pending batches from other goroutines, just when its Close returns.
type ackingOnClose struct {
	ackSender
	mu   sync.Mutex
	held []func()
	acks sync.WaitGroup
}

func (s *ackingOnClose) Send(b *Batch, done func(*Batch, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = append(s.held, func() { done(b, nil) })
}

func (s *ackingOnClose) Close(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ack := range s.held {
		s.acks.Go(ack)
	}
	return nil
}

func TestAcknowledgementsRaceClose(t *testing.T) {
	for range 200 {
		s := new(ackingOnClose)
		e, err := New(Config{Sender: s, Seal: seal, Kinds: testKinds, Linger: -1,
			Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			state(1).emit(e.NewLane(fmt.Sprint(i), nil, 0, 0))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		_ = e.Drain(ctx)
		cancel()
		if err := e.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		k := e.Stats().Total
		s.acks.Wait()
		if after := e.Stats().Total; after != k || k.Queued+k.InFlight != 0 {
			t.Fatalf("the account was %+v when Close returned, and is %+v", k, after)
		}
		checkEmpty(t, e)
	}
}
