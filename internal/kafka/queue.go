package kafka

import "sync/atomic"

// queue is a list of records in order. It is not safe for concurrent use, but its length may be read at any time.
type queue struct {
	first, last *record
	length      atomic.Int64
}

func (q *queue) push(r *record) {
	if q.last == nil {
		q.first = r
	} else {
		q.last.next = r
	}
	q.last = r
	q.length.Add(1)
}

// pop removes the first record. The queue must not be empty.
func (q *queue) pop() *record {
	r := q.first
	q.first, r.next = r.next, nil
	if q.first == nil {
		q.last = nil
	}
	q.length.Add(-1)
	return r
}

// take removes the records that match, and returns them as a list in their order.
func (q *queue) take(match func(*record) bool) *record {
	var kept, taken queue
	for q.first != nil {
		if r := q.pop(); match(r) {
			taken.push(r)
		} else {
			kept.push(r)
		}
	}
	q.first, q.last = kept.first, kept.last
	q.length.Store(kept.length.Load())
	return taken.first
}
