package proof

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/selfmetrics/dashboards"
)

// asked returns what the dashboard's panels ask Prometheus for, by their titles, with its variables
// filled in.
func asked(t *testing.T) map[string][]string {
	t.Helper()
	type panel struct {
		Title   string
		Targets []struct{ Expr string }
		Panels  []panel // of a row that is folded
	}
	var model struct{ Panels []panel }
	if err := json.Unmarshal(dashboards.Dashboard(), &model); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("$job", ".+", "$client", ".+", "$__rate_interval", "1m",
		"$__interval", "15s", "$__range", "10m")
	queries := map[string][]string{}
	for _, row := range model.Panels {
		model.Panels = append(model.Panels, row.Panels...)
	}
	for _, p := range model.Panels {
		for _, target := range p.Targets {
			queries[p.Title] = append(queries[p.Title], fill.Replace(target.Expr))
		}
	}
	return queries
}

// The scenarios in which, between them, something happens at every stage.
var eventful = []string{"step to three times the load", "broker away for 60 s",
	"quota below the load"}

func TestEveryPanelShowsSomething(t *testing.T) {
	missing := asked(t)
	if len(missing) < 20 {
		t.Fatalf("the dashboard has %d panels with queries", len(missing))
	}
	for i := range scenarios {
		s := &scenarios[i]
		for _, name := range eventful {
			if s.name == name {
				o := run(t, s, seeds[0], 1)
				server := newServer(t, o.scrapes)
				findData(t, server, o.scrapes, missing)
				server.close()
			}
		}
	}
	for title, queries := range missing {
		for _, q := range queries {
			t.Errorf("panel %q: nothing is ever shown for %s", title, q)
		}
	}
}

// findData removes the queries that return a number at some time.
func findData(t *testing.T, s *server, scrapes []scrape, missing map[string][]string) {
	for title, queries := range missing {
		var still []string
		for _, q := range queries {
			if !s.shows(t, q, scrapes) {
				still = append(still, q)
			}
		}
		if missing[title] = still; still == nil {
			delete(missing, title)
		}
	}
}

func (s *server) shows(t *testing.T, query string, scrapes []scrape) bool {
	t.Helper()
	for i := 4; i < len(scrapes); i += 4 {
		vector, err := s.query(t.Context(), query, scrapes[i].at.Add(time.Second))
		if err != nil {
			t.Errorf("%s: %v", query, err)
			return true
		}
		for _, x := range vector {
			if !math.IsNaN(x.F) || x.H != nil {
				return true
			}
		}
	}
	return false
}
