package kafka

import (
	"sync/atomic"
	"time"
)

// partition is what the Sender knows of one partition of the topic. Whatever decides over batches
// is decided for each on its own, so that one that takes nothing is no concern of the others.
type partition struct {
	id int32 // unknownPartition for batches whose partition is not known yet

	// inClient counts the batches that the client holds. lastAck is when one was last acknowledged,
	// in ns since start.
	inClient atomic.Int64
	lastAck  atomic.Int64
	waiting  atomic.Int64  // batches that are held back, to be read at any time
	gaveUp   atomic.Uint64 // batches that were given up for want of time, since the start

	// The rest is guarded by Sender.mu.
	since   time.Duration // when it became active; this and busy are times since start
	busy    time.Duration // since when the client has held batches without a break
	held    queue         // waits until the client gets on, in order
	holding bool          // whether batches go to held
	attempt *attempt      // of what the client has; nil before there is any
	ending  bool          // attempt has ended, and the client has not given everything back
	tried   time.Duration // when the oldest batches were last tried, while others were held
	share   *share        // of the deadline that a batch had last
	active  bool          // whether it is in Sender.active
	leader  int32         // the node that leads it as far as is known; negative if none is
	excused time.Duration // until when that it is not acknowledged was told; the watch's
	// the node that led it when its batches went out, while they may still be there; negative
	// otherwise
	former int32
}

const unknownPartition = -1

func newPartition(id int32) *partition {
	p := &partition{id: id, held: newQueue(inPartition), leader: -1, former: -1}
	p.lastAck.Store(never)
	p.tried = never
	return p
}

// never stands for a time long before the start, for what has not happened.
const never = -1 << 62

// unacknowledgedSince returns since when p has had batches without a break and got no
// acknowledgement. The caller holds Sender.mu.
func (p *partition) unacknowledgedSince() time.Duration {
	return max(p.since, time.Duration(p.lastAck.Load()))
}

// silent reports whether the client has held batches of p for at least limit and has got no
// acknowledgement since.
func (p *partition) silent(now, limit time.Duration) bool {
	return p.inClient.Load() > 0 && now-max(p.busy, time.Duration(p.lastAck.Load())) >= limit
}

// hold puts r into held: behind the batches that wait already, or before them all. The caller holds
// Sender.mu.
func (p *partition) hold(r *record, first bool) {
	p.holding = true
	p.keep(r, &p.held, first)
}

func (p *partition) keep(r *record, in *queue, first bool) {
	r.partition, r.queue = p, in
	if first {
		in.pushFront(r)
	} else {
		in.push(r)
	}
	r.deadline.held.push(r)
	p.waiting.Add(1)
}

// letGo takes r out of the batches that wait. The caller holds Sender.mu.
func (r *record) letGo() {
	r.queue.remove(r)
	r.queue = nil
	r.deadline.held.remove(r)
	r.partition.waiting.Add(-1)
}

// partitionOf returns the partition of key. The caller holds mu.
func (s *Sender) partitionOf(key []byte) *partition {
	s.layOutAnew()
	if len(s.partitions) == 0 {
		return s.unknown
	}
	return s.partitions[partitionOf(key, len(s.partitions))]
}

// layOutAnew follows the number of partitions. The caller holds mu.
func (s *Sender) layOutAnew() {
	if n := int(s.routes.partitions.Load()); n != len(s.partitions) {
		s.layOut(n)
	}
}

// layOut makes n partitions, after their number has become known or has changed. What is held goes
// to the partitions that its keys now stand for, in its order. The caller holds mu.
func (s *Sender) layOut(n int) {
	before := append([]*partition{s.unknown}, s.partitions...)
	after := make([]*partition, n)
	copy(after, s.partitions)
	for i := len(s.partitions); i < n; i++ {
		after[i] = newPartition(int32(i))
	}
	s.partitions = after
	var moving []*record
	for _, p := range before {
		for r := p.held.first; r != nil; r = p.held.first {
			r.letGo()
			moving = append(moving, r)
		}
	}
	for _, r := range moving { // batches of one key come from one partition, so their order stays
		p := s.partitionOf(r.Key)
		s.activate(p)
		p.hold(r, false)
	}
}

// activate has the watch look at p. The caller holds mu.
func (s *Sender) activate(p *partition) {
	if !p.active {
		p.active, p.since = true, time.Since(s.start)
		s.active = append(s.active, p)
	}
}

// holds reports whether a further batch of p is to be held back. Of a topic that the client does
// not know one batch is enough to make it ask: what else it took would end with the first, whatever
// its partition is. The caller holds mu.
func (p *partition) holds() bool {
	return p.holding || p.id == unknownPartition && p.inClient.Load() > 0
}

// holdOrRelease decides for each partition whether its batches go to the client, and forgets those
// that have none.
//
// The client fails all records of a partition with the first of them. While a partition is not
// acknowledged, its further batches are therefore held back: in an outage each of them then ends at
// its own deadline rather than at that of the first, it is known not to have been sent, and once
// the partition takes something again it follows the ones before it.
func (s *Sender) holdOrRelease(now time.Duration) {
	s.mu.Lock()
	s.layOutAnew()
	s.decide(now)
	s.forgetIdle()
	s.mu.Unlock()
}

func (s *Sender) decide(now time.Duration) {
	for i := 0; i < len(s.active) && !s.closed; i++ {
		p := s.active[i]
		p.ending = p.ending && p.inClient.Load() > 0
		switch {
		case p.silent(now, s.timing.hold) || p.ending:
			p.holding = true
		case p.holding && now-time.Duration(p.lastAck.Load()) < s.timing.hold:
			s.release(p)
		case p.holding && p.inClient.Load() == 0 && now-p.tried >= s.timing.backoffMin:
			// All that the client had has failed. The oldest batches find out whether the partition
			// takes something again.
			p.tried = now
			s.try(p)
		}
	}
}

// forgetIdle takes the partitions that have no batch out of the active ones. The caller holds mu.
func (s *Sender) forgetIdle() {
	kept := s.active[:0]
	for _, p := range s.active {
		if p.inClient.Load() > 0 || p.waiting.Load() > 0 {
			kept = append(kept, p)
			continue
		}
		p.active, p.holding, p.former, p.share = false, false, -1, nil
	}
	clear(s.active[len(kept):])
	s.active = kept
}

// try hands the oldest of the held batches of p to the client: those emitted within
// hold of one another, no more than may fail together before their grace is over. The caller holds
// mu.
func (s *Sender) try(p *partition) {
	first := p.held.first
	if first == nil {
		p.holding = false
		return
	}
	oldest, youngest := first.deadline.expires, first.deadline.expires
	for r := first; r != nil; r = p.held.first {
		if r.deadline.expires.Before(oldest) {
			oldest = r.deadline.expires
		}
		if r.deadline.expires.After(youngest) {
			youngest = r.deadline.expires
		}
		if r != first && (youngest.Sub(oldest) >= s.timing.hold || p.id == unknownPartition) {
			return
		}
		r.letGo()
		s.produce(r, time.Since(s.start))
	}
}

// releaseBatches is how many held batches are handed over before Send may go on.
const releaseBatches = 256

// release hands all held batches of p to the client, in order. The caller holds mu; it is released
// now and then, since Send waits for it.
func (s *Sender) release(p *partition) {
	for n := 1; p.held.first != nil && !s.closed; n++ {
		r := p.held.first
		r.letGo()
		s.produce(r, time.Since(s.start))
		if n%releaseBatches == 0 {
			s.mu.Unlock()
			s.mu.Lock()
		}
	}
	p.holding = p.held.first != nil
}
