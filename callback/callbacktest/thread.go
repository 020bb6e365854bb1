package callbacktest

import (
	"cmp"
	"slices"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// messageID is the message_id of a start.
type messageID [pb.MessageIDBytes]byte

// thread is what the checker knows of a thread.
type thread struct {
	id        string
	partition int32

	begun   bool
	late    bool // what came before was not seen
	first   uint64
	last    uint64
	gaps    []span // in order, apart from each other
	missing uint64 // the numbers in gaps

	open map[messageID]*start
	// ids of what may have been lost; true if it has ended, or its end may be what was lost
	excused map[string]bool
	writer  messageID // the GRAPH_START of the run that wrote the state last
	epoch   string    // of a producer's reports: that of the last one, whose number is last
}

type span struct{ from, to uint64 }

// start is a start that has not ended.
type start struct {
	event    pb.EventType
	node     string
	sequence uint64
	parent   []byte
	waits    bool // of a graph: for a human, or to be taken as ended
}

func newThread(id string, partition int32) *thread {
	return &thread{id: id, partition: partition, open: map[messageID]*start{},
		excused: map[string]bool{}}
}

// isReport says whether a producer reports on itself in the thread.
func (t *thread) isReport() bool { return strings.HasPrefix(t.id, pb.ReportThreadPrefix) }

// place is where a number falls.
type place int

const (
	placeNext   place = iota // behind all others
	placeFilled              // into a gap
	placeTaken               // onto another message
	placeBefore              // in front of the first one that was seen
)

// place takes a number, and returns the highest one before it.
func (t *thread) place(number uint64, fromMiddle bool) (after uint64, _ place) {
	after = t.last
	if !t.begun {
		t.begun = true
		if fromMiddle && number > 1 {
			t.late, t.first, t.last = true, number, number
			return after, placeNext
		}
	}
	if number > t.last {
		if number > t.last+1 {
			t.gaps = append(t.gaps, span{t.last + 1, number - 1})
			t.missing += number - t.last - 1
		}
		t.last = number
		return after, placeNext
	}
	if number < t.first {
		return after, placeBefore
	}
	if t.fill(number) {
		return after, placeFilled
	}
	return after, placeTaken
}

// fill takes a number out of the gaps, and reports whether it was in one.
func (t *thread) fill(number uint64) bool {
	i, found := slices.BinarySearchFunc(t.gaps, number, func(s span, n uint64) int {
		switch {
		case s.to < n:
			return -1
		case s.from > n:
			return 1
		}
		return 0
	})
	if !found {
		return false
	}
	var rest []span
	if s := t.gaps[i]; s.from < number {
		rest = append(rest, span{s.from, number - 1})
	}
	if s := t.gaps[i]; s.to > number {
		rest = append(rest, span{number + 1, s.to})
	}
	t.gaps = slices.Replace(t.gaps, i, i+1, rest...)
	t.missing--
	return true
}

// excuse reports whether what never came may have been lost with one of the missing numbers, or
// came before the thread was seen. ended says that what has the id has ended.
func (t *thread) excuse(id []byte, ended bool) bool {
	if t.late {
		return true
	}
	if _, ok := t.excused[string(id)]; !ok {
		if uint64(len(t.excused)) >= t.missing {
			return false
		}
		t.excused[string(id)] = false
	}
	if ended {
		t.excused[string(id)] = true
	}
	return true
}

// unended lists the nodes and graphs that run, but for as many as missing numbers may have ended.
func (t *thread) unended() []Unended {
	var list []Unended
	for _, s := range t.open {
		switch {
		case s.event == pb.EventType_EVENT_TYPE_GRAPH_START && !s.waits,
			s.event == pb.EventType_EVENT_TYPE_NODE_START:
			list = append(list, Unended{t.id, s.sequence, s.event.String(), s.node})
		}
	}
	slices.SortFunc(list, func(a, b Unended) int { return cmp.Compare(a.Sequence, b.Sequence) })
	lost := t.missing - min(t.missing, uint64(len(t.excused)))
	return list[min(uint64(len(list)), lost):]
}

// writerOf returns the GRAPH_START of the outermost graph around a message, if all between them
// run.
func (t *thread) writerOf(parent []byte) (_ messageID, ok bool) {
	for range len(t.open) {
		if len(parent) != pb.MessageIDBytes {
			return messageID{}, false
		}
		id := messageID(parent)
		s := t.open[id]
		if s == nil {
			return messageID{}, false
		}
		if len(s.parent) == 0 {
			return id, s.event == pb.EventType_EVENT_TYPE_GRAPH_START
		}
		parent = s.parent
	}
	return messageID{}, false
}
