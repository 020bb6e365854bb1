package reduce

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// lossy models producers that lose messages and state what they lost, and a topic that has a
// partition for each thread and one for the statements of each producer.
type lossy struct {
	t       *testing.T
	seed    uint64
	rand    *rand.Rand
	streams map[string]*stream
	source  Source
	starts  int
	number  uint64 // of the source's last statement

	lost       map[string][]pb.Loss // of one number each, not yet stated
	queues     map[string][]delivery
	unstated   bool // statements get lost
	coarse     bool // statements are coarse
	ambiguous  bool // what is given up as unacknowledged may arrive
	lostEvents map[lossKey]Cause

	reader   Reducer
	arrived  map[string][]*modelEra // by thread
	stated   []modelLoss            // that arrived, each once
	deferred map[string][]delivery
}

type lossKey struct {
	thread, reason string
	kind           pb.MessageType
}

// delivery is a record of the topic.
type delivery struct {
	message *pb.DashStreamMessage
	source  Source
	numbers []uint64
	losses  []pb.Loss
}

// modelEra is what arrived of one source in a thread.
type modelEra struct {
	source      Source
	first, last uint64
	numbers     map[uint64]bool
}

type modelLoss struct {
	pb.Loss
	source Source
}

func newLossy(t *testing.T, seed uint64) *lossy {
	r := rand.New(rand.NewPCG(seed, 16))
	l := &lossy{t: t, seed: seed, rand: r, streams: map[string]*stream{},
		lost: map[string][]pb.Loss{}, queues: map[string][]delivery{},
		deferred: map[string][]delivery{}, lostEvents: map[lossKey]Cause{},
		unstated: seed%2 == 1, coarse: seed%3 == 1, ambiguous: seed%5 < 2,
		arrived: map[string][]*modelEra{}}
	for i := range 2 {
		s := newStream()
		s.thread, s.prefix = fmt.Sprint("t", i), byte(i)
		l.streams[s.thread] = s
	}
	never := newStream()
	never.thread, never.prefix = "never", 9
	l.streams["never"] = never
	l.start()
	return l
}

// start begins another start of the producer, which numbers all threads from the beginning.
func (l *lossy) start() {
	l.starts++
	l.number = 0
	l.source = Source{fmt.Sprint("p", l.starts), fmt.Sprint(l.starts)}
	for _, s := range l.streams {
		s.last, s.time = 0, s.time+1_000_000
	}
}

// emit makes the next numbers of a thread arrive, late or not, or get lost.
func (l *lossy) emit(thread string, lost bool) {
	s := l.streams[thread]
	d := delivery{source: l.source}
	kind, events := pb.MessageType_MESSAGE_TYPE_EVENT, uint64(1)
	switch l.rand.IntN(4) {
	case 0:
		kind, events = pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK, 1+l.rand.Uint64N(5) // joined
		d.message = s.tokens()
	case 1:
		d.message = s.batch(s.event(nodeStart, "n", ID{}), s.event(nodeEnd, "n", ID{}))
	default:
		d.message = s.event(nodeStart, "n", ID{})
	}
	for h := range d.message.Headers() {
		d.numbers = append(d.numbers, h.GetSequence())
	}
	arrives := !lost
	if lost {
		reasons := pb.LossReasons()
		reason := reasons[l.rand.IntN(len(reasons))]
		for _, n := range d.numbers {
			l.lost[thread] = append(l.lost[thread], pb.Loss{Thread: thread, First: n, Last: n,
				Count: 1, Events: events, Type: kind, Reason: reason})
		}
		arrives = l.ambiguous && reason == pb.LossUnacknowledged && thread != "never" &&
			l.rand.IntN(2) == 0
		for range d.numbers {
			key := lossKey{thread, reason, kind}
			c := l.lostEvents[key]
			l.lostEvents[key] = Cause{kind, reason, c.Count + 1, c.Events + events}
		}
	}
	switch {
	case !arrives:
	case l.rand.IntN(12) == 0:
		l.deferred[thread] = append(l.deferred[thread], d)
	default:
		l.queues[thread] = append(l.queues[thread], d)
	}
	if l.rand.IntN(4) == 0 {
		l.late(thread)
	}
}

// late lets what is late arrive.
func (l *lossy) late(thread string) {
	if late := l.deferred[thread]; len(late) > 0 {
		l.queues[thread] = append(l.queues[thread], late...)
	}
	delete(l.deferred, thread)
}

// state states what was lost and not yet stated.
func (l *lossy) state() {
	var losses []pb.Loss
	for _, thread := range slices.Sorted(maps.Keys(l.lost)) {
		losses = append(losses, l.ranges(l.lost[thread])...)
	}
	clear(l.lost)
	for len(losses) > 0 {
		n := min(len(losses), 1+l.rand.IntN(4))
		l.send(losses[:n])
		losses = losses[n:]
	}
}

// send sends a statement, which may get lost.
func (l *lossy) send(losses []pb.Loss) {
	l.number++
	m, rest := pb.NewLossStatement(l.source.Producer, map[string]string{
		"instance": l.source.Producer, "epoch": l.source.Epoch,
		pb.LossNumberTag: fmt.Sprint(l.number)}, losses)
	if rest != nil {
		l.t.Fatal("too many losses")
	}
	id := idOf([]byte(fmt.Sprintf("statement %2d %3d", l.starts, l.number)))
	m.Header = &pb.Header{MessageId: id[:], ThreadId: pb.ReportThreadPrefix + l.source.Producer,
		Type: pb.MessageType_MESSAGE_TYPE_METRICS, SchemaVersion: pb.SchemaVersion}
	if l.unstated && l.rand.IntN(4) == 0 {
		return
	}
	l.queues[l.source.Producer] = append(l.queues[l.source.Producer], delivery{
		source: l.source, losses: losses,
		message: &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: m}}})
}

// ranges joins losses of one number into ranges; into coarse ones, which overlap, if it likes.
func (l *lossy) ranges(singles []pb.Loss) (losses []pb.Loss) {
	for _, s := range singles {
		n := len(losses) - 1
		joins := n >= 0 && losses[n].Last+1 == s.First && losses[n].Type == s.Type &&
			losses[n].Reason == s.Reason
		if n >= 0 && l.coarse && l.rand.IntN(2) == 0 {
			n, joins = l.rand.IntN(len(losses)), true
		}
		if !joins {
			losses = append(losses, s)
			continue
		}
		losses[n].Last = s.Last
		losses[n].Count++
		losses[n].Events += s.Events
	}
	return losses
}

// run plays the schedule.
func (l *lossy) run() {
	threads := []string{"t0", "t1"}
	for range 40 {
		l.emit(threads[l.rand.IntN(2)], l.rand.IntN(3) == 0)
		if l.rand.IntN(12) == 0 {
			l.emit("never", true)
		}
		if l.rand.IntN(12) == 0 {
			l.state()
		}
		if l.starts < 3 && l.rand.IntN(20) == 0 && l.long(threads) {
			l.state()
			l.start()
			for _, thread := range threads {
				l.late(thread)
				if l.rand.IntN(2) == 0 {
					l.emit(thread, true)
				}
				l.queues[thread] = append(l.queues[thread], l.beginning(thread))
			}
		}
	}
	l.state()
	for _, thread := range threads {
		l.late(thread)
	}
	for len(l.queues) > 0 {
		l.deliver()
	}
	l.check()
}

// long reports whether all threads are so long that the next start's first messages have lower
// numbers: there is nothing else by which a reader could tell that they are another numbering.
func (l *lossy) long(threads []string) bool {
	return !slices.ContainsFunc(threads, func(thread string) bool {
		queue := l.queues[thread]
		return len(queue) == 0 || queue[len(queue)-1].source != l.source ||
			queue[len(queue)-1].numbers[0] < 6
	})
}

// beginning is the first message of a start of the producer that certainly arrives.
func (l *lossy) beginning(thread string) delivery {
	m := l.streams[thread].event(graphStart, "", ID{})
	return delivery{message: m, source: l.source, numbers: []uint64{m.Header().GetSequence()}}
}

// deliver delivers the next record of a partition, sometimes twice.
func (l *lossy) deliver() {
	partitions := slices.Sorted(maps.Keys(l.queues))
	p := partitions[l.rand.IntN(len(partitions))]
	d := l.queues[p][0]
	if l.queues[p] = l.queues[p][1:]; len(l.queues[p]) == 0 {
		delete(l.queues, p)
	}
	l.arrive(d)
	for range 1 + l.rand.IntN(5)/4 {
		l.reader.AddFrom(d.source, d.message) // nolint:errcheck // a late one may be rejected
	}
	if l.rand.IntN(10) == 0 {
		l.check()
	}
}

// arrive notes in the model that a record arrived.
func (l *lossy) arrive(d delivery) {
	for _, loss := range d.losses {
		l.stated = append(l.stated, modelLoss{loss, d.source})
	}
	if d.numbers == nil {
		return
	}
	thread := d.message.Header().GetThreadId()
	eras := l.arrived[thread]
	if n := len(eras); n == 0 || eras[n-1].source != d.source {
		eras = append(eras, &modelEra{source: d.source, first: d.numbers[0],
			numbers: map[uint64]bool{}})
		l.arrived[thread] = eras
	}
	e := eras[len(eras)-1]
	for _, n := range d.numbers {
		e.numbers[n] = true
		e.last = max(e.last, n)
	}
}

// check compares what the reader says of each gap with the model's ledger.
func (l *lossy) check() {
	l.t.Helper()
	for thread, eras := range l.arrived {
		var want []Gap
		for _, e := range eras {
			want = append(want, expect(e, l.statedOf(thread, e.source))...)
		}
		got := l.reader.Thread(thread).Losses()
		var plain []Gap
		var sum uint64
		for _, g := range got.Gaps {
			var causes uint64
			for _, c := range g.Causes {
				causes += c.Count
			}
			if causes != g.Explained {
				l.t.Fatalf("schedule %d: %d have causes in %+v", l.seed, causes, g)
			}
			sum += g.Missing
			if g.Causes = nil; g.Place != PlaceElsewhere {
				plain = append(plain, g)
			}
		}
		total := func(gaps []Gap) (explained uint64) {
			for _, g := range gaps {
				explained += g.Explained
			}
			return explained
		}
		explained := total(want)
		if total(plain) != explained || sum != got.Missing ||
			got.Missing != got.Explained+got.Unexplained+got.Pending {
			l.t.Fatalf("schedule %d, thread %s: %d explained, want %d: %+v", l.seed, thread,
				total(plain), explained, got)
		}
		if !reflect.DeepEqual(plain, want) {
			l.t.Fatalf("schedule %d, thread %s: gaps are\n%+v, want\n%+v\nstated: %v", l.seed,
				thread, plain, want, l.stated)
		}
	}
}

func (l *lossy) statedOf(thread string, source Source) (losses []pb.Loss) {
	for _, s := range l.stated {
		if s.Thread == thread && s.source == source {
			losses = append(losses, s.Loss)
		}
	}
	return losses
}

func TestEveryGapIsExplainedExactlyWhenItIs(t *testing.T) {
	schedules := uint64(3000)
	if testing.Short() {
		schedules = 300
	}
	verdicts, places := map[Verdict]int{}, map[Place]int{}
	for seed := range schedules {
		l := newLossy(t, seed)
		l.run()
		for th := range l.reader.Threads() {
			for _, g := range th.Losses().Gaps {
				verdicts[g.Verdict]++
				places[g.Place]++
			}
			if all := th.Losses(); !l.unstated && all.Explained != all.Missing {
				t.Fatalf("schedule %d: everything was stated: %+v", seed, all)
			}
		}
		l.checkCauses()
	}
	t.Logf("%d schedules: %v, %v", schedules, verdicts, places)
	if len(verdicts) < 3 || len(places) < 3 {
		t.Error("too little happened")
	}
}

// checkCauses compares the reasons with the model's, where the reader can know them all.
func (l *lossy) checkCauses() {
	if l.unstated || l.ambiguous {
		return
	}
	got := map[lossKey]Cause{}
	add := func(thread string, all Losses) {
		for _, c := range all.Causes {
			got[lossKey{thread, c.Reason, c.Type}] = c
		}
	}
	for th := range l.reader.Threads() {
		add(th.ID(), th.Losses())
	}
	for thread, all := range l.reader.Unseen() {
		add(thread, all)
	}
	if l.coarse { // the statements themselves name one cause for several
		return
	}
	if !reflect.DeepEqual(got, l.lostEvents) {
		l.t.Fatalf("schedule %d: causes are\n%v, want\n%v", l.seed, got, l.lostEvents)
	}
}
