package wire

import (
	"crypto/sha256"
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// Half is one of the two records that [SplitEvents] makes of one.
type Half struct {
	Value []byte
	// Events is the number of events in it; First and Last are the sequence numbers of the first
	// and the last, 0 for none.
	Events      int
	First, Last uint64
}

// SplitEvents divides a record with an EventBatch into two, each with half of the events, which are
// not changed. The first record's batch has the header of the whole. The second one's header
// differs in its message_id, which is derived from that of the whole, so that the same record is
// always divided in the same way. ok is false for a record with any other content, or with fewer
// than two events.
func SplitEvents(record []byte) (first, second Half, ok bool) {
	header, events, ok := batchOf(record)
	if !ok || len(events) < 2 {
		return Half{}, Half{}, false
	}
	middle := (len(events) + 1) / 2
	if first, ok = halfOf(header, events[:middle], false); !ok {
		return Half{}, Half{}, false
	}
	second, ok = halfOf(header, events[middle:], true)
	return first, second, ok
}

const (
	headerField = 1
	eventsField = 2
	batchField  = 8
	idField     = 1
)

// batchOf returns the header and the events of the EventBatch in a record, each with its tag and
// length.
func batchOf(record []byte) (header []byte, events [][]byte, ok bool) {
	if len(record) < 1 || record[0] != 0 {
		return nil, nil, false
	}
	field, kind, n := protowire.ConsumeTag(record[1:])
	if n < 0 || field != batchField || kind != protowire.BytesType {
		return nil, nil, false
	}
	content, m := protowire.ConsumeBytes(record[1+n:])
	if m < 0 || 1+n+m != len(record) {
		return nil, nil, false
	}
	for len(content) > 0 {
		field, kind, n := protowire.ConsumeTag(content)
		if n < 0 || kind != protowire.BytesType {
			return nil, nil, false
		}
		_, m := protowire.ConsumeBytes(content[n:])
		if m < 0 {
			return nil, nil, false
		}
		element := content[:n+m]
		content = content[n+m:]
		switch {
		case field == headerField && header == nil:
			header = element
		case field == eventsField:
			events = append(events, element)
		default:
			return nil, nil, false
		}
	}
	return header, events, true
}

// halfOf returns a record with a batch of some events, with an ID of its own if renamed is set.
func halfOf(header []byte, events [][]byte, renamed bool) (Half, bool) {
	size := len(header)
	for _, e := range events {
		size += len(e)
	}
	h := Half{Value: make([]byte, Frame, Frame+size), Events: len(events)}
	h.Value = append(h.Value, header...)
	for _, e := range events {
		h.Value = append(h.Value, e...)
	}
	var ok bool
	if h.First, ok = eventSequence(events[0]); !ok {
		return Half{}, false
	}
	if renamed {
		rename(fieldOf(contentOf(h.Value[Frame:]), idField), h.First)
	}
	h.Value = h.Value[PutFrame(h.Value, Frame, batchField, size):]
	h.Last, ok = eventSequence(events[len(events)-1])
	return h, ok
}

// rename replaces an ID, in place, by one derived from it and n: a UUID of version 8 (RFC 9562).
func rename(id []byte, n uint64) {
	if len(id) != len(ID{}) {
		return
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte(nil), id...), n))
	copy(id, sum[:])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
}

// contentOf returns what follows the tag and length at the beginning of element.
func contentOf(element []byte) []byte {
	_, _, n := protowire.ConsumeTag(element)
	if n < 0 {
		return nil
	}
	content, m := protowire.ConsumeBytes(element[n:])
	if m < 0 {
		return nil
	}
	return content
}

// fieldOf returns the content of the first length-delimited field with this number in a message, or
// nil.
func fieldOf(message []byte, number protowire.Number) []byte {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil
		}
		v := protowire.ConsumeFieldValue(field, kind, message[n:])
		if v < 0 {
			return nil
		}
		if field == number && kind == protowire.BytesType {
			content, _ := protowire.ConsumeBytes(message[n:])
			return content
		}
		message = message[n+v:]
	}
	return nil
}

// eventSequence returns the sequence number in the header of an event, 0 if it has none. ok is
// false for something that is not an event.
func eventSequence(event []byte) (sequence uint64, ok bool) {
	header := fieldOf(contentOf(event), headerField)
	if header == nil {
		return 0, false
	}
	for len(header) > 0 {
		field, kind, n := protowire.ConsumeTag(header)
		if n < 0 {
			return 0, false
		}
		if field == sequenceField && kind == protowire.VarintType {
			v, m := protowire.ConsumeVarint(header[n:])
			return v, m > 0
		}
		v := protowire.ConsumeFieldValue(field, kind, header[n:])
		if v < 0 {
			return 0, false
		}
		header = header[n+v:]
	}
	return 0, true
}
