package callbacktest

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func check(t *testing.T, c *Checker, s *stream) Report {
	t.Helper()
	s.addTo(t, c)
	return c.Report()
}

func TestCheckerFindsNothingInAPerfectStream(t *testing.T) {
	for _, c := range []*Checker{{}, {FromMiddle: true}, {Partitions: 1}} {
		s := perfectStream()
		compressed := s.record("starts")
		compressed.framing = pb.FramingZstd
		compressed.message.Header().Compression = pb.CompressionType_COMPRESSION_ZSTD
		for h := range compressed.message.Headers() {
			h.Compression = pb.CompressionType_COMPRESSION_ZSTD
		}
		s.record("tokens").Headers = append(s.record("tokens").Headers,
			Header{"traceparent",
				[]byte("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")},
			Header{"tracestate", nil})
		report := check(t, c, s)
		if err := report.Err(); err != nil {
			t.Fatal(err)
		}
		want := Report{Records: 27, Messages: 32, Events: 20, Threads: 2}
		if !reflect.DeepEqual(report, want) {
			t.Errorf("the report is %+v, want %+v", report, want)
		}
	}
}

// An event in the batch of another thread counts in its own thread.
func TestCheckerRefusesABatchOfTwoThreads(t *testing.T) {
	s := perfectStream()
	s.batchEvent("starts", 1).Header.ThreadId = "u"
	report := check(t, &Checker{}, s)
	rules := map[Rule]int{}
	for _, v := range report.Violations {
		rules[v.Rule]++
	}
	if rules[RuleBatch] != 1 || rules[RuleKey] != 1 {
		t.Errorf("violations are %v", report.Violations)
	}
	if report.Threads != 3 {
		t.Errorf("%d threads, want 3", report.Threads)
	}
}

func TestCheckerVerifiesThatKeysChooseTheirPartition(t *testing.T) {
	s := perfectStream()
	for _, r := range s.records {
		if string(r.Key) == testThread {
			r.Partition = 2 // 0x856a5aa8 % 3, the CRC-32 of "t"
		} else {
			r.Partition = 0 // 0xe196f67b % 3, that of the report's thread
		}
	}
	report := check(t, &Checker{Partitions: 3}, s)
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	report = check(t, &Checker{Partitions: 4}, s)
	if len(report.Violations) != len(s.records) || report.Violations[0].Rule != RulePartition {
		t.Errorf("%d violations in %d records", len(report.Violations), len(s.records))
	}
}

func TestCheckerListsGaps(t *testing.T) {
	tests := []struct {
		name string
		lost []string
		want []Gap
	}{
		{"one message", []string{"tokens"}, []Gap{{testThread, 10, 10}}},
		{"the first message", []string{"graph start"}, []Gap{{testThread, 1, 1}}},
		{"neighbours", []string{"whole state", "plan end"}, []Gap{{testThread, 3, 4}}},
		{"a start", []string{"plan start"}, []Gap{{testThread, 2, 2}}},
		{"an end", []string{"plan end"}, []Gap{{testThread, 4, 4}}},
		{"a batch of starts", []string{"starts"}, []Gap{{testThread, 5, 8}}},
		{"a batch of ends", []string{"ends"}, []Gap{{testThread, 16, 18}}},
		{"a checkpoint", []string{"checkpoint"}, []Gap{{testThread, 14, 14}}},
		{"a tool's request", []string{"tool requested"}, []Gap{{testThread, 12, 12}}},
		{"the end of a graph", []string{"graph end"}, []Gap{{testThread, 24, 24}}},
		{"here and there", []string{"plan start", "tokens"},
			[]Gap{{testThread, 2, 2}, {testThread, 10, 10}}},
		{"the last message, which nobody can see", []string{"warning"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := perfectStream()
			s.lose(tt.lost...)
			report := check(t, &Checker{}, s)
			if !reflect.DeepEqual(report.Gaps, tt.want) {
				t.Errorf("gaps are %v, want %v", report.Gaps, tt.want)
			}
			var missing uint64
			for _, g := range tt.want {
				missing += g.To - g.From + 1
			}
			if report.Missing() != missing {
				t.Errorf("%d are missing, want %d", report.Missing(), missing)
			}
			report.Gaps = nil
			if err := report.Err(); err != nil {
				t.Errorf("beside the gaps: %v", err)
			}
		})
	}
}

// One missing message can't have been two starts.
func TestCheckerExcusesNoMoreThanIsMissing(t *testing.T) {
	s := perfectStream()
	s.lose("plan start")
	s.byName["tokens"].Header.ParentId = make([]byte, 16)
	report := check(t, &Checker{}, s)
	if len(report.Violations) != 1 || report.Violations[0].Rule != RuleParent ||
		report.Violations[0].Sequence != 10 {
		t.Errorf("violations are %v", report.Violations)
	}
}

func TestCheckerTellsReordersFromDuplicates(t *testing.T) {
	t.Run("late message", func(t *testing.T) {
		s := perfectStream()
		s.move("tokens", "llm end")
		report := check(t, &Checker{}, s)
		if want := []Reorder{{testThread, 10, 11}}; !reflect.DeepEqual(report.Reorders, want) {
			t.Errorf("reorders are %v, want %v", report.Reorders, want)
		}
		report.Reorders = nil
		if err := report.Err(); err != nil {
			t.Error(err)
		}
	})
	t.Run("start behind its end", func(t *testing.T) {
		s := perfectStream()
		s.move("plan start", "plan end")
		report := check(t, &Checker{}, s)
		if want := []Reorder{{testThread, 2, 4}}; !reflect.DeepEqual(report.Reorders, want) {
			t.Errorf("reorders are %v, want %v", report.Reorders, want)
		}
		report.Reorders = nil
		if err := report.Err(); err != nil {
			t.Error(err)
		}
	})
	t.Run("record that came twice", func(t *testing.T) {
		for _, name := range []string{"plan start", "starts", "checkpoint", "ends", "graph end"} {
			s := perfectStream()
			again := *s.record(name)
			again.message = proto.CloneOf(again.message)
			s.records = append(s.records, &again)
			report := check(t, &Checker{}, s)
			var want []Duplicate
			for h := range again.message.Headers() {
				want = append(want, Duplicate{testThread, h.GetSequence()})
			}
			if !reflect.DeepEqual(report.Duplicates, want) {
				t.Errorf("duplicates are %v, want %v", report.Duplicates, want)
			}
			if report.Messages != 32 {
				t.Errorf("%d messages, want 32", report.Messages)
			}
			report.Duplicates = nil
			if err := report.Err(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestThreadSplitsGapsThatAreFilled(t *testing.T) {
	th := newThread("t", 0)
	for _, step := range []struct {
		number uint64
		place  place
		gaps   []span
	}{
		{1, placeNext, nil},
		{10, placeNext, []span{{2, 9}}},
		{5, placeFilled, []span{{2, 4}, {6, 9}}},
		{5, placeTaken, []span{{2, 4}, {6, 9}}},
		{20, placeNext, []span{{2, 4}, {6, 9}, {11, 19}}},
		{2, placeFilled, []span{{3, 4}, {6, 9}, {11, 19}}},
		{9, placeFilled, []span{{3, 4}, {6, 8}, {11, 19}}},
		{4, placeFilled, []span{{3, 3}, {6, 8}, {11, 19}}},
		{3, placeFilled, []span{{6, 8}, {11, 19}}},
		{1, placeTaken, []span{{6, 8}, {11, 19}}},
		{7, placeFilled, []span{{6, 6}, {8, 8}, {11, 19}}},
	} {
		_, place := th.place(step.number, false)
		if place != step.place {
			t.Errorf("%d falls on %v, want %v", step.number, place, step.place)
		}
		var missing uint64
		for _, g := range th.gaps {
			missing += g.to - g.from + 1
		}
		if len(th.gaps)+len(step.gaps) > 0 && !reflect.DeepEqual(th.gaps, step.gaps) ||
			missing != th.missing {
			t.Errorf("after %d the gaps are %v (%d missing), want %v", step.number, th.gaps,
				th.missing, step.gaps)
		}
	}
}

func TestCheckerListsStartsWithoutAnEnd(t *testing.T) {
	s := perfectStream()
	s.records = s.records[:4] // up to the whole state, with the first report in between
	report := check(t, &Checker{}, s)
	want := []Unended{{testThread, 1, "EVENT_TYPE_GRAPH_START", ""},
		{testThread, 2, "EVENT_TYPE_NODE_START", "plan"}}
	if !reflect.DeepEqual(report.Unended, want) {
		t.Errorf("unended are %v, want %v", report.Unended, want)
	}
	report.Unended = nil
	if err := report.Err(); err != nil {
		t.Error(err)
	}
}

func TestCheckerTakesAGraphThatWaitsAsEnded(t *testing.T) {
	s := perfectStream()
	for i, r := range s.records {
		if r.name == "interrupt" {
			s.records = s.records[:i+1]
			break
		}
	}
	if err := check(t, &Checker{}, s).Err(); err != nil {
		t.Error(err)
	}
}

func TestCheckerAcceptsAThreadThatIsResumedElsewhere(t *testing.T) {
	s := newStream()
	s.event("start", testThread, pb.EventType_EVENT_TYPE_GRAPH_START, "", nil)
	s.event("interrupt", testThread, pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT, "", s.byName["start"])
	resume := s.event("resume", testThread, pb.EventType_EVENT_TYPE_HUMAN_RESUME, "", nil)
	node := s.event("node start", testThread, pb.EventType_EVENT_TYPE_NODE_START, "n", resume)
	s.event("node end", testThread, pb.EventType_EVENT_TYPE_NODE_END, "n", node)
	s.event("end", testThread, pb.EventType_EVENT_TYPE_GRAPH_END, "", resume)
	if err := check(t, &Checker{}, s).Err(); err != nil {
		t.Error(err)
	}
}

func TestCheckerStartsInTheMiddle(t *testing.T) {
	complete := perfectStream().records
	for i := range complete {
		s := perfectStream()
		s.records = s.records[i:]
		if err := check(t, &Checker{FromMiddle: true}, s).Err(); err != nil {
			t.Fatalf("from record %d (%s): %v", i, complete[i].name, err)
		}
	}
	t.Run("gap behind the middle", func(t *testing.T) {
		s := perfectStream()
		s.records = s.records[4:]
		s.lose("tokens")
		report := check(t, &Checker{FromMiddle: true}, s)
		if want := []Gap{{testThread, 10, 10}}; !reflect.DeepEqual(report.Gaps, want) {
			t.Errorf("gaps are %v, want %v", report.Gaps, want)
		}
	})
	t.Run("thread that begins behind the middle", func(t *testing.T) {
		s := perfectStream()
		s.byName["tokens"].Header.ParentId = make([]byte, 16)
		report := check(t, &Checker{FromMiddle: true}, s)
		if len(report.Violations) != 1 || report.Violations[0].Rule != RuleParent {
			t.Errorf("violations are %v", report.Violations)
		}
	})
	t.Run("message from before the middle", func(t *testing.T) {
		s := perfectStream()
		s.move("tokens", "ends")
		s.records = s.records[12:]
		report := check(t, &Checker{FromMiddle: true}, s)
		if want := []Duplicate{{testThread, 10}}; !reflect.DeepEqual(report.Duplicates, want) {
			t.Errorf("duplicates are %v, want %v", report.Duplicates, want)
		}
	})
}

func TestReportErrIsShort(t *testing.T) {
	c := &Checker{MaxViolations: 30}
	for i := range 1000 {
		c.Add(Record{Key: []byte("k"), Value: []byte{9}, Offset: int64(i)})
	}
	report := c.Report()
	if len(report.Violations) != 30 || report.Omitted != 970 {
		t.Errorf("%d violations are kept and %d omitted", len(report.Violations), report.Omitted)
	}
	text := report.Err().Error()
	if lines := strings.Count(text, "\n") + 1; lines != errorLines+1 ||
		!strings.HasSuffix(text, "and 980 more violations") {
		t.Errorf("the error has %d lines:\n%s", lines, text)
	}
}

func TestCheckerTakesPartitionsFromSeveralGoroutines(t *testing.T) {
	var c Checker
	var wg sync.WaitGroup
	for p := range 4 {
		wg.Go(func() {
			s := newStream()
			s.ids = uint64(p) << 32
			thread := fmt.Sprint("thread-", p)
			graph := s.event("start", thread, pb.EventType_EVENT_TYPE_GRAPH_START, "", nil)
			for range 50 {
				s.event("warning", thread, pb.EventType_EVENT_TYPE_NODE_WARNING, "", graph)
			}
			s.event("end", thread, pb.EventType_EVENT_TYPE_GRAPH_END, "", graph)
			for _, r := range s.records {
				r.Partition = int32(p)
			}
			s.addTo(t, &c)
			c.Report()
		})
	}
	wg.Wait()
	report := c.Report()
	if err := report.Err(); err != nil || report.Messages != 4*52 {
		t.Errorf("%d messages: %v", report.Messages, err)
	}
}

func BenchmarkChecker(b *testing.B) {
	s := perfectStream()
	for _, r := range s.records {
		body, err := proto.Marshal(r.message)
		if err != nil {
			b.Fatal(err)
		}
		r.Value = append([]byte{pb.FramingPlain}, body...)
	}
	b.ReportAllocs()
	for b.Loop() {
		var c Checker
		for _, r := range s.records {
			c.Add(r.Record)
		}
	}
}
