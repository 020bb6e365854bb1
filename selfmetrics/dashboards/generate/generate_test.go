package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
)

func TestTheCommittedDashboardIsTheGeneratedOne(t *testing.T) {
	committed, err := os.ReadFile("../dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	generated, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, generated) {
		t.Error("dashboard.json is not what the generator writes: go run . -o ../dashboard.json")
	}
}

// The schema is that of the SDK: required fields, types, values of enumerations, and no field that
// it does not know, also in the options of each kind of panel and query.
func TestTheCommittedDashboardKeepsToTheSchema(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	committed, err := os.ReadFile("../dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	if problems := judge(committed); problems != "" {
		t.Error(problems)
	}
	for _, change := range [][2]string{{`"fieldConfig"`, `"fieldConfiguration"`},
		{`"graphMode"`, `"graphMod"`}, {`"refId": "A"`, `"refId": 1`}} {
		if broken := bytes.Replace(committed, []byte(change[0]), []byte(change[1]),
			1); judge(broken) == "" {
			t.Errorf("%s in the place of %s is not noticed", change[1], change[0])
		}
	}
}

// judge returns what is wrong with a dashboard, "" if nothing is. (The SDK returns a list as an
// error, also an empty one.)
func judge(text []byte) string {
	var d classic
	var problems []string
	if err := d.UnmarshalJSONStrict(text); err != nil {
		problems = append(problems, err.Error())
	}
	if err := d.Validate(); err != nil {
		problems = append(problems, err.Error())
	}
	return strings.Join(problems, "")
}

func TestGeneratingTwiceGivesTheSame(t *testing.T) {
	first, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	if second, _ := generate(); !bytes.Equal(first, second) {
		t.Error("two dashboards differ")
	}
}
