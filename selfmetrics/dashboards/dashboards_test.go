package dashboards_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/selfmetrics"
	"github.com/dashstream/dashstream-go/selfmetrics/dashboards"
)

// published returns the names of all series and their labels beside job, instance and client.
func published() map[string][]string {
	names := map[string][]string{}
	for _, d := range selfmetrics.Definitions() {
		names[d.Name] = d.Labels
		if d.Type == selfmetrics.Histogram {
			names[d.Name+"_bucket"] = append(slices.Clone(d.Labels), "le")
			names[d.Name+"_sum"], names[d.Name+"_count"] = d.Labels, d.Labels
		}
	}
	return names
}

type gridPos struct{ X, Y, W, H int }

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  gridPos
	Targets                  []struct {
		Expr, LegendFormat string
		Instant            bool
	}
	Datasource  struct{ UID string }
	FieldConfig struct{ Defaults struct{ NoValue string } }
	Collapsed   bool
	Panels      []panel // of a row that is folded
}

type model struct {
	UID        string
	Panels     []panel
	Templating struct {
		List []struct{ Name, Type string }
	}
	Annotations struct{ List []struct{ Expr string } }
}

func dashboard(t *testing.T) model {
	t.Helper()
	var m model
	if err := json.Unmarshal(dashboards.Dashboard(), &m); err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Panels {
		m.Panels = append(m.Panels, p.Panels...)
	}
	return m
}

// expressions are all that the dashboard and the rules ask Prometheus for.
func expressions(t *testing.T) []string {
	m := dashboard(t)
	var list []string
	for _, p := range m.Panels {
		for _, target := range p.Targets {
			list = append(list, target.Expr)
		}
	}
	for _, a := range m.Annotations.List {
		list = append(list, a.Expr)
	}
	return append(list, rules())
}

// rules is the rule file without its comments.
func rules() string {
	return regexp.MustCompile(`(?m)^\s*#.*$`).ReplaceAllString(string(dashboards.Alerts()), "")
}

var name = regexp.MustCompile(`\bdashstream_[a-z0-9_]*[a-z0-9]`)

func TestEveryMetricIsUsedAndEveryNameThatIsUsedIsAMetric(t *testing.T) {
	names, used := published(), map[string]bool{}
	for _, e := range expressions(t) {
		for _, n := range name.FindAllString(e, -1) {
			used[n] = true
			if _, ok := names[n]; !ok {
				t.Errorf("%s is no metric; it is used in %.200s", n, e)
			}
		}
	}
	for n := range names {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(n, "_bucket"), "_sum"),
			"_count")
		if !used[n] && !used[base] {
			t.Errorf("no panel and no alert uses %s", n)
		}
	}
	for _, n := range name.FindAllString(string(dashboards.Runbook()), -1) {
		if _, ok := names[n]; !ok {
			t.Errorf("%s, which the runbook names, is no metric", n)
		}
	}
}

func TestQueriesGroupByLabelsThatTheirMetricsHave(t *testing.T) {
	names := published()
	grouping := regexp.MustCompile(`\b(?:by|without) \(([^)]*)\)`)
	for _, e := range expressions(t)[:len(expressions(t))-1] {
		labels := []string{"job", "instance", "client", "alertname", "severity"}
		for _, n := range name.FindAllString(e, -1) {
			labels = append(labels, names[n]...)
		}
		for _, by := range grouping.FindAllStringSubmatch(e, -1) {
			for l := range strings.SplitSeq(by[1], ", ") {
				if !slices.Contains(labels, l) {
					t.Errorf("no metric in %s has a label %s", e, l)
				}
			}
		}
	}
}

func TestLegendsNameLabelsThatTheQueryKeeps(t *testing.T) {
	label := regexp.MustCompile(`\{\{(\w+)\}\}`)
	for _, p := range dashboard(t).Panels {
		for _, target := range p.Targets {
			for _, l := range label.FindAllStringSubmatch(target.LegendFormat, -1) {
				if !regexp.MustCompile(`by \([^)]*\b` + l[1] + `\b`).MatchString(target.Expr) {
					t.Errorf("panel %q: legend {{%s}} for %s, which does not group by it", p.Title,
						l[1], target.Expr)
				}
			}
		}
	}
}

func TestEveryQueryObeysTheVariables(t *testing.T) {
	m := dashboard(t)
	var variables []string
	for _, v := range m.Templating.List {
		variables = append(variables, v.Name)
	}
	if want := []string{"datasource", "job", "client"}; !slices.Equal(variables, want) {
		t.Fatalf("the variables are %v, want %v", variables, want)
	}
	for _, p := range m.Panels {
		if p.Type != "row" && p.Datasource.UID != "${datasource}" {
			t.Errorf("panel %q has the data source %q", p.Title, p.Datasource.UID)
		}
		for _, target := range p.Targets {
			if strings.Count(target.Expr, `{job=~"$job",client=~"$client"}`) !=
				len(name.FindAllString(target.Expr, -1)) {
				t.Errorf("panel %q asks for what the variables did not choose: %s", p.Title,
					target.Expr)
			}
		}
	}
}

// A description is a question, an empty line, and what to do.
func TestEveryPanelSaysWhatItAnswersAndWhatToDo(t *testing.T) {
	titles := map[string]bool{}
	for _, p := range dashboard(t).Panels {
		if p.Type == "row" {
			continue
		}
		question, advice, _ := strings.Cut(p.Description, "\n\n")
		if !strings.Contains(question, "?") || len(advice) < 30 {
			t.Errorf("panel %q is described by %q", p.Title, p.Description)
		}
		if titles[p.Title] || p.Title == "" {
			t.Errorf("title %q is taken or empty", p.Title)
		}
		titles[p.Title] = true
		if len(p.Targets) == 0 {
			t.Errorf("panel %q has no query", p.Title)
		}
	}
}

func TestPanelsFillTheGridWithoutOverlap(t *testing.T) {
	ids := map[int]bool{}
	var before []panel
	for _, p := range dashboard(t).Panels {
		if g := p.GridPos; g.W < 1 || g.H < 1 || g.X < 0 || g.X+g.W > 24 {
			t.Errorf("panel %q is at %+v", p.Title, g)
		}
		for _, o := range before {
			a, b := p.GridPos, o.GridPos
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("panels %q and %q overlap", p.Title, o.Title)
			}
		}
		if ids[p.ID] {
			t.Errorf("id %d is taken twice", p.ID)
		}
		ids[p.ID] = true
		before = append(before, p)
	}
}

func TestTheDashboardReadsAsThePipeDoes(t *testing.T) {
	m := dashboard(t)
	if m.Panels[0].GridPos.Y != 0 || !strings.HasPrefix(m.Panels[0].Title, "Will events be lost") {
		t.Errorf("the dashboard begins with %q", m.Panels[0].Title)
	}
	x, y := -1, -1
	for _, stage := range []string{"1 Emitted", "2 Queue", "3 Permits", "4 Kafka", "5 Lost"} {
		i := slices.IndexFunc(m.Panels, func(p panel) bool {
			return strings.HasPrefix(p.Title, stage)
		})
		if i < 0 {
			t.Fatalf("there is no panel for %q", stage)
		}
		at := m.Panels[i].GridPos
		if at.X <= x || y >= 0 && at.Y != y {
			t.Errorf("%q is at %+v, not to the right of the stage before it", stage, at)
		}
		x, y = at.X, at.Y
	}
}

func TestEveryAlertHasASectionOfTheRunbook(t *testing.T) {
	const base = "https://github.com/dashstream/dashstream-go/blob/main/selfmetrics/dashboards/" +
		dashboards.RunbookFile
	alerts := regexp.MustCompile(`(?m)^\s+- alert: (\w+)$`).FindAllStringSubmatch(rules(), -1)
	links := regexp.MustCompile(`(?m)^\s+runbook_url: (\S+)$`).FindAllStringSubmatch(rules(), -1)
	want := []string{"DashstreamFillingUp", "DashstreamOldestEventTooOld",
		"DashstreamPermitsSaturated", "DashstreamDropping", "DashstreamShedding",
		"DashstreamBrokerUnreachable", "DashstreamWorkerStalled", "DashstreamProducerGone",
		"DashstreamReportMissing", "DashstreamAccountsDoNotBalance"}
	if len(alerts) != len(want) || len(links) != len(want) {
		t.Fatalf("%d alerts with %d links, want %d", len(alerts), len(links), len(want))
	}
	runbook := string(dashboards.Runbook())
	for i, a := range alerts {
		if a[1] != want[i] {
			t.Errorf("alert %d is %s, want %s", i, a[1], want[i])
		}
		if links[i][1] != base+"#"+strings.ToLower(a[1]) {
			t.Errorf("%s links to %s", a[1], links[i][1])
		}
		_, section, ok := strings.Cut(runbook, "\n## "+a[1]+"\n")
		if !ok {
			t.Errorf("the runbook has no section %s", a[1])
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		for _, part := range []string{"**Means.**", "**Look at.**", "**Change.**", "```promql"} {
			if !strings.Contains(section, part) {
				t.Errorf("the section %s has no %s", a[1], part)
			}
		}
	}
}

// promtool runs these files: see .ci/run.
func TestEveryAlertIsTestedForFiringAndForNot(t *testing.T) {
	for _, a := range regexp.MustCompile(`(?m)^\s+- alert: (\w+)$`).FindAllStringSubmatch(rules(),
		-1) {
		text, err := os.ReadFile("testdata/alerts/" + a[1] + ".yaml")
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(string(text), "exp_labels:") || !strings.Contains(string(text),
			"exp_alerts: []") {
			t.Errorf("%s is not tested for firing and for not firing", a[1])
		}
	}
}

func TestLinksWithinTheRunbookLeadSomewhere(t *testing.T) {
	runbook := string(dashboards.Runbook())
	for _, link := range regexp.MustCompile(`\]\(#(\w+)\)`).FindAllStringSubmatch(runbook, -1) {
		if !strings.Contains(strings.ToLower(runbook), "\n## "+link[1]+"\n") {
			t.Errorf("#%s leads nowhere", link[1])
		}
	}
}

func TestEverySettingThatIsAdvisedExists(t *testing.T) {
	settings, err := os.ReadFile("../../callback/SETTINGS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(dashboards.Dashboard()), string(dashboards.Runbook()),
		rules()} {
		for _, variable := range regexp.MustCompile(`DASHSTREAM_[A-Z_]+`).FindAllString(text, -1) {
			if !strings.Contains(string(settings), "`"+variable+"`") {
				t.Errorf("%s is advised and no setting", variable)
			}
		}
	}
}

func TestTheFilesCanBeInstalled(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, dashboards.Files); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{dashboards.DashboardFile, dashboards.AlertsFile,
		dashboards.RunbookFile} {
		if b, err := os.ReadFile(dir + "/" + f); err != nil || len(b) == 0 {
			t.Errorf("%s: %d bytes, %v", f, len(b), err)
		}
	}
}
