package integration

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/reading"
)

// New partitions are used once the topic's metadata has expired, and nothing is lost.
func TestPartitionsThatAreNewAreUsed(t *testing.T) {
	c := newCluster(t)
	cfg := c.config()
	cfg.MetadataMaxAge = 3 * time.Second
	client := newClient(t, cfg)
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() { // a new thread each time, so that keys go to all partitions
		defer close(ended)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				oneRun(client, fmt.Sprint("thread-", i), 1)
			}
		}
	}()
	after(time.Second)
	admin, err := kgo.NewClient(kgo.SeedBrokers(c.brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	grow := kmsg.NewPtrCreatePartitionsRequest()
	topic := kmsg.NewCreatePartitionsRequestTopic()
	topic.Topic, topic.Count = c.topic, 3*partitions
	grow.Topics, grow.TimeoutMillis = append(grow.Topics, topic), 10_000
	resp, err := grow.RequestWith(deadline(t, 30*time.Second), admin)
	if err != nil || resp.Topics[0].ErrorCode != 0 {
		t.Fatalf("more partitions: %v, %+v", err, resp)
	}
	grown := time.Now()
	for used := 0; used < 2*partitions; after(100 * time.Millisecond) {
		used = 0
		ctx := deadline(t, 10*time.Second)
		// if it fails, the next attempt will tell
		ends, _ := reading.Offsets(ctx, admin, c.topic, 3*partitions, reading.End)
		for p, offset := range ends {
			if p >= partitions && offset > 0 {
				used++
			}
		}
		if time.Since(grown) > 30*time.Second {
			t.Fatalf("%d of %d new partitions are used after %v", used, 2*partitions,
				time.Since(grown))
		}
	}
	t.Logf("all new partitions are used after %v", time.Since(grown).Round(100*time.Millisecond))
	close(stop)
	<-ended
	if report, err := client.Shutdown(deadline(t, 30*time.Second)); err != nil ||
		!report.Complete() {
		t.Fatalf("%+v, %v", report, err)
	}
}
