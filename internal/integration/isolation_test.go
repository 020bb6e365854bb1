package integration

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafka"
)

const isolated = 12 // partitions

// threeBrokers returns a cluster of three brokers that can be frozen, or skips the test.
func threeBrokers(t *testing.T) *cluster {
	t.Helper()
	c := realCluster(t)
	if c.real.Size() < 3 {
		t.Skip("needs three brokers: go run ./internal/kafkatest/cmd/kafka run --brokers 3 -- go " +
			"test ./internal/integration")
	}
	return c
}

// ledBy separates the partitions of a leader from the others.
func ledBy(leader int32, leaders []int32) (dead, others map[int]bool) {
	dead, others = make(map[int]bool), make(map[int]bool)
	for p, l := range leaders {
		if l == leader {
			dead[p] = true
		} else {
			others[p] = true
		}
	}
	return dead, others
}

// freezeOne stops one broker until thaw.
func (c *cluster) freezeOne(t *testing.T, id int32) (thaw func()) {
	t.Helper()
	if err := c.real.Freeze(int(id)); err != nil {
		t.Fatal(err)
	}
	thaw = sync.OnceFunc(func() {
		if err := c.real.Thaw(int(id)); err != nil {
			t.Error(err)
		}
		if err := c.real.Ready(deadline(t, time.Minute), int(id)); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(thaw)
	return thaw
}

// mostPermits records how many permits are in use until stop is called, which returns the maximum.
func mostPermits(client *callback.Client) (stop func() int64) {
	ended, result := make(chan struct{}), make(chan int64)
	go func() {
		var most int64
		for {
			select {
			case <-ended:
				result <- most
				return
			case <-time.After(50 * time.Millisecond):
				most = max(most, client.Stats().Permits.InUse)
			}
		}
	}()
	return func() int64 { close(ended); return <-result }
}

// With a topic without replicas, and one broker that does not respond: the partitions of the others
// continue as before, nothing is lost, and half of the permits stay free.
func TestAFrozenBrokerHoldsUpNobodyElse(t *testing.T) {
	c := threeBrokers(t)
	stopped := 20 * time.Second
	if isLong() {
		stopped = 45 * time.Second
	}
	topic, leaders := topicOn(t, c.brokers, isolated, 1)
	_, others := ledBy(leaders[0], leaders)
	client, f := countedClient(t, kafka.Config{Brokers: c.brokers, Topic: topic}, isolated,
		func(*callback.Config) {})
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() { defer close(ended); replayRuns(t, client, 1000, 5000, stop) }()
	// The rate of emitting varies on a busy machine, so what counts is the share of the events
	// emitted meanwhile.
	var last uint64
	share := func(from time.Time) (acked, emitted int, part float64) {
		total := client.Stats().Total.Emitted
		emitted, last = int(total-last), total
		acked = f.events(from, time.Now(), others)
		return acked, emitted, float64(acked) / float64(emitted)
	}
	after(7 * time.Second)
	last = client.Stats().Total.Emitted
	begin := time.Now()
	after(5 * time.Second)
	_, _, before := share(begin)
	permits := mostPermits(client)
	thaw := c.freezeOne(t, leaders[0])
	for from := time.Duration(0); from+5*time.Second <= stopped; from += 5 * time.Second {
		begin := time.Now()
		after(5 * time.Second)
		acked, emitted, part := share(begin)
		t.Logf("from %v on the others got %d of %d events, %.3f of all; %.3f before", from, acked,
			emitted, part, before)
		if from > 0 && part < before*9/10 {
			t.Errorf("from %v on the other partitions got %.3f of what was emitted, want at least "+
				"0.9 of %.3f", from, part, before)
		}
	}
	thaw()
	after(5 * time.Second)
	most, limit := permits(), client.Stats().Permits.Limit
	t.Logf("at most %d of %d permits were in use", most, limit)
	if most > limit/2 {
		t.Errorf("%d of %d permits were in use, want at most half", most, limit)
	}
	close(stop)
	<-ended
	report, err := client.Shutdown(deadline(t, time.Minute))
	if err != nil || !report.Complete() {
		t.Errorf("%+v, %v", report, err)
	}
}

// A broker keeps its connections open and responds to nothing, while the cluster keeps it. Only the
// events for its partitions end, each at its own deadline.
func TestAHangingBrokerCostsOnlyItsOwnEvents(t *testing.T) {
	c := threeBrokers(t)
	delivery, hang := 10*time.Second, 15*time.Second
	if isLong() {
		delivery, hang = 2*time.Minute, 150*time.Second
	}
	topic, leaders := topicOn(t, c.brokers, isolated, 1)
	dead, _ := ledBy(leaders[0], leaders)
	hanging := c.brokers[leaders[0]-1]
	st := &stall{}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == hanging {
			return st.dial(ctx, network, address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	client, f := countedClient(t, kafka.Config{Brokers: c.brokers, Topic: topic, Dialer: dial},
		isolated, func(cfg *callback.Config) {
			cfg.DeliveryTimeout = delivery
		})
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() { defer close(ended); replayRuns(t, client, 1000, 1000, stop) }()
	after(3 * time.Second)
	st.begin()
	after(hang)
	st.end()
	after(3 * time.Second)
	close(stop)
	<-ended
	report, err := client.Shutdown(deadline(t, time.Minute))
	if err != nil || report.Left != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	bound := delivery + delivery/10 + time.Second
	for _, e := range f.ends {
		switch {
		case !dead[e.partition]:
			t.Errorf("a batch of partition %d, whose broker answers, ended after %v with %v",
				e.partition, e.took, e.err)
		case e.took < delivery || e.took > bound:
			t.Errorf("a batch of partition %d ended after %v with %v, want it from %v to %v",
				e.partition, e.took, e.err, delivery, bound)
		}
	}
	if lost := report.Emitted - report.Delivered; len(f.ends) == 0 ||
		report.Dropped["queue_full"] > 0 {
		t.Errorf("%d events were lost, by %d batches that ended: %v", lost, len(f.ends),
			report.Dropped)
	}
	t.Logf("%d batches ended; dropped %v, unacknowledged %d, of %d events", len(f.ends),
		report.Dropped, report.Unacknowledged, report.Emitted)
}

// With three replicas, leaders move away from a broker that does not respond. Everything flows
// again no later than 2 s after a plain client's records do.
func TestLeadersThatMoveAreFollowed(t *testing.T) {
	c := threeBrokers(t)
	topic, leaders := topicOn(t, c.brokers, isolated, 3)
	plain, err := kgo.NewClient(kgo.SeedBrokers(c.brokers...), kgo.DefaultProduceTopic(topic),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	client, ours := countedClient(t, kafka.Config{Brokers: c.brokers, Topic: topic}, isolated,
		func(*callback.Config) {})
	theirs := newFlow(isolated)
	stop := make(chan struct{})
	var loads sync.WaitGroup
	loads.Go(func() { replayRuns(t, client, 1000, 5000, stop) })
	loads.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				for p := range int32(isolated) {
					plain.TryProduce(context.Background(),
						&kgo.Record{Partition: p, Value: []byte("plain")},
						func(r *kgo.Record, err error) {
							if err == nil {
								theirs.acked(int(r.Partition), 1)
							}
						})
				}
			}
		}
	})
	after(5 * time.Second)
	thaw := c.freezeOne(t, leaders[0])
	ours.watch()
	theirs.watch()
	after(6 * time.Second)
	for end := time.Now().Add(45 * time.Second); time.Now().
		Before(end); after(100 * time.Millisecond) {
		_, a := ours.flowsAgain()
		_, b := theirs.flowsAgain()
		if a && b {
			break
		}
	}
	a, flowing := ours.flowsAgain()
	b, _ := theirs.flowsAgain()
	t.Logf("all partitions flow again after %v, a plain client's after %v",
		a.Round(time.Millisecond), b.Round(time.Millisecond))
	if !flowing || a > b+2*time.Second {
		t.Errorf("all partitions flow again after %v (%v), want it at most 2 s after a plain "+
			"client's %v", a, flowing, b)
	}
	thaw()
	after(3 * time.Second)
	close(stop)
	loads.Wait()
	report, err := client.Shutdown(deadline(t, time.Minute))
	if err != nil || !report.Complete() {
		t.Errorf("%+v, %v", report, err)
	}
}
