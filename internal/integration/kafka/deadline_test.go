package kafka

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// bound is the time by which a batch must have ended, whatever the brokers do.
func bound(delivery time.Duration) time.Duration { return delivery + delivery/10 + time.Second }

var deliveryTimeouts = []time.Duration{time.Second, 2 * time.Second, 10 * time.Second,
	2 * time.Minute}

// trouble is what brokers may do. Each begins either before the Sender is opened, or under load.
var troubles = map[string]func(*faults){
	"dead":          (*faults).die,
	"standing":      (*faults).standStill,
	"not answering": (*faults).loseAnswers,
}

func TestEveryBatchEndsByItsDeadline(t *testing.T) {
	for name, begin := range troubles {
		for _, early := range []bool{true, false} {
			for _, delivery := range deliveryTimeouts {
				when := "under load"
				if early {
					when = "from the start"
				}
				t.Run(fmt.Sprintf("%s %s %v", name, when, delivery), func(t *testing.T) {
					s := setup{brokers: 2, partitions: 4, config: func(c *kafka.Config) {
						c.DeliveryTimeout = delivery
					}}
					if early {
						s.before = func(b *bench) { begin(b.faults) }
					}
					s.run(t, func(b *bench) {
						step := delivery / 100
						for i := range 250 {
							if i == 50 && !early {
								begin(b.faults)
							}
							b.send(fmt.Sprint("thread ", i%10))
							time.Sleep(step)
						}
						b.settle(2 * delivery)
						n := b.count()
						t.Log(n, "slowest", b.slowest())
						if n["rejected"] > 0 { // nothing was rejected
							t.Errorf("batches ended as %v", n)
						}
						if longest, limit := b.slowest(), bound(delivery); longest > limit {
							t.Errorf("a batch took %v, want at most %v", longest, limit)
						}
						b.close()
						b.sound(false)
					})
				})
			}
		}
	}
}

// The network that cuts connections uses a dialer in the options, so deadlines hold as they do
// without.
func TestDeadlinesWithADialerInTheOptions(t *testing.T) {
	const delivery = 10 * time.Second
	for name, begin := range troubles {
		t.Run(name, func(t *testing.T) {
			var b *bench
			s := setup{brokers: 2, partitions: 4, before: func(made *bench) { b = made },
				config: func(c *kafka.Config) {
					c.DeliveryTimeout, c.Dialer = delivery, nil
					c.Options = append(c.Options, kgo.Dialer(b.faults.DialContext))
				}}
			s.run(t, func(b *bench) {
				for i := range 250 {
					if i == 50 {
						begin(b.faults)
					}
					b.send(fmt.Sprint("thread ", i%10))
					time.Sleep(delivery / 100)
				}
				b.settle(2 * delivery)
				if longest, limit := b.slowest(), bound(delivery); longest > limit {
					t.Errorf("a batch took %v, want at most %v", longest, limit)
				}
				t.Log(b.count(), b.slowest())
				b.close()
				b.sound(false)
			})
		})
	}
}
