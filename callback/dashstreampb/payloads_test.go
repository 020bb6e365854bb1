package dashstreampb

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protowire"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func flip(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

// stream is a value whose frame doesn't declare its content size.
func stream(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteByte(FramingZstd)
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	// Flushing before the end keeps the encoder from declaring the size of short content.
	for _, part := range [][]byte{content[:len(content)/2], content[len(content)/2:]} {
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zeros is a value of a few kilobytes whose frame declares and contains that many zeros, in blocks
// that repeat one byte.
func zeros(t testing.TB, size int) []byte {
	t.Helper()
	header := zstd.Header{SingleSegment: true, HasFCS: true, FrameContentSize: uint64(size)}
	b, err := header.AppendTo([]byte{FramingZstd})
	if err != nil {
		t.Fatal(err)
	}
	for size > 0 {
		n := min(size, zstdMaxBlockBytes)
		size -= n
		block := n<<3 | 1<<1
		if size == 0 {
			block |= 1
		}
		b = append(b, byte(block), byte(block>>8), byte(block>>16), 0)
	}
	return b
}

// declare returns the value with the low byte of the frame's declared content size xored with mask.
func declare(t testing.TB, value []byte, mask byte) []byte {
	t.Helper()
	var header zstd.Header
	if err := header.Decode(value[1:]); err != nil || !header.HasFCS || !header.SingleSegment {
		t.Fatal("the frame doesn't declare its content size as expected")
	}
	value = bytes.Clone(value)
	value[1+5] ^= mask
	return value
}

// batchOfEmptyEvents takes two bytes for each event, which makes it dangerous.
func batchOfEmptyEvents(n int) []byte {
	batch := bytes.Repeat([]byte{0x12, 0x00}, n)
	value := protowire.AppendTag([]byte{FramingPlain}, 8, protowire.BytesType)
	return protowire.AppendBytes(value, batch)
}

// suggestions is an Error of that many empty strings.
func suggestions(n int) []byte {
	value := protowire.AppendTag([]byte{FramingPlain}, 7, protowire.BytesType)
	return protowire.AppendBytes(value, bytes.Repeat([]byte{0x42, 0x00}, n))
}

// nestedArrays is an event with one attribute, an array that contains an array and so on. The
// event, the entry of the map and its value take 3 levels, each array 2 more.
func nestedArrays(arrays int) []byte {
	// Built backwards, so that it takes linear time.
	var reversed []byte
	size := 0
	wrap := func(tag byte) {
		prefix := protowire.AppendVarint([]byte{tag}, uint64(size))
		for i := len(prefix) - 1; i >= 0; i-- {
			reversed = append(reversed, prefix[i])
		}
		size += len(prefix)
	}
	for range arrays {
		wrap(0x0a) // AttributeArray.values
		wrap(0x32) // AttributeValue.array_value
	}
	wrap(0x12) // value of the entry
	wrap(0x22) // Event.attributes
	wrap(0x0a) // DashStreamMessage.event
	reversed = append(reversed, FramingPlain)
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return reversed
}
