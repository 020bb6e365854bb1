package selfmetrics

import "math"

// trend is how a level rises: its slope now, per second, and by how much that grows, per second.
// The zero value is a level that does not rise.
type trend struct {
	slope, growth float64
	// lasted is the time for which it has been so, in seconds, and rose by how much the level has
	// risen in it.
	lasted, rose float64
}

// windows are the lengths, in bins, over which the present trend may have lasted.
var windows = [...]int{
	2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24, 26, 28, 30, 32, 34,
	36, 40, 44, 48, 52, 56, 60,
}

const (
	// fresh is the time, in seconds, for which a trend counts as new.
	fresh = 12.0
	// memory is the time, in seconds, over which the noise of a flow remembers itself; one
	// observation counts for as much.
	memory = 2.0
	// price is how many times a parameter costs what the criterion says.
	price = 1.5
	// evident is by how many standard errors a slope has to differ from none, plain by how many a
	// growth.
	evident, plain = 2.5, 4.0
	// leastLine, leastHinge and leastFlat are the least times, in seconds, in which a growth, one
	// that begins with nothing, and a trend are looked for.
	leastLine, leastHinge, leastFlat = 28.0, 10.0, 1.0
	// recently is the time, in seconds, in which a level has to have risen by its share of what the
	// trend says.
	recently, itsShare, surely = 4.0, 0.3, 2.0
	// quiet is the noise that is assumed at least, as a share of the limit per second.
	quiet = 2e-4
)

// trend finds out how the level rises now. The level is taken for the sum of what flows, and the
// flow for a line, or a mean, with noise, that at one moment of the last two minutes may have given
// way to another one, or have bent from a mean into a line. Of all such moments, means and lines
// those are taken that explain the flow best for what they cost (Schwarz's criterion). The newer
// part is the present trend.
func (k *series) trend(limit float64) trend {
	n := k.n - 1
	if n < 2 {
		return trend{}
	}
	var upto [bins + 1]sums // of the newest bins
	for i := range n {
		t := (float64(k.last-int64(i))-0.5)*k.bin - k.now
		upto[i+1] = upto[i].plus(t, (k.at(i)-k.at(i+1))/k.bin)
	}
	c := choice{bin: k.bin, n: float64(n), floor: quiet * quiet * limit * limit, cost: math.Inf(1)}
	all := upto[n]
	c.consider(n, all.flat(), fit{}, 1)
	if float64(n)*k.bin >= leastLine {
		c.consider(n, all.line(), fit{}, 2)
	}
	for _, w := range windows {
		if w >= n-2 {
			break
		}
		older, span := all.minus(&upto[w]), float64(w)*k.bin
		flat, line := older.flat(), older.line()
		c.consider(w, upto[w].flat(), flat, 3)
		c.consider(w, upto[w].flat(), line, 4)
		if span >= leastHinge {
			c.consider(w, all.hinge(&upto[w], span), fit{}, 3)
		}
		if span >= leastLine {
			c.consider(w, upto[w].line(), flat, 4)
			c.consider(w, upto[w].line(), line, 5)
		}
	}
	t := c.trend()
	t.rose = k.value - k.at(c.window)
	if t.slope > 0 && t.lasted > recently && k.ended(int(recently/k.bin), &t, c.variance) &&
		(!k.jagged || k.ended(1, &t, c.variance)) {
		t.slope, t.growth = 0, 0 // though not for long enough to be another trend
	}
	return t
}

// ended says whether the level has clearly not risen as the trend says over the last w bins and a
// little more.
func (k *series) ended(w int, t *trend, variance float64) bool {
	if w >= k.n {
		return false
	}
	span := k.now - float64(k.last-int64(w))*k.bin
	lately := k.lately(w)
	return lately < itsShare*t.slope && t.slope-lately > surely*math.Sqrt(variance*max(memory,
		k.bin)/span)
}

// choice is the best explanation so far.
type choice struct {
	bin, n, floor float64
	cost          float64
	window        int
	newer         fit
	variance      float64
}

// consider takes an explanation if it is better: fits of the newer bins, and of those before. A
// growth that is not plain explains nothing.
func (c *choice) consider(window int, newer, older fit, parameters float64) {
	variance := (newer.left+older.left)/c.n + c.floor
	if newer.growthSpread > 0 &&
		math.Abs(newer.growth) <= plain*math.Sqrt(variance*max(memory/c.bin,
			1)*newer.growthSpread) {
		return
	}
	independent := max(c.n*min(c.bin/memory, 1), 1)
	cost := independent*math.Log(variance) + price*parameters*math.Log(independent+1)
	if cost < c.cost {
		c.cost, c.window, c.newer, c.variance = cost, window, newer, variance
	}
}

func (c *choice) trend() trend {
	t := trend{lasted: float64(c.window) * c.bin}
	if t.lasted < leastFlat || c.newer.slope <= evident*math.Sqrt(c.variance*max(memory/c.bin,
		1)*c.newer.spread) {
		return t
	}
	t.slope, t.growth = c.newer.slope, c.newer.growth
	return t
}

// endless is the longest forecast, in seconds; what takes longer does not count as a trend.
const endless = 3600.0

// secondsTo returns how long the trend takes from level to full, +Inf if it does not get there in
// any time that counts.
func (t *trend) secondsTo(level, full float64) float64 {
	rest := full - level
	switch {
	case t.slope <= 0:
		return math.Inf(1)
	case rest <= 0:
		return 0
	}
	d := t.slope*t.slope + 2*t.growth*rest
	if d < 0 {
		return math.Inf(1) // it turns before
	}
	if seconds := 2 * rest / (t.slope + math.Sqrt(d)); seconds <= endless {
		return seconds
	}
	return math.Inf(1)
}
