package statediff

import (
	"crypto/sha256"
	"encoding"
	"hash"
)

// A document remembers the state of its hash after every interval bytes, so that the hash of one
// that begins alike takes up there.
const (
	interval  = 4 << 10
	stateSize = 108 // of SHA-256, as its AppendBinary writes it
)

// Summer computes SHA-256 sums of documents. The zero value is ready; it is for one goroutine at a
// time.
type Summer struct{ hash hash.Hash }

// Sum returns the SHA-256 of d's text. What d has in common with the beginning of last, a document
// that was summed before, is not hashed again; last may be nil. d remembers for the next sum what
// it takes, a fortieth of its length.
func (s *Summer) Sum(d, last *Document) (sum [sha256.Size]byte) {
	if s.hash == nil {
		s.hash = sha256.New()
	}
	s.hash.Reset()
	d.sums = d.sums[:0]
	done := 0
	if last != nil {
		known := min(commonPrefix(d.text, last.text)/interval, len(last.sums)/stateSize)
		if known > 0 &&
			s.hash.(encoding.BinaryUnmarshaler).
				UnmarshalBinary(last.sums[(known-1)*stateSize:known*stateSize]) == nil {
			d.sums = append(d.sums, last.sums[:known*stateSize]...)
			done = known * interval
		}
	}
	appender, _ := s.hash.(encoding.BinaryAppender)
	for ; done+interval <= len(d.text); done += interval {
		s.hash.Write(d.text[done : done+interval])
		if appender == nil || len(d.sums) != done/interval*stateSize {
			// should a state once not be of the size that is known here, nothing is remembered from
			// there on
			continue
		}
		if sums, err := appender.AppendBinary(d.sums); err == nil {
			d.sums = sums
		}
	}
	s.hash.Write(d.text[done:])
	s.hash.Sum(sum[:0])
	return sum
}
