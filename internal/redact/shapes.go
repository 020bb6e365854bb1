package redact

import (
	"bytes"
	stdbase64 "encoding/base64"
	"strings"
)

// shapeTriggers are those of credentials that more than a prefix gives away.
func shapeTriggers() []trigger {
	ts := []trigger{
		{literal: "sk-", find: findSK},
		{literal: "eyJ", find: findJWT},
		{literal: pemBegin, find: findPEM, through: true},
		{literal: "bearer ", fold: true, find: findBearer},
		{literal: "basic ", fold: true, find: findBasic, unless: isNotBasic},
		{literal: ":AA", find: findTelegram},
		{literal: typeOfJWK, find: findJWK, through: true},
		{literal: "access_token$", find: findBraintree},
		{literal: ".atlasv1.", fold: true, find: findTerraform},
		{literal: "_mmk", find: findMaxMind},
		{literal: "-us", fold: true, find: findMailchimp},
		{literal: "00D", find: findSalesforce},
		{literal: "NRAL", find: findNewRelic},
		{literal: "==:", find: findTableau},
		{literal: "asana", fold: true, find: findAsana},
		{literal: ".acc-", find: findAuthress},
		{literal: ".acc_", find: findAuthress},
		{literal: lowered(zeros), fold: true, find: findZeros},
	}
	for _, prefix := range []string{"AKIA", "ASIA", "ABIA", "ACCA", "A3T", "AGPA", "AIDA", "AROA",
		"AIPA", "ANPA", "ANVA"} {
		ts = append(ts, trigger{literal: prefix, find: findAWSID, through: true})
	}
	for _, d := range "0123456789abcdef" {
		ts = append(ts, trigger{literal: "SK" + string(d), find: findTwilio})
	}
	return append(append(ts, announcedTriggers()...), azureTriggers()...)
}

// maxHeader bounds the header of a JWT; one that holds a chain of certificates is a few KiB.
const maxHeader = 16 << 10

// findJWT looks at what begins as a JSON object in base64url: a JWT if it has an "alg", and
// something follows a dot.
func findJWT(s *scan, at int) {
	text := s.text
	if at < s.noJWT || !startsWord(text, at) || s.insideBlob(at) {
		return
	}
	end := s.run(at, urlish, maxHeader)
	s.noJWT = end
	if end+2 > len(text) || text[end] != '.' || !is(text[end+1], urlish) {
		return
	}
	s.work += end - at
	header, err := stdbase64.RawURLEncoding.DecodeString(text[at:end])
	if err != nil || !bytes.HasPrefix(header, []byte(`{`)) ||
		!bytes.Contains(header, []byte(`"alg"`)) && !bytes.Contains(header, []byte(`"typ"`)) &&
			!strings.HasPrefix(text[end+1:], "eyJ") {
		return
	}
	s.hide(at, s.tokenEnd(end, dotted), ruleJWT)
}

// PEM's own words.
const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END "
	pemLabel = 64 // bytes that a label has at most
)

// findPEM hides a private key with the lines around it; one whose end is cut off is hidden as far
// as it goes.
func findPEM(s *scan, at int) {
	text := s.text
	label := text[at+len(pemBegin):]
	label = label[:min(len(label), pemLabel)]
	close := strings.Index(label, "-----")
	if at < s.noPEM || close < 0 || !strings.Contains(label[:close], "PRIVATE KEY") &&
		!strings.Contains(label[:close], "Static key") {
		return
	}
	body := at + len(pemBegin) + close + len("-----")
	if n := s.pemEnd(body); n >= 0 {
		end := n + len(pemEnd)
		if dashes := strings.Index(text[end:min(len(text), end+pemLabel)], "-----"); dashes >= 0 {
			end += dashes + len("-----")
		}
		s.noPEM = end
		s.hide(at, end, rulePrivateKey)
		return
	}
	end := body
	for end < len(text) && (is(text[end], base64|space|dash) ||
		strings.IndexByte(`\:,`, text[end]) >= 0) {
		end++
	}
	s.work += end - body
	for end > body && is(text[end-1], space) {
		end--
	}
	s.noPEM = end
	s.hide(at, end, rulePrivateKey)
}

// pemEnd returns where the next PEM ends, or -1.
func (s *scan) pemEnd(from int) int {
	if s.noEnd >= 0 && from >= s.noEnd {
		return -1
	}
	n := s.index(from, len(s.text), pemEnd)
	if n < 0 {
		s.noEnd = from
	}
	return n
}

// bearerToken are the bytes of a bearer token (RFC 6750).
const bearerToken = dotted | slash | equals | tilde

// findBearer looks at what follows the word, which is also one of plain English.
func findBearer(s *scan, at int) {
	begin := at + len("bearer ")
	end := s.tokenEnd(begin, bearerToken)
	if !startsWord(s.text, at) || end-begin < 6 || !looksRandom(s.text[begin:end], 20) {
		return
	}
	s.hide(begin, end, ruleBearer)
}

// findBasic looks at what follows the word: the base64 of a user's name, a colon and a password.
func findBasic(s *scan, at int) {
	begin := at + len("basic ")
	end := s.run(begin, alnum|slash, 1024)
	padded := s.run(end, equals, 2)
	if !startsWord(s.text, at) || end-begin < 4 || (padded-begin)%4 != 0 && end-begin < 16 ||
		!isUserAndPassword(s.text[begin:end]) {
		return
	}
	s.hide(begin, padded, ruleBasic)
}

// isNotBasic reports whether what begins at begin is too short for findBasic. A backslash may be a
// part of a slash that is escaped.
func isNotBasic(text string, begin int) bool {
	end := run(text, begin, alnum|slash, 16)
	padded := run(text, end, equals, 2)
	short := end-begin < 4 || (padded-begin)%4 != 0 && end-begin < 16
	return short && byteAt(text, end) != '\\'
}

// isUserAndPassword reports whether base64 holds text with a colon, as far as its first bytes tell.
func isUserAndPassword(data string) bool {
	var in [64]byte
	var out [48]byte
	n, err := stdbase64.RawStdEncoding.Decode(out[:], in[:copy(in[:], data)])
	if err != nil || bytes.IndexByte(out[:n], ':') < 0 {
		return false
	}
	for _, b := range out[:n] {
		if b < ' ' || b == 0x7f {
			return false
		}
	}
	return true
}

// How far a secret access key may be from the id that it goes with, and how long it is.
const (
	awsNear   = 100
	awsSecret = 40
)

// findAWSID hides the id of an AWS access key, and the secret access key beside it.
func findAWSID(s *scan, at int) {
	const length = 20
	text, end := s.text, at+length
	if !startsWord(text, at) || s.insideBlob(at) || s.run(at, upper|digit, length+1) != end ||
		end < len(text) && is(text[end], alnum) {
		return
	}
	for i := at; i > 0 && i > at-awsNear; {
		begin := s.back(i, alnum|slash, awsSecret+1)
		if isAWSSecret(text[begin:i]) {
			s.hide(begin, i, ruleAWSSecret)
			break
		}
		i = s.back(begin, alnum|slash, awsNear)
		i = min(i, begin) - 1
	}
	s.hide(at, end, ruleAWSID)
	for i := end; i < len(text) && i < end+awsNear; {
		stop := s.run(i, alnum|slash, awsSecret+1)
		if isAWSSecret(text[i:stop]) {
			s.hide(i, stop, ruleAWSSecret)
			return
		}
		i = s.run(stop, alnum|slash, awsNear) + 1
	}
}

func isAWSSecret(word string) bool {
	return len(word) == awsSecret && contains(word, base64, digit) && contains(word, base64,
		lower) && contains(word, base64, upper)
}

// findMaxMind looks at the end of a licence key of MaxMind: six bytes, an underscore and 29 bytes
// before it.
func findMaxMind(s *scan, at int) {
	begin, end := s.wordBegin(at, word, 37), at+len("_mmk")
	if at-begin == 36 && s.text[begin+6] == '_' && (end == len(s.text) || !is(s.text[end], word)) {
		s.hide(begin, end, ruleMaxMind)
	}
}

// findMailchimp looks at the end of a key of Mailchimp: 32 hexadecimal digits before the data
// centre.
func findMailchimp(s *scan, at int) {
	begin, end := s.wordBegin(at, alnum, 33), s.run(at+len("-us"), digit, 3)
	if at-begin == 32 && s.run(begin, anyHex, 32) == at && end > at+len("-us") &&
		(end == len(s.text) || !is(s.text[end], alnum)) {
		s.hide(begin, end, ruleMailchimp)
	}
}

// findSalesforce looks at the number of an organization, which begins an access token of
// Salesforce: an exclamation mark and 80 and more follow it.
func findSalesforce(s *scan, at int) {
	mark := s.run(at, alnum, 19)
	if !startsWord(s.text, at) || mark-at != 15 && mark-at != 18 || byteAt(s.text, mark) != '!' {
		return
	}
	if end := s.tokenEnd(mark+1, dotted); end-mark > 80 {
		s.hide(at, end, ruleSalesforce)
	}
}

// findNewRelic looks at the end of a licence key of New Relic: 32 or 36 hexadecimal digits before
// it, and FFFF perhaps.
func findNewRelic(s *scan, at int) {
	begin, end := s.wordBegin(at, alnum, 41), at+len("NRAL")
	body := begin
	if region := s.text[begin:min(len(s.text), begin+6)]; region == "eu01xx" {
		body += len(region)
	}
	if n := at - begin; n >= 32 && n <= 40 && s.run(body, anyHex, n) == at &&
		(end == len(s.text) || !is(s.text[end], alnum)) {
		s.hide(begin, end, ruleNewRelic)
	}
}

// findTableau looks at the middle of a token of Tableau: 16 bytes in base64, and 32 letters and
// digits behind a colon.
func findTableau(s *scan, at int) {
	begin := s.wordBegin(at, alnum|slash, 23)
	end := s.run(at+len("==:"), alnum, 33)
	if at-begin == 22 && end-at == len("==:")+32 {
		s.hide(begin, end, ruleTableau)
	}
}

// findAsana looks behind the name of Asana for a token: what kind it is, the numbers of a user and
// perhaps of the token, a colon and 32 hexadecimal digits.
func findAsana(s *scan, at int) {
	text := s.text
	for i := at; i < min(len(text), at+announcedNear); i++ {
		s.work++
		if text[i] < '0' || text[i] > '2' || byteAt(text, i+1) != '/' || !startsWord(text, i) {
			continue
		}
		numbers := s.run(i+1, digit|slash, 48)
		end := s.run(numbers+1, anyHex, 33)
		if byteAt(text, numbers) == ':' && numbers-i > 12 && end-numbers == 33 {
			s.hide(i, end, ruleAsana)
			return
		}
	}
}

// findAuthress looks at the middle of a key of Authress: what kind of client it is of before it,
// with the client's and the key's ids.
func findAuthress(s *scan, at int) {
	id := s.back(at, alnum, 7)
	begin := s.back(id, dotted, 48)
	kind, _, _ := strings.Cut(s.text[begin:id], "_")
	account := s.run(at+len(".acc-"), alnum|dash, 32)
	end := s.run(account, base64|urlish|dot, 128)
	if at-id >= 4 && at-id <= 6 && hasFolded(clientsOfAuthress, kind) && end-account > 30 {
		s.hide(begin, end, ruleAuthress)
	}
}

var clientsOfAuthress = setOf("sc ext scauth authress")

// zeros are what tokens of Dropbox have behind eleven bytes, and bearer tokens of Twitter begin
// with.
const zeros = "AAAAAAAAAA"

// findZeros looks at ten letters A in a row.
func findZeros(s *scan, at int) {
	const chars = urlish | equals | percent
	begin := s.wordBegin(at, urlish, 12)
	switch end := s.run(at, chars, 160); {
	case at-begin == 11 && end-at == 10+43:
		s.hide(begin, end, ruleDropbox)
	case at == begin && s.run(at, alnum|percent, 160) == end && end-at >= 22+80 &&
		end-at <= 22+100 && sameFold(s.text[at:at+21], zeros+zeros+"A"):
		s.hide(at, end, ruleTwitter)
	}
}

// findTelegram looks at the middle of a bot's token: its number, and 35 bytes that begin with AA.
func findTelegram(s *scan, at int) {
	begin := s.back(at, digit, 12)
	end := s.run(at+1, urlish, 60)
	if at-begin < 6 || begin > 0 && is(s.text[begin-1], digit) || end-at-1 < 30 || end-at-1 > 50 {
		return
	}
	s.hide(begin, end, ruleTelegram)
}

// findBraintree looks at an access token of Braintree, which has three parts behind dollar signs.
func findBraintree(s *scan, at int) {
	text, end := s.text, at+len("access_token")
	for part, least := range [...]int{7, 16, 32} {
		if byteAt(text, end) != '$' {
			return
		}
		begin := end + 1
		if end = s.run(begin, lower|digit, 64); end-begin < least || part == 0 &&
			text[begin:end] != "production" && text[begin:end] != "sandbox" {
			return
		}
	}
	s.hide(at, end, ruleBraintree)
}

// findTwilio looks at the key of an API of Twilio: SK and 32 hexadecimal digits.
func findTwilio(s *scan, at int) {
	end := s.run(at+2, hex, 33)
	if startsWord(s.text, at) && end == at+34 && (end == len(s.text) || !is(s.text[end], alnum)) {
		s.hide(at, end, ruleTwilio)
	}
}

// findTerraform looks at the middle of a token of HCP Terraform: 14 bytes before it, 60 and more
// after it.
func findTerraform(s *scan, at int) {
	begin := s.wordBegin(at, alnum, 20)
	end := s.run(at+len(".atlasv1."), urlish|equals, 100)
	if at-begin >= 10 && end-at-len(".atlasv1.") >= 40 {
		s.hide(begin, end, ruleTerraform)
	}
}

// looksRandom reports whether a token is not a word of a sentence: it has letters and digits, or is
// at least long and has letters of both cases within.
func looksRandom(token string, long int) bool {
	var seen class
	for i := range len(token) {
		seen |= classes[token[i]]
	}
	if seen&digit != 0 {
		return seen&letter != 0 || len(token) >= long
	}
	if len(token) < long {
		return false
	}
	inner := token[1:]
	return seenIn(inner)&letter == letter
}
