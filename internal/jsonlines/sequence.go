package jsonlines

import "container/list"

// maxThreads bounds the threads whose numbers are remembered. The one that was quiet for longest is
// forgotten, and starts afresh.
const maxThreads = 100_000

// Sequences finds gaps in threads. A thread is in order only within a partition: when a topic gets
// more partitions, a thread may continue in another one, which is read at another pace. Create one
// with [NewSequences]; it is not safe for concurrent use.
type Sequences struct {
	limit int
	byID  map[lane]*list.Element
	order list.List // of *position, the one that was quiet for longest first
}

// lane is a thread in a partition.
type lane struct {
	thread    string
	partition int32
}

type position struct {
	lane lane
	last uint64 // the highest number seen
}

// mark is what was known of a thread at some point; last is 0 if nothing was.
type mark position

func (s *Sequences) mark(thread string, partition int32) mark {
	l := lane{thread, partition}
	if e := s.byID[l]; e != nil {
		return mark(*e.Value.(*position))
	}
	return mark{lane: l}
}

// reset restores the state of a mark. A thread of which nothing was known counts as one at its
// beginning.
func (s *Sequences) reset(m mark) {
	if e := s.byID[m.lane]; e != nil {
		e.Value.(*position).last = m.last
	}
}

// NewSequences returns Sequences that have seen nothing.
func NewSequences() *Sequences {
	return &Sequences{limit: maxThreads, byID: map[lane]*list.Element{}}
}

// Jump says what is remarkable about a number. The zero value: nothing.
type Jump struct {
	// From and To are the range of numbers that were skipped; 0 for none.
	From, To uint64
	// After is the higher number seen before this one; 0 for none.
	After uint64
}

// See takes a thread's next number in a partition. It accepts the first number of a thread as it
// is, and always 0, which stands for no number.
func (s *Sequences) See(thread string, partition int32, n uint64) Jump {
	if n == 0 {
		return Jump{}
	}
	l := lane{thread, partition}
	e := s.byID[l]
	if e == nil {
		s.byID[l] = s.order.PushBack(&position{l, n})
		if s.order.Len() > s.limit {
			delete(s.byID, s.order.Remove(s.order.Front()).(*position).lane)
		}
		return Jump{}
	}
	s.order.MoveToBack(e)
	p := e.Value.(*position)
	last := p.last
	switch {
	case n <= last:
		return Jump{After: last}
	case n > last+1:
		p.last = n
		return Jump{From: last + 1, To: n - 1}
	}
	p.last = n
	return Jump{}
}
