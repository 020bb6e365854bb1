package dashstreampb

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
)

// Whatever the input, Decode rejects it with one of the reasons, or returns a message within the
// limits that can be encoded and decoded again.
func FuzzDecode(f *testing.F) {
	for _, fixture := range fixtures() {
		plain := encodePlain(f, fixture.message)
		f.Add(plain)
		f.Add(encodeZstd(f, plain))
	}
	f.Add([]byte{})
	f.Add([]byte{FramingPlain})
	f.Add([]byte{0x02})
	f.Add(stream(f, encodePlain(f, fixtures()[0].message)[1:]))
	f.Add(zeros(f, 1<<20))
	f.Add(batchOfEmptyEvents(600))
	f.Add(suggestions(600))
	f.Add(nestedArrays(48))
	f.Add(nestedArrays(60))

	decoder := Decoder{MaxValueBytes: 64 << 10, MaxMessageBytes: 32 << 10, MaxElements: 500}
	f.Fuzz(func(t *testing.T, value []byte) {
		before := bytes.Clone(value)
		m, err := decoder.Decode(value)
		if !bytes.Equal(value, before) {
			t.Fatal("Decode wrote to the value")
		}
		if err != nil {
			var decodeErr *DecodeError
			if !errors.As(err, &decodeErr) || !slices.Contains(Reasons(), decodeErr.Reason) {
				t.Fatalf("error without a reason: %v", err)
			}
			if m != nil {
				t.Fatal("a message beside the error")
			}
			return
		}
		if len(value) > decoder.MaxValueBytes {
			t.Fatalf("a value of %d bytes was accepted", len(value))
		}
		if n := elements(m); n > decoder.MaxElements {
			t.Fatalf("a message of %d elements was accepted", n)
		}
		encoded := encodePlain(t, m)
		// Encoding may write omitted fields, so the limits don't apply to it.
		again := new(DashStreamMessage)
		if err := proto.Unmarshal(encoded[1:], again); err != nil {
			t.Fatalf("what was accepted doesn't decode again: %v", err)
		}
		if !proto.Equal(m, again) {
			t.Fatalf("decoded\n%v\nand again\n%v", m, again)
		}
	})
}

// elements counts what Decoder.MaxElements limits, in the message instead of on the wire.
func elements(m *DashStreamMessage) int {
	n := 0
	for e := range m.Events() {
		n += 1 + len(e.GetAttributes())
	}
	return n + len(m.GetStateDiff().GetOperations()) + len(m.GetError().GetSuggestions()) +
		len(m.GetMetrics().GetMetrics()) +
		len(m.GetExecutionTrace().GetNodesExecuted()) + len(m.GetExecutionTrace().GetErrors())
}
