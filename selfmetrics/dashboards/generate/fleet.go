package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

const each = "by (job, instance, client) "

// fleet is every producer as a row, the one that loses first at the top. A producer that is gone
// stays for a quarter of an hour, with the age of its last figures alone.
func fleet() []panel {
	return []panel{{
		title: "Who loses first", width: width, draw: fleetTable,
		question: "Which producer loses its first event first, and what does it do now?",
		advice: "Begin at the top. No seconds left and an age of minutes is a producer that is " +
			"gone: see DashstreamProducerGone in the runbook. Emitted is what the application " +
			"asked for; what it lacks in delivered waits, or is lost.",
		queries: []query{
			{expr: "max by (job, instance, client, service) (dashstream_build_info)", table: true},
			{expr: "clamp_max(min " + each + "(dashstream_seconds_to_first_loss), 86400)",
				table: true},
			{expr: "max " + each + "(dashstream_pressure_level)", table: true},
			{expr: "max " + each + "(dashstream_not_acknowledged_seconds)", table: true},
			{expr: "max " + each + "(dashstream_limit_used_ratio)",
				table: true},
			{expr: "sum " + each + "(rate(dashstream_events_emitted_total[1m]))", table: true},
			{expr: "sum " + each + "(rate(dashstream_events_delivered_total[1m]))", table: true},
			{expr: "sum " + each + "(rate(dashstream_telemetry_dropped_total[1m])) + sum " + each +
				"(rate(dashstream_events_unacknowledged_total[1m]))", table: true},
			{expr: "time() - max " + each +
				"(last_over_time(dashstream_snapshot_timestamp_seconds[15m]))", table: true},
		},
	}}
}

// columnsOfFleet are the columns that the queries have from B on.
var columnsOfFleet = []struct {
	name, unit string
	words      []word
}{
	{"first loss in", "s", []word{{"86400", "does not fill", "green"}}},
	{"level", "none", levelWords},
	{"no response for", "s", []word{{"0", "–", ""}}},
	{"limit used", "percentunit", nil},
	{"emitted", "cps", nil},
	{"delivered", "cps", nil},
	{"lost", "cps", []word{{"0", "none", "green"}}},
	{"age of the figures", "s", nil},
}

var levelWords = []word{
	{"0", "ok", "green"}, {"1", "elevated", "yellow"}, {"2", "critical", "orange"},
	{"3", "dropping", "red"},
}

func fleetTable(p *panel) drawn {
	t := table.NewPanelBuilder().ShowHeader(true).Filterable(true).NoValue("no data").
		CellHeight(common.TableCellHeightSm).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{}))
	names := map[string]string{}
	order := map[string]int{"service": 0, "instance": 1, "client": 2,
		"job": 3 + len(columnsOfFleet)}
	for i, c := range columnsOfFleet {
		column := "Value #" + refID(i+1)
		names[column], order[column] = c.name, 3+i
		properties := []dashboard.DynamicConfigValue{{Id: "unit", Value: c.unit}}
		if c.words != nil {
			properties = append(properties,
				dashboard.DynamicConfigValue{Id: "mappings", Value: words(c.words...)},
				dashboard.DynamicConfigValue{Id: "custom.cellOptions",
					Value: map[string]string{"type": "color-text"}})
		}
		t.OverrideByName(c.name, properties)
	}
	return t.WithTransformation(dashboard.DataTransformerConfig{Id: "merge",
		Options: map[string]any{}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
			"excludeByName": map[string]bool{"Time": true, "Value #A": true},
			"indexByName":   order, "renameByName": names,
		}}).
		SortBy([]cog.Builder[common.TableSortByFieldState]{common.NewTableSortByFieldStateBuilder().
			DisplayName("first loss in").Desc(false)})
}
