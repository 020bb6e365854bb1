package callback

import (
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"math"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/seal"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// maxThreadID is the longest thread id that readers accept, in bytes.
const maxThreadID = 256

// thread is what all runs on one thread id share: the lane with its sequence, and the constant
// parts of its messages.
type thread struct {
	client *Client
	lane   batching.Lane
	seal.Thread
	id string

	// The registry's lock guards the fields that follow.
	runs  int           // started and not ended
	ended *list.Element // its place among the ended threads; nil while it has runs
	start wire.ID       // message id of the last GRAPH_START
	scan  uint64        // the last scan that passed it; 0 if none has
}

// threads finds threads by their id. Threads without a run are remembered up to a limit, so that a
// thread that is resumed continues its numbers. Beyond the limit, the one that ended first is
// forgotten, with its state, once none of its messages is queued.
type threads struct {
	client *Client
	limit  int

	mu       sync.Mutex
	byID     map[string]*thread
	peak     int       // the largest size of byID since it was allocated
	ended    list.List // of *thread, oldest first
	runs     int64
	sweeping bool // a sweep is due or under way

	// of ended: the first that this scan has not examined; nil at the end, and before the first
	next   *list.Element
	passed int    // number of threads in front of it with queued messages
	scan   uint64 // number of this scan, from 1
}

// acquire returns the thread of an id for a run. last is the number of the last message that
// another process sent on the thread.
func (r *threads) acquire(id string, last uint64) *thread {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.byID[id]
	if t == nil {
		t = r.client.newThread(id, last)
		r.byID[id] = t
		r.peak = max(r.peak, len(r.byID))
	}
	if t.ended != nil {
		r.unlist(t)
	}
	t.runs++
	r.runs++
	return t
}

func (r *threads) release(t *thread) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs--
	if t.runs--; t.runs > 0 {
		return
	}
	t.ended = r.ended.PushBack(t)
	// two, because one came in; not more, so that the end of a run stays cheap in an outage, when
	// many threads have queued messages
	r.forget(2)
	if r.ended.Len() > r.limit && !r.sweeping {
		r.sweeping = true
		time.AfterFunc(sweepEvery, r.sweep)
	}
}

const (
	// sweepEvery is the time between two sweeps. There are none while the remembered threads are
	// within their limit.
	sweepEvery = time.Second
	// sweepLooks is how many threads a sweep examines at once, under the lock; sweepTimes is how
	// often it does so if all of them have queued messages.
	sweepLooks = 256
	sweepTimes = 64
)

// sweep forgets remembered threads beyond the limit after an outage, whether runs end or not.
func (r *threads) sweep() {
	for range sweepTimes {
		for forgotten := sweepLooks; forgotten > 0; {
			r.mu.Lock()
			forgotten = r.forget(sweepLooks)
			done := r.ended.Len() <= r.limit
			r.sweeping = !done
			r.mu.Unlock()
			if done {
				return
			}
		}
	}
	time.AfterFunc(sweepEvery, r.sweep)
}

// forget examines so many of the threads beyond the limit, beginning with those that ended first,
// and forgets those with no queued messages. Queued messages must be sent before those of a new
// lane of the same thread. The scan continues where it stopped the last time. The caller holds the
// lock.
func (r *threads) forget(looks int) (forgotten int) {
	for range min(looks, r.ended.Len()-r.limit) {
		beyond := r.ended.Len() - r.limit
		if beyond <= 0 {
			break
		}
		if r.next == nil || r.passed >= beyond {
			r.next, r.passed, r.scan = r.ended.Front(), 0, r.scan+1
		}
		t := r.next.Value.(*thread)
		if _, idle := t.lane.Last(); !idle {
			r.next, t.scan = r.next.Next(), r.scan
			r.passed++
			continue
		}
		r.unlist(t)
		delete(r.byID, t.id)
		r.client.sealer.Forget(&t.Thread)
		forgotten++
	}
	// a map never shrinks by itself
	if len(r.byID) < r.peak/shrinkMap && r.peak > shrinkMap*sweepLooks {
		r.byID = maps.Clone(r.byID)
		r.peak = len(r.byID)
	}
	return forgotten
}

// unlist removes a thread from those that have ended. The caller holds the lock.
func (r *threads) unlist(t *thread) {
	if r.next == t.ended {
		r.next = t.ended.Next()
	}
	if t.scan == r.scan && t.scan > 0 {
		r.passed--
	}
	r.ended.Remove(t.ended)
	t.ended, t.scan = nil, 0
}

// shrinkMap is how many times smaller the registry must be than its peak before it is reallocated.
const shrinkMap = 4

func (r *threads) started(t *thread, start wire.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.start = start
}

func (r *threads) lastStart(t *thread) wire.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.start
}

func (r *threads) stats() (runs, active, remembered int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.runs, int64(len(r.byID) - r.ended.Len()), int64(r.ended.Len())
}

// maxSequence is the largest number accepted from another process: it leaves room for more.
const maxSequence = math.MaxUint64 - 1<<32

func (c *Client) newThread(id string, last uint64) *thread {
	if last > maxSequence {
		last = 0
	}
	t := &thread{client: c, id: id}
	t.Init(c.tenant, id)
	key := t.Header[len(t.Header)-len(id):]
	t.lane.Init(c.engine, key, &t.Thread, t.BatchOverhead, last)
	return t
}

// threadID turns an application's id into a valid thread id: valid UTF-8 of 1 to 256 bytes. A
// longer id is cut, and a hash of the whole id keeps it distinct from others with the same
// beginning.
func (c *Client) threadID(id string) string {
	if id = c.valid(id); len(id) <= maxThreadID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	cut := maxThreadID - 17
	for !utf8.RuneStart(id[cut]) {
		cut--
	}
	return id[:cut] + "#" + hex.EncodeToString(sum[:8])
}
