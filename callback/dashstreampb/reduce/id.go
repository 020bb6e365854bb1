package reduce

import (
	"encoding/hex"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// ID is a message_id. That of a start also names what it starts: a run, or a node. The zero ID
// names nothing.
type ID [pb.MessageIDBytes]byte

// String returns 32 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText is [ID.String], and empty for the zero ID.
func (id ID) MarshalText() ([]byte, error) {
	if id == (ID{}) {
		return nil, nil
	}
	return hex.AppendEncode(nil, id[:]), nil
}

// idOf returns the ID that bytes of a message say, zero if they are not one.
func idOf(b []byte) ID {
	if len(b) != len(ID{}) {
		return ID{}
	}
	return ID(b)
}

// idSet remembers the last ids of messages that it was given, up to a limit.
type idSet struct {
	seen map[ID]struct{}
	ring []ID
	next int
}

func (s *idSet) has(id ID) bool {
	_, found := s.seen[id]
	return found
}

// add remembers an id that is not there, in place of the oldest one if there are as many as there
// may be.
func (s *idSet) add(id ID, limit int) {
	if s.seen == nil {
		s.seen = map[ID]struct{}{}
	}
	if len(s.ring) < limit {
		s.ring = append(s.ring, id)
	} else {
		delete(s.seen, s.ring[s.next])
		s.ring[s.next] = id
		s.next = (s.next + 1) % limit
	}
	s.seen[id] = struct{}{}
}
