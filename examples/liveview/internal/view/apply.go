package view

import (
	"errors"
	"fmt"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
)

// info is what is known of a thread beside what the reducer knows.
type info struct {
	tenant    string
	source    reduce.Source
	first     uint64 // the first number seen
	firstTime int64
	lastTime  int64
	rejected  int
	stopped   bool   // see intake.Stop
	unread    string // a record of the thread did not decode: why, until a state is certain again
	unreadAt  uint64 // the number of the state then
	refusal   reduce.Reason
	losses    losses
}

// part is one message with a number of its own: an event, or a message that is not a batch.
type part struct {
	header  *pb.Header
	event   *pb.Event // nil for another message
	message *pb.DashStreamMessage
	parts   []intake.Part
}

// outcome says what became of a part.
type outcome struct {
	thread    *reduce.Thread
	applied   bool // its content counts, even if its state was refused
	duplicate bool
	refused   reduce.Reason // "" if nothing was
	missing   uint64        // how many numbers it showed to be missing
}

// each calls f for every part of a message.
func each(m *pb.DashStreamMessage, noted []intake.Part, f func(*part)) {
	batch := m.GetEventBatch()
	if batch == nil {
		f(&part{header: m.Header(), event: m.GetEvent(), message: m, parts: noted})
		return
	}
	for i, e := range batch.GetEvents() {
		p := part{header: e.GetHeader(), event: e}
		for _, n := range noted {
			if n.Event == i {
				p.parts = append(p.parts, n)
			}
		}
		if e.GetHeader().GetThreadId() != batch.GetHeader().GetThreadId() {
			p.message = &pb.DashStreamMessage{} // of another thread: the reducer refuses it
		} else {
			p.message = &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: e}}
		}
		f(&p)
	}
}

// apply passes a part through the reducer, which is the one guard of a thread's runs, nodes, schema
// and state.
func (in *info) apply(r *reduce.Reducer, source reduce.Source, p *part) outcome {
	if in.stopped {
		return outcome{refused: reasonStopped}
	}
	for _, n := range p.parts {
		if n.Why != intake.Cut {
			in.rejected++
		}
	}
	before := uint64(0)
	if th := r.Thread(p.header.GetThreadId()); th != nil {
		_, before = th.Missing()
	}
	change, err := r.AddFrom(source, p.message)
	o := outcome{thread: change.Thread, applied: change.Applied > 0,
		duplicate: change.Duplicates > 0}
	if refusal, is := errors.AsType[*reduce.Refusal](err); is {
		o.refused = refusal.Reason
		o.applied = p.event != nil && ofState(refusal.Reason)
	}
	if o.thread == nil {
		return o
	}
	if _, now := o.thread.Missing(); now > before {
		o.missing = now - before
	}
	if ofState(o.refused) || o.refused == reduce.ReasonNoSequence {
		in.refusal = o.refused
	}
	if o.applied {
		in.seen(source, p.header)
	}
	if in.unread != "" && o.thread.Trust() == reduce.Current &&
		o.thread.StateSequence() > in.unreadAt {
		in.unread = ""
	}
	return o
}

// reasonStopped is the reason for what comes after a message of a newer schema.
const reasonStopped reduce.Reason = "schema_too_new"

// ofState reports whether a refusal is about a message's state, and not about its place.
func ofState(r reduce.Reason) bool {
	switch r {
	case reduce.ReasonBadState, reduce.ReasonNoBase, reduce.ReasonBadPatch, reduce.ReasonHash,
		reduce.ReasonUnproven, reduce.ReasonCheckpoint:
		return true
	}
	return false
}

func (in *info) seen(source reduce.Source, h *pb.Header) {
	in.source = source
	if h.GetTenantId() != "" {
		in.tenant = name(h.GetTenantId())
	}
	if in.first == 0 {
		in.first, in.firstTime = h.GetSequence(), h.GetTimestampUs()
	}
	in.lastTime = max(in.lastTime, h.GetTimestampUs())
}

// failed notes that a record of the thread did not decode.
func (in *info) failed(f *intake.Failure, th *reduce.Thread) {
	in.rejected++
	switch f.Reason.Leads() {
	case intake.Stop:
		in.stopped = true
	case intake.Resync:
		in.unread, in.unreadAt = string(f.Reason), 0
		if th != nil {
			in.unreadAt = th.StateSequence()
		}
	}
}

// resync returns why the state may be wrong, "" if there is no reason to think so.
func (in *info) resync(th *reduce.Thread) string {
	switch {
	case in.unread != "":
		return "a record of this thread did not decode: " + in.unread
	case th == nil || !th.NeedsResync():
		return ""
	case th.Trust() == reduce.Suspect && in.refusal != reduce.ReasonHash:
		return "a message that may have changed the state is missing"
	case in.refusal != "":
		return fmt.Sprintf("a state could not be followed: %s", in.refusal)
	}
	return "a state could not be followed"
}

// flags returns the flags of a thread. They are those of its rows, too.
func (in *info) flags(th *reduce.Thread, whole bool) []string {
	flags := []string{}
	add := func(flag string, is bool) {
		if is {
			flags = append(flags, flag)
		}
	}
	add(FlagFromMiddle, !whole || th != nil && th.FromMiddle())
	add(FlagNeedsResync, in.resync(th) != "")
	explained, unexplained := in.gaps(th)
	add(FlagGap, unexplained)
	add(FlagGapExplained, explained)
	add(FlagRejected, in.rejected > 0)
	add(FlagStopped, in.stopped)
	return flags
}

// status returns a run's status as the page names it.
func status(s reduce.Status) string {
	if s == reduce.Interrupted {
		return "waiting"
	}
	return s.String()
}
