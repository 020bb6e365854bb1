package kafka

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// A batch that brokers reject alone is dropped as rejected if it certainly did not arrive, and
// unacknowledged otherwise. After an error that may pass, it is sent again.
func TestRefusedBatches(t *testing.T) {
	produce := []kmsg.Key{kmsg.Produce}
	for _, tt := range []struct {
		name   string
		faults []kfake.Fault
		want   string
	}{
		{"too large", []kfake.Fault{{Keys: produce, Err: kerr.MessageTooLarge}}, "rejected"},
		{"invalid", []kfake.Fault{{Keys: produce, Err: kerr.InvalidRecord}}, "rejected"},
		{"corrupt", []kfake.Fault{{Keys: produce, Err: kerr.CorruptMessage}}, "rejected"},
		{"not authorised for a while",
			[]kfake.Fault{{Keys: produce, Err: kerr.TopicAuthorizationFailed}}, "delivered"},
		{"after a try that was not answered in time", []kfake.Fault{
			{Keys: produce, Err: kerr.RequestTimedOut},
			{Keys: produce, Err: kerr.MessageTooLarge},
		}, "unacknowledged"},
		{"by an error that the broker did not expect",
			[]kfake.Fault{{Keys: produce, Err: kerr.UnknownServerError}}, "delivered"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			setup{}.run(t, func(b *bench) {
				b.send("thread")
				b.settle(time.Second)
				b.cluster.Fault(tt.faults...)
				b.send("thread")
				b.settle(10 * time.Second)
				want := map[string]int{"delivered": 1}
				want[tt.want]++
				if n := b.count(); !maps.Equal(n, want) {
					t.Errorf("batches ended as %v, want %v", n, want)
				}
				if stats := b.sender.Stats(); (stats.Permanent == 0) != (tt.want == "delivered") {
					t.Errorf("Permanent is %d", stats.Permanent)
				}
				b.send("thread") // what follows is not affected
				b.settle(10 * time.Second)
				want["delivered"]++
				if n := b.count(); !maps.Equal(n, want) {
					t.Errorf("batches ended as %v, want %v", n, want)
				}
				b.close()
				b.sound(true)
			})
		})
	}
}

// A batch that is larger than anything the Sender was configured for is never sent.
func TestOversizeBatchNeverLeaves(t *testing.T) {
	s := setup{config: func(c *kafka.Config) { c.MaxMessageBytes = 2 << 20 }, cluster: []kfake.Opt{
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": "4000000"}),
	}}
	s.run(t, func(b *bench) {
		b.sendSized("thread", 2<<20)
		b.sendSized("thread", 3<<20)
		b.settle(time.Minute)
		if n := b.count(); n["delivered"] != 1 || n["rejected"] != 1 {
			t.Errorf("batches ended as %v, want one delivered and one rejected", n)
		}
		if got := b.sender.Stats().Requests; got != 1 {
			t.Errorf("%d produce requests were sent, want 1", got)
		}
	})
}

// The Sender waits for a deleted topic until the deadline. Once the topic is created again, waiting
// batches are delivered.
func TestTopicIsDeletedAndCreatedAnew(t *testing.T) {
	setup{partitions: 3}.run(t, func(b *bench) {
		load := func(n int) {
			for i := range n {
				b.send(fmt.Sprint("thread ", i%20))
				time.Sleep(20 * time.Millisecond)
			}
		}
		load(100)
		b.settle(time.Second)
		if err := b.cluster.DeleteTopic(topic); err != nil {
			t.Fatal(err)
		}
		load(100)
		if n := b.count(); n["delivered"] != 100 || b.left() != 100 {
			t.Fatalf("without a topic batches ended as %v, want them to wait", n)
		}
		if err := b.cluster.CreateTopic(topic, 5, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		load(100)
		b.settle(3 * time.Minute)
		b.wantAll("delivered")
		t.Log(b.count())
	})
}
