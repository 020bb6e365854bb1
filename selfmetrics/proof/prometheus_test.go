package proof

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"strconv"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/teststorage"

	"github.com/dashstream/dashstream-go/selfmetrics/dashboards"
)

// server is the inside of a Prometheus: its database and its query engine.
type server struct {
	db     *teststorage.TestStorage
	engine *promql.Engine
}

var promParser = parser.NewParser(parser.Options{})

// newServer returns a server that has scraped what a run left behind.
func newServer(t *testing.T, scrapes []scrape) *server {
	t.Helper()
	s := &server{
		db: teststorage.New(t),
		engine: promql.NewEngine(promql.EngineOpts{
			Logger: slog.New(slog.DiscardHandler), MaxSamples: 50_000_000, Timeout: time.Minute,
			LookbackDelta:    5 * time.Minute,
			EnableAtModifier: true, EnableNegativeOffset: true, Parser: promParser,
		}),
	}
	t.Cleanup(s.close)
	for _, x := range scrapes {
		app := s.db.Appender(t.Context())
		if err := ingest(app, x); err != nil {
			t.Fatal(err)
		}
		if err := app.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// close gives up what the server holds. A second call does nothing.
func (s *server) close() {
	if s.db != nil {
		_, _ = s.engine.Close(), s.db.Close() // nothing of it is used again
		s.db = nil
	}
}

// ingest appends the samples of one scrape, as a scrape of the text format would.
func ingest(app storage.Appender, x scrape) error {
	at := x.at.UnixMilli()
	add := func(name string, pairs []*dto.LabelPair, v float64, more ...string) error {
		b := labels.NewBuilder(labels.FromStrings(append(more, "__name__", name,
			"instance", "proof:1", "job", "proof")...))
		for _, p := range pairs {
			b.Set(p.GetName(), p.GetValue())
		}
		_, err := app.Append(0, b.Labels(), at, v)
		return err
	}
	if err := add("up", nil, 1); err != nil {
		return err
	}
	for _, f := range x.families {
		for _, m := range f.GetMetric() {
			var err error
			switch {
			case m.Counter != nil:
				err = add(f.GetName(), m.GetLabel(), m.GetCounter().GetValue())
			case m.Gauge != nil:
				err = add(f.GetName(), m.GetLabel(), m.GetGauge().GetValue())
			case m.Histogram != nil:
				err = ingestHistogram(f.GetName(), m, add)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", f.GetName(), err)
			}
		}
	}
	return nil
}

func ingestHistogram(
	name string, m *dto.Metric, add func(string, []*dto.LabelPair, float64, ...string) error,
) error {
	h := m.GetHistogram()
	for _, b := range h.GetBucket() {
		if math.IsInf(b.GetUpperBound(), 1) {
			continue
		}
		le := strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64)
		if err := add(name+"_bucket", m.GetLabel(), float64(b.GetCumulativeCount()),
			"le", le); err != nil {
			return err
		}
	}
	if err := add(name+"_bucket", m.GetLabel(), float64(h.GetSampleCount()),
		"le", "+Inf"); err != nil {
		return err
	}
	if err := add(name+"_sum", m.GetLabel(), h.GetSampleSum()); err != nil {
		return err
	}
	return add(name+"_count", m.GetLabel(), float64(h.GetSampleCount()))
}

// stretch is a time for which an alert fired.
type stretch struct{ from, to time.Time }

// alerts evaluates the rules that are shipped and returns when each alert fired. The first
// evaluation comes at the time first.
func (s *server) alerts(t *testing.T, first, end time.Time) map[string][]stretch {
	t.Helper()
	groups, errs := rulefmt.Parse(dashboards.Alerts(), false, model.UTF8Validation, promParser,
		slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	query := rules.EngineQueryFunc(s.engine, s.db)
	fired := map[string][]stretch{}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			rule := alertingRule(t, r)
			for at := first; !at.After(end); at = at.Add(time.Duration(g.Interval)) {
				if _, err := rule.Eval(t.Context(), 0, at, query, &url.URL{}, 0); err != nil {
					t.Fatalf("%s: %v", r.Alert, err)
				}
				if !firing(rule) {
					continue
				}
				list := fired[r.Alert]
				if n := len(list); n > 0 && at.Sub(list[n-1].to) <= time.Duration(g.Interval) {
					list[n-1].to = at
				} else {
					fired[r.Alert] = append(list, stretch{at, at})
				}
			}
		}
	}
	return fired
}

func firing(rule *rules.AlertingRule) bool {
	for _, a := range rule.ActiveAlerts() {
		if a.State == rules.StateFiring {
			return true
		}
	}
	return false
}

func alertingRule(t *testing.T, r rulefmt.Rule) *rules.AlertingRule {
	t.Helper()
	expr, err := promParser.ParseExpr(r.Expr)
	if err != nil {
		t.Fatalf("%s: %v", r.Alert, err)
	}
	return rules.NewAlertingRule(r.Alert, expr, time.Duration(r.For),
		time.Duration(r.KeepFiringFor), labels.FromMap(r.Labels),
		labels.FromMap(r.Annotations), labels.EmptyLabels(), "", true,
		slog.New(slog.DiscardHandler))
}

// query evaluates an expression at a time.
func (s *server) query(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
	q, err := s.engine.NewInstantQuery(ctx, s.db, nil, expr, at)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	r := q.Exec(ctx)
	if r.Err != nil {
		return nil, r.Err
	}
	return r.Vector()
}
