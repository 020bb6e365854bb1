package selfmetrics

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestAPlotDrawsTheMinuteThatEndsNow(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(second int, bytes int64) pageMoment {
		return pageMoment{At: now.Add(time.Duration(second-60) * time.Second), Bytes: bytes,
			Seconds: pageSeconds(math.Inf(1))}
	}
	for name, tt := range map[string]struct {
		history []pageMoment
		want    string
	}{
		"nothing was ever held": {nil, "0,48 240,48"},
		"the whole minute": {[]pageMoment{at(0, 0), at(1, 25), at(2, 50),
			at(59, 50), at(60, 100)}, "0,48 4,36 8,24 8,48 236,48 236,24 240,0"},
		"nothing was held before and after": {[]pageMoment{at(30, 50), at(31, 50)},
			"0,48 120,48 120,24 124,24 124,48 240,48"},
		"older than a minute, and over the top": {[]pageMoment{at(-1, 50), at(0, 200), at(1, 100)},
			"0,24 0,0 4,0 4,48 240,48"},
	} {
		t.Run(name, func(t *testing.T) {
			d := pageData{At: now, History: tt.history, Queue: pageQueue{CapacityBytes: 100}}
			for _, p := range drawPlots(&d) {
				if p.Title == "Bytes held" && (p.Lines[0].Points != tt.want || !p.Limit) {
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

func TestLossesArePlottedFromTheFirstMomentAndStay(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	d := pageData{At: now, History: []pageMoment{{At: now.Add(-30 * time.Second), Lost: 7},
		{At: now.Add(-29 * time.Second), Lost: 9}}}
	for _, p := range drawPlots(&d) {
		if strings.HasPrefix(p.Title, "Events lost") && (p.Now != "2" || p.Scale != "up to 2" ||
			p.Lines[0].Points != "0,48 120,48 120,48 124,0 124,0 240,0") {
			t.Errorf("losses are plotted as %+v", p)
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
		words("queue_bytes"): "queue bytes",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
