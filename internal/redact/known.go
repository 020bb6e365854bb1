package redact

import (
	"strings"
	"sync/atomic"
)

// known is what has been found out about a name.
type known struct {
	name    string
	verdict verdict
	clean   bool // there is no need to look for secrets and marks in the name itself
}

// Bounds of what is remembered.
const (
	knownBits  = 8
	knownWays  = 4
	onceBits   = 12
	knownBytes = 64
)

// knownNames remembers names, since the same few are in every message. A name has a few places that
// it may be in, and comes to a better one each time that it is met; one that is new takes the last
// of them, and only when it comes again: of names that never do, nothing is kept but a hash. So
// names that come often stay, whatever else comes, and the memory is bounded.
type knownNames struct {
	sets [1 << knownBits][knownWays]atomic.Pointer[known]
	once [1 << onceBits]atomic.Uint32 // the hash of the last one that was new
}

// know returns what there is to know about a name, which is not to be changed. What is found out
// anew is in learned: there is one copy of it only if it is remembered.
func (r *Redactor) know(name string, b *budget, learned *known) *known {
	if len(name) > knownBytes {
		r.learn(name, b, learned)
		return learned
	}
	hash := hashOf(name)
	set := &r.known.sets[hash>>(64-knownBits)]
	for i := range set {
		k := set[i].Load()
		if k == nil || k.name != name {
			continue
		}
		if i > 0 {
			set[i].Store(set[i-1].Swap(k))
		}
		return k
	}
	ok := r.learn(name, b, learned)
	once := &r.known.once[hash<<knownBits>>(64-onceBits)]
	if half := uint32(hash); once.Swap(half) == half && ok {
		set[knownWays-1].Store(&known{strings.Clone(name), learned.verdict, learned.clean})
	}
	return learned
}

// learn finds out about a name, and says whether that may be remembered.
func (r *Redactor) learn(name string, b *budget, learned *known) bool {
	b.spend(workOfName)
	learned.verdict = r.names.judge(name)
	learned.clean = strings.IndexByte(name, '[') < 0 && !r.hides(name, b)
	return learned.clean || b.left > budgetAtLeast/3
}

// hashOf is a hash of a name.
func hashOf(name string) uint64 {
	const prime = 0x9E3779B97F4A7C15
	h := uint64(len(name)) * prime
	for len(name) > 8 {
		h = (h ^ eight(name[:8])) * prime
		h ^= h >> 29
		name = name[8:]
	}
	var last uint64
	for i := range len(name) {
		last = last<<8 | uint64(name[i])
	}
	h = (h ^ last) * prime
	return h ^ h<<32
}
