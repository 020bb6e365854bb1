package wire

// StateDiff is the encoder's input for a StateDiff message: a whole state, or the operations that
// lead to it.
type StateDiff struct {
	// Base is the id of the checkpoint that the operations build on; empty for none.
	Base []byte
	// Operations are encoded already, see [AppendOperation].
	Operations []byte
	// Hash is the SHA-256 of the canonical state, empty if a browser could not verify it. Full is
	// the whole state.
	Hash, Full []byte
}

// SizeStateDiff returns the size of the message's fields without its header.
func SizeStateDiff(d *StateDiff) int {
	return sizeRaw(d.Base) + len(d.Operations) + sizeRaw(d.Hash) + sizeRaw(d.Full)
}

// AppendStateDiff appends the message's fields without its header.
func AppendStateDiff(b []byte, d *StateDiff) []byte {
	b = appendRaw(b, 2, d.Base)
	b = append(b, d.Operations...)
	b = appendRaw(b, 4, d.Hash)
	return appendRaw(b, 5, d.Full)
}

// AppendOperation appends one operation of a StateDiff. kind is its OpType, below 128; value is
// JSON. Type and encoding are written even if they are 0. A browser sees omitted fields as
// undefined, and would take an ADD for a REPLACE and JSON for an unknown encoding.
func AppendOperation(b []byte, kind byte, path string, value []byte, from string) []byte {
	const always = 4 // tag and value of both the type and the encoding
	b = appendMessageHead(b, 3, always+sizeString(path)+sizeRaw(value)+sizeString(from))
	b = append(b, tag(1, varintType), kind)
	b = appendString(b, 2, path)
	b = appendRaw(b, 3, value)
	b = appendString(b, 4, from)
	return append(b, tag(5, varintType), 0)
}

// Checkpoint is the encoder's input for a Checkpoint message with a state.
type Checkpoint struct {
	ID, State, Checksum []byte
	Type                string
}

// SizeCheckpoint returns the size of the message's fields without its header.
func SizeCheckpoint(c *Checkpoint) int {
	return sizeRaw(c.ID) + sizeRaw(c.State) + sizeString(c.Type) + sizeRaw(c.Checksum)
}

// AppendCheckpoint appends the message's fields without its header.
func AppendCheckpoint(b []byte, c *Checkpoint) []byte {
	b = appendRaw(b, 2, c.ID)
	b = appendRaw(b, 3, c.State)
	b = appendString(b, 4, c.Type)
	return appendRaw(b, 5, c.Checksum)
}
