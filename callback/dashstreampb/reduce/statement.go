package reduce

import (
	"container/list"
	"errors"
	"iter"
	"strconv"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Statements counts the statements of losses that were added.
type Statements struct {
	// Taken and Duplicates count statements, Refused counts losses that were malformed, and
	// statements without a message_id.
	Taken, Duplicates, Refused uint64
	// Missing is how many statements are missing between those seen, by their numbers. Each missing
	// one may leave gaps unexplained.
	Missing uint64
	// Forgotten is how many losses were forgotten because a limit was reached.
	Forgotten uint64
}

// The limits of what is stored for all statements.
const (
	maxStatementIDs  = 1 << 14
	maxStaters       = 1024 // starts of producers whose statements' numbers are followed
	unseenBytesShare = 8    // of MaxBytes, for threads of which no message was seen
)

// statements is what is known about the statements.
type statements struct {
	counts  Statements
	ids     idSet
	numbers map[Source]*numbers
	staters []Source // the oldest first

	unseen      map[string]*list.Element // of *unseenThread
	recent      list.List                // the last one stated is in front
	unseenBytes int
}

// unseenThread is a thread of which losses are stated, and no message was seen.
type unseenThread struct {
	id     string
	ledger *ledger
	bytes  int
}

// Statements returns what is known about the statements of losses that were added.
func (r *Reducer) Statements() Statements { return r.statements.counts }

// Unseen returns the threads of which losses are stated and no message is known, with what was
// lost, the one that was stated last first. Their number is limited like that of threads, and their
// memory to an eighth of MaxBytes.
func (r *Reducer) Unseen() iter.Seq2[string, Losses] {
	return func(yield func(string, Losses) bool) {
		for e := r.statements.recent.Front(); e != nil; e = e.Next() {
			if u := e.Value.(*unseenThread); !yield(u.id, u.ledger.unseen()) {
				return
			}
		}
	}
}

// state takes a statement of losses.
func (r *Reducer) state(h *pb.Header, m *pb.Metrics) (Change, error) {
	s := &r.statements
	id := idOf(h.GetMessageId())
	switch {
	case id == ID{}:
		s.counts.Refused++
		return Change{Refused: 1}, &Refusal{Reason: ReasonNoMessageID, Thread: h.GetThreadId()}
	case s.ids.has(id):
		s.counts.Duplicates++
		return Change{Duplicates: 1}, nil
	}
	s.ids.add(id, maxStatementIDs)
	s.counts.Taken++
	source := Source{Producer: m.GetScopeId(), Epoch: m.GetTags()["epoch"]}
	s.count(source, m.GetTags()[pb.LossNumberTag])
	losses, err := pb.Losses(m)
	for _, l := range losses {
		r.take(source, l)
	}
	change := Change{Applied: 1, Losses: len(losses)}
	if refused, ok := errors.AsType[*pb.LossError](err); ok {
		s.counts.Refused += uint64(refused.Refused)
		change.Refused = refused.Refused
		return change, &Refusal{Reason: ReasonBadStatement, Thread: h.GetThreadId(), Err: err}
	}
	return change, nil
}

// count follows the numbers of a producer's statements.
func (s *statements) count(source Source, tag string) {
	number, err := strconv.ParseUint(tag, 10, 64)
	if err != nil || number == 0 {
		return
	}
	n := s.numbers[source]
	if n == nil {
		if len(s.staters) >= maxStaters {
			delete(s.numbers, s.staters[0])
			s.staters = s.staters[1:]
		}
		if s.numbers == nil {
			s.numbers = map[Source]*numbers{}
		}
		n = new(numbers)
		s.numbers[source] = n
		s.staters = append(s.staters, source)
	}
	before := n.missing
	if n.place(number) != placeTaken {
		n.take(number)
	}
	s.counts.Missing += n.missing - before // less than before if it fills a gap
}

// take adds a loss to its thread.
func (r *Reducer) take(source Source, l pb.Loss) {
	s := &r.statements
	if t := r.Thread(l.Thread); t != nil {
		s.counts.Forgotten += uint64(t.ledger.add(source, l))
		r.settle(t)
		return
	}
	e := s.unseen[l.Thread]
	if e == nil {
		if s.unseen == nil {
			s.unseen = map[string]*list.Element{}
		}
		e = s.recent.PushFront(&unseenThread{id: l.Thread, ledger: new(ledger)})
		s.unseen[l.Thread] = e
	} else {
		s.recent.MoveToFront(e)
	}
	u := e.Value.(*unseenThread)
	s.counts.Forgotten += uint64(u.ledger.add(source, l))
	before := u.bytes
	u.bytes = 256 + len(u.id) + u.ledger.bytes
	s.unseenBytes += u.bytes - before
	for s.recent.Len() > limit(r.MaxThreads, DefaultMaxThreads) || s.recent.Len() > 1 &&
		s.unseenBytes > limit(r.MaxBytes, DefaultMaxBytes)/unseenBytesShare {
		oldest := s.recent.Back().Value.(*unseenThread)
		s.counts.Forgotten += uint64(s.see(oldest.id).count)
	}
}

// see returns what was stated of a thread, which is no longer an unseen one.
func (s *statements) see(id string) *ledger {
	e := s.unseen[id]
	if e == nil {
		return new(ledger)
	}
	delete(s.unseen, id)
	u := s.recent.Remove(e).(*unseenThread)
	s.unseenBytes -= u.bytes
	return u.ledger
}
