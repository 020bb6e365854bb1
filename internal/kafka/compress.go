package kafka

import (
	"bytes"
	"math/bits"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kgo"
)

// compressor returns what compresses record batches of at most batchBytes, or nil if nothing does.
func (c *Config) compressor(batchBytes int) (kgo.Compressor, error) {
	level := c.CompressionLevel
	switch c.Compression {
	case Zstd:
		return newZstd(level, batchBytes)
	case LZ4:
		if level == 0 {
			return kgo.DefaultCompressor(kgo.Lz4Compression())
		}
		// as package lz4 numbers them
		return kgo.DefaultCompressor(kgo.Lz4Compression().WithLevel(1 << (8 + level)))
	case Snappy:
		return kgo.DefaultCompressor(kgo.SnappyCompression())
	}
	return nil, nil
}

// maxWindow is the largest window that a decoder should support (RFC 8878, section 3.1.1.1.2).
const maxWindow = 8 << 20

// zstdCompressor compresses with a window that holds a whole record batch, if that is not too
// large. The client's own has one of 64 KiB, and moves what it has seen about when a batch is
// larger: up to two thirds more time, for more bytes.
type zstdCompressor struct{ encoders sync.Pool }

func newZstd(level, batchBytes int) (*zstdCompressor, error) {
	options := []zstd.EOption{
		zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), // a batch that fits in the window does not make it slide
		zstd.WithZeroFrames(true),
		zstd.WithEncoderCRC(false), // a record batch has its own
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
		e, _ := zstd.NewWriter(nil, options...) // the first one had none to report
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
