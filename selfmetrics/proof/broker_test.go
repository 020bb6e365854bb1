package proof

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

const (
	partitions = 12
	// tick is how often the broker works, and the load emits.
	tick = 10 * time.Millisecond
	// compressed is what compression leaves, as a share.
	compressed = 0.25
)

// conditions are how the broker is at one moment.
type conditions struct {
	bytesPerSecond float64       // that it can take, all partitions together; 0: it is away
	latency        time.Duration // from taking a batch until its acknowledgement
	slow           [partitions]float64
	stuckSend      bool // Send does not return
	sendTakes      time.Duration
	stuckAck       bool // no acknowledgement gets through, as behind one that is held up
	throttled      float64
}

// broker is a Sender and the Kafka behind it. Each partition takes its share of the capacity, in
// order. It keeps a ledger of what arrived and of what the client gave up.
type broker struct {
	now     func(time.Duration) conditions
	timeout time.Duration
	began   time.Time

	mu      sync.Mutex
	queues  [partitions][]*delivery
	credit  [partitions]float64
	acks    []*delivery
	ledger  ledger
	stats   batching.SenderStats
	free    chan struct{} // closed when Send may return again
	stop    chan struct{}
	stopped chan struct{}
}

// delivery is a batch on its way.
type delivery struct {
	batch *batching.Batch
	done  func(*batching.Batch, error)
	size  float64
	ackAt time.Time
	took  bool
}

// ledger is what the broker knows of the events of each thread.
type ledger struct {
	arrived map[string][]span
	lost    []lostSpan // what the client gave up here
}

// span is a run of sequence numbers.
type span struct {
	first, last uint64
	events      int
}

type lostSpan struct {
	span
	thread string
	at     time.Time
}

func newBroker(now func(time.Duration) conditions, timeout time.Duration) *broker {
	b := &broker{
		now: now, timeout: timeout, began: time.Now(), stop: make(chan struct{}),
		stopped: make(chan struct{}),
		ledger:  ledger{arrived: map[string][]span{}},
	}
	go b.work()
	return b
}

// partitionOf deals threads to partitions; a thread's name ends in its number.
func partitionOf(key []byte) int {
	i := bytes.LastIndexByte(key, '-')
	n, err := strconv.Atoi(string(key[i+1:]))
	if err != nil {
		return 0
	}
	return n % partitions
}

func isReport(key []byte) bool { return strings.HasPrefix(string(key), "dashstream-callback/") }

// Send implements [batching.Sender].
func (b *broker) Send(batch *batching.Batch, done func(*batching.Batch, error)) {
	b.mu.Lock()
	free := b.free
	b.mu.Unlock()
	if free != nil && !isReport(batch.Key) {
		<-free
	}
	if c := b.now(time.Since(b.began)); c.sendTakes > 0 {
		time.Sleep(c.sendTakes)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	d := &delivery{batch: batch, done: done, size: float64(len(batch.Value))}
	p := partitionOf(batch.Key)
	b.queues[p] = append(b.queues[p], d)
	b.stats.BufferedRecords++
}

// Stats implements [batching.Sender].
func (b *broker) Stats() batching.SenderStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stats
}

// Close implements [batching.Sender].
func (b *broker) Close(context.Context) error {
	b.mu.Lock()
	if b.free != nil {
		close(b.free)
		b.free = nil
	}
	b.mu.Unlock()
	close(b.stop)
	<-b.stopped
	return nil
}

func (b *broker) work() {
	defer close(b.stopped)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-b.stop:
			return
		case now := <-ticker.C:
			for _, d := range b.step(now) {
				d.done(d.batch, d.failure())
			}
		}
	}
}

var (
	errTimeout = errors.New("proof: no acknowledgement in time")
	errGone    = errors.New("proof: the connection is gone")
)

func (d *delivery) failure() error {
	switch {
	case !d.ackAt.IsZero():
		return nil
	case d.took:
		return &batching.SendError{Outcome: batching.Unacknowledged, Err: errTimeout}
	}
	return &batching.SendError{Outcome: batching.Dropped, Reason: batching.Timeout, Err: errTimeout}
}

// step does the work of one tick and returns what has come to its end.
func (b *broker) step(now time.Time) (ended []*delivery) {
	c := b.now(now.Sub(b.began))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hold(c.stuckSend)
	for p := range b.queues {
		rate := c.bytesPerSecond / partitions
		if c.slow[p] > 0 {
			rate *= c.slow[p]
		}
		b.take(p, rate, c.latency, now)
	}
	b.connections(&c, now)
	for len(b.acks) > 0 && !c.stuckAck && !b.acks[0].ackAt.After(now) {
		ended = append(ended, b.acks[0])
		b.acks = b.acks[1:]
	}
	ended = append(ended, b.giveUp(now)...)
	b.stats.BufferedRecords -= int64(len(ended))
	return ended
}

func (b *broker) hold(stuck bool) {
	if stuck && b.free == nil {
		b.free = make(chan struct{})
	} else if !stuck && b.free != nil {
		close(b.free)
		b.free = nil
	}
}

// take has a partition take what it can in a tick. What it does not need it does not save up; for
// what was too much it owes.
func (b *broker) take(p int, rate float64, latency time.Duration, now time.Time) {
	b.credit[p] = min(b.credit[p]+rate*tick.Seconds(), rate*tick.Seconds())
	q := b.queues[p]
	for len(q) > 0 && b.credit[p] > 0 && rate > 0 {
		d := q[0]
		q = q[1:]
		b.credit[p] -= d.size
		d.took, d.ackAt = true, now.Add(latency)
		b.arrive(d)
	}
	b.queues[p] = q
}

func (b *broker) arrive(d *delivery) {
	i := len(b.acks)
	for i > 0 && b.acks[i-1].ackAt.After(d.ackAt) {
		i--
	}
	b.acks = append(b.acks, nil)
	copy(b.acks[i+1:], b.acks[i:])
	b.acks[i] = d
	b.stats.Requests++
	b.stats.UncompressedBytes += uint64(d.size)
	b.stats.CompressedBytes += uint64(d.size * compressed)
	b.stats.WireBytes += uint64(d.size*compressed) + 100
	if !isReport(d.batch.Key) {
		key := string(d.batch.Key)
		b.ledger.arrived[key] = append(b.ledger.arrived[key], span{d.batch.First, d.batch.Last,
			d.batch.Events})
	}
}

// giveUp is what the client does at the deadline, and writes it into the ledger.
func (b *broker) giveUp(now time.Time) (ended []*delivery) {
	overdue := now.Add(-b.timeout)
	for p := range b.queues {
		for len(b.queues[p]) > 0 && b.queues[p][0].batch.Opened.Before(overdue) {
			d := b.queues[p][0]
			b.queues[p] = b.queues[p][1:]
			ended = append(ended, d)
			b.lose(d, now)
		}
	}
	for len(b.acks) > 0 && b.acks[0].batch.Opened.Before(overdue) {
		d := b.acks[0]
		b.acks = b.acks[1:]
		d.ackAt = time.Time{} // it arrived, and the client will never know
		ended = append(ended, d)
		b.lose(d, now)
	}
	return ended
}

func (b *broker) lose(d *delivery, now time.Time) {
	if isReport(d.batch.Key) {
		return
	}
	b.ledger.lost = append(b.ledger.lost,
		lostSpan{span{d.batch.First, d.batch.Last, d.batch.Events}, string(d.batch.Key), now})
	b.stats.Transient++
	b.stats.LastError, b.stats.LastErrorAt = errTimeout.Error(), now
}

func (b *broker) connections(c *conditions, now time.Time) {
	if c.throttled > 0 {
		b.stats.Throttled += time.Duration(c.throttled * float64(tick))
		b.stats.Throttles++
	}
	away := c.bytesPerSecond == 0
	switch {
	case away && b.stats.Connections > 0:
		b.stats.Disconnects += uint64(b.stats.Connections)
		b.stats.Connections = 0
		b.stats.Retries++
		b.stats.LastError, b.stats.LastErrorAt = errGone.Error(), now
	case !away && b.stats.Connections == 0:
		b.stats.Connections, b.stats.Connects = 3, b.stats.Connects+3
	}
}
