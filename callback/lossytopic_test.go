package callback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// lossyTopic is a Sender that acts as a topic of one partition with a reader. It decides what
// happens to a batch when it is sent, so batches arrive in the order of sending, as with an
// idempotent producer. How a batch ended is reported later, in any order: a batch may fail after
// later ones were acknowledged. It knows what the application has set, and checks the reader and
// the client against that.
type lossyTopic struct {
	t       *testing.T
	seed    uint64
	stats   *scheduleStats
	sources bool    // the reader knows the sources of records
	lossy   float64 // the fraction of batches that are not acknowledged, though half of them arrive

	mu      sync.Mutex
	rand    *rand.Rand
	well    bool // nothing is lost any more, and all batches are acknowledged at once
	pending []*answerable
	log     [][]byte // the last values that arrived
	headers [][]batching.Header
	reader  reduce.Reducer
	threads map[string]*threadOfTopic
}

// answerable is a batch for which done was not called yet.
type answerable struct {
	batch *batching.Batch
	done  func(*batching.Batch, error)
	err   error
	key   string
}

// threadOfTopic is what the topic knows about a thread.
type threadOfTopic struct {
	said []saying
	sent uint64 // the last number sent
	// since when, in µs, the client has known of a loss without sending a whole state; 0 otherwise
	mustWhole int64
	read      uint64 // the last number that arrived
	at        int64  // the time of the last message that arrived
	lost      bool   // something was lost after the last whole state
	shown     bool   // a state has arrived
	unseen    bool   // numbering has restarted, and nothing has arrived since
	expected  uint64 // the number that the reader expected then
	// chance says that the first message to arrive after numbering restarted happens to have the
	// number that the reader expected. What came before it was lost, and no reader can see that. It
	// lasts until a whole state comes.
	chance bool
}

// saying is a state that the application has set, and when.
type saying struct {
	micros int64
	state  []byte // canonical
}

func newLossyTopic(t *testing.T, seed uint64, stats *scheduleStats) *lossyTopic {
	return &lossyTopic{
		t: t, seed: seed, stats: stats, sources: seed%2 == 0, rand: rand.New(rand.NewPCG(seed, 12)),
		threads: map[string]*threadOfTopic{},
	}
}

func (s *lossyTopic) thread(id string) *threadOfTopic {
	t := s.threads[id]
	if t == nil {
		t = &threadOfTopic{}
		s.threads[id] = t
	}
	return t
}

// bring records a state that the application is about to set.
func (s *lossyTopic) bring(id string, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, err := json.Marshal(value)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := statediff.Canonical(nil, raw)
	if err != nil {
		s.t.Fatal(err)
	}
	t := s.thread(id)
	t.said = append(t.said, saying{time.Now().UnixMicro(), text})
}

// anew records that the next client will number the thread from the beginning, because it does not
// know it. To a reader, that is as uncertain as a loss.
func (s *lossyTopic) anew(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.thread(id)
	if !t.unseen {
		t.expected = t.read + 1
	}
	t.sent, t.read, t.lost, t.unseen = 0, 0, true, true
}

// state returns the last state set by the application that the reader may know of.
func (s *lossyTopic) state(id string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.thread(id).state()
}

func (t *threadOfTopic) state() (state []byte) {
	for _, x := range t.said {
		if x.micros <= t.at {
			state = x.state
		}
	}
	return state
}

// Send implements batching.Sender.
func (s *lossyTopic) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	if b.Lane() == nil { // a statement of losses, which is no message of a thread
		done(b, nil)
		return
	}
	s.mu.Lock()
	a := &answerable{batch: b, done: done, key: string(b.Key)}
	m, err := pb.Decode(b.Value)
	if err != nil {
		s.fail("what is sent does not decode: %v", err)
	}
	s.checkSent(s.thread(a.key), m)
	arrives := true
	switch n := s.rand.IntN(4); {
	case s.well || s.rand.Float64() >= s.lossy:
	case n == 0:
		arrives, a.err = false, &batching.SendError{Outcome: batching.Dropped,
			Reason: batching.Rejected, Err: errors.New("refused")}
		s.stats.Refused++
	default:
		arrives, a.err = n > 1, &batching.SendError{Outcome: batching.Unacknowledged,
			Err: errors.New("no answer")}
		s.stats.Unsure++
	}
	if arrives {
		// they belong to the batch, which is reused
		s.arrive(bytes.Clone(b.Value), slices.Clone(b.Headers))
	}
	if !s.well {
		s.pending = append(s.pending, a)
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	done(b, nil)
}

// checkSent requires the first state set after a loss that the client knows of to be whole. That is
// a loss that left a gap in front of it, or one that the topic has reported.
func (s *lossyTopic) checkSent(t *threadOfTopic, m *pb.DashStreamMessage) {
	for h := range m.Headers() {
		if h.GetSequence() != t.sent+1 {
			t.mustBeWhole()
		}
		t.sent = h.GetSequence()
	}
	if m.GetStateDiff() == nil && m.GetCheckpoint() == nil {
		return
	}
	switch at := m.Header().GetTimestampUs(); {
	case wholeState(m):
		t.mustWhole = 0
	case t.mustWhole != 0 && at > t.mustWhole:
		// an earlier one may have been sealed ahead of its permit
		s.fail("number %d is a patch, and there was a loss before it", t.sent)
	}
}

// mustBeWhole records that the client knows of a loss: the first state set after it must be sent
// whole.
func (t *threadOfTopic) mustBeWhole() { t.mustWhole = time.Now().UnixMicro() }

func wholeState(m *pb.DashStreamMessage) bool {
	return m.GetCheckpoint() != nil || len(m.GetStateDiff().GetFullState()) > 0
}

// answer reports how n of the unanswered batches ended, at random. It waits until the client is
// idle before each, because a message that is being sealed when a loss is reported may be sealed
// before that or after.
func (s *lossyTopic) answer(n int) {
	for range n {
		synctest.Wait()
		s.mu.Lock()
		if len(s.pending) == 0 {
			s.mu.Unlock()
			return
		}
		i := s.rand.IntN(len(s.pending))
		a := s.pending[i]
		s.pending = append(s.pending[:i:i], s.pending[i+1:]...)
		if a.err != nil {
			s.thread(a.key).mustBeWhole()
		}
		s.mu.Unlock()
		a.done(a.batch, a.err)
		synctest.Wait() // what can be sealed now does not know of the next answer
	}
}

// recover ends all losses from now on.
func (s *lossyTopic) recover() {
	s.mu.Lock()
	s.well = true
	n := len(s.pending)
	s.mu.Unlock()
	s.answer(n)
}

// closed discards what was not answered when the client ended.
func (s *lossyTopic) closed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = nil
	for _, t := range s.threads {
		t.mustBeWhole() // another client knows nothing
	}
}

func (s *lossyTopic) Stats() batching.SenderStats { return batching.SenderStats{} }
func (s *lossyTopic) Close(context.Context) error { return nil }

// arrive lets the reader read a record, and sometimes some of the last ones again, as after a
// repeated request.
func (s *lossyTopic) arrive(value []byte, headers []batching.Header) {
	s.stats.Arrived++
	s.log, s.headers = append(s.log, value), append(s.headers, headers)
	if len(s.log) > 6 {
		s.log, s.headers = s.log[1:], s.headers[1:]
	}
	s.read(value, headers, true)
	if s.rand.IntN(6) > 0 {
		return
	}
	for i := s.rand.IntN(len(s.log)); i < len(s.log); i++ {
		s.stats.Repeated++
		s.read(s.log[i], s.headers[i], false)
	}
}

func (s *lossyTopic) read(value []byte, headers []batching.Header, first bool) {
	m, err := pb.Decode(value)
	if err != nil {
		return // it was recorded when it was sent
	}
	var source reduce.Source
	if s.sources {
		source = reduce.Source{Producer: string(headers[0].Value), Epoch: string(headers[1].Value)}
	}
	id := m.Header().GetThreadId()
	t := s.thread(id)
	before := s.reader.Thread(id)
	needed := before != nil && before.NeedsResync()
	if first {
		s.note(t, m)
	}
	s.reader.AddFrom(source, m) // nolint:errcheck // what is rejected shows in the state
	s.check(id, t, m, first, needed)
}

// note records what a message that arrives for the first time means to the reader.
func (s *lossyTopic) note(t *threadOfTopic, m *pb.DashStreamMessage) {
	if m.GetEventBatch() == nil {
		t.take(m.Header(), wholeState(m))
	}
	for e := range m.Events() {
		t.take(e.GetHeader(), e.GetAttributes()["initial_state_json"] != nil)
	}
	if d := m.GetStateDiff(); d != nil && len(d.GetStateHash()) == 0 {
		s.stats.NoHash++
	}
}

// take records a message with a number of its own, which may carry a whole state.
func (t *threadOfTopic) take(h *pb.Header, whole bool) {
	if h.GetSequence() != t.read+1 {
		t.lost = true
	}
	if t.unseen && h.GetSequence() == t.expected && t.expected > 1 {
		t.chance = true
	}
	if whole {
		t.lost, t.shown, t.chance = false, true, false
	}
	t.read, t.at, t.unseen = h.GetSequence(), h.GetTimestampUs(), false
}

// check compares the reader's state with what the application has set.
func (s *lossyTopic) check(
	id string, t *threadOfTopic, m *pb.DashStreamMessage, first, needed bool,
) {
	th := s.reader.Thread(id)
	what := m.Kind()
	if t.chance {
		s.stats.Chance++
		return
	}
	if th.NeedsResync() {
		s.stats.Resyncs++
		switch {
		case first && wholeState(m):
			s.fail("thread %s, number %d: a whole state, and still a resync is needed", id, t.read)
		case !t.lost:
			s.fail("thread %s, number %d, %v: a resync is needed, and nothing was lost", id, t.read,
				what)
		}
		return
	}
	if needed {
		s.stats.Healed++
	}
	if got, known := th.State(); (known || t.shown) && !bytes.Equal(got, t.state()) {
		s.fail("thread %s, number %d, %v: silently wrong: %s, want %s", id, t.read, what,
			brief(got), brief(t.state()))
	}
}

// fail ends the schedule, which runs until its next step.
func (s *lossyTopic) fail(format string, args ...any) {
	s.t.Errorf("schedule %d: %s", s.seed, fmt.Sprintf(format, args...))
}

// brief returns a state without its filler.
func brief(state []byte) []byte { return bytes.ReplaceAll(state, []byte("filler"), nil) }
