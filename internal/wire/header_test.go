package wire

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// width is the number of bytes of a sequence number, 0 for none.
func width(sequence uint64) int {
	if sequence == 0 {
		return 0
	}
	return VarintLen(sequence)
}

// checkHeader compares one header with the generated types.
func checkHeader(t *testing.T, h *Header, tenant, thread string) {
	t.Helper()
	h.Thread = AppendThread(nil, tenant, thread)
	if n := SizeThread(tenant, thread); n != len(h.Thread) {
		t.Errorf("SizeThread = %d, %d bytes appended", n, len(h.Thread))
	}
	w := width(h.Sequence)
	got := AppendHeader(nil, h, w)
	if n := SizeHeader(h, w); n != len(got) {
		t.Errorf("SizeHeader = %d, %d bytes appended", n, len(got))
	}
	if want := marshal(t, &pb.Event{Header: protoHeader(h, tenant, thread)}); !bytes.Equal(got,
		want) {
		t.Errorf("header %+v\n% x, want\n% x", h, got, want)
	}
}

func TestHeaderOfEveryWidthOfSequence(t *testing.T) {
	for w := 0; w <= 10; w++ {
		least, most := uint64(1)<<max(7*(w-1), 0), uint64(1)<<min(7*w, 63)-1
		switch w {
		case 0:
			least, most = 0, 0
		case 10:
			least, most = 1<<63, math.MaxUint64
		}
		for _, sequence := range []uint64{least, most} {
			t.Run(fmt.Sprintf("%d bytes, number %d", w, sequence), func(t *testing.T) {
				if w > 0 && VarintLen(sequence) != w {
					t.Fatalf("VarintLen(%d) = %d, want %d", sequence, VarintLen(sequence), w)
				}
				checkHeader(t, &Header{ID: ID{1}, Parent: ID{2}, Micros: 1 << 50,
					Sequence: sequence, Type: 1}, "default", "thread")
			})
		}
	}
}

func TestHeaderFieldsLeftOut(t *testing.T) {
	tests := map[string]struct {
		h              Header
		tenant, thread string
	}{
		"everything": {Header{ID: ID{1}, Parent: ID{2}, Micros: 3, Sequence: 4, Type: 5},
			"tenant", "thread"},
		"no parent": {Header{ID: ID{1}, Micros: 3, Sequence: 4, Type: 5},
			"tenant", "thread"},
		"no tenant": {Header{ID: ID{1}, Micros: 3, Sequence: 4, Type: 5}, "", "thread"},
		"the epoch": {Header{ID: ID{1}, Sequence: 4, Type: 5}, "tenant", "thread"},
		"before the epoch": {Header{ID: ID{1}, Micros: -1, Sequence: 4, Type: 5},
			"tenant", "thread"},
		"the header of batch": {Header{ID: ID{1}, Micros: 3, Type: 8}, "tenant", "thread"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { checkHeader(t, &tt.h, tt.tenant, tt.thread) })
	}
}

func FuzzHeader(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		d := dice(b)
		h := Header{ID: d.id(), Parent: d.id(), Micros: d.micros(), Sequence: d.number(),
			Type: 1 + byte(d.below(9))}
		checkHeader(t, &h, d.text(), d.text())
	})
}

func TestPutFrameRightInFrontOfAMessage(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 16383, 16384, 2097151, 2097152} {
		for _, kind := range []byte{1, 3, 9} {
			const room = 9 // more than Frame; everything before the frame must remain unchanged
			b := bytes.Repeat([]byte{0xee}, room+n)
			clear(b[room:])
			at := PutFrame(b, room, kind, n)
			want := append([]byte{0}, tag(kind, bytesType))
			want = appendVarint(want, uint64(n))
			if !bytes.Equal(b[at:room], want) {
				t.Errorf("%d bytes of type %d: frame is % x, want % x", n, kind, b[at:room], want)
			}
			for i, c := range b[:at] {
				if c != 0xee {
					t.Errorf("%d bytes of type %d: byte %d in front of the frame was written", n,
						kind, i)
				}
			}
		}
	}
}

func TestFrameHoldsTheLargestMessage(t *testing.T) {
	b := make([]byte, Frame)
	if at := PutFrame(b, Frame, 9, math.MaxInt32); at < 0 {
		t.Errorf("the frame of 2 GiB needs %d bytes more than Frame", -at)
	}
}

func TestFramedRecordDecodes(t *testing.T) {
	h := Header{ID: ID{1}, Micros: 5, Sequence: 300, Type: 3,
		Thread: AppendThread(nil, "default", "t")}
	tokens := Tokens{RequestID: "r", Text: "text"}
	b := make([]byte, Frame)
	b = AppendTokens(AppendHeader(b, &h, width(h.Sequence)), &tokens)
	b = b[PutFrame(b, Frame, h.Type, len(b)-Frame):]
	m, err := pb.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	want := &pb.TokenChunk{Header: protoHeader(&h, "default", "t"), RequestId: "r", Text: "text"}
	if !proto.Equal(m.GetTokenChunk(), want) {
		t.Errorf("decoded %v, want %v", m.GetTokenChunk(), want)
	}
}
