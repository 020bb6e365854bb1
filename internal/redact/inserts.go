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
