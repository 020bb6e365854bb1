// Package dashboards holds what an operator of producers needs besides the metrics: a Grafana
// dashboard, alert rules for Prometheus, and the runbook that the alerts link to.
//
// They are plain files in this directory, to be copied or provisioned as they are, and are embedded
// here for programs that install them:
//
//	os.CopyFS("/etc/dashstream", dashboards.Files)
//
// The dashboard reads as the pipe does, from left to right: emitted, queue, permits, Kafka, lost.
// Its first row answers whether events will be lost, when, and why. Each panel's description is the
// question that it answers and what to do about it. Its variables choose the data source, jobs and
// producers. It is built by the module in generate.
//
// The alert rules need a scrape interval of at most 15 s and no editing: what depends on a
// producer's settings is compared with the metrics in which the producer publishes them. [Runbook]
// has a section for each.
package dashboards

import "embed"

// Files holds the files named [DashboardFile], [AlertsFile] and [RunbookFile]. It is safe for
// concurrent use.
//
//go:embed dashboard.json alerts.yaml RUNBOOK.md
var Files embed.FS

// The names of the files.
const (
	DashboardFile = "dashboard.json"
	AlertsFile    = "alerts.yaml"
	RunbookFile   = "RUNBOOK.md"
)

// Dashboard returns the Grafana dashboard: the JSON model that Grafana imports and provisions. The
// caller owns it.
func Dashboard() []byte { return read(DashboardFile) }

// Alerts returns the alert rules as a rule file for Prometheus (YAML). The caller owns it.
func Alerts() []byte { return read(AlertsFile) }

// Runbook returns the runbook (Markdown). The caller owns it.
func Runbook() []byte { return read(RunbookFile) }

func read(name string) []byte {
	b, err := Files.ReadFile(name)
	if err != nil {
		panic("dashboards: " + err.Error()) // it is embedded
	}
	return b
}
