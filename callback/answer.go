package callback

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/internal/redact"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// decideAfter is how long a part of an answer is kept when no more of the answer comes. Then it is
// sent without what may be the beginning of a secret.
const decideAfter = 30 * time.Second

// answer is the streamed answer of a language model on its way through the redactor, which keeps
// back what may be the beginning of a secret. The metadata of a part is sent with the last of its
// text. The ids and log probabilities of a part that contains a secret are not sent, because they
// would spell it out. The lock of its LLM guards it.
type answer struct {
	hide     *redact.Stream // nil without redaction
	taken    int            // bytes of text received
	gone     int            // bytes sent or hidden
	parts    []answerPart   // parts not sent completely
	ids      []uint32       // their ids
	logprobs []float32
	charged  int64

	last    moment      // when the last part was received
	timer   *time.Timer // nil before anything was kept
	waiting bool        // the timer runs
}

// answerPart is where the text of a part ends, and how much metadata the part has.
type answerPart struct {
	end           int
	ids, logprobs int
	secret        bool // some of it was hidden
}

// maxKeptIDs bounds the ids, and the log probabilities, that are kept until their text is sent.
const maxKeptIDs = 1 << 12

// add takes a part and leaves in it what may be sent of the answer.
func (a *answer) add(x *wire.Tokens) {
	if a.hide == nil {
		return
	}
	a.taken += len(x.Text)
	a.parts = append(a.parts, answerPart{end: a.taken, ids: len(x.IDs), logprobs: len(x.Logprobs)})
	a.ids = append(a.ids, x.IDs...)
	a.logprobs = append(a.logprobs, x.Logprobs...)
	a.release(x, a.hide.Add(x.Text))
	if len(a.ids) > maxKeptIDs || len(a.logprobs) > maxKeptIDs {
		a.ids, a.logprobs = nil, nil
		for i := range a.parts {
			a.parts[i].ids, a.parts[i].logprobs = 0, 0
		}
	}
}

// release puts into x what the redactor has released, with the metadata of the parts that are now
// complete.
func (a *answer) release(x *wire.Tokens, out redact.Released) {
	x.Text, x.IDs, x.Logprobs = out.Text, nil, nil
	a.gone += out.Taken
	whole, ids, logprobs := 0, 0, 0
	for i := range a.parts {
		p := &a.parts[i]
		p.secret = p.secret || out.Hidden
		if p.end > a.gone {
			break
		}
		if whole++; !p.secret {
			x.IDs = append(x.IDs, a.ids[ids:ids+p.ids]...)
			x.Logprobs = append(x.Logprobs, a.logprobs[logprobs:logprobs+p.logprobs]...)
		}
		ids, logprobs = ids+p.ids, logprobs+p.logprobs
	}
	a.parts = slices.Delete(a.parts, 0, whole)
	a.ids = slices.Delete(a.ids, 0, ids)
	a.logprobs = slices.Delete(a.logprobs, 0, logprobs)
}

// memory is the memory of the answer, in bytes.
func (a *answer) memory() int64 {
	return int64(a.hide.Memory() + 4*cap(a.ids) + 4*cap(a.logprobs) + 40*cap(a.parts))
}

// answers are the language-model calls whose answers are being streamed.
type answers struct {
	mu   sync.Mutex
	open map[*LLM]struct{}
}

func (s *answers) add(l *LLM) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[*LLM]struct{}{}
	}
	s.open[l] = struct{}{}
}

func (s *answers) remove(l *LLM) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, l)
}

func (s *answers) list() []*LLM {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*LLM
	for l := range s.open {
		list = append(list, l)
	}
	return list
}

// endKept sends what is kept of the answers, because no more of them is expected.
func (s *answers) endKept() {
	for _, l := range s.list() {
		l.endKept()
	}
}

// keptAnswers is the memory of all kept answers of a client. Once it exceeds the limit, answers are
// decided at once instead of being kept.
type keptAnswers struct {
	answers
	bytes atomic.Int64
	limit int64
}

// answersShare is the fraction of the queue's memory that kept answers may take in addition: one in
// so many bytes.
const answersShare = 16

// begin starts the answer with its first part. The caller holds l.mu.
func (l *LLM) begin() {
	if l.stream {
		return
	}
	l.stream = true
	if c := l.node.thread.client; c.redactor != nil {
		l.answer.hide = c.redactor.NewStream()
		c.answers.add(l)
		l.node.run.answers.add(l)
	}
}

// settle accounts for what is kept and makes sure that it is not kept for ever. The caller holds
// l.mu.
func (l *LLM) settle() {
	a, c := &l.answer, l.node.thread.client
	if a.hide == nil {
		return
	}
	if l.charge(); a.hide.Kept() > 0 && c.answers.bytes.Load() > c.answers.limit {
		l.sendReleased(a.hide.Decide())
		l.charge()
	}
	a.last = c.clock.now()
	if a.hide.Kept() > 0 && !a.waiting {
		l.wait(decideAfter)
	}
}

func (l *LLM) charge() {
	a := &l.answer
	size := a.memory()
	l.node.thread.client.answers.bytes.Add(size - a.charged)
	a.charged = size
}

// wait schedules a call of [LLM.waited] after d. The caller holds l.mu.
func (l *LLM) wait(d time.Duration) {
	a := &l.answer
	a.waiting = true
	if a.timer == nil {
		a.timer = time.AfterFunc(d, l.waited)
	} else {
		a.timer.Reset(d)
	}
}

// waited decides about what has been kept for a while.
func (l *LLM) waited() {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := &l.answer
	a.waiting = false
	if l.closed || a.hide.Kept() == 0 {
		return
	}
	if idle := l.node.thread.client.clock.now().sub(a.last); idle < decideAfter {
		l.wait(decideAfter - idle)
		return
	}
	l.sendReleased(a.hide.Decide())
	l.charge()
}

// endKept sends what is kept, as if the answer ended there.
func (l *LLM) endKept() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed && l.answer.hide != nil {
		l.sendReleased(l.answer.hide.End())
		l.charge()
	}
}

// sendReleased sends what was kept. The caller holds l.mu.
func (l *LLM) sendReleased(out redact.Released) {
	if out.Taken == 0 {
		return
	}
	x := wire.Tokens{RequestID: l.request, Model: l.model}
	l.answer.release(&x, out)
	l.send(&x, l.node.thread.client.now())
}

// endAnswer puts what was kept into the last part and discards the answer. The caller holds l.mu.
func (l *LLM) endAnswer(x *wire.Tokens) {
	a := &l.answer
	if a.hide == nil {
		return
	}
	a.taken += len(x.Text)
	out := a.hide.Add(x.Text)
	a.release(x, out.And(a.hide.End()))
	if a.timer != nil {
		a.timer.Stop()
	}
	*a = answer{charged: a.charged}
	l.charge()
	l.node.thread.client.answers.remove(l)
	l.node.run.answers.remove(l)
}
