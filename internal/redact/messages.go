package redact

import (
	"crypto/sha256"
	"slices"
)

// Messages hides secrets in messages that are encoded already, where they are about to leave. Its
// methods take the content of a DashStream message, with its header or without it, and append to
// dst what may be published of it: they return that with true, or dst as it is with false when all
// of the message may be. What is not hidden stays byte for byte, but for the lengths around what
// is.
//
// A message that has nothing to hide costs one look at its bytes and allocates nothing. One that
// has a word in it that a secret may be near, such as "token", costs a look at the one field that
// it is in.
//
// What does not parse is left out from there on: nothing leaves that nobody has looked at. A
// Messages serves one goroutine. A nil Messages hides nothing.
type Messages struct {
	r      *Redactor
	budget budget // of the message

	learned known // of the name that is looked at

	src   string
	blind bool // every value has to be looked at
	left  patience
	at    int     // the place of the filter's window that found is about
	found []found // the literals there; none at the end of src

	edits []edit
	texts []byte   // what the edits put in
	keys  usedKeys // of the maps that are being looked at
	used  int      // the innermost of them, as keys names it
	sum   []byte   // the SHA-256 of the checkpoint's state, if that has changed
}

// edit puts texts[from:to] in the place of src[lo:hi].
type edit struct{ lo, hi, from, to int }

// NewMessages returns a Messages with the rules and the counters of r, or nil for a nil r.
func NewMessages(r *Redactor) *Messages {
	if r == nil {
		return nil
	}
	return &Messages{r: r}
}

// Clean reports whether there is certainly nothing to hide in encoded messages of any kind, one or
// many, together with whatever lies between them. False says only that they have to be looked at
// one by one.
func (m *Messages) Clean(encoded []byte) bool {
	if m == nil {
		return true
	}
	m.open(encoded)
	clean := !m.blind && !m.more() && !m.blind
	m.close()
	return clean
}

// Events is for the elements of an EventBatch, one after another, with the header of the batch or
// without it.
func (m *Messages) Events(dst, elements []byte) ([]byte, bool) {
	return m.redact(dst, elements, batchKind)
}

// Event is for an Event: its node, its attributes and its request. The attribute duration_us is
// never hidden. graph_schema_json, initial_state_json and graph_manifest stay valid JSON if they
// are.
func (m *Messages) Event(dst, body []byte) ([]byte, bool) { return m.redact(dst, body, eventKind) }

// Tokens is for a TokenChunk. A secret that is split over two chunks is not found unless they have
// been joined; [Stream] finds those.
func (m *Messages) Tokens(dst, body []byte) ([]byte, bool) { return m.redact(dst, body, tokenKind) }

// Tool is for a ToolExecution.
func (m *Messages) Tool(dst, body []byte) ([]byte, bool) { return m.redact(dst, body, toolKind) }

// Error is for an Error.
func (m *Messages) Error(dst, body []byte) ([]byte, bool) { return m.redact(dst, body, errorKind) }

// Metrics is for a Metrics: its texts and tags. Numbers are never hidden.
func (m *Messages) Metrics(dst, body []byte) ([]byte, bool) {
	return m.redact(dst, body, metricsKind)
}

// Checkpoint is for a Checkpoint. The checksum becomes that of the state that is published.
func (m *Messages) Checkpoint(dst, body []byte) ([]byte, bool) {
	return m.redact(dst, body, checkpointKind)
}

// Trace is for an ExecutionTrace.
func (m *Messages) Trace(dst, body []byte) ([]byte, bool) { return m.redact(dst, body, traceKind) }

func (m *Messages) redact(dst, body []byte, k *kind) ([]byte, bool) {
	if m == nil {
		return dst, false
	}
	m.open(body)
	if m.blind || m.more() || m.blind {
		m.message(k, 0, len(m.src), 0)
	}
	out, changed := m.apply(dst)
	m.close()
	return out, changed
}

func (m *Messages) open(body []byte) {
	m.src, m.at, m.found = view(body), -2, m.found[:0]
	m.budget = budgetFor(len(body))
	m.blind, m.left = m.r.blindTo(m.src), patienceFor(len(body))
	m.edits, m.texts, m.used, m.sum = m.edits[:0], m.texts[:0], 0, m.sum[:0]
}

// maxKept bounds the memory that is kept for the next message.
const maxKept = 64 << 10

func (m *Messages) close() {
	m.src = ""
	m.keys.reset()
	if cap(m.texts) > maxKept {
		m.texts = nil
	}
}

// apply appends the message with its edits.
func (m *Messages) apply(dst []byte) ([]byte, bool) {
	if len(m.edits) == 0 {
		return dst, false
	}
	at := 0
	for _, e := range m.edits {
		dst = append(dst, m.src[at:e.lo]...)
		dst = append(dst, m.texts[e.from:e.to]...)
		at = e.hi
	}
	return append(dst, m.src[at:]...), true
}

// more goes on to the next place with a literal, and reports whether there is one. When it has
// stopped for nothing too often it gives up, and every value is looked at.
func (m *Messages) more() bool {
	m.found = m.found[:0]
	for m.at < len(m.src) {
		if m.at = m.r.filter.next(m.src, m.at+2); m.at < 0 {
			m.at = len(m.src)
			return false
		}
		if end := m.harmlessKey(m.at); end > 0 {
			m.at = end - 2
			continue
		}
		var tried int
		m.found, tried = m.r.filter.literals(m.found, m.src, m.at, inAnything)
		if m.left.stop(tried) {
			m.blind, m.at, m.found = true, len(m.src), m.found[:0]
			return false
		}
		if len(m.found) == 0 {
			continue
		}
		if m.found = slices.DeleteFunc(m.found, m.isPartOfWord); len(m.found) > 0 {
			return true
		}
	}
	return false
}

// isPartOfWord reports whether a literal that matters only as a word is certainly a part of a
// longer one. A field may begin with the literal, when the byte before it is a length and no
// letter; behind a field that ends with it there is nothing that it could announce.
func (m *Messages) isPartOfWord(l found) bool {
	t := &m.r.filter.triggers[l.trigger]
	if !t.word || isWord(m.src, l.at, l.at+len(t.literal)) {
		return false
	}
	return l.at < 2 || !mayPrecedeLength(m.src[l.at-2]) || !isWord(m.src[l.at:], 0, len(t.literal))
}

// mayPrecedeLength reports whether b may be what stands before the last byte of the length of a
// text, as our encoders write it: a tag of one byte, or a byte of the length.
func mayPrecedeLength(b byte) bool { return b >= 0x80 || b&7 == bytesType }

// harmlessKey returns where the key of an entry ends that a window at i begins in, if it is known
// for one whose value is not secret, such as max_tokens: 0 otherwise. It goes by the bytes around
// the key, the tag and the length before it and the tag behind it: should they be part of a text
// instead, then the text has a name there that is not that of a secret, and nothing that could join
// it with a value. Neither can a literal be partly in the key, for none has a control character in
// it, as all tags are.
func (m *Messages) harmlessKey(i int) int {
	src, length := m.src, i-1
	for stop := max(0, i-knownBytes-1); length > stop && src[length] >= ' '; {
		length--
	}
	if length < 1 || src[length] >= ' ' {
		return 0
	}
	end := length + 1 + int(src[length])
	// or the length of a longer key is no control character
	if src[length-1] != entryKey<<3|bytesType || end <= i+1 {
		if length++; src[length-1] != entryKey<<3|bytesType {
			return 0
		}
		end = length + 1 + int(src[length])
	}
	if end <= i+1 || end-length > knownBytes || end >= len(src) ||
		src[end] != entryValue<<3|bytesType {
		return 0
	}
	if k := m.r.know(src[length+1:end], &m.budget, &m.learned); !k.clean || k.verdict.secret {
		return 0
	}
	return end
}

// has reports whether a literal is in [lo, hi) that matters for this use. It is to be asked in the
// order of the source.
func (m *Messages) has(lo, hi int, u use) bool {
	if m.blind {
		return true
	}
	for m.at < hi {
		for _, l := range m.found {
			t := &m.r.filter.triggers[l.trigger]
			end := l.at + len(t.literal)
			if l.at >= lo && end <= hi && t.matters(u) && (u == inAnything ||
				!t.isOver(m.src[lo:hi], l.at-lo)) {
				return true
			}
		}
		m.more()
	}
	return m.blind
}

// replace puts a field with this tag and text in the place of p.
func (m *Messages) replace(p *part, number uint64, text string) {
	from := len(m.texts)
	m.texts = appendVarint(m.texts, number<<3|bytesType)
	m.texts = appendVarint(m.texts, uint64(len(text)))
	m.texts = append(m.texts, text...)
	m.edits = append(m.edits, edit{p.begin, p.hi, from, len(m.texts)})
}

// enter begins with what is in a field, and returns what leave wants.
func (m *Messages) enter() (outer int) {
	m.edits = append(m.edits, edit{})
	return len(m.edits) - 1
}

// leave ends with what is in p, and puts the length right that stands before it.
func (m *Messages) leave(outer int, p *part) {
	if len(m.edits) == outer+1 {
		m.edits = m.edits[:outer]
		return
	}
	size := p.hi - p.lo
	for _, e := range m.edits[outer+1:] {
		size += e.to - e.from - (e.hi - e.lo)
	}
	from := len(m.texts)
	m.texts = appendVarint(m.texts, uint64(size))
	m.edits[outer] = edit{p.length, p.lo, from, len(m.texts)}
}

// cut leaves out what is from at to hi.
func (m *Messages) cut(at, hi int) { m.edits = append(m.edits, edit{lo: at, hi: hi}) }

// maxLevels bounds how deep messages are in each other; readers refuse more.
const maxLevels = 100

// message looks at the fields of the message [lo, hi).
func (m *Messages) message(k *kind, lo, hi, level int) {
	for at := lo; at < hi; {
		if end := shortEnd(m.src, at); end <= m.at && end <= hi && end > 0 && len(m.sum) == 0 &&
			!m.blind {
			at = end
			continue
		}
		p, ok := partAt(m.src, at, hi)
		if !ok || level > maxLevels {
			m.cut(at, hi)
			return
		}
		at = p.hi
		if p.wireType != bytesType || p.number >= uint64(len(k)) {
			continue
		}
		f := &k[p.number]
		if f.content == checksum && len(m.sum) > 0 {
			m.replace(&p, p.number, string(m.sum))
		}
		if f.content > checksum && m.has(p.lo, p.hi, inAnything) {
			m.field(f, &p, level+1)
		}
	}
}

// field looks at a field in which a secret may be.
func (m *Messages) field(f *field, p *part, level int) {
	switch f.content {
	case plain:
		m.text(p)
	case document:
		m.document(p)
	case state:
		if shown, changed := m.document(p); changed {
			sum := sha256.Sum256([]byte(shown))
			m.sum = append(m.sum[:0], sum[:]...)
		}
	case inner:
		outer, used := m.enter(), m.innerKeys()
		m.message(f.kind, p.lo, p.hi, level)
		m.outerKeys(used)
		m.leave(outer, p)
	default:
		outer := m.enter()
		m.entry(f.content, p.lo, p.hi, level)
		m.leave(outer, p)
	}
}
