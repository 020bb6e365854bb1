package selfmetrics

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// tank is one stage of the pipe as a picture: how full it is, in a box of tankHeight.
type tank struct {
	Level, HighWater float64 // 0 to 1
	Top, Height      float64 // of what is filled
	Mark             float64 // where the high water stands
	Class            string  // ok, elevated, critical or dropping
}

const tankHeight = 80

// drawTank draws a level and its high water, both shares of the limit.
func drawTank(level, highWater float64) tank {
	t := tank{Level: level, HighWater: highWater, Height: round1(level * tankHeight), Class: "ok"}
	t.Top = round1(tankHeight - t.Height)
	t.Mark = round1(tankHeight * (1 - highWater))
	switch {
	case level >= 0.98:
		t.Class = "dropping"
	case level >= 0.8:
		t.Class = "critical"
	case level >= 0.5:
		t.Class = "elevated"
	}
	return t
}

// A plot shows the history in a box of plotWidth by plotHeight.
const (
	plotWidth, plotHeight = 240, 48
	plotFor               = historyFor
	// gap is how far apart two moments are when nothing was held in between.
	gap = 3 * time.Second
)

// plot is one small graph.
type plot struct {
	Title string
	Now   string // the last value
	Scale string // what the upper edge stands for: "limit 8 MiB", "up to 51/s"
	Lines []plotLine
	Limit bool   // the upper edge is a limit
	Onset string // where a line is drawn, "" for none
}

type plotLine struct{ Name, Points string }

// curve is what is drawn of each moment; idle is its value while nothing is held, NaN if it stays
// what it was.
type curve struct {
	name string
	of   func(*pageMoment) float64
	idle float64
}

// farOff is the most seconds to a loss that a plot shows.
const farOff = 120

// drawPlots draws the history.
func drawPlots(d *pageData) []plot {
	perSecond := func(n float64) string { return formatRate(n) + "/s" }
	bytesPerSecond := func(n float64) string { return formatBytes(n) + "/s" }
	untilLoss := func(n float64) string {
		if n >= farOff && d.Pressure.Seconds.Never() {
			return "none in sight"
		}
		return formatSeconds(n)
	}
	of := func(name string, value func(*pageMoment) float64, idle float64) curve {
		return curve{name, value, idle}
	}
	return []plot{
		draw(d, "Queue, of its bytes and its events", scale{top: 1, limit: true}, formatPercent,
			of("", func(m *pageMoment) float64 { return m.Used }, 0)),
		draw(d, "Seconds to the first loss",
			scale{top: farOff, text: "up to " + formatSeconds(float64(farOff))}, untilLoss,
			of("", func(m *pageMoment) float64 { return min(float64(m.Seconds), farOff) }, farOff)),
		draw(d, "Events", scale{}, perSecond,
			of("emitted", func(m *pageMoment) float64 { return m.Emitted }, 0),
			of("delivered", func(m *pageMoment) float64 { return m.Delivered }, 0)),
		draw(d, "Events lost at a limit", scale{}, perSecond,
			of("", func(m *pageMoment) float64 { return m.LostRate }, 0)),
		draw(d, "Permits held", scale{top: float64(d.Permits.Limit), limit: true}, formatRate,
			of("", func(m *pageMoment) float64 { return float64(m.Permits) }, 0)),
		draw(d, "Memory of the queue", scale{}, bytesPerSecond,
			of("in", func(m *pageMoment) float64 { return m.BytesIn }, 0),
			of("out", func(m *pageMoment) float64 { return m.BytesOut }, 0)),
	}
}

// scale is what the upper edge of a plot stands for: 0 is the highest value.
type scale struct {
	top   float64
	limit bool   // what must not be reached
	text  string // of top, "" for what the curves are written as
}

func draw(d *pageData, title string, s scale, format func(float64) string, curves ...curve) plot {
	top := s.top
	if top == 0 {
		for i := range d.History {
			for _, c := range curves {
				top = max(top, c.of(&d.History[i]))
			}
		}
	}
	p := plot{Title: title, Limit: s.limit, Scale: "up to " + format(top)}
	if at := d.Pressure.OnsetAt; at != nil && d.At.Sub(*at) < plotFor {
		p.Onset = coordinate(plotWidth * (1 - d.At.Sub(*at).Seconds()/plotFor.Seconds()))
	}
	switch {
	case s.text != "":
		p.Scale = s.text
	case s.limit:
		p.Scale = "limit " + format(top)
	}
	if top == 0 {
		top = 1
	}
	var last []string
	for _, c := range curves {
		points, value := c.points(d, top)
		p.Lines = append(p.Lines, plotLine{c.name, points})
		last = append(last, strings.TrimSpace(c.name+" "+format(value)))
	}
	p.Now = strings.Join(last, ", ")
	return p
}

// points returns the curve as an SVG polyline, and its last value.
func (c *curve) points(d *pageData, top float64) (points string, last float64) {
	var b strings.Builder
	add := func(at time.Time, v float64) {
		if math.IsNaN(v) {
			v = last
		}
		x := plotWidth * (1 - d.At.Sub(at).Seconds()/plotFor.Seconds())
		y := plotHeight * (1 - min(max(v/top, 0), 1))
		b.WriteString(coordinate(min(max(x, 0), plotWidth)) + "," + coordinate(y) + " ")
		last = v
	}
	before := d.At.Add(-plotFor)
	for i := range d.History {
		m := &d.History[i]
		if m.At.Sub(before) > gap {
			add(before, c.idle)
			add(m.At, c.idle)
		}
		add(m.At, c.of(m))
		before = m.At
	}
	if d.At.Sub(before) > gap {
		add(before, c.idle)
		add(d.At, c.idle)
	}
	return strings.TrimSpace(b.String()), last
}

func round1(x float64) float64 { return math.Round(10*x) / 10 }

func coordinate(x float64) string { return strconv.FormatFloat(round1(x), 'f', -1, 64) }
