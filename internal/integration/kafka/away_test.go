package kafka

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// A topic is deleted for a while and created again, with as many partitions or other ones.
// Everything sent meanwhile is delivered, in order, and the log says so once.
func TestTopicIsAwayForAWhile(t *testing.T) {
	for _, away := range []time.Duration{100 * time.Millisecond, 2 * time.Second, 20 * time.Second,
		60 * time.Second} {
		for _, partitions := range []int{3, 1, 7} {
			t.Run(fmt.Sprint(away, " then ", partitions), func(t *testing.T) {
				log := new(logbook)
				s := setup{partitions: 3, config: func(c *kafka.Config) {
					c.Logger = slog.New(slog.NewTextHandler(log, nil))
				}}
				s.run(t, func(b *bench) {
					load := func(d time.Duration) {
						for n, began := 0, time.Now(); time.Since(began) < d; n++ {
							b.send(fmt.Sprint("thread ", n%20))
							time.Sleep(20 * time.Millisecond)
						}
					}
					load(2 * time.Second)
					b.settle(time.Second)
					if err := b.cluster.DeleteTopic(topic); err != nil {
						t.Fatal(err)
					}
					load(away)
					if last := b.sender.Stats().LastError; away > time.Second &&
						!strings.Contains(last, "UNKNOWN_TOPIC") {
						t.Errorf("LastError is %q", last)
					}
					if err := b.cluster.CreateTopic(topic, int32(partitions), nil); err != nil {
						t.Fatal(err)
					}
					load(10 * time.Second)
					b.settle(3 * time.Minute)
					b.wantAll("delivered")
					for key, ids := range b.arrived() {
						if !slices.IsSorted(ids) {
							t.Errorf("%s: batches arrived in the order %v", key, ids)
						}
					}
					if slowest := b.slowest(); slowest > away+20*time.Second {
						t.Errorf("a batch took %v", slowest)
					}
				})
				if n := len(log.lines("level=WARN", "kind=UNKNOWN_TOPIC_ID", "created anew")); n !=
					1 {
					t.Errorf("%d lines say that the topic is another one, want 1:\n%s", n, log)
				}
				if n := len(log.lines("level=WARN", "kind=UNKNOWN_TOPIC_OR_PARTITION",
					"create it with")); away > 10*time.Second && n != 1 {
					t.Errorf("%d lines say that there is no topic, want 1:\n%s", n, log)
				}
			})
		}
	}
}
