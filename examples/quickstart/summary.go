package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

// summary prints the answers and the account.
func (q *quickstart) summary(
	answers []answer, failed int, report callback.Report, stats callback.Stats,
) {
	w, paint := q.stdout, q.tree.paint
	if !q.quiet {
		seen := map[string]bool{}
		fmt.Fprintln(w)
		for _, x := range answers {
			if seen[x.question] || len(seen) >= 12 {
				continue
			}
			seen[x.question] = true
			fmt.Fprintf(w, "%s\n", paint(bold, x.question))
			text := x.text
			if x.err != nil {
				text = paint(red, "failed: "+x.err.Error())
			}
			first, _, _ := strings.Cut(text, "\n")
			fmt.Fprintf(w, "  %s\n", clip(first, 220))
		}
	}
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(w, "\n%s\n", paint(bold, "Summary"))
	runs := fmt.Sprintf("%d, %d failed", len(answers), failed)
	canceled := 0
	for _, x := range answers {
		if x.canceled() {
			canceled++
		}
	}
	if canceled > 0 {
		runs += fmt.Sprintf(", %d canceled", canceled)
	}
	row("runs", "%s", runs)
	row("emitted", "%d events", report.Emitted)
	row("delivered", "%d", report.Delivered)
	if report.Unchanged > 0 {
		row("unchanged", "%d states that did not have to be sent", report.Unchanged)
	}
	row("dropped", "%d%s", stats.Total.DroppedTotal(), reasons(report.Dropped))
	row("unacknowledged", "%d", report.Unacknowledged)
	row("read back", "%d messages of %d, which carry what was delivered",
		q.stream.messages.Load(), stats.Total.Messages)
	batches := stats.Send[0].Count
	row("batches", "%d, %.1f events each", batches,
		float64(report.Delivered)/float64(max(batches, 1)))
	row("on the wire", "%d bytes, %d before compression", stats.Sender.WireBytes,
		stats.Sender.UncompressedBytes)
	row("emit to ack", "p50 %v, p99 %v", round(stats.EmitToAck.Quantile(.5)),
		round(stats.EmitToAck.Quantile(.99)))
	if err := q.stream.compare(stats); err != nil {
		row("verdict", "%s", paint(red, "what was read back differs from what was emitted"))
		return
	}
	row("verdict", "%s", paint(green, "every message was read back, once and in order"))
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

func reasons(dropped map[string]uint64) string {
	var parts []string
	for reason, n := range dropped {
		parts = append(parts, fmt.Sprintf("%s %d", reason, n))
	}
	if parts == nil {
		return ""
	}
	slices.Sort(parts)
	return " (" + strings.Join(parts, ", ") + ")"
}
