package reduce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// producer models a producer of one thread: it numbers messages, sends whole states and patches,
// and sends the next state whole after it has learned of a loss.
type producer struct {
	*stream
	rand   *rand.Rand
	source Source

	value map[string]any
	// the state sent last; nil if the next one must be sent whole
	base *statediff.Document
	now  *statediff.Document // the state that a reader should have after the last message
	cp   []byte              // the checkpoint named by patches
	diff statediff.Differ
	sum  statediff.Summer
}

// sent is a message, with the producer's state after it.
type sent struct {
	message *pb.DashStreamMessage
	source  Source
	state   []byte // nil before the first one
	whole   bool   // it has a whole state
	brings  bool   // it has a state
	hash    bool   // and its hash
}

func newProducer(r *rand.Rand) *producer {
	return &producer{stream: newStream(), rand: r, source: Source{"a", "1"},
		value: map[string]any{"messages": []any{}, "step": 0}}
}

// next makes the next message.
func (p *producer) next() sent {
	m := sent{source: p.source}
	switch n := p.rand.IntN(10); {
	case n < 3:
		m.message = p.tokens()
	case n < 4:
		m.message = p.batch(p.event(nodeStart, "n", ID{}), p.event(nodeEnd, "n", ID{}))
	case n < 5:
		p.now = p.document()
		p.base, p.cp = p.now, fmt.Appendf(nil, "c%d-%d", p.prefix, p.ids)
		m.message = p.checkpoint(&pb.Checkpoint{CheckpointId: p.cp, State: p.now.Bytes()})
		m.whole, m.brings = true, true
	default:
		p.change()
		m.message, m.whole, m.hash = p.setState()
		m.brings = true
	}
	return p.finish(m)
}

func (p *producer) finish(m sent) sent {
	if p.now != nil {
		m.state = bytes.Clone(p.now.Bytes())
	}
	return m
}

// start makes the beginning of a run.
func (p *producer) start() sent {
	m := sent{source: p.source, message: p.event(graphStart, "", ID{})}
	if p.rand.IntN(2) == 0 {
		p.now = p.document()
		p.base = p.now
		m.whole, m.brings = true, true
		m.message.GetEvent().Attributes = attributes("initial_state_json", string(p.now.Bytes()))
	}
	return p.finish(m)
}

func (p *producer) document() *statediff.Document {
	src, err := json.Marshal(p.value)
	if err != nil {
		panic(err)
	}
	d := new(statediff.Document)
	if err := new(statediff.Canonicalizer).Parse(d, src); err != nil {
		panic(err)
	}
	return d
}

// change changes the state somewhere.
func (p *producer) change() {
	messages := p.value["messages"].([]any)
	switch p.rand.IntN(7) {
	case 0:
		p.value["step"] = p.rand.IntN(5)
	case 1:
		p.value[fmt.Sprint("k", p.rand.IntN(4))] = p.rand.IntN(3)
	case 2:
		delete(p.value, fmt.Sprint("k", p.rand.IntN(4)))
	case 3:
		if len(messages) > 0 {
			p.value["messages"] = messages[1:]
		}
	case 4:
		p.value["big"] = json.Number("9007199254740993") // while it is present, states have no hash
	case 5:
		delete(p.value, "big")
	default:
		p.value["messages"] = append(messages[:len(messages):len(messages)],
			fmt.Sprint("a message of some length, one of a few: ", p.rand.IntN(3)))
	}
}

func (p *producer) setState() (m *pb.DashStreamMessage, whole, hash bool) {
	d := &pb.StateDiff{}
	p.now = p.document()
	ops, _, ok := []statediff.Op(nil), 0, false
	if p.base != nil {
		ops, _, ok = p.diff.Diff(p.base, p.now)
	}
	if ok {
		d.BaseCheckpointId = p.cp
		for _, o := range ops {
			d.Operations = append(d.Operations,
				&pb.DiffOperation{Op: pb.DiffOperation_OpType(o.Kind), Path: o.Path, From: o.From,
					Value: bytes.Clone(o.Value)})
		}
	} else {
		d.FullState = p.now.Bytes()
		p.cp = nil
	}
	if p.now.Verifiable() {
		sum := p.sum.Sum(p.now, nil)
		d.StateHash = sum[:]
	}
	p.base = p.now
	return p.stream.diff(d), !ok, d.StateHash != nil
}

// learnLoss makes the producer learn that a message of the thread was lost.
func (p *producer) learnLoss() { p.base, p.cp = nil, nil }

// restart makes another process take over the thread, with or without knowing its position.
func (p *producer) restart(known bool) {
	p.prefix++
	p.source.Epoch += "1"
	p.time += 5000
	p.learnLoss()
	if !known {
		p.last = 0
	}
}

// schedule plays one schedule: what the producer sends, what happens to it, and what a reader sees.
type schedule struct {
	t        *testing.T
	seed     uint64
	rand     *rand.Rand
	producer *producer
	reader   Reducer
	sources  bool // the reader knows the sources

	seen    bool // the reader has seen a message
	arrived bool // and one with a state
	// the producer's state, as of the last message that arrived: a loss shows with the next one
	state  []byte
	losses int // since the last whole state that arrived
	hidden int // those that changed the state since the last proven one
	// after how many more messages the producer learns of a loss; 0 if there is none
	learn  int
	flight []sent // what may arrive again
	// numbering has restarted, and the reader, which does not know the sources, has not seen the
	// start: it may be mistaken
	strange bool

	stats *scheduleStats
}

type scheduleStats struct{ messages, lost, repeated, restarts, resyncs, healed, proven int }

func (s *schedule) run(length int) {
	s.step(s.producer.start(), s.rand.IntN(8) == 0)
	for range length {
		if s.rand.IntN(40) == 0 {
			s.restart()
		}
		s.step(s.producer.next(), s.rand.IntN(6) == 0)
		if s.learn > 0 {
			if s.learn--; s.learn == 0 {
				s.producer.learnLoss()
			}
		}
		// a repeated request: its records come again, in order
		for s.rand.IntN(5) == 0 && len(s.flight) > 0 {
			for _, m := range s.flight[s.rand.IntN(len(s.flight)):] {
				s.stats.repeated++
				s.add(m)
				s.check("a duplicate")
			}
		}
	}
	// Whatever happened, the next whole state repairs it.
	s.producer.learnLoss()
	s.producer.change()
	m := sent{source: s.producer.source}
	m.message, m.whole, m.hash = s.producer.setState()
	m.brings = true
	s.step(s.producer.finish(m), false)
	if th := s.reader.Thread("t"); !s.strange && th.NeedsResync() {
		s.fail("after a whole state")
	}
}

func (s *schedule) restart() {
	s.stats.restarts++
	known := s.rand.IntN(2) == 0
	s.learn, s.flight = 0, nil
	s.producer.restart(known)
	lost := s.rand.IntN(4) == 0
	if !known && s.seen && !s.sources && lost {
		s.strange = true
	}
	if !known {
		s.losses++ // to a reader, another numbering is as uncertain as a loss
	}
	s.step(s.producer.start(), lost)
	if !lost {
		s.strange = false
	}
}

// step lets a message arrive or get lost.
func (s *schedule) step(m sent, lost bool) {
	s.stats.messages++
	if lost {
		s.stats.lost++
		s.losses++
		if m.brings {
			s.hidden++
		}
		if s.learn == 0 {
			s.learn = 1 + s.rand.IntN(4)
		}
		s.check("a loss")
		return
	}
	needed := s.reader.Thread("t") != nil && s.reader.Thread("t").NeedsResync()
	s.add(m)
	s.seen, s.arrived, s.state = true, s.arrived || m.brings, m.state
	if s.flight = append(s.flight, m); len(s.flight) > 5 {
		s.flight = s.flight[1:]
	}
	th := s.reader.Thread("t")
	if th.NeedsResync() {
		s.stats.resyncs++
	}
	switch {
	case s.strange:
	case m.whole:
		if th.NeedsResync() {
			s.fail("a whole state, and still a resync is needed")
		}
		if needed {
			s.stats.healed++
		}
		s.losses, s.hidden = 0, 0
	case m.brings && !m.hash && s.losses > 0:
		s.hidden++ // nothing proves it, so it is rejected
	case m.brings && m.hash && s.hidden == 0 && s.losses > 0:
		if _, known := th.State(); known && th.NeedsResync() {
			s.fail("what was lost hid nothing and the hash proves it, and still a resync is needed")
		} else if known {
			s.stats.proven++
			s.losses = 0
		}
	}
	s.check("a message")
}

func (s *schedule) add(m sent) {
	source := m.source
	if !s.sources {
		source = Source{}
	}
	s.reader.AddFrom(source, m.message) // nolint:errcheck // what is rejected shows in the state
}

// check compares the reader's state with the producer's.
func (s *schedule) check(after string) {
	th := s.reader.Thread("t")
	if th == nil {
		return
	}
	if th.NeedsResync() {
		if s.losses == 0 && !s.strange {
			s.fail("a resync is needed, and nothing was lost, after " + after)
		}
		return
	}
	if s.strange {
		return
	}
	got, known := th.State()
	if !known && !s.arrived {
		return // what came before the first message seen is unknown
	}
	if !bytes.Equal(got, s.state) {
		s.fail(fmt.Sprintf("silently wrong after %s: %s, want %s", after, got, s.state))
	}
}

func (s *schedule) fail(what string) {
	s.t.Helper()
	s.t.Fatalf("schedule %d, message %d: %s", s.seed, s.producer.last, what)
}

func TestAReaderIsNeverSilentlyWrong(t *testing.T) {
	schedules := uint64(6000)
	if testing.Short() {
		schedules = 600
	}
	var stats scheduleStats
	for seed := range schedules {
		r := rand.New(rand.NewPCG(seed, 6))
		s := schedule{t: t, seed: seed, rand: r, producer: newProducer(r), sources: seed%2 == 0,
			stats: &stats}
		if seed%3 == 0 {
			s.reader.MaxIDs = 1 + r.IntN(8)
		}
		s.run(30 + r.IntN(60))
	}
	t.Logf("%d schedules: %+v", schedules, stats)
	if stats.healed == 0 || stats.proven == 0 || stats.repeated == 0 || stats.restarts == 0 {
		t.Error("too little happened")
	}
}
