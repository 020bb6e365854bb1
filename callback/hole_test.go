package callback

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// arrivals is a Sender that stores the values it is sent.
type arrivals struct {
	mu     sync.Mutex
	values [][]byte
}

func (a *arrivals) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	if b.Lane() != nil { // a statement of losses is not of a thread
		a.mu.Lock()
		a.values = append(a.values, bytes.Clone(b.Value))
		a.mu.Unlock()
	}
	done(b, nil)
}

func (a *arrivals) Stats() batching.SenderStats { return batching.SenderStats{} }
func (a *arrivals) Close(context.Context) error { return nil }

// texts lists the messages of warnings and the texts of tokens that arrived, a "|" between records.
func (a *arrivals) texts(t *testing.T) string {
	t.Helper()
	var records []string
	for _, v := range a.values {
		m, err := pb.Decode(v)
		if err != nil {
			t.Fatal(err)
		}
		words := []string{}
		for e := range m.Events() {
			words = append(words, e.GetAttributes()["message"].GetStringValue())
		}
		if x := m.GetTokenChunk(); x != nil {
			words = append(words, x.GetText())
		}
		if x := m.GetToolExecution(); x != nil {
			words = append(words, x.GetToolName())
		}
		records = append(records, strings.Join(words, " "))
	}
	return strings.Join(records, "|")
}

// misreserve reserves a slot and abandons it. That happens when a caller changes its attributes
// while they are written, so that they become shorter or longer than planned.
func misreserve(t *testing.T, thread *thread, entry batching.Entry, written int) {
	t.Helper()
	entry.At, entry.Width = time.Duration(thread.client.clock.now()), thread.lane.Width()
	entry.MessageSize = entry.Size
	var slot batching.Slot
	status := thread.lane.Reserve(&entry, &slot)
	if status != batching.Reserved {
		t.Fatalf("the reservation has status %d", status)
	}
	slot.Commit(len(append(slot.Buf[:0], bytes.Repeat([]byte{0xff}, written)...)))
}

func TestAnEventThatChangedMeanwhileHurtsNoOther(t *testing.T) {
	size := func(n int) batching.Entry {
		return batching.Entry{Kind: kindEvent, Join: joinEvents,
			Size: n}
	}
	tests := map[string]struct {
		emit func(t *testing.T, n *Node)
		want string
		lost uint64
	}{
		"in the middle": {func(t *testing.T, n *Node) {
			n.Warning("a")
			misreserve(t, n.thread, size(100), 99)
			n.Warning("b")
		}, " a b", 1},
		"longer than planned": {func(t *testing.T, n *Node) {
			n.Warning("a")
			misreserve(t, n.thread, size(100), 101)
			n.Warning("b")
		}, " a b", 1},
		"at the end": {func(t *testing.T, n *Node) {
			n.Warning("a")
			misreserve(t, n.thread, size(300), 0)
		}, " a", 1},
		"short": {func(t *testing.T, n *Node) {
			misreserve(t, n.thread, size(5), 4)
			n.Warning("b")
		}, " b", 1},
		"two in a row": {func(t *testing.T, n *Node) {
			misreserve(t, n.thread, size(50), 0)
			misreserve(t, n.thread, size(60), 0)
			n.Warning("b")
		}, " b", 2},
		"around another": {func(t *testing.T, n *Node) {
			misreserve(t, n.thread, size(50), 0)
			n.Warning("b")
			misreserve(t, n.thread, size(60), 0)
		}, " b", 2},
		"alone in its batch": {func(t *testing.T, n *Node) {
			n.StartTool(ToolCall{Name: "tool"})
			misreserve(t, n.thread, size(50), 0)
			n.StartTool(ToolCall{Name: "tool"})
		}, "|tool|tool", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &arrivals{}
				c, err := New(Config{Sender: a,
					SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				tt.emit(t, c.StartRun(RunInfo{}).Root()) // GRAPH_START comes first, with no text
				report, err := c.Shutdown(t.Context())
				if got := a.texts(t); got != tt.want || err != nil {
					t.Errorf("%q arrived, want %q (%v)", got, tt.want, err)
				}
				if report.Dropped["internal"] != tt.lost ||
					report.Delivered != report.Emitted-tt.lost || report.Left != 0 {
					t.Errorf("the report is %+v, want %d lost", report, tt.lost)
				}
			})
		})
	}
}

// A message that is a record of its own is lost alone. So is one that several chunks of tokens form
// together, of which no part can be left out.
func TestAMessageThatChangedMeanwhileIsLostAlone(t *testing.T) {
	const token = uint64(7)
	tests := map[string]struct {
		emit func(t *testing.T, th *thread)
		want string
		lost uint64
	}{
		"a tool": {func(t *testing.T, th *thread) {
			misreserve(t, th, batching.Entry{Kind: kindTool, Size: 50}, 49)
		}, "|tool", 1},
		"a chunk": {func(t *testing.T, th *thread) {
			misreserve(t, th, batching.Entry{Kind: kindTokens, Join: token, OneMessage: true,
				Size: 50}, 49)
		}, "|tool", 1},
		"one of two chunks": {func(t *testing.T, th *thread) {
			th.emitTokens(&wire.Tokens{Text: "x"}, token, &envelope{at: th.client.now()})
			misreserve(t, th, batching.Entry{Kind: kindTokens, Join: token, OneMessage: true,
				Size: 50, JoinedSize: 40}, 39)
		}, "|tool", 2},
		"a chunk, then another request": {func(t *testing.T, th *thread) {
			misreserve(t, th, batching.Entry{Kind: kindTokens, Join: token, OneMessage: true,
				Size: 50}, 49)
			th.emitTokens(&wire.Tokens{Text: "x"}, token+1, &envelope{at: th.client.now()})
		}, "|x|tool", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &arrivals{}
				c, err := New(Config{Sender: a,
					SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				n := c.StartRun(RunInfo{}).Root()
				tt.emit(t, n.thread)
				n.StartTool(ToolCall{Name: "tool"})
				report, err := c.Shutdown(t.Context())
				if got := a.texts(t); got != tt.want || err != nil {
					t.Errorf("%q arrived, want %q (%v)", got, tt.want, err)
				}
				if report.Dropped["internal"] != tt.lost ||
					report.Delivered != report.Emitted-tt.lost || report.Left != 0 {
					t.Errorf("the report is %+v, want %d lost", report, tt.lost)
				}
			})
		})
	}
}

// The rest of a hole's mark must never be taken for an event, nor an event for a hole.
func TestSealRefusesABatchThatItCannotTakeApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &arrivals{}
		c, err := New(Config{Sender: a, SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		n := c.StartRun(RunInfo{}).Root()
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		th := n.thread
		entry := batching.Entry{Kind: kindEvent, Join: joinEvents, Size: 40, MessageSize: 40,
			At: time.Duration(th.client.clock.now()), Width: th.lane.Width()}
		var slot batching.Slot
		th.lane.Reserve(&entry, &slot)
		copy(slot.Buf, bytes.Repeat([]byte{0xff}, 40)) // no event
		slot.Commit(len(slot.Buf))
		misreserve(t, th, batching.Entry{Kind: kindEvent, Join: joinEvents, Size: 50}, 0)
		n.Warning("b")
		report, _ := c.Shutdown(t.Context())
		if len(a.values) != 1 || report.Dropped["internal"] != 3 || report.Left != 0 {
			t.Errorf("%d records, report %+v; want the batch dropped as internal", len(a.values),
				report)
		}
	})
}
