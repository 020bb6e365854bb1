package reduce

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

var producerA, producerB = Source{"a", "1"}, Source{"b", "2"}

// states makes statements of losses.
type states struct{ number uint64 }

func (s *states) of(source Source, losses ...pb.Loss) *pb.DashStreamMessage {
	s.number++
	m, _ := pb.NewLossStatement(source.Producer, map[string]string{"epoch": source.Epoch,
		pb.LossNumberTag: fmt.Sprint(s.number)}, losses)
	id := idOf(fmt.Appendf(nil, "%5s %10d", source.Producer, s.number))
	m.Header = &pb.Header{MessageId: id[:], ThreadId: pb.ReportThreadPrefix + source.Producer,
		Type: pb.MessageType_MESSAGE_TYPE_METRICS, SchemaVersion: pb.SchemaVersion}
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: m}}
}

func lost(thread string, first, last, count uint64) pb.Loss {
	return pb.Loss{Thread: thread, First: first, Last: last, Count: count, Events: count,
		Type: pb.MessageType_MESSAGE_TYPE_EVENT, Reason: "queue_full"}
}

// arrive adds an event with each of the numbers.
func arrive(r *Reducer, s *stream, source Source, numbers ...uint64) {
	for _, n := range numbers {
		s.last = n - 1
		r.AddFrom(source, s.event(nodeStart, "n", ID{})) // nolint:errcheck // may be rejected
	}
}

// told returns the gaps in short.
func told(l Losses) string {
	var all []string
	for _, g := range l.Gaps {
		all = append(all, fmt.Sprintf("%s %d..%d %s %d/%d", g.Place, g.From, g.To, g.Verdict,
			g.Explained, g.Missing))
	}
	return strings.Join(all, ", ")
}

func TestGapsAreExplainedByStatements(t *testing.T) {
	for name, tt := range map[string]struct {
		arrive []uint64
		losses []pb.Loss
		want   string
	}{
		"all":     {[]uint64{1, 4}, []pb.Loss{lost("t", 2, 3, 2)}, "between 2..3 explained 2/2"},
		"none":    {[]uint64{1, 4}, nil, "between 2..3 unexplained 0/2"},
		"some":    {[]uint64{1, 4}, []pb.Loss{lost("t", 2, 2, 1)}, "between 2..3 partly 1/2"},
		"another": {[]uint64{1, 4}, []pb.Loss{lost("u", 2, 3, 2)}, "between 2..3 unexplained 0/2"},
		"overlaps": {[]uint64{1, 9}, []pb.Loss{lost("t", 2, 6, 5), lost("t", 4, 8, 5)},
			"between 2..8 explained 7/7"},
		"coarse": {[]uint64{1, 3, 5}, []pb.Loss{lost("t", 2, 4, 2)},
			"between 2..2 explained 1/1, between 4..4 explained 1/1"},
		"coarse, too few": {[]uint64{1, 3, 5}, []pb.Loss{lost("t", 2, 4, 1)},
			"between 2..2 partly 1/1, between 4..4 partly 0/1"},
		"coarse, and others": {[]uint64{1, 3, 5, 7, 9},
			[]pb.Loss{lost("t", 2, 4, 1), lost("t", 8, 9, 1)},
			"between 2..2 partly 1/1, between 4..4 partly 0/1, between 6..6 unexplained 0/1, " +
				"between 8..8 explained 1/1"},
		"exact ones first": {[]uint64{1, 3, 5}, []pb.Loss{lost("t", 2, 4, 1), lost("t", 2, 2, 1)},
			"between 2..2 explained 1/1, between 4..4 explained 1/1"},
		"the end": {[]uint64{1}, []pb.Loss{lost("t", 2, 3, 2), lost("t", 5, 5, 1)},
			"end 2..5 partly 3/4"},
		"the start": {[]uint64{5}, []pb.Loss{lost("t", 2, 3, 2)}, "start 2..4 explained 2/2"},
		"early": {[]uint64{5, 1, 3}, []pb.Loss{lost("t", 1, 4, 4)},
			"start 1..4 explained 2/2"},
		"it arrived": {[]uint64{1, 2, 3}, []pb.Loss{lost("t", 2, 2, 1)}, ""},
		"late": {[]uint64{1, 4, 2}, []pb.Loss{lost("t", 2, 3, 2)},
			"between 3..3 explained 1/1"},
		"the largest numbers": {[]uint64{1, 3}, []pb.Loss{lost("t", 2, math.MaxUint64, 1)},
			"between 2..2 partly 1/1, end 4..18446744073709551615 partly 0/18446744073709551612"},
		"all of it": {[]uint64{1}, []pb.Loss{lost("t", 1, math.MaxUint64, math.MaxUint64)},
			"end 2..18446744073709551615 explained 18446744073709551614/18446744073709551614"},
	} {
		for _, before := range []bool{false, true} {
			var r Reducer
			var s states
			statement := s.of(producerA, tt.losses...)
			if before {
				r.Add(statement) // nolint:errcheck // of a test
			}
			messages := newStream()
			for _, n := range tt.arrive {
				messages.time = int64(n) * 1000 // a lower number is older
				arrive(&r, messages, producerA, n)
			}
			r.Add(statement) // nolint:errcheck // of a test
			if got := told(r.Thread("t").Losses()); got != tt.want {
				t.Errorf("%s, stated before: %t: %s, want %s", name, before, got, tt.want)
			}
		}
	}
}

func TestStatementsOfAnotherNumberingExplainNothing(t *testing.T) {
	var r Reducer
	var s states
	messages := newStream()
	arrive(&r, messages, producerA, 1, 4, 9)
	r.Add(s.of(producerB, lost("t", 2, 3, 2))) // nolint:errcheck // of a test
	if got := told(r.Thread("t").Losses()); got != "between 2..3 unexplained 0/2, "+
		"between 5..8 unexplained 0/4, elsewhere 2..3 explained 2/2" {
		t.Errorf("before the other producer is seen: %s", got)
	}
	arrive(&r, messages, producerB, 1, 4)
	r.Add(s.of(producerA, lost("t", 5, 8, 4))) // nolint:errcheck // of a test
	all := r.Thread("t").Losses()
	if got := told(all); got != "between 2..3 unexplained 0/2, between 5..8 explained 4/4, "+
		"between 2..3 explained 2/2" {
		t.Errorf("after it: %s", got)
	}
	if all.Missing != 8 || all.Explained != 6 || all.Unexplained != 2 || all.Pending != 0 {
		t.Errorf("%+v", all)
	}
}

// What was stated before another producer took over must not explain its gaps: without sources
// nothing tells them apart.
func TestWithoutSourcesARestartForgetsStatements(t *testing.T) {
	var r Reducer
	var s states
	messages := newStream()
	arrive(&r, messages, Source{}, 1, 4, 7)
	r.Add(s.of(producerA, lost("t", 2, 3, 2))) // nolint:errcheck // of a test
	messages.last = 0
	r.Add(messages.event(graphStart, "", ID{})) // nolint:errcheck // of a test
	arrive(&r, messages, Source{}, 4)
	all := r.Thread("t").Losses()
	if got := told(all); got != "between 2..3 unexplained 0/2" || all.Explained != 2 ||
		all.Unexplained != 4 {
		t.Errorf("%s, %+v", got, all)
	}
}

func TestOldNumberingsAreOnlyCounted(t *testing.T) {
	var r Reducer
	var s states
	messages := newStream()
	for n := range 6 {
		source := Source{fmt.Sprint("p", n), "1"}
		arrive(&r, messages, source, 1, 4)
		r.Add(s.of(source, lost("t", 2, 2, 1))) // nolint:errcheck // of a test
	}
	all := r.Thread("t").Losses()
	if len(all.Gaps) != 4 || all.Explained != 6 || all.Unexplained != 6 {
		t.Errorf("%d gaps, %+v", len(all.Gaps), all)
	}
	if n := len(r.Thread("t").ledger.books); n != 4 {
		t.Errorf("statements of %d producers are stored, want 4", n)
	}
}

func TestWhatIsNotStatedAtTheEndIsPending(t *testing.T) {
	var r Reducer
	var s states
	arrive(&r, newStream(), producerA, 1)
	r.Add(s.of(producerA, lost("t", 5, 5, 1))) // nolint:errcheck // of a test
	if l := r.Thread("t").Losses(); l.Pending != 3 || l.Explained != 1 || l.Unexplained != 0 {
		t.Errorf("%+v", l)
	}
}

func TestACoarseStatementCountsOnce(t *testing.T) {
	var r Reducer
	var s states
	arrive(&r, newStream(), producerA, 1, 3, 5)
	statement := s.of(producerA, lost("t", 2, 4, 1))
	for i, want := range []Change{{Applied: 1, Losses: 1}, {Duplicates: 1}, {Duplicates: 1}} {
		if got, err := r.Add(statement); got != want || err != nil {
			t.Errorf("time %d: %+v, %v", i, got, err)
		}
	}
	if l := r.Thread("t").Losses(); l.Explained != 1 || l.Unexplained != 1 {
		t.Errorf("%+v", l)
	}
}

// A statement that is repeated as another message, with all that it stated, takes no more room.
func TestAnExactLossIsStoredOnce(t *testing.T) {
	var r Reducer
	var s states
	arrive(&r, newStream(), producerA, 1, 3)
	for range 3 {
		r.Add(s.of(producerA, lost("t", 2, 2, 1))) // nolint:errcheck // of a test
	}
	if n := r.Thread("t").ledger.count; n != 1 {
		t.Errorf("%d losses are stored", n)
	}
}

func TestMalformedLossesAreRejectedAndCounted(t *testing.T) {
	var r Reducer
	var s states
	m := s.of(producerA, lost("t", 1, 1, 1), lost("t", 2, 2, 1))
	m.GetMetrics().Metrics["1"].Unit = "" // is not read
	m.GetMetrics().Metrics["2"] = nil
	change, err := r.Add(m)
	var refused *Refusal
	if !errors.As(err, &refused) || refused.Reason != ReasonBadStatement ||
		change != (Change{Applied: 1, Refused: 1, Losses: 1}) {
		t.Errorf("%+v, %v", change, err)
	}
	m = s.of(producerA, lost("t", 1, 1, 1))
	m.Header().MessageId = nil
	if change, err := r.Add(m); !errors.As(err, &refused) ||
		refused.Reason != ReasonNoMessageID || change != (Change{Refused: 1}) {
		t.Errorf("without an id: %+v, %v", change, err)
	}
	if got := r.Statements(); got != (Statements{Taken: 1, Refused: 2}) {
		t.Errorf("%+v", got)
	}
}

func TestMissingStatementsAreCounted(t *testing.T) {
	var r Reducer
	var s states
	var all []*pb.DashStreamMessage
	for range 6 {
		all = append(all, s.of(producerA, lost("t", 1, 1, 1)))
	}
	for i, step := range []struct {
		n    int
		want uint64
	}{{2, 0}, {5, 2}, {3, 1}, {5, 1}, {0, 1}} {
		r.Add(all[step.n]) // nolint:errcheck // of a test
		if got := r.Statements().Missing; got != step.want {
			t.Errorf("step %d: %d are missing, want %d", i, got, step.want)
		}
	}
	for n := range maxStaters + 10 { // as many are followed as there is room for
		r.Add(s.of(Source{fmt.Sprint("p", n), "1"}, lost("t", 1, 1, 1))) // nolint:errcheck
	}
	if len(r.statements.numbers) != maxStaters || len(r.statements.staters) != maxStaters {
		t.Errorf("%d, %d producers are followed", len(r.statements.numbers),
			len(r.statements.staters))
	}
}

func TestThreadsThatNeverAppearAreToldAndBounded(t *testing.T) {
	r := Reducer{MaxThreads: 3}
	var s states
	for n := range 5 {
		r.Add(s.of(producerA, lost(fmt.Sprint("t", n), 1, 2, 2), // nolint:errcheck // of a test
			lost(fmt.Sprint("t", n), 4, 4, 1)))
	}
	var ids []string
	for id, l := range r.Unseen() {
		ids = append(ids, id)
		if told(l) != "all 1..4 partly 3/4" || l.Pending != 1 {
			t.Errorf("%s: %s", id, told(l))
		}
	}
	if !reflect.DeepEqual(ids, []string{"t4", "t3", "t2"}) || r.Statements().Forgotten != 4 {
		t.Errorf("%v, %+v", ids, r.Statements())
	}
	messages := newStream()
	messages.thread = "t3"
	arrive(&r, messages, producerA, 3)
	if got := told(r.Thread("t3").Losses()); got != "start 1..2 explained 2/2, "+
		"end 4..4 explained 1/1" {
		t.Errorf("when it appears: %s", got)
	}
	if n := len(r.statements.unseen); n != 2 || r.statements.recent.Len() != 2 {
		t.Errorf("%d are unseen", n)
	}

	small := Reducer{MaxBytes: 8 * 10_000}
	for n := range 1000 {
		small.Add(s.of(producerA, lost(fmt.Sprint("t", n), 1, 1, 1))) // nolint:errcheck
	}
	if small.statements.unseenBytes > 10_000 || len(small.statements.unseen) == 0 {
		t.Errorf("%d bytes, of %d threads", small.statements.unseenBytes,
			len(small.statements.unseen))
	}
}

// Every second number is lost and stated, for longer than gaps and statements are stored: that all
// of them are explained stays known, and so does that one is not.
func TestManyGapsAreMergedAndStillExplained(t *testing.T) {
	for _, unstated := range []uint64{0, 2, 5000, 9998} {
		var r Reducer
		var s states
		messages := newStream()
		for n := uint64(1); n < 10_000; n += 2 {
			arrive(&r, messages, producerA, n)
			if n+1 != unstated && n+1 < 10_000 {
				r.Add(s.of(producerA, lost("t", n+1, n+1, 1))) // nolint:errcheck // of a test
			}
		}
		th := r.Thread("t")
		l := th.Losses()
		want := uint64(0)
		if unstated > 0 {
			want = 1
		}
		merged := l.Gaps[0]
		if l.Missing != 4999 || l.Unexplained != want || !merged.Merged ||
			(merged.Verdict == Explained) != (unstated == 0 || unstated == 9998) {
			t.Errorf("without %d: %d missing, %d unexplained; %+v", unstated, l.Missing,
				l.Unexplained, merged)
		}
		if n := th.ledger.count; n > maxStated || len(l.Gaps) > maxRanges+1 ||
			th.ledger.bytes > 64<<10 {
			t.Errorf("%d losses in %d bytes and %d gaps are stored", n, th.ledger.bytes,
				len(l.Gaps))
		}
	}
}

func TestStatementsOfManyProducersAreBounded(t *testing.T) {
	var r Reducer
	var s states
	arrive(&r, newStream(), producerA, 1)
	for n := range uint64(2000) {
		l := lost("t", 1+7*n, 2+7*n, 2)
		l.Reason = "r" + strings.Repeat("x", int(n%60))
		r.Add(s.of(Source{fmt.Sprint("p", n%20), "1"}, l)) // nolint:errcheck // of a test
	}
	l := r.Thread("t").ledger
	if l.count > maxStated || len(l.books) > maxBooks || l.bytes > 512<<10 ||
		r.Statements().Forgotten == 0 {
		t.Errorf("%d losses in %d books of %d bytes, %+v", l.count, len(l.books), l.bytes,
			r.Statements())
	}
}

func TestEventsAreDistributedOverTheGapsOfAStatement(t *testing.T) {
	var r Reducer
	var s states
	arrive(&r, newStream(), producerA, 1, 4, 6)
	l := lost("t", 2, 5, 3)
	l.Events, l.Type = math.MaxUint64, pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK
	r.Add(s.of(producerA, l)) // nolint:errcheck // of a test
	all := r.Thread("t").Losses()
	want := []Cause{{l.Type, "queue_full", 3, math.MaxUint64}}
	if first := all.Gaps[0].Causes[0]; !reflect.DeepEqual(all.Causes, want) ||
		first.Events != math.MaxUint64/3*2 {
		t.Errorf("%+v, the first %+v", all.Causes, first)
	}
}

func TestLossesInJSONAreForABrowser(t *testing.T) {
	var r Reducer
	var s states
	arrive(&r, newStream(), producerA, 1, 4)
	l := lost("t", 2, 2, 1)
	l.Events = 1 << 60
	r.Add(s.of(producerA, l)) // nolint:errcheck // of a test
	text, err := json.Marshal(r.Thread("t").Losses())
	if want := `{"gaps":[{"from":2,"to":3,"place":"between","missing":2,"verdict":"partly",` +
		`"explained":1,"causes":[{"message_type":"event","reason":"queue_full","count":1,` +
		`"events":"1152921504606846976"}]}],"missing":2,"explained":1,"unexplained":1,` +
		`"pending":0,"causes":[{"message_type":"event","reason":"queue_full","count":1,` +
		`"events":"1152921504606846976"}]}`; string(text) != want || err != nil {
		t.Errorf("%s, %v, want\n%s", text, err, want)
	}
}

func TestExplainLeavesWhatIsNotStated(t *testing.T) {
	explained, rest := Explain([]Range{{2, 9}, {11, 11}, {13, 14}},
		[]pb.Loss{lost("t", 4, 5, 2), lost("t", 8, 13, 2), lost("t", 1, 2, 2)})
	if got, want := told(Losses{Gaps: explained}), "between 2..9 partly 5/8"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if want := []Range{{3, 3}, {6, 7}, {11, 11}, {13, 14}}; !reflect.DeepEqual(rest, want) {
		t.Errorf("%v are left, want %v", rest, want)
	}
}
