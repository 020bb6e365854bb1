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
	knownBits  = 9
	knownBytes = 64
)

// knownNames remembers names, since the same few are in every message. A place that is taken stays taken: so names that never come
// again cost no memory and no work, and to keep the places for those that come again, names with digits are not remembered.
type knownNames [1 << knownBits]atomic.Pointer[known]

// know says what a name says, and whether there is no need to look into it.
func (r *Redactor) know(name string) (v verdict, clean bool) {
	if len(name) > knownBytes {
		return r.learn(name)
	}
	place := &r.known[placeOf(name)]
	k := place.Load()
	if k != nil && k.name == name {
		return k.verdict, k.clean
	}
	v, clean = r.learn(name)
	if k == nil && run(name, 0, letter|under|dash|dot, len(name)) == len(name) {
		place.CompareAndSwap(nil, &known{strings.Clone(name), v, clean})
	}
	return v, clean
}

func (r *Redactor) learn(name string) (verdict, bool) {
	return r.names.judge(name), strings.IndexByte(name, '[') < 0 && !r.hides(name)
}

// placeOf is a hash of a name: of its first and last eight bytes and its length.
func placeOf(name string) uint64 {
	h := uint64(len(name))
	if len(name) >= 8 {
		h ^= eight(name[:8]) ^ eight(name[len(name)-8:])<<1
	} else {
		for i := range len(name) {
			h = h<<8 ^ uint64(name[i])
		}
	}
	return h * 0x9E3779B97F4A7C15 >> (64 - knownBits)
}
