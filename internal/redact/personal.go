package redact

import "strings"

// Digits of the number of a payment card.
const (
	minCard = 13
	maxCard = 19
)

// findCards hides the numbers of payment cards: 13 to 19 digits in a row or in groups that a blank
// or a dash separates.
func (s *scan) findCards() {
	text := s.text
	// Of the bytes of a card's number no two neighbours are separators, and no eight in a row are
	// missed.
	for i := 0; i+1 < len(text); i += 8 {
		if i < s.floor || !is(text[i], digit) && !is(text[i+1], digit) {
			continue
		}
		at := i
		if !is(text[at], digit) {
			at++
		}
		begin, end := groups(text, at, s.floor)
		s.work += end - begin
		if isCard(text[begin:end]) && bordered(text, begin, end) {
			s.hide(begin, end, ruleCard)
		} else if end-at > 2*maxCard { // no card is as long as that, nor a part of it
			i = max(i, groupsEnd(text, end)&^7)
		}
	}
}

// groups returns where the digits around at begin and end, with what separates them.
func groups(text string, at, floor int) (begin, end int) {
	begin, end = at, at
	for n := 0; n <= 2*maxCard && begin > floor; n++ {
		if b := text[begin-1]; is(b, digit) || (b == ' ' || b == '-') && begin-1 > floor &&
			is(text[begin-2], digit) {
			begin--
			continue
		}
		break
	}
	for n := 0; n <= 2*maxCard && end < len(text); n++ {
		if b := text[end]; is(b, digit) || (b == ' ' || b == '-') && end+1 < len(text) &&
			is(text[end+1], digit) {
			end++
			continue
		}
		break
	}
	return begin, end
}

// groupsEnd returns where the digits and separators end that go on at i.
func groupsEnd(text string, i int) int {
	for i < len(text) && (is(text[i], digit) || (text[i] == ' ' || text[i] == '-') &&
		i+1 < len(text) && is(text[i+1], digit)) {
		i++
	}
	return i
}

// bordered reports whether a number is not part of something longer, such as an identifier or a
// decimal fraction.
func bordered(text string, begin, end int) bool {
	if begin > 0 && is(text[begin-1], word|dot|dash) {
		return false
	}
	return end == len(text) || !is(text[end], word|dash) &&
		!(text[end] == '.' && end+1 < len(text) && is(text[end+1], digit))
}

// isCard reports whether the digits in s, which holds nothing else but what separates them, begin
// as one of an issuer of cards does and end in a valid check digit (Luhn).
func isCard(s string) bool {
	var digits [maxCard]byte
	n := 0
	for i := range len(s) {
		if !is(s[i], digit) {
			continue
		}
		if n == maxCard {
			return false
		}
		digits[n] = s[i] - '0'
		n++
	}
	if n < minCard || !issued(digits[:n]) {
		return false
	}
	sum := 0
	for i := range n {
		d := int(digits[n-1-i])
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// issued reports whether a number of this length begins as a card's.
func issued(n []byte) bool {
	four := int(n[0])*1000 + int(n[1])*100 + int(n[2])*10 + int(n[3])
	two, l := four/100, len(n)
	switch {
	case n[0] == 4: // Visa
		return l == 13 || l == 16 || l == 19
	case two >= 51 && two <= 55, four >= 2221 && four <= 2720: // Mastercard
		return l == 16
	case two == 34, two == 37: // American Express
		return l == 15
	case two == 36, two == 38, four >= 3000 && four <= 3059: // Diners Club
		return l >= 14
	case four == 6011, two == 65, four >= 6440 && four <= 6499, four >= 3528 && four <= 3589,
		two == 62:
		// Discover, JCB, UnionPay
		return l >= 16
	case two == 50, two >= 56 && two <= 58, two == 63, two == 67: // Maestro
		return true
	}
	return false
}

// Bytes of the two halves of an e-mail address that are looked at.
const (
	maxLocal  = 64
	maxDomain = 255
)

// mayHoldEmail reports whether there may be an e-mail address in a text, or in encoded messages: an
// @ behind a byte of one, and a dot behind the bytes that follow.
func mayHoldEmail(s string) bool {
	for i := 0; ; i++ {
		n := strings.IndexByte(s[i:], '@')
		if n < 0 {
			return false
		}
		i += n
		end := run(s, i+1, alnum|dash|dot, maxDomain)
		if i > 0 && s[i-1] > ' ' && strings.IndexByte(s[i+1:end], '.') > 0 {
			return true
		}
	}
}

// findEmails hides e-mail addresses.
func (s *scan) findEmails() {
	text := s.text
	for i := 0; ; {
		n := strings.IndexByte(text[i:], '@')
		if n < 0 {
			return
		}
		at := i + n
		i = at + 1
		begin := s.wordBegin(at, dotted|slash|equals|percent|tilde, maxLocal)
		if path := strings.LastIndexByte(text[begin:at], '/'); path >= 0 {
			begin += path + 1
		}
		for begin < at && !is(text[begin], alnum) {
			begin++
		}
		end := s.run(at+1, alnum|dash|dot, maxDomain)
		for end > at+1 && text[end-1] == '.' {
			end--
		}
		dot := strings.LastIndexByte(text[at:end], '.')
		if begin == at || dot < 2 || end-at-dot-1 < 2 ||
			run(text, at+dot+1, letter, maxDomain) < end {
			continue
		}
		if begin > 0 && (text[begin-1] == ':' || text[begin-1] == '/') &&
			strings.Contains(text[max(0, begin-maxLocal):begin], "//") {
			continue // the user of a URL
		}
		s.hide(begin, end, ruleEmail)
		i = max(i, s.floor)
	}
}
