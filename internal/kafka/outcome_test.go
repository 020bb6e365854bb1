package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// history is what happened to a record before it failed.
type history struct {
	written, again, lost, unanswered, late bool
}

func TestOutcomeOfAFailure(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	const (
		rejected = "dropped (rejected)"
		timeout  = "dropped (timeout)"
		shutdown = "dropped (shutdown)"
		internal = "dropped (internal)"
		unknown  = "unacknowledged"
	)
	for _, tt := range []struct {
		err  error
		had  history
		want string
	}{
		// Never in a request: nothing can have arrived.
		{context.Canceled, history{late: true}, timeout},
		{context.Canceled, history{}, timeout},
		{kgo.ErrRecordTimeout, history{}, timeout},
		{refused, history{}, timeout},
		{io.EOF, history{}, timeout},
		{kerr.LeaderNotAvailable, history{}, timeout},
		{kerr.UnknownTopicOrPartition, history{late: true}, timeout},
		{fmt.Errorf("%w (uncompressed_bytes=1)", kerr.MessageTooLarge), history{}, rejected},
		{kerr.TopicAuthorizationFailed, history{}, timeout},
		{kerr.SaslAuthenticationFailed, history{}, timeout},
		{errors.New(errPurged), history{}, timeout},
		{kgo.ErrClientClosed, history{}, shutdown},
		{kgo.ErrMaxBuffered, history{}, internal},

		// In a request: only a definite response to its only request proves that it did not arrive.
		{context.Canceled, history{written: true, late: true}, unknown},
		{kgo.ErrClientClosed, history{written: true}, unknown},
		{io.EOF, history{written: true}, unknown},
		{kerr.UnknownServerError, history{written: true}, unknown},
		{kerr.NotLeaderForPartition, history{written: true}, unknown},
		{kerr.MessageTooLarge, history{written: true}, rejected},
		{kerr.MessageTooLarge, history{written: true, unanswered: true}, rejected},
		{kerr.CorruptMessage, history{written: true}, rejected},
		{kerr.MessageTooLarge, history{written: true, again: true}, unknown},
		{kerr.MessageTooLarge, history{written: true, lost: true}, unknown},
		{kerr.TopicAuthorizationFailed, history{written: true}, timeout},
		{kerr.InvalidRequiredAcks, history{written: true, unanswered: true}, rejected},
		{kerr.TopicAuthorizationFailed, history{written: true, unanswered: true}, unknown},
		{kerr.UnknownTopicID, history{written: true, unanswered: true}, unknown},
	} {
		t.Run(fmt.Sprintf("%v %+v", tt.err, tt.had), func(t *testing.T) {
			s := newSender(&Config{DeliveryTimeout: time.Minute})
			defer s.stop()
			w := writer{s.written, 1}
			r := &record{sender: s, number: w.hand(0), deadline: s.deadlines.of(time.Now(),
				time.Now())}
			if tt.had.written {
				w.write(0)
			}
			if tt.had.again {
				w.write(0)
			}
			if tt.had.lost {
				s.lost.Store(r.number)
			}
			if tt.had.unanswered {
				s.unanswered.Add(1)
			}
			try := newAttempt()
			defer try.cancel()
			r.Context = try.ctx
			if tt.had.late {
				try.cancel()
			}
			got := s.failure(r, tt.err)
			text := got.Outcome.String()
			if got.Outcome == batching.Dropped {
				text = fmt.Sprintf("dropped (%s)", got.Reason)
			}
			if text != tt.want || got.Err == nil {
				t.Errorf("the outcome is %s (%v), want %s", text, got.Err, tt.want)
			}
		})
	}
}

func TestFailureSaysWhatItWas(t *testing.T) {
	for err, want := range map[error]error{
		kgo.ErrClientClosed: errClosed, context.Canceled: errDeadline,
		kgo.ErrRecordTimeout: errDeadline, kerr.InvalidRecord: kerr.InvalidRecord,
	} {
		if got := cause(err); got != want {
			t.Errorf("the cause of %v is %v, want %v", err, got, want)
		}
	}
}

// A batch behind one that may have arrived may have arrived too, even if it was in one request only
// and that was rejected.
func TestRefusalOfABatchInDoubtSpreads(t *testing.T) {
	s := newSender(&Config{DeliveryTimeout: time.Minute})
	defer s.stop()
	w := writer{s.written, 2}
	hand := func(partition int32) *record {
		d := s.deadlines.of(time.Now(), time.Now())
		r := &record{sender: s, deadline: d, number: w.hand(int(partition))}
		r.Partition, r.Context = partition, t.Context()
		return r
	}
	first, elsewhere := hand(0), hand(1)
	w.write(0)
	w.write(1)
	w.write(0) // again
	behind := hand(0)
	w.Compress(new(bytes.Buffer), recordsOf(keyOn(0, 2), "more"))
	for _, tt := range []struct {
		name string
		r    *record
		want batching.Outcome
	}{
		{"written twice", first, batching.Unacknowledged},
		{"behind it", behind, batching.Unacknowledged},
		{"on another partition", elsewhere, batching.Dropped},
	} {
		if got := s.failure(tt.r, kerr.MessageTooLarge); got.Outcome != tt.want {
			t.Errorf("the batch %s is %v, want %v", tt.name, got.Outcome, tt.want)
		}
	}
	later := hand(0)
	w.Compress(new(bytes.Buffer), recordsOf(keyOn(0, 2), "other"))
	if got := s.failure(later, kerr.MessageTooLarge); got.Outcome != batching.Dropped {
		t.Errorf("the batch that was sent after all that is %v, want it dropped", got.Outcome)
	}
}

// A request that ends without a response leaves everything handed over by then in doubt.
func TestUnansweredRequestLeavesDoubt(t *testing.T) {
	s := newSender(&Config{DeliveryTimeout: time.Minute})
	defer s.stop()
	h := hooks{s}
	number := s.written.handed.Add(1)
	h.OnBrokerWrite(kgo.BrokerMetadata{}, produceKey, 100, 0, 0, nil)
	if s.unanswered.Load() != 1 || s.stats.requests.Load() != 1 {
		t.Errorf("%d requests are unanswered of %d, want 1 of 1", s.unanswered.Load(),
			s.stats.requests.Load())
	}
	h.OnBrokerE2E(kgo.BrokerMetadata{}, produceKey, kgo.BrokerE2E{BytesWritten: 100,
		ReadErr: io.EOF})
	if s.unanswered.Load() != 0 || s.lost.Load() < number {
		t.Errorf("%d requests are unanswered, and records up to %d are lost, want none and %d",
			s.unanswered.Load(), s.lost.Load(), number)
	}
	if text, at := s.stats.last(); text != "EOF" || at.IsZero() {
		t.Errorf("the last error is %q at %v", text, at)
	}
	s.written.handed.Add(1)
	h.OnBrokerWrite(kgo.BrokerMetadata{}, produceKey, 100, 0, 0, nil)
	h.OnBrokerE2E(kgo.BrokerMetadata{}, produceKey, kgo.BrokerE2E{BytesWritten: 100, BytesRead: 50})
	if s.unanswered.Load() != 0 || s.lost.Load() != number {
		t.Errorf("an answered request left %d unanswered, and records up to %d lost",
			s.unanswered.Load(), s.lost.Load())
	}
}
