package integration

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/reading"
)

// topic is what a plain consumer read, checked by the rules that readers rely on.
type topic struct {
	callbacktest.Report
	records  []*kgo.Record
	messages []*pb.DashStreamMessage // of records, in the same order
}

// readTopic reads everything that is in the topic now.
func (c *cluster) readTopic(t *testing.T) *topic {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.brokers...), kgo.ConsumeTopics(c.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxWait(200*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := deadline(t, time.Minute)
	want, err := reading.Offsets(ctx, client, c.topic, partitions, reading.End)
	if err != nil {
		t.Fatal(err)
	}
	found := &topic{}
	checker := callbacktest.Checker{Partitions: partitions}
	for next := make([]int64, partitions); !reached(next, want); {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("reading the topic back: %v", err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			next[r.Partition] = r.Offset + 1
			found.add(t, &checker, r)
		})
	}
	found.Report = checker.Report()
	return found
}

func (f *topic) add(t *testing.T, checker *callbacktest.Checker, r *kgo.Record) {
	t.Helper()
	headers := make([]callbacktest.Header, len(r.Headers))
	for i, h := range r.Headers {
		headers[i] = callbacktest.Header{Key: h.Key, Value: h.Value}
	}
	checker.Add(callbacktest.Record{Partition: r.Partition, Offset: r.Offset, Key: r.Key,
		Value: r.Value, Headers: headers})
	m, err := pb.Decode(r.Value)
	if err != nil {
		t.Fatalf("partition %d offset %d: %v", r.Partition, r.Offset, err)
	}
	f.records, f.messages = append(f.records, r), append(f.messages, m)
}

func reached(next, want []int64) bool {
	for i := range want {
		if next[i] < want[i] {
			return false
		}
	}
	return true
}

// ofThreads returns how many messages there are without those of the producer itself: its reports,
// and its statements of losses.
func (f *topic) ofThreads() uint64 {
	own := map[string]bool{}
	for _, m := range f.messages {
		if m.Header().GetSequence() == 0 && m.GetMetrics() != nil {
			own[string(m.Header().GetMessageId())] = true
		}
	}
	return uint64(f.Messages - len(own))
}

// reports returns the messages of the client's in-band reports.
func (f *topic) reports() []*pb.Metrics {
	var out []*pb.Metrics
	for _, m := range f.messages {
		if r := m.GetMetrics(); r.GetScope() == pb.ReportScope {
			out = append(out, r)
		}
	}
	return out
}
