package statediff

import "math/bits"

// Kind is the kind of an operation. The numbers are those of DiffOperation on the wire.
type Kind uint8

// The operations of RFC 6902.
const (
	Add Kind = iota
	Remove
	Replace
	Move
	Copy
	Test
)

var kindNames = [...]string{"add", "remove", "replace", "move", "copy", "test"}

// String returns the name that RFC 6902 gives the operation.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Op is one operation of a patch.
type Op struct {
	Kind  Kind
	Path  string // JSON pointer of the target
	From  string // JSON pointer of the source, for Move and Copy
	Value []byte // JSON, for Add, Replace and Test
}

// Size returns the size of the operation in a StateDiff message, including its tag and length. Its
// type and its encoding are always written.
func (o *Op) Size() int { return opSize(len(o.Path), len(o.From), len(o.Value)) }

func opSize(path, from, value int) int {
	n := 4 + fieldSize(path) + fieldSize(from) + fieldSize(value)
	return 1 + varintSize(n) + n
}

// fieldSize returns the size of n bytes as a field, which is omitted when empty.
func fieldSize(n int) int {
	if n == 0 {
		return 0
	}
	return 1 + varintSize(n) + n
}

func varintSize(n int) int { return (bits.Len64(uint64(n)|1) + 6) / 7 }
