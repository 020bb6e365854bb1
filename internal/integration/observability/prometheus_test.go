package observability

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// prometheus is a running Prometheus, asked by its HTTP API.
type prometheus struct {
	t       *testing.T
	address string
}

// startPrometheus starts Prometheus with the committed configuration, but for the address of the
// producer and a scrape each second, and returns when it is ready.
func startPrometheus(t *testing.T, ctx context.Context, target string) *prometheus {
	t.Helper()
	rules, err := filepath.Abs("../../selfmetrics/dashboards/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile("prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"prometheus.yml": strings.NewReplacer("../../selfmetrics/dashboards/alerts.yaml", rules,
			"scrape_interval: 15s", "scrape_interval: 1s").Replace(string(config)),
		"targets.yaml": "- targets: [" + strconv.Quote(target) + "]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := &prometheus{t: t, address: freeAddress(t)}
	(&stack{t: t}).start(exec.Command("prometheus", "--config.file="+filepath.Join(dir,
		"prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+p.address, "--log.level=warn"))
	await(t, ctx, "Prometheus is ready", func() bool {
		resp, err := http.Get("http://" + p.address + "/-/ready")
		if err != nil {
			return false
		}
		defer resp.Body.Close() //nolint:errcheck // nothing is read
		return resp.StatusCode == http.StatusOK
	})
	return p
}

// freeAddress is one on loopback that nobody listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it took no connection
	return l.Addr().String()
}

func getJSON(url string, v any) error {
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	return json.NewDecoder(resp.Body).Decode(v)
}

// series is one of a query's answers.
type series struct {
	Metric map[string]string
	Value  [2]any // when, and the value as text
}

// query asks for an expression as it is now.
func (p *prometheus) query(expr string) ([]series, error) {
	var answer struct {
		Status, Error string
		Data          struct{ Result []series }
	}
	if err := getJSON("http://"+p.address+"/api/v1/query?query="+url.QueryEscape(expr),
		&answer); err != nil {
		return nil, err
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("%s: %s", expr, answer.Error)
	}
	return answer.Data.Result, nil
}

// value is that of the first series of an expression, 0 if it has none.
func (p *prometheus) value(expr string) float64 {
	p.t.Helper()
	list, err := p.query(expr)
	if err != nil {
		p.t.Fatal(err)
	}
	if len(list) == 0 {
		return 0
	}
	v, err := strconv.ParseFloat(fmt.Sprint(list[0].Value[1]), 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

type alert struct {
	Labels, Annotations map[string]string
	State               string
}

func (p *prometheus) alerts() []alert {
	p.t.Helper()
	var answer struct{ Data struct{ Alerts []alert } }
	if err := getJSON("http://"+p.address+"/api/v1/alerts", &answer); err != nil {
		p.t.Fatal(err)
	}
	return answer.Data.Alerts
}

// firing are the names of the alerts that fire, sorted.
func (p *prometheus) firing() []string {
	p.t.Helper()
	names := map[string]bool{}
	for _, a := range p.alerts() {
		if a.State == "firing" {
			names[a.Labels["alertname"]] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func (p *prometheus) description(name string) string {
	p.t.Helper()
	for _, a := range p.alerts() {
		if a.Labels["alertname"] == name {
			return a.Annotations["description"]
		}
	}
	return ""
}

// ruleProblems are the errors of rules that cannot be evaluated.
func (p *prometheus) ruleProblems() (problems []string) {
	p.t.Helper()
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
	}
	if err := getJSON("http://"+p.address+"/api/v1/rules", &answer); err != nil {
		p.t.Fatal(err)
	}
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			if r.Health != "ok" {
				problems = append(problems, r.Name+" is "+r.Health+": "+r.LastError)
			}
		}
	}
	return problems
}
