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
	knownBits  = 10
	knownBytes = 64
)

// knownNames remembers names, since the same few are in every message. Each has two places that it may be in. A name that is met takes
// the first of them from the one that was there, which goes to the second; one that is new takes the second, and only when it comes
// again: of names that never do, nothing is kept but a hash. So names that come often stay, whatever else comes, and the memory is
// bounded.
type knownNames struct {
	sets [1 << knownBits]struct{ often, lately atomic.Pointer[known] }
	once [1 << knownBits]atomic.Uint32 // the hash of the last one that was new
}

// know says what a name says, and whether there is no need to look into it.
func (r *Redactor) know(name string, b *budget) (v verdict, clean bool) {
	if len(name) > knownBytes {
		v, clean, _ = r.learn(name, b)
		return v, clean
	}
	hash := hashOf(name)
	set := &r.known.sets[hash>>(64-knownBits)]
	often := set.often.Load()
	if often != nil && often.name == name {
		return often.verdict, often.clean
	}
	if k := set.lately.Load(); k != nil && k.name == name {
		set.often.Store(k)
		set.lately.Store(often)
		return k.verdict, k.clean
	}
	v, clean, ok := r.learn(name, b)
	once := &r.known.once[hash>>(64-knownBits)]
	if half := uint32(hash); once.Swap(half) == half && ok {
		set.lately.Store(&known{strings.Clone(name), v, clean})
	}
	return v, clean
}

// learn finds out about a name, and says whether that may be remembered.
func (r *Redactor) learn(name string, b *budget) (v verdict, clean, ok bool) {
	v = r.names.judge(name)
	clean = strings.IndexByte(name, '[') < 0 && !r.hides(name, b)
	return v, clean, clean || b.left > workAtLeast/2
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
