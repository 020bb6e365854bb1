package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafka"
)

// isLong reports whether tests run for as long as the real events last: .ci/long sets it.
func isLong() bool { return os.Getenv("DASHSTREAM_LONG") != "" }

// flow counts acknowledged events by time and partition, and records what happened to the others.
type flow struct {
	mu    sync.Mutex
	acks  []ack
	since time.Time
	last  []time.Time // by partition, when it was last acknowledged
	again []time.Time // by partition, when its longest gap since then ended
	gaps  []time.Duration
	ends  []end // what was not acknowledged
}

type ack struct {
	at        time.Time
	partition int
	events    int
}

type end struct {
	partition int
	took      time.Duration
	err       error
}

func newFlow(n int) *flow {
	return &flow{last: make([]time.Time, n), again: make([]time.Time, n),
		gaps: make([]time.Duration, n)}
}

// watch starts to look for gaps.
func (f *flow) watch() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.since = time.Now()
	for p := range f.last {
		f.last[p], f.again[p], f.gaps[p] = f.since, f.since, 0
	}
}

func (f *flow) acked(partition, events int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if gap := now.Sub(f.last[partition]); gap > f.gaps[partition] {
		f.gaps[partition], f.again[partition] = gap, now
	}
	f.last[partition] = now
	f.acks = append(f.acks, ack{now, partition, events})
}

// flowsAgain returns how long after watch the last partition was acknowledged again, and whether
// all were acknowledged just now.
func (f *flow) flowsAgain() (after time.Duration, all bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all = true
	for p, at := range f.again {
		after = max(after, at.Sub(f.since))
		all = all && time.Since(f.last[p]) < 2*time.Second
	}
	return after, all
}

// events returns how many events of the chosen partitions were acknowledged between two times.
func (f *flow) events(from, to time.Time, chosen map[int]bool) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.acks {
		if chosen[a.partition] && !a.at.Before(from) && a.at.Before(to) {
			n += a.events
		}
	}
	return n
}

// countingSender is a kafka.Sender whose flow is counted.
type countingSender struct {
	*kafka.Sender
	flow *flow
}

// Send implements [batching.Sender].
func (s countingSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	partition, _ := s.Route(b.Key)
	events, opened := b.Events, b.Opened
	s.Sender.Send(b, func(b *batching.Batch, err error) {
		if err == nil {
			s.flow.acked(partition, events)
		} else {
			s.flow.mu.Lock()
			s.flow.ends = append(s.flow.ends, end{partition, time.Since(opened), err})
			s.flow.mu.Unlock()
		}
		done(b, err)
	})
}

// countedClient returns a client with default settings whose flow is counted.
func countedClient(
	t *testing.T, kc kafka.Config, partitions int, change func(*callback.Config),
) (*callback.Client, *flow) {
	t.Helper()
	cfg := callback.Config{SelfMetrics: "off"}
	change(&cfg)
	kc.MaxInFlightRecords, kc.DeliveryTimeout = batching.DefaultPermits+64, cfg.DeliveryTimeout
	s, err := kafka.Open(t.Context(), kc)
	if err != nil {
		t.Fatal(err)
	}
	f := newFlow(partitions)
	cfg.Sender = countingSender{s, f}
	return newClient(t, cfg), f
}

// replayRuns emits recorded runs without their states, about rate events a second in total, each
// thread one run after another, until stop is closed. A message of a run makes about four events.
func replayRuns(t *testing.T, client *callback.Client, threads, rate int, stop <-chan struct{}) {
	t.Helper()
	const eventsOfMessage = 4
	recorded, _ := recordedRuns(t)
	type player struct {
		run      *callback.Run
		messages []json.RawMessage
	}
	players := make([]player, threads)
	step := func(i int) {
		p := &players[i]
		if len(p.messages) == 0 {
			if p.run != nil {
				p.run.End(nil)
			}
			p.messages = recorded[i%len(recorded)]
			p.run = client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint("recorded-", i),
				Graph: graph})
		}
		m := p.messages[0]
		p.messages = p.messages[1:]
		node := p.run.StartNode("agent")
		node.StartLLM(callback.LLMRequest{Model: "m", Prompt: string(m)}).
			End(callback.LLMResult{FinishReason: callback.FinishStop}, nil)
		node.End(nil)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	begin, done := time.Now(), 0
	for {
		select {
		case <-stop:
			for _, p := range players {
				if p.run != nil {
					p.run.End(nil)
				}
			}
			return
		case now := <-tick.C:
			for due := int(now.Sub(begin).Seconds() * float64(rate) / eventsOfMessage); done <
				due; done++ {
				step(done % threads)
			}
		}
	}
}

// topicOn creates a topic, and returns its name and the leader of each partition.
func topicOn(
	t *testing.T, brokers []string, partitions int32, replicas int16,
) (name string, leaders []int32) {
	t.Helper()
	admin, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	name = fmt.Sprintf("it-%d-%d", time.Now().UnixNano(), topics.Add(1))
	req := kmsg.NewPtrCreateTopicsRequest()
	one := kmsg.NewCreateTopicsRequestTopic()
	one.Topic, one.NumPartitions, one.ReplicationFactor = name, partitions, replicas
	req.Topics = append(req.Topics, one)
	if resp, err := req.RequestWith(deadline(t, 30*time.Second), admin); err != nil ||
		resp.Topics[0].ErrorCode != 0 {
		t.Fatalf("creating topic %s: %+v, %v", name, resp, err)
	}
	for ctx := deadline(t, 30*time.Second); ; time.Sleep(100 * time.Millisecond) {
		if leaders, err = leadersOf(ctx, admin, name, int(partitions)); err == nil {
			return name, leaders
		}
		if ctx.Err() != nil {
			t.Fatalf("topic %s: %v", name, err)
		}
	}
}

// leadersOf returns the leader of each partition, once all brokers know all of them.
func leadersOf(
	ctx context.Context, client *kgo.Client, name string, partitions int,
) ([]int32, error) {
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr(name)
	req.Topics = append(req.Topics, topic)
	leaders := make([]int32, partitions)
	// a broker may not know yet of a topic that another one knows
	for _, broker := range client.SeedBrokers() {
		resp, err := broker.Request(ctx, req)
		if err != nil {
			return nil, err
		}
		known := 0
		for _, p := range resp.(*kmsg.MetadataResponse).Topics[0].Partitions {
			if p.ErrorCode == 0 && p.Leader >= 0 && int(p.Partition) < partitions {
				leaders[p.Partition] = p.Leader
				known++
			}
		}
		if known < partitions {
			return nil, errors.New("not all partitions have leaders")
		}
	}
	return leaders, nil
}
