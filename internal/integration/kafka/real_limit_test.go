package kafka

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// TestRealTopicWithALowLimit is TestTopicWithALowLimit on real brokers, with compression and
// without, and with large events that can be compressed and that cannot.
func TestRealTopicWithALowLimit(t *testing.T) {
	brokers := realBrokers(t)
	admin, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	type trial struct {
		limit       int
		compression kafka.Compression
		texts       string
	}
	texts := map[string]func(int) string{"noise": noise, "same": same}
	var trials []trial
	for _, limit := range []int{300_000, 64_000, 1_000_000} {
		trials = append(trials, trial{limit, kafka.None, "noise"},
			trial{limit, kafka.Zstd, "noise"}, trial{limit, kafka.Zstd, "same"})
	}
	for _, tt := range trials {
		limit, compression := tt.limit, tt.compression
		t.Run(fmt.Sprint(limit, " ", compression, " ", tt.texts), func(t *testing.T) {
			b := newBench(t, brokers, fmt.Sprintf("limit-%d", time.Now().UnixNano()),
				new(net.Dialer).DialContext)
			req := kmsg.NewPtrCreateTopicsRequest()
			topic := kmsg.NewCreateTopicsRequestTopic()
			topic.Topic, topic.NumPartitions, topic.ReplicationFactor = b.topic, 2, -1
			config := kmsg.NewCreateTopicsRequestTopicConfig()
			config.Name, config.Value = "max.message.bytes", kmsg.StringPtr(fmt.Sprint(limit))
			topic.Configs = append(topic.Configs, config)
			req.Topics = append(req.Topics, topic)
			if resp, err := req.RequestWith(t.Context(), admin); err != nil ||
				resp.Topics[0].ErrorCode != 0 {
				t.Fatal(resp, err)
			}
			b.open(func(c *kafka.Config) {
				c.Compression, c.MaxMessageBytes, c.Split = compression, 4<<20, splitLines
			})
			t.Cleanup(b.close)
			b.checkLimit(limit, texts[tt.texts], tt.texts == "same")
		})
	}
}
