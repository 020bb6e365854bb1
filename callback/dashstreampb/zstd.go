package dashstreampb

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// zstdDecoder is created when the program starts, not when it is first needed. It contains a
// channel, and one created inside a testing/synctest bubble could not be used outside. DecodeAll is
// safe for concurrent use.
var zstdDecoder = func() *zstd.Decoder {
	// Every call limits its output to the buffer that it passes, so the decoder needs no limit of
	// its own.
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true),
		zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic("dashstreampb: " + err.Error())
	}
	return d
}()

const (
	zstdBlockHeaderBytes = 3
	zstdChecksumBytes    = 4
	zstdMaxBlockBytes    = 128 << 10
	// zstdSlack is extra space after the output, with which the decoder need not check every copy.
	zstdSlack = 16
)

var (
	errZstdCut       = errors.New("frame is cut short")
	errZstdTrailing  = errors.New("bytes after the frame")
	errZstdSkippable = errors.New("skippable frame")
	errZstdBlock     = errors.New("reserved block type")
)

// decompress returns the content of the one zstd frame in body. It allocates less than three times
// limit: without assembly, the decoder notices an overflow only after it has grown the buffer for
// one more block.
func decompress(body []byte, limit int) ([]byte, error) {
	size, err := zstdContentBound(body)
	if err != nil {
		return nil, &DecodeError{Reason: ReasonZstd, Err: err}
	}
	if size.exact && size.bytes > uint64(limit) {
		return nil, tooLarge(ReasonMessageTooLarge, size.bytes, limit)
	}
	room := int(min(size.bytes, uint64(limit)))
	plain, err := zstdDecoder.DecodeAll(body, make([]byte, 0, room+zstdSlack))
	switch {
	case err == nil && len(plain) <= limit:
		return plain, nil
	case size.exact:
		return nil, &DecodeError{Reason: ReasonZstd, Err: err}
	case err == nil, errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return nil, &DecodeError{Reason: ReasonMessageTooLarge, Detail: fmt.Sprintf("limit %d",
			limit)}
	default:
		return nil, &DecodeError{Reason: ReasonZstd, Err: err}
	}
}

// contentBound is the maximum size of the content of a zstd frame, or the exact size if the frame
// declares it.
type contentBound struct {
	bytes uint64
	exact bool
}

// zstdContentBound reads the headers of the frame's blocks, without decompressing any. It rejects
// anything that is not exactly one frame.
func zstdContentBound(body []byte) (contentBound, error) {
	var header zstd.Header
	rest, err := header.DecodeAndStrip(body)
	if err != nil {
		return contentBound{}, err
	}
	if header.Skippable {
		return contentBound{}, errZstdSkippable
	}
	var bound uint64
	for last := false; !last; {
		if len(rest) < zstdBlockHeaderBytes {
			return contentBound{}, errZstdCut
		}
		block := int(rest[0]) | int(rest[1])<<8 | int(rest[2])<<16
		last = block&1 != 0
		stored, content := block>>3, block>>3
		switch block >> 1 & 3 {
		case 0: // raw
		case 1: // one byte, repeated
			stored = 1
		case 2: // compressed
			content = zstdMaxBlockBytes
		default:
			return contentBound{}, errZstdBlock
		}
		if len(rest) < zstdBlockHeaderBytes+stored {
			return contentBound{}, errZstdCut
		}
		rest = rest[zstdBlockHeaderBytes+stored:]
		bound += uint64(content)
	}
	if header.HasCheckSum {
		if len(rest) < zstdChecksumBytes {
			return contentBound{}, errZstdCut
		}
		rest = rest[zstdChecksumBytes:]
	}
	if len(rest) > 0 {
		return contentBound{}, errZstdTrailing
	}
	if header.HasFCS {
		return contentBound{bytes: header.FrameContentSize, exact: true}, nil
	}
	return contentBound{bytes: bound}, nil
}
