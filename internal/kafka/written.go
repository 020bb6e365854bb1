package kafka

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// written knows which records can be in a request that a broker may have received.
//
// franz-go does not tell whether a record that failed was ever sent. But it compresses a batch at
// exactly one moment: while it writes the batch into a request, under the lock that it also takes
// to give the batch up. So a compressor sees every batch before it is sent, and none that was given
// up before. Records are numbered as they are handed over. When a batch of a partition passes here,
// no record handed over later can be in it. So a record whose number is higher than that of the
// last batch of its partition was certainly never sent.
//
// The compressor also sees a batch that passes again: its first attempt ended without a response,
// or with one that allows another attempt.
type written struct {
	inner  kgo.Compressor // nil without compression
	stats  *counters
	handed atomic.Uint64 // the number of the last record handed over
	// whether Compress was ever called: an option may have replaced the compressor
	used atomic.Bool

	partitions atomic.Int32 // as seen by the partitioner; 0 before that
	// the number of partitions has changed: a key no longer tells the partition of a batch
	mixed atomic.Bool

	mu   sync.Mutex
	all  passed // batches whose partition is unknown
	each map[int32]*passed
}

// passed is what has passed for one partition.
type passed struct {
	last   uint64 // the number of the last record handed over when a batch last passed
	again  uint64 // the same for a batch that passed again
	recent [8]uint64
	next   int
}

func newWritten() *written { return &written{stats: new(counters), each: make(map[int32]*passed)} }

// Compress implements [kgo.Compressor].
func (w *written) Compress(
	dst *bytes.Buffer, src []byte, flags ...kgo.CompressFlag,
) ([]byte, kgo.CompressionCodecType) {
	w.pass(src)
	w.stats.uncompressed.Add(uint64(len(src)))
	if w.inner == nil {
		w.stats.compressed.Add(uint64(len(src)))
		return nil, kgo.CodecNone
	}
	out, codec := w.inner.Compress(dst, src, flags...)
	if out != nil && len(out) < len(src) {
		w.stats.compressed.Add(uint64(len(out)))
	} else {
		w.stats.compressed.Add(uint64(len(src))) // franz-go then sends the batch uncompressed
	}
	return out, codec
}

func (w *written) pass(records []byte) {
	partition, known := w.partitionOf(records)
	print := fingerprint(records)
	w.used.Store(true)

	w.mu.Lock()
	defer w.mu.Unlock()
	p := &w.all
	if known {
		if p = w.each[partition]; p == nil {
			p = new(passed)
			w.each[partition] = p
		}
	}
	p.last = w.handed.Load()
	for _, seen := range p.recent {
		if seen == print {
			p.again = p.last
			w.stats.retries.Add(1)
			w.stats.transient.Add(1)
			return
		}
	}
	p.recent[p.next] = print
	p.next = (p.next + 1) % len(p.recent)
}

// maybe reports whether the record with this number can have been in a request.
func (w *written) maybe(partition int32, number uint64) bool {
	if !w.used.Load() {
		return w.stats.requests.Load() > 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.each[partition]
	return number <= w.all.last || p != nil && number <= p.last
}

// repeated reports whether the record with this number can have been in two requests, or behind one
// that was.
func (w *written) repeated(partition int32, number uint64) bool {
	if !w.used.Load() {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.each[partition]
	return number <= w.all.again || p != nil && number <= p.again
}

// doubt makes repeated report true for all records of a partition handed over so far.
func (w *written) doubt(partition int32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.each[partition]; p != nil {
		p.again = w.handed.Load()
	} else {
		w.all.again = w.handed.Load()
	}
}

// forget discards which batches of a partition have passed, because the client has given up all of
// them. A batch that looks like one of them is a new attempt with records that came back.
func (w *written) forget(partition int32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all.recent = [8]uint64{}
	if p := w.each[partition]; p != nil {
		p.recent = [8]uint64{}
	}
}

// placed tells w the number of partitions among which a record is placed.
func (w *written) placed(n int) {
	if was := w.partitions.Load(); was == int32(n) || was == 0 && w.partitions.CompareAndSwap(0,
		int32(n)) {
		return
	}
	w.mixed.Store(true)
}

// partitionOf returns the partition of a batch from the key of its first record.
func (w *written) partitionOf(records []byte) (int32, bool) {
	n := w.partitions.Load()
	if n == 0 || w.mixed.Load() {
		return 0, false
	}
	key, ok := firstKey(records)
	if !ok {
		return 0, false
	}
	return int32(partitionOf(key, int(n))), true
}

// firstKey returns the key of the first record in the records section of a batch (format 2). The
// record has a length, attributes, timestamp delta and offset delta before the key, and the key has
// its own length.
func firstKey(records []byte) ([]byte, bool) {
	rest := records
	varint := func() (int64, bool) {
		v, n := binary.Varint(rest)
		if n <= 0 {
			return 0, false
		}
		rest = rest[n:]
		return v, true
	}
	length, ok := varint()
	if !ok || length < 1 || length > int64(len(rest)) {
		return nil, false
	}
	rest = rest[1:]
	for range 2 {
		if _, ok := varint(); !ok {
			return nil, false
		}
	}
	size, ok := varint()
	if !ok || size < 0 || size > int64(len(rest)) {
		return nil, false
	}
	return rest[:size], true
}

// fingerprint distinguishes batches: records begin with unique identifiers.
func fingerprint(records []byte) uint64 {
	return uint64(len(records))<<32 | uint64(crc32.ChecksumIEEE(records[:min(len(records), 512)]))
}
