package kafka

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

const (
	threeOf        = 3 // brokers
	manyPartitions = 12
)

// leaderOf restricts the faults to the broker that leads partition 0, and returns the partitions
// that it leads.
func leaderOf(b *bench) map[int]bool {
	admin, err := kgo.NewClient(kgo.SeedBrokers(b.brokers...), kgo.Dialer(b.direct))
	if err != nil {
		b.t.Fatal(err)
	}
	defer admin.Close()
	leaders := leadersOf(b.t, admin, b.topic)
	led := make(map[int]bool)
	for p, leader := range leaders {
		if leader == leaders[0] {
			led[p] = true
		}
	}
	if len(led) == manyPartitions {
		b.t.Skip("one broker leads all partitions")
	}
	b.faults.locked(func() { b.faults.only = b.brokers[leaders[0]] })
	return led
}

// oneHangs runs test with three brokers, one of which hangs when the test says so, and with the
// partitions that it leads.
func oneHangs(
	t *testing.T, config func(*kafka.Config), test func(b *bench, keys []string, dead map[int]bool),
) {
	t.Helper()
	var dead map[int]bool
	setup{brokers: threeOf, partitions: manyPartitions, config: config, before: func(b *bench) {
		dead = leaderOf(b)
	}}.
		run(t, func(b *bench) { test(b, keysOf(manyPartitions), dead) })
}

// A broker accepts connections and responds to nothing for 150 s, while the cluster keeps it. Only
// the batches for its partitions end, each at its own deadline; the others are acknowledged as
// usual.
func TestOnlyTheHangingBrokersBatchesEnd(t *testing.T) {
	for name, hang := range map[string]func(*faults){"standing": (*faults).standStill,
		"not answering": (*faults).loseAnswers} {
		t.Run(name, func(t *testing.T) {
			log := new(lines)
			config := func(c *kafka.Config) { c.Logger = log.logger() }
			oneHangs(t, config, func(b *bench, keys []string, dead map[int]bool) {
				const delivery = 2 * time.Minute
				byID := make(map[uint64]int)
				round := func() {
					for p, key := range keys {
						byID[b.send(key)] = p
					}
					time.Sleep(200 * time.Millisecond)
				}
				for range 25 {
					round()
				}
				hang(b.faults)
				for range 5 * 150 {
					round()
				}
				b.faults.goOn()
				for range 50 {
					round()
				}
				b.settle(2 * delivery)
				ended := 0
				var slowest time.Duration
				for id, p := range byID {
					o := b.outcome[id]
					switch {
					case !dead[p] && o.err != nil:
						t.Errorf("batch %d of partition %d, whose broker answers, ended with %v",
							id, p, o.err)
					case !dead[p]:
						slowest = max(slowest, o.took)
					case o.err != nil:
						ended++
						if o.took < delivery || o.took > bound(delivery) {
							t.Errorf("batch %d ended after %v with %v", id, o.took, o.err)
						}
					}
				}
				if slowest > 2*time.Second {
					t.Errorf("a batch for a broker that answers took %v", slowest)
				}
				if most := len(dead) * 5 * 32; ended == 0 || ended > most {
					t.Errorf("%d batches ended, want those of the first 30 s, at most %d", ended,
						most)
				}
				b.close()
				b.sound(true)
				for text, want := range map[string]int{
					"a broker does not respond": 1, "the broker responds again": 1,
					"no broker responds": 0, "are not acknowledged": 0,
				} {
					if n := strings.Count(log.String(), text); n != want {
						t.Errorf("the log says %q %d times, want %d:\n%s", text, n, want, log)
					}
				}
			})
		})
	}
}

// A batch that waited long before it was sent is no reason to give up one behind it.
func TestNothingEndsBeforeItsTimeBecauseOfAnother(t *testing.T) {
	for _, delivery := range []time.Duration{5 * time.Second, 2 * time.Minute} {
		t.Run(delivery.String(), func(t *testing.T) {
			config := func(c *kafka.Config) { c.DeliveryTimeout = delivery }
			oneHangs(t, config, func(b *bench, keys []string, _ map[int]bool) {
				step := delivery / 100
				for i := range 300 {
					switch i {
					case 20:
						b.faults.standStill()
					case 150, 250:
						b.faults.goOn()
					case 180:
						b.faults.loseAnswers()
					}
					for p, key := range keys {
						b.sendOld(key, time.Duration((i*7+p)%10)*delivery/11)
					}
					time.Sleep(step)
				}
				b.settle(2 * delivery)
				for id, o := range b.outcome {
					if o.err != nil && o.took < delivery || o.took > bound(delivery) {
						t.Errorf("batch %d ended after %v with %v", id, o.took, o.err)
					}
				}
				t.Log(b.count(), b.slowest())
				b.close()
				b.sound(false)
			})
		})
	}
}

// While the cluster is unreachable at the start, partitions are unknown. Once it is reachable,
// those of a broker that hangs do not hold up the others. The clock is real: franz-go waits for a
// broker with a mutex locked, which a bubble mistakes for progress.
func TestStartWithOneBrokerHanging(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(threeOf), kfake.SeedTopics(manyPartitions,
		topic))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	b := newBench(t, cluster.ListenAddrs(), topic, new(net.Dialer).DialContext)
	b.faults.die()
	b.open(func(c *kafka.Config) {
		c.DeliveryTimeout, c.StartTimeout = time.Minute, 100*time.Millisecond
	})
	defer b.close()
	for i := range 100 {
		b.send(fmt.Sprint("thread ", i%20))
	}
	leaderOf(b)
	b.faults.goOn()
	b.faults.standStill()
	for end := time.Now().Add(50 * time.Second); b.count()["delivered"] ==
		0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no batch is acknowledged, want those of two of three brokers; %+v",
				b.sender.Stats())
		}
	}
	b.faults.goOn()
	b.settle(time.Minute)
	b.wantAll("delivered")
	b.close()
	b.sound(true)
}
