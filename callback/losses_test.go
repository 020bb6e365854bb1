package callback

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// readSender keeps what arrives, as one who reads the topic. It refuses batches and statements as
// it is told.
type readSender struct {
	t  *testing.T
	mu sync.Mutex
	// what becomes of a batch, and of a statement of losses; nil: acknowledged
	batch, statement func(n int) error

	batches, statements int
	messages            []*pb.DashStreamMessage
	ids                 map[string]int // of statements: how often each was sent
}

func (s *readSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	m, err := pb.Decode(b.Value)
	if err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	if b.Lane() != nil {
		s.batches++
		if s.batch != nil {
			err = s.batch(s.batches)
		}
	} else if m.LossStatement() != nil {
		s.statements++
		if s.ids == nil {
			s.ids = map[string]int{}
		}
		s.ids[string(m.GetMetrics().Header.MessageId)]++
		if s.statement != nil {
			err = s.statement(s.statements)
		}
	}
	if err == nil {
		s.messages = append(s.messages, m)
	}
	s.mu.Unlock()
	done(b, err)
}

func (s *readSender) Stats() batching.SenderStats { return batching.SenderStats{} }

func (s *readSender) Close(context.Context) error { return nil }

// losses returns what a reader knows of the losses of a thread.
func (s *readSender) losses(thread string) reduce.Losses {
	s.mu.Lock()
	defer s.mu.Unlock()
	var r reduce.Reducer
	for _, m := range s.messages {
		if _, err := r.Add(m); err != nil {
			s.t.Error(err)
		}
	}
	if t := r.Thread(thread); t != nil {
		return t.Losses()
	}
	for name, l := range r.Unseen() {
		if name == thread {
			return l
		}
	}
	return reduce.Losses{}
}

func lossClient(t *testing.T, s *readSender, change func(*Config)) *Client {
	cfg := Config{Sender: s, Linger: time.Millisecond, SelfMetrics: SelfMetricsOff,
		Logger: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var errTimedOut = &batching.SendError{Outcome: batching.Dropped, Reason: batching.Timeout,
	Err: errors.New("too late")}

func TestALossIsStatedWithinSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &readSender{t: t, batch: func(n int) error {
			if n == 2 {
				return errTimedOut
			}
			return nil
		}}
		c := lossClient(t, s, nil)
		run := c.StartRun(RunInfo{ThreadID: "thread"})
		for i := range 3 {
			time.Sleep(time.Second)
			run.StartNode(fmt.Sprint("node ", i)).End(nil)
		}
		time.Sleep(2 * time.Second)
		l := s.losses("thread")
		if len(l.Gaps) != 1 || l.Unexplained != 0 || l.Explained != 2 || len(l.Causes) != 1 ||
			l.Causes[0].Reason != "timeout" {
			t.Errorf("a reader knows of %+v", l)
		}
		run.End(nil)
		report, err := c.Shutdown(context.Background())
		if err != nil || len(report.Unstated) != 0 {
			t.Errorf("report %+v, %v", report, err)
		}
		if st := c.Stats().Loss; st.Sent != 1 || st.Stated != 2 || st.Failed+st.Unstated != 0 {
			t.Errorf("stats %+v", st)
		}
	})
}

func TestAStatementIsSentUntilItIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &readSender{t: t,
			batch: func(n int) error {
				if n == 1 {
					return errTimedOut
				}
				return nil
			},
			statement: func(n int) error {
				if n < 4 {
					return errors.New("unknown")
				}
				return nil
			}}
		c := lossClient(t, s, nil)
		run := c.StartRun(RunInfo{ThreadID: "thread"})
		time.Sleep(time.Minute)
		s.mu.Lock()
		if len(s.ids) != 1 || s.statements != 4 {
			t.Errorf("%d statements were sent under %d ids, want 4 under one", s.statements,
				len(s.ids))
		}
		s.mu.Unlock()
		run.End(nil)
		time.Sleep(time.Second)
		if l := s.losses("thread"); l.Explained != 1 || l.Unexplained != 0 {
			t.Errorf("a reader knows of %+v", l)
		}
		_, _ = c.Shutdown(context.Background())
	})
}

func TestAStatementThatIsTooLargeIsSentInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tooLarge := &batching.SendError{Outcome: batching.Dropped, Reason: batching.TooLarge,
			Err: errors.New("too large")}
		s := &readSender{t: t, batch: func(int) error { return errTimedOut }}
		s.statement = func(int) error { return nil }
		c := lossClient(t, s, nil)
		largest := 0
		s.statement = func(int) error {
			if n := len(c.losses.losses[:min(c.losses.most, len(c.losses.losses))]); n > 10 {
				return tooLarge
			} else {
				largest = max(largest, n)
			}
			return nil
		}
		for i := range 100 {
			c.StartRun(RunInfo{ThreadID: fmt.Sprint("thread ", i)}).End(nil)
		}
		time.Sleep(10 * time.Minute)
		report, _ := c.Shutdown(context.Background())
		if len(report.Unstated) != 0 || largest == 0 || largest > 10 {
			t.Errorf("%d losses were not stated; the largest statement has %d",
				len(report.Unstated), largest)
		}
		for i := range 100 {
			if l := s.losses(fmt.Sprint("thread ", i)); l.Explained != 2 {
				t.Fatalf("of thread %d a reader knows %+v", i, l)
			}
		}
	})
}

func TestWhatShutdownCannotStateIsInItsReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &readSender{t: t, batch: func(int) error { return errTimedOut },
			statement: func(int) error { return errors.New("nobody answers") }}
		c := lossClient(t, s, nil)
		c.StartRun(RunInfo{ThreadID: "thread"}).End(nil)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		report, _ := c.Shutdown(ctx)
		want := pb.Loss{Thread: "thread", First: 1, Last: 2, Count: 2, Events: 2,
			Type: pb.MessageType_MESSAGE_TYPE_EVENT, Reason: "timeout"}
		if len(report.Unstated) != 1 || report.Unstated[0] != want {
			t.Errorf("unstated: %+v, want %+v", report.Unstated, want)
		}
	})
}

// A Sender that blocks holds up neither the statements' goroutine for ever nor Shutdown.
func TestShutdownDoesNotWaitForAStatementThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		s := &readSender{t: t, batch: func(int) error { return errTimedOut }}
		c := lossClient(t, s, func(cfg *Config) { cfg.Sender = hangingSender{s, hang} })
		c.StartRun(RunInfo{ThreadID: "thread"}).End(nil)
		time.Sleep(5 * time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		began := time.Now()
		_, _ = c.Shutdown(ctx)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("Shutdown took %v", took)
		}
		close(hang)
	})
}

// hangingSender hangs in Send of a statement.
type hangingSender struct {
	*readSender
	hang chan struct{}
}

func (s hangingSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	if b.Lane() == nil {
		<-s.hang
	}
	s.readSender.Send(b, done)
}

// The end of a node says how many details inside it were shed.
func TestTheEndOfANodeSaysWhatWasShed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &readSender{t: t}
		held := make(chan struct{})
		c := lossClient(t, s, func(cfg *Config) {
			cfg.Sender, cfg.QueueEvents, cfg.Shed = &gatedSender{readSender: s, open: held}, 1000,
				ShedAuto
		})
		other := c.StartRun(RunInfo{ThreadID: "other"}).Root()
		for range 560 {
			other.Warning("fills the queue")
		}
		for i := range 20 {
			n := c.StartRun(RunInfo{ThreadID: fmt.Sprint("thread ", i)}).StartNode("node")
			n.Progress(0.5, "half")
			n.End(nil)
		}
		close(held)
		time.Sleep(5 * time.Second)
		shed, said := c.Stats().Shed[batching.Details], uint64(0)
		for _, m := range s.messages {
			for _, e := range m.GetEventBatch().GetEvents() {
				if v := e.Attributes["shed_messages"]; v != nil {
					said += uint64(v.GetIntValue())
					if e.EventType != pb.EventType_EVENT_TYPE_NODE_END ||
						e.Attributes["shed_bytes"].GetIntValue() == 0 {
						t.Errorf("%v has shed_messages: %v", e.EventType, e.Attributes)
					}
				}
			}
		}
		if shed == 0 || shed == 20 || said != shed {
			t.Errorf("%d of 20 details were shed, and ends of nodes say %d", shed, said)
		}
		_, _ = c.Shutdown(context.Background())
	})
}

// gatedSender acknowledges nothing before it is opened.
type gatedSender struct {
	*readSender
	open chan struct{}
}

func (s *gatedSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	go func() {
		<-s.open
		s.readSender.Send(b, done)
	}()
}
