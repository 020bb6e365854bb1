package kafka

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/kafka"
)

// linesOf returns a value with one event per line. Each line begins with its number in its batch.
func linesOf(id uint64, events ...string) []byte {
	return fmt.Appendf(nil, "%d %s", id, strings.Join(events, "\n"))
}

// splitLines is a [kafka.Config.Split] for lines, whose sequence numbers are those at the beginning
// of each line.
func splitLines(value []byte) (first, second kafka.Part, ok bool) {
	head, body, _ := bytes.Cut(value, []byte(" "))
	events := bytes.Split(body, []byte("\n"))
	if len(events) < 2 {
		return kafka.Part{}, kafka.Part{}, false
	}
	part := func(events [][]byte) kafka.Part {
		p := kafka.Part{Events: len(events), Value: fmt.Appendf(nil, "%s %s", head,
			bytes.Join(events, []byte("\n")))}
		fmt.Sscan(string(events[0]), &p.First)
		fmt.Sscan(string(events[len(events)-1]), &p.Last)
		return p
	}
	return part(events[:len(events)/2]), part(events[len(events)/2:]), true
}

// sendLines sends a batch of these events.
func (b *bench) sendLines(key string, events ...string) uint64 {
	b.mu.Lock()
	b.next++
	id := b.next
	b.waiting++
	b.mu.Unlock()
	batch := &batching.Batch{
		Key: []byte(key), Value: linesOf(id, events...), Events: len(events), First: 1,
		Last: uint64(len(events)), ID: id, Opened: time.Now(),
	}
	b.sendBatch(batch)
	return id
}

// events reads the topic, returns the events of each batch, and checks that those of a key arrived
// in order.
func (b *bench) events() map[uint64][]string {
	b.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.brokers...), kgo.Dialer(b.direct),
		kgo.FetchMaxBytes(8<<20), kgo.FetchMaxPartitionBytes(8<<20),
		kgo.ConsumeTopics(b.topic), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		b.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	events := make(map[uint64][]string)
	last := make(map[string]uint64)
	for read, end := int64(0), b.ends(ctx, client); read < end; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			b.t.Fatalf("after %d of %d records: %v", read, end, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			read++
			head, body, _ := strings.Cut(string(r.Value), " ")
			var id uint64
			fmt.Sscan(head, &id)
			if id < last[string(r.Key)] {
				b.t.Errorf("key %s: batch %d arrived after batch %d", r.Key, id,
					last[string(r.Key)])
			}
			last[string(r.Key)] = id
			for _, e := range strings.Split(body, "\n") {
				number, _, _ := strings.Cut(e, " ")
				events[id] = append(events[id], number)
			}
		})
	}
	return events
}

// A topic accepts less than the client's record batches. All events that fit arrive, in order; each
// of the others is dropped alone.
func TestTopicWithALowLimit(t *testing.T) {
	for _, limit := range []int{300_000, 64_000, 1_000_000} {
		for _, told := range []bool{true, false} {
			t.Run(fmt.Sprint(limit, " told ", told), func(t *testing.T) {
				s := setup{
					partitions: -1,
					config: func(c *kafka.Config) {
						c.MaxMessageBytes, c.Split = 4<<20, splitLines
					},
					before: func(b *bench) {
						if err := b.cluster.CreateTopic(topic, 2,
							map[string]string{"max.message.bytes": fmt.Sprint(limit)}); err != nil {
							t.Fatal(err)
						}
						if !told {
							b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeConfigs},
								Err: kerr.TopicAuthorizationFailed})
						}
					},
				}
				s.run(t, func(b *bench) { b.checkLimit(limit, noise, false) })
			})
		}
	}
}

// checkLimit sends a thousand batches of small events, with two large events of this text among
// them, after a pause in which they pile up. A large event arrives if it is within the limit as it
// is, or if it is compressed to nearly nothing.
func (b *bench) checkLimit(limit int, text func(n int) string, compressed bool) {
	b.t.Helper()
	b.faults.standStill()
	sizes := map[uint64]int{}
	for i := range 1000 {
		events := make([]string, 5)
		for j := range events {
			events[j] = fmt.Sprint(j+1, " ", noise(150))
		}
		large := 0
		switch i {
		case 300:
			large = 200_000
		case 600:
			large = 2_000_000
		}
		if large > 0 {
			events[2] = fmt.Sprint(3, " ", text(large))
		}
		sizes[b.sendLines(fmt.Sprint("thread ", i%10), events...)] = large
		time.Sleep(3 * time.Millisecond)
	}
	b.faults.goOn()
	b.settle(2 * time.Minute)
	arrived := b.events()
	for id, large := range sizes {
		want := "1 2 3 4 5"
		o := b.outcome[id]
		if large > limit && !compressed {
			want = "1 2 4 5"
			if o.err == nil || o.err.Outcome != batching.Dropped ||
				o.err.Reason != batching.Rejected || o.err.Events != 1 ||
				o.err.First != 3 || o.err.Last != 3 || !strings.Contains(o.err.Error(),
				"MESSAGE_TOO_LARGE") {
				b.t.Errorf("batch %d with an event of %d bytes ended as %+v", id, large, o.err)
			}
		} else if o.err != nil {
			b.t.Errorf("batch %d with an event of %d bytes ended as %+v", id, large, o.err)
		}
		if got := strings.Join(arrived[id], " "); got != want {
			b.t.Errorf("of batch %d the events %q arrived, want %q", id, got, want)
		}
	}
	b.t.Logf("%d requests, %d of them tried again", b.sender.Stats().Requests,
		b.sender.Stats().Transient)
}

// same returns n letters that compress to nearly nothing.
func same(n int) string { return strings.Repeat("x", n) }

// noise returns n letters that hardly compress.
func noise(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	out := make([]byte, n)
	for i := range out {
		seed = seed*6364136223846793005 + 1442695040888963407
		out[i] = letters[seed>>58]
	}
	return string(out)
}

var seed uint64 = 1

// Brokers reject every record that contains a certain event. Only that event is dropped, wherever
// it is.
func TestEventThatBrokersRefuse(t *testing.T) {
	for _, code := range []*kerr.Error{kerr.InvalidRecord, kerr.CorruptMessage,
		kerr.UnsupportedForMessageFormat, kerr.InvalidTimestamp} {
		t.Run(code.Message, func(t *testing.T) {
			s := setup{config: func(c *kafka.Config) { c.Split = splitLines }}
			s.run(t, func(b *bench) {
				b.cluster.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response,
					error, bool) {
					b.cluster.KeepControl()
					return refuseIf(r.(*kmsg.ProduceRequest), code, "poison")
				})
				bad := make(map[uint64]string)
				for i := range 300 {
					events := []string{"1 a", "2 b", "3 c", "4 d", "5 e", "6 f", "7 g"}
					if i%50 == 7 {
						n := i/50 + 1
						events[n] = fmt.Sprint(n+1, " poison")
						bad[b.next+1] = fmt.Sprint(n + 1)
					}
					b.sendLines(fmt.Sprint("thread ", i%7), events...)
					if i%20 == 0 {
						time.Sleep(time.Millisecond)
					}
				}
				b.settle(time.Minute)
				arrived := b.events()
				for id, o := range b.outcome {
					n, want := bad[id], "1 2 3 4 5 6 7"
					if n != "" {
						want = strings.ReplaceAll(want+" ", n+" ", "")
						if o.err == nil || o.err.Outcome != batching.Dropped || o.err.Events != 1 ||
							fmt.Sprint(o.err.First) != n ||
							!strings.Contains(o.err.Error(), code.Message) {
							t.Errorf("batch %d ended as %+v", id, o.err)
						}
					} else if o.err != nil {
						t.Errorf("batch %d ended as %+v", id, o.err)
					}
					if got := strings.Join(arrived[id], " "); got != strings.TrimSpace(want) {
						t.Errorf("of batch %d the events %q arrived, want %q", id, got, want)
					}
				}
				if n := b.sender.Stats().Permanent; n != uint64(len(bad)) {
					t.Errorf("Permanent is %d, want %d", n, len(bad))
				}
			})
		})
	}
}

// refuseIf rejects a produce request with code if its records contain the text, and otherwise lets
// the broker respond.
func refuseIf(
	req *kmsg.ProduceRequest, code *kerr.Error, text string,
) (kmsg.Response, error, bool) {
	found := false
	resp := req.ResponseKind().(*kmsg.ProduceResponse)
	for _, rt := range req.Topics {
		topic := kmsg.NewProduceResponseTopic()
		topic.Topic, topic.TopicID = rt.Topic, rt.TopicID
		for _, rp := range rt.Partitions {
			p := kmsg.NewProduceResponseTopicPartition()
			p.Partition, p.ErrorCode = rp.Partition, code.Code
			found = found || bytes.Contains(rp.Records, []byte(text))
			topic.Partitions = append(topic.Partitions, p)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	return resp, nil, found
}
