package selfmetrics

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table of metrics in doc.go")

// docTable is the table of the package comment: names with labels, type, unit.
func docTable() string {
	var b strings.Builder
	for _, d := range Definitions() {
		name := d.Name
		if len(d.Labels) > 0 {
			name += "{" + strings.Join(d.Labels, ",") + "}"
		}
		fmt.Fprintf(&b, "//\t%-56s  %-9s  %s\n", name, d.Type, d.Unit)
	}
	return b.String()
}

func TestPackageCommentListsTheDefinitions(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`(?m)^// # Metrics\n//\n((?:.*\n)*?)package selfmetrics`)
	at := table.FindSubmatchIndex(doc)
	if at == nil {
		t.Fatal("doc.go has no section Metrics before its package clause")
	}
	if got, want := string(doc[at[2]:at[3]]), docTable(); got != want {
		if !*update {
			t.Fatalf("the table in doc.go is not that of Definitions; go test ./selfmetrics "+
				"-update rewrites it. Want:\n%s", want)
		}
		updated := string(doc[:at[2]]) + want + string(doc[at[3]:])
		if err := os.WriteFile("doc.go", []byte(updated), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
