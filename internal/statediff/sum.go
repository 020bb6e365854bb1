package statediff

import (
	"crypto/sha256"
	"encoding"
	"hash"
)

// A document stores the state of its hash after every interval bytes, so that hashing a document
// with the same beginning can continue from there.
const (
	interval  = 4 << 10
	stateSize = 108 // of SHA-256, as written by its AppendBinary
)

// Summer computes SHA-256 sums of documents. The zero value is ready to use. It serves one
// goroutine at a time.
type Summer struct{ hash hash.Hash }

// Sum returns the SHA-256 of d's text. It does not hash again what d has in common with the
// beginning of last, a document that was summed before; last may be nil. For the next sum, d stores
// intermediate states, a fortieth of its length.
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
			// if a state ever has another size, nothing is stored from there on
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
