package dashstreampb

import (
	"testing"

	"google.golang.org/protobuf/proto"
)

func TestEncodeWritesWhatABrowserDecidesByWhenItIsZero(t *testing.T) {
	m :=
		&DashStreamMessage{Message: &DashStreamMessage_StateDiff{
			StateDiff: &StateDiff{Operations: []*DiffOperation{
				{Path: "/a", Value: []byte("1")},
				{Op: DiffOperation_OP_TYPE_REMOVE, Path: "/b",
					Encoding: DiffOperation_VALUE_ENCODING_RAW},
			}}}}
	before := proto.CloneOf(m)
	value, err := Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(m, before) {
		t.Errorf("the message was changed to %v", m)
	}
	decodesTo(t, value, m)
	if (Decoder{}).OmitsDefaults(value) || (Decoder{}).OmitsDefaults(encodeZstd(t, value)) {
		t.Errorf("% x leaves out defaults", value)
	}
}

func TestOmitsDefaults(t *testing.T) {
	diff := func(o *DiffOperation) []byte {
		m :=
			&DashStreamMessage{Message: &DashStreamMessage_StateDiff{
				StateDiff: &StateDiff{Operations: []*DiffOperation{
					{Op: DiffOperation_OP_TYPE_COPY, Encoding: DiffOperation_VALUE_ENCODING_RAW}, o,
				}}}}
		b, err := proto.MarshalOptions{}.MarshalAppend([]byte{FramingPlain}, m)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	event := encodePlain(t,
		&DashStreamMessage{Message: &DashStreamMessage_Event{Event: eventFixture(1)}})
	for name, tt := range map[string]struct {
		value []byte
		want  bool
	}{
		"an ADD": {diff(&DiffOperation{Encoding: DiffOperation_VALUE_ENCODING_RAW}),
			true},
		"a value in JSON": {diff(&DiffOperation{Op: DiffOperation_OP_TYPE_TEST}), true},
		"neither": {diff(&DiffOperation{Op: DiffOperation_OP_TYPE_TEST,
			Encoding: DiffOperation_VALUE_ENCODING_RAW}), false},
		"in a zstd frame":  {encodeZstd(t, diff(&DiffOperation{})), true},
		"no diff":          {event, false},
		"nothing":          {nil, false},
		"another framing":  {[]byte{7, 1}, false},
		"no protobuf":      {[]byte{FramingPlain, 0x12, 0x7f}, false},
		"a broken diff":    {[]byte{FramingPlain, 0x12, 2, 0x1a, 5}, false},
		"an odd operation": {[]byte{FramingPlain, 0x12, 3, 0x1a, 1, 0xff}, false},
	} {
		if got := (Decoder{}).OmitsDefaults(tt.value); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
