package reduce

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"google.golang.org/protobuf/proto"
)

func reasonOf(err error) Reason {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.Reason
	}
	return ""
}

func TestDuplicatesChangeNothing(t *testing.T) {
	var r Reducer
	s := newStream()
	first, second := s.diff(full(`{"a":1}`)), s.diff(patch("", "/a", "2"))
	mustAdd(t, &r, first, second)
	for _, m := range []*pb.DashStreamMessage{first, second, second} {
		change, err := r.Add(m)
		if err != nil || change.Duplicates != 1 || change.Applied+change.Refused != 0 ||
			change.State {
			t.Errorf("%+v, %v", change, err)
		}
	}
	if got, _ := r.Thread("t").State(); string(got) != `{"a":2}` {
		t.Errorf("state %s", got)
	}
}

func TestWhatIsOlderIsRefusedAlsoWhenItsIDIsForgotten(t *testing.T) {
	r := Reducer{MaxIDs: 2}
	s := newStream()
	first := s.diff(full(`{"a":1}`))
	mustAdd(t, &r, first, s.diff(patch("", "/a", "2")), s.tokens(), s.tokens())
	if change, err := r.Add(first); reasonOf(err) != ReasonOlder || change.Refused != 1 ||
		change.State {
		t.Errorf("%+v, %v", change, err)
	}
	if got, _ := r.Thread("t").State(); string(got) != `{"a":2}` || r.Thread("t").NeedsResync() {
		t.Errorf("state %s", got)
	}
}

func TestGapsAreListedUntilTheyAreFilled(t *testing.T) {
	var r Reducer
	s := newStream()
	var late []*pb.DashStreamMessage
	for i := range 12 {
		m := s.tokens()
		if i == 2 || i == 3 || i == 4 || i == 8 {
			late = append(late, m)
			continue
		}
		mustAdd(t, &r, m)
	}
	th := r.Thread("t")
	check := func(total uint64, want ...Range) {
		t.Helper()
		if gaps, n := th.Missing(); !slices.Equal(gaps, want) || n != total {
			t.Errorf("%v, %d missing; want %v, %d", gaps, n, want, total)
		}
	}
	check(4, Range{3, 5}, Range{9, 9})
	mustAdd(t, &r, late[1])
	check(3, Range{3, 3}, Range{5, 5}, Range{9, 9})
	mustAdd(t, &r, late[3], late[0], late[2])
	check(0)
	if th.Last() != 12 || th.FromMiddle() {
		t.Errorf("last %d, from the middle %v", th.Last(), th.FromMiddle())
	}
}

func TestOfManyGapsTheOldestAreOnlyCounted(t *testing.T) {
	var r Reducer
	s := newStream()
	const n = 10 * maxRanges
	for range n + 1 {
		mustAdd(t, &r, s.tokens())
		s.last += 2
	}
	gaps, total := r.Thread("t").Missing()
	if len(gaps) > maxRanges || len(gaps) < maxRanges/2 || total != 2*n ||
		gaps[len(gaps)-1] != (Range{3*n - 1, 3 * n}) {
		t.Errorf("%d gaps, the last %v, %d missing", len(gaps), gaps[len(gaps)-1], total)
	}
}

func TestAStateThatComesLateIsRefused(t *testing.T) {
	var r Reducer
	s := newStream()
	first, late, next := s.diff(full(`{"a":1}`)), s.diff(full(`{"a":2}`)), s.diff(full(`{"a":3}`))
	mustAdd(t, &r, first, next)
	if change, err := r.Add(late); reasonOf(err) != ReasonOlder || change.State {
		t.Errorf("%+v, %v", change, err)
	}
	if got, _ := r.Thread("t").State(); string(got) != `{"a":3}` || r.Thread("t").NeedsResync() {
		t.Errorf("state %s, %v", got, r.Thread("t").Trust())
	}
}

func TestALateStartResetsNothingAndTellsWhatItSays(t *testing.T) {
	var r Reducer
	s := newStream()
	before := s.tokens()
	start := s.event(pb.EventType_EVENT_TYPE_GRAPH_START, "", ID{}, "initial_state_json", `{"a":0}`,
		"graph_name", "g", "graph_schema_json", `{"nodes":[]}`)
	node := s.event(pb.EventType_EVENT_TYPE_NODE_START, "n", id(start))
	state := s.diff(full(`{"a":1}`))
	end := s.event(pb.EventType_EVENT_TYPE_GRAPH_END, "", id(start))
	mustAdd(t, &r, before, node, state, end)
	if _, err := r.Add(start); reasonOf(err) != ReasonOlder {
		t.Errorf("%v", err)
	}
	th := r.Thread("t")
	if got, _ := th.State(); string(got) != `{"a":1}` || th.NeedsResync() {
		t.Errorf("state %s, %v", got, th.Trust())
	}
	run := th.Run()
	if run.ID != id(start) || !run.Begun || run.Status != Ended || run.Graph.Name != "g" ||
		string(run.Graph.Schema) != `{"nodes":[]}` {
		t.Errorf("%+v", run)
	}
	if n := slices.Collect(th.NodesOf(run.ID)); len(n) != 1 || n[0].Name != "n" {
		t.Errorf("nodes %v", n)
	}
	if _, total := th.Missing(); total != 0 {
		t.Errorf("%d missing", total)
	}
}

func TestALateStartIsNotTheRunThatBeganLast(t *testing.T) {
	var r Reducer
	s := newStream()
	mustAdd(t, &r, s.tokens())
	first := s.event(pb.EventType_EVENT_TYPE_GRAPH_START, "", ID{})
	second := s.event(pb.EventType_EVENT_TYPE_GRAPH_START, "", ID{})
	mustAdd(t, &r, second, first)
	if got := r.Thread("t").Run().ID; got != id(second) {
		t.Errorf("the run that began last is %v, want %v", got, id(second))
	}
}

func TestAThreadThatIsJoinedInTheMiddleSaysSo(t *testing.T) {
	var r Reducer
	s := newStream()
	s.last = 41
	parent := ID{1, 2, 3}
	th := mustAdd(t, &r, s.tokens(), s.event(pb.EventType_EVENT_TYPE_NODE_END, "n", parent))
	if _, known := th.State(); known || !th.FromMiddle() || th.NeedsResync() ||
		th.Trust() != Unknown || th.Run() != nil {
		t.Errorf("%v, run %v", th.Trust(), th.Run())
	}
	if n := th.Node(parent); n == nil || n.Begun || n.Status != Ended || n.Name != "n" ||
		!n.StartedAt.IsZero() {
		t.Errorf("%+v", n)
	}
	if _, err := r.Add(s.diff(patch(`{"a":1}`, "/a", "1"))); reasonOf(err) != ReasonNoBase ||
		!th.NeedsResync() {
		t.Errorf("%v, %v", err, th.Trust())
	}
	mustAdd(t, &r, s.diff(full(`{"a":1}`)))
	if got, _ := th.State(); string(got) != `{"a":1}` || th.NeedsResync() || !th.FromMiddle() {
		t.Errorf("%s, %v", got, th.Trust())
	}
}

func TestABatchIsItsEvents(t *testing.T) {
	var r Reducer
	s := newStream()
	start := s.event(pb.EventType_EVENT_TYPE_GRAPH_START, "", ID{}, "initial_state_json", "1")
	node := s.event(pb.EventType_EVENT_TYPE_NODE_START, "n", id(start))
	stray := s.event(pb.EventType_EVENT_TYPE_NODE_START, "n", id(start))
	stray.GetEvent().Header.ThreadId = "u"
	headless := s.event(pb.EventType_EVENT_TYPE_NODE_START, "n", id(start))
	headless.GetEvent().Header = nil
	s.last -= 2
	last := s.event(pb.EventType_EVENT_TYPE_NODE_END, "n", id(node))
	batch := s.batch(start, node, stray, headless, last)
	change, err := r.Add(batch)
	if change.Applied != 3 || change.Refused != 2 || !change.State ||
		reasonOf(err) != ReasonNoThread {
		t.Errorf("%+v, %v", change, err)
	}
	if change, err = r.Add(batch); change.Duplicates != 3 || change.Refused != 2 ||
		change.Applied != 0 {
		t.Errorf("again: %+v, %v", change, err)
	}
	th := r.Thread("t")
	if _, total := th.Missing(); total != 0 || th.Last() != 3 || th.NeedsResync() ||
		th.Node(id(node)).Status != Ended {
		t.Errorf("%d missing, last %d, %v", total, th.Last(), th.Trust())
	}
}

func TestAnotherProducerThatNumbersAnewIsNotTakenForOlder(t *testing.T) {
	a, b := Source{"a", "1"}, Source{"a", "2"}
	whole := func(s *stream) *pb.DashStreamMessage { return s.diff(full(`{"a":2}`)) }
	start := func(s *stream) *pb.DashStreamMessage {
		return s.event(pb.EventType_EVENT_TYPE_GRAPH_START, "", ID{})
	}
	tokens := func(s *stream) *pb.DashStreamMessage { return s.tokens() }
	tests := []struct {
		name   string
		source bool
		// µs from the newest message of the first producer to the first one of the second
		later  int64
		makes  []func(s *stream) *pb.DashStreamMessage
		state  string
		trust  Trust
		reason Reason
	}{
		{"a run starts", false, 5000, []func(s *stream) *pb.DashStreamMessage{start}, `{"a":1}`,
			Suspect, ""},
		{"a run starts and has a state", false, 5000, []func(s *stream) *pb.DashStreamMessage{start, whole}, `{"a":2}`, Current, ""},
		{"the start was lost, and the source is not known", false, 5000,
			[]func(s *stream) *pb.DashStreamMessage{whole}, `{"a":1}`, Suspect, ReasonConflict},
		{"the start was lost, and the source is known", true, 5000,
			[]func(s *stream) *pb.DashStreamMessage{tokens, whole}, `{"a":2}`, Current, ""},
		{"an old start comes again", false, -5000, []func(s *stream) *pb.DashStreamMessage{start},
			`{"a":1}`, Current, ReasonOlder},
		{"an old start of another source", true, -5000, []func(s *stream) *pb.DashStreamMessage{start}, `{"a":1}`, Current, ReasonOlder},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r Reducer
			var sources [2]Source
			if tt.source {
				sources = [2]Source{a, b}
			}
			s := newStream()
			for _, m := range []*pb.DashStreamMessage{start(s), s.diff(full(`{"a":1}`)),
				s.tokens()} {
				if _, err := r.AddFrom(sources[0], m); err != nil {
					t.Fatal(err)
				}
			}
			second := newStream()
			second.prefix, second.time = 2, s.time+tt.later
			var last error
			for _, m := range tt.makes {
				_, last = r.AddFrom(sources[1], m(second))
			}
			th := r.Thread("t")
			if got, _ := th.State(); string(got) != tt.state || th.Trust() != tt.trust ||
				reasonOf(last) != tt.reason {
				t.Errorf("%s, %v, %v; want %s, %v, %q", got, th.Trust(), last, tt.state, tt.trust,
					tt.reason)
			}
		})
	}
}

func TestMessagesWithoutAPlaceAreRefused(t *testing.T) {
	var r Reducer
	s := newStream()
	nameless, headless, anonymous := s.tokens(), s.tokens(), s.tokens()
	nameless.Header().ThreadId = ""
	headless.GetTokenChunk().Header = nil
	anonymous.Header().MessageId = []byte("short")
	for _, tt := range []struct {
		m    *pb.DashStreamMessage
		want Reason
	}{{nameless, ReasonNoThread}, {headless, ReasonNoThread},
		{&pb.DashStreamMessage{}, ReasonNoThread}, {nil, ReasonNoThread},
		{anonymous, ReasonNoMessageID}} {
		if change, err := r.Add(tt.m); reasonOf(err) != tt.want || change.Refused != 1 {
			t.Errorf("%+v, %v, want %s", change, err, tt.want)
		}
	}
	if _, err := r.AddRecord([]byte{0}); err == nil || reasonOf(err) != "" {
		t.Errorf("a record that is none: %v", err)
	}
}

func TestRecordsAreDecoded(t *testing.T) {
	var r Reducer
	body, err := proto.Marshal(newStream().diff(full(`{"a":1}`)))
	if err != nil {
		t.Fatal(err)
	}
	if change, err := r.AddRecord(append([]byte{pb.FramingPlain}, body...)); err != nil ||
		change.Applied != 1 {
		t.Fatalf("%+v, %v", change, err)
	}
	if got, _ := r.Thread("t").State(); string(got) != `{"a":1}` {
		t.Errorf("state %s", got)
	}
}

func TestAReportIsPassedBy(t *testing.T) {
	var r Reducer
	s := newStream()
	s.thread = pb.ReportThreadPrefix + "x"
	if change, err := r.Add(s.tokens()); err != nil || change != (Change{}) ||
		r.Thread(s.thread) != nil {
		t.Errorf("%+v, %v", change, err)
	}
}

func TestTheThreadsOfLongAgoAreForgotten(t *testing.T) {
	threads := func(r *Reducer) (ids []string) {
		for th := range r.Threads() {
			ids = append(ids, th.ID())
		}
		return ids
	}
	add := func(r *Reducer, id string, state string) {
		s := newStream()
		s.thread, s.prefix, s.ids = id, id[0], 1000*uint64(len(state))
		s.last = r.last(id)
		mustAdd(t, r, s.diff(full(state)))
	}
	few := Reducer{MaxThreads: 3}
	for _, id := range []string{"a", "b", "c", "a", "d", "e"} {
		add(&few, id, "1")
		few.ids = idSet{}
	}
	if got := threads(&few); !reflect.DeepEqual(got, []string{"e", "d", "a"}) ||
		few.Forgotten() != 2 {
		t.Errorf("%v, %d forgotten", got, few.Forgotten())
	}
	small := Reducer{MaxBytes: 1 << 20}
	large := `"` + strings.Repeat("x", 100_000) + `"`
	for i := range 30 {
		add(&small, string(rune('a'+i)), large)
		sum := 0
		for th := range small.Threads() {
			sum += th.bytes
		}
		if small.bytes != sum || sum > 1<<20 || len(small.threads) != len(threads(&small)) {
			t.Fatalf("%d bytes counted, %d there", small.bytes, sum)
		}
	}
	if n := len(threads(&small)); n < 2 || uint64(n)+small.Forgotten() != 30 {
		t.Errorf("%d threads, %d forgotten", n, small.Forgotten())
	}
}

// last returns the highest number of a thread, 0 if it is not known.
func (r *Reducer) last(id string) uint64 {
	if t := r.Thread(id); t != nil {
		return t.Last()
	}
	return 0
}
