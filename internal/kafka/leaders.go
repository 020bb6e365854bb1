package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// look is how the Sender looks after partitions that are not acknowledged. franz-go learns of a new
// leader from the answer to a request, or by chance; from a broker that stands still no answer
// comes, and its request keeps the partition's batches from the new leader for as long as an answer
// may take.
type look struct {
	refreshed time.Duration // when the client was last told to look at the metadata; the watch's
	// ping asks a broker for something small, and returns when it has answered or ctx ends; nil for
	// none.
	ping func(ctx context.Context, node int32) error

	mu      sync.Mutex
	pinging map[int32]bool
}

// findLeader asks the client who leads p. The caller holds mu.
func (s *Sender) findLeader(p *partition) {
	if p.id == unknownPartition {
		return
	}
	if leader, _, err := s.client.PartitionLeader(s.topic, p.id); err == nil {
		p.leader = leader
	}
}

// followLeaders looks after the partitions that have not been acknowledged for a while. The client
// looks at the metadata again; a connection on which batches of a partition wait for its former
// leader is cut, upon which they go to the new one; and the leader is asked for something, to tell
// one that stands still from one that works on.
func (s *Sender) followLeaders(now time.Duration) {
	at := s.network.now()
	moved, leaders, waiting := s.unacknowledged(now)
	if !waiting {
		return
	}
	for node := range leaders {
		// Of one whose connections were cut it is known that it is silent, and what it is asked
		// stands in the way of batches.
		if p := s.network.node(node); p == nil || !p.cut.Load() &&
			!p.heardSince(at-s.timing.stall) {
			s.pingLater(node)
		}
	}
	s.network.hasten(s.timing.quick, s.timing.dial/2)
	if !s.network.heardSince(at - s.timing.stall) {
		return // there is nobody to ask
	}
	if now-s.cluster.refreshed >= s.timing.refresh {
		s.cluster.refreshed = now
		s.client.ForceMetadataRefresh()
	}
	for node, partitions := range moved {
		former := s.network.node(node)
		if former == nil || s.network.cut(s.timing.stall, map[*peer]bool{former: true}) == 0 {
			continue
		}
		s.mu.Lock()
		for _, p := range partitions {
			p.former = -1
		}
		s.mu.Unlock()
	}
}

// unacknowledged returns the former leaders of the partitions that have not been acknowledged for a
// while, where batches may still wait for them, and the leaders of the others; and whether there
// are any such partitions.
func (s *Sender) unacknowledged(
	now time.Duration,
) (moved map[int32][]*partition, leaders map[int32]bool, any bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.active {
		if !p.silent(now, s.timing.stall) {
			p.former = -1
			s.findLeader(p)
			continue
		}
		any = true
		if was := p.leader; was >= 0 {
			if s.findLeader(p); p.leader != was {
				p.former = was
			}
		} else {
			s.findLeader(p)
		}
		if p.former >= 0 {
			if moved == nil {
				moved = make(map[int32][]*partition)
			}
			moved[p.former] = append(moved[p.former], p)
		}
		if p.leader >= 0 {
			if leaders == nil {
				leaders = make(map[int32]bool)
			}
			leaders[p.leader] = true
		}
	}
	return moved, leaders, any
}

// pingLater asks a broker for something, unless that is under way. That it answers is heard by the
// network.
func (s *Sender) pingLater(node int32) {
	l := &s.cluster
	if l.ping == nil || s.stats.connects.Load() == 0 {
		// with a dialer in the options, a ping that hangs could not be cut, and would stand in the
		// way of batches
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pinging[node] {
		return
	}
	if l.pinging == nil {
		l.pinging = make(map[int32]bool)
	}
	l.pinging[node] = true
	s.running.Go(func() {
		ctx, cancel := context.WithTimeout(s.background, s.timing.quick)
		defer cancel()
		l.ping(ctx, node) //nolint:errcheck // whether anything was heard is what counts
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.pinging, node)
	})
}

// pinger returns a ping by way of client: a request for the metadata of no topic, which goes over
// another connection than batches.
func pinger(client *kgo.Client) func(context.Context, int32) error {
	return func(ctx context.Context, node int32) error {
		req := kmsg.NewPtrMetadataRequest()
		req.Topics = []kmsg.MetadataRequestTopic{} // nil stands for all of them
		_, err := client.Broker(int(node)).Request(ctx, req)
		return err
	}
}
