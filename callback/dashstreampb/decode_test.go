package dashstreampb

import (
	"bytes"
	"errors"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"google.golang.org/protobuf/proto"
)

// The bytes are written by hand rather than generated, so that this test fails if the .proto has
// another number than the format.
func TestDecodeReadsBytesWrittenByHand(t *testing.T) {
	const value = "00" + // plain framing
		"0a 41" + // DashStreamMessage.event
		"0a 2f" + // Event.header
		"0a 10 000102030405060708090a0b0c0d0e0f" + // message_id
		"10 c0 84 3d" + // timestamp_us 1,000,000
		"1a 01 74" + // tenant_id "t"
		"22 02 74 31" + // thread_id "t1"
		"28 07" + // sequence 7
		"30 01" + // type EVENT
		"3a 08 1011121314151617" + // parent_id
		"40 00 48 01" + // compression NONE, schema_version 1
		"10 0b" + // event_type NODE_END
		"1a 01 6e" + // node_id "n"
		"22 07 0a 01 6b 12 02 10 05" + // attributes["k"] = int 5
		"28 09" // duration_us 9
	m, err := Decode(unhex(t, value))
	if err != nil {
		t.Fatal(err)
	}
	want := &DashStreamMessage{Message: &DashStreamMessage_Event{Event: &Event{
		Header: &Header{
			MessageId:   []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
			TimestampUs: 1_000_000, TenantId: "t", ThreadId: "t1", Sequence: 7,
			Type:     MessageType_MESSAGE_TYPE_EVENT,
			ParentId: []byte{16, 17, 18, 19, 20, 21, 22, 23}, SchemaVersion: 1,
		},
		EventType:  EventType_EVENT_TYPE_NODE_END,
		NodeId:     "n",
		Attributes: map[string]*AttributeValue{"k": {Value: &AttributeValue_IntValue{IntValue: 5}}},
		DurationUs: 9,
	}}}
	if !proto.Equal(m, want) {
		t.Errorf("decoded\n%v\nwant\n%v", m, want)
	}
}

func TestDecodeRefusesWithItsReason(t *testing.T) {
	event := encodePlain(t,
		&DashStreamMessage{Message: &DashStreamMessage_Event{Event: eventFixture(1)}})
	frame := encodeZstd(t, event)
	newer := eventFixture(1)
	newer.Header.SchemaVersion = 2
	newerInBatch := eventBatchFixture()
	newerInBatch.Events[2].Header.SchemaVersion = 2
	badText := []byte(strings.Replace(string(event), "retrieve", "retri\xffve", 1))

	tests := []struct {
		name    string
		decoder Decoder
		value   []byte
		want    Reason
	}{
		{"nil", Decoder{}, nil, ReasonEmpty},
		{"empty", Decoder{}, []byte{}, ReasonEmpty},
		{"framing byte of nobody", Decoder{}, []byte{0x02, 0x0a, 0x00}, ReasonFraming},
		{"protobuf without framing", Decoder{}, event[1:], ReasonFraming},
		{"value above its limit", Decoder{MaxValueBytes: len(event) - 1}, event,
			ReasonValueTooLarge},
		{"value above the default limit", Decoder{}, make([]byte, DefaultMaxMessageBytes+2),
			ReasonValueTooLarge},
		{"plain message above its limit", Decoder{MaxValueBytes: 1 << 20,
			MaxMessageBytes: len(event) - 2}, event, ReasonMessageTooLarge},
		{"declared content above the limit", Decoder{MaxValueBytes: 1 << 20,
			MaxMessageBytes: len(event) - 2}, frame, ReasonMessageTooLarge},
		{"frame of zeros above the default limit", Decoder{}, zeros(t, DefaultMaxMessageBytes+1),
			ReasonMessageTooLarge},
		{"undeclared content above the limit", Decoder{MaxMessageBytes: 1 << 20},
			stream(t, make([]byte, 1<<20+1)), ReasonMessageTooLarge},
		{"content that belies its declared size", Decoder{}, declare(t, frame, 0x20), ReasonZstd},
		{"no frame", Decoder{}, []byte{FramingZstd}, ReasonZstd},
		{"not a frame", Decoder{}, append([]byte{FramingZstd}, event...), ReasonZstd},
		{"frame cut short", Decoder{}, frame[:len(frame)-1], ReasonZstd},
		{"frame without its blocks", Decoder{}, frame[:8], ReasonZstd},
		{"frame with a wrong checksum", Decoder{}, flip(frame, len(frame)-1), ReasonZstd},
		{"byte after the frame", Decoder{}, append(bytes.Clone(frame), 0), ReasonZstd},
		{"frame after the frame", Decoder{}, append(bytes.Clone(frame), frame[1:]...), ReasonZstd},
		{"skippable frame", Decoder{}, unhex(t, "01 502a4d18 02000000 0000"), ReasonZstd},
		{"skippable frame after the frame", Decoder{},
			append(bytes.Clone(frame), unhex(t, "502a4d18 00000000")...), ReasonZstd},
		{"frame that needs a dictionary", Decoder{}, unhex(t, "01 28b52ffd 21 07 01 090000 00"),
			ReasonZstd},
		{"more elements than the limit", Decoder{MaxElements: 1000}, batchOfEmptyEvents(1000),
			ReasonTooManyElements},
		{"more elements than the default limit", Decoder{}, batchOfEmptyEvents(DefaultMaxElements),
			ReasonTooManyElements},
		{"more elements than the limit, compressed", Decoder{},
			encodeZstd(t, batchOfEmptyEvents(2_000_000)), ReasonTooManyElements},
		{"more strings than the limit", Decoder{MaxElements: 1000}, suggestions(1000),
			ReasonTooManyElements},
		{"cut protobuf", Decoder{}, event[:len(event)-1], ReasonProtobuf},
		{"field number 0", Decoder{}, []byte{0, 0x02, 0x00}, ReasonProtobuf},
		{"text that is not UTF-8", Decoder{}, badText, ReasonProtobuf},
		{"nesting beyond the limit", Decoder{}, nestedArrays(49), ReasonProtobuf},
		{"nesting far beyond the limit", Decoder{}, nestedArrays(500_000), ReasonProtobuf},
		{"no message", Decoder{}, []byte{0}, ReasonNoMessage},
		{"message of a kind that came later", Decoder{}, []byte{0, 0x52, 0x00}, ReasonNoMessage},
		{"newer schema", Decoder{},
			encodePlain(t, &DashStreamMessage{Message: &DashStreamMessage_Event{Event: newer}}),
			ReasonSchemaVersion},
		{"newer schema inside a batch", Decoder{},
			encodePlain(t,
				&DashStreamMessage{Message: &DashStreamMessage_EventBatch{
					EventBatch: newerInBatch}}), ReasonSchemaVersion},
	}
	seen := map[Reason]bool{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := tt.decoder.Decode(tt.value)
			var decodeErr *DecodeError
			if !errors.As(err, &decodeErr) {
				t.Fatalf("error is %v, want a *DecodeError", err)
			}
			if decodeErr.Reason != tt.want {
				t.Errorf("reason is %q (%v), want %q", decodeErr.Reason, err, tt.want)
			}
			if m != nil {
				t.Error("a message beside the error")
			}
			if len(err.Error()) > 200 || !strings.HasPrefix(err.Error(), "dashstreampb: "+
				string(tt.want)) {
				t.Errorf("error reads %q", err)
			}
		})
		seen[tt.want] = true
	}
	for _, reason := range Reasons() {
		if !seen[reason] {
			t.Errorf("no value is refused for %q", reason)
		}
	}
}

func TestDecodeAcceptsUpToItsLimits(t *testing.T) {
	event := encodePlain(t,
		&DashStreamMessage{Message: &DashStreamMessage_Event{Event: eventFixture(1)}})
	frame := encodeZstd(t, event)
	tests := []struct {
		name    string
		decoder Decoder
		value   []byte
	}{
		{"value at its limit", Decoder{MaxValueBytes: len(event)}, event},
		{"plain message at its limit", Decoder{MaxMessageBytes: len(event) - 1}, event},
		{"declared content at its limit", Decoder{MaxMessageBytes: len(event) - 1,
			MaxValueBytes: 1 << 20}, frame},
		{"undeclared content at its limit", Decoder{MaxMessageBytes: len(event) - 1,
			MaxValueBytes: 1 << 20}, stream(t, event[1:])},
		{"elements at their limit", Decoder{MaxElements: 1001}, batchOfEmptyEvents(1000)},
		{"strings at their limit", Decoder{MaxElements: 1001}, suggestions(1000)},
		{"nesting at its limit", Decoder{}, nestedArrays(48)},
		{"limits that are not positive", Decoder{-1, -1, -1}, event},
		{"limits without end", Decoder{math.MaxInt, math.MaxInt, math.MaxInt}, frame},
		{"schema version 0", Decoder{}, []byte{0, 0x0a, 0x00}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tt.decoder.Decode(tt.value); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDecodeKeepsFieldsThatItDoesNotKnow(t *testing.T) {
	value := append(encodePlain(t, fixtures()[0].message), unhex(t, "fa 7f 03 61 62 63")...)
	m, err := Decode(value)
	if err != nil {
		t.Fatal(err)
	}
	if got := encodePlain(t, m); !bytes.Equal(got, value) {
		t.Errorf("encodes to\n%x\nwant\n%x", got, value)
	}
}

func TestDecodedMessageSharesNoMemoryWithTheValue(t *testing.T) {
	for _, f := range fixtures() {
		value := encodePlain(t, f.message)
		m, err := Decode(value)
		if err != nil {
			t.Fatal(err)
		}
		for i := range value {
			value[i] = 0xee
		}
		if !proto.Equal(m, f.message) {
			t.Errorf("%s changed with the value", f.name)
		}
	}
}

// A decompression bomb must cost what the limits allow, not what it claims.
func TestDecodeBoundsItsMemory(t *testing.T) {
	const limit = 1 << 20
	decoder := Decoder{MaxMessageBytes: limit, MaxElements: 1000}
	tests := []struct {
		name  string
		value []byte
		most  uint64
	}{
		{"declared content", zeros(t, 1<<30), 64 << 10},
		{"undeclared content", stream(t, make([]byte, 64<<20)), 3 * limit},
		{"elements", encodeZstd(t, batchOfEmptyEvents(limit/2-8)), 2 * limit},
		{"nesting", nestedArrays(100_000), limit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := decoder.Decode(tt.value)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("decoded")
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > tt.most {
				t.Errorf("refusing it allocates %d bytes, want at most %d", got, tt.most)
			}
		})
	}
}

func TestDecodeConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	for _, f := range fixtures() {
		plain := encodePlain(t, f.message)
		frame := encodeZstd(t, plain)
		for _, value := range [][]byte{plain, frame} {
			wg.Go(func() {
				for range 200 {
					m, err := Decode(value)
					if err != nil || !proto.Equal(m, f.message) {
						t.Errorf("%s: %v", f.name, err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
}

// A decompressor that is first used inside a bubble must also be usable outside.
func TestDecodeInsideAndOutsideOfABubble(t *testing.T) {
	value := encodeZstd(t, encodePlain(t, fixtures()[0].message))
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			if _, err := Decode(value); err != nil {
				t.Error(err)
			}
		})
		if _, err := Decode(value); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	plain := encodePlain(b, fixtures()[7].message)
	for name, value := range map[string][]byte{"plain": plain, "zstd": encodeZstd(b, plain)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
