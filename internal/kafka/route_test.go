package kafka

import (
	"fmt"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestRouteIsUnknownBeforeTheClusterWasSeen(t *testing.T) {
	cfg := Config{Topic: "topic"}.withDefaults()
	s := newSender(&cfg)
	if route, routes := s.Route([]byte("key")); route != 0 || routes != 0 {
		t.Errorf("Route returned %d of %d, want 0 of 0", route, routes)
	}
}

// The partitioner gets the number of partitions with every record; Route tells where that record
// went.
func TestRouteFollowsTheNumberOfPartitions(t *testing.T) {
	cfg := Config{Topic: "topic"}.withDefaults()
	s := newSender(&cfg)
	p := partitioner{s.written, &s.routes}
	for _, n := range []int{12, 12, 24, 1, 3} {
		for i := range 100 {
			key := fmt.Appendf(nil, "thread-%d", i)
			placed := p.Partition(&kgo.Record{Key: key}, n)
			if route, routes := s.Route(key); route != placed || routes != n {
				t.Fatalf("Route returned %d of %d, want %d of %d", route, routes, placed, n)
			}
		}
	}
}

func TestRouteMayBeCalledWhileTheTopicGrows(t *testing.T) {
	cfg := Config{Topic: "topic"}.withDefaults()
	s := newSender(&cfg)
	s.routes.learn(3)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for n := 3; n < 1000; n++ {
				s.routes.learn(n)
				if route, routes := s.Route([]byte("key")); route < 0 || route >= routes {
					t.Errorf("Route returned %d of %d", route, routes)
					return
				}
			}
		})
	}
	all.Wait()
}
