package main

import (
	"slices"
	"strings"
)

// A virtue is something that a row is compared by: less is better, and 0 says that it was not
// measured.
type virtue struct {
	better string
	of     func(*row) float64
}

// virtues are what this SDK is compared by, in the order in which rows tell who is better.
var virtues = []virtue{
	{"faster", (*row).cost},
	{"sooner acknowledged", func(r *row) float64 { return float64(r.EmitToAck.P50) }},
	{"own work p99 less", func(r *row) float64 { return float64(r.Work.P99) }},
	{"call p99.9 less", func(r *row) float64 {
		if r.cost() > 0 {
			return 0 // the row is about something else
		}
		return float64(r.Call.P999)
	}},
	{"less memory", func(r *row) float64 { return float64(r.PeakHeap) }},
}

// references send nothing, or are this SDK; they are not named.
var references = []string{nameBare, nameFastest, nameDashstream, nameUnredacted, nameNone}

// sayFaster says in the rows of this SDK who is better in the same case with the same values. What
// does not deliver everything is not named.
func sayFaster(rows []row) {
	for i := range rows {
		r := &rows[i]
		if r.Contender != nameDashstream && r.Contender != nameUnredacted {
			continue
		}
		said := []string{r.Note}
		for _, v := range virtues {
			if better := v.ahead(r, rows); len(better) > 0 {
				said = append(said, v.better+": "+strings.Join(better, ", "))
			}
		}
		r.Note = strings.TrimPrefix(strings.Join(said, "; "), "; ")
	}
}

// ahead lists the contenders whose rows are better than r.
func (v *virtue) ahead(r *row, rows []row) (better []string) {
	ours := v.of(r)
	for k := range rows {
		x := &rows[k]
		if slices.Contains(references, x.Contender) || x.Case != r.Case || x.Values != r.Values ||
			x.Delivered < 99.9 || (x.Compression == "none") != (r.Compression == "none") {
			continue
		}
		if theirs := v.of(x); theirs > 0 && theirs < ours && !slices.Contains(better, x.Contender) {
			better = append(better, x.Contender)
		}
	}
	return better
}

// cost is the time that a row is compared by: all processor time where it has a compression, else
// the caller's.
func (r *row) cost() float64 {
	if r.Compression != "" {
		return r.CPUPerOp
	}
	return r.NsPerOp
}
