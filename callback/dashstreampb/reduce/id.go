package reduce

import (
	"encoding/hex"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// ID is a message_id. The ID of a start also identifies what it starts: a run, or a node. The zero
// ID identifies nothing.
type ID [pb.MessageIDBytes]byte

// String returns 32 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText returns the same as [ID.String], and "" for the zero ID.
func (id ID) MarshalText() ([]byte, error) {
	if id == (ID{}) {
		return nil, nil
	}
	return hex.AppendEncode(nil, id[:]), nil
}

// idOf returns the ID in bytes of a message, zero if they are not one.
func idOf(b []byte) ID {
	if len(b) != len(ID{}) {
		return ID{}
	}
	return ID(b)
}

// idSet remembers the last ids added, up to a limit.
type idSet struct {
	seen map[ID]struct{}
	ring []ID
	next int
}

func (s *idSet) has(id ID) bool {
	_, found := s.seen[id]
	return found
}

// add remembers a new id, in place of the oldest one if the limit is reached.
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
