package dashotel

import "time"

// grace is when a run is over whose span has ended, whatever is open below.
type grace struct {
	run *run
	due time.Time
}

// wait has a span asked for the last time when it has had its time.
func (p *SpanProcessor) wait(s *span) {
	s.waits = true
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped || !s.links[openLink].in {
		return
	}
	s.due = time.Now().Add(decideAfter)
	p.pending.push(s)
	p.arm(s.due)
}

// expect has a run end when its grace is over, unless everything below ends earlier.
func (p *SpanProcessor) expect(r *run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped || r.expected {
		return
	}
	r.expected = true
	due := time.Now().Add(p.opts.grace)
	p.graces = append(p.graces, grace{r, due})
	p.arm(due)
}

// arm has the timer run until due at the latest. The caller holds p.mu.
func (p *SpanProcessor) arm(due time.Time) {
	if !p.armedFor.IsZero() && !due.Before(p.armedFor) {
		return
	}
	p.armedFor = due
	if p.timer == nil {
		p.timer = time.AfterFunc(time.Until(due), p.tick)
	} else {
		p.timer.Reset(time.Until(due))
	}
}

// tick does what is due.
func (p *SpanProcessor) tick() {
	now := time.Now()
	p.settle(now)
	for {
		p.mu.Lock()
		if p.stopped || len(p.graces) == 0 || p.graces[0].due.After(now) {
			p.mu.Unlock()
			break
		}
		r := p.graces[0].run
		p.graces[0] = grace{}
		p.graces = p.graces[1:]
		p.mu.Unlock()
		p.overdue(r, now)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armedFor = time.Time{}
	if p.stopped {
		return
	}
	if s := p.pending.first; s != nil {
		p.arm(s.due)
	}
	if len(p.graces) > 0 {
		p.arm(p.graces[0].due)
	}
}

// settle asks the spans that have had their time by then.
func (p *SpanProcessor) settle(by time.Time) {
	for {
		p.mu.Lock()
		s := p.pending.first
		if s == nil || s.due.After(by) {
			p.mu.Unlock()
			return
		}
		p.pending.remove(s)
		p.mu.Unlock()
		s.tree.mu.Lock()
		p.askLast(s)
		s.tree.mu.Unlock()
	}
}

// overdue closes what is open below a run, which ends it.
func (p *SpanProcessor) overdue(r *run, now time.Time) {
	t := r.root.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.over {
		return
	}
	for _, s := range p.below(r) {
		p.orphans.Add(1)
		p.abandon(s, now)
	}
}

// below takes out the open spans below a run, the innermost first.
func (p *SpanProcessor) below(r *run) (spans []*span) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := r.root.tree.open.last; s != nil; {
		before := s.links[treeLink].before
		if s.under(r.root) {
			p.forget(s)
			spans = append(spans, s)
		}
		s = before
	}
	return spans
}

// under reports whether root is s or encloses it.
func (s *span) under(root *span) bool {
	for ; s != nil; s = s.parent {
		if s == root {
			return true
		}
	}
	return false
}
