package main

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kgo"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// states follows the states of threads, to say whether what messages say of them holds. Its zero
// value is ready to use.
type states struct{ reducer reduce.Reducer }

// see takes a message, and returns a verdict on the state that it brings: whether it has its hash,
// or why it could not be followed. It is "" for a message without a state. Messages of a thread
// come in their order.
func (s *states) see(r *kgo.Record, m *pb.DashStreamMessage) string {
	_, verdict := s.follow(r, m)
	return verdict
}

// follow is see, and says whether the state is another one than before, or is trusted more or less.
func (s *states) follow(r *kgo.Record, m *pb.DashStreamMessage) (changed bool, verdict string) {
	var before reduce.Hashes
	if t := s.reducer.Thread(m.Header().GetThreadId()); t != nil {
		before = t.Hashes()
	}
	change, err := s.reducer.AddFrom(sourceOf(r), m)
	if m.GetStateDiff() == nil && len(m.GetCheckpoint().GetState()) == 0 {
		return change.State, ""
	}
	if refused, ok := errors.AsType[*reduce.Refusal](err); ok {
		return change.State, "not followed: " + string(refused.Reason)
	}
	switch {
	case change.Duplicates > 0:
		return change.State, "a repetition"
	case len(m.GetCheckpoint().GetChecksum()) > 0,
		change.Thread.Hashes().Verified > before.Verified:
		return change.State, "verified"
	}
	return change.State, "no hash"
}

// sourceOf returns the start of the producer that a record names.
func sourceOf(r *kgo.Record) (source reduce.Source) {
	for _, h := range r.Headers {
		switch h.Key {
		case pb.HeaderProducer:
			source.Producer = string(h.Value)
		case pb.HeaderEpoch:
			source.Epoch = string(h.Value)
		}
	}
	return source
}
