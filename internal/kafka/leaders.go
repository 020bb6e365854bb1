package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// look is how the Sender follows up partitions that are not acknowledged. franz-go learns of a new
// leader from the response to a request, or by chance. A broker that does not respond sends none,
// and the request to it keeps the partition's batches from the new leader until it times out.
type look struct {
	refreshed time.Duration // when the client was last told to refresh its metadata; the watch's
	// ping sends a broker a small request, and returns when it has responded or ctx ends; nil for
	// none.
	ping func(ctx context.Context, node int32) error

	mu      sync.Mutex
	pinging map[int32]bool
}

// findLeader asks the client for the leader of p. The caller holds mu.
func (s *Sender) findLeader(p *partition) {
	if p.id == unknownPartition {
		return
	}
	if leader, _, err := s.client.PartitionLeader(s.topic, p.id); err == nil {
		p.leader = leader
	}
}

// followLeaders follows up the partitions that have not been acknowledged for a while. The client
// refreshes its metadata. A connection on which batches of a partition wait for its former leader
// is cut, so that they go to the new one. And the leader is pinged, to tell whether it responds.
func (s *Sender) followLeaders(now time.Duration) {
	at := s.network.now()
	moved, leaders, waiting := s.unacknowledged(now)
	if !waiting {
		return
	}
	for node := range leaders {
		// A broker whose connections were cut is known not to respond, and a ping would delay
		// batches.
		if p := s.network.node(node); p == nil || !p.cut.Load() &&
			!p.heardSince(at-s.timing.stall) {
			s.pingLater(node)
		}
	}
	s.network.hasten(s.timing.quick, s.timing.dial/2)
	if !s.network.heardSince(at - s.timing.stall) {
		return // no broker to ask
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

// unacknowledged returns, for the partitions that have not been acknowledged for a while, the
// former leaders for which batches may still wait, and the leaders of the others. It also reports
// whether there are any such partitions.
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

// pingLater pings a broker in the background, unless a ping is under way. The network notices the
// response.
func (s *Sender) pingLater(node int32) {
	l := &s.cluster
	if l.ping == nil || s.stats.connects.Load() == 0 {
		// with a dialer in the options, a ping that hangs could not be cut, and would delay batches
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
		l.ping(ctx, node) // nolint:errcheck // only whether the broker responded counts
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.pinging, node)
	})
}

// pinger returns a ping that uses client: a request for the metadata of no topic, which uses
// another connection than batches.
func pinger(client *kgo.Client) func(context.Context, int32) error {
	return func(ctx context.Context, node int32) error {
		req := kmsg.NewPtrMetadataRequest()
		req.Topics = []kmsg.MetadataRequestTopic{} // nil stands for all of them
		_, err := client.Broker(int(node)).Request(ctx, req)
		return err
	}
}
