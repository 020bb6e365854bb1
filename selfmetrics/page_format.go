package selfmetrics

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
)

// pageFuncs are what page.html calls.
var pageFuncs = template.FuncMap{
	"bytes":   formatBytes,
	"int":     func(n int64) float64 { return float64(n) },
	"count":   formatCount,
	"seconds": formatSeconds,
	"rate":    formatRate,
	"plural":  formatPlural,
	"icon":    drawIcon,
	"percent": formatPercent,
	"clock":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	"words":   words,
	"share":   share,
	"tank":    drawTank,
	"plots":   drawPlots,
}

// icons are the colors and the signs of the page's icon, by the class of the state.
var icons = map[string][2]string{
	"ok": {"1a7f37", "\u2713"}, "filling": {"0969da", "\u2191"}, "silent": {"8250df", "?"},
	"elevated": {"9a6700", "!"},
	"critical": {"bc4c00", "!!"}, "dropping": {"cf222e", "\u00d7"},
}

// drawIcon draws the page's icon, which is the state as it is seen among many tabs.
func drawIcon(class string) template.URL {
	icon, ok := icons[class]
	if !ok {
		icon = [2]string{"59636e", "–"}
	}
	svg :=
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" fill="#` + icon[0] +
			`"/><text x="8" y="12" font-size="11" font-weight="bold" text-anchor="middle" fill="#fff">` + icon[1] + `</text></svg>`
	return template.URL("data:image/svg+xml;base64," +
		base64.StdEncoding.EncodeToString([]byte(svg)))
}

// share is a level as a part of its limit, 0 to 1.
func share(level, limit int64) float64 {
	if limit <= 0 {
		return 0
	}
	return min(max(float64(level)/float64(limit), 0), 1)
}

// formatPercent writes a share. Only what is all of it is 100 %, and only nothing is 0 %.
func formatPercent(share float64) string {
	percent := math.Round(100 * share)
	switch {
	case share < 1 && percent >= 100:
		percent = 99
	case share > 0 && percent < 1:
		return "< 1 %"
	}
	return strconv.FormatFloat(percent, 'f', 0, 64) + " %"
}

// formatPlural writes how many there are of something.
func formatPlural(n int64, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "ch"):
		return formatCount(n) + " " + one + "es"
	}
	return formatCount(n) + " " + one + "s"
}

// formatRate writes how many events there are in a second: what is rarer than one a second is not
// none.
func formatRate(n float64) string {
	if n > 0 && n < 9.95 {
		return shortNumber(math.Round(10*n) / 10)
	}
	return formatCount(math.Round(n))
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
