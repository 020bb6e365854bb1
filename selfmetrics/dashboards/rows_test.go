package dashboards_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/selfmetrics/dashboards"
)

// A range query shows the last value of a producer that is gone, an instant one nothing: and
// nothing is said to be that.
func TestTheFirstRowShowsNothingOfAProducerThatIsGone(t *testing.T) {
	n := 0
	for _, p := range dashboard(t).Panels {
		if p.GridPos.Y != 1 || p.Type == "row" {
			continue
		}
		n++
		if p.FieldConfig.Defaults.NoValue != "no data" {
			t.Errorf("panel %q says %q when there is no data", p.Title,
				p.FieldConfig.Defaults.NoValue)
		}
		for _, target := range p.Targets {
			past := strings.Contains(target.Expr, "over_time") ||
				strings.Contains(target.Expr, "[") && !strings.Contains(target.Expr, "and on (")
			if !target.Instant || past {
				t.Errorf("panel %q asks for more than what is: %s", p.Title, target.Expr)
			}
		}
	}
	if n < 5 {
		t.Errorf("the first row has %d panels", n)
	}
}

// What is folded asks for nothing until it is opened.
func TestOnlyTheFirstRowIsOpen(t *testing.T) {
	var m model
	if err := json.Unmarshal(dashboards.Dashboard(), &m); err != nil {
		t.Fatal(err)
	}
	open, rows := 0, 0
	for _, p := range m.Panels {
		switch {
		case p.Type != "row":
			open++
		case p.GridPos.Y > 0:
			rows++
			if !p.Collapsed || len(p.Panels) == 0 {
				t.Errorf("the row %q is open, or empty", p.Title)
			}
		}
	}
	if open > 12 || rows < 4 {
		t.Errorf("%d panels are loaded at once, %d rows are below them", open, rows)
	}
}

func TestEachLossIsAnAnnotation(t *testing.T) {
	if !slices.ContainsFunc(dashboard(t).Annotations.List, func(a struct{ Expr string }) bool {
		return strings.Contains(a.Expr, "increase(dashstream_telemetry_dropped_total")
	}) {
		t.Error("no annotation shows losses")
	}
}
