package batching

// laneList is a doubly linked list of lanes; a lane is in one list at most.
type laneList struct{ head, tail *Lane }

func (q *laneList) push(l *Lane) {
	l.list, l.prev, l.succ = q, q.tail, nil
	if q.tail == nil {
		q.head = l
	} else {
		q.tail.succ = l
	}
	q.tail = l
}

func (q *laneList) pushFront(l *Lane) {
	l.list, l.prev, l.succ = q, nil, q.head
	if q.head == nil {
		q.tail = l
	} else {
		q.head.prev = l
	}
	q.head = l
}

// remove takes l out of q; a lane that is in no list or in another one is left alone.
func (q *laneList) remove(l *Lane) {
	if l.list != q {
		return
	}
	if l.prev == nil {
		q.head = l.succ
	} else {
		l.prev.succ = l.succ
	}
	if l.succ == nil {
		q.tail = l.prev
	} else {
		l.succ.prev = l.prev
	}
	l.list, l.prev, l.succ = nil, nil, nil
}

// batchList is a doubly linked list of batches.
type batchList struct {
	oldest, newest *Batch
	n              int
}

func (q *batchList) push(b *Batch) {
	b.older, b.newer = q.newest, nil
	if q.newest == nil {
		q.oldest = b
	} else {
		q.newest.newer = b
	}
	q.newest = b
	q.n++
}

func (q *batchList) remove(b *Batch) {
	if b.older == nil {
		q.oldest = b.newer
	} else {
		b.older.newer = b.newer
	}
	if b.newer == nil {
		q.newest = b.older
	} else {
		b.newer.older = b.older
	}
	b.older, b.newer = nil, nil
	q.n--
}
