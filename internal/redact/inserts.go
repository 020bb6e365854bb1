package redact

import "strings"

// Bounds of how much of an INSERT is looked at: of its columns, and of its rows.
const (
	maxColumns = 32
	maxInsert  = 4 << 10
)

// findInsert hides the values of an INSERT of SQL that stand in the columns of secrets.
func findInsert(s *scan, at int) {
	end := min(len(s.text), at+maxInsert)
	open := strings.IndexByte(s.text[at:min(end, at+2*maxName)], '(')
	s.work += maxName / 4
	if open < 0 || at < s.noInsert {
		return
	}
	i := at + open + 1
	var secret [maxColumns]verdict
	columns, any := 0, false
	for ; columns < maxColumns; columns++ {
		i = s.run(i, space, 16)
		for i < end && strings.IndexByte("\"`[\\", s.text[i]) >= 0 {
			i++
		}
		name := s.run(i, word, maxName)
		if name == i {
			return
		}
		secret[columns] = s.judge(s.text[i:name])
		s.work += workOfJudge
		any = any || secret[columns].secret
		i = name
		for i < end && strings.IndexByte("\"`]\\ ", s.text[i]) >= 0 {
			i++
		}
		if byteAt(s.text, i) != ',' {
			break
		}
		i++
	}
	i = s.run(i+1, space, 16)
	if !any || !hasPrefixFold(s.text[min(i, len(s.text)):], "values") {
		return
	}
	s.rows(i+len("values"), end, &secret)
}

// rows hides what is in the columns of secrets of the rows that begin at i.
func (s *scan) rows(i, end int, secret *[maxColumns]verdict) {
	begin, column := i, 0
	for i < end {
		switch b := s.text[i]; b {
		case '(':
			column = 0
		case ',':
			column++
		case ')':
			if next := s.run(i+1, space, 16); byteAt(s.text, next) != ',' {
				end = i
			}
		case ';':
			end = i
		case '\'', '"':
			lo := i + 1
			for i = lo; i < end && (s.text[i] != b || byteAt(s.text, i+1) == b); i++ {
				if s.text[i] == b {
					i++
				}
			}
			value := s.text[lo:min(i, len(s.text))]
			if v := secret[min(column, maxColumns-1)]; v.secret && !isPlaceholder(value) &&
				!isWordForNoValue(value) {
				s.hide(lo, min(i, len(s.text)), v.rule)
			}
		}
		i++
	}
	s.work += i - begin
	s.noInsert = max(s.noInsert, i)
}

// findPiped hides what a line writes for a program to read as a secret: echo x | docker login
// --password-stdin, echo root:x | chpasswd.
func findPiped(s *scan, at int) {
	line := strings.LastIndexByte(s.text[max(0, at-maxQuoted/16):at], '\n') + 1
	line += max(0, at-maxQuoted/16)
	before := s.text[line:at]
	s.work += len(before) / 4
	pipe := strings.LastIndexByte(before, '|')
	if pipe < 0 {
		return
	}
	i := strings.LastIndex(before[:pipe], "echo ")
	if i < 0 {
		return
	}
	i = s.run(line+i+len("echo "), blank, 8)
	for strings.HasPrefix(s.text[i:], "-n ") || strings.HasPrefix(s.text[i:], "-e ") {
		i = s.run(i+3, blank, 8)
	}
	lo, hi := i, line+pipe
	for hi > lo && is(s.text[hi-1], blank) {
		hi--
	}
	if hi > lo+1 && strings.IndexByte("\"'", s.text[lo]) >= 0 && s.text[hi-1] == s.text[lo] {
		lo, hi = lo+1, hi-1
	}
	if strings.HasPrefix(s.text[at:], "chpasswd") {
		colon := strings.IndexByte(s.text[lo:hi], ':')
		if colon < 1 {
			return
		}
		lo += colon + 1
	}
	if lo < hi && !isPlaceholder(s.text[lo:hi]) {
		s.hide(lo, hi, rulePassword)
	}
}

// findNetUser hides the password in net user bob x.
func findNetUser(s *scan, at int) {
	user := s.run(at+len("net user "), blank, 8)
	lo := s.wordEnd(user)
	if lo == user || s.text[user] == '/' || byteAt(s.text, lo) != ' ' || !startsWord(s.text, at) {
		return
	}
	lo = s.run(lo, blank, 8)
	hi := s.wordEnd(lo)
	if word := s.text[lo:hi]; hi > lo && word[0] != '/' && word[0] != '*' &&
		looksSecret(word, false) && !isPlaceholder(word) {
		s.hide(lo, hi, rulePassword)
	}
}
