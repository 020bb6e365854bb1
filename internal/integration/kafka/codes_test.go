package kafka

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// logbook stores a log as text.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// lines returns the lines that contain all of these.
func (l *logbook) lines(parts ...string) (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
next:
	for _, line := range strings.Split(l.text.String(), "\n") {
		for _, part := range parts {
			if !strings.Contains(line, part) {
				continue next
			}
		}
		out = append(out, line)
	}
	return out
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// everyCode returns all of Kafka's errors.
func everyCode() (all []*kerr.Error) {
	for code := int16(-1); code < 1000; code++ {
		if e := kerr.TypedErrorForCode(code); code == -1 || e != nil &&
			e != kerr.UnknownServerError {
			all = append(all, e)
		}
	}
	return all
}

// Brokers return each of Kafka's codes for eight seconds. Batches for which the code is final are
// dropped; all others are delivered once it is over. The log has the code's words once when it
// begins and once when it has ended; LastError has them at once.
func TestEveryCodeOfABroker(t *testing.T) {
	const words = "the broker's own words"
	final := map[*kerr.Error]bool{
		kerr.CorruptMessage: true, kerr.MessageTooLarge: true, kerr.RecordListTooLarge: true,
		kerr.InvalidTimestamp: true,
		kerr.InvalidRecord:    true, kerr.UnsupportedForMessageFormat: true,
		kerr.UnsupportedCompressionType: true,
		kerr.PolicyViolation:            true, kerr.InvalidRequiredAcks: true,
		kerr.InvalidTopicException: true,
		kerr.UnsupportedVersion:    true, kerr.InvalidRequest: true,
	}
	for _, code := range everyCode() {
		t.Run(code.Message, func(t *testing.T) {
			log := new(logbook)
			s := setup{config: func(c *kafka.Config) {
				c.Logger = slog.New(slog.NewTextHandler(log, nil))
			}}
			s.run(t, func(b *bench) {
				b.send("thread")
				b.settle(time.Second)
				over := time.Now().Add(8 * time.Second)
				b.cluster.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response,
					error, bool) {
					b.cluster.KeepControl()
					resp, err, _ := refuseIf(r.(*kmsg.ProduceRequest), code, "")
					for i := range resp.(*kmsg.ProduceResponse).Topics {
						resp.(*kmsg.ProduceResponse).
							Topics[i].Partitions[0].ErrorMessage = kmsg.StringPtr(words)
					}
					return resp, err, time.Now().Before(over)
				})
				for range 20 {
					b.send("thread")
					time.Sleep(50 * time.Millisecond)
				}
				if last := b.sender.Stats().LastError; !strings.Contains(last, code.Message) ||
					!strings.Contains(last, words) {
					t.Errorf("LastError is %q", last)
				}
				time.Sleep(10 * time.Second)
				b.settle(10 * time.Second)
				for range 20 {
					b.send("thread")
					time.Sleep(time.Second)
				}
				b.settle(10 * time.Second)
				want := map[string]int{"delivered": 41}
				if final[code] {
					want = map[string]int{"delivered": 21, "rejected": 20}
				}
				if n := b.count(); fmt.Sprint(n) != fmt.Sprint(want) {
					t.Errorf("batches ended as %v, want %v", n, want)
				}
				b.close()
				// it means that the records are there already
				if code != kerr.DuplicateSequenceNumber {
					b.check(true, false)
				}
			})
			if n := len(log.lines("level=WARN", code.Message, words)) + len(log.lines("level=ERROR",
				code.Message, words)); n != 1 {
				t.Errorf("%d lines say that %s begins, want 1:\n%s", n, code.Message, log)
			}
			if n := len(log.lines("level=INFO", "over", code.Message, "times=")); n != 1 {
				t.Errorf("%d lines say that %s has ended, want 1:\n%s", n, code.Message, log)
			}
		})
	}
}
