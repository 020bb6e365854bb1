package batching

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// Engine is the queue, the batcher and the permits. Its methods are safe for concurrent use.
type Engine struct {
	cfg     Config
	started time.Time
	shards  []shard
	memory  memory
	permits *permits
	losses  losses
	room    room
	batches sync.Pool
	routes  routes // the worker's

	laneCount atomic.Uint64
	held      atomic.Int64 // events in the queue and in flight
	// a bit for each shard in which a lane waits; it changes under the shard's lock
	busy      atomic.Uint64
	highHeld  highWater
	highBytes highWater

	queueWait, permitWait, emitToAck recorder
	emit                             recorder
	send                             [NumOutcomes]recorder
	lastAck                          atomic.Int64 // ns since the epoch

	// The worker.
	wakeUp    chan struct{}
	written   chan struct{} // the batch that the worker waits for has been written
	rest      atomic.Int32
	heartbeat atomic.Int64 // ns since the epoch
	// of the batch whose numbers are not settled; set under the lane's lock
	sealing  atomic.Pointer[Lane]
	restarts atomic.Uint64
	passed   atomic.Bool // something ended for which lanes are held
	// The lanes that are held until memory is free, and whether some has become free since the
	// worker looked.
	memoryGate  gate
	memoryFreed atomic.Bool
	aheads      atomic.Int64    // lanes with messages to be sealed ahead
	ctx         context.Context // ends with stop, for the semaphore
	cancel      context.CancelFunc
	stop        chan struct{} // closed when intake has stopped
	stopped     chan struct{} // closed when the worker has ended
	closed      chan struct{} // closed when the account is final
	doneFn      func(*Batch, error)

	// Whoever watches the levels.
	rose    chan struct{}
	awaited atomic.Bool // the watcher waits for the first event

	generations generations
	stopOnce    sync.Once
	closing     atomic.Bool
	closeErr    error // set before closed is
}

// New starts an engine. The error joins all that is wrong with cfg.
func New(cfg Config) (*Engine, error) {
	if err := cfg.withDefaultsValidated(); err != nil {
		return nil, err
	}
	e := &Engine{
		cfg:     cfg,
		started: time.Now(),
		shards:  make([]shard, shardCount()),
		memory:  memory{limit: cfg.QueueBytes, reserve: reserve(&cfg), each: max(cfg.batchCost, 0)},
		permits: newPermits(cfg.Permits),
		wakeUp:  make(chan struct{}, 1),
		written: make(chan struct{}, 1),
		rose:    make(chan struct{}, 1),
		stop:    make(chan struct{}),
		stopped: make(chan struct{}),
		closed:  make(chan struct{}),
	}
	e.emit.fine = true
	e.batches.New = func() any { return new(Batch) }
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.doneFn = e.done
	e.routes.gen = 1
	e.routes.router, _ = cfg.Sender.(Router)
	first := e.generations.next()
	for i := range e.shards {
		e.shards[i] = shard{engine: e, index: uint64(i), gen: first,
			counts: make([]counts, len(cfg.Kinds))}
	}
	e.heartbeat.Store(e.started.UnixNano())
	go e.work()
	return e, nil
}

func (c *Config) withDefaultsValidated() error {
	*c = c.withDefaults()
	return c.validate()
}

// shardCount is a small multiple of the processors, so that two that emit at once seldom meet.
// There are at most as many as busy has bits.
func shardCount() int { return min(max(4*runtime.GOMAXPROCS(0), 8), 64) }

// Started returns when the engine was started, with a monotonic reading.
func (e *Engine) Started() time.Time { return e.started }

// at is when a message was emitted.
func (e *Engine) at(m *Entry) time.Time { return e.started.Add(m.At) }

// hold counts one event against the limit and reports whether there was room.
func (e *Engine) hold() bool {
	held := e.held.Add(1)
	if held > e.cfg.QueueEvents {
		e.held.Add(-1)
		return false
	}
	if crosses(held, 1, e.cfg.QueueEvents) {
		e.levelRose()
	}
	return true
}

// acquire takes memory for a batch, or returns nil.
func (e *Engine) acquire(n int, now time.Time) []byte {
	segment := e.memory.acquire(n)
	if segment != nil {
		used := e.memory.used.Load()
		e.highBytes.observe(now.Unix(), used)
		if crosses(used, int64(len(segment))+e.memory.each, e.memory.limit) {
			e.levelRose()
		}
	}
	return segment
}

// wake wakes the worker if it sleeps, and the watcher if it waits.
func (e *Engine) wake() {
	if e.awaited.Load() {
		e.levelRose()
	}
	select {
	case e.wakeUp <- struct{}{}:
	default:
	}
}

// done is what Senders call. It settles the account of a batch that was in flight.
func (e *Engine) done(b *Batch, err error) {
	s := b.lane.shard
	now := time.Now()
	v := verdictOf(err)
	s.mu.Lock()
	if b.state == stateEnded { // given up already, by Close
		s.mu.Unlock()
		return
	}
	s.settleVerdict(b, v)
	s.unlock()
	e.finish(b, v.outcome, now, true)
}

// finish does what is left to do, outside the lock, for a batch that was taken from the queue and
// has been settled.
func (e *Engine) finish(b *Batch, outcome Outcome, now time.Time, reuse bool) {
	if b.permit {
		e.send[outcome].observeTraced(now.Sub(b.sentAt), now, b.trace)
	}
	if outcome == Delivered {
		e.emitToAck.observeTraced(now.Sub(b.Opened), now, b.trace)
		e.lastAck.Store(now.UnixNano())
	}
	e.giveUpPermit(b, now) // before a Flush that waits for the batch returns
	e.free(b, now, reuse)
}

// giveUpPermit releases the permit of a batch that had one.
func (e *Engine) giveUpPermit(b *Batch, now time.Time) {
	if !b.permit {
		return
	}
	if r := b.route; r != nil {
		r.inFlight.Add(-1)
		e.passable(r)
	}
	e.permits.release(now)
	e.passable(&e.permits.gate)
}

func outcomeOf(err error) (Outcome, Reason) {
	v := verdictOf(err)
	return v.outcome, v.reason
}

// verdict is what a Sender says of a batch.
type verdict struct {
	outcome Outcome
	reason  Reason
	err     error
	// events is how many of the batch's events it holds for, 0 for all; they lie between first and
	// last.
	events      int
	first, last uint64
}

func verdictOf(err error) verdict {
	if err == nil {
		return verdict{}
	}
	v := verdict{outcome: Unacknowledged, err: err}
	se, ok := guard.As[*SendError](err)
	if !ok || se == nil {
		return v
	}
	v.err, v.events, v.first, v.last = se.Err, se.Events, se.First, se.Last
	if se.Outcome == Dropped {
		v.outcome, v.reason = Dropped, se.Reason
		if int(se.Reason) >= NumReasons {
			v.reason = Internal
		}
	}
	return v
}

// settle counts the end of a batch that was taken from the queue, and all of whose events ended
// alike.
func (s *shard) settle(b *Batch, outcome Outcome, reason Reason) {
	s.settleVerdict(b, verdict{outcome: outcome, reason: reason})
}

// settleVerdict counts the end of a batch that was taken from the queue. Events that the verdict
// does not hold for were delivered.
func (s *shard) settleVerdict(b *Batch, v verdict) {
	c := &s.counts[b.Kind]
	s.leave(b, v.outcome == Delivered)
	lost, first, last := b.Events, b.First, b.Last
	if v.outcome == Delivered {
		lost = 0
	} else if v.events > 0 && v.events < b.Events {
		lost, first, last = v.events, max(v.first, b.First), min(v.last, b.Last)
	}
	if lost < b.Events {
		c.delivered += uint64(b.Events - lost)
		c.messages += uint64(max(b.Messages-lost, 0))
	}
	if lost == 0 {
		return
	}
	s.engine.losses.heard(v.err)
	switch v.outcome {
	case Dropped:
		s.lose(b.lane, b.Kind, first, last, lost, v.reason)
	default:
		c.unacknowledged += uint64(lost)
		s.engine.losses.note(s.engine, lost, v.outcome.String())
	}
	c.failed += uint64(lost)
	b.lane.broken = true
}

// leave takes a batch that the worker or the Sender has out of the account of what is held.
func (s *shard) leave(b *Batch, acknowledged bool) {
	if b.state == stateInFlight {
		s.counts[b.Kind].ended += uint64(b.Events)
		s.landed(b.lane, acknowledged)
	} else {
		s.counts[b.Kind].leftQueue += uint64(b.Events)
	}
	b.state = stateEnded
	s.live.remove(b)
}

// landed opens or closes the window of a lane, of which a batch is not in flight any more.
func (s *shard) landed(l *Lane, acknowledged bool) {
	l.inFlight--
	switch {
	case !acknowledged || l.inFlight == 0 && l.isEmpty():
		l.window, l.filled = s.engine.cfg.window, false
	case l.filled:
		l.window += windowGrowth
	}
	if l.list == &s.held.byWindow && l.inFlight < l.window {
		s.letGo(l)
	}
}

// free gives back what a batch held: memory, its place among the events, its part in a flush. Only
// a batch that nothing else may still touch is used again.
func (e *Engine) free(b *Batch, now time.Time, reuse bool) {
	sec := now.Unix()
	events := int64(b.Events)
	// A level is highest right before it falls. hold counts an event before it refuses it, so it
	// can be seen above its limit.
	e.highHeld.observe(sec, min(e.held.Add(-events)+events, e.cfg.QueueEvents))
	e.highBytes.observe(sec, e.memory.used.Load())
	e.memory.release(b.segment, reuse)
	gen := b.gen
	if reuse {
		e.recycle(b)
	}
	gen.release()
	e.roomFreed()
}

// roomFreed tells whoever waits for room in the queue that there is more.
func (e *Engine) roomFreed() {
	e.room.freed()
	if e.memoryGate.waiting.Load() > 0 {
		e.memoryFreed.Store(true)
		e.passable(&e.memoryGate)
	}
}

// recycle gives up one of the claims on a batch. The last one to go makes room for another batch in
// it.
func (e *Engine) recycle(b *Batch) {
	if b.claims.Add(-1) == 0 {
		*b = Batch{}
		e.batches.Put(b)
	}
}
