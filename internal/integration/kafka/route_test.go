package kafka

import (
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The number of partitions is known right after the start, before anything was sent, and a record
// is where Route said.
func TestRouteIsKnownAfterTheStart(t *testing.T) {
	setup{partitions: 12}.run(t, func(b *bench) {
		for i := range 30 {
			key := fmt.Sprint("thread-", i)
			want := int(crc32.ChecksumIEEE([]byte(key)) % 12)
			if route, routes := b.sender.Route([]byte(key)); route != want || routes != 12 {
				b.t.Errorf("Route of %s is %d of %d, want %d of 12", key, route, routes, want)
			}
		}
	})
}

// Route follows a growing topic as soon as the client knows of the new partitions.
func TestRouteFollowsATopicThatGrows(t *testing.T) {
	setup{partitions: 3}.run(t, func(b *bench) {
		b.send("key")
		b.settle(time.Minute)
		admin, err := kgo.NewClient(kgo.SeedBrokers(b.brokers...), kgo.Dialer(b.direct))
		if err != nil {
			b.t.Fatal(err)
		}
		defer admin.Close()
		req := kmsg.NewPtrCreatePartitionsRequest()
		grown := kmsg.NewCreatePartitionsRequestTopic()
		grown.Topic, grown.Count = b.topic, 12
		req.Topics = append(req.Topics, grown)
		if resp, err := req.RequestWith(b.t.Context(), admin); err != nil ||
			resp.Topics[0].ErrorCode != 0 {
			b.t.Fatal(resp, err)
		}
		for range 400 { // the client refreshes its metadata every five minutes at the latest
			b.send("key")
			b.settle(time.Minute)
			if _, routes := b.sender.Route([]byte("key")); routes == 12 {
				return
			}
			time.Sleep(time.Second)
		}
		b.t.Error("Route has not heard of the new partitions")
	})
}
