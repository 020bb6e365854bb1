package reduce

import (
	"math"
	"math/bits"
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// stated is a loss of a statement, or several of one producer that are stored as one.
type stated struct {
	Range
	count  uint64 // of the numbers that are missing in the range: not more than it has
	causes []Cause
	merged bool // several, of which it is not known any more which of them lost what
}

func statedOf(l pb.Loss) stated {
	return stated{Range: Range{l.First, l.Last}, count: l.Count,
		causes: []Cause{{Type: l.Type, Reason: l.Reason, Count: l.Count, Events: l.Events}}}
}

// exact reports whether all numbers of the range are missing.
func (s *stated) exact() bool { return s.count == s.length() }

// length returns how many numbers a range has.
func (g Range) length() uint64 { return g.To - g.From + 1 }

// join returns both as one, which is exact only if they cover their common range together.
func (s stated) join(other stated) stated {
	both := stated{Range: Range{min(s.From, other.From), max(s.To, other.To)}}
	both.count = min(plus(s.count, other.count), both.length())
	both.causes = slices.Clone(s.causes)
	for _, c := range other.causes {
		if len(both.causes) >= maxStoredCauses {
			c.Reason = OtherReasons
		}
		both.causes = addCause(both.causes, c)
	}
	both.merged = s.merged || other.merged || !both.exact()
	return both
}

// maxStoredCauses bounds the causes of one stored loss by reason; a type more may come for each
// kind of message.
const maxStoredCauses = 24

// growth is how many numbers of the range of both are in neither.
func (s stated) growth(other stated) uint64 {
	if other.From > s.To {
		return other.From - s.To - 1
	}
	return 0
}

// book is what one start of a producer has stated of a thread.
type book struct {
	source Source
	losses []stated // by the beginning of their ranges
}

// The limits of what is stored of the statements on one thread.
const (
	maxStated = 256
	maxBooks  = 16
)

// ledger is what was stated of a thread. Beyond its limits it joins losses that are close to each
// other: their sum stays what it is, and which numbers they have is not known any more.
type ledger struct {
	books []book // the one that was first stated first
	count int    // of the losses stored
	bytes int    // about how much memory they take
}

// add adds a loss, and returns how many were forgotten for it.
func (l *ledger) add(source Source, loss pb.Loss) (forgotten int) {
	i := slices.IndexFunc(l.books, func(b book) bool { return b.source == source })
	if i < 0 {
		if len(l.books) >= maxBooks {
			forgotten = l.drop(0)
		}
		i = len(l.books)
		l.books = append(l.books, book{source: source})
	}
	l.count -= len(l.books[i].losses)
	l.books[i].add(statedOf(loss))
	l.count += len(l.books[i].losses)
	for l.count > maxStated {
		largest := 0
		for i := range l.books {
			if len(l.books[i].losses) > len(l.books[largest].losses) {
				largest = i
			}
		}
		l.books[largest].shrink()
		l.count--
	}
	l.measure()
	return forgotten
}

// drop forgets a book, and returns how many losses it had.
func (l *ledger) drop(i int) int {
	n := len(l.books[i].losses)
	l.books = slices.Delete(l.books, i, i+1)
	l.count -= n
	l.measure()
	return n
}

// measure updates the size in bytes.
func (l *ledger) measure() {
	l.bytes = 0
	for _, b := range l.books {
		l.bytes += 128 + len(b.losses)*(96+64)
		for _, s := range b.losses {
			l.bytes += (len(s.causes) - 1) * 64
		}
	}
}

// add adds a loss at its place; one that follows another one of the same cause becomes a part of
// it.
func (b *book) add(s stated) {
	i, _ := slices.BinarySearchFunc(b.losses, s, func(in, s stated) int {
		if in.From <= s.From {
			return -1
		}
		return 1
	})
	if i > 0 {
		before := &b.losses[i-1]
		if before.Range == s.Range && before.exact() && s.exact() {
			return // repeated
		}
		if follows(before, &s) {
			*before = before.join(s)
			return
		}
	}
	if i < len(b.losses) && follows(&s, &b.losses[i]) {
		b.losses[i] = s.join(b.losses[i])
		return
	}
	b.losses = slices.Insert(b.losses, i, s)
}

// follows reports whether joining a loss with the next one loses nothing.
func follows(s, next *stated) bool {
	return s.exact() && next.exact() && s.To != math.MaxUint64 && s.To+1 == next.From &&
		len(s.causes) == 1 && len(next.causes) == 1 &&
		s.causes[0].Type == next.causes[0].Type && s.causes[0].Reason == next.causes[0].Reason
}

// shrink joins the two neighbours with the fewest numbers between them.
func (b *book) shrink() {
	best, growth := 0, uint64(math.MaxUint64)
	for i := range len(b.losses) - 1 {
		if g := b.losses[i].growth(b.losses[i+1]); g < growth {
			best, growth = i, g
		}
	}
	b.losses[best] = b.losses[best].join(b.losses[best+1])
	b.losses = slices.Delete(b.losses, best+1, best+2)
}

// account is a stated loss while it is used to explain gaps.
type account struct {
	stated
	left    uint64   // numbers that it can still explain
	used    []uint64 // for each cause, how many numbers it has explained
	doubted bool     // other numbers than those it was used for may be what it explains
}

func newAccount(s stated) *account {
	return &account{stated: s, left: s.count, used: make([]uint64, len(s.causes))}
}

// draw uses the account for n missing numbers, or fewer if it has less left, and returns how many.
func (a *account) draw(n uint64, to *Gap) uint64 {
	n = min(n, a.left)
	a.left -= n
	to.Explained += n
	for i, left := 0, n; i < len(a.causes) && left > 0; i++ {
		c := a.causes[i]
		k := min(left, c.Count-a.used[i])
		if k == 0 {
			continue
		}
		events := share(c.Events, a.used[i]+k, c.Count) - share(c.Events, a.used[i], c.Count)
		a.used[i], left = a.used[i]+k, left-k
		to.Causes = addCause(to.Causes, Cause{c.Type, c.Reason, k, events})
	}
	return n
}

// share returns events·part/count, for a part of count.
func share(events, part, count uint64) uint64 {
	hi, lo := bits.Mul64(events, part)
	n, _ := bits.Div64(hi, lo, count)
	return n
}
