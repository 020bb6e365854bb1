package dashstreampb

import (
	"slices"
	"testing"
)

func TestAccessorsOfEveryKind(t *testing.T) {
	for i, f := range fixtures() {
		t.Run(f.name, func(t *testing.T) {
			// The fixtures are in the order of MessageType.
			want := MessageType(i + 1)
			if got := f.message.Kind(); got != want {
				t.Errorf("kind is %v, want %v", got, want)
			}
			if got := f.message.Header().GetType(); got != want {
				t.Errorf("header is that of %v, want %v", got, want)
			}
		})
	}
	if n := len(MessageType_name); n != len(fixtures())+1 {
		t.Errorf("%d kinds are named, the fixtures hold %d", n-1, len(fixtures()))
	}
}

func TestHeadersAndEvents(t *testing.T) {
	event := &Event{Header: &Header{Sequence: 1}}
	diff := &StateDiff{Header: &Header{Sequence: 2}}
	batch := &EventBatch{Header: &Header{}, Events: []*Event{{Header: &Header{Sequence: 3}}, {},
		{Header: &Header{Sequence: 5}}}}
	tests := []struct {
		name    string
		message *DashStreamMessage
		headers []uint64
		events  int
	}{
		{"nil", nil, nil, 0},
		{"empty", &DashStreamMessage{}, nil, 0},
		{"event", &DashStreamMessage{Message: &DashStreamMessage_Event{Event: event}}, []uint64{1},
			1},
		{"state diff", &DashStreamMessage{Message: &DashStreamMessage_StateDiff{StateDiff: diff}},
			[]uint64{2}, 0},
		{"batch", &DashStreamMessage{Message: &DashStreamMessage_EventBatch{EventBatch: batch}},
			[]uint64{3, 0, 5}, 3},
		{"empty batch",
			&DashStreamMessage{Message: &DashStreamMessage_EventBatch{EventBatch: &EventBatch{}}},
			nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var headers []uint64
			for h := range tt.message.Headers() {
				headers = append(headers, h.GetSequence())
			}
			if !slices.Equal(headers, tt.headers) {
				t.Errorf("sequences are %v, want %v", headers, tt.headers)
			}
			if events := len(slices.Collect(tt.message.Events())); events != tt.events {
				t.Errorf("%d events, want %d", events, tt.events)
			}
			for range tt.message.Headers() {
				break
			}
			for range tt.message.Events() {
				break
			}
		})
	}
	if kind := (*DashStreamMessage)(nil).Kind(); kind != MessageType_MESSAGE_TYPE_UNSPECIFIED {
		t.Errorf("kind of nil is %v", kind)
	}
	if h := (*DashStreamMessage)(nil).Header(); h != nil {
		t.Errorf("header of nil is %v", h)
	}
}
