package serve

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

var nameOf = regexp.MustCompile(`fqName: "([^"]+)"`)

func TestEveryMetricIsUsedByAnAlertOrAPanel(t *testing.T) {
	var used []byte
	for _, name := range []string{"alerts.yaml", "dashboard.json"} {
		b, err := os.ReadFile("../../monitoring/" + name)
		if err != nil {
			t.Fatal(err)
		}
		used = append(used, b...)
	}
	ch := make(chan *prometheus.Desc, 100)
	(&collector{counters: newCounters()}).Describe(ch)
	close(ch)
	n := 0
	for d := range ch {
		name := nameOf.FindStringSubmatch(d.String())[1]
		if !regexp.MustCompile(name + `(_bucket)?\b`).Match(used) {
			t.Errorf("%s is used by no alert and no panel", name)
		}
		n++
	}
	if n < 15 {
		t.Errorf("%d metrics were looked at", n)
	}
}

func TestAlertsFireWhenTheyShould(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("needs promtool: apt-get install prometheus")
	}
	cmd := exec.CommandContext(t.Context(), promtool, "test", "rules", "alerts_test.yaml")
	cmd.Dir = "../../monitoring"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
