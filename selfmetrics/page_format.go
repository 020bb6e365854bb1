package selfmetrics

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"time"
)

// pageFuncs are what page.html calls.
var pageFuncs = template.FuncMap{
	"bytes":   formatBytes,
	"int":     func(n int64) float64 { return float64(n) },
	"count":   formatCount,
	"seconds": formatSeconds,
	"percent": func(share float64) string {
		return strconv.FormatFloat(100*share, 'f', 0, 64) +
			" %"
	},
	"clock": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	"words": words,
	"share": share,
	"tank":  drawTank,
	"plots": drawPlots,
}

// share is a level as a part of its limit, 0 to 1.
func share(level, limit int64) float64 {
	if limit <= 0 {
		return 0
	}
	return min(max(float64(level)/float64(limit), 0), 1)
}

func formatBytes(n float64) string {
	const step = 1024
	for _, unit := range []string{"B", "KiB", "MiB", "GiB"} {
		if math.Abs(n) < step {
			return shortNumber(n) + " " + unit
		}
		n /= step
	}
	return shortNumber(n) + " TiB"
}

// shortNumber writes three digits, more in front of the point if it has to be.
func shortNumber(n float64) string {
	switch {
	case n == math.Trunc(n) || math.Abs(n) >= 100:
		return strconv.FormatFloat(n, 'f', 0, 64)
	case math.Abs(n) >= 10:
		return strconv.FormatFloat(n, 'f', 1, 64)
	}
	return strconv.FormatFloat(n, 'f', 2, 64)
}

// formatCount writes a whole number with a thin space between thousands.
func formatCount(n any) string {
	digits := fmt.Sprint(n)
	if f, ok := n.(float64); ok {
		digits = strconv.FormatFloat(f, 'f', 0, 64)
	}
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u2009" + digits[i:]
	}
	return sign + digits
}

// formatSeconds writes a duration that somebody reads at a glance.
func formatSeconds(of any) string {
	s, ok := of.(float64)
	if x, is := of.(pageSeconds); is {
		s, ok = float64(x), true
	}
	switch {
	case !ok || math.IsInf(s, 0) || math.IsNaN(s):
		return "–"
	case s == 0:
		return "0 s"
	case s < 1e-3:
		return shortNumber(s*1e6) + " µs"
	case s < 1:
		return shortNumber(s*1e3) + " ms"
	case s < 10:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	case s < 120:
		return strconv.FormatFloat(s, 'f', 0, 64) + " s"
	case s < 2*60*60:
		return strconv.FormatFloat(s/60, 'f', 0, 64) + " min"
	case s < 48*60*60:
		return strconv.FormatFloat(s/60/60, 'f', 0, 64) + " h"
	}
	return strconv.FormatFloat(s/60/60/24, 'f', 0, 64) + " days"
}

// words turns a name of the metrics into words.
func words(name string) string {
	b := []byte(name)
	for i := range b {
		if b[i] == '_' {
			b[i] = ' '
		}
	}
	return string(b)
}
