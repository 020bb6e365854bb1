package kafka

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// possible responses of a broker to a produce request, including some with which it applies the
// request nevertheless.
var answers = []*kerr.Error{
	kerr.NotLeaderForPartition, kerr.LeaderNotAvailable, kerr.NotEnoughReplicas,
	kerr.RequestTimedOut,
	kerr.NotEnoughReplicasAfterAppend, kerr.KafkaStorageError, kerr.UnknownTopicOrPartition,
	kerr.MessageTooLarge, kerr.InvalidRecord, kerr.TopicAuthorizationFailed, kerr.CorruptMessage,
	kerr.UnknownServerError,
}

var (
	firstSeed = flag.Int("seed", 0, "the first schedule of TestOutcomesAreSound")
	schedules = flag.Int("schedules", 150, "how many schedules TestOutcomesAreSound runs")
)

// TestOutcomesAreSound causes random faults at random times, and compares the outcomes with the
// topic's contents.
func TestOutcomesAreSound(t *testing.T) {
	total := make(map[string]int)
	for seed := *firstSeed; seed < *firstSeed+*schedules; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(seed), 1))
			delivery := []time.Duration{time.Second, 3 * time.Second, 20 * time.Second}[rng.IntN(3)]
			partitions := int32(1)
			if rng.IntN(2) > 0 {
				partitions += rng.Int32N(6)
			}
			s := setup{
				brokers: 1 + rng.IntN(3), partitions: partitions,
				config: func(c *kafka.Config) { c.DeliveryTimeout = delivery },
			}
			s.run(t, func(b *bench) {
				for range 300 {
					if rng.IntN(12) == 0 {
						b.disturb(rng)
					}
					for range 1 + rng.IntN(5) {
						b.send(fmt.Sprint("thread ", rng.IntN(12)))
					}
					time.Sleep(time.Duration(rng.Int64N(int64(delivery / 50))))
				}
				if rng.IntN(3) > 0 {
					b.settle(2 * delivery)
				}
				b.close()
				if longest, limit := b.slowest(), bound(delivery); longest > limit {
					t.Errorf("a batch took %v, want at most %v", longest, limit)
				}
				for end, n := range b.count() {
					total[end] += n
				}
				// kfake keeps one epoch per producer, where Kafka keeps one for each of its
				// partitions. So a batch that is sent again under the epoch of its first attempt is
				// rejected as too old once another partition has a newer one. franz-go then sends
				// it under the new epoch, and it arrives twice. Rejections after an attempt in
				// doubt make batches be sent again.
				b.check(partitions == 1, partitions == 1 && !b.refused)
			})
		})
	}
	t.Log(total)
	if *schedules < 100 {
		return
	}
	for _, end := range []string{"delivered", "unacknowledged", "timeout", "rejected", "shutdown"} {
		if total[end] == 0 {
			t.Errorf("no batch ended as %s: the schedules do not reach it", end)
		}
	}
}

func (b *bench) disturb(rng *rand.Rand) {
	switch rng.IntN(9) {
	case 0:
		b.faults.standStill()
	case 1:
		b.faults.loseAnswers()
	case 2:
		b.faults.die()
	case 3:
		b.faults.cut()
	case 4:
		err := answers[rng.IntN(len(answers))]
		b.refused = b.refused || !err.Retriable || err == kerr.CorruptMessage
		b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: err,
			Count: 1 + rng.IntN(4)})
	case 5:
		b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: topic,
			Err: kerr.LeaderNotAvailable, Count: 1 + rng.IntN(3)})
	case 6:
		b.cluster.ShufflePartitionLeaders()
	default:
		b.faults.goOn()
	}
}
