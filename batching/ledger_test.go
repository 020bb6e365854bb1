package batching

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fate is what the ledger's Sender does with a batch.
type fate uint8

const (
	fateAck          fate = iota // acknowledged later
	fateAckInSend                // acknowledged before Send returns
	fateDropped                  // refused, with a reason
	fateUnknown                  // given up, with an error that says nothing or "unacknowledged"
	fateLost                     // no word until Close
	fateForgotten                // no word ever
	fateSlow                     // Send itself takes long, then it is acknowledged
	fatePanicEarly               // Send panics before it took the batch
	fatePanicAcked               // Send panics after it called done
	fatePanicThenAck             // Send panics, and done is called later all the same
	fatePanicRace                // Send panics while done is being called
	fateSealError                // Seal fails
	fateSealPanic                // Seal panics
	fateSealReason               // Seal fails, with a *SendError
	fateUnchanged                // Seal says that the batch does not have to be sent
	numFates
)

// ledger is a Sender that keeps books of its own, from the bytes that reach it alone. What it does
// with a batch depends on the seed and on the batch, and not on the schedule of goroutines.
type ledger struct {
	t        testing.TB
	seed     uint64
	weights  [numFates]int
	maxDelay time.Duration
	permits  int
	bytes    int
	events   int

	// events of the batches for which done(nil) is about to be called, and has returned
	acking, acked atomic.Int64

	mu       sync.Mutex
	entries  []*entry
	last     map[string]uint64 // per lane, the number that was sent last
	ids      map[uint64]bool   // of batches
	held     struct{ batches, bytes, events int }
	unsealed []*entry
	sealings map[*Batch]*entry // the batches that Seal let through and that were not sent yet
	kept     []*entry          // those that never were
	// those for which there was no room, by their first serial, until they are sealed again
	waiting  map[uint64]*entry
	takes    int // calls of Seal
	slow     int // one Seal in so many takes long; 0: none
	resizing int // and one in so many resizes its batch

	// calls of Resize for more memory, for less, and without room for it; of Split
	grown, shrunk, cramped, splits atomic.Uint64
}

// entry is what the ledger knows about one batch.
type entry struct {
	key      string
	kind     Kind
	pieces   []piece
	messages int
	shift    uint64
	value    []byte // what is to arrive
	size     int
	sentAt   time.Time
	sealed   sealing
	called   bool // done was called, or is being called
	panicked bool
	racing   bool // nobody can know whether done or the panic came first
	hopeless bool // not even Close calls done
	settled  time.Time
	outcome  Outcome
	reason   Reason

	batch *Batch
	done  func(*Batch, error)
}

// unsent says that Seal did not let the batch through.
func (e *entry) unsent() bool { return e.done == nil }

func (l *ledger) rand(b *Batch, salt uint64) *rand.Rand {
	key := fnv.New64a()
	_, _ = key.Write(b.Key)
	return rand.New(rand.NewPCG(l.seed^salt, key.Sum64()+b.First))
}

func (l *ledger) fate(r *rand.Rand) fate {
	sum := 0
	for _, w := range l.weights {
		sum += w
	}
	n := r.IntN(sum)
	for f, w := range l.weights {
		if n -= w; n < 0 {
			return fate(f)
		}
	}
	panic("unreachable")
}

func (l *ledger) entry(b *Batch, body []byte) *entry {
	e := &entry{key: string(b.Key), kind: b.Kind, shift: b.shift, size: len(body),
		sentAt: time.Now()}
	var err error
	if e.pieces, err = pieces(body); err != nil {
		l.t.Errorf("batch %d of lane %s: %v", b.ID, b.Key, err)
	}
	for _, p := range e.pieces {
		if !p.joined {
			e.messages++
		}
	}
	return e
}

func (l *ledger) Send(b *Batch, done func(*Batch, error)) {
	r := l.rand(b, 1)
	f := l.fate(r)
	e := l.entry(b, b.Value)
	e.batch, e.done = b, done
	l.sendingWhatWasSealed(e, b)
	e.hopeless, e.racing = f == fateForgotten, f == fatePanicRace
	l.record(e, b)
	delay := time.Duration(r.Int64N(int64(l.maxDelay)))
	switch f {
	case fateAck:
		time.AfterFunc(delay, func() { l.end(e, nil) })
	case fateAckInSend:
		l.end(e, nil)
	case fateDropped:
		err := &SendError{Outcome: Dropped, Reason: Reason(r.IntN(NumReasons))}
		time.AfterFunc(delay, func() { l.end(e, err) })
	case fateUnknown:
		err := []error{errors.New("unknown"), &SendError{Outcome: Unacknowledged, Reason: Rejected},
			fmt.Errorf("wrapped: %w", &SendError{})}[r.IntN(3)]
		time.AfterFunc(delay, func() { l.end(e, err) })
	case fateSlow:
		time.Sleep(delay)
		l.end(e, nil)
	case fatePanicAcked:
		l.end(e, nil)
		panic("send panicked")
	case fatePanicThenAck:
		time.AfterFunc(delay+1, func() { l.end(e, nil) })
		l.panicking(e)
	case fatePanicRace:
		go l.end(e, nil)
		panic("send panicked")
	case fatePanicEarly:
		l.panicking(e)
	}
}

// record enters what was sent and checks it.
func (l *ledger) record(e *entry, b *Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.Events != len(e.pieces) || b.Events < 1 {
		l.t.Errorf("lane %s: a batch says %d events and holds %d", e.key, b.Events, len(e.pieces))
	}
	if l.ids[b.ID] {
		l.t.Errorf("lane %s: the batch ID %d was there before", e.key, b.ID)
	}
	l.ids[b.ID] = true
	for _, p := range e.pieces {
		if p.joined {
			continue
		}
		seq := p.seq - e.shift
		if seq <= l.last[e.key] {
			l.t.Errorf("lane %s: number %d was sent after %d", e.key, seq, l.last[e.key])
		}
		if seq < b.First || seq > b.Last {
			l.t.Errorf("lane %s: number %d in a batch that says %d to %d", e.key, seq, b.First,
				b.Last)
		}
		l.last[e.key] = seq
	}
	l.entries = append(l.entries, e)
	l.held.batches++
	l.held.bytes += e.size
	l.held.events += len(e.pieces)
	if l.held.batches > l.permits || l.held.bytes > l.bytes || l.held.events > l.events {
		l.t.Errorf("on their way: %+v; limits are %d permits, %d bytes, %d events", l.held,
			l.permits, l.bytes, l.events)
	}
}

// end calls done, once, and enters it before.
func (l *ledger) end(e *entry, err error) {
	l.mu.Lock()
	if e.called {
		l.mu.Unlock()
		return
	}
	e.called = true
	if !e.panicked {
		e.settled = time.Now()
		e.outcome, e.reason = outcomeOf(err)
		l.letGo(e)
	}
	counts := !e.panicked && !e.racing
	l.mu.Unlock()
	if !bytes.Equal(e.batch.Value, e.value) {
		l.t.Errorf("lane %s: the value of batch %d changed while the Sender had it", e.key,
			e.batch.ID)
	}
	n := int64(len(e.pieces))
	if err == nil {
		l.acking.Add(n)
	}
	e.done(e.batch, err)
	if err == nil && counts {
		l.acked.Add(n)
	}
}

// panicking enters that the engine has to give e up, and panics.
func (l *ledger) panicking(e *entry) {
	l.mu.Lock()
	e.panicked, e.settled, e.outcome = true, time.Now(), Unacknowledged
	l.letGo(e)
	l.mu.Unlock()
	panic("send panicked")
}

func (l *ledger) letGo(e *entry) {
	l.held.batches--
	l.held.bytes -= e.size
	l.held.events -= len(e.pieces)
}

func (l *ledger) Stats() SenderStats { return SenderStats{} }

// Close resolves some of what it holds, after a while, and leaves the rest.
func (l *ledger) Close(ctx context.Context) error {
	r := rand.New(rand.NewPCG(l.seed, 2))
	if r.IntN(2) == 0 {
		select {
		case <-time.After(time.Duration(r.Int64N(int64(l.maxDelay)))):
		case <-ctx.Done():
		}
	}
	l.mu.Lock()
	all := slices.Clone(l.entries)
	l.mu.Unlock()
	share := r.IntN(5)
	for _, e := range all {
		if r.IntN(4) < share && !e.hopeless {
			err := []error{nil, &SendError{Outcome: Dropped, Reason: Shutdown},
				errors.New("closed")}[r.IntN(3)]
			l.end(e, err)
		}
	}
	if r.IntN(4) == 0 {
		return errors.New("the sender could not close")
	}
	return nil
}
