package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/gauge"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
)

// lostOfThePresent is what producers lost that are still there. The rest of what one did that is
// gone would be "none".
const lostOfThePresent = "increase(dashstream_telemetry_dropped_total[5m]) " +
	"and on (job, instance, client) dashstream_snapshot_timestamp_seconds"

// answers is the first line: whether events will be lost, when, and why.
func answers() []panel {
	return []panel{
		{
			title: "First loss in", width: 5, unit: "s", draw: firstLoss,
			question: "When is the first event lost, if everything goes on as it does now?",
			advice: "“Nothing fills” needs nothing. With minutes left, find out at the right " +
				"what drives it. With less than a minute, act as the runbook's section " +
				"DashstreamFillingUp says.",
			queries: []query{{expr: "clamp_max(min(dashstream_seconds_to_first_loss), 86400)",
				now: true}},
		}, {
			title: "Which limit is reached first", width: 5, unit: "s", draw: perLimit,
			question: "Which limit will cost the first event, and how long do the others last?",
			advice: "queue_bytes and queue_events: raise the limit, or make Kafka faster than " +
				"the application. delivery_deadline: events are stuck, and a larger queue does " +
				"not help: look at the Kafka column.",
			queries: []query{{expr: "min by (limit) " +
				"(clamp_max(dashstream_forecast_seconds_to_loss, 3600))", legend: "{{limit}}",
				now: true}},
		}, {
			title: "What drives it", width: 4, draw: driver,
			question: "Why does it fill, or why would it?",
			advice: "inflow: the application emits more than leaves. permits: raise " +
				"DASHSTREAM_MAX_PERMITS. throttling: raise the quota. broker: slow or away. " +
				"worker: stuck, take a goroutine dump.",
			queries: []query{
				{expr: "max by (driver) (dashstream_pressure_driver) > 0", legend: "{{driver}}",
					now: true},
				{expr: "max by (limit) (dashstream_pressure_limit) > 0", legend: "{{limit}}",
					now: true},
				{expr: "max by (judgement) (dashstream_pressure_judgement) > 0",
					legend: "{{judgement}}", now: true},
			},
		}, {
			title: "Pressure", width: 4, unit: "percentunit", draw: pressure,
			question: "How close is the most loaded producer to losing events, from 0 (at ease) " +
				"to 100 % (losing)?",
			advice: "It is what the application can read itself, to slow down or to shed. Above " +
				"a half, somebody should look.",
			queries: []query{{expr: "max(dashstream_pressure_ratio)", now: true}},
		}, {
			title: "Lost in 5 minutes", width: 3, unit: "short", draw: lostLately,
			question: "How many events were lost in the last five minutes, and why?",
			advice: "Any is too many: the runbook's section DashstreamDropping has a remedy for " +
				"each reason.",
			queries: []query{
				{expr: "sum by (reason) (" + lostOfThePresent + ") > 0",
					legend: "{{reason}}", now: true},
				{expr: "sum(" + lostOfThePresent + ") == 0",
					legend: "none", now: true},
			},
		}, {
			title: "Age of these figures", width: 3, unit: "s", draw: ageNow,
			question: "How old is the oldest of what this row shows?",
			advice: "Up to twice the scrape interval is normal. “No data” is no producer at all: " +
				"nothing in this row can be trusted; see DashstreamProducerGone in the runbook.",
			queries: []query{{expr: "max(time() - dashstream_snapshot_timestamp_seconds)",
				now: true}},
		},
	}
}

// trends is the same over time.
func trends() []panel {
	return []panel{
		{
			title: "Seconds to the first loss", width: 10, unit: "s",
			question: "How did the forecast develop, limit by limit? (10 minutes and more are " +
				"drawn as 10 minutes.)",
			advice: "A line that falls by a second each second is an outage; one that falls " +
				"slowly and bends is a load that outgrows Kafka.",
			queries: []query{
				{expr: "clamp_max(min(dashstream_seconds_to_first_loss), 600)", legend: "first"},
				{expr: "clamp_max(min(dashstream_pressure_seconds_to_loss), 600)",
					legend: "at the limit that decides"},
				{expr: "min by (limit) (clamp_max(dashstream_forecast_seconds_to_loss, 600))",
					legend: "{{limit}}"},
			},
		}, {
			title: "Level", width: 5, draw: levels,
			question: "When was which producer under pressure?",
			advice: "The levels are those of the pressure signal in the process: ok, elevated, " +
				"critical, dropping.",
			queries: []query{{expr: "max by (job, instance, client) (dashstream_pressure_level)",
				legend: "{{instance}} {{client}}"}},
		}, {
			title: "What comes in and what leaves", width: 9, unit: "Bps",
			question: "Does more come into the queue than leaves it?",
			advice: "The gap between the lines is what the queue has to hold. To survive an " +
				"outage of t seconds, DASHSTREAM_QUEUE_BYTES has to be at least the upper line " +
				"times t.",
			queries: []query{
				{expr: "sum(dashstream_queue_inflow_bytes_per_second)", legend: "in"},
				{expr: "sum(dashstream_queue_outflow_bytes_per_second)", legend: "out"},
			},
		},
	}
}

func ageNow(p *panel) drawn {
	return stat.NewPanelBuilder().Orientation(common.VizOrientationAuto).Unit(p.unit).Decimals(0).
		ReduceOptions(lastValue()).ColorMode(common.BigValueColorModeBackground).
		GraphMode(common.BigValueGraphModeNone).NoValue("no data").
		Thresholds(steps("green", step{45, "orange"}, step{120, "red"}))
}

func lastValue() *common.ReduceDataOptionsBuilder {
	return common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})
}

func firstLoss(p *panel) drawn {
	return stat.NewPanelBuilder().Orientation(common.VizOrientationAuto).Unit(p.unit).Min(0).
		Decimals(0).ReduceOptions(lastValue()).ColorMode(common.BigValueColorModeBackground).
		GraphMode(common.BigValueGraphModeNone).NoValue("no data").
		Mappings(words(word{"86400", "nothing fills", "green"})).
		Thresholds(steps("red", step{90, "orange"}, step{300, "yellow"}, step{900, "green"}))
}

func perLimit(p *panel) drawn {
	return bargauge.NewPanelBuilder().NoValue("no data").Unit(p.unit).Min(0).Max(3600).Decimals(0).
		ReduceOptions(lastValue()).Orientation(common.VizOrientationHorizontal).
		DisplayMode(common.BarGaugeDisplayModeBasic).Mappings(words(word{"3600", "not filling",
		"green"})).
		Thresholds(steps("red", step{90, "orange"}, step{300, "yellow"}, step{900, "green"}))
}

func driver(p *panel) drawn {
	return stat.NewPanelBuilder().NoValue("no data").Orientation(common.VizOrientationAuto).
		ReduceOptions(lastValue()).
		TextMode(common.BigValueTextModeName).ColorMode(common.BigValueColorModeNone).
		GraphMode(common.BigValueGraphModeNone).Thresholds(steps("text"))
}

func pressure(p *panel) drawn {
	return gauge.NewPanelBuilder().Unit(p.unit).Min(0).Max(1).NoValue("no data").
		ReduceOptions(lastValue()).
		Thresholds(steps("green", step{0.5, "orange"}, step{0.8, "red"}))
}

func lostLately(p *panel) drawn {
	return stat.NewPanelBuilder().Orientation(common.VizOrientationAuto).Unit(p.unit).Decimals(0).
		ReduceOptions(lastValue()).TextMode(common.BigValueTextModeValueAndName).
		ColorMode(common.BigValueColorModeBackground).GraphMode(common.BigValueGraphModeNone).
		NoValue("no data").Thresholds(steps("green", step{0.5, "red"}))
}

func levels(p *panel) drawn {
	return statetimeline.NewPanelBuilder().ShowValue(common.VisibilityModeNever).MergeValues(true).
		RowHeight(0.8).
		Mappings(words(word{"0", "ok", "green"}, word{"1", "elevated", "yellow"},
			word{"2", "critical", "orange"}, word{"3", "dropping", "red"})).
		Thresholds(steps("green")).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).ShowLegend(true).Calcs([]string{}))
}
