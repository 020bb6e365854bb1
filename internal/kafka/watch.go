package kafka

import (
	"context"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// What is known of the topic's identity.
const (
	topicKnown       = iota
	topicCreatedAnew // it was deleted and created again
	topicForgetting  // the client is being told
)

// releaseBatches is how many held batches are handed over before Send may go on.
const releaseBatches = 256

// watch keeps deadlines. While batches are on their way it looks every tick; otherwise it sleeps until Send wakes it.
func (s *Sender) watch(ctx context.Context) {
	defer s.running.Done()
	timer := time.NewTimer(s.timing.tick)
	timer.Stop()
	var busy time.Time // since when the client has held batches without a break
	for {
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.wake:
		case <-timer.C:
		}
		now := time.Now()
		if s.inClient.Load() == 0 || busy.IsZero() {
			busy = now
		}
		s.learnAgain()
		s.endOverdue(now)
		s.endReturned(now)
		s.holdOrRelease(now, busy)
		s.sendAgain(now)
		s.noticeSilence(now, busy)
		s.network.unanswered(3 * s.timing.stall)
		if s.words.pending() {
			s.running.Go(s.words.speak)
		}
		if s.idle() {
			busy = time.Time{}
			continue
		}
		timer.Reset(s.timing.tick)
	}
}

// idle reports whether no batch is on its way, and has Send wake the watch then.
func (s *Sender) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outstanding.Load() > 0 {
		return false
	}
	s.deadlines.clear()
	s.watching = false
	return true
}

// endOverdue ends the batches whose time is up: those that are held at their deadlines, those that the client has by way of their
// contexts, and by cutting the connections on which the client waits where a context does not reach.
func (s *Sender) endOverdue(now time.Time) {
	s.mu.Lock()
	late, overdue := s.deadlines.expire(now)
	var ended *record
	if late {
		ended = s.held.take(func(r *record) bool { return r.deadline.passed })
	}
	s.mu.Unlock()
	s.fail(ended, batching.Timeout, errDeadline)
	if overdue && s.inClient.Load() > 0 {
		s.network.cut(s.timing.stall)
	}
}

// holdOrRelease decides whether batches go to the client.
//
// The client fails all records of a partition with the first of them. While nothing is acknowledged, further batches are therefore
// held back: in an outage each of them then ends at its own deadline rather than at that of the first, it is known not to have been
// sent, and once the brokers are back it follows the ones before it.
func (s *Sender) holdOrRelease(now, busy time.Time) {
	acked := s.start.Add(time.Duration(s.lastAck.Load()))
	stuck := s.inClient.Load() > 0 && now.Sub(latest(acked, busy)) >= s.timing.hold
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case stuck:
		s.holding = true
	case s.holding && now.Sub(acked) < s.timing.hold:
		s.release()
	case s.holding && s.inClient.Load() == 0:
		// All that the client had has failed. The oldest batches find out whether brokers take something again.
		s.try()
	}
}

// try hands the oldest of the held batches to the client, no more than may fail together. They share one context: franz-go does not
// write a request whose context has ended, whereas one in which only some batches have been given up goes out with nothing in their
// places, for which a broker (4.4) ends neither the request nor the connection. The caller holds mu.
func (s *Sender) try() {
	first := s.held.first
	if first == nil {
		s.holding = false
		return
	}
	ctx, limit := first.deadline.ctx, first.Timestamp.Add(s.timing.hold)
	for s.held.first != nil && s.held.first.Timestamp.Before(limit) {
		r := s.held.pop()
		r.Context = ctx
		s.produce(r)
	}
}

// release hands all held batches to the client, in order. The caller holds mu; it is let go now and then, since Send waits for it.
func (s *Sender) release() {
	for n := 1; s.held.first != nil && !s.closed; n++ {
		s.produce(s.held.pop())
		if n%releaseBatches == 0 {
			s.mu.Unlock()
			s.mu.Lock()
		}
	}
	s.holding = s.held.first != nil
}

// answered notes that a broker has answered something.
func (s *Sender) answered() {
	s.lastAnswer.Store(int64(time.Since(s.start)))
	if s.silent.Load() && s.silent.CompareAndSwap(true, false) {
		s.log.Info("kafka: brokers answer again")
	}
}

// noticeSilence logs once that no broker answers while batches wait.
func (s *Sender) noticeSilence(now, busy time.Time) {
	answer := s.start.Add(time.Duration(s.lastAnswer.Load()))
	if s.inClient.Load() == 0 || now.Sub(latest(answer, busy)) < s.timing.silence || s.silent.Swap(true) {
		return
	}
	text, _ := s.stats.last()
	s.log.Warn("kafka: no broker answers; batches wait until their delivery timeout",
		"silent", now.Sub(latest(answer, busy)).Round(time.Millisecond), "waiting", s.outstanding.Load(),
		"delivery_timeout", s.timing.delivery, "last_error", text)
}

// learnAgain has the client learn the topic again when it was deleted and created under the same name: franz-go holds on to the
// former one, and would fail every record for good.
func (s *Sender) learnAgain() {
	if !s.createdAnew.CompareAndSwap(topicCreatedAnew, topicForgetting) {
		return
	}
	s.running.Go(func() { // it waits for the client's look at the metadata, which may take long
		s.client.PurgeTopicsFromProducing(s.topic)
		s.learntAgain.Store(s.written.handed.Load())
		s.createdAnew.Store(topicKnown)
	})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
