package callbacktest

import (
	"cmp"
	"slices"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// messageID is the message_id of a start.
type messageID [pb.MessageIDBytes]byte

// thread is the checker's state of a thread.
type thread struct {
	id        string
	partition int32

	begun   bool
	late    bool // earlier messages were not seen
	first   uint64
	last    uint64
	gaps    []span // in order, not adjacent
	missing uint64 // the count of numbers in gaps

	open map[messageID]*start
	// ids of starts that may have been lost; true if it has ended, or its end may be what was lost
	excused map[string]bool
	writer  messageID // the GRAPH_START of the run that wrote the state last
	epoch   string    // for in-band reports: that of the last report, whose number is last
}

type span struct{ from, to uint64 }

// start is a start that has not ended.
type start struct {
	event    pb.EventType
	node     string
	sequence uint64
	parent   []byte
	waits    bool // for a graph: waits for a human, or counts as ended
}

func newThread(id string, partition int32) *thread {
	return &thread{id: id, partition: partition, open: map[messageID]*start{},
		excused: map[string]bool{}}
}

// isReport reports whether the thread is that of a producer's in-band reports.
func (t *thread) isReport() bool { return strings.HasPrefix(t.id, pb.ReportThreadPrefix) }

// place is the position of a number.
type place int

const (
	placeNext   place = iota // after all others
	placeFilled              // in a gap
	placeTaken               // the number of another message
	placeBefore              // before the first one that was seen
)

// place places a number, and returns the highest one before it.
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

// fill removes a number from the gaps, and reports whether it was in one.
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

// excuse reports whether a start that never came may have been lost with one of the missing
// numbers, or came before the thread was seen. ended says that the start with that id has ended.
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

// unended lists the running nodes and graphs, minus as many as may have ended with missing numbers;
// atEnd is how many are missing after the last one.
func (t *thread) unended(atEnd uint64) []Unended {
	var list []Unended
	for _, s := range t.open {
		switch {
		case s.event == pb.EventType_EVENT_TYPE_GRAPH_START && !s.waits,
			s.event == pb.EventType_EVENT_TYPE_NODE_START:
			list = append(list, Unended{t.id, s.sequence, s.event.String(), s.node})
		}
	}
	slices.SortFunc(list, func(a, b Unended) int { return cmp.Compare(a.Sequence, b.Sequence) })
	lost := t.missing + atEnd
	lost -= min(lost, uint64(len(t.excused)))
	return list[min(uint64(len(list)), lost):]
}

// writerOf returns the GRAPH_START of the outermost graph around a message, if everything between
// them is running.
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
