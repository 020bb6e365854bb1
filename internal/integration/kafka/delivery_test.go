package kafka

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// wantAll fails the test unless all batches ended in this way.
func (b *bench) wantAll(end string) {
	b.t.Helper()
	if n := b.count(); len(n) != 1 || n[end] == 0 {
		b.t.Errorf("batches ended as %v, want %s alone", n, end)
	}
}

// Trouble that ends within the delivery timeout costs nothing but time: everything arrives, once,
// in order.
func TestTroubleWithinTheDeadlineCostsNothing(t *testing.T) {
	for _, tt := range []struct {
		name  string
		begin func(*bench)
		lasts time.Duration
	}{
		{"none", func(*bench) {}, 0},
		{"brokers stand still", func(b *bench) { b.faults.standStill() }, 10 * time.Second},
		{"brokers do not respond for long", func(b *bench) { b.faults.standStill() },
			100 * time.Second},
		{"answers are lost", func(b *bench) { b.faults.loseAnswers() }, 10 * time.Second},
		{"brokers are away", func(b *bench) { b.faults.die() }, 30 * time.Second},
		{"brokers are unreachable for long", func(b *bench) { b.faults.die() }, 100 * time.Second},
		{"connections break", func(b *bench) { b.faults.cut() }, 0},
		{"answers are lost, then connections break", func(b *bench) {
			b.faults.loseAnswers()
			time.Sleep(300 * time.Millisecond)
			b.faults.cut()
		}, time.Second},
		{"the leader moves", func(b *bench) { b.cluster.ShufflePartitionLeaders() }, 0},
		{"retriable answers", func(b *bench) {
			b.cluster.Fault(
				kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotLeaderForPartition,
					Count: 3},
				kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.RequestTimedOut, Count: 3},
				kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: 3},
			)
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			setup{brokers: 3, partitions: 6}.run(t, func(b *bench) {
				load := func(n int) {
					for i := range n {
						b.send(fmt.Sprint("thread ", i%20))
						time.Sleep(5 * time.Millisecond)
					}
				}
				load(500)
				tt.begin(b)
				load(500)
				time.Sleep(tt.lasts)
				b.faults.goOn()
				load(500)
				b.settle(10 * time.Second)
				b.wantAll("delivered")
				b.close()
				b.sound(true)
			})
		})
	}
}

// A cluster that is unreachable when the Sender is opened is no error, and nothing is lost if it
// comes within the deadline.
func TestClusterComesAfterTheStart(t *testing.T) {
	for name, begin := range map[string]func(*faults){"dead": (*faults).die,
		"standing": (*faults).standStill} {
		t.Run(name, func(t *testing.T) {
			s := setup{partitions: 3, before: func(b *bench) { begin(b.faults) }}
			s.run(t, func(b *bench) {
				for i := range 600 {
					b.send(fmt.Sprint("thread ", i%20))
					time.Sleep(100 * time.Millisecond)
				}
				b.faults.goOn()
				b.settle(10 * time.Second)
				b.wantAll("delivered")
				b.close()
				b.sound(true)
			})
		})
	}
}

// In an outage that is longer than the deadline, a batch is given up when its own deadline has
// passed, and not before. What was sent within the last delivery timeout arrives when the brokers
// are back.
func TestLongOutageCostsOnlyWhatIsOverdue(t *testing.T) {
	const delivery, outage = 20 * time.Second, 27 * time.Second
	for _, name := range []string{"dead", "standing", "not answering"} {
		t.Run(name, func(t *testing.T) {
			s := setup{partitions: 3, config: func(c *kafka.Config) {
				c.DeliveryTimeout = delivery
			}}
			s.run(t, func(b *bench) {
				b.send("thread")
				b.settle(time.Second)
				troubles[name](b.faults)
				began := time.Now()
				sent := make(map[uint64]time.Duration) // since the outage began
				for time.Since(began) < outage {
					id := b.send(fmt.Sprint("thread ", len(sent)%20))
					sent[id] = time.Since(began)
					time.Sleep(50 * time.Millisecond)
				}
				b.faults.goOn()
				b.settle(delivery)
				for id, at := range sent {
					o := b.outcome[id]
					// The client pauses between attempts, so it does not notice at once that the
					// outage is over.
					if at > outage-delivery+time.Second && o.err != nil {
						t.Errorf("a batch that was sent %v before the end of the outage was "+
							"lost: %v", outage-at, o.err)
					}
					if o.err != nil && o.took < delivery {
						t.Errorf("a batch was given up after %v: %v", o.took, o.err)
					}
				}
				t.Log(b.count())
				b.close()
				b.sound(true)
			})
		})
	}
}
