package kafka

// queue is an ordered list of records, from which any record can be removed in constant time. It is
// not safe for concurrent use.
type queue struct {
	set         membership
	first, last *record
	length      int
}

// membership names the lists that a record may be in at the same time.
type membership uint8

const (
	inPartition membership = iota // the kept-back batches of a partition
	inDeadline                    // the kept-back batches with one deadline
	memberships
)

// links are the list pointers of a record.
type links struct{ prev, next *record }

func newQueue(set membership) queue { return queue{set: set} }

// push appends r.
func (q *queue) push(r *record) {
	l := &r.links[q.set]
	l.prev, l.next = q.last, nil
	if q.last == nil {
		q.first = r
	} else {
		q.last.links[q.set].next = r
	}
	q.last = r
	q.length++
}

// pushFront puts r before all others.
func (q *queue) pushFront(r *record) {
	l := &r.links[q.set]
	l.prev, l.next = nil, q.first
	if q.first == nil {
		q.last = r
	} else {
		q.first.links[q.set].prev = r
	}
	q.first = r
	q.length++
}

// remove removes r, which must be in q.
func (q *queue) remove(r *record) {
	l := &r.links[q.set]
	if l.prev == nil {
		q.first = l.next
	} else {
		l.prev.links[q.set].next = l.next
	}
	if l.next == nil {
		q.last = l.prev
	} else {
		l.next.links[q.set].prev = l.prev
	}
	*l = links{}
	q.length--
}

// after returns the record behind r, or nil.
func (q *queue) after(r *record) *record { return r.links[q.set].next }
