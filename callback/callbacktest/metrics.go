package callbacktest

import (
	"slices"
	"strconv"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

var (
	qualityScores = []string{"accuracy", "relevance", "completeness", "quality_score"}
	reportTags    = []string{
		"instance", "service", "host", "pid", "version", "epoch", "interval_seconds", "start_time",
		pb.ReportNumberTag, "reason",
	}
	reportReasons = []string{"start", "interval", "level", "final"}
)

func (c *Checker) checkMetrics(at item, m *pb.Metrics) {
	switch scope := m.GetScope(); {
	case scope == pb.ReportScope:
		c.checkSelfReport(at, m)
	case at.thread.isReport() && scope == pb.LossScope:
		c.checkLosses(at, m)
	case at.thread.isReport():
		c.violate(at, RuleMetrics, "metrics of scope %q in the thread of a producer's report",
			scope)
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
			c.violate(at, RuleMetrics, "quality metric %s is not a float", name)
		}
	}
	v, ok := m.GetMetrics()["passed"]
	if _, isBool := v.GetValue().(*pb.MetricValue_BoolValue); ok && !isBool {
		c.violate(at, RuleMetrics, "quality metric passed is not a bool")
	}
}

// checkSelfReport checks a producer's in-band report.
func (c *Checker) checkSelfReport(at item, m *pb.Metrics) {
	if id := m.GetScopeId(); at.header.GetThreadId() != pb.ReportThreadPrefix+id {
		c.violate(at, RuleMetrics, "the report of instance %q", id)
	}
	for _, h := range at.record.Headers {
		if h.Key == pb.HeaderProducer && string(h.Value) != m.GetScopeId() {
			c.violate(at, RuleMetrics, "the report of instance %q sent by %q", m.GetScopeId(),
				h.Value)
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
	c.checkReportNumber(at, m.GetTags())
}

// checkReportNumber checks that the in-band reports of an epoch are numbered by their tag: from 1,
// unless earlier ones were not seen. A report that was not acknowledged in time may be missing, and
// one may be repeated.
func (c *Checker) checkReportNumber(at item, tags map[string]string) {
	text, ok := tags[pb.ReportNumberTag]
	if !ok {
		return
	}
	number, err := strconv.ParseUint(text, 10, 64)
	if err != nil || number == 0 {
		c.violate(at, RuleMetrics, "the report's number is %q", text)
		return
	}
	t, epoch := at.thread, tags["epoch"]
	if t.epoch != epoch {
		t.epoch, t.last = epoch, 0
	}
	if number <= t.last {
		c.violate(at, RuleMetrics, "report %d of epoch %s comes after report %d", number, epoch,
			t.last)
	}
	t.last = max(t.last, number)
}
