package kafka

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// What does not respond is logged once when that begins and once when it ends, and "no broker
// responds" only when none does.
func TestLogTellsOnceWhatDoesNotAnswer(t *testing.T) {
	// answer makes the brokers respond to all batches in this way, until it is over.
	var over atomic.Bool
	answer := func(code int16, throttle time.Duration) func(*bench) {
		return func(b *bench) {
			b.cluster.ControlKey(0, func(req kmsg.Request) (kmsg.Response, error, bool) {
				if over.Load() {
					b.cluster.DropControl()
					return nil, nil, false
				}
				b.cluster.KeepControl()
				return produceAnswer(req, code, throttle), nil, true
			})
		}
	}
	for _, tt := range []struct {
		name    string
		before  func(*bench)
		trouble func(*bench)
		want    map[string]int
	}{
		{"every broker stands still", nil, func(b *bench) { b.faults.standStill() }, map[string]int{
			"no broker responds": 1, "brokers respond again": 1, "a broker does not": 0,
			"the broker responds": 0, "acknowledged": 0,
		}},
		{"every broker is gone", nil, func(b *bench) { b.faults.die() }, map[string]int{
			"no broker responds": 1, "brokers respond again": 1, "a broker does not": 0,
			"the broker responds": 0, "acknowledged": 0,
		}},
		{"one stands still", func(b *bench) { leaderOf(b) },
			func(b *bench) { b.faults.standStill() }, map[string]int{
				"no broker responds": 0, "brokers respond again": 0, "a broker does not": 1,
				"the broker responds": 1, "acknowledged": 0,
			}},
		{"too few replicas", nil, answer(kerr.NotEnoughReplicas.Code, 0), map[string]int{
			"no broker responds": 0, "a broker does not": 0, "records are not accepted": 1,
			"kind=NOT_ENOUGH_REPLICAS ": 2, "kafka: over": 1,
		}},
		{"too few replicas after the append", nil, answer(kerr.NotEnoughReplicasAfterAppend.Code,
			0), map[string]int{
			"no broker responds": 0, "a broker does not": 0, "records are not accepted": 1,
			"kind=NOT_ENOUGH_REPLICAS_AFTER_APPEND": 2, "kafka: over": 1,
		}},
		{"a quota", nil, answer(0, 20*time.Second), map[string]int{"no broker responds": 0,
			"a broker does not": 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := new(lines)
			config := func(c *kafka.Config) { c.Logger = log.logger() }
			setup{brokers: threeOf, partitions: manyPartitions, config: config,
				before: tt.before}.run(t, func(b *bench) {
				load := func(d time.Duration) {
					for end, i := time.Now().Add(d), 0; time.Now().Before(end); i++ {
						b.send(fmt.Sprint("thread ", i%50))
						time.Sleep(10 * time.Millisecond)
					}
				}
				over.Store(false)
				load(2 * time.Second)
				tt.trouble(b)
				load(30 * time.Second)
				b.faults.goOn()
				over.Store(true)
				load(10 * time.Second)
				b.settle(3 * time.Minute)
				time.Sleep(time.Second)
				for text, want := range tt.want {
					if n := strings.Count(log.String(), text); n != want {
						t.Errorf("the log says %q %d times, want %d:\n%s", text, n, want, log)
					}
				}
				if n := b.sender.Stats().StalledPartitions; n != 0 {
					t.Errorf("Stats names %d stalled partitions after the end", n)
				}
			})
		})
	}
}

// produceAnswer responds to all partitions of a produce request with a code.
func produceAnswer(kreq kmsg.Request, code int16, throttle time.Duration) kmsg.Response {
	req := kreq.(*kmsg.ProduceRequest)
	resp := req.ResponseKind().(*kmsg.ProduceResponse)
	resp.ThrottleMillis = int32(throttle.Milliseconds())
	for _, t := range req.Topics {
		topic := kmsg.NewProduceResponseTopic()
		topic.Topic, topic.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			partition := kmsg.NewProduceResponseTopicPartition()
			partition.Partition, partition.ErrorCode = p.Partition, code
			topic.Partitions = append(topic.Partitions, partition)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	return resp
}

// A broker that responds again acknowledges what it was sent only some time after its first
// response. Until then the partitions that it leads have more time: they are not logged as if they,
// and not the broker, were the trouble.
func TestPartitionsAreNotBlamedWhenTheirBrokerAnswersAgain(t *testing.T) {
	log := new(lines)
	config := func(c *kafka.Config) { c.Logger = log.logger() }
	before := func(b *bench) { leaderOf(b) }
	s := setup{brokers: threeOf, partitions: manyPartitions, config: config, before: before}
	s.run(t, func(b *bench) {
		load := func(d time.Duration) {
			for end, i := time.Now().Add(d), 0; time.Now().Before(end); i++ {
				b.send(fmt.Sprint("thread ", i%50))
				time.Sleep(10 * time.Millisecond)
			}
		}
		load(2 * time.Second)
		b.faults.standStill()
		load(30 * time.Second)
		slow := time.Now().Add(time.Second)
		b.cluster.ControlKey(0, func(kmsg.Request) (kmsg.Response, error, bool) {
			b.cluster.KeepControl()
			b.cluster.SleepControl(func() { time.Sleep(time.Until(slow)) })
			return nil, nil, false
		})
		b.faults.goOn()
		load(10 * time.Second)
		for text, want := range map[string]int{
			"a broker does not": 1, "the broker responds": 1, "acknowledged": 0,
		} {
			if n := strings.Count(log.String(), text); n != want {
				t.Errorf("the log says %q %d times, want %d:\n%s", text, n, want, log)
			}
		}
		b.settle(3 * time.Minute)
	})
}
