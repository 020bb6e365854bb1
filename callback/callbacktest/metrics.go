package callbacktest

import (
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

var (
	qualityScores = []string{"accuracy", "relevance", "completeness", "quality_score"}
	reportTags    = []string{
		"instance", "service", "host", "pid", "version", "epoch", "interval_seconds", "start_time", "reason",
	}
	reportReasons = []string{"start", "interval", "level", "final"}
)

func (c *Checker) checkMetrics(at item, m *pb.Metrics) {
	switch scope := m.GetScope(); {
	case scope == pb.ReportScope:
		c.checkSelfReport(at, m)
	case at.thread.isReport():
		c.violate(at, RuleMetrics, "metrics of scope %q in the thread of a producer's report", scope)
	case scope == "quality":
		c.checkQuality(at, m)
	}
}

func (c *Checker) checkQuality(at item, m *pb.Metrics) {
	if m.GetScopeId() != at.header.GetThreadId() {
		c.violate(at, RuleMetrics, "quality of %q, not of the thread", m.GetScopeId())
	}
	for _, name := range qualityScores {
		v, ok := m.GetMetrics()[name]
		if _, isFloat := v.GetValue().(*pb.MetricValue_FloatValue); ok && !isFloat {
			c.violate(at, RuleMetrics, "quality metric %s is no float", name)
		}
	}
	v, ok := m.GetMetrics()["passed"]
	if _, isBool := v.GetValue().(*pb.MetricValue_BoolValue); ok && !isBool {
		c.violate(at, RuleMetrics, "quality metric passed is no bool")
	}
}

// checkSelfReport checks a producer's report on itself.
func (c *Checker) checkSelfReport(at item, m *pb.Metrics) {
	if id := m.GetScopeId(); at.header.GetThreadId() != pb.ReportThreadPrefix+id {
		c.violate(at, RuleMetrics, "the report of instance %q", id)
	}
	for _, h := range at.record.Headers {
		if h.Key == pb.HeaderProducer && string(h.Value) != m.GetScopeId() {
			c.violate(at, RuleMetrics, "the report of instance %q sent by %q", m.GetScopeId(), h.Value)
		}
	}
	for _, tag := range reportTags {
		if _, ok := m.GetTags()[tag]; !ok {
			c.violate(at, RuleMetrics, "the report has no tag %s", tag)
		}
	}
	if reason, ok := m.GetTags()["reason"]; ok && !slices.Contains(reportReasons, reason) {
		c.violate(at, RuleMetrics, "the report's reason is %q", reason)
	}
}
