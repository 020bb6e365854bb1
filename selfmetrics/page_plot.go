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

// A plot shows a minute in a box of plotWidth by plotHeight, one second being plotWidth/60.
const (
	plotWidth, plotHeight = 240, 48
	plotFor               = time.Minute
	// gap is how far apart two moments are when nothing was held in between.
	gap = 2 * time.Second
)

// plot is one small graph.
type plot struct {
	Title string
	Now   string // the last value
	Scale string // what the upper edge stands for: "limit 8 MiB", "up to 51/s"
	Lines []plotLine
	Limit bool // the upper edge is a limit
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

// drawPlots draws the history of the last minute.
func drawPlots(d *pageData) []plot {
	perSecond := func(n float64) string { return formatCount(math.Round(n)) + "/s" }
	whole := func(n float64) string { return formatCount(math.Round(n)) }
	percent := func(n float64) string { return strconv.Itoa(int(math.Round(n*100))) + " %" }
	untilLoss := func(n float64) string {
		if n >= farOff {
			return formatSeconds(float64(farOff)) + " or more"
		}
		return formatSeconds(n)
	}
	return []plot{
		draw(d, "Seconds to the first loss", scale{top: farOff}, untilLoss,
			curve{"", func(m *pageMoment) float64 { return min(float64(m.Seconds), farOff) },
				farOff}),
		draw(d, "Pressure", scale{top: 1}, percent,
			curve{"", func(m *pageMoment) float64 { return m.Pressure }, 0}),
		draw(d, "Bytes held", scale{float64(d.Queue.CapacityBytes), true}, formatBytes,
			curve{"", func(m *pageMoment) float64 { return float64(m.Bytes) }, 0}),
		draw(d, "Events held", scale{float64(d.Queue.CapacityEvents), true}, whole,
			curve{"", func(m *pageMoment) float64 { return float64(m.Events) }, 0}),
		draw(d, "Permits held", scale{float64(d.Permits.Limit), true}, whole,
			curve{"", func(m *pageMoment) float64 { return float64(m.Permits) }, 0}),
		draw(d, "Events in and out", scale{}, perSecond,
			curve{"in", func(m *pageMoment) float64 { return m.EventsIn }, 0},
			curve{"out", func(m *pageMoment) float64 { return m.EventsOut }, 0}),
		draw(d, "Bytes in and out", scale{}, func(n float64) string {
			return formatBytes(n) +
				"/s"
		},
			curve{"in", func(m *pageMoment) float64 { return m.BytesIn }, 0},
			curve{"out", func(m *pageMoment) float64 { return m.BytesOut }, 0}),
		draw(d, "Events lost at a limit, in this minute", scale{}, whole,
			curve{"", lostSince(d.History), math.NaN()}),
	}
}

// lostSince is what was lost since the first moment.
func lostSince(history []pageMoment) func(*pageMoment) float64 {
	return func(m *pageMoment) float64 { return float64(m.Lost - history[0].Lost) }
}

// scale is what the upper edge of a plot stands for: 0 is the highest value.
type scale struct {
	top   float64
	limit bool // what must not be reached
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
	if s.limit {
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
