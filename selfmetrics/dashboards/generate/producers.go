package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// latency is how late a reader sees events, and which stage that comes from.
func latency() []panel {
	return []panel{
		{
			title: "Emit to acknowledgement", width: 12, unit: "s",
			question: "How long does it take until a reader can see an event?",
			advice: "The linger and a round trip are the least. What is beyond comes from the " +
				"stage that grows at the right. Exemplars lead to a trace.",
			queries: []query{
				{expr: quantile(0.5, "dashstream_emit_to_ack_seconds"), legend: "p50"},
				{expr: quantile(0.9, "dashstream_emit_to_ack_seconds"), legend: "p90"},
				{expr: quantile(0.99, "dashstream_emit_to_ack_seconds"), legend: "p99"},
				{expr: "max(dashstream_emit_to_ack_max_seconds)",
					legend: "longest since start"},
			},
		}, {
			title: "Where the time goes", width: 12, unit: "s", stacked: true,
			question: "Which stage takes the time, on average?",
			advice: "linger: by design. permits: raise them, unless sending grows too. sending: " +
				"brokers or network.",
			queries: []query{
				{expr: "(" + mean("dashstream_queue_wait_seconds") + ") - (" +
					mean("dashstream_permit_wait_seconds") + ")", legend: "linger and worker"},
				{expr: mean("dashstream_permit_wait_seconds"), legend: "waiting for a permit"},
				{expr: mean("dashstream_send_duration_seconds"), legend: "sending"},
			},
		},
	}
}

// producers is who publishes all this, and the settings to compare it with.
func producers() []panel {
	return []panel{
		{
			title: "Producers", width: 16, draw: producerTable,
			question: "Which producers run, since when, in which version and with which settings?",
			advice: "A short uptime is a restart. Different versions or settings between " +
				"producers of one service are seldom meant. Epochs grow with every start of an " +
				"instance.",
			queries: []query{
				{expr: "max by (instance, client, producer, service, version, goversion) " +
					"(dashstream_build_info)", table: true},
				{expr: "max by (instance, client, topic, compression, overflow) " +
					"(dashstream_config_info)", table: true},
				{expr: "max by (instance, client) (dashstream_snapshot_timestamp_seconds - " +
					"dashstream_start_time_seconds)", table: true},
				{expr: "max by (instance, client) (dashstream_producer_epoch)", table: true},
				{expr: "max by (instance, client) (dashstream_queue_capacity_bytes)", table: true},
				{expr: "max by (instance, client) (dashstream_config_linger_seconds)", table: true},
				{expr: "max by (instance, client) (dashstream_config_batch_bytes)", table: true},
				{expr: "max by (instance, client) (dashstream_config_batch_events)", table: true},
				{expr: "max by (instance, client) (dashstream_config_delivery_timeout_seconds)",
					table: true},
				{expr: "max by (instance, client) (dashstream_config_block_timeout_seconds)",
					table: true},
			},
		}, {
			title: "Changes of level", width: 4, unit: "short", stacked: true,
			question: "How often did producers enter each level of pressure?",
			advice: "Many changes are a load close to what Kafka takes, or brokers that come " +
				"and go.",
			queries: []query{{expr: "sum by (level) " +
				"(increase(dashstream_pressure_changes_total[5m]))", legend: "{{level}}"}},
		}, {
			title: "Age of the figures", width: 4, unit: "s",
			question: "How old is what this dashboard shows?",
			advice: "Up to the scrape interval is normal. A constant offset is clock skew " +
				"between producer and Prometheus; one that grows is a producer that is not " +
				"scraped any more.",
			queries: []query{{expr: "max by (instance, client) (time() - " +
				"dashstream_snapshot_timestamp_seconds)", legend: "{{instance}} {{client}}"}},
		},
	}
}

// settings are the columns that the queries of the table have from C on: what they are called, and
// their unit.
var settings = []struct{ name, unit string }{
	{"uptime", "s"}, {"epoch", "none"}, {"queue", "bytes"}, {"linger", "s"}, {"batch", "bytes"},
	{"batch events", "short"},
	{"delivery timeout", "s"}, {"block timeout", "s"},
}

func producerTable(p *panel) drawn {
	t := table.NewPanelBuilder().ShowHeader(true).Filterable(true).
		CellHeight(common.TableCellHeightSm).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{}))
	names := map[string]string{}
	for i, s := range settings {
		column := "Value #" + refID(i+2)
		names[column] = s.name
		t.OverrideByName(s.name, []dashboard.DynamicConfigValue{{Id: "unit", Value: s.unit}})
	}
	return t.WithTransformation(dashboard.DataTransformerConfig{Id: "merge",
		Options: map[string]any{}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
			"excludeByName": map[string]bool{"Time": true, "Value #A": true, "Value #B": true},
			"renameByName":  names,
		}}).
		SortBy([]cog.Builder[common.TableSortByFieldState]{common.NewTableSortByFieldStateBuilder().
			DisplayName("producer")})
}
