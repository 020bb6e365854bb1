package redact

import "strings"

// Bounds of how much of a table is looked at: of its head, and of its rows.
const (
	maxHead = 512
	maxRows = 4 << 10
)

// maxSecretColumns bounds how many columns of one table are looked at.
const maxSecretColumns = 4

// table is what is known of a table: where its rows are, and how many columns of secrets it has.
type table struct{ head, from, to, columns int }

// findColumn hides what stands below the name if that is the head of a column: in CSV, in what
// spreadsheets and the shells of databases print, in a table of Markdown. It reports whether it
// does.
func (a *assignment) findColumn() bool {
	text, known := a.text, &a.table
	if a.quoted || known.from <= a.begin && a.begin < known.to {
		return false
	}
	if next := run(text, a.end, blank, 24); next < len(text) && !is(text[next], newline) &&
		strings.IndexByte("|;,", text[next]) < 0 && byteAt(text, a.end) != '\t' {
		return false // nothing that a cell ends with
	}
	from := min(a.begin, max(a.floor, a.begin-maxHead))
	line := from + strings.LastIndexByte(text[from:a.begin], '\n') + 1
	end := strings.IndexByte(text[a.end:min(len(text), a.end+maxHead)], '\n')
	a.work += maxHead / 32
	if end < 0 {
		return false
	}
	end += a.end
	separator := separatorOf(strings.TrimRight(text[line:end], " \t\r"), text[a.end:end])
	if separator == 0 || !isHead(text[line:end], separator) {
		return false
	}
	a.work += 2 * (end - line)
	if a.verdict = a.judge(text[a.begin:a.end]); !a.secret {
		return false
	}
	if known.head != end {
		*known = table{head: end}
	}
	if known.columns++; known.columns > maxSecretColumns {
		return false
	}
	before := strings.Count(text[line:a.begin], string(separator))
	all := strings.Count(text[line:end], string(separator)) + 1
	rows, hides := a.hideColumn(end+1, before, all, separator)
	known.from, known.to = end, rows
	return hides
}

// separatorOf returns what parts the cells of a line that goes on with rest behind the name, or 0.
func separatorOf(line, rest string) byte {
	rest = strings.TrimLeft(rest, " ")
	for _, b := range [...]byte{'\t', '|', ';', ','} {
		if strings.IndexByte(line, b) >= 0 && (strings.Trim(rest, " \r") == "" || rest[0] == b) {
			return b
		}
	}
	return 0
}

// isHead reports whether all cells of a line are names.
func isHead(line string, separator byte) bool {
	line = strings.Trim(line, " \r")
	if separator == '|' {
		line = strings.Trim(line, "|")
	} else if separator != '\t' && strings.IndexByte(line, ' ') >= 0 {
		return false // a list of words
	}
	for cell := range strings.SplitSeq(line, string(separator)) {
		cell = strings.Trim(cell, " \r\"*")
		if cell == "" || len(cell) > maxName || strings.Count(cell, " ") > 2 ||
			run(cell, 0, word|dash|blank, len(cell)) < len(cell) {
			return false
		}
	}
	return true
}

// hideColumn hides the cells of a column, which so many are before, of the rows that begin at i and
// have so many cells. It returns where they end, and whether any is hidden.
func (a *assignment) hideColumn(i, before, cells int, separator byte) (end int, hides bool) {
	text, limit := a.text, min(len(a.text), i+maxRows)
	for i < limit {
		end := limit
		if n := strings.IndexByte(text[i:limit], '\n'); n >= 0 {
			end = i + n
		}
		a.work += end - i
		lo, hi, n := cellOf(text[i:end], before, separator)
		if isRule(text[i:end]) {
			i = end + 1
			continue
		}
		if hi < 0 || n != cells {
			break // the table has ended
		}
		cell := text[i+lo : i+hi]
		if a.work += workOfJudge; (isStrong(cell) || isOpaque(cell)) &&
			!isPlaceholder(cell) {
			a.hide(i+lo, i+hi, a.rule)
			hides = true
		}
		i = end + 1
	}
	return i, hides
}

// isRule reports whether a line is drawn between the head of a table and its rows.
func isRule(line string) bool {
	return line != "" && strings.Trim(line, "-+|: \r=") == ""
}

// cellOf returns where a cell of a row is, which so many are before, and how many cells the row
// has: hi is -1 if it has too few.
func cellOf(row string, before int, separator byte) (lo, hi, cells int) {
	hi = -1
	begin, quoted := 0, false
	for i := 0; i <= len(row); i++ {
		if i < len(row) && row[i] == '"' && separator != '|' {
			quoted = !quoted
		}
		if i < len(row) && (row[i] != separator || quoted) {
			continue
		}
		if cells == before {
			lo, hi = begin, i
		}
		cells++
		begin = i + 1
	}
	for lo < hi && strings.IndexByte(" \"`", row[lo]) >= 0 {
		lo++
	}
	for hi > lo && strings.IndexByte(" \r\"`", row[hi-1]) >= 0 {
		hi--
	}
	return lo, hi, cells
}
