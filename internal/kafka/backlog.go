package kafka

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// backlogs stores, by partition, the records that the client gave back before their deadlines, and
// those sent behind them. franz-go fails all records of a partition with the first one that it
// gives up, and continues with what comes next. Here they wait, keep their order, and are sent
// again: see [Sender.sendAgain].
//
// mu is a leaf lock: while it is held, no other lock is taken, nothing else is called, and nothing
// is waited for. So the client's promises may take it.
type backlogs struct {
	mu    sync.Mutex
	each  map[int32]*backlog
	count atomic.Int64 // number of waiting records
	order atomic.Uint64

	// most is the client's own limit for a record batch before compression. fit is how many bytes
	// of one partition the client may have at once, so that no record batch becomes larger; 0 means
	// no such limit. It need not go below floor, which the topic accepts even if nothing can be
	// compressed; 0 if that is unknown.
	most, fit, floor int
	refused          time.Time // when something was last too large
}

// backlog is the backlog of one partition.
type backlog struct {
	partition int32
	waiting   []*record // in order if sorted is set
	sorted    bool
	inClient  int // the number and size of the records that the client has
	bytes     int
	shut      bool // a broker has rejected something, and all that the client has is coming back
	judging   bool // a record at fault is being divided

	// About the records that came back since records were last handed over:
	err           error
	returned      int
	returnedBytes int

	// how often in a row records came back with an error that may pass; then one record is tried
	// first
	failures int
	next     time.Time // when it is tried
	// how many records are sent at once while a record at fault is searched for; 0: any number
	trial    int
	culprits int // how many were found at fault since the last acknowledgement
}

// growPause is how long record batches do not grow after one was rejected as too large. Each
// attempt to grow may cost another rejection.
const growPause = 30 * time.Second

// limited records the topic's own limit for a record batch, after compression. What is smaller
// before compression always fits.
func (b *backlogs) limited(bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bytes -= batchOverhead; bytes > 0 && bytes < b.most {
		b.floor, b.fit = bytes, bytes
	}
}

// batchOverhead is the size of a record batch besides its records: 61 bytes, rounded up generously.
const batchOverhead = 512

// maxSplits is how many records at fault in a row are split into events. If everything is rejected,
// splitting would only multiply the requests.
const maxSplits = 64

func newBacklogs(most int) backlogs { return backlogs{each: make(map[int32]*backlog), most: most} }

func (b *backlogs) of(partition int32) *backlog {
	l := b.each[partition]
	if l == nil {
		l = &backlog{partition: partition}
		b.each[partition] = l
	}
	return l
}

// size is an upper estimate of what a record adds to a record batch.
func (r *record) size() int {
	n := len(r.Key) + len(r.Value) + 40
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value) + 10
	}
	return n
}

// take keeps r if it must not be handed to the client now, and reports whether it did. Otherwise
// the caller hands it over.
func (b *backlogs) take(r *record) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.order == 0 {
		r.order = b.order.Add(1)
	}
	l := b.of(r.partition.id)
	if u := b.each[unknownPartition]; u != nil && len(u.waiting) > 0 {
		l = u // records sent before the partitions were known come first
	}
	r.route = l.partition
	if l.shut || l.judging || l.failures > 0 || l.err != nil || len(l.waiting) > 0 ||
		!l.admits(r, b.fit) {
		b.keep(l, r)
		return true
	}
	l.hand(r)
	return false
}

func (b *backlogs) keep(l *backlog, r *record) {
	l.sorted = l.sorted && (len(l.waiting) == 0 || !before(r, l.waiting[len(l.waiting)-1]))
	l.waiting = append(l.waiting, r)
	b.count.Add(1)
	r.partition.waiting.Add(1)
}

// left records that r no longer waits.
func (b *backlogs) left(r *record) {
	b.count.Add(-1)
	r.partition.waiting.Add(-1)
}

// admits reports whether r may be handed to the client in addition to what it has.
func (l *backlog) admits(r *record, fit int) bool {
	switch {
	case l.inClient == 0:
		return true
	case l.failures > 0, l.trial > 0 && l.inClient >= l.trial:
		return false
	}
	return fit == 0 || l.bytes+r.size() <= fit
}

func (l *backlog) hand(r *record) {
	l.inClient++
	l.bytes += r.size()
}

// acknowledged records that brokers have r.
func (b *backlogs) acknowledged(r *record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.gone(r)
	l.overtake(r)
	l.failures, l.culprits = 0, 0
	if l.inClient == 0 && l.trial > 0 {
		if l.trial *= 2; len(l.waiting) == 0 {
			l.trial = 0
		}
	}
	if b.fit > 0 && time.Since(b.refused) > growPause {
		// Batches that compress well may be larger than the topic's limit before compression. A
		// rejection halves them again.
		if b.fit += r.size() / 64; b.fit >= b.most {
			b.fit = 0
		}
	}
}

// overtake marks the records that came back and that r, now acknowledged, was sent behind. Sent
// again, they would arrive after r. Readers notice that only if the key is the same.
//
// A rejection is known here before the client acts on it (see [Sender.heard]). This method is for
// records that the client gives up by itself while another one is on its way to it.
func (l *backlog) overtake(r *record) {
	if l.returned == 0 {
		return
	}
	for _, w := range l.waiting {
		if w.returned && before(w, r) && bytes.Equal(w.Key, r.Key) {
			w.overtaken = true
		}
	}
}

// ended records that the client has given up r, which does not come back.
func (b *backlogs) ended(r *record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone(r)
}

func (b *backlogs) gone(r *record) *backlog {
	l := b.of(r.route)
	l.inClient--
	l.bytes -= r.size()
	return l
}

// giveBack takes r back from the client, which failed it with err, and reports whether it is the
// first one to come back.
func (b *backlogs) giveBack(r *record, err error) (first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.gone(r)
	l.err = err
	l.returned++
	l.returnedBytes += r.size()
	r.returned = true
	b.keep(l, r)
	return l.returned == 1
}

// shut records that a broker has rejected records of a partition: the client will give back
// everything that it has.
func (b *backlogs) shut(partition int32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.of(partition); l.inClient > 0 {
		l.shut = true
	}
}

// next removes the records from l that can be handed to the client now, and returns them in order.
// A record found to be at fault is returned as culprit instead.
func (b *backlogs) next(
	l *backlog, now time.Time, backoff func(int) time.Duration,
) (ready []*record, culprit *record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if (l.shut || l.err != nil || l.failures > 0) && l.inClient > 0 {
		return nil, nil // the rest has yet to come back
	}
	l.shut = false
	if len(l.waiting) == 0 {
		return nil, nil
	}
	if !l.sorted {
		slices.SortStableFunc(l.waiting, order)
		l.sorted = true
	}
	if l.err != nil {
		if culprit = b.judge(l, now, backoff); culprit != nil {
			return nil, culprit
		}
	}
	if now.Before(l.next) {
		return nil, nil
	}
	n := 0
	for n < len(l.waiting) && l.admits(l.waiting[n], b.fit) {
		l.waiting[n].returned = false
		l.hand(l.waiting[n])
		n++
	}
	ready = slices.Clone(l.waiting[:n])
	l.waiting = slices.Delete(l.waiting, 0, n)
	for _, r := range ready {
		b.left(r)
	}
	return ready, nil
}

// judge decides what to do about the records that came back. If only one record can be at fault, it
// returns that one.
func (b *backlogs) judge(
	l *backlog, now time.Time, backoff func(int) time.Duration,
) (culprit *record) {
	err, n, size := l.err, l.returned, l.returnedBytes
	l.err, l.returned, l.returnedBytes = nil, 0, 0
	if verdictOn(err) != faulty {
		l.failures++
		l.next = now.Add(backoff(l.failures))
		return nil
	}
	l.failures, l.next = 0, time.Time{}
	if n > 1 {
		l.trial = n / 2
		if half := max(min(size, b.most)/2, b.floor); tooLarge(err) &&
			(b.fit == 0 || half < b.fit) {
			b.fit, b.refused = half, now
			if half < size {
				l.trial = 0 // smaller batches are enough
			}
		}
		return nil
	}
	for i, r := range l.waiting {
		if r.returned {
			l.waiting = slices.Delete(l.waiting, i, i+1)
			b.left(r)
			l.trial = max(l.trial, 1)
			l.culprits++
			l.judging = true
			return r
		}
	}
	return nil
}

// putBack puts the parts of the record at fault that next returned in its place.
func (b *backlogs) putBack(l *backlog, parts ...*record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range parts {
		b.place(l, r)
	}
	l.judging = false
}

// move has a record that no other backlog has wait in l.
func (b *backlogs) move(l *backlog, r *record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.place(l, r)
}

func (b *backlogs) place(l *backlog, r *record) {
	r.route = l.partition
	b.keep(l, r)
}

// remove removes the records for which match returns true, and returns them in order.
func (b *backlogs) remove(match func(*record) bool) (out []*record) {
	if b.count.Load() == 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.each {
		kept := l.waiting[:0]
		for _, r := range l.waiting {
			if match(r) {
				out = append(out, r)
				b.left(r)
				if r.returned && l.returned > 0 {
					l.returned--
					l.returnedBytes -= r.size()
				}
			} else {
				kept = append(kept, r)
			}
		}
		clear(l.waiting[len(kept):])
		l.waiting = kept
		if len(kept) == 0 {
			l.err, l.returned, l.returnedBytes = nil, 0, 0
		}
	}
	slices.SortStableFunc(out, order)
	return out
}

// empty removes all records from l, in order.
func (b *backlogs) empty(l *backlog) []*record {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := l.waiting
	slices.SortStableFunc(out, order)
	for _, r := range out {
		b.left(r)
	}
	l.waiting, l.err, l.returned, l.returnedBytes, l.failures, l.trial = nil, nil, 0, 0, 0, 0
	return out
}

// lane returns the backlog of a partition.
func (b *backlogs) lane(partition int32) *backlog {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.of(partition)
}

// all returns the backlogs that have waiting records.
func (b *backlogs) all() (out []*backlog) {
	if b.count.Load() == 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.each {
		if len(l.waiting) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// order compares records by the time they were sent, and parts of one batch by their events.
func order(a, b *record) int {
	return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.offset, b.offset))
}

func before(a, b *record) bool { return order(a, b) < 0 }
