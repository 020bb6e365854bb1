package batching

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// The kinds of message in these tests.
const (
	kindEvent Kind = iota // many in a batch, each with its own number
	kindToken             // those of one request form one message
	kindState             // alone in its batch
	kindMixed             // any of the three
)

var testKinds = []string{"event", "token", "state", "mixed"}

// A message of the tests identifies itself, so that the receiver can look it up:
//
//	marker 1 · slot length 4 · serial 8 · (first piece of a message only: ID 8 · sequence as a
//	varint) · padding
//
// The marker and the length are at the same place as in the hole that an abandoned slot leaves.
const (
	markerMessage = 1 // it has an ID and a number
	markerPiece   = 2 // it continues the preceding message
	pieceBytes    = 1 + 4 + 8
	messageBytes  = pieceBytes + 8
)

// piece is what was read back from one slot.
type piece struct {
	serial uint64
	joined bool
	id     uint64 // these two in the first piece of a message only
	seq    uint64
}

// sized fills in the sizes of e for pad bytes of padding and the next number in l.
func sized(e *Entry, l *Lane, pad int) {
	e.Width = l.Width()
	e.Size = messageBytes + e.Width + pad
	e.JoinedSize = pieceBytes + pad
	e.MessageSize = e.Size
}

// write fills slot with the message of a serial.
func write(slot *Slot, serial uint64) {
	b := slot.Buf
	b[0] = markerMessage
	if slot.Joined {
		b[0] = markerPiece
	}
	binary.BigEndian.PutUint32(b[1:], uint32(len(b)))
	binary.BigEndian.PutUint64(b[5:], serial)
	n := pieceBytes
	if !slot.Joined {
		binary.BigEndian.PutUint64(b[n:], slot.ID)
		n += 8
		n += binary.PutUvarint(b[n:], slot.Seq)
	}
	for ; n < len(b); n++ {
		b[n] = 0xEE
	}
}

var errMalformed = errors.New("malformed body")

// pieces decodes a body and skips holes.
func pieces(body []byte) ([]piece, error) {
	var all []piece
	for len(body) > 0 {
		if len(body) < 5 {
			return nil, errMalformed
		}
		n := int(binary.BigEndian.Uint32(body[1:]))
		if n < 5 || n > len(body) {
			return nil, fmt.Errorf("%w: a slot of %d bytes", errMalformed, n)
		}
		slot := body[:n]
		body = body[n:]
		p := piece{joined: slot[0] == markerPiece}
		switch slot[0] {
		case 0:
			continue
		case markerMessage:
			p.id = binary.BigEndian.Uint64(slot[pieceBytes:])
			p.seq, _ = binary.Uvarint(slot[messageBytes:])
		case markerPiece:
		default:
			return nil, fmt.Errorf("%w: marker %d", errMalformed, slot[0])
		}
		p.serial = binary.BigEndian.Uint64(slot[5:])
		all = append(all, p)
	}
	return all, nil
}

// seal makes the body the value, after closing the holes. A message without its first piece cannot
// be sent.
func seal(b *Sealing) error {
	from, to := b.Headroom(), b.Headroom()
	first := true
	for body := b.Body(); len(body) > 0; {
		if len(body) < 5 {
			return errMalformed
		}
		n := int(binary.BigEndian.Uint32(body[1:]))
		if n < 5 || n > len(body) {
			return errMalformed
		}
		if body[0] != 0 {
			if first && body[0] == markerPiece {
				return errMalformed
			}
			first = false
			to += copy(b.Buffer()[to:], body[:n])
		} else if !b.Holes() {
			return errMalformed
		}
		body = body[n:]
	}
	b.SetValue(from, to)
	return nil
}

// message is an Entry to be emitted by a test, in one expression.
type message struct {
	Entry
	pad    int
	serial uint64
}

func event(serial uint64) message {
	return message{Entry: Entry{Kind: kindEvent, Join: 1}, serial: serial}
}

func token(serial, request uint64) message {
	return message{Entry: Entry{Kind: kindToken, Join: request, OneMessage: true}, serial: serial}
}

func state(serial uint64) message { return message{Entry: Entry{Kind: kindState}, serial: serial} }

func (m message) urgent() message {
	m.Urgent = true
	return m
}

func (m message) padded(pad int) message {
	m.pad = pad
	return m
}

// reserve reserves a slot for m in l, now.
func (m message) reserve(l *Lane) (Slot, Status) {
	m.At = time.Since(l.shard.engine.started)
	for {
		sized(&m.Entry, l, m.pad)
		var slot Slot
		if status := l.Reserve(&m.Entry, &slot); status != WidthChanged {
			return slot, status
		}
	}
}

// emit emits m and reports whether it was accepted.
func (m message) emit(l *Lane) bool {
	slot, status := m.reserve(l)
	if status != Reserved {
		return false
	}
	write(&slot, m.serial)
	slot.Commit(len(slot.Buf))
	return true
}
