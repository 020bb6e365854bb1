package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
)

// column is one column of a table: "" means that the row has nothing to show there.
type column struct {
	title string
	text  func(*row) string
}

var columns = []column{
	{"case", func(r *row) string { return r.Case }},
	{"contender", func(r *row) string { return r.Contender }},
	{"values", func(r *row) string { return r.Values }},
	{"compression", func(r *row) string { return r.Compression }},
	{"events/record", func(r *row) string { return number(r.EventsPerRecord) }},
	{"ns/op", func(r *row) string { return number(r.NsPerOp) }},
	{"CPU ns/op", func(r *row) string { return number(r.CPUPerOp) }},
	{"of it compressing", func(r *row) string { return number(r.CompressionPerOp) }},
	{"B/op", func(r *row) string { return counted(r, r.BytesPerOp) }},
	{"allocs/op", func(r *row) string { return counted(r, r.AllocsPerOp) }},
	{"events/s", func(r *row) string { return rate(r.PerSecond) }},
	{"call p50", func(r *row) string { return quantile(r.Call, r.Call.P50) }},
	{"p99", func(r *row) string { return quantile(r.Call, r.Call.P99) }},
	{"p99.9", func(r *row) string { return quantile(r.Call, r.Call.P999) }},
	{"max", func(r *row) string { return quantile(r.Call, r.Call.Max) }},
	{"emit to ack p50", func(r *row) string { return quantile(r.EmitToAck, r.EmitToAck.P50) }},
	{"ack p99", func(r *row) string { return quantile(r.EmitToAck, r.EmitToAck.P99) }},
	{"own work p50", func(r *row) string { return quantile(r.Work, r.Work.P50) }},
	{"work p99", func(r *row) string { return quantile(r.Work, r.Work.P99) }},
	{"work max", func(r *row) string { return quantile(r.Work, r.Work.Max) }},
	{"wire B/op", func(r *row) string { return number(r.WirePerOp) }},
	{"peak heap", func(r *row) string { return mebibytes(r.PeakHeap) }},
	{"B/run", func(r *row) string { return number(r.BytesPerRun) }},
	{"multiple", func(r *row) string { return multiple(r.Multiple) }},
	{"delivered %", func(r *row) string { return percent(r.Delivered) }},
	{"where the CPU ns go", (*row).sharesText},
	{"note", func(r *row) string { return r.Note }},
}

func number(v float64) string {
	switch {
	case v == 0:
		return ""
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func counted(r *row, v float64) string {
	if !r.hasAllocs {
		return ""
	}
	if v < 10 {
		return strings.TrimSuffix(strings.TrimSuffix(fmt.Sprintf("%.2f", v), "0"), ".0")
	}
	return fmt.Sprintf("%.0f", v)
}

func rate(v float64) string {
	switch {
	case v == 0:
		return ""
	case v >= 1e6:
		return fmt.Sprintf("%.2f M", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.0f k", v/1e3)
	}
	return fmt.Sprintf("%.0f", v)
}

func quantile(q measure.Quantiles, d time.Duration) string {
	switch {
	case q.N == 0:
		return ""
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	case d >= 10*time.Microsecond:
		return d.Round(time.Microsecond).String()
	}
	return d.Round(10 * time.Nanosecond).String()
}

func mebibytes(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

func multiple(v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f×", v)
}

func percent(v float64) string {
	if v == 100 {
		return "100"
	}
	return fmt.Sprintf("%.2f", v)
}

// table is the rows of one scenario.
type table struct {
	scenario scenario
	rows     []row
}

// used returns the columns that at least one row fills.
func (t *table) used() []column {
	var used []column
	for _, c := range columns {
		for i := range t.rows {
			if c.text(&t.rows[i]) != "" {
				used = append(used, c)
				break
			}
		}
	}
	return used
}

func (t *table) writeText(w io.Writer) {
	fmt.Fprintf(w, "\n%s: %s\n\n", t.scenario.name, t.scenario.title)
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	used := t.used()
	for _, c := range used {
		fmt.Fprintf(tab, "%s\t", c.title)
	}
	fmt.Fprintln(tab)
	for i := range t.rows {
		for _, c := range used {
			fmt.Fprintf(tab, "%s\t", c.text(&t.rows[i]))
		}
		fmt.Fprintln(tab)
	}
	_ = tab.Flush() // w tells of its errors at the end
}

func (t *table) writeMarkdown(w io.Writer) {
	used := t.used()
	fmt.Fprintf(w, "\n**%s** (`--scenario %s`)\n\n|", t.scenario.title, t.scenario.name)
	for _, c := range used {
		fmt.Fprintf(w, " %s |", c.title)
	}
	fmt.Fprint(w, "\n|")
	for range used {
		fmt.Fprint(w, "---|")
	}
	fmt.Fprintln(w)
	for i := range t.rows {
		fmt.Fprint(w, "|")
		for _, c := range used {
			fmt.Fprintf(w, " %s |", c.text(&t.rows[i]))
		}
		fmt.Fprintln(w)
	}
}

// writeTables writes all tables in a format: text, markdown or json.
func writeTables(w io.Writer, format, machine string, tables []table) error {
	switch format {
	case "text":
		fmt.Fprintln(w, machine)
		for i := range tables {
			tables[i].writeText(w)
		}
	case "markdown":
		fmt.Fprintln(w, machine)
		for i := range tables {
			tables[i].writeMarkdown(w)
		}
	case "json":
		rows := []row{}
		for i := range tables {
			rows = append(rows, tables[i].rows...)
		}
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(struct {
			Machine string `json:"machine"`
			Rows    []row  `json:"rows"`
		}{machine, rows})
	}
	return nil
}
