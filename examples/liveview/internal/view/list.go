package view

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Filter says which runs to list. "" and 0 mean all.
type Filter struct {
	Graph   string `json:"graph,omitempty"`
	Outcome string `json:"outcome,omitempty"` // running, waiting, failed, ended
	Tenant  string `json:"tenant,omitempty"`
	Text    string `json:"text,omitempty"` // in the thread's id or the error
	From    int64  `json:"from_us,omitempty"`
	To      int64  `json:"to_us,omitempty"`
}

func (f *Filter) wants(r *row) bool {
	return (f.Graph == "" || f.Graph == r.Graph) && (f.Outcome == "" || f.Outcome == r.Status) &&
		(f.Tenant == "" || f.Tenant == r.Tenant) &&
		(f.Text == "" || strings.Contains(r.haystack, f.Text)) &&
		(f.From == 0 || r.Started >= f.From) && (f.To == 0 || r.Started <= f.To)
}

// runList is the source of a list of runs.
type runList struct {
	view     *View
	filter   Filter // its text in lower case
	limit    int
	revision uint64 // of the view when it was last asked
	shown    map[*row]string
}

var order = map[string]int{"failed": 0, "waiting": 1, "running": 2, "ended": 3}

func (l *runList) changes(now time.Time) data {
	if l.shown != nil && l.revision == l.view.revision {
		return nil
	}
	chosen, summary := l.choose()
	rows := map[string]json.RawMessage{}
	shown := make(map[*row]string, len(chosen))
	for _, r := range chosen {
		key := r.Key()
		shown[r] = key
		if before, was := l.shown[r]; !was || before != key || r.revision > l.revision {
			out := r.Row
			out.Flags = append(slices.Clone(r.Flags), l.view.flagsNow(r, now)...)
			rows[key] = encoded(&out)
		}
	}
	stays := map[string]bool{}
	for _, key := range shown {
		stays[key] = true
	}
	for _, key := range l.shown {
		if !stays[key] {
			rows[key] = nil
		}
	}
	l.shown, l.revision = shown, l.view.revision
	return data{inRuns: rows, inMeta: {"summary": encoded(summary)}}
}

// choose returns the rows to show, errors first, and the summary of all.
func (l *runList) choose() ([]*row, *Summary) {
	s := &Summary{}
	graphs, tenants := map[string]bool{}, map[string]bool{}
	var chosen []*row
	for e := l.view.rows.Front(); e != nil; e = e.Next() {
		r := e.Value.(*row)
		s.Total++
		switch r.Status {
		case "running":
			s.Running++
		case "waiting":
			s.Waiting++
		case "failed":
			s.Failed++
		default:
			s.Ended++
		}
		if len(graphs) < 100 && r.Graph != "" {
			graphs[r.Graph] = true
		}
		if len(tenants) < 100 && r.Tenant != "" {
			tenants[r.Tenant] = true
		}
		if l.filter.wants(r) {
			chosen = append(chosen, r)
		}
	}
	s.Matches = len(chosen)
	s.Graphs, s.Tenants = sorted(graphs), sorted(tenants)
	if len(chosen) > l.limit {
		slices.SortFunc(chosen, func(a, b *row) int {
			if n := cmp.Compare(order[a.Status], order[b.Status]); n != 0 {
				return n
			}
			return cmp.Compare(b.Updated, a.Updated)
		})
		chosen = chosen[:l.limit]
	}
	return chosen, s
}

func sorted(m map[string]bool) []string {
	return append([]string{}, slices.Sorted(maps.Keys(m))...)
}
