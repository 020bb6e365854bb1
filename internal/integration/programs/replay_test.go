package programs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// readBack checks all records of a topic until it has seen as many as wanted, without in-band
// reports.
func readBack(
	t *testing.T, brokers, topic string, partitions int, records uint64,
) (report callbacktest.Report, threads, messages int) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	checker := callbacktest.Checker{Partitions: partitions}
	seen := map[string]bool{}
	deadline := time.Now().Add(time.Minute)
	for n := uint64(0); n < records; {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d records after a minute", n, records)
		}
		fetches := client.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			checked := callbacktest.Record{Partition: r.Partition, Offset: r.Offset, Key: r.Key,
				Value: r.Value}
			for _, h := range r.Headers {
				checked.Headers = append(checked.Headers, callbacktest.Header(h))
			}
			checker.Add(checked)
			if strings.HasPrefix(string(r.Key), pb.ReportThreadPrefix) {
				return
			}
			n++
			seen[string(r.Key)] = true
			if m, err := pb.Decode(r.Value); err == nil {
				for range m.Headers() {
					messages++
				}
			}
		})
	}
	return checker.Report(), len(seen), messages
}

// replayed is the last line of replay's output.
type replayed struct {
	Emitted, Delivered, Unacknowledged, Unchanged uint64
	Dropped                                       map[string]uint64
	Messages, Batches                             uint64
	WireBytes                                     uint64 `json:"wire_bytes"`
}

// recorded returns the file of recorded runs that the environment names, or the small one of this
// package.
func recorded() string { return cmp.Or(os.Getenv("DASHSTREAM_TEST_RUNS"), sample) }

func TestAThousandRunsAtOnceAreReadBackFromKafka(t *testing.T) {
	brokers, topic := cluster(t), fmt.Sprintf("replay-test-%d", time.Now().UnixNano())
	o := run(t, []string{"DASHSTREAM_TOPIC_PARTITIONS=6"}, "replay",
		"--brokers", brokers, "--topic", topic, "--create-topic", "--runs=1000",
		"--concurrency=1000", recorded())
	if o.code != 0 {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	var r replayed
	if err := json.Unmarshal([]byte(o.stdout), &r); err != nil {
		t.Fatal(err)
	}
	if r.Emitted == 0 || r.Delivered != r.Emitted || r.WireBytes == 0 {
		t.Fatalf("result %s", o.stdout)
	}
	t.Logf("%s", o.stdout)
	report, threads, messages := readBack(t, brokers, topic, 6, r.Batches)
	if err := report.Err(); err != nil {
		t.Error(err)
	}
	if threads != 1000 || uint64(messages) != r.Messages {
		t.Errorf("%d threads and %d messages were read, %d messages reported", threads, messages,
			r.Messages)
	}
}
