package feed

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// becomes waits for a status, with generous room.
func (f *fed) becomes(status string) {
	f.t.Helper()
	for begin := time.Now(); f.Health().Status != status; time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > 30*time.Second {
			f.t.Fatalf("%+v, want the status %q", f.Health(), status)
		}
	}
}

func newCluster(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append(opts, kfake.NumBrokers(1))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

func TestTopicThatIsNotThereIsNotIdle(t *testing.T) {
	t.Parallel()
	cluster := newCluster(t)
	f := follow(t, cluster.ListenAddrs(), topicName)
	f.becomes("stale")
	time.Sleep(3 * retryEvery) // in which the cluster answers
	f.becomes("stale")
	if err := cluster.CreateTopic(topicName, 2, nil); err != nil {
		t.Fatal(err)
	}
	f.becomes("waiting")
	if err := cluster.DeleteTopic(topicName); err != nil {
		t.Fatal(err)
	}
	f.becomes("stale")
}

func TestPartitionWithoutALeaderIsNotIdle(t *testing.T) {
	t.Parallel()
	cluster := newCluster(t, kfake.SeedTopics(4, topicName))
	f := follow(t, cluster.ListenAddrs(), topicName)
	f.becomes("waiting")
	fault := cluster.Fault(kfake.Fault{Topic: topicName, Partitions: []int32{2},
		Err: kerr.LeaderNotAvailable, Count: -1})
	f.becomes("stale")
	const want = `topic "live": no leader for 1 of 4 partitions: [2]`
	if h := f.Health(); h.Reason != want {
		t.Errorf("reason %q, want %q", h.Reason, want)
	}
	fault.Remove()
	f.becomes("waiting")
}

func TestTopicThatIsMadeAnewIsReadOn(t *testing.T) {
	t.Parallel()
	cluster := newCluster(t, kfake.SeedTopics(1, topicName))
	f := follow(t, cluster.ListenAddrs(), topicName)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	send := func(n int) {
		t.Helper()
		for range n {
			r := &kgo.Record{Topic: topicName, Value: []byte{7}} // any record counts
			if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	read := func(n uint64) {
		t.Helper()
		for begin := time.Now(); uint64(f.Health().Records) != n; {
			if time.Since(begin) > 30*time.Second {
				t.Fatalf("%+v, want %d records", f.Health(), n)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	send(5)
	read(5)
	if err := cluster.DeleteTopic(topicName); err != nil {
		t.Fatal(err)
	}
	f.becomes("stale")
	if err := cluster.CreateTopic(topicName, 1, nil); err != nil {
		t.Fatal(err)
	}
	f.becomes("waiting")
	client.PurgeTopicsFromClient(topicName)
	send(3)
	read(8)
	if h := f.Health(); h.LagRecords != 0 {
		t.Errorf("%d records behind, want 0", h.LagRecords)
	}
}

func TestLagIsThatOfThePartitionThatIsFurthestBehind(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	ago := func(s int) time.Time { return now.Add(-time.Duration(s) * time.Second) }
	f := Feed{places: map[int32]*place{
		0: {next: 10, end: 10, newest: ago(9000), heard: now},     // all of it was read
		1: {next: 10, end: 15, newest: ago(3600), heard: ago(1)},  // an hour behind
		2: {next: 10, end: 12, newest: ago(1), heard: now},        // a second behind
		3: {next: 10, end: 11, newest: ago(7200), heard: ago(60)}, // a marker is left
	}}
	if behind, age := f.lag(now); behind != 7 || age != time.Hour {
		t.Errorf("%d records and %s behind, want 7 and an hour", behind, age)
	}
}
