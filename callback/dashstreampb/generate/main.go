// Generate writes what follows from the table of attributes in dashstream.proto: attributes.go and
// ATTRIBUTES.md. It is run in the folder of the .proto file: go run ./generate.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate() error {
	text, err := os.ReadFile("dashstream.proto")
	if err != nil {
		return err
	}
	rows, err := parse(text)
	if err != nil {
		return err
	}
	code, err := format.Source(goFile(rows))
	if err != nil {
		return err
	}
	return cmp.Or(os.WriteFile("attributes.go", code, 0o644),
		os.WriteFile("ATTRIBUTES.md", markdown(rows), 0o644))
}

// row is a line of the table.
type row struct {
	events         []string
	key, kind, who string
	text           string
}

const (
	heading = "// # Attributes of events"
	indent  = "//\t" // of the table's lines
)

// parse reads the table, the indented lines under its heading.
func parse(proto []byte) ([]row, error) {
	var rows []row
	inside := false
	lines := bufio.NewScanner(bytes.NewReader(proto))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "// # "):
			inside = line == heading
			continue
		case !inside || !strings.HasPrefix(line, indent):
			continue
		}
		f := strings.Fields(line[len(indent):])
		if len(f) < 5 || !slices.Contains([]string{"string", "int", "float", "bool"}, f[2]) ||
			!slices.Contains([]string{"sdk", "eino", "app"}, f[3]) {
			return nil, fmt.Errorf("line %d: want events, attribute, type, who and what: %s", n,
				line)
		}
		rows = append(rows, row{strings.Split(f[0], ","), f[1], f[2], f[3],
			strings.Join(f[4:], " ")})
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("no table under %q", heading)
	}
	return rows, lines.Err()
}

const top = "Code generated from dashstream.proto by go run ./generate. DO NOT EDIT."

// goFile returns attributes.go.
func goFile(rows []row) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n\npackage dashstreampb\n\n", top)
	fmt.Fprint(&b, "// Names of events' attributes. The table in dashstream.proto describes "+
		"each of them, and the\n// events that have it.\nconst (\n")
	keys := map[string]bool{}
	for _, r := range rows {
		keys[r.key] = true
	}
	sorted := make([]string, 0, len(keys))
	for key := range keys {
		sorted = append(sorted, key)
	}
	slices.Sort(sorted)
	for _, key := range sorted {
		fmt.Fprintf(&b, "\t%s = %q\n", constant(key), key)
	}
	fmt.Fprint(&b, ")\n\nvar attributes = []Attribute{\n")
	for _, r := range rows {
		for _, event := range r.events {
			fmt.Fprintf(&b, "\t{EventType_EVENT_TYPE_%s, %s, %q, %q},\n", event, constant(r.key),
				r.kind, r.who)
		}
	}
	fmt.Fprint(&b, "}\n")
	return b.Bytes()
}

// constant returns the name of a key's constant, such as AttrLLMTokens.
func constant(key string) string {
	name := "Attr"
	for part := range strings.SplitSeq(key, "_") {
		switch part {
		case "id", "ids", "json", "uri", "us":
			name += strings.Replace(strings.ToUpper(part), "IDS", "IDs", 1)
		default:
			name += strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return name
}

// markdown returns ATTRIBUTES.md: by attribute, in the order of the table, the events together.
func markdown(rows []row) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<!-- %s -->\n\n# Attributes of events\n", top)
	b.WriteString(strings.ReplaceAll(`
What readers find in ~Event.attributes~, by type of event. **sdk**: every producer that uses this
SDK writes it; **eino**: its handler for CloudWeGo Eino; **app**: an application that has it. Names
are constants of ~dashstreampb~ (~AttrModel~), the table is ~dashstreampb.Attributes()~. Costs by
model are the sums of ~prompt_tokens~ and ~completion_tokens~ of LLM_END and LLM_ERROR by ~model~,
and of NODE_END where that has a model (an embedding).

`, "~", "`"))
	fmt.Fprint(&b, "| event | attribute | type | from | what it holds |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", strings.Join(r.events, ", "), r.key,
			r.kind, r.who, strings.ReplaceAll(r.text, "|", `\|`))
	}
	return b.Bytes()
}
