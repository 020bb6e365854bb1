package kafka

import (
	"sync"
	"sync/atomic"
	"time"
)

// returns takes the batches that the client gave up before their own deadlines.
//
// The client fails all records of a partition together, and batches that reach it at the same time need not be of the same age: one
// may have waited long in the engine's queue, and its deadline is no business of the others. They are sent again, in their order. Those that were in a request may arrive twice then, which readers have to expect; should they fail for good, they
// may have arrived.
type returns struct {
	mu      sync.Mutex
	records []*record
	length  atomic.Int64
	closed  bool
}

// put reports whether it took r, which it does until close.
func (b *returns) put(r *record) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.records = append(b.records, r)
	b.length.Add(1)
	return true
}

func (b *returns) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}

func (b *returns) take() []*record {
	if b.length.Load() == 0 {
		return nil
	}
	b.mu.Lock()
	records := b.records
	b.records = nil
	b.mu.Unlock()
	b.length.Add(-int64(len(records)))
	return records
}

// comesBack takes r, which the client has failed with err, to be sent again if it has time left, and reports whether it did.
func (s *Sender) comesBack(r *record, err error) bool {
	if !transient(err) || !time.Now().Before(r.deadline.expires) {
		return false
	}
	r.mayExist = r.mayExist || s.written.maybe(r.Record.Partition, r.number)
	return s.returns.put(r)
}

// takeBack holds the returned batches for another try, before all others of their partitions. It waits until the client has none of
// those left that were sent behind them: a batch that was sent behind another one of its key must not arrive before it. Should one
// have, those that it overtook are given back, to end. The caller holds mu.
func (s *Sender) takeBack() (overtaken queue) {
	for _, r := range s.returns.take() {
		p := r.partition
		s.activate(p)
		p.holding = true
		p.keep(r, &p.returned, false)
	}
	overtaken = newQueue(inPartition)
	for i := 0; i < len(s.active); i++ { // it may grow
		p := s.active[i]
		if p.inClient.Load() > 0 {
			continue
		}
		p.ending = false
		for r := p.returned.last; r != nil; r = p.returned.last {
			r.letGo()
			if r.number < p.acked.Load() {
				overtaken.pushFront(r)
				continue
			}
			to := s.partitionOf(r.Key)
			s.activate(to)
			to.hold(r, true)
		}
	}
	return overtaken
}
