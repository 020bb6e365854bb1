package view

import (
	"container/list"

	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
)

// Message is a record as it is kept: what is needed to show its thread as it was at any moment.
type Message struct {
	Value  []byte // in the form of intake; nil if the record did not decode
	Source reduce.Source
	Time   int64 // the record's, in µs
	Parts  []intake.Part
	// Failure is set if the record did not decode. Its thread is that of the record's key.
	Failure   *intake.Failure
	Partition int32
	Offset    int64
}

func (m *Message) bytes() int { return len(m.Value) + 160 + 64*len(m.Parts) }

// Store keeps the messages of threads, in their order, within bounds of its own. It is keyed by
// thread, so that an index on disk can take the place of memory.
type Store interface {
	// Append adds a message to a thread, and returns the threads that had to be removed for it.
	Append(thread string, m Message) (removed []string)
	// Read returns what is kept of a thread, and whether that is everything that was appended.
	// What is returned is never changed.
	Read(thread string) (messages []Message, whole bool)
	// Bytes returns the size of all, and the limit.
	Bytes() (used, limit int)
}

// memory is a Store in memory. The threads that were quiet for longest are removed first.
type memory struct {
	limit, perThread, used int
	threads                map[string]*list.Element // of *kept
	recent                 list.List
}

type kept struct {
	thread   string
	messages []Message
	bytes    int
	cut      bool
}

// NewMemory returns a Store that keeps at most about limit bytes, and of one thread a sixteenth of
// that.
func NewMemory(limit int) Store {
	return &memory{limit: limit, perThread: max(limit/16, 64<<10),
		threads: map[string]*list.Element{}}
}

func (s *memory) Append(thread string, m Message) (removed []string) {
	const own = 512 // of a thread without a message
	e := s.threads[thread]
	if e == nil {
		e = s.recent.PushFront(&kept{thread: thread, bytes: own})
		s.threads[thread] = e
		s.used += own
	}
	s.recent.MoveToFront(e)
	k := e.Value.(*kept)
	k.messages = append(k.messages, m)
	k.bytes += m.bytes()
	s.used += m.bytes()
	if k.bytes > s.perThread {
		s.shorten(k)
	}
	for s.used > s.limit && s.recent.Len() > 1 {
		old := s.recent.Remove(s.recent.Back()).(*kept)
		delete(s.threads, old.thread)
		s.used -= old.bytes
		removed = append(removed, old.thread)
	}
	return removed
}

// shorten removes the older half of a thread's messages. Readers may hold the slice, so it is
// copied.
func (s *memory) shorten(k *kept) {
	n, freed := 0, 0
	for freed < k.bytes/2 && n < len(k.messages)-1 {
		freed += k.messages[n].bytes()
		n++
	}
	k.messages = append([]Message(nil), k.messages[n:]...)
	k.bytes -= freed
	s.used -= freed
	k.cut = true
}

func (s *memory) Read(thread string) (messages []Message, whole bool) {
	e := s.threads[thread]
	if e == nil {
		return nil, false
	}
	k := e.Value.(*kept)
	return k.messages[:len(k.messages):len(k.messages)], !k.cut
}

func (s *memory) Bytes() (used, limit int) { return s.used, s.limit }
