package main

import (
	"fmt"
	"slices"
	"strings"
)

// sayFaster says in the rows of this SDK who is faster in the same case with the same values: by all processor time where a row has a
// compression, else by the caller's. What sends nothing is a reference and not named, nor is what does not deliver everything.
func sayFaster(rows []row) {
	for i := range rows {
		r := &rows[i]
		if r.Contender != nameDashstream && r.Contender != nameUnredacted {
			continue
		}
		var faster []string
		for k := range rows {
			x := &rows[k]
			reference := x.Contender == nameBare || x.Contender == nameFastest || x.Contender == nameDashstream || x.Contender == nameUnredacted
			if reference || x.Case != r.Case || x.Values != r.Values || x.Delivered < 99.9 || (x.Compression == "none") != (r.Compression == "none") {
				continue
			}
			if t, ours := x.cost(), r.cost(); t > 0 && t < ours && !slices.Contains(faster, x.Contender) {
				faster = append(faster, x.Contender)
			}
		}
		if len(faster) > 0 {
			r.Note = strings.TrimPrefix(r.Note+fmt.Sprintf("; faster: %s", strings.Join(faster, ", ")), "; ")
		}
	}
}

// cost is what a row is compared by.
func (r *row) cost() float64 {
	if r.Compression != "" {
		return r.CPUPerOp
	}
	return r.NsPerOp
}
