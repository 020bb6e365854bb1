package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// kind is a kind of fault, as the table names it.
type kind string

const (
	killed   kind = "SIGKILL, restart"
	frozen   kind = "SIGSTOP, SIGCONT"
	moved    kind = "leaders moved"
	cutOff   kind = "cut, both ways"
	silenced kind = "swallowed, both ways"
	unheard  kind = "swallowed, from broker"
	unasked  kind = "swallowed, to broker"
)

var kinds = []kind{killed, frozen, moved, cutOff, silenced, unheard, unasked}

// modes are the faults that a proxy makes.
var modes = map[kind]traffic{cutOff: cut, silenced: swallowed, unheard: deaf, unasked: mute}

// fault is one fault of a schedule.
type fault struct {
	kind   kind
	broker int
	at     time.Duration // from the beginning of the schedule
	lasts  time.Duration
}

func (f fault) end() time.Duration { return f.at + f.lasts }

// schedule returns faults that all have ended after total. Each kind has its turn before one comes
// again. A third of the faults begin while the one before is still there, on another broker, and
// never three at once; after the others, the next one comes within seconds.
func schedule(seed uint64, total time.Duration) (faults []fault) {
	r := rand.New(rand.NewPCG(seed, 16))
	between := func(from, to time.Duration) time.Duration {
		return from + time.Duration(r.Int64N(int64(to-from)))
	}
	var left []kind
	last, before := fault{at: -time.Second}, fault{}
	for {
		if len(left) == 0 {
			left = slices.Clone(kinds)
			r.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		}
		f := fault{kind: left[0], broker: 1 + r.IntN(3),
			lasts: between(3*time.Second, 15*time.Second)}
		if last.lasts > 0 && r.IntN(3) == 0 {
			f.at = last.at + between(last.lasts/3, last.lasts)
			f.broker = 1 + (last.broker+r.IntN(2))%3
			f.at = max(f.at, before.end())
		} else {
			f.at = max(last.end(), before.end()) + between(time.Second, 6*time.Second)
		}
		if f.end() > total {
			return faults
		}
		left = left[1:]
		faults = append(faults, f)
		before, last = last, f
	}
}

// done is a fault that was made: when it really began and ended, and which partitions its broker
// led as it began.
type done struct {
	fault
	began, ended time.Time
	led          map[int32]bool
}

// turmoil makes faults.
type turmoil struct {
	t       *testing.T
	cluster *kafkatest.Cluster
	network *network
	admin   *kgo.Client
	topic   string

	two  chan struct{} // a token for each fault at work
	busy [3]sync.Mutex // held while a fault is at work on the broker
	mu   sync.Mutex
	made []done
}

func newTurmoil(
	t *testing.T, cluster *kafkatest.Cluster, network *network, topic string,
) *turmoil {
	t.Helper()
	admin, err := kgo.NewClient(kgo.SeedBrokers(cluster.Brokers(kafkatest.Plaintext)...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	x := &turmoil{t: t, cluster: cluster, network: network, admin: admin, topic: topic,
		two: make(chan struct{}, 2)}
	t.Cleanup(x.heal)
	return x
}

// heal ends all faults, also those of a test that has failed.
func (x *turmoil) heal() {
	x.network.setAll(flows)
	var dead []int
	for id := 1; id <= x.cluster.Size(); id++ {
		if _, err := x.cluster.PID(id); err != nil {
			dead = append(dead, id)
		} else if err := x.cluster.Thaw(id); err != nil {
			x.t.Error(err)
		}
	}
	if len(dead) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if err := x.cluster.Start(ctx, dead...); err != nil {
		x.t.Error(err)
	}
}

// run makes the faults of a schedule and returns when the last one has ended. A broker that was
// killed needs a while to start, so those after it may be late.
func (x *turmoil) run(faults []fault) {
	begin := time.Now()
	var all sync.WaitGroup
	for _, f := range faults {
		time.Sleep(time.Until(begin.Add(f.at)))
		x.two <- struct{}{}
		x.busy[f.broker-1].Lock()
		made := done{fault: f, began: time.Now(), led: x.ledBy(f.broker)}
		all.Go(func() {
			err := x.do(f)
			made.ended = time.Now()
			x.mu.Lock()
			x.made = append(x.made, made)
			x.mu.Unlock()
			if err != nil {
				x.t.Errorf("%s of broker %d: %v", f.kind, f.broker, err)
			}
			x.t.Logf("%5.1f s: %s of broker %d, for %.1f s", made.began.Sub(begin).Seconds(),
				f.kind, f.broker, made.ended.Sub(made.began).Seconds())
			x.busy[f.broker-1].Unlock()
			<-x.two
		})
	}
	all.Wait()
}

// do makes one fault and undoes it.
func (x *turmoil) do(f fault) error {
	switch f.kind {
	case killed:
		if err := x.cluster.Kill(f.broker); err != nil {
			return err
		}
		time.Sleep(f.lasts)
		return x.cluster.Start(context.Background(), f.broker)
	case frozen:
		if err := x.cluster.Freeze(f.broker); err != nil {
			return err
		}
		time.Sleep(f.lasts)
		return x.cluster.Thaw(f.broker)
	case moved:
		return x.moveLeaders(f.broker)
	}
	x.network.set(f.broker, modes[f.kind])
	time.Sleep(f.lasts)
	x.network.set(f.broker, flows)
	return nil
}

// ledBy returns the partitions that a broker leads, as another one knows it; nil if none responds.
func (x *turmoil) ledBy(broker int) map[int32]bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr(x.topic)
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, x.admin)
	if err != nil || len(resp.Topics) == 0 {
		return nil
	}
	led := make(map[int32]bool)
	for _, p := range resp.Topics[0].Partitions {
		if p.Leader == int32(broker) {
			led[p.Partition] = true
		}
	}
	return led
}

// moveLeaders makes the broker the preferred leader of a third of the partitions, and has the
// preferred leaders elected. While another fault keeps the cluster from it, it tries again.
func (x *turmoil) moveLeaders(broker int) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	assign := kmsg.NewPtrAlterPartitionAssignmentsRequest()
	assigned := kmsg.NewAlterPartitionAssignmentsRequestTopic()
	assigned.Topic = x.topic
	elect := kmsg.NewPtrElectLeadersRequest()
	elected := kmsg.NewElectLeadersRequestTopic()
	elected.Topic = x.topic
	for p := int32(broker - 1); p < partitions; p += 3 {
		part := kmsg.NewAlterPartitionAssignmentsRequestTopicPartition()
		part.Partition = p
		for i := range int32(3) {
			part.Replicas = append(part.Replicas, 1+(int32(broker)-1+i)%3)
		}
		assigned.Partitions = append(assigned.Partitions, part)
		elected.Partitions = append(elected.Partitions, p)
	}
	assign.Topics = append(assign.Topics, assigned)
	elect.Topics = append(elect.Topics, elected)
	for ; ctx.Err() == nil; time.Sleep(500 * time.Millisecond) {
		var altered *kmsg.AlterPartitionAssignmentsResponse
		if altered, err = assign.RequestWith(ctx, x.admin); err == nil {
			err = assignmentError(altered)
		}
		if err != nil {
			continue
		}
		var voted *kmsg.ElectLeadersResponse
		if voted, err = elect.RequestWith(ctx, x.admin); err == nil {
			err = electionError(voted)
		}
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("leaders do not move: %w", err)
}

func assignmentError(resp *kmsg.AlterPartitionAssignmentsResponse) error {
	err := kerr.ErrorForCode(resp.ErrorCode)
	for _, topic := range resp.Topics {
		for _, p := range topic.Partitions {
			err = errors.Join(err, kerr.ErrorForCode(p.ErrorCode))
		}
	}
	return err
}

func electionError(resp *kmsg.ElectLeadersResponse) error {
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
		return err
	}
	for _, topic := range resp.Topics {
		for _, p := range topic.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil && err != kerr.ElectionNotNeeded {
				return err
			}
		}
	}
	return nil
}

func TestScheduleHasAllFaultsAndSomeTogether(t *testing.T) {
	for seed := range uint64(50) {
		faults := schedule(seed, 2*time.Minute)
		if !slices.Equal(faults, schedule(seed, 2*time.Minute)) {
			t.Fatalf("seed %d: two schedules", seed)
		}
		had := make(map[kind]bool)
		for i, f := range faults {
			had[f.kind] = true
			if f.end() > 2*time.Minute || f.broker < 1 || f.broker > 3 {
				t.Errorf("seed %d: %+v", seed, f)
			}
			together := 0
			for _, g := range faults[:i] {
				if g.end() > f.at {
					together++
					if g.broker == f.broker {
						t.Errorf("seed %d: %+v and %+v on one broker", seed, g, f)
					}
				}
			}
			if together > 1 || i > 0 && f.at < faults[i-1].at {
				t.Errorf("seed %d: %+v begins with %d others, after %+v", seed, f, together,
					faults[i-1])
			}
		}
		if len(had) < len(kinds) {
			t.Errorf("seed %d: only %d kinds of faults", seed, len(had))
		}
	}
}
