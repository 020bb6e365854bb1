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

// remove removes l from q. It does nothing if l is in no list or in another one.
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

// hasOther reports whether a lane other than l is in q.
func (q *laneList) hasOther(l *Lane) bool {
	return q.head != nil && (q.head != l || q.tail != l)
}

// batchQueue is a lane's batches in order, linked by next.
type batchQueue struct{ head, tail *Batch }

func (q *batchQueue) push(b *Batch) {
	b.next = nil
	if q.tail == nil {
		q.head = b
	} else {
		q.tail.next = b
	}
	q.tail = b
}

func (q *batchQueue) pop() *Batch {
	b := q.head
	if q.head = b.next; q.head == nil {
		q.tail = nil
	}
	b.next = nil
	return b
}

// batchList is a doubly linked list of batches.
type batchList struct {
	oldest, newest *Batch
	n              int
}

func (q *batchList) push(b *Batch) { q.insert(q.newest, b) }

// insert puts b behind at, or first if at is nil.
func (q *batchList) insert(at, b *Batch) {
	b.older = at
	if at == nil {
		b.newer, q.oldest = q.oldest, b
	} else {
		b.newer, at.newer = at.newer, b
	}
	if b.newer == nil {
		q.newest = b
	} else {
		b.newer.older = b
	}
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

// queueList is a second such list, for the batches that wait.
type queueList struct{ oldest, newest *Batch }

func (q *queueList) push(b *Batch) { q.insert(q.newest, b) }

func (q *queueList) insert(at, b *Batch) {
	b.before = at
	if at == nil {
		b.then, q.oldest = q.oldest, b
	} else {
		b.then, at.then = at.then, b
	}
	if b.then == nil {
		q.newest = b
	} else {
		b.then.before = b
	}
}

func (q *queueList) remove(b *Batch) {
	if b.before == nil {
		q.oldest = b.then
	} else {
		b.before.then = b.then
	}
	if b.then == nil {
		q.newest = b.before
	} else {
		b.then.before = b.before
	}
	b.before, b.then = nil, nil
}

// keptBack are the lanes of a shard that are due and may not send, by what keeps them back.
type keptBack struct {
	byWindow, byPermits, byMemory laneList
	byRoute                       []*laneList
}

// each calls do for every list of lanes that have batches waiting.
func (s *shard) each(do func(*laneList)) {
	do(&s.ready)
	do(&s.waiting)
	do(&s.kept.byWindow)
	do(&s.kept.byPermits)
	do(&s.kept.byMemory)
	for _, q := range s.kept.byRoute {
		do(q)
	}
}
