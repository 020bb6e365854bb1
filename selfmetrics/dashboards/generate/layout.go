package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// width is that of Grafana's grid.
const width = 24

// columnWidths are those of the five stages. They fill the grid.
var columnWidths = [5]uint32{5, 5, 5, 5, 4}

const runbook = "https://github.com/dashstream/dashstream-go/blob/main/selfmetrics/dashboards/RUNBOOK.md"

// layout puts panels on the grid from the top to the bottom.
type layout struct {
	dashboard *classicBuilder
	y, id     uint32
	open      *dashboard.RowBuilder // the folded row that panels go into; nil: none
}

func newLayout() *layout {
	d := newClassic("DashStream producers").
		Uid("dashstream-producers").
		Description("Producers that use dashstream-go, from what they emit to Kafka: how "+
			"full each stage is, when the first event will be lost, and why. For Grafana 9.1 and "+
			"Prometheus 2.42, or newer.").
		Tags([]string{"dashstream"}).
		Time("now-30m", "now").Refresh("15s").Timezone("browser").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Link(dashboard.NewDashboardLinkBuilder("Runbook").Type(dashboard.DashboardLinkTypeLink).
			Url(runbook).Icon("doc").TargetBlank(true).
			Tooltip("What each alert means, what to look at and what to change")).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").
			Type("prometheus")).
		WithVariable(labelVariable("job", "Job",
			"label_values(dashstream_snapshot_timestamp_seconds, job)")).
		WithVariable(labelVariable("client", "Client",
			`label_values(dashstream_snapshot_timestamp_seconds{job=~"$job"}, client)`)).
		Annotation(annotation("Alerts",
			"red",
			`ALERTS{alertname=~"Dashstream.+",alertstate="firing",job=~"$job",client=~"$client"}`).
			TitleFormat("{{alertname}}").TextFormat("{{instance}} {{client}} {{reason}}{{cause}}").
			Step("15s")).
		Annotation(annotation("Losses", "dark-red", selected("sum by (instance, client, reason) "+
			"(increase(dashstream_telemetry_dropped_total[1m])) > 0")).
			TitleFormat("events lost").TextFormat("{{instance}} {{client}} {{reason}}").
			Step("15s")).
		Annotation(annotation("Starts", "blue", selected("dashstream_start_time_seconds * 1000")).
			TitleFormat("start").TextFormat("{{instance}} {{client}}").UseValueForTime(true))
	return &layout{dashboard: d}
}

func labelVariable(name, label, query string) *dashboard.QueryVariableBuilder {
	return dashboard.NewQueryVariableBuilder(name).Label(label).Datasource(dataSource()).
		Query(dashboard.StringOrMap{String: &query}).Definition(query).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortAlphabeticalAsc).
		Multi(true).IncludeAll(true).AllValue(".*").
		Current(dashboard.VariableOption{
			Text:  dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
			Value: dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
		})
}

func annotation(name, color, expr string) *dashboard.AnnotationQueryBuilder {
	return dashboard.NewAnnotationQueryBuilder().Name(name).Datasource(dataSource()).Enable(true).
		IconColor(color).Expr(expr).
		Target(prometheus.NewDataqueryBuilder().Expr(expr).RefId("Anno").Range())
}

// dataSource is the one that the variable chooses.
func dataSource() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}
}

// row starts a new row with a title over the whole width.
func (l *layout) row(title string) {
	l.end()
	l.dashboard.WithRow(l.newRow(title))
}

func (l *layout) newRow(title string) *dashboard.RowBuilder {
	l.id++
	r := dashboard.NewRowBuilder(title).Id(l.id).
		GridPos(dashboard.GridPos{X: 0, Y: l.y, W: width, H: 1})
	l.y++
	return r
}

// folded is a row whose panels ask for nothing until somebody opens it.
func (l *layout) folded(title string, fill func()) {
	l.end()
	l.open = l.newRow(title).Collapsed(true)
	fill()
}

// end puts the row that was folded last in its place.
func (l *layout) end() {
	if l.open != nil {
		l.dashboard.WithRow(l.open)
		l.open = nil
	}
}

// line puts panels beside each other, each as wide as it says.
func (l *layout) line(height uint32, panels []panel) {
	var x uint32
	for _, p := range panels {
		l.put(p, dashboard.GridPos{X: x, Y: l.y, W: p.width, H: height})
		x += p.width
	}
	l.y += height
}

// columns puts the panels of each stage below each other, and the stages beside each other.
func (l *layout) columns(height uint32, stages ...[]panel) {
	var x, deepest uint32
	for i, stage := range stages {
		for j, p := range stage {
			l.put(p, dashboard.GridPos{X: x, Y: l.y + uint32(j)*height, W: columnWidths[i],
				H: height})
		}
		x += columnWidths[i]
		deepest = max(deepest, uint32(len(stage)))
	}
	l.y += deepest * height
}

func (l *layout) put(p panel, at dashboard.GridPos) {
	l.id++
	if l.open != nil {
		l.open.WithPanel(builder{p, l.id, at})
		return
	}
	l.dashboard.WithPanel(builder{p, l.id, at})
}
