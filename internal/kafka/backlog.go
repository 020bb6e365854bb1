package kafka

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// backlogs holds, partition by partition, the records that the client gave back although they have
// time left, and those that were sent behind them. franz-go fails all records of a partition with
// the first one that it gives up, and goes on with what comes next; here they wait, keep their
// order, and go again: see [Sender.sendAgain].
//
// mu is a leaf: nothing else is locked, called or waited for under it, so the client's promises may
// take it.
type backlogs struct {
	mu    sync.Mutex
	each  map[int32]*backlog
	count atomic.Int64 // the records that wait
	order atomic.Uint64

	// most is the client's own limit for a record batch before compression. fit is how many bytes
	// of a partition the client may have at once, so that no record batch becomes larger; 0 stands
	// for no such limit. It never has to be lower than floor, which is what the topic takes even if
	// nothing can be compressed; 0 if that is not known.
	most, fit, floor int
	refused          time.Time // when something was last too large
}

// backlog is that of one partition.
type backlog struct {
	partition int32
	waiting   []*record // in order, once sorted is set
	sorted    bool
	inClient  int // the records that the client has, and their bytes
	bytes     int
	shut      bool // a broker has refused something, and all that the client has is coming back
	judging   bool // a record at fault is being divided

	// Of what has come back since records were last handed over:
	err           error
	returned      int
	returnedBytes int

	// how often in a row it came back with what may pass; then one record goes ahead and tries
	failures int
	next     time.Time // when it does
	// how many records go at once while one at fault is looked for; 0: any number
	trial    int
	culprits int // how many were found at fault since the last acknowledgement
}

// growPause is how long after a refusal record batches do not grow. Each try costs one refusal.
const growPause = 30 * time.Second

// limited notes the topic's own limit for a record batch, after compression. What is smaller before
// it fits in any case.
func (b *backlogs) limited(bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bytes -= batchOverhead; bytes > 0 && bytes < b.most {
		b.floor, b.fit = bytes, bytes
	}
}

// batchOverhead is what a record batch has beside its records: 61 bytes, and room.
const batchOverhead = 512

// maxSplits is how many records at fault in a row are still split into events. Where everything is
// refused, that would only multiply the requests.
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

// size is what a record adds to a record batch, roughly and never less.
func (r *record) size() int {
	n := len(r.Key) + len(r.Value) + 40
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value) + 10
	}
	return n
}

// take keeps r if it must not go to the client now, and reports whether it does. Otherwise the
// caller hands it over.
func (b *backlogs) take(r *record) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.order == 0 {
		r.order = b.order.Add(1)
	}
	l := b.of(r.partition.id)
	if u := b.each[unknownPartition]; u != nil && len(u.waiting) > 0 {
		l = u // what was sent before the partitions were known goes first
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

// left notes that r no longer waits.
func (b *backlogs) left(r *record) {
	b.count.Add(-1)
	r.partition.waiting.Add(-1)
}

// admits reports whether r may go to the client beside what it has.
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

// acknowledged notes that brokers have r.
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
		// What compresses well may go in larger batches than the topic's limit says. A refusal
		// halves them again.
		if b.fit += r.size() / 64; b.fit >= b.most {
			b.fit = 0
		}
	}
}

// overtake notes of the records that came back which of them r, acknowledged, was sent behind. Sent
// again they would arrive after it; that matters to readers only where the key is the same.
//
// A refusal is known here before the client acts on it (see [Sender.heard]). This is for what the
// client gives up by itself, while another record is on its way to it.
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

// ended notes that the client has given up r, which does not come back.
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
// first that comes back.
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

// shut notes that a broker has refused records of a partition: the client is going to give back all
// that it has.
func (b *backlogs) shut(partition int32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.of(partition); l.inClient > 0 {
		l.shut = true
	}
}

// next removes the records that are to go to the client now from l, in order. A record that was
// found at fault is returned as culprit instead.
func (b *backlogs) next(
	l *backlog, now time.Time, backoff func(int) time.Duration,
) (ready []*record, culprit *record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if (l.shut || l.err != nil || l.failures > 0) && l.inClient > 0 {
		return nil, nil // the rest is still to come back
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

// judge decides what follows from what has come back. It returns the record at fault if there can
// be only one.
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

// putBack has the parts of the record that next found at fault wait in its place.
func (b *backlogs) putBack(l *backlog, parts ...*record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range parts {
		r.route = l.partition
		b.keep(l, r)
	}
	l.judging, l.sorted = false, false
}

// remove removes the records for which match is true, and returns them in order.
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

// all returns the backlogs in which records wait.
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

// order compares records by when they were sent, and parts of one batch by their events.
func order(a, b *record) int {
	return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.offset, b.offset))
}

func before(a, b *record) bool { return order(a, b) < 0 }
