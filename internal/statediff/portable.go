package statediff

// AppendPortable appends the text for a reader whose numbers are doubles: numbers that no double
// can represent, because of which [Document.Verifiable] returns false, become strings.
func (d *Document) AppendPortable(dst []byte) []byte {
	done := uint32(0)
	for _, i := range d.inexact {
		n := d.nodes[i]
		dst = append(dst, d.text[done:n.start]...)
		dst = append(append(append(dst, '"'), d.text[n.start:n.end]...), '"')
		done = n.end
	}
	return append(dst, d.text[done:]...)
}
