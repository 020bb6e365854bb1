package chaos

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// audit compares what was read of the topic with what was emitted. Records are added partition by
// partition in their order; partitions may be mixed.
type audit struct {
	threads map[string]*threadAudit
	losses  map[string][]pb.Loss // stated in the topic, by thread
	said    map[string]bool      // message ids of statements
	reducer reduce.Reducer
	wrong   []string       // what must not be, the first of each kind
	counts  map[string]int // of all of it, by kind

	records, messages, duplicates, statements int
}

// threadAudit is what was read of one thread.
type threadAudit struct {
	emitted  uint32
	ids      []uint64 // the end of the message id of each event, by number-1; 0 if it is missing
	sequence uint64   // the last one on the wire
	number   uint32   // the last event
	arrived  int
	holes    []hole
}

// hole is what is missing between two messages of a thread that arrived.
type hole struct {
	first, last uint64 // on the wire
	events      int
	atEnd       bool // after what arrived last: it may have more numbers
}

func newAudit(players []*player) *audit {
	a := &audit{threads: make(map[string]*threadAudit), said: make(map[string]bool),
		losses: make(map[string][]pb.Loss),
		counts: make(map[string]int)}
	for _, p := range players {
		a.threads[p.thread] = &threadAudit{emitted: p.emitted, ids: make([]uint64, p.emitted)}
	}
	return a
}

// violation notes what must not be.
func (a *audit) violation(kind, format string, args ...any) {
	a.counts[kind]++
	if a.counts[kind] <= 5 {
		a.wrong = append(a.wrong, kind+": "+fmt.Sprintf(format, args...))
	}
}

// add adds the value of the next record, which a start of a producer has sent.
func (a *audit) add(value []byte, source reduce.Source) {
	a.records++
	m, err := pb.Decode(value)
	if err != nil {
		a.violation("unreadable record", "%v", err)
		return
	}
	_, _ = a.reducer.AddFrom(source, m) // what it refuses are duplicates, which are counted here
	thread := m.Header().GetThreadId()
	if strings.HasPrefix(thread, pb.ReportThreadPrefix) {
		a.addStatement(m)
		return
	}
	t := a.threads[thread]
	if t == nil {
		a.violation("unknown thread", "%q", thread)
		return
	}
	if batch := m.GetEventBatch(); batch != nil {
		for _, e := range batch.GetEvents() {
			a.addMessage(t, e.GetHeader(), numbersOfEvent(e), e.GetEventType().String())
		}
		return
	}
	a.addMessage(t, m.Header(), numbersOf(m), m.Kind().String())
}

func (a *audit) addMessage(t *threadAudit, h *pb.Header, numbers []uint32, what string) {
	a.messages++
	if len(numbers) == 0 {
		a.violation("message without a number", "%s of %s, sequence %d", what, h.GetThreadId(),
			h.GetSequence())
		return
	}
	id := idOf(h.GetMessageId())
	repeats := 0
	for _, n := range numbers {
		if n == 0 || n > t.emitted {
			a.violation("event never emitted", "%s of %s, number %d", what, h.GetThreadId(), n)
			return
		}
		switch t.ids[n-1] {
		case 0:
		case id:
			repeats++
		default:
			a.violation("arrived twice", "%s %d of %s, with two ids", what, n, h.GetThreadId())
		}
	}
	if repeats > 0 {
		a.duplicates++
		if repeats < len(numbers) {
			a.violation("arrived in part", "%s of %s, %d", what, h.GetThreadId(), numbers)
		}
		return
	}
	a.take(t, h, numbers, id)
}

// take adds a message that did not arrive before.
func (a *audit) take(t *threadAudit, h *pb.Header, numbers []uint32, id uint64) {
	sequence := h.GetSequence()
	for i, n := range numbers {
		t.ids[n-1] = id
		if before := t.number; n <= before {
			a.violation("out of order", "event %d of %s after event %d", n, h.GetThreadId(), before)
		} else if i > 0 && n != before+1 {
			a.violation("out of order", "events %d of %s in one message", numbers, h.GetThreadId())
		} else if i == 0 {
			t.gap(sequence, int(n-before-1))
		}
		t.number = max(t.number, n)
	}
	t.arrived += len(numbers)
	if sequence <= t.sequence {
		a.violation("out of order", "sequence %d of %s after %d", sequence, h.GetThreadId(),
			t.sequence)
	}
	t.sequence = max(t.sequence, sequence)
}

// gap notes what is missing before a message.
func (t *threadAudit) gap(sequence uint64, events int) {
	if events > 0 || sequence > t.sequence+1 {
		t.holes = append(t.holes, hole{first: t.sequence + 1, last: sequence - 1,
			events: events})
	}
}

// end adds what is missing at the end of each thread, and checks that gaps are where losses are: a
// lost event leaves out one number, and tokens that were sent together do so together.
func (a *audit) end() {
	for id, t := range a.threads {
		for _, h := range t.holes {
			if missing := int(h.last - h.first + 1); missing > h.events ||
				h.events > 0 && missing <= 0 {
				a.violation("gap that is no loss", "%s lost %d events at %d..%d", id, h.events,
					h.first, h.last)
			}
		}
		if left := int(t.emitted - t.number); left > 0 {
			t.holes = append(t.holes, hole{first: t.sequence + 1, last: math.MaxUint64,
				events: left, atEnd: true})
		}
	}
}

// missing returns how many events of the threads are not in the topic.
func (t *threadAudit) missing() int { return int(t.emitted) - t.arrived }

// idOf returns the random half of a message id, which is never 0.
func idOf(id []byte) uint64 {
	if len(id) != pb.MessageIDBytes {
		return 1
	}
	return binary.BigEndian.Uint64(id[8:]) | 1
}

// silence is a time in which no record was appended to a partition.
type silence struct {
	partition  int32
	began, end time.Time
}

func (s silence) lasts() time.Duration { return s.end.Sub(s.began) }

// reduced returns how many missing numbers the reducer calls unexplained, now that everything was
// read.
func (a *audit) reduced() (numbers uint64) {
	for t := range a.reducer.Threads() {
		losses := t.Losses()
		numbers += losses.Unexplained + losses.Pending
	}
	for _, losses := range a.reducer.Unseen() {
		numbers += losses.Unexplained + losses.Pending
	}
	return numbers
}
