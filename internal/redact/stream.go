package redact

import (
	"encoding/json"
	"strings"
)

// Stream hides secrets in a text that comes in parts, such as the answer of a model. A part is not
// published before it is known that no secret begins in it: what may be the beginning of one is
// kept until the rest has come. What is kept is
//
//   - the word that has not ended, unless it is plainly one of a sentence,
//   - what follows a literal of a rule, such as the name of a password, for as far as its value may
//     begin,
//   - a secret that has not ended, up to a few hundred bytes: then its mark is published, and the
//     rest of it is left out as it comes,
//   - a JSON document with such a literal in it, if the text is one and is short.
//
// What is published is looked at together with what was published before it, so a name gives its
// value away whatever parts they come in, and of a secret that began as a word of a sentence only
// these letters leave. Its memory is bounded by [MaxStream]. A Stream serves one goroutine. A nil
// Stream keeps nothing and hides nothing.
type Stream struct {
	r    *Redactor
	text []byte // what was published last, and what is kept
	sent int    // where what is kept begins
	next int    // the size from which on a word that has not ended is worth a look

	inside   bool // what was published last ends in a secret, for which a mark was published
	blind    bool // and the rules do not see it any more: it ends where a word does
	left     int  // how many bytes of it were left out
	document bool // the text is a JSON document as far as it goes
	frozen   bool // in which there may be a secret
	begun    bool
	fresh    int  // how many bytes have come since it was looked at for what may be given away
	later    bool // there is something of the kind

	spans   []span
	literal int // the first one of a rule near the end of the text, or -1
}

// The bounds of a Stream, in bytes.
const (
	// MaxStream is the most that a Stream keeps.
	MaxStream = maxKeptWord + streamContext

	maxKeptWord     = 16 << 10 // of a word that has not ended; the header of a JWT has so much
	maxKeptDocument = 4 << 10
	maxLeftOut      = 64 << 10 // of one secret
	streamContext   = 256      // of what was published, before what is kept
	secretHead      = 256      // of a secret, before its mark is published while it goes on
	// behind the literal that announces it, a secret begins within so much
	valueNear = 128
)

// NewStream returns a Stream with the rules and the counters of r, or nil for a nil r.
func (r *Redactor) NewStream() *Stream {
	if r == nil {
		return nil
	}
	return &Stream{r: r}
}

// Released is what a Stream publishes.
type Released struct {
	// Text may be published.
	Text string
	// Taken is how many bytes of what came in it stands for.
	Taken int
	// Hidden says that something of that was left out.
	Hidden bool
}

// And returns what two of them publish together, r first.
func (r Released) And(more Released) Released {
	return Released{r.Text + more.Text, r.Taken + more.Taken, r.Hidden || more.Hidden}
}

// Add takes the next part and returns what may be published now.
func (s *Stream) Add(part string) Released {
	if s == nil {
		return Released{Text: part, Taken: len(part)}
	}
	ends := endsWord(s.text, part)
	s.text = append(s.text, part...)
	s.fresh += len(part)
	if !s.begun && part != "" {
		s.begin()
	}
	if !s.blind {
		return s.add(ends)
	}
	out := s.leaveOutWord()
	if s.blind {
		return out
	}
	return out.And(s.add(true))
}

// add looks at what has come; ends says that a word has ended in it.
func (s *Stream) add(ends bool) Released {
	if !ends && len(s.text) < s.next {
		return Released{}
	}
	if s.document {
		if out, done := s.asDocument(); done {
			return out
		}
	}
	s.look()
	return s.release(s.decided())
}

// Decide returns all that is kept, because it cannot be waited for any longer. A word that may be
// the beginning of a secret is hidden, and so is what follows until it ends.
func (s *Stream) Decide() Released {
	if s == nil || s.sent == len(s.text) {
		return Released{}
	}
	s.document, s.frozen = false, false
	s.look()
	n := len(s.text)
	begin := max(s.wordBegin(), s.sent)
	if key := s.beforeAWSSecret(n); key < begin {
		s.spans = append(s.spans, span{key, run(view(s.text), key, alnum|slash, awsSecret),
			ruleAWSSecret})
	}
	word := s.text[begin:]
	random := len(word) >= 8 && looksRandom(view(word), 16)
	blind := begin < n && !s.covered(n-1) && (random || s.literal >= 0 && !isPlainWord(word))
	if blind {
		s.spans = append(s.spans, span{begin, n, ruleSecret})
	}
	s.merge()
	out := s.release(n)
	s.blind = blind
	return out
}

// End returns the rest. The Stream can be used for another text then.
func (s *Stream) End() Released {
	if s == nil {
		return Released{}
	}
	var out Released
	if s.blind {
		out = s.leaveOutWord()
	}
	if s.document {
		if last, done := s.asDocument(); done && last.Taken > 0 {
			s.reset()
			return out.And(last)
		}
	}
	s.look()
	out = out.And(s.release(len(s.text)))
	s.reset()
	return out
}

// Kept returns how many bytes of what came in are kept.
func (s *Stream) Kept() int {
	if s == nil {
		return 0
	}
	return len(s.text) - s.sent
}

// Memory returns how many bytes the Stream takes.
func (s *Stream) Memory() int {
	if s == nil {
		return 0
	}
	return cap(s.text)
}

func (s *Stream) reset() { *s = Stream{r: s.r, spans: s.spans[:0]} }

// begin looks at how the text begins.
func (s *Stream) begin() {
	first := strings.TrimLeft(view(s.text), " \t\r\n")
	if first == "" {
		return
	}
	s.begun, s.document = true, first[0] == '{' || first[0] == '['
}

// asDocument keeps a document in which there may be a secret until it is whole. done is false for
// what is to be looked at as a text.
func (s *Stream) asDocument() (out Released, done bool) {
	text := view(s.text)
	if len(text) > maxKeptDocument {
		s.document, s.frozen = false, false
		return Released{}, false
	}
	if !s.frozen {
		if s.frozen = s.announced(text); !s.frozen {
			return Released{}, false
		}
	}
	if last := strings.TrimRight(text, " \t\r\n"); last == "" || last[len(last)-1] != '}' &&
		last[len(last)-1] != ']' || !json.Valid(s.text) {
		return Released{}, true
	}
	s.document, s.frozen = false, false
	hidden, changed := s.r.String("", text)
	if !strings.HasPrefix(hidden, text[:s.sent]) {
		return Released{}, false
	}
	out = Released{strings.Clone(hidden[s.sent:]), len(s.text) - s.sent, changed}
	s.sent = len(s.text)
	s.trim()
	return out, true
}

// leaveOutWord leaves out what comes until a word ends.
func (s *Stream) leaveOutWord() Released {
	end := s.sent
	for end < len(s.text) && !isBreak(s.text[end]) {
		end++
	}
	n := end - s.sent
	s.left += n
	s.blind = end == len(s.text) && s.left < maxLeftOut
	s.inside = s.blind
	s.sent = end
	s.trim()
	return Released{Taken: n, Hidden: n > 0}
}

// release publishes what is before end.
func (s *Stream) release(end int) Released {
	if end <= s.sent {
		s.wait()
		return Released{}
	}
	var b strings.Builder
	at, from, hidden := s.sent, s.sent, false
	inside, marked := s.inside, s.inside // a mark stands in front of at
	for i := range s.spans {
		sp := &s.spans[i]
		if sp.hi <= at {
			continue
		}
		if sp.lo >= end {
			break
		}
		if sp.lo > at {
			b.Write(s.text[at:sp.lo])
			at, marked = sp.lo, false
		}
		if !marked {
			b.WriteString(s.r.marks[sp.rule])
			s.r.count(sp.rule)
			s.left = 0
		}
		to := min(sp.hi, end)
		s.left += to - at
		at, hidden, marked, inside = to, true, true, sp.hi > end || s.isOpen(sp)
	}
	if at < end {
		b.Write(s.text[at:end])
		// blanks in a secret that goes on
		inside = inside && run(view(s.text), at, space, end-at) == end
	}
	s.sent, s.inside = end, inside
	s.trim()
	s.wait()
	return Released{b.String(), end - from, hidden}
}

// wait says when the text is to be looked at again: when a word has ended, or what is kept has
// doubled.
func (s *Stream) wait() {
	if s.next = 0; s.sent < len(s.text) {
		s.next = min(len(s.text)+len(s.text)-s.sent+64, s.sent+maxKeptWord)
	}
}

// trim forgets what was published but for the end of it. Of a long secret that goes on, its
// beginning stays as well.
func (s *Stream) trim() {
	if s.document {
		return
	}
	s.forgetMost()
	if cap(s.text) > 8*streamContext && len(s.text) < cap(s.text)/4 {
		s.text = append(make([]byte, 0, 2*len(s.text)), s.text...)
	}
}

func (s *Stream) forgetMost() {
	if s.inside && s.left > maxLeftOut {
		s.inside, s.blind = false, false
		s.forget(0, s.sent)
		return
	}
	if i := s.covering(); s.inside && !s.blind && i >= 0 {
		if lo := s.spans[i].lo; s.sent-lo > 2*secretHead {
			s.forget(lo+secretHead, s.sent)
			s.look()
			if s.covering() < 0 { // not to be seen without its middle
				s.blind = true
			}
		}
		if from := s.spansLow() - streamContext/2; from > streamContext {
			s.forget(0, from)
		}
		return
	}
	if s.sent > 2*streamContext {
		from := s.sent - streamContext
		for i := from; i < s.sent; i++ {
			if isBreak(s.text[i]) {
				from = i
				break
			}
		}
		s.forget(0, from)
	}
}

// forget takes [from, to) out of what was published.
func (s *Stream) forget(from, to int) {
	s.text = append(s.text[:from], s.text[to:]...)
	s.sent -= to - from
	s.spans = s.spans[:0]
}

// spansLow returns where the secret begins that what was published last ends in.
func (s *Stream) spansLow() int {
	if i := s.covering(); i >= 0 {
		return s.spans[i].lo
	}
	return 0
}

// covering returns which span ends at what is kept or later, and begins before it; -1 if none does.
func (s *Stream) covering() int {
	for i := range s.spans {
		if sp := &s.spans[i]; sp.lo < s.sent && (sp.hi >= s.sent || s.isOpen(sp)) {
			return i
		}
	}
	return -1
}

// covered reports whether a span has the byte at i.
func (s *Stream) covered(i int) bool {
	for _, sp := range s.spans {
		if sp.lo <= i && i < sp.hi {
			return true
		}
	}
	return false
}
