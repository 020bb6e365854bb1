package dashotel

// list is a list of spans that go in at its end, and out from anywhere. A span is in it by one of
// its links. The lock of its SpanProcessor guards it.
type list struct {
	of          linkKind
	first, last *span
}

type linkKind uint8

const (
	openLink linkKind = iota
	treeLink
	pendingLink
	linkCount
)

type link struct {
	before, after *span
	in            bool
}

func (l *list) push(s *span) {
	s.links[l.of] = link{before: l.last, in: true}
	if l.last == nil {
		l.first = s
	} else {
		l.last.links[l.of].after = s
	}
	l.last = s
}

// remove takes a span out, if it is in.
func (l *list) remove(s *span) {
	x := s.links[l.of]
	if !x.in {
		return
	}
	s.links[l.of] = link{}
	if x.before == nil {
		l.first = x.after
	} else {
		x.before.links[l.of].after = x.after
	}
	if x.after == nil {
		l.last = x.before
	} else {
		x.after.links[l.of].before = x.before
	}
}
