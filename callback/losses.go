package callback

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/guard"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

const (
	// stateLossesAfter is how long losses are collected before they are stated: a loss seldom comes
	// alone.
	stateLossesAfter = time.Second
	// maxLossBackoff bounds the time between two attempts to send a statement.
	maxLossBackoff = 15 * time.Second
	// lastAttempts is how often Shutdown tries to send one statement.
	lastAttempts = 3
	// maxRefused is how many losses that brokers refuse to have stated are kept for the report of
	// Shutdown.
	maxRefused = 1024
)

// lossStatements tells the readers of the topic which messages are missing, and why, in statements
// of their own (see [pb.NewLossStatement]). Like in-band reports they use neither the queue nor the
// permits. A statement is sent until it is acknowledged; one is on its way at a time. The goroutine
// starts with the first loss.
type lossStatements struct {
	client *Client
	wake   chan struct{}
	once   sync.Once
	ctx    context.Context // of the goroutine
	cancel context.CancelFunc
	done   chan struct{}

	// Only the goroutine uses the fields that follow, and Shutdown once that has ended.
	losses  []pb.Loss // not stated yet
	most    int       // how many of them go into one statement
	number  uint64    // of the last statement
	unsure  bool      // an attempt to send the next one may have succeeded
	refused []pb.Loss // that brokers refuse to have stated, up to maxRefused
	stuck   bool      // the goroutine did not end

	sent, failed, stated, unstated atomic.Uint64
}

func newLossStatements(c *Client) *lossStatements {
	s := &lossStatements{client: c, wake: make(chan struct{}, 1), done: make(chan struct{}),
		most: pb.MaxLosses}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// lost is called by the engine, under a lock, when there is something to state.
func (s *lossStatements) lost() {
	s.once.Do(func() { go s.run() })
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *lossStatements) run() {
	defer close(s.done)
	for {
		select {
		case <-s.wake:
		case <-s.ctx.Done():
			return
		}
		wait := stateLossesAfter
		for s.client.engine.HasGaps() || len(s.losses) > 0 {
			if !sleep(s.ctx, wait) {
				return
			}
			switch most, ok := s.most, s.next(s.ctx); {
			case ok && len(s.losses) == 0:
				wait = stateLossesAfter
			case ok || s.most != most: // more are left, or fewer may go into one statement
				wait = stateLossesAfter / 10
			default:
				wait = min(2*wait, maxLossBackoff)
			}
		}
	}
}

// sleep waits for d and reports whether ctx has not ended meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// take takes from the engine what is to be stated, unless something is left from before. It returns
// how much there is.
func (s *lossStatements) take() int {
	if len(s.losses) > 0 {
		return len(s.losses)
	}
	for _, g := range s.client.engine.Gaps(pb.MaxLosses) {
		s.losses = append(s.losses, pb.Loss{Thread: string(g.Key), First: g.First, Last: g.Last,
			Count: g.Count, Events: g.Events, Type: pb.MessageType(g.Kind), Reason: g.Cause()})
	}
	return len(s.losses)
}

// next sends one statement and waits for its acknowledgement. It reports whether there was nothing
// to state, or it was acknowledged.
func (s *lossStatements) next(ctx context.Context) bool {
	if s.take() == 0 {
		return true
	}
	some := s.losses[:min(s.most, len(s.losses))]
	m, rest := pb.NewLossStatement(s.client.cfg.InstanceID, s.tags(), some)
	err := s.send(ctx, m)
	failure, known := guard.As[*batching.SendError](err)
	switch {
	case err == nil:
		s.sent.Add(1)
		s.settle(len(some)-len(rest), &s.stated)
		s.most, s.unsure = min(2*s.most, pb.MaxLosses), false
		return true
	case s.unsure: // what has perhaps arrived must not be stated under another id
	case known && failure != nil && failure.Outcome == batching.Dropped &&
		(failure.Reason == batching.TooLarge || failure.Reason == batching.Rejected):
		// perhaps because it is too large
		if s.most = max(s.most/2, 1); len(some) == 1 {
			if len(s.refused) < maxRefused {
				s.refused = append(s.refused, some[0])
			}
			s.settle(1, &s.unstated)
		}
	default:
		s.unsure = !known || failure == nil || failure.Outcome != batching.Dropped
	}
	s.failed.Add(1)
	return false
}

// settle counts the first n losses and forgets them.
func (s *lossStatements) settle(n int, as *atomic.Uint64) {
	for _, l := range s.losses[:n] {
		as.Add(l.Events)
	}
	if s.losses = s.losses[n:]; len(s.losses) == 0 {
		s.losses = nil
	}
	s.number++ // the next attempt is for another statement
}

// tags returns the tags of the next statement.
func (s *lossStatements) tags() map[string]string {
	tags := maps.Clone(s.client.reports.tags)
	tags[pb.LossNumberTag] = strconv.FormatUint(s.number+1, 10)
	return tags
}

var errUnanswered = errors.New("callback: the statement was not acknowledged in time")

// send sends a statement and waits for its end. A statement that is sent again has the same message
// id, by which readers know it.
func (s *lossStatements) send(ctx context.Context, m *pb.Metrics) (err error) {
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return err // can fail only for invalid UTF-8, and all strings are valid
	}
	r := &s.client.reports
	id := lossNumber(s.number + 1)
	b := &batching.Batch{Key: r.key, Value: r.frame(id, body), Headers: s.client.recordHeaders,
		Kind: kindReport, Events: 1, ID: id, Opened: time.Now()}
	ended := make(chan error, 2) // one for a Sender that panics after it has called done
	defer guard.Recover(func(panicked string) { err = errors.New(panicked) })
	s.client.sender.Send(b, func(_ *batching.Batch, err error) {
		select {
		case ended <- err:
		default:
		}
	})
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select { // both may have come
	case err := <-ended:
		return err
	default:
		return errUnanswered
	}
}

// finish ends the goroutine and states what is left, for as long as ctx lasts.
func (s *lossStatements) finish(ctx context.Context) {
	s.once.Do(func() { close(s.done) }) // it was never started
	s.cancel()
	select {
	case <-s.done:
	case <-ctx.Done():
		s.stuck = true // in the Sender
		return
	}
	for failed := 0; ctx.Err() == nil && (len(s.losses) > 0 || s.client.engine.HasGaps()); {
		if most := s.most; s.next(ctx) || s.most != most {
			failed = 0
		} else if failed++; failed == lastAttempts || !sleep(ctx, stateLossesAfter/10) {
			return
		}
		if len(s.losses) == 0 && s.take() == 0 {
			return // what is left will have a number only at the end
		}
	}
}

// rest returns what was not stated.
func (s *lossStatements) rest() []pb.Loss {
	if s.stuck {
		return nil
	}
	all := append(s.refused, s.losses...)
	for s.losses = nil; s.take() > 0; s.losses = nil {
		all = append(all, s.losses...)
	}
	return all
}

// lossNumber returns a number that no other message has, see [reportNumber].
func lossNumber(n uint64) uint64 { return n | 1<<61 | 1<<60 }

func (s *lossStatements) stats() selfmetrics.LossStats {
	if s == nil { // called before the client was complete
		return selfmetrics.LossStats{}
	}
	return selfmetrics.LossStats{Sent: s.sent.Load(), Failed: s.failed.Load(),
		Stated: s.stated.Load(), Unstated: s.unstated.Load() + s.client.engine.Unstated()}
}
