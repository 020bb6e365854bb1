package main

import "encoding/json"

// state is the state of a run: the conversation so far. A nil one is none.
type state struct {
	said []byte // by the recording
	text []byte // the state as JSON, without what ends it
	head int    // what of text stands in front of what was said
}

// endOfState closes the list of messages, and the state.
const endOfState = "]}"

// begin begins with the state that a recording begins with.
func (s *state) begin(rec *recording) {
	if s == nil {
		return
	}
	s.text = append(s.text[:0], `{"messages":[`...)
	if rec.initial != nil {
		s.text = append(s.text[:0], rec.initial[:len(rec.initial)-len(endOfState)]...)
	}
	s.said, s.head = rec.said, len(s.text)
}

// after returns the state when all that was said up to a place has been said; places only grow. It
// is valid until the next call.
func (s *state) after(end int) json.RawMessage {
	s.text = append(s.text, s.said[len(s.text)-s.head:end]...)
	return append(s.text, endOfState...)
}
