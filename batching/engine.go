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
	routes  routes // only used by the worker

	laneCount atomic.Uint64
	held      atomic.Int64 // events in the queue and in flight
	// one bit for each shard in which a lane waits; a bit changes under its shard's lock
	busy      atomic.Uint64
	highHeld  highWater
	highBytes highWater

	queueWait, permitWait, emitToAck recorder
	emit                             recorder
	send                             [NumOutcomes]recorder
	lastAck                          atomic.Int64 // ns since the epoch

	// The worker.
	wakeUp    chan struct{}
	written   chan struct{} // signals that the batch the worker waits for is written
	rest      atomic.Int32
	heartbeat atomic.Int64 // ns since the epoch
	// the lane of the batch whose numbers are not final yet; set under the lane's lock
	sealing  atomic.Pointer[Lane]
	restarts atomic.Uint64
	passed   atomic.Bool // something ended that lanes are kept back for
	// The lanes that are kept back until memory is free, and whether any was freed since the worker
	// last looked.
	memoryGate  gate
	memoryFreed atomic.Bool
	aheads      atomic.Int64    // number of lanes with messages to seal ahead
	ctx         context.Context // ends with stop; for the semaphore
	cancel      context.CancelFunc
	stop        chan struct{} // closed when the engine stops accepting events
	stopped     chan struct{} // closed when the worker has returned
	closed      chan struct{} // closed when the account is final
	doneFn      func(*Batch, error)

	// For the watcher of the levels, see Await.
	rose    chan struct{}
	awaited atomic.Bool // the watcher sleeps until the first event

	// What is missing on the wire and was not told yet, see Gaps: the number of ranges, whether the
	// application was told that there are any, and the events that found no place among them.
	shedding  shedding
	ranges    atomic.Int64
	gapsKnown atomic.Bool
	unstated  atomic.Uint64

	generations generations
	stopOnce    sync.Once
	closing     atomic.Bool
	closeErr    error // set before closed is closed
}

// New starts an engine. Its error joins everything that is wrong with cfg.
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

// shardCount is a small multiple of the number of processors, so that concurrent emits seldom meet.
// It never exceeds the number of bits in busy.
func shardCount() int { return min(max(4*runtime.GOMAXPROCS(0), 8), 64) }

// Started returns when the engine was started, with a monotonic reading.
func (e *Engine) Started() time.Time { return e.started }

// at is when a message was emitted.
func (e *Engine) at(m *Entry) time.Time { return e.started.Add(m.At) }

// hold counts one event against the limit and reports whether it was within it.
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

// acquire takes memory for a batch. It returns nil if there is none.
func (e *Engine) acquire(n int, now time.Time) []byte {
	segment := e.memory.acquire(n)
	if segment != nil {
		used := e.memory.used.Load()
		e.highBytes.observe(now.Unix(), used)
		if crosses(used, int64(len(segment))+e.memory.each, e.memory.limit-e.memory.reserve) {
			e.levelRose()
		}
	}
	return segment
}

// wake wakes the worker if it sleeps, and the watcher if it sleeps.
func (e *Engine) wake() {
	if e.awaited.Load() {
		e.levelRose()
	}
	select {
	case e.wakeUp <- struct{}{}:
	default:
	}
}

// done is what Senders call. It settles the account of a batch in flight.
func (e *Engine) done(b *Batch, err error) {
	s := b.lane.shard
	now := time.Now()
	v := verdictOf(err)
	s.mu.Lock()
	if b.state == stateEnded { // ended by Close already
		s.mu.Unlock()
		return
	}
	s.settleVerdict(b, v)
	s.unlock()
	e.finish(b, v.outcome, now, true)
}

// finish does the rest, outside the lock, for a batch that was taken from the queue and is settled.
func (e *Engine) finish(b *Batch, outcome Outcome, now time.Time, reuse bool) {
	if b.permit {
		e.send[outcome].observeTraced(now.Sub(b.sentAt), now, b.trace)
	}
	if outcome == Delivered {
		e.emitToAck.observeTraced(now.Sub(b.Opened), now, b.trace)
		e.lastAck.Store(now.UnixNano())
	}
	e.giveUpPermit(b, now) // before a Flush that waits for this batch returns
	e.free(b, now, reuse)
}

// giveUpPermit releases the batch's permit, if it has one.
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

// verdict is what a Sender reports about a batch.
type verdict struct {
	outcome Outcome
	reason  Reason
	err     error
	// events is how many of the batch's events the verdict applies to, 0 for all. They lie between
	// first and last.
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

// free returns what a batch occupied: its memory, its events' share of the limit, its part in a
// flush. The batch is reused only if nothing else may still access it.
func (e *Engine) free(b *Batch, now time.Time, reuse bool) {
	sec := now.Unix()
	events := int64(b.Events)
	// A level peaks right before it falls. hold counts an event before it rejects it, so the level
	// can exceed its limit for a moment.
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

// roomFreed wakes callers that wait for room in the queue.
func (e *Engine) roomFreed() {
	e.room.freed()
	if e.memoryGate.waiting.Load() > 0 {
		e.memoryFreed.Store(true)
		e.passable(&e.memoryGate)
	}
}

// recycle gives up one claim on a batch. The last one to do so makes the Batch available for reuse.
func (e *Engine) recycle(b *Batch) {
	if b.claims.Add(-1) == 0 {
		*b = Batch{}
		e.batches.Put(b)
	}
}
