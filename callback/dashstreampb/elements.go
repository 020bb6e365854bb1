package dashstreampb

import (
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// bytesPerElement is the minimum size of an element on the wire: a tag and a length.
const bytesPerElement = 2

// exceedsElements reports whether unmarshalling body would create more than limit elements. Bodies
// that are too short for that, as nearly all are, cost nothing. Invalid protobuf is left for
// unmarshalling to reject.
func exceedsElements(body []byte, limit int) bool {
	if len(body)/bytesPerElement <= limit {
		return false
	}
	left := limit
	return !countElements(body, rootShape(), MaxDepth, &left)
}

// shape is what is needed to count the elements of a type of message.
type shape struct {
	// nested has the shapes of the messages in fields, by field number.
	nested map[protowire.Number]*shape
	// lists has the numbers of the fields that are lists of strings or bytes.
	lists map[protowire.Number]bool
}

var rootShape = sync.OnceValue(func() *shape {
	return shapeOf((&DashStreamMessage{}).ProtoReflect().Descriptor(),
		map[protoreflect.FullName]*shape{})
})

func shapeOf(md protoreflect.MessageDescriptor, known map[protoreflect.FullName]*shape) *shape {
	if s := known[md.FullName()]; s != nil {
		return s
	}
	s := &shape{nested: map[protowire.Number]*shape{}, lists: map[protowire.Number]bool{}}
	known[md.FullName()] = s
	for i := range md.Fields().Len() {
		switch fd := md.Fields().Get(i); {
		case fd.Message() != nil:
			s.nested[fd.Number()] = shapeOf(fd.Message(), known)
		case fd.IsList() && (fd.Kind() == protoreflect.StringKind ||
			fd.Kind() == protoreflect.BytesKind):
			s.lists[fd.Number()] = true
		}
	}
	return s
}

// countElements subtracts the elements of a message from left, and reports whether there were
// enough. It goes no deeper than depth, and stops at the first invalid byte.
func countElements(b []byte, s *shape, depth int, left *int) bool {
	if depth < 0 {
		return true
	}
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return true
		}
		b = b[n:]
		if typ != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(num, typ, b); n < 0 {
				return true
			}
			b = b[n:]
			continue
		}
		v, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return true
		}
		b = b[n:]
		nested := s.nested[num]
		if nested == nil && !s.lists[num] {
			continue
		}
		if *left--; *left < 0 {
			return false
		}
		if nested != nil && !countElements(v, nested, depth-1, left) {
			return false
		}
	}
	return true
}
