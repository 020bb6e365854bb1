package dasheino

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// topic is a Sender that stores what it is sent, like a Kafka topic of one partition.
type topic struct {
	t      *testing.T
	client *callback.Client

	mu      sync.Mutex
	records []callbacktest.Record
}

func (tp *topic) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	r := callbacktest.Record{Key: slices.Clone(b.Key), Value: slices.Clone(b.Value)}
	for _, h := range b.Headers {
		r.Headers = append(r.Headers, callbacktest.Header{Key: h.Key, Value: slices.Clone(h.Value)})
	}
	tp.mu.Lock()
	r.Offset = int64(len(tp.records))
	tp.records = append(tp.records, r)
	tp.mu.Unlock()
	done(b, nil)
}

func (*topic) Stats() batching.SenderStats { return batching.SenderStats{} }
func (*topic) Close(context.Context) error { return nil }

// newTopic creates a client that sends to a topic of its own, until the test calls read.
func newTopic(t *testing.T, change ...func(*callback.Config)) *topic {
	t.Helper()
	tp := &topic{t: t}
	topics.add(tp)
	cfg := callback.Config{Sender: tp, SelfMetrics: "off", Linger: time.Millisecond,
		Logger: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if tp.client, err = callback.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = tp.client.Shutdown(context.Background()) })
	return tp
}

// item is a message with its place in the tree of starts.
type item struct {
	header *pb.Header
	event  *pb.Event
	msg    *pb.DashStreamMessage
	depth  int
}

// stream is the final content of a topic: by thread, in order.
type stream struct {
	t       *testing.T
	threads map[string][]item
	order   []string
}

// read ends the client and returns the topic's content, which must follow every rule.
func (tp *topic) read() *stream {
	tp.t.Helper()
	report, err := tp.client.Shutdown(context.Background())
	if err != nil || !report.Complete() {
		tp.t.Errorf("shutdown: %+v, %v", report, err)
	}
	tp.mu.Lock()
	defer tp.mu.Unlock()
	var checker callbacktest.Checker
	s := &stream{t: tp.t, threads: map[string][]item{}}
	for _, r := range tp.records {
		checker.Add(r)
		msg, err := pb.Decode(r.Value)
		if err != nil {
			tp.t.Fatal(err)
		}
		s.add(msg)
	}
	if err := checker.Report().Err(); err != nil {
		tp.t.Error(err)
	}
	return s
}

func (s *stream) add(msg *pb.DashStreamMessage) {
	items := []item{}
	if msg.GetEventBatch() == nil && msg.GetEvent() == nil {
		items = append(items, item{header: msg.Header(), msg: msg})
	}
	for e := range msg.Events() {
		items = append(items, item{header: e.GetHeader(), event: e, msg: msg})
	}
	for _, it := range items {
		id := it.header.GetThreadId()
		if len(s.threads[id]) == 0 {
			s.order = append(s.order, id)
		}
		it.depth = s.depth(it, s.threads[id])
		s.threads[id] = append(s.threads[id], it)
	}
}

// depth is one more than that of the enclosing start, and equal to that of its own start for an
// end.
func (s *stream) depth(it item, before []item) int {
	for _, o := range before {
		if string(o.header.GetMessageId()) != string(it.header.GetParentId()) {
			continue
		}
		if ends(it.event) || it.msg.GetToolExecution() != nil && o.msg.GetToolExecution() != nil {
			return o.depth
		}
		return o.depth + 1
	}
	return 0
}

func ends(e *pb.Event) bool {
	name := e.GetEventType().String()
	return strings.HasSuffix(name, "_END") || strings.HasSuffix(name, "_ERROR") ||
		name == "EVENT_TYPE_HUMAN_INTERRUPT"
}

// thread returns the messages of a thread; "" stands for the only thread.
func (s *stream) thread(id string) []item {
	s.t.Helper()
	if id == "" {
		if len(s.order) != 1 {
			s.t.Fatalf("threads %q, want one", s.order)
		}
		id = s.order[0]
	}
	return s.threads[id]
}

// lines formats a thread as text, one message per line.
func (s *stream) lines(id string) []string {
	s.t.Helper()
	var lines []string
	for _, it := range s.thread(id) {
		lines = append(lines, strings.Repeat("  ", it.depth)+it.String())
	}
	return lines
}

func (it item) String() string {
	if x := it.msg.GetToolExecution(); x != nil {
		return strings.TrimSpace(fmt.Sprintf("TOOL %s %s %s %s%s",
			strings.TrimPrefix(x.GetStage().String(), "EXECUTION_STAGE_"), x.GetToolName(),
			x.GetArguments(), x.GetResult(), x.GetError()))
	}
	if x := it.msg.GetTokenChunk(); x != nil {
		text := fmt.Sprintf("TOKENS %q", x.GetText())
		if x.GetIsFinal() {
			text += " " + strings.TrimPrefix(x.GetFinishReason().String(), "FINISH_REASON_")
		}
		return text
	}
	if it.msg.GetStateDiff() != nil || it.msg.GetCheckpoint() != nil {
		return "STATE"
	}
	text := strings.TrimPrefix(it.event.GetEventType().String(), "EVENT_TYPE_")
	if it.event.GetNodeId() != "" {
		text += " " + it.event.GetNodeId()
	}
	for _, key := range []string{"to", "condition_result", "error", "reason", "canceled",
		"interrupted", "thought"} {
		if v, ok := it.event.GetAttributes()[key]; ok {
			text += fmt.Sprintf(" %s=%s", key, plain(v))
		}
	}
	return text
}

func plain(v *pb.AttributeValue) string {
	switch x := v.GetValue().(type) {
	case *pb.AttributeValue_StringValue:
		return x.StringValue
	case *pb.AttributeValue_IntValue:
		return fmt.Sprint(x.IntValue)
	case *pb.AttributeValue_BoolValue:
		return fmt.Sprint(x.BoolValue)
	default:
		return v.String()
	}
}

// find returns the first message of a thread whose line begins with text.
func (s *stream) find(id, text string) item {
	s.t.Helper()
	for _, it := range s.thread(id) {
		if strings.HasPrefix(it.String(), text) {
			return it
		}
	}
	s.t.Fatalf("no %q in\n%s", text, strings.Join(s.lines(id), "\n"))
	return item{}
}

// attr is an attribute of an event, as text; "" if it is not there.
func (it item) attr(key string) string {
	v, ok := it.event.GetAttributes()[key]
	if !ok {
		return ""
	}
	return plain(v)
}

// want compares a thread with lines.
func (s *stream) want(id, text string) {
	s.t.Helper()
	want := strings.Split(strings.ReplaceAll(strings.Trim(text, "\n\t"), "\n\t\t", "\n"), "\n")
	got := s.lines(id)
	if !slices.Equal(got, want) {
		s.t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// before checks that messages come in the given order, possibly with others between them.
func (s *stream) before(id string, texts ...string) {
	s.t.Helper()
	rest := s.thread(id)
	for _, text := range texts {
		i := slices.IndexFunc(rest, func(it item) bool { return it.String() == text })
		if i < 0 {
			s.t.Fatalf("%q does not come in the order %q in\n%s", text, texts,
				strings.Join(s.lines(id), "\n"))
		}
		rest = rest[i+1:]
	}
}

// count counts the messages of a thread that begin with text.
func (s *stream) count(id, text string) int {
	n := 0
	for _, it := range s.thread(id) {
		if strings.HasPrefix(it.String(), text) {
			n++
		}
	}
	return n
}
