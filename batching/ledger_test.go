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

// fate is what the ledger's Sender does to a batch.
type fate uint8

const (
	fateAck          fate = iota // acknowledged later
	fateAckInSend                // acknowledged before Send returns
	fateDropped                  // dropped, with a reason
	fateUnknown                  // given up, with an unspecific error or "unacknowledged"
	fateLost                     // done is not called before Close
	fateForgotten                // done is never called
	fateSlow                     // Send itself takes long, then the batch is acknowledged
	fatePanicEarly               // Send panics before it has taken the batch
	fatePanicAcked               // Send panics after it called done
	fatePanicThenAck             // Send panics, and done is called later anyway
	fatePanicRace                // Send panics while done is running
	fateSealError                // Seal fails
	fateSealPanic                // Seal panics
	fateSealReason               // Seal fails, with a *SendError
	fateUnchanged                // Seal returns ErrUnchanged
	numFates
)

// ledger is a Sender that keeps its own account, from nothing but the bytes that reach it. What it
// does to a batch depends on the seed and on the batch, not on how goroutines are scheduled.
type ledger struct {
	t        testing.TB
	seed     uint64
	weights  [numFates]int
	maxDelay time.Duration
	permits  int
	bytes    int
	events   int

	// events of the batches for which done(nil) is about to be called, and for which it has
	// returned
	acking, acked atomic.Int64

	mu       sync.Mutex
	entries  []*entry
	last     map[string]uint64 // per lane, the number sent last
	ids      map[uint64]bool   // of batches
	held     struct{ batches, bytes, events int }
	unsealed []*entry
	sealings map[*Batch]*entry // the batches that were sealed and not sent yet
	kept     []*entry          // the batches that Seal kept from being sent
	// those that sealing had no memory for, by their first serial, until they are sealed again
	waiting  map[uint64]*entry
	takes    int // calls of Seal
	slow     int // one Seal in this many takes long; 0: none
	resizing int // and one in this many resizes its batch

	// calls of Resize for more memory, for less, and without success for lack of memory; calls of
	// Split
	grown, shrunk, cramped, splits atomic.Uint64
}

// entry is what the ledger knows about one batch.
type entry struct {
	key      string
	kind     Kind
	pieces   []piece
	messages int
	shift    uint64
	value    []byte // expected bytes
	size     int
	sentAt   time.Time
	sealed   sealing
	called   bool // done was called, or is running
	panicked bool
	racing   bool // either done or the panic may have come first
	hopeless bool // not even Close calls done
	settled  time.Time
	outcome  Outcome
	reason   Reason

	batch *Batch
	done  func(*Batch, error)
}

// unsent reports that Seal kept the batch from being sent.
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

// record records what was sent and checks it.
func (l *ledger) record(e *entry, b *Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.Events != len(e.pieces) || b.Events < 1 {
		l.t.Errorf("lane %s: a batch of %d events contains %d", e.key, b.Events, len(e.pieces))
	}
	if l.ids[b.ID] {
		l.t.Errorf("lane %s: the batch ID %d is used twice", e.key, b.ID)
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
			l.t.Errorf("lane %s: number %d in a batch of numbers %d to %d", e.key, seq, b.First,
				b.Last)
		}
		l.last[e.key] = seq
	}
	l.entries = append(l.entries, e)
	l.held.batches++
	l.held.bytes += e.size
	l.held.events += len(e.pieces)
	if l.held.batches > l.permits || l.held.bytes > l.bytes || l.held.events > l.events {
		l.t.Errorf("in flight: %+v; limits are %d permits, %d bytes, %d events", l.held,
			l.permits, l.bytes, l.events)
	}
}

// end records the end of a batch and then calls done, once.
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
		l.release(e)
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

// panicking records that the engine has to give up e, and panics.
func (l *ledger) panicking(e *entry) {
	l.mu.Lock()
	e.panicked, e.settled, e.outcome = true, time.Now(), Unacknowledged
	l.release(e)
	l.mu.Unlock()
	panic("send panicked")
}

func (l *ledger) release(e *entry) {
	l.held.batches--
	l.held.bytes -= e.size
	l.held.events -= len(e.pieces)
}

func (l *ledger) Stats() SenderStats { return SenderStats{} }

// Close resolves some of the pending batches, after a delay, and leaves the rest.
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
