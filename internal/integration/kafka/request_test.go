package kafka

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// largestRequest records the size of the largest produce request.
type largestRequest struct{ bytes atomic.Int64 }

func (l *largestRequest) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, written int,
	_, _ time.Duration, _ error) {
	if key == int16(kmsg.Produce) {
		for had := l.bytes.Load(); int64(written) > had; had = l.bytes.Load() {
			if l.bytes.CompareAndSwap(had, int64(written)) {
				break
			}
		}
	}
}

// Batches that pile up while a broker is slow are sent in requests within the limit. The limit is
// below what the client uses by default, and below one record batch of its own.
func TestRequestsKeepToTheirLimit(t *testing.T) {
	for _, tt := range []struct {
		message, limit, size int
		atLeast              int64 // or the test proves nothing
	}{
		{message: 900 << 10, limit: 0, size: 300 << 10, atLeast: 2 << 20},
		{message: 900 << 10, limit: 1_046_528, size: 300 << 10, atLeast: 600 << 10},
		{message: 900 << 10, limit: 932 << 10, size: 899 << 10, atLeast: 899 << 10},
		{message: 64 << 10, limit: 96 << 10, size: 10 << 10, atLeast: 60 << 10},
	} {
		t.Run(fmt.Sprint(tt.limit), func(t *testing.T) {
			largest := &largestRequest{}
			s := setup{partitions: 12, config: func(c *kafka.Config) {
				c.MaxMessageBytes, c.MaxRequestBytes = tt.message, tt.limit
				c.Options = []kgo.Opt{kgo.WithHooks(largest)}
			}}
			s.run(t, func(b *bench) {
				b.cluster.SleepControl(func() { time.Sleep(time.Second) })
				for i := range 60 {
					b.sendSized(fmt.Sprint("thread ", i%20), tt.size)
				}
				b.settle(time.Minute)
				b.sound(true)
				got := largest.bytes.Load()
				if tt.limit > 0 && got > int64(tt.limit) || got < tt.atLeast {
					t.Errorf("the largest request has %d bytes, limit %d, want at least %d",
						got, tt.limit, tt.atLeast)
				}
			})
		})
	}
}
