package wire

// Tool is a ToolExecution without its header.
type Tool struct {
	CallID, Name      string
	Stage             byte
	Arguments, Result []byte
	Error             string
	Micros            int64 // duration, µs
	Retries           uint32
}

// SizeTool is the size of a ToolExecution's fields without the header.
func SizeTool(t *Tool) int {
	return sizeString(t.CallID) + sizeString(t.Name) + sizeUint(uint64(t.Stage)) +
		sizeRaw(t.Arguments) + sizeRaw(t.Result) +
		sizeString(t.Error) + sizeUint(uint64(t.Micros)) + sizeUint(uint64(t.Retries))
}

// AppendTool appends what [SizeTool] measures.
func AppendTool(b []byte, t *Tool) []byte {
	b = appendString(b, 2, t.CallID)
	b = appendString(b, 3, t.Name)
	b = appendUint(b, 4, uint64(t.Stage))
	b = appendRaw(b, 5, t.Arguments)
	b = appendRaw(b, 6, t.Result)
	b = appendString(b, 7, t.Error)
	b = appendUint(b, 9, uint64(t.Micros))
	return appendUint(b, 10, uint64(t.Retries))
}
