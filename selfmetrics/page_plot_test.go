package selfmetrics

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestAPlotDrawsTheMinutesThatEndNow(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(second int, bytes int64) pageMoment {
		return pageMoment{At: now.Add(time.Duration(5*(second-60)) * time.Second),
			Used:    float64(bytes) / 100,
			Seconds: pageSeconds(math.Inf(1))}
	}
	for name, tt := range map[string]struct {
		history []pageMoment
		want    string
	}{
		"nothing was ever held": {nil, "0,48 240,48"},
		"two moments far from each other": {[]pageMoment{at(0, 50), at(60, 50)},
			"0,24 0,48 240,48 240,24"},
		"older than that, over the top": {[]pageMoment{at(-1, 50), at(0, 200)},
			"0,24 0,48 0,48 0,0 0,48 240,48"},
	} {
		t.Run(name, func(t *testing.T) {
			d := pageData{At: now, History: tt.history, Queue: pageQueue{CapacityBytes: 100}}
			for _, p := range drawPlots(&d) {
				if strings.HasPrefix(p.Title, "Queue") && (p.Lines[0].Points != tt.want ||
					!p.Limit) {
					t.Errorf("the points are %s, want %s", p.Lines[0].Points, tt.want)
				}
				if strings.Contains(p.Lines[0].Points, "NaN") || strings.Contains(p.Now+p.Scale,
					"NaN") || strings.Contains(p.Now+p.Scale, "Inf") {
					t.Errorf("plot %q: %+v", p.Title, p)
				}
			}
		})
	}
}

func TestTheOnsetIsMarkedInTheHistory(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for before, want := range map[time.Duration]string{0: "240", 150 * time.Second: "120",
		10 * time.Minute: ""} {
		at := now.Add(-before)
		for _, p := range drawPlots(&pageData{At: now, Pressure: pagePressure{OnsetAt: &at}}) {
			if p.Onset != want {
				t.Errorf("what began %v ago is marked at %q, want %q", before, p.Onset, want)
			}
		}
	}
}

func TestATankIsAsFullAsItsLevel(t *testing.T) {
	for level, class := range map[float64]string{0: "ok", 0.49: "ok", 0.5: "elevated",
		0.8: "critical", 1: "dropping"} {
		tank := drawTank(level, 1)
		if tank.Class != class || math.Abs(tank.Top+tank.Height-tankHeight) > 1e-9 ||
			math.Abs(tank.Height-level*tankHeight) > 0.05 || tank.Mark != 0 {
			t.Errorf("a level of %v is drawn as %+v", level, tank)
		}
	}
	if share(5, 0) != 0 || share(200, 100) != 1 || share(-1, 100) != 0 {
		t.Error("a share is not between 0 and 1")
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for got, want := range map[string]string{
		formatBytes(0): "0 B", formatBytes(1536): "1.50 KiB", formatBytes(134217728): "128 MiB",
		formatBytes(5 << 40): "5 TiB", formatBytes(12.3 * (1 << 20)): "12.3 MiB",
		formatCount(uint64(999)): "999", formatCount(int64(-1234)): "-1\u2009234",
		formatCount(1234567.4): "1\u2009234\u2009567",
		formatSeconds(0.0):     "0 s", formatSeconds(0.0000042): "4.20 µs",
		formatSeconds(0.25): "250 ms", formatSeconds(9.96): "10.0 s", formatSeconds(119.0): "119 s",
		formatSeconds(180.0): "3 min", formatSeconds(7200.0): "2 h",
		formatSeconds(200000.0): "2 days", formatSeconds(pageSeconds(math.Inf(1))): "–",
		words("queue_bytes"): "queue bytes", formatRate(0.4): "0.40", formatRate(0.0): "0",
		formatRate(1234.4):   "1\u2009234",
		formatPercent(0.999): "99 %", formatPercent(0.001): "< 1 %", formatPercent(1): "100 %",
		formatPercent(0): "0 %",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
