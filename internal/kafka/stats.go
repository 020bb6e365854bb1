package kafka

import (
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// counters are a Sender's counters. They are safe for concurrent use.
type counters struct {
	requests, retries        atomic.Uint64
	transient, permanent     atomic.Uint64
	uncompressed, compressed atomic.Uint64
	wireBytes                atomic.Uint64
	throttles                atomic.Uint64
	throttled                atomic.Int64 // ns
	connects, disconnects    atomic.Uint64
	connectFailures          atomic.Uint64

	mu          sync.Mutex
	lastError   string
	lastErrorAt time.Time
}

func (c *counters) failed(err error) {
	text, at := err.Error(), time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastError, c.lastErrorAt = text, at
}

func (c *counters) last() (string, time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lastError, c.lastErrorAt
}

// Stats returns the Sender's counters. Transient counts the attempts to send record batches that
// were repeated, because they ended without a response or with one that allows a retry. Permanent
// counts the engine's batches that were rejected for good.
func (s *Sender) Stats() batching.SenderStats {
	c := &s.stats
	// Disconnects first: a connection that closes in between must not make the difference negative.
	disconnects := c.disconnects.Load()
	connects := c.connects.Load()
	text, at := c.last()
	var stalled stalls
	if note := s.silence.report.Load(); note != nil {
		stalled = *note
	}
	stats := batching.SenderStats{
		Requests:          c.requests.Load(),
		Retries:           c.retries.Load(),
		Transient:         c.transient.Load(),
		Permanent:         c.permanent.Load(),
		UncompressedBytes: c.uncompressed.Load(),
		CompressedBytes:   c.compressed.Load(),
		WireBytes:         c.wireBytes.Load(),
		Throttled:         time.Duration(c.throttled.Load()),
		Throttles:         c.throttles.Load(),
		Connections:       int64(connects - disconnects),
		Connects:          connects,
		Disconnects:       disconnects,
		ConnectFailures:   c.connectFailures.Load(),
		BufferedRecords:   s.outstanding.Load(),
		LastError:         text,
		LastErrorAt:       at,
		StalledPartitions: stalled.partitions,
		Stalled:           stalled.worst,
	}
	if stalled.partitions > 0 {
		stats.StalledSince = s.start.Add(stalled.since)
	}
	return stats
}

// produceKey is the key of produce requests.
const produceKey = 0

// hooks receives franz-go's events. Its methods are called from the client's goroutines and must
// not wait.
type hooks struct{ s *Sender }

// OnBrokerConnect implements [kgo.HookBrokerConnect].
func (h hooks) OnBrokerConnect(meta kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	h.s.network.meet(meta)
	if err == nil || h.s.closing.Load() || errors.Is(err, errBarred) {
		return
	}
	h.s.stats.connectFailures.Add(1)
	h.s.stats.failed(err) // the network has passed it to words, unless the dialer is a foreign one
}

// OnBrokerWrite implements [kgo.HookBrokerWrite].
func (h hooks) OnBrokerWrite(
	meta kgo.BrokerMetadata, key int16, written int, _, _ time.Duration, _ error,
) {
	h.s.network.meet(meta).ask(h.s.network.now())
	if key != produceKey {
		return
	}
	h.s.unanswered.Add(1)
	if written > 0 {
		h.s.stats.requests.Add(1)
	}
}

// OnBrokerE2E implements [kgo.HookBrokerE2E]. It is called once for every OnBrokerWrite: when the
// response was read, or will never be.
func (h hooks) OnBrokerE2E(meta kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	err := e2e.Err()
	if err == nil {
		// with a dialer among the options, there is no other way to know
		h.s.network.heard(h.s.network.meet(meta))
		h.s.answered()
		if !opening(key) {
			h.s.words.reached(addressOf(meta))
		}
	}
	if key == produceKey {
		if err != nil {
			// Everything that was handed over by now can have been in this request.
			raise(&h.s.lost, h.s.written.handed.Load())
		}
		h.s.unanswered.Add(-1)
	}
	if err != nil && !h.s.closing.Load() && !errors.Is(err, kgo.ErrClientClosed) {
		h.s.words.note(err, addressOf(meta), -1)
	}
}

// opening reports whether key belongs to a request at the beginning of a connection, before it is
// usable.
func opening(key int16) bool {
	const apiVersionsKey = 18
	return key == apiVersionsKey || key == saslHandshakeKey || key == saslAuthenticate
}

func addressOf(b kgo.BrokerMetadata) string {
	return net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port)))
}

// OnBrokerThrottle implements [kgo.HookBrokerThrottle].
func (h hooks) OnBrokerThrottle(_ kgo.BrokerMetadata, interval time.Duration, _ bool) {
	h.s.stats.throttles.Add(1)
	h.s.stats.throttled.Add(int64(interval))
}

// raise sets v to at least n.
func raise(v *atomic.Uint64, n uint64) {
	for was := v.Load(); was < n && !v.CompareAndSwap(was, n); was = v.Load() {
	}
}
