package wire

// ID is a message id: 16 bytes in the form of a UUID. The zero ID stands for none.
type ID [16]byte

// Header is a message's header, with the part common to all messages of a thread encoded in Thread.
type Header struct {
	// ID is the message's own id. Parent is the id of the enclosing start message; zero for none.
	ID, Parent ID
	// Micros is the time of the event in µs since the Unix epoch.
	Micros int64
	// Thread is the encoded identity of the thread, from [AppendThread].
	Thread []byte
	// Sequence is the message's number in its thread, 0 for none. Type is its MessageType.
	Sequence uint64
	Type     byte
}

const sizeID = 2 + len(ID{})

// SizeThread and AppendThread encode tenant and thread once for all messages of a thread.
func SizeThread(tenant, thread string) int { return sizeString(tenant) + sizeString(thread) }

// AppendThread appends what [SizeThread] measures.
func AppendThread(b []byte, tenant, thread string) []byte {
	return appendString(appendString(b, 3, tenant), 4, thread)
}

// size is the size of the header's content if its sequence number takes width bytes; 0 means no
// sequence number.
func (h *Header) size(width int) int {
	n := sizeID + sizeUint(uint64(h.Micros)) + len(h.Thread) + 4 // type and schema version
	if width > 0 {
		n += 1 + width
	}
	if h.Parent != (ID{}) {
		n += sizeID
	}
	return n
}

// SizeHeader is the size of the header as field 1 of its message.
func SizeHeader(h *Header, width int) int { return sizeMessage(h.size(width)) }

// AppendHeader appends the header as field 1 of its message. Its sequence number must take width
// bytes.
func AppendHeader(b []byte, h *Header, width int) []byte {
	b = appendMessageHead(b, 1, h.size(width))
	b = append(b, tag(1, bytesType), byte(len(h.ID)))
	b = append(b, h.ID[:]...)
	b = appendUint(b, 2, uint64(h.Micros))
	b = append(b, h.Thread...)
	if width > 0 {
		b = appendVarint(append(b, tag(5, varintType)), h.Sequence)
	}
	b = append(b, tag(6, varintType), h.Type)
	if h.Parent != (ID{}) {
		b = append(b, tag(7, bytesType), byte(len(h.Parent)))
		b = append(b, h.Parent[:]...)
	}
	return append(b, tag(9, varintType), 1)
}

// Frame is the space that a record needs in front of its message: the framing byte, the tag and the
// length.
const Frame = 1 + 1 + 5

// PutFrame writes the framing of a record directly in front of b[at:], where its message of the
// given type begins, whose content is n bytes long. It returns where the record begins. at must be
// at least [Frame].
func PutFrame(b []byte, at int, messageType byte, n int) int {
	at -= VarintLen(uint64(n))
	_ = appendVarint(b[at:at], uint64(n))
	b[at-1] = tag(messageType, bytesType)
	b[at-2] = 0 // plain protobuf
	return at - 2
}
