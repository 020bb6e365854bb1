package seal_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/redact"
	"github.com/dashstream/dashstream-go/internal/seal"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// records is a Sender that stores what it is sent, and acknowledges it a second later.
type records struct {
	mu   sync.Mutex
	sent map[string][]*pb.DashStreamMessage // by key
}

func (r *records) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	m, err := pb.Decode(b.Value)
	if err != nil {
		panic(err)
	}
	r.mu.Lock()
	r.sent[string(b.Key)] = append(r.sent[string(b.Key)], m)
	r.mu.Unlock()
	time.AfterFunc(time.Second, func() { done(b, nil) })
}

func (r *records) Stats() batching.SenderStats { return batching.SenderStats{} }
func (r *records) Close(context.Context) error { return nil }

// pipe is an engine with a Sealer, without a client.
type pipe struct {
	t      *testing.T
	engine *batching.Engine
	records
	noRoom int // how often Seal returned that the queue has no room
}

func newPipe(t *testing.T, maxMessage int, queue int64) *pipe {
	t.Helper()
	redactor, err := redact.New(redact.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	sealer := seal.New(seal.Config{
		MaxMessageBytes: maxMessage, StateBytes: 1 << 20, CheckpointPatches: 32,
		CheckpointBytes: 1 << 20,
		Redactor:        redactor, Logger: slog.New(slog.DiscardHandler),
		MessageID: func(n uint64) wire.ID { return wire.ID{15: byte(n)} },
		Micros:    time.Time.UnixMicro,
	})
	p := &pipe{t: t, records: records{sent: map[string][]*pb.DashStreamMessage{}}}
	p.engine, err = batching.New(batching.Config{
		Sender: &p.records, Kinds: []string{"", "event"},
		MaxMessageBytes: maxMessage, QueueBytes: queue, BatchBytes: 16 << 10,
		Logger: slog.New(slog.DiscardHandler),
		Seal: func(b *batching.Sealing) error {
			err := sealer.Seal(b)
			if err == batching.ErrNoRoom {
				p.noRoom++
			}
			return err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pipe) lane(id string) (*batching.Lane, *seal.Thread) {
	th := new(seal.Thread)
	th.Init("", id)
	return p.engine.NewLane(id, th, th.BatchOverhead, 0), th
}

// emit emits an event with a text and so many one-letter passwords, and reports whether it was
// accepted.
func (p *pipe) emit(l *batching.Lane, th *seal.Thread, text string, passwords int) bool {
	p.t.Helper()
	e := wire.Event{Type: byte(pb.EventType_EVENT_TYPE_NODE_WARNING)}
	e.Attrs = append(e.Attrs, slog.String("message", text))
	for i := range passwords {
		e.Attrs = append(e.Attrs, slog.String(fmt.Sprintf("password.%d", i), "p"))
	}
	h := wire.Header{Thread: th.Header, Type: byte(seal.KindEvent), Micros: 1}
	body := wire.SizeEventBody(&e)
	entry := batching.Entry{Kind: seal.KindEvent, Join: 1, Width: l.Width()}
	entry.At = time.Since(p.engine.Started())
	entry.Size = wire.SizeEvent(&h, entry.Width, body)
	entry.MessageSize = entry.Size + th.BatchOverhead
	var slot batching.Slot
	if status := l.Reserve(&entry, &slot); status != batching.Reserved {
		return false
	}
	h.ID, h.Sequence = wire.ID{15: byte(slot.ID)}, slot.Seq
	slot.Commit(len(wire.AppendEvent(slot.Buf[:0], &h, entry.Width, &e, body)))
	return true
}

// flush ends the pipe, and returns how many events were lost as too large.
func (p *pipe) flush() (tooLarge uint64) {
	p.t.Helper()
	if err := p.engine.Flush(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	st := p.engine.Stats().Total
	if err := p.engine.Close(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	return st.Dropped[batching.TooLarge]
}

// texts lists, for each record of a key, the number of each event and the first letter of its text.
func (p *pipe) texts(key string) (texts [][]string) {
	p.t.Helper()
	for _, m := range p.sent[key] {
		var of []string
		for e := range m.Events() {
			attrs := e.GetAttributes()
			letter := attrs["message"].GetStringValue()[0]
			of = append(of, fmt.Sprintf("%d%c", e.GetHeader().GetSequence(), letter))
			for name, v := range attrs {
				if strings.HasPrefix(name, "password") && v.GetStringValue() == "p" {
					p.t.Errorf("a secret got out in %s", name)
				}
			}
		}
		texts = append(texts, of)
	}
	return texts
}

func TestEventsThatRedactionMakesTooLongAreSplitAtTheirBorders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipe(t, 4<<10, 1<<20)
		l, th := p.lane("thread")
		for range 8 {
			p.emit(l, th, "a"+strings.Repeat(".", 100), 10)
		}
		tooLarge := p.flush()
		texts := p.texts("thread")
		want := []string{"1a", "2a", "3a", "4a", "5a", "6a", "7a", "8a"}
		if len(texts) < 2 || !slices.Equal(slices.Concat(texts...), want) || tooLarge > 0 {
			t.Errorf("%v arrived, want %v in several records; %d too large", texts, want, tooLarge)
		}
	})
}

func TestAnEventThatIsTooLargeAloneIsDroppedAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipe(t, 4<<10, 1<<20)
		l, th := p.lane("thread")
		p.emit(l, th, "a", 0)
		p.emit(l, th, "b", 120)
		p.emit(l, th, "c", 0)
		tooLarge := p.flush()
		texts := p.texts("thread")
		if want := []string{"1a", "3c"}; !slices.Equal(slices.Concat(texts...), want) ||
			tooLarge != 1 {
			t.Errorf("%v arrived, want %v; %d were too large, want 1", texts, want, tooLarge)
		}
	})
}

// The event that is too large is the last of its thread: the worker has nothing else of it to send.
func TestAThreadMayEndWithAnEventThatIsTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipe(t, 4<<10, 1<<20)
		l, th := p.lane("thread")
		for range 3 { // from now on batches have room for both
			p.emit(l, th, "a"+strings.Repeat(".", 1800), 0)
		}
		if err := p.engine.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.emit(l, th, "b", 0)
		p.emit(l, th, "c", 120)
		time.Sleep(time.Minute)
		if w, n := p.engine.Stats().Worker.Restarts, p.flush(); w != 0 || n != 1 {
			t.Errorf("the worker panicked %d times; %d were too large, want 1", w, n)
		}
	})
}

func TestABatchWithoutRoomIsSealedTheSameLater(t *testing.T) {
	keys := []string{"a", "b", "c", "d", "e", "f"}
	run := func(t *testing.T, fill bool) (texts [][]string, noRoom int) {
		t.Helper()
		p := newPipe(t, 32<<10, 192<<10)
		other, otherTh := p.lane("other")
		p.emit(other, otherTh, "o", 0)
		for _, key := range keys {
			l, th := p.lane(key)
			for range 10 { // they need other memory when they become longer
				p.emit(l, th, key, 30)
			}
		}
		for fill && p.emit(other, otherTh, "o"+strings.Repeat(".", 200), 0) {
		}
		p.flush()
		for _, key := range keys {
			texts = append(texts, p.texts(key)...)
		}
		return texts, p.noRoom
	}
	synctest.Test(t, func(t *testing.T) {
		want, without := run(t, false)
		got, noRoom := run(t, true)
		if without > 0 || noRoom == 0 {
			t.Fatalf("there was no room %d and %d times, want none and some", without, noRoom)
		}
		if !slices.EqualFunc(got, want, slices.Equal) ||
			len(slices.Concat(got...)) != 10*len(keys) {
			t.Errorf("%v arrived, want %v", got, want)
		}
	})
}
