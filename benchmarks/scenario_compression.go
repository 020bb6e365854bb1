package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/benchmarks/internal/record"
	"github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Blocks as large as a record's value and as a whole record batch of the sender.
var blockSizes = []int{64 << 10, 980_000}

// codec compresses a block, as one who sends record batches has it done.
type codec struct {
	name     string
	compress func(dst *bytes.Buffer, src []byte) ([]byte, kgo.CompressionCodecType)
}

// codecs returns them for blocks of this size. Those of zstd have a window that holds a block, but
// for franz-go's own, whose window is 64 KiB.
func codecs(size int) ([]codec, error) {
	var all []codec
	for _, level := range []zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedDefault,
		zstd.SpeedBetterCompression} {
		window := 1 << 16
		for window < size {
			window <<= 1
		}
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(window), zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true))
		if err != nil {
			return nil, err
		}
		all = append(all, codec{"zstd " + level.String(),
			func(dst *bytes.Buffer, src []byte) ([]byte, kgo.CompressionCodecType) {
				dst.Grow(e.MaxEncodedSize(len(src)))
				return e.EncodeAll(src, dst.AvailableBuffer()), kgo.CodecZstd
			}})
	}
	for _, c := range []struct {
		name  string
		codec kgo.CompressionCodec
	}{
		{"zstd fastest, 64 KiB window", kgo.ZstdCompression().WithLevel(1)},
		{"lz4", kgo.Lz4Compression()}, {"snappy", kgo.SnappyCompression()},
	} {
		compressor, err := kgo.DefaultCompressor(c.codec)
		if err != nil {
			return nil, err
		}
		all = append(all,
			codec{c.name, func(dst *bytes.Buffer, src []byte) ([]byte, kgo.CompressionCodecType) {
				return compressor.Compress(dst, src)
			}})
	}
	return all, nil
}

// runCompression compares codecs and levels on blocks of encoded events of ten attributes, in
// turns.
func runCompression(b *bench) ([]row, error) {
	var rows []row
	for _, kind := range b.valueKinds("zstd") {
		values, err := load.NewValues(kind, 4096, b.runs)
		if err = b.left(string(kind), err); err != nil {
			return nil, err
		}
		if values == nil {
			continue
		}
		for _, size := range blockSizes {
			b.say("  %s, blocks of %d bytes", kind, size)
			more, err := compressBlock(b, kind, values, size)
			if err != nil {
				return nil, err
			}
			rows = append(rows, more...)
		}
	}
	return rows, nil
}

func compressBlock(b *bench, kind load.Kind, values []load.Values, size int) ([]row, error) {
	block, events := blockOf(values, size)
	list, err := codecs(size)
	if err != nil {
		return nil, err
	}
	rows, turns := make([]row, len(list)), make([]func(int), len(list))
	for i, c := range list {
		var buffer bytes.Buffer
		once := func() ([]byte, kgo.CompressionCodecType) {
			buffer.Reset()
			return c.compress(&buffer, block)
		}
		turns[i] = func(n int) {
			for range n {
				once()
			}
		}
		packed, by := once()
		r := &rows[i]
		*r = row{Case: fmt.Sprintf("%d kB", size/1000), Contender: c.name, Values: string(kind),
			EventsPerRecord: float64(events), WirePerOp: float64(len(packed)) / float64(events)}
		unpacked, err := kgo.DefaultDecompressor().Decompress(packed, by)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(unpacked, block) {
			return nil, fmt.Errorf("%s, %s: %d bytes come back as %d others", c.name, kind,
				len(block), len(unpacked))
		}
		r.Delivered = 100
	}
	for i, ns := range measure.Compare(pick(b, 40, 5), 1+(1<<18)/size, turns...) {
		rows[i].NsPerOp = ns / float64(events)
	}
	return rows, nil
}

// blockOf encodes as many events as fit.
func blockOf(values []load.Values, size int) (block []byte, events int) {
	m := record.Message{Tenant: "default", Thread: "conversation-0000",
		Micros: time.Now().UnixMicro(), Event: dashstreampb.EventType_EVENT_TYPE_NODE_WARNING,
		Node: load.Node}
	for {
		v := &values[events%len(values)]
		attributes := []record.Attribute{record.Text("message", load.Message)}
		for k, key := range load.Keys {
			attributes = append(attributes, record.Text(key, v[k]))
		}
		m.Sequence++
		m.Micros += 100
		binary.BigEndian.PutUint64(m.ID[8:], m.Sequence)
		longer := m.Append(block, attributes)
		if len(longer) > size {
			return block, events
		}
		block, events = longer, events+1
	}
}
