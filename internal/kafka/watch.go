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

// watch keeps deadlines. While batches are on their way it looks every tick; otherwise it sleeps until Send wakes it.
func (s *Sender) watch(ctx context.Context) {
	defer s.running.Done()
	timer := time.NewTimer(s.timing.tick)
	timer.Stop()
	for {
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.wake:
		case <-timer.C:
		}
		now := time.Now()
		since := now.Sub(s.start)
		s.learnAgain()
		s.endOverdue(now)
		s.endReturned(now)
		s.holdOrRelease(since)
		s.sendAgain(now)
		s.followLeaders(since)
		s.noticeSilence(since)
		s.network.unanswered(3 * s.timing.stall)
		if s.words.pending() {
			s.running.Go(s.words.speak)
		}
		if s.idle() {
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
	ended, overdue := s.deadlines.expire(now)
	var leaders map[*peer]bool
	if overdue {
		leaders = s.stuckLeaders(now.Sub(s.start))
	}
	s.mu.Unlock()
	s.fail(ended, batching.Timeout, errDeadline)
	if overdue {
		s.network.cut(s.timing.stall, leaders)
	}
}

// stuckLeaders returns the brokers for which partitions wait that take nothing, so that no other is cut off; nil stands for all of
// them, when one is not known or no broker answers. The caller holds mu.
func (s *Sender) stuckLeaders(now time.Duration) map[*peer]bool {
	if !s.network.heardSince(s.network.now() - s.timing.stall) {
		return nil
	}
	leaders := make(map[*peer]bool)
	for _, p := range s.active {
		if p.inClient.Load() == 0 || !p.holding && !p.silent(now, min(s.timing.hold, s.timing.grace)) {
			continue
		}
		for _, node := range []int32{p.leader, p.former} {
			leader := s.network.node(node)
			if leader == nil && node == p.leader {
				return nil
			}
			if leader != nil {
				leaders[leader] = true
			}
		}
	}
	return leaders
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
