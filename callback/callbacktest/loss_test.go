package callbacktest

import (
	"reflect"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// state adds a statement of losses.
func (s *stream) state(name string, losses ...pb.Loss) *pb.Metrics {
	s.reports++
	m, _ := pb.NewLossStatement("p1", map[string]string{"instance": "p1", "epoch": "7",
		"service": "", "host": "", "pid": "", "version": "", pb.LossNumberTag: "1"}, losses)
	m.Header = s.header(reportThread, pb.MessageType_MESSAGE_TYPE_METRICS, nil)
	s.put(name, reportThread,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: m}})
	return m
}

func lost(first, last, count uint64) pb.Loss {
	return pb.Loss{Thread: testThread, First: first, Last: last, Count: count, Events: 2 * count,
		Type: pb.MessageType_MESSAGE_TYPE_EVENT, Reason: "timeout"}
}

func explained(from, to, count uint64) ExplainedGap {
	return ExplainedGap{Gap{testThread, from, to}, count, []reduce.Cause{{
		Type: pb.MessageType_MESSAGE_TYPE_EVENT, Reason: "timeout", Count: count,
		Events: 2 * count}}}
}

func TestCheckerTellsExplainedGapsFromOthers(t *testing.T) {
	for name, tt := range map[string]struct {
		lose      []string
		state     []pb.Loss
		gaps      []Gap
		explained []ExplainedGap
	}{
		"all": {[]string{"starts"}, []pb.Loss{lost(5, 8, 4)}, nil,
			[]ExplainedGap{explained(5, 8, 4)}},
		"some": {[]string{"starts"}, []pb.Loss{lost(6, 7, 2)},
			[]Gap{{testThread, 5, 5}, {testThread, 8, 8}}, []ExplainedGap{explained(5, 8, 2)}},
		"one of two": {[]string{"plan start", "tokens"}, []pb.Loss{lost(10, 10, 1)},
			[]Gap{{testThread, 2, 2}}, []ExplainedGap{explained(10, 10, 1)}},
		"a flood": {[]string{"plan start", "tokens"}, []pb.Loss{lost(1, 20, 2)}, nil,
			[]ExplainedGap{explained(2, 2, 1), explained(10, 10, 1)}},
		"fewer than are missing": {[]string{"plan start", "tokens"}, []pb.Loss{lost(2, 10, 1)},
			[]Gap{{testThread, 10, 10}}, []ExplainedGap{explained(2, 2, 1)}},
		"the end": {[]string{"warning", "second end"}, []pb.Loss{lost(29, 30, 2)}, nil,
			[]ExplainedGap{explained(29, 30, 2)}},
		"the end, and not all of it": {[]string{"warning", "second end"},
			[]pb.Loss{lost(30, 30, 1)}, []Gap{{testThread, 29, 29}},
			[]ExplainedGap{explained(29, 30, 1)}},
		"a thread that never appears": {nil, []pb.Loss{{Thread: "u", First: 1, Last: 2, Count: 2,
			Type: pb.MessageType_MESSAGE_TYPE_ERROR, Reason: "shed"}}, nil,
			[]ExplainedGap{{Gap{"u", 1, 2}, 2, []reduce.Cause{{
				Type: pb.MessageType_MESSAGE_TYPE_ERROR, Reason: "shed", Count: 2}}}}},
	} {
		for _, first := range []bool{true, false} {
			s := perfectStream()
			s.lose(tt.lose...)
			s.state("statement", tt.state...)
			if first {
				n := len(s.records) - 1
				s.records = append(s.records[n:n:n], append(s.records[n:], s.records[:n]...)...)
			}
			report := check(t, &Checker{}, s)
			if !reflect.DeepEqual(report.Gaps, tt.gaps) ||
				!reflect.DeepEqual(report.Explained, tt.explained) {
				t.Errorf("%s, stated first: %t: gaps %v, explained %+v", name, first, report.Gaps,
					report.Explained)
			}
			report.Gaps = nil
			if err := report.Err(); err != nil {
				t.Errorf("%s, stated first: %t: beside the gaps: %v", name, first, err)
			}
		}
	}
}

func TestLostAddsUpWhatIsExplained(t *testing.T) {
	s := perfectStream()
	s.lose("plan start", "tokens", "starts")
	shed := lost(10, 10, 1)
	shed.Reason = "shed"
	s.state("statement", lost(2, 2, 1), lost(5, 8, 4), shed)
	report := check(t, &Checker{}, s)
	kind := pb.MessageType_MESSAGE_TYPE_EVENT
	if want := []reduce.Cause{{Type: kind, Reason: "shed", Count: 1, Events: 2},
		{Type: kind, Reason: "timeout", Count: 5, Events: 10}}; !reflect.DeepEqual(report.Lost(),
		want) {
		t.Errorf("%+v, want %+v", report.Lost(), want)
	}
	if got := report.Explained[1].String(); got != `thread "t": 5..8 are missing, 4 explained: `+
		`event timeout 4` {
		t.Error(got)
	}
}

func TestWhatIsUnacknowledgedMayArrive(t *testing.T) {
	s := perfectStream()
	loss := lost(10, 10, 1)
	loss.Reason = pb.LossUnacknowledged
	s.state("statement", loss)
	if report := check(t, &Checker{}, s); report.Err() != nil || report.Explained != nil {
		t.Errorf("%+v", report)
	}
}

// Each rule is broken once and by itself.
func TestCheckerChecksStatements(t *testing.T) {
	for name, change := range map[string]func(s *stream, m *pb.Metrics){
		"another instance":  func(_ *stream, m *pb.Metrics) { m.ScopeId = "p2" },
		"a tag is missing":  func(_ *stream, m *pb.Metrics) { delete(m.Tags, "host") },
		"no number":         func(_ *stream, m *pb.Metrics) { m.Tags[pb.LossNumberTag] = "0" },
		"another epoch":     func(_ *stream, m *pb.Metrics) { m.Tags["epoch"] = "9" },
		"another's tag":     func(_ *stream, m *pb.Metrics) { m.Tags["instance"] = "p2" },
		"another unit":      func(_ *stream, m *pb.Metrics) { m.Metrics["1"].Unit = "" },
		"nothing is stated": func(_ *stream, m *pb.Metrics) { m.Metrics = nil },
		"malformed": func(_ *stream, m *pb.Metrics) {
			m.Metrics["2"] = &pb.MetricValue{Unit: pb.LossUnit}
		},
		"an unknown reason": func(_ *stream, m *pb.Metrics) {
			odd := lost(10, 10, 1)
			odd.Reason = "why"
			other, _ := pb.NewLossStatement("p1", nil, []pb.Loss{odd})
			m.Metrics = other.Metrics
		},
		"it arrived": func(_ *stream, m *pb.Metrics) {
			other, _ := pb.NewLossStatement("p1", nil, []pb.Loss{lost(10, 11, 2)})
			m.Metrics = other.Metrics
		},
		"sent by another": func(s *stream, _ *pb.Metrics) {
			s.record("statement").Headers[0].Value = []byte("p2")
		},
	} {
		s := perfectStream()
		s.lose("tokens")
		change(s, s.state("statement", lost(10, 10, 1)))
		report := check(t, &Checker{}, s)
		if v := report.Violations; len(v) != 1 || v[0].Rule != RuleLoss {
			t.Errorf("%s: %v", name, v)
		}
	}
}
