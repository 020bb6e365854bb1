package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// panel is what all panels have. A panel without draw is a graph over time.
type panel struct {
	title string
	// question is what the panel answers, advice what to do about it: together they are its
	// description.
	question, advice string
	unit             string
	queries          []query
	width            uint32 // of a panel in a line; columns have their own
	stacked          bool
	// share is a graph from 0 to 1; what is nearer to 1 is worse.
	share bool
	draw  func(p *panel) drawn
}

// query is one expression. Every metric in expr is narrowed to what the dashboard's variables
// choose.
type query struct {
	expr, legend string
	// limit draws a dashed red line: what the others are compared with.
	limit bool
	// now asks for the last value alone.
	now, table bool
}

// drawn is a kind of panel, before it has its place.
type drawn interface {
	cog.Builder[dashboard.Panel]
}

// builder builds a panel at its place.
type builder struct {
	panel
	id uint32
	at dashboard.GridPos
}

func (b builder) Build() (dashboard.Panel, error) {
	draw := b.draw
	if draw == nil {
		draw = graph
	}
	built, err := draw(&b.panel).Build()
	if err != nil {
		return built, cog.MakeBuildErrors("panel "+b.title, err)
	}
	built.Id, built.GridPos = &b.id, &b.at
	built.Title, built.Description = &b.title, cog.ToPtr(b.question+"\n\n"+b.advice)
	built.Datasource = cog.ToPtr(dataSource())
	for i, q := range b.queries {
		target, err := q.target(refID(i)).Build()
		if err != nil {
			return built, cog.MakeBuildErrors("panel "+b.title, err)
		}
		built.Targets = append(built.Targets, target)
	}
	return built, nil
}

func refID(i int) string { return string(rune('A' + i)) }

func (q *query) target(ref string) *prometheus.DataqueryBuilder {
	t := prometheus.NewDataqueryBuilder().Expr(selected(q.expr)).LegendFormat(q.legend).RefId(ref).
		Datasource(dataSource())
	switch {
	case q.table:
		t.Instant().Format(prometheus.PromQueryFormatTable)
	case q.now:
		t.Instant()
	default:
		t.Range()
		if strings.Contains(q.expr, "_bucket") {
			t.Exemplar(true)
		}
	}
	return t
}

var metric = regexp.MustCompile(`\bdashstream_[a-z0-9_]+`)

// selected narrows every metric in an expression to what the variables choose.
func selected(expr string) string {
	return metric.ReplaceAllString(expr, `$0{job=~"$$job",client=~"$$client"}`)
}

// graph draws lines over time.
func graph(p *panel) drawn {
	g := timeseries.NewPanelBuilder().Unit(p.unit).Min(0).LineWidth(1).FillOpacity(10).
		ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).ShowLegend(true).Calcs([]string{})).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).
			Sort(common.SortOrderDescending))
	if p.stacked {
		g.FillOpacity(40).Stacking(common.NewStackingConfigBuilder().
			Mode(common.StackingModeNormal).Group("A"))
	}
	if p.share {
		g.Max(1).Thresholds(steps("green", step{0.5, "orange"}, step{0.8, "red"})).
			ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().
				Mode(common.GraphThresholdsStyleModeDashed))
	}
	for i, q := range p.queries {
		if q.limit {
			g.OverrideByQuery(refID(i), []dashboard.DynamicConfigValue{
				{Id: "color", Value: map[string]string{"mode": "fixed", "fixedColor": "red"}},
				{Id: "custom.lineStyle",
					Value: map[string]any{"fill": "dash", "dash": []int{8, 8}}},
				{Id: "custom.fillOpacity", Value: 0},
				{Id: "custom.stacking", Value: map[string]string{"mode": "none"}},
			})
		}
	}
	return g
}

type step struct {
	from  float64
	color string
}

// steps are colours: the first is that of everything below the first step.
func steps(lowest string, above ...step) *dashboard.ThresholdsConfigBuilder {
	list := []dashboard.Threshold{{Color: lowest}}
	for _, s := range above {
		list = append(list, dashboard.Threshold{Value: &s.from, Color: s.color})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(list)
}

// word is what is shown in the place of a value.
type word struct{ value, text, color string }

func words(list ...word) []dashboard.ValueMapping {
	options := map[string]dashboard.ValueMappingResult{}
	for i, w := range list {
		r := dashboard.ValueMappingResult{Text: &w.text, Index: cog.ToPtr(int32(i))}
		if w.color != "" {
			r.Color = &w.color
		}
		options[w.value] = r
	}
	return []dashboard.ValueMapping{
		{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: options}}}
}

// rate is a counter's increase per second.
func rate(metric string) string { return "rate(" + metric + "[$__rate_interval])" }

// sumRate is the rate of all selected producers, kept apart by labels.
func sumRate(metric string, by ...string) string {
	return "sum" + grouping(by) + " (" + rate(metric) + ")"
}

func grouping(by []string) string {
	if len(by) == 0 {
		return ""
	}
	return " by (" + strings.Join(by, ", ") + ")"
}

// quantile is that of a histogram, from its classic buckets or, if only those are scraped, from its
// native ones.
func quantile(q float64, metric string, by ...string) string {
	return fmt.Sprintf("histogram_quantile(%[1]v, sum%[2]s (%[3]s)) or histogram_quantile(%[1]v, "+
		"sum%[4]s (%[5]s))",
		q, grouping(append([]string{"le"}, by...)), rate(metric+"_bucket"), grouping(by),
		rate(metric))
}

// mean is that of a histogram, from its classic or its native form.
func mean(metric string) string {
	return fmt.Sprintf("sum(%s) / sum(%s) or histogram_sum(sum(%[3]s)) / "+
		"histogram_count(sum(%[3]s))", rate(metric+"_sum"), rate(metric+"_count"), rate(metric))
}

// age is the time since the moment that a metric tells, by the producer's own clock; none while it
// has not come.
func age(metric string) string {
	return "max(dashstream_snapshot_timestamp_seconds - (" + metric + " > 0))"
}
