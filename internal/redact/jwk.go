package redact

import "strings"

// Of a JSON Web Key (RFC 7518) these members are secret: the private parts of a pair, and a
// symmetric key.
var secretOfJWK = setOf("d p q dp dq qi k")

// How much of a key is looked at, and how long its members are at least.
const (
	maxJWK    = 8 << 10
	minOfJWK  = 16
	typeOfJWK = `"kty`
)

// findJWK looks at the members around the one that says of which type a key is.
func findJWK(s *scan, at int) {
	if at < s.noJWK {
		return // a key that has been looked at
	}
	lo := max(s.noJWK, at-maxJWK)
	if n := strings.LastIndexByte(s.text[lo:at], '{'); n >= 0 {
		lo += n
	}
	hi := min(len(s.text), at+maxJWK)
	if n := strings.IndexByte(s.text[at:hi], '}'); n >= 0 {
		hi = at + n
	}
	s.noJWK = hi
	s.work += hi - lo
	for i := lo; i < hi; i++ {
		if s.text[i] != '"' {
			continue
		}
		name := s.run(i+1, lower, 3)
		if !secretOfJWK[s.text[i+1:name]] {
			continue
		}
		value := name
		for value < hi && value < name+8 && strings.IndexByte("\"\\ :", s.text[value]) >= 0 {
			value++
		}
		end := s.run(value, urlish|slash, maxJWK)
		if strings.IndexByte(s.text[name:value], ':') > 0 && end-value >= minOfJWK {
			s.hide(value, s.run(end, equals, 2), rulePrivateKey)
			i = end
		}
	}
}

// isOfJWK reports whether a member of this name, whose text begins at the next byte, is a secret
// one of a key.
func (w *walker) isOfJWK(name string) bool {
	if len(name) > 2 || w.next() != '"' || !secretOfJWK[name] || run(w.src, w.at+1, urlish|slash,
		minOfJWK)-w.at <= minOfJWK {
		return false
	}
	w.budget.spend(maxJWK / 4)
	around := w.src[max(0, w.at-maxJWK):min(len(w.src), w.at+maxJWK)]
	return w.budget.left > 0 && strings.Contains(around, typeOfJWK+`"`)
}
