package integration

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/dashstream/dashstream-go/callback"
)

// TestTheDefaultsCarryTenThousandThreads checks that linger, permits and the Kafka client's
// requests in flight fit together. What comes in must get out, although every produce request is
// acknowledged 100 ms after it arrived. It uses a fake clock, so it measures the design and not the
// machine. One broker with one partition is the tightest bottleneck.
func TestTheDefaultsCarryTenThousandThreads(t *testing.T) {
	const threads, perThread, seconds = 10_000, 10, 4
	if raceDetector {
		t.Skip("600,000 events take a minute under the race detector; it runs without")
	}
	synctest.Test(t, func(t *testing.T) {
		var network kfake.VirtualNetwork
		fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ListenFn(network.Listen),
			kfake.Ports(9092), kfake.SeedTopics(1, "dashstream-events"))
		if err != nil {
			t.Fatal(err)
		}
		defer fake.Close()
		link := slowLink{delay: 100 * time.Millisecond, inner: network.DialContext}
		client := newClient(t, callback.Config{
			Brokers:     fake.ListenAddrs(),
			SelfMetrics: "off", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
			Dialer: link.dial,
		})
		during(client, threads, threads*perThread, strings.Repeat("text ", 20), func() {
			after(2 * time.Second) // all runs start at the same moment
			for range seconds {
				after(time.Second)
				s := client.Stats()
				t.Logf("held: %d events in %d KiB, %d batches; permits: %d, at most %d of %d; "+
					"emit to ack: p50 %v, p99 %v", s.Queue.Events, s.Queue.Bytes>>10,
					s.Batches.Pending, s.Permits.InUse, s.Permits.HighWater, s.Permits.Limit,
					s.EmitToAck.Quantile(.5), s.EmitToAck.Quantile(.99))
				// In a steady state, the events held are those of one linger and one round trip,
				// plus some.
				if most := int64(threads * perThread); s.Queue.Events > most {
					t.Errorf("%d events are held, more than come in during a second: they come in "+
						"faster than they go out", s.Queue.Events)
				}
			}
		})
		report, err := client.Shutdown(t.Context())
		if err != nil || !report.Complete() || report.Emitted < threads*perThread*(seconds+2) {
			t.Errorf("%+v, %v", report, err)
		}
	})
}
