package kafka

import (
	"context"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// States of the topic's identity.
const (
	topicKnown       = iota
	topicCreatedAnew // it was deleted and created again
	topicForgetting  // the client is being told
)

// leastLook is the shortest interval between follow-ups of partitions that are not acknowledged:
// there may be thousands.
const leastLook = 50 * time.Millisecond

// watch enforces deadlines. While batches are in flight it runs every tick; otherwise it sleeps
// until Send wakes it, or until it is time to log that something is over.
func (s *Sender) watch(ctx context.Context) {
	defer s.running.Done()
	timer := time.NewTimer(s.timing.tick)
	timer.Stop()
	var next time.Duration // when it next follows up partitions that are not acknowledged
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
		s.keepOrRelease(since)
		s.sendAgain(now)
		if since >= next || s.outstanding.Load() == 0 {
			next = since + max(s.timing.tick, leastLook)
			s.followLeaders(since)
			s.noticeSilence(since)
			s.network.unanswered(3 * s.timing.stall)
		}
		settled := s.words.settle()
		if s.words.pending() {
			s.running.Go(s.words.speak)
		}
		if s.idle() {
			if settled > 0 {
				timer.Reset(settled)
			}
			continue
		}
		timer.Reset(s.timing.tick)
	}
}

// idle reports whether no batch is in flight, and makes Send wake the watch then.
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

// endOverdue ends the batches whose time is up. Those that are kept back end at their deadlines.
// Those that the client has end by their contexts, and, where contexts do not reach, by cutting the
// connections on which the client waits.
func (s *Sender) endOverdue(now time.Time) {
	s.mu.Lock()
	ended := s.deadlines.expire(now, (*partition).give)
	leaders, ending := s.endingLeaders()
	s.mu.Unlock()
	s.fail(ended, batching.Timeout, errDeadline)
	if ending {
		s.network.cut(s.timing.stall, leaders)
	}
}

// give makes the client give back what it has of p. Further batches wait until it has. The caller
// holds Sender.mu.
func (p *partition) give() {
	p.keeping, p.ending = true, true
	if p.attempt != nil {
		p.attempt.cancel()
		p.attempt = nil
	}
}

// endingLeaders reports whether the client is to give something back. It also returns the brokers
// for which the client may wait with it, so that no other is cut off. nil stands for all of them,
// if one is unknown or no broker responds. The caller holds mu.
func (s *Sender) endingLeaders() (leaders map[*peer]bool, ending bool) {
	all := !s.network.heardSince(s.network.now() - s.timing.stall)
	for _, p := range s.active {
		if !p.ending || p.inClient.Load() == 0 {
			continue
		}
		ending = true
		for _, node := range []int32{p.leader, p.former} {
			leader := s.network.node(node)
			if leader == nil {
				all = all || node == p.leader
				continue
			}
			if leaders == nil {
				leaders = make(map[*peer]bool)
			}
			leaders[leader] = true
		}
	}
	if all {
		return nil, ending
	}
	return leaders, ending
}

// learnAgain makes the client learn the topic again after it was deleted and created under the same
// name: franz-go keeps the former one, and would fail every record for good.
func (s *Sender) learnAgain() {
	if !s.createdAnew.CompareAndSwap(topicCreatedAnew, topicForgetting) {
		return
	}
	s.running.Go(func() { // it waits for the client's metadata refresh, which may take long
		s.client.PurgeTopicsFromProducing(s.topic)
		s.learntAgain.Store(s.written.handed.Load())
		s.createdAnew.Store(topicKnown)
	})
}
