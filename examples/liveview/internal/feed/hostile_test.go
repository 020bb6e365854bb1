package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kgo"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
)

const script = `</script><script>alert(1)</script><img src=x onerror=alert(1)>`

// strict is a page that reads every frame.
type strict struct {
	t      *testing.T
	frames int
	bytes  int
}

func (s *strict) Push(b []byte) bool {
	s.frames++
	s.bytes += len(b)
	if !json.Valid(b) {
		s.t.Fatalf("a frame is not JSON: %.300q", b)
	}
	if bytes.Contains(b, []byte("<script")) {
		s.t.Errorf("a frame has a script that is not escaped: %.300q", b)
	}
	return true
}

func (s *strict) PushSnapshot(b []byte) { s.Push(b) }

// hostile makes records that nobody should send.
type hostile struct {
	random *rand.Rand
	number uint64
	bombs  [][]byte
}

func newHostile(t *testing.T) *hostile {
	h := &hostile{random: rand.New(rand.NewPCG(18, 4))}
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	h.bombs = append(h.bombs, append([]byte{1}, w.EncodeAll(make([]byte, 64<<20), nil)...))
	var streamed bytes.Buffer
	s, err := zstd.NewWriter(&streamed)
	if err != nil {
		t.Fatal(err)
	}
	for range 64 {
		_, _ = s.Write(make([]byte, 1<<20))
	}
	_ = s.Close()
	h.bombs = append(h.bombs, append([]byte{1}, streamed.Bytes()...))
	return h
}

func (h *hostile) header() *pb.Header {
	h.number++
	id := make([]byte, 16)
	for i := range id {
		id[i] = byte(h.random.IntN(256))
	}
	parent := make([]byte, 16)
	copy(parent, id[:h.random.IntN(17)])
	n := h.number
	switch h.random.IntN(8) {
	case 0:
		n = h.random.Uint64()
	case 1:
		n = 0
	}
	return &pb.Header{MessageId: id, ParentId: parent, Sequence: n, SchemaVersion: 1,
		ThreadId: fmt.Sprintf("t%d%s", h.random.IntN(30), script), TenantId: script,
		TimestampUs: h.random.Int64() - math.MaxInt64/2}
}

// text is a text in which something is hidden.
func (h *hostile) text() string {
	switch h.random.IntN(6) {
	case 0:
		return strings.Repeat("[", 100_000)
	case 1:
		return strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50)
	case 2:
		return `{"__proto__":{"x":1},"constructor":"` + script + `","n":1e999}`
	case 3:
		return strings.Repeat(script, 2000)
	case 4:
		return "\x00\u2028\u2029\ufeff" + script
	}
	return script
}

func (h *hostile) message() *pb.DashStreamMessage {
	switch h.random.IntN(7) {
	case 0:
		return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{
			StateDiff: &pb.StateDiff{Header: h.header(), FullState: []byte(h.text())}}}
	case 1:
		return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{
			StateDiff: &pb.StateDiff{Header: h.header(), Operations: []*pb.DiffOperation{{
				Op: pb.DiffOperation_OpType(h.random.IntN(9)), Path: "/" + h.text(),
				Value: []byte(h.text())}}}}}
	case 2:
		return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_ToolExecution{
			ToolExecution: &pb.ToolExecution{Header: h.header(), CallId: h.text(),
				ToolName: script, Arguments: []byte(h.text()), Error: h.text(),
				Stage:      pb.ToolExecution_ExecutionStage(h.random.IntN(8)),
				DurationUs: h.random.Int64() - math.MaxInt64/2, RetryCount: math.MaxUint32}}}
	case 3:
		return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_TokenChunk{
			TokenChunk: &pb.TokenChunk{Header: h.header(), RequestId: "r", Text: h.text()}}}
	case 4:
		return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: &pb.Metrics{
			Header: h.header(), Scope: pb.ReportScope, ScopeId: h.text(),
			Tags: map[string]string{"service": h.text(), "epoch": "x", "interval_seconds": "NaN"},
			Metrics: map[string]*pb.MetricValue{"dashstream_seconds_to_first_loss": {
				Value: &pb.MetricValue_FloatValue{FloatValue: math.NaN()}},
				"dashstream_pressure_level": {
					Value: &pb.MetricValue_FloatValue{FloatValue: math.Inf(1)}},
				`dashstream_emit_to_ack_seconds_bucket{le="x`: {}}}}}
	}
	e := &pb.Event{Header: h.header(), NodeId: h.text(), LlmRequestId: h.text(),
		EventType:  pb.EventType(h.random.IntN(95)),
		DurationUs: h.random.Int64() - math.MaxInt64/2, Attributes: map[string]*pb.AttributeValue{
			script: {Value: &pb.AttributeValue_StringValue{StringValue: script}}}}
	for _, key := range []string{pb.AttrGraphSchemaJSON, pb.AttrInitialStateJSON, pb.AttrError,
		pb.AttrFrom, pb.AttrTo, pb.AttrPrompt, pb.AttrToolName, pb.AttrReason} {
		e.Attributes[key] = &pb.AttributeValue{
			Value: &pb.AttributeValue_StringValue{StringValue: h.text()}}
	}
	for _, key := range []string{pb.AttrPercent, pb.AttrBestScore} {
		e.Attributes[key] = &pb.AttributeValue{
			Value: &pb.AttributeValue_FloatValue{FloatValue: math.NaN()}}
	}
	e.Attributes[pb.AttrTotalTokens] = &pb.AttributeValue{
		Value: &pb.AttributeValue_IntValue{IntValue: math.MinInt64}}
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: e}}
}

func (h *hostile) value(t *testing.T) []byte {
	switch h.random.IntN(10) {
	case 0:
		b := make([]byte, h.random.IntN(200))
		for i := range b {
			b[i] = byte(h.random.IntN(256))
		}
		return b
	case 1:
		if h.random.IntN(100) == 0 {
			return h.bombs[h.random.IntN(len(h.bombs))]
		}
	}
	b, err := pb.Encode(h.message())
	if err != nil {
		t.Fatal(err)
	}
	if h.random.IntN(3) == 0 {
		for range 1 + h.random.IntN(3) {
			b[h.random.IntN(len(b))] = byte(h.random.IntN(256))
		}
	}
	return b
}

func TestHostileTopicIsCountedAndDoesNoHarm(t *testing.T) {
	now := time.UnixMicro(1_700_000_000_000_000)
	in, err := intake.New()
	if err != nil {
		t.Fatal(err)
	}
	f := &Feed{intake: in, View: view.New(view.Config{Store: view.NewMemory(8 << 20),
		Now: func() time.Time { return now }, MaxBytes: 32 << 20})}
	h, page := newHostile(t), &strict{t: t}
	for _, kind := range []string{"runs", "producers", "health"} {
		if err := f.View.Subscribe(page, view.Want{Kind: kind, Limit: 100},
			func(string) {}); err != nil {
			t.Fatal(err)
		}
	}
	const total = 6000
	for i := range total {
		r := &kgo.Record{Key: []byte(fmt.Sprintf("t%d%s", h.random.IntN(30), script)),
			Value: h.value(t), Offset: int64(i), Timestamp: now,
			Headers: []kgo.RecordHeader{{Key: pb.HeaderProducer, Value: []byte(script)}}}
		f.View.Add([]view.Incoming{f.incoming(r)})
		if i%50 != 0 {
			continue
		}
		now = now.Add(time.Second)
		f.View.Tick()
		if ids := f.View.Threads(); len(ids) > 0 {
			id := ids[h.random.IntN(len(ids))]
			_ = f.View.Subscribe(page, view.Want{Kind: "run", Thread: id}, func(string) {})
			if b, err := f.View.At(id, view.Moment{Sequence: h.number / 2}); err == nil {
				page.Push(b)
			}
		}
	}
	health := f.View.Health()
	if health.Records != total || health.Undecoded == 0 || health.Messages == 0 ||
		health.Kept > health.KeptMax {
		t.Errorf("%+v, want all %d records to be counted", health, total)
	}
	var reasons []string
	for _, r := range health.ByReason {
		reasons = append(reasons, fmt.Sprint(r.Reason, " ", r.Count))
	}
	t.Logf("%d messages, %d undecoded (%s), %d frames, %d MB", health.Messages,
		health.Undecoded, strings.Join(reasons, ", "), page.frames, page.bytes>>20)
}
