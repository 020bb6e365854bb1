package reduce

import (
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// adding is one message that is being added to its thread.
type adding struct {
	reducer *Reducer
	thread  *Thread
	source  Source
	change  Change
	errs    []error
}

// add adds a message with a number of its own: an event, or a message m that is not a batch.
func (a *adding) add(h *pb.Header, e *pb.Event, m *pb.DashStreamMessage) {
	r, t := a.reducer, a.thread
	id, number := idOf(h.GetMessageId()), h.GetSequence()
	switch {
	case h.GetThreadId() != t.id:
		a.refuse(h, ReasonNoThread, nil)
		return
	case id != (ID{}) && r.ids.has(id):
		a.change.Duplicates++
		return
	case id == ID{}:
		a.notFollowed(h, e, m, ReasonNoMessageID)
		return
	case number == 0:
		a.notFollowed(h, e, m, ReasonNoSequence)
		return
	}
	late := false
	switch place := t.numbers.place(number); place {
	case placeBeyond:
		t.state.suspect()
	case placeGap, placeTaken:
		newer := h.GetTimestampUs() > t.newest
		// a message with a lower number must not be newer: if it is, the thread has been continued
		// in a way that was not seen
		if newer {
			t.state.suspect()
		}
		switch {
		case newer && a.startsAnew(e):
			t.restart(number)
		case place == placeGap:
			late = true
		case newer:
			a.refuse(h, ReasonConflict, nil)
			return
		default:
			if number < t.numbers.first {
				t.numbers.takeEarly(number)
			}
			a.refuse(h, ReasonOlder, nil)
			return
		}
	}
	r.ids.add(id, limit(r.MaxIDs, DefaultMaxIDs))
	t.numbers.take(number)
	t.wrote(a.source)
	t.newest = max(t.newest, h.GetTimestampUs())
	if a.source != (Source{}) && a.source != t.source {
		// another producer would have begun with a start, so the number follows only by chance
		if t.source != (Source{}) && !startsRun(e) {
			t.state.suspect()
		}
		t.source = a.source
	}
	a.apply(h, e, m, late)
}

// startsAnew reports whether a message with a number already passed, but newer than everything
// seen, comes from another producer that numbers the thread from the beginning.
func (a *adding) startsAnew(e *pb.Event) bool {
	if a.source != (Source{}) && a.thread.source != (Source{}) {
		return a.source != a.thread.source
	}
	return startsRun(e)
}

func startsRun(e *pb.Event) bool {
	t := e.GetEventType()
	return t == pb.EventType_EVENT_TYPE_GRAPH_START || t == pb.EventType_EVENT_TYPE_HUMAN_RESUME
}

// apply applies the content of a message.
func (a *adding) apply(h *pb.Header, e *pb.Event, m *pb.DashStreamMessage, late bool) {
	t, w := a.thread, &a.reducer.work
	if e != nil {
		t.tree.event(e, late, limit(a.reducer.MaxNodes, DefaultMaxNodes))
	}
	var reason Reason
	var err error
	switch initial, brings := initialState(e); {
	case late:
		if brings || m.GetStateDiff() != nil || m.GetCheckpoint() != nil {
			reason = ReasonOlder
		}
	case brings:
		reason, err = t.state.whole(w, h.GetSequence(), []byte(initial))
	case m.GetStateDiff() != nil:
		reason, err = t.state.diff(w, h.GetSequence(), m.GetStateDiff())
	case m.GetCheckpoint() != nil:
		reason, err = t.state.checkpoint(w, h.GetSequence(), m.GetCheckpoint())
	}
	if reason != "" {
		a.refuse(h, reason, err)
		return
	}
	a.change.Applied++
}

// initialState returns the state with which a run begins, if its start has one.
func initialState(e *pb.Event) (json string, brings bool) {
	if !startsRun(e) {
		return "", false
	}
	v, brings := e.GetAttributes()["initial_state_json"]
	return v.GetStringValue(), brings
}

// notFollowed rejects a message that has no place in its thread. If it changed the state, the state
// is lost.
func (a *adding) notFollowed(h *pb.Header, e *pb.Event, m *pb.DashStreamMessage, reason Reason) {
	if _, brings := initialState(e); brings || m.GetStateDiff() != nil || m.GetCheckpoint() != nil {
		_, _ = a.thread.state.lose(reason, nil)
	}
	a.refuse(h, reason, nil)
}

func (a *adding) refuse(h *pb.Header, reason Reason, err error) {
	a.change.Refused++
	a.errs = append(a.errs, &Refusal{Reason: reason, Thread: a.thread.id, Sequence: h.GetSequence(),
		Err: err})
}
