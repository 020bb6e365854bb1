package kafka

import (
	"bytes"
	"math/bits"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kgo"
)

// compressor returns the compressor of record batches of at most batchBytes, or nil for none.
func (c *Config) compressor(batchBytes int) (kgo.Compressor, error) {
	level := c.CompressionLevel
	switch c.Compression {
	case Zstd:
		return newZstd(level, batchBytes)
	case LZ4:
		if level == 0 {
			return kgo.DefaultCompressor(kgo.Lz4Compression())
		}
		// numbered as in package lz4
		return kgo.DefaultCompressor(kgo.Lz4Compression().WithLevel(1 << (8 + level)))
	case Snappy:
		return kgo.DefaultCompressor(kgo.SnappyCompression())
	}
	return nil, nil
}

// maxWindow is the largest window that a decoder should support (RFC 8878, section 3.1.1.1.2).
const maxWindow = 8 << 20

// zstdCompressor compresses with a window that holds a whole record batch, unless that is too
// large. The client's own compressor has a window of 64 KiB, and moves its contents around for a
// larger batch. That takes up to two thirds more time and yields more bytes.
type zstdCompressor struct{ encoders sync.Pool }

func newZstd(level, batchBytes int) (*zstdCompressor, error) {
	options := []zstd.EOption{
		zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), // for a batch that fits in the window, this costs no speed
		zstd.WithZeroFrames(true),
		zstd.WithEncoderCRC(false), // a record batch has its own checksum
		zstd.WithWindowSize(min(max(1<<bits.Len(uint(batchBytes-1)), zstd.MinWindowSize),
			maxWindow)),
		zstd.WithEncoderLevel(zstd.SpeedFastest),
	}
	if level != 0 {
		options = append(options, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)))
	}
	first, err := zstd.NewWriter(nil, options...)
	if err != nil {
		return nil, err
	}
	z := &zstdCompressor{sync.Pool{New: func() any {
		e, _ := zstd.NewWriter(nil, options...) // the first call had no error
		return e
	}}}
	z.encoders.Put(first)
	return z, nil
}

// Compress implements [kgo.Compressor].
func (z *zstdCompressor) Compress(
	dst *bytes.Buffer, src []byte, flags ...kgo.CompressFlag,
) ([]byte, kgo.CompressionCodecType) {
	if slices.Contains(flags, kgo.CompressDisableZstd) {
		return src, kgo.CodecNone
	}
	e := z.encoders.Get().(*zstd.Encoder)
	defer z.encoders.Put(e)
	if most := e.MaxEncodedSize(len(src)); most > dst.Cap() {
		dst.Grow(most)
	}
	return e.EncodeAll(src, dst.Bytes()), kgo.CodecZstd
}
