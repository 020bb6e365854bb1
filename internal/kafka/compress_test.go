package kafka

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kgo"
)

// noise returns bytes that cannot be compressed.
func noise(size int) []byte {
	b := make([]byte, size)
	for i, r := 0, rand.NewPCG(1, 2); i < size; i++ {
		b[i] = byte(r.Uint64())
	}
	return b
}

func TestZstdComesBackWhole(t *testing.T) {
	const batch = 1_000_012
	z, err := newZstd(0, batch)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var group sync.WaitGroup
	for _, size := range []int{0, 1, 100, 64 << 10, 128<<10 + 1, batch, 3 * batch} {
		group.Go(func() {
			for _, src := range [][]byte{noise(size), bytes.Repeat([]byte{7}, size),
				bytes.Repeat(noise(size/10), 10)} {
				out, codec := z.Compress(new(bytes.Buffer), src)
				back, err := reader.DecodeAll(out, nil)
				if codec != kgo.CodecZstd || err != nil || !bytes.Equal(back, src) {
					t.Errorf("%d bytes come back as %d by codec %v: %v", len(src), len(back), codec,
						err)
				}
			}
		})
	}
	group.Wait()
}

func TestZstdSeesTheWholeBatch(t *testing.T) {
	const batch = 1_000_012
	z, err := newZstd(19, batch)
	if err != nil {
		t.Fatal(err)
	}
	half := noise(batch / 2)
	if out, _ := z.Compress(new(bytes.Buffer), append(half, half...)); len(out) > batch*6/10 {
		t.Errorf("two equal halves of a batch of %d bytes take %d", batch, len(out))
	}
}

func TestZstdNeedsNoMoreThanDecodersHaveToSupport(t *testing.T) {
	z, err := newZstd(0, 200<<20)
	if err != nil {
		t.Fatal(err)
	}
	src := bytes.Repeat([]byte("words "), 4<<20)
	out, _ := z.Compress(new(bytes.Buffer), src)
	reader, err := zstd.NewReader(bytes.NewReader(out), zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if n, err := io.Copy(io.Discard, reader); err != nil || n != int64(len(src)) {
		t.Errorf("%d of %d bytes come back: %v", n, len(src), err)
	}
}

func TestABrokerThatDoesNotKnowZstdGetsBytesAsTheyAre(t *testing.T) {
	z, err := newZstd(0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	src := []byte("words words words words")
	if out, codec := z.Compress(new(bytes.Buffer), src, kgo.CompressDisableZstd); codec !=
		kgo.CodecNone || !bytes.Equal(out, src) {
		t.Errorf("%q by codec %v", out, codec)
	}
}

func TestCompressionLevelsDiffer(t *testing.T) {
	text := []byte{}
	for i := range 20_000 {
		text = fmt.Appendf(text, "%d node %d finished in %d ms\n", i*7919%10_007, i%13, i*i%971)
	}
	for _, c := range []Compression{Zstd, LZ4} {
		var sizes []int
		for _, level := range []int{1, 9} {
			cfg := Config{Compression: c, CompressionLevel: level}
			compressor, err := cfg.compressor(1 << 20)
			if err != nil {
				t.Fatal(err)
			}
			out, _ := compressor.Compress(new(bytes.Buffer), text)
			sizes = append(sizes, len(out))
		}
		if sizes[1] >= sizes[0] {
			t.Errorf("%s: level 1 makes %d bytes, level 9 %d", c, sizes[0], sizes[1])
		}
	}
}
