package kafka

import (
	"sync/atomic"
	"time"
)

// partition is the Sender's state of one partition of the topic. Everything about batches is
// decided for each partition separately, so that one that accepts nothing does not affect the
// others.
type partition struct {
	id int32 // unknownPartition for batches whose partition is not known yet

	// inClient counts the batches that the client has. lastAck is when one was last acknowledged,
	// in ns since start.
	inClient atomic.Int64
	lastAck  atomic.Int64
	waiting  atomic.Int64  // batches that are kept back; may be read at any time
	gaveUp   atomic.Uint64 // batches given up because their time was up, since the start

	// Sender.mu guards the rest.
	since   time.Duration // when it became active; this and busy are times since start
	busy    time.Duration // since when the client has had batches without a break
	kept    queue         // batches that wait until the client makes progress, in order
	keeping bool          // whether batches are kept back
	attempt *attempt      // of the client's batches; nil before there are any
	ending  bool          // attempt has ended, and the client has yet to give everything back
	tried   time.Duration // when the oldest batches were last tried, while others were kept back
	share   *share        // for the deadline of the last batch
	active  bool          // in Sender.active
	leader  int32         // the node that leads it, as far as known; negative if there is none
	excused time.Duration // until when the log accounts for its silence; the watch's
	// the node that led it when its batches were sent, while they may still be there; negative
	// otherwise
	former int32
}

const unknownPartition = -1

func newPartition(id int32) *partition {
	p := &partition{id: id, kept: newQueue(inPartition), leader: -1, former: -1}
	p.lastAck.Store(never)
	p.tried = never
	return p
}

// never is a time long before the start, for something that has not happened.
const never = -1 << 62

// unacknowledgedSince returns since when p has had batches without a break and without an
// acknowledgement. The caller holds Sender.mu.
func (p *partition) unacknowledgedSince() time.Duration {
	return max(p.since, time.Duration(p.lastAck.Load()))
}

// silent reports whether the client has had batches of p for at least limit without an
// acknowledgement.
func (p *partition) silent(now, limit time.Duration) bool {
	return p.inClient.Load() > 0 && now-max(p.busy, time.Duration(p.lastAck.Load())) >= limit
}

// keepBack keeps r back: behind the batches that wait already, or before all of them. The caller
// holds Sender.mu.
func (p *partition) keepBack(r *record, first bool) {
	p.keeping = true
	p.keep(r, &p.kept, first)
}

func (p *partition) keep(r *record, in *queue, first bool) {
	r.partition, r.queue = p, in
	if first {
		in.pushFront(r)
	} else {
		in.push(r)
	}
	r.deadline.kept.push(r)
	p.waiting.Add(1)
}

// dequeue removes r from the batches that wait. The caller holds Sender.mu.
func (r *record) dequeue() {
	r.queue.remove(r)
	r.queue = nil
	r.deadline.kept.remove(r)
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

// layOutAnew adapts to a changed number of partitions. The caller holds mu.
func (s *Sender) layOutAnew() {
	if n := int(s.routes.partitions.Load()); n != len(s.partitions) {
		s.layOut(n)
	}
}

// layOut creates n partitions, after their number has become known or has changed. Batches that are
// kept back move to the partitions that their keys now belong to, in order. The caller holds mu.
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
		for r := p.kept.first; r != nil; r = p.kept.first {
			r.dequeue()
			moving = append(moving, r)
		}
	}
	for _, r := range moving { // batches of one key come from one partition, so their order is kept
		p := s.partitionOf(r.Key)
		s.activate(p)
		p.keepBack(r, false)
	}
	s.moveReturned(before)
}

// moveReturned does the same to what came back from the client and waits to be sent again. What is
// sent from now on follows it, key by key. The caller holds mu.
func (s *Sender) moveReturned(before []*partition) {
	var moving []*record
	for _, p := range before {
		moving = append(moving, s.backlogs.empty(s.backlogs.lane(p.id))...)
	}
	for _, r := range moving {
		s.moveTo(r, s.partitionOf(r.Key))
	}
}

// moveTo has r, which no backlog has, wait to be sent to p. The caller holds mu.
func (s *Sender) moveTo(r *record, p *partition) {
	r.partition, r.returned = p, false
	s.activate(p)
	s.backlogs.move(s.backlogs.lane(p.id), r)
}

// activate makes the watch look at p. The caller holds mu.
func (s *Sender) activate(p *partition) {
	if !p.active {
		p.active, p.since = true, time.Since(s.start)
		s.active = append(s.active, p)
	}
}

// keepsBack reports whether a further batch of p must be kept back. For a topic that the client
// does not know, one batch is enough to make it ask. Any others in the client would end with the
// first one, whatever their partition. The caller holds mu.
func (p *partition) keepsBack() bool {
	return p.keeping || p.id == unknownPartition && p.inClient.Load() > 0
}

// keepOrRelease decides for each partition whether its batches are handed to the client, and
// removes partitions without batches from the active ones.
//
// The client fails all records of a partition with the first of them. While a partition is not
// acknowledged, its further batches are therefore kept back. In an outage each of them then ends at
// its own deadline, not at that of the first, and is known not to have been sent. Once the
// partition accepts records again, it follows those before it.
func (s *Sender) keepOrRelease(now time.Duration) {
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
			p.keeping = true
		case p.keeping && now-time.Duration(p.lastAck.Load()) < s.timing.hold:
			s.release(p)
		case p.keeping && p.inClient.Load() == 0 && now-p.tried >= s.timing.backoffMin:
			// All that the client had has failed. The oldest batches find out whether the partition
			// accepts records again.
			p.tried = now
			s.try(p)
		}
	}
}

// forgetIdle removes the partitions without batches from the active ones. The caller holds mu.
func (s *Sender) forgetIdle() {
	kept := s.active[:0]
	for _, p := range s.active {
		if p.inClient.Load() > 0 || p.waiting.Load() > 0 {
			kept = append(kept, p)
			continue
		}
		p.active, p.keeping, p.former, p.share = false, false, -1, nil
	}
	clear(s.active[len(kept):])
	s.active = kept
}

// try hands the oldest of the kept-back batches of p to the client: those emitted within hold of
// one another, which may fail together before their grace is over. The caller holds mu.
func (s *Sender) try(p *partition) {
	first := p.kept.first
	if first == nil {
		p.keeping = false
		return
	}
	oldest, youngest := first.deadline.expires, first.deadline.expires
	for r := first; r != nil; r = p.kept.first {
		if r.deadline.expires.Before(oldest) {
			oldest = r.deadline.expires
		}
		if r.deadline.expires.After(youngest) {
			youngest = r.deadline.expires
		}
		if r != first && (youngest.Sub(oldest) >= s.timing.hold || p.id == unknownPartition) {
			return
		}
		r.dequeue()
		s.produce(r, time.Since(s.start))
	}
}

// releaseBatches is how many kept-back batches are handed over before Send may continue.
const releaseBatches = 256

// release hands all kept-back batches of p to the client, in order. The caller holds mu, which is
// released at intervals because Send waits for it.
func (s *Sender) release(p *partition) {
	for n := 1; p.kept.first != nil && !s.closed; n++ {
		r := p.kept.first
		r.dequeue()
		s.produce(r, time.Since(s.start))
		if n%releaseBatches == 0 {
			s.mu.Unlock()
			s.mu.Lock()
		}
	}
	p.keeping = p.kept.first != nil
}
