package selfmetrics

import (
	"math"

	"github.com/dashstream/dashstream-go/batching"
)

// trend is how a level rises: level + slope·t + bend·t². The zero value is a level that does not rise.
type trend struct {
	slope, bend float64
	// began is the age of the sample at which the rise began, lasted the time since then, in seconds, and rise by how much it rose.
	began        int
	lasted, rise float64
}

const (
	// longFit and shortFit are the times over which a trend is fitted, in seconds: the long one for its precision, the short one to see
	// that the long one no longer holds.
	longFit  = 20.0
	shortFit = 4.0
	// flattened is the share of the long trend's slope below which the short one says that the rise has ended.
	flattened = 0.25
	// bendTest is how much better, as an F statistic, a parabola has to fit than a line. Successive samples are not independent, so it is
	// far above what the tables say.
	bendTest = 40.0
	// endless is the longest forecast, in seconds; what takes longer does not count as a trend.
	endless = 3600.0
)

// trend finds out how a level rises now.
func (r *sampleRing) trend(limit batching.Limit, full, leastRise float64) trend {
	now := r.get(0)
	began := r.lowest(limit)
	t := trend{began: began, lasted: now.t - r.get(began).t, rise: now.level[limit] - r.get(began).level[limit]}
	if t.rise < leastRise || began < 2 {
		return t
	}
	long := r.fit(limit, min(began, r.since(longFit)))
	short := r.fit(limit, min(began, max(r.since(shortFit), 2)))
	if short.slope <= flattened*long.slope || long.slope <= 0 {
		return t
	}
	t.slope, t.bend = long.slope, long.bend
	if long.bend == 0 && math.Abs(short.slope-long.slope) > 4*(short.err+long.err)+0.1*long.slope {
		t.slope = short.slope // the rate has changed within the long fit
	}
	return t
}

// lowest returns the age of the lowest sample of the last minute, the newest if there are several.
func (r *sampleRing) lowest(limit batching.Limit) int {
	low := 0
	for i := 1; i < r.n && r.get(0).t-r.get(i).t <= keptFor.Seconds(); i++ {
		if r.get(i).level[limit] < r.get(low).level[limit] {
			low = i
		}
	}
	return low
}

// secondsTo returns how long the trend takes from level to full, +Inf if it does not get there in any time that counts.
func (t *trend) secondsTo(level, full float64) float64 {
	rest := full - level
	if t.slope <= 0 {
		return math.Inf(1)
	}
	if rest <= 0 {
		return 0
	}
	seconds := rest / t.slope
	if t.bend != 0 {
		d := t.slope*t.slope + 4*t.bend*rest
		if d < 0 {
			return math.Inf(1) // it turns before
		}
		seconds = 2 * rest / (t.slope + math.Sqrt(d))
	}
	if seconds > endless {
		return math.Inf(1)
	}
	return seconds
}

// fitted is a line or parabola through samples: its slope and bend at the newest one, and the standard error of the slope.
type fitted struct{ slope, bend, err float64 }

// fit puts a line through the newest samples, up to the age of oldest, and a parabola if that is clearly better.
func (r *sampleRing) fit(limit batching.Limit, oldest int) fitted {
	now := r.get(0)
	width := now.t - r.get(oldest).t
	n := float64(oldest + 1)
	if width <= 0 {
		return fitted{}
	}
	// Sums over x in [-1, 0] and over y relative to the newest level, which keeps them well conditioned.
	var x1, x2, x3, x4, y0, y1, y2, yy float64
	for i := 0; i <= oldest; i++ {
		s := r.get(i)
		x, y := (s.t-now.t)/width, s.level[limit]-now.level[limit]
		x1 += x
		x2 += x * x
		x3 += x * x * x
		x4 += x * x * x * x
		y0 += y
		y1 += x * y
		y2 += x * x * y
		yy += y * y
	}
	det := n*x2 - x1*x1
	if det <= 0 {
		return fitted{}
	}
	b := (n*y1 - x1*y0) / det
	a := (y0 - b*x1) / n
	left := max(yy-a*y0-b*y1, 0)
	f := fitted{slope: b / width}
	if n > 2 {
		f.err = math.Sqrt(left/(n-2)*n/det) / width
	}
	if n < 24 {
		return f
	}
	a, b, c, ok := solve3(n, x1, x2, x3, x4, y0, y1, y2)
	if !ok {
		return f
	}
	leftBent := max(yy-a*y0-b*y1-c*y2, 0)
	if left-leftBent > bendTest*leftBent/(n-3) {
		f.slope, f.bend = b/width, c/(width*width)
	}
	return f
}

// solve3 solves the normal equations of a parabola a + b·x + c·x².
func solve3(n, x1, x2, x3, x4, y0, y1, y2 float64) (a, b, c float64, ok bool) {
	d := n*(x2*x4-x3*x3) - x1*(x1*x4-x2*x3) + x2*(x1*x3-x2*x2)
	if math.Abs(d) < 1e-12 {
		return 0, 0, 0, false
	}
	a = (y0*(x2*x4-x3*x3) - x1*(y1*x4-y2*x3) + x2*(y1*x3-y2*x2)) / d
	b = (n*(y1*x4-y2*x3) - y0*(x1*x4-x2*x3) + x2*(x1*y2-x2*y1)) / d
	c = (n*(x2*y2-x3*y1) - x1*(x1*y2-x2*y1) + y0*(x1*x3-x2*x2)) / d
	return a, b, c, true
}
