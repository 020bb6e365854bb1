package dashstreampb

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
)

func lossOfEvents(thread string, first, last, count uint64) Loss {
	return Loss{Thread: thread, First: first, Last: last, Count: count, Events: count,
		Type: MessageType_MESSAGE_TYPE_EVENT, Reason: "queue_full"}
}

func TestAStatementHasTheFormOfTheContract(t *testing.T) {
	tags := map[string]string{"instance": "i", "epoch": "7", LossNumberTag: "1"}
	m, rest := NewLossStatement("i", tags, []Loss{{Thread: "t", First: 3, Last: 9, Count: 7,
		Events: 12, Type: MessageType_MESSAGE_TYPE_EVENT, Reason: "queue_full"}})
	want := &Metrics{Scope: "dashstream_loss", ScopeId: "i", Tags: tags,
		Metrics: map[string]*MetricValue{"1": {Unit: "messages",
			Value: &MetricValue_StringValue{StringValue: `{"thread_id":"t","first":"3",` +
				`"last":"9","count":"7","events":"12","message_type":"event",` +
				`"reason":"queue_full"}`}}}}
	if !proto.Equal(m, want) || rest != nil {
		t.Errorf("%v, and %v; want %v", m, rest, want)
	}
}

func TestStatementsCarryEveryKindAndReason(t *testing.T) {
	var losses []Loss
	for _, kind := range []string{"event", "state_diff", "token_chunk", "tool_execution",
		"checkpoint", "metrics", "error", "execution_trace"} {
		for _, reason := range append(LossReasons(), "of_a_later_producer") {
			l := lossOfEvents("\"<ü\x00>", math.MaxUint64-5, math.MaxUint64, 1)
			l.Type, l.Reason, l.Events = lossTypes[kind], reason, math.MaxUint64
			losses = append(losses, l)
		}
	}
	m, rest := NewLossStatement("i", nil, losses)
	got, err := Losses(m)
	if !slices.Equal(got, losses) || rest != nil || err != nil {
		t.Errorf("%v, and %v, %v", got, rest, err)
	}
}

func TestAFloodOfLossesIsSeveralStatements(t *testing.T) {
	for name, thread := range map[string]string{
		"by number": "t", "by size": strings.Repeat("\x01", MaxThreadIDBytes),
	} {
		var losses, got []Loss
		for n := uint64(1); n <= 2500; n++ {
			losses = append(losses, lossOfEvents(thread, 2*n, 2*n, 1))
		}
		statements := 0
		for rest := losses; len(rest) > 0; statements++ {
			var m *Metrics
			m, rest = NewLossStatement("i", nil, rest)
			if size := proto.Size(m); size > 300<<10 || len(m.GetMetrics()) > MaxLosses {
				t.Fatalf("%s: %d losses in %d bytes", name, len(m.GetMetrics()), size)
			}
			some, err := Losses(m)
			if err != nil || len(some) == 0 {
				t.Fatalf("%s: %d losses, %v", name, len(some), err)
			}
			got = append(got, some...)
		}
		if !slices.Equal(got, losses) || statements < 3 {
			t.Errorf("%s: %d of %d losses in %d statements", name, len(got), len(losses),
				statements)
		}
	}
}

func TestWhatReadersWouldRejectIsNotStated(t *testing.T) {
	good := lossOfEvents("t", 1, 2, 2)
	m, rest := NewLossStatement("i", nil, []Loss{{}, good, lossOfEvents("", 1, 1, 1)})
	if got, err := Losses(m); !slices.Equal(got, []Loss{good}) || err != nil || rest != nil {
		t.Errorf("%v, %v, and %v", got, err, rest)
	}
}

const goodLoss = `{"thread_id":"t","first":"3","last":"9","count":"7","events":"12",` +
	`"message_type":"event","reason":"queue_full"}`

func TestMalformedLossesAreRejectedAndCounted(t *testing.T) {
	text := func(s string) *MetricValue {
		return &MetricValue{Value: &MetricValue_StringValue{StringValue: s}}
	}
	replaced := func(pairs ...string) *MetricValue {
		return text(strings.NewReplacer(pairs...).Replace(goodLoss))
	}
	for name, tt := range map[string]struct {
		key   string
		value *MetricValue
		want  error
	}{
		"no value": {"2", nil, errLossValue},
		"a number": {"2", &MetricValue{Value: &MetricValue_IntValue{IntValue: 1}},
			errLossValue},
		"a long text":      {"2", text(goodLoss + strings.Repeat(" ", MaxLossBytes)), errLossValue},
		"no JSON":          {"2", text("{"), errLossJSON},
		"a list":           {"2", text("[]"), errLossJSON},
		"null":             {"2", text("null"), errLossJSON},
		"deep":             {"2", text(strings.Repeat("[", MaxLossBytes)), errLossJSON},
		"JSON's number":    {"2", replaced(`"3"`, `3`), errLossJSON},
		"a negative":       {"2", replaced(`"3"`, `"-3"`), errLossJSON},
		"beyond 64 bits":   {"2", replaced(`"9"`, `"18446744073709551616"`), errLossJSON},
		"no events":        {"2", replaced(`"events":"12",`, ``), errLossJSON},
		"key 0":            {"0", text(goodLoss), errLossKey},
		"a word as key":    {"one", text(goodLoss), errLossKey},
		"an empty key":     {"", text(goodLoss), errLossKey},
		"a key with zeros": {"02", text(goodLoss), errLossKey},
		"no thread":        {"2", replaced(`"t"`, `""`), errLossThread},
		"a long thread":    {"2", replaced(`"t"`, `"`+strings.Repeat("t", 257)+`"`), errLossThread},
		"number 0":         {"2", replaced(`"3"`, `"0"`), errLossRange},
		"backwards":        {"2", replaced(`"9"`, `"2"`), errLossRange},
		"none":             {"2", replaced(`"7"`, `"0"`), errLossRange},
		"more than fit":    {"2", replaced(`"7"`, `"8"`), errLossRange},
		"a batch":          {"2", replaced(`"event"`, `"event_batch"`), errLossType},
		"no kind":          {"2", replaced(`"event"`, `"unspecified"`), errLossType},
		"another kind":     {"2", replaced(`"event"`, `"evil"`), errLossType},
		"no reason":        {"2", replaced(`queue_full`, ``), errLossReason},
		"a sentence":       {"2", replaced(`queue_full`, `queue full`), errLossReason},
		"a long reason":    {"2", replaced(`queue_full`, strings.Repeat("a", 65)), errLossReason},
	} {
		m := &Metrics{Scope: LossScope, Metrics: map[string]*MetricValue{"1": text(goodLoss),
			tt.key: tt.value, "3": text(goodLoss)}}
		losses, err := Losses(m)
		var refused *LossError
		if len(losses) != 2 || !errors.As(err, &refused) || refused.Refused != 1 ||
			!errors.Is(err, tt.want) {
			t.Errorf("%s: %d losses, %v; want %v", name, len(losses), err, tt.want)
		}
	}
}

func TestAStatementWithTooManyLossesIsRejected(t *testing.T) {
	m := &Metrics{Metrics: map[string]*MetricValue{}}
	for n := range MaxLosses + 1 {
		m.Metrics[fmt.Sprint(n+1)] = &MetricValue{
			Value: &MetricValue_StringValue{StringValue: goodLoss}}
	}
	var refused *LossError
	if got, err := Losses(m); got != nil || !errors.As(err, &refused) ||
		refused.Refused != MaxLosses+1 {
		t.Errorf("%d losses, %v", len(got), err)
	}
}

func TestOnlyAProducersThreadStatesLosses(t *testing.T) {
	statement := func() *DashStreamMessage {
		m, _ := NewLossStatement("i", nil, []Loss{lossOfEvents("t", 1, 1, 1)})
		m.Header = &Header{ThreadId: ReportThreadPrefix + "i"}
		return &DashStreamMessage{Message: &DashStreamMessage_Metrics{Metrics: m}}
	}
	if statement().LossStatement() == nil {
		t.Error("a statement is none")
	}
	for name, change := range map[string]func(m *Metrics){
		"another scope":    func(m *Metrics) { m.Scope = ReportScope },
		"another instance": func(m *Metrics) { m.ScopeId = "j" },
		"a user's thread":  func(m *Metrics) { m.Header.ThreadId = "i" },
		"a number":         func(m *Metrics) { m.Header.Sequence = 1 },
		"no header":        func(m *Metrics) { m.Header = nil },
	} {
		m := statement()
		change(m.GetMetrics())
		if m.LossStatement() != nil {
			t.Errorf("%s is a statement", name)
		}
	}
	if (*DashStreamMessage)(nil).LossStatement() != nil {
		t.Error("nil is a statement")
	}
}

// Whatever a statement has, its losses are within their limits, and come back when they are stated
// again.
func FuzzLosses(f *testing.F) {
	f.Add("1", goodLoss)
	f.Add("18446744073709551615", strings.ReplaceAll(goodLoss, `"9"`, `"18446744073709551615"`))
	f.Add("0", `{"thread_id":"\ud800","first":"1","last":"1","count":"1","events":"0",`+
		`"message_type":"error","reason":"_"}`)
	f.Fuzz(func(t *testing.T, key, text string) {
		m := &Metrics{Metrics: map[string]*MetricValue{
			key: {Value: &MetricValue_StringValue{StringValue: text}}}}
		losses, err := Losses(m)
		if (err == nil) != (len(losses) == 1) {
			t.Fatalf("%v, %v", losses, err)
		}
		if err != nil {
			return
		}
		if l := losses[0]; l.First < 1 || l.Last < l.First || l.Count < 1 ||
			l.Count-1 > l.Last-l.First || len(l.Thread) > MaxThreadIDBytes || l.Thread == "" {
			t.Fatalf("%v was accepted", l)
		}
		again, _ := NewLossStatement("i", nil, losses)
		if back, err := Losses(again); err != nil || !slices.Equal(back, losses) {
			t.Fatalf("%v, and again %v, %v", losses, back, err)
		}
	})
}
