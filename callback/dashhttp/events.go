package dashhttp

import "bytes"

// events reads a stream of server-sent events in pieces, and holds nothing of it.
type events struct {
	line  part
	name  [8]byte // the beginning of the line
	named int     // its length; one more than there is room for if it is longer
	cr    bool    // the byte before was a carriage return
	data  byte    // the first byte of the event's data; 0 for none so far
}

// part is the part of a line that is being read.
type part uint8

const (
	partName part = iota
	partSpace
	partData
	partOther
)

// feed reads on. The caller holds the lock of c.
func (e *events) feed(c *call, p []byte) {
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, newline)
		p = rest
		for {
			piece, more, returned := bytes.Cut(line, carriageReturn)
			if len(piece) > 0 {
				e.cr = false
				e.read(c, piece)
			}
			if !returned {
				break
			}
			e.endLine(c)
			e.cr, line = true, more
		}
		if ended && !e.cr {
			e.endLine(c)
		}
		if ended {
			e.cr = false
		}
	}
}

var newline, carriageReturn = []byte{'\n'}, []byte{'\r'}

// read reads a piece of a line.
func (e *events) read(c *call, p []byte) {
	if e.line == partName {
		name, rest, found := bytes.Cut(p, []byte{':'})
		e.named += copy(e.name[min(e.named, len(e.name)):], name)
		if !found {
			return
		}
		e.line = partOther
		if n := string(e.name[:e.named]); n == "data" || n == "\ufeffdata" {
			e.line = partSpace
		}
		p = rest
	}
	if e.line == partSpace && len(p) > 0 {
		e.line = partData
		if p[0] == ' ' {
			p = p[1:]
		}
	}
	if e.line != partData {
		return
	}
	if e.data == 0 {
		if p = trimSpace(p); len(p) == 0 {
			return
		}
		e.data = p[0]
	}
	if e.data == '{' {
		c.scan.feed(p)
	}
}

// endLine ends a line; an empty one ends an event.
func (e *events) endLine(c *call) {
	if e.line == partName && e.named == 0 {
		e.flush(c)
	}
	e.line, e.named = partName, 0
}

// flush ends an event, also one that the end of the stream has cut off.
func (e *events) flush(c *call) {
	switch e.data {
	case 0:
		return
	case '{':
		c.element()
	case '[': // [DONE]
		c.answer.over = true
	}
	e.data = 0
	c.scan.reset()
}

// trimSpace returns p without the spaces that JSON knows at its beginning.
func trimSpace(p []byte) []byte { return bytes.TrimLeft(p, " \t\r\n") }
