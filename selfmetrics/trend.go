package selfmetrics

import "math"

const (
	// fine and coarse are the times between two levels that are kept, in seconds, and bins how many of each are.
	fine, coarse = 0.5, 2.0
	bins         = 66
)

// track keeps a level, finely for half a minute and coarsely for two.
type track struct{ fine, coarse series }

func newTrack(jagged bool) track {
	return track{series{bin: fine, jagged: jagged}, series{bin: coarse, jagged: jagged}}
}

func (k *track) add(now, value float64) {
	k.fine.add(now, value)
	k.coarse.add(now, value)
}

// trend finds out how the level rises now. What has just begun is seen in the fine series.
func (k *track) trend(limit float64) trend {
	if t := k.fine.trend(limit); t.lasted < fresh {
		return t
	}
	return k.coarse.trend(limit)
}

// series is a level at the multiples of a time.
type series struct {
	bin    float64
	jagged bool          // the level falls at times although the trend goes on
	level  [bins]float64 // in a ring
	last   int64         // the number of the newest of them
	n      int
	now    float64 // the time of the newest look, in seconds
	value  float64 // the level then
}

// at returns the level i bins before the newest one that is kept.
func (k *series) at(i int) float64 { return k.level[(k.last-int64(i))%bins] }

// add takes in a level at a time, which must not go back.
func (k *series) add(now, value float64) {
	number := int64(now / k.bin)
	switch {
	case k.n == 0:
		k.last, k.n, k.level[number%bins] = number, 1, value
	case number-k.last >= bins: // a long sleep: whatever was is over
		for i := range k.level {
			k.level[i] = value
		}
		k.last, k.n = number, bins
	default:
		for k.last < number {
			k.last++
			share := 1.0
			if now > k.now {
				share = (float64(k.last)*k.bin - k.now) / (now - k.now)
			}
			k.level[k.last%bins] = k.value + share*(value-k.value)
			k.n = min(k.n+1, bins)
		}
	}
	k.now, k.value = now, value
}

// trend is how a level rises: its slope now, per second, and by how much that grows, per second. The zero value is a level that does not
// rise.
type trend struct {
	slope, growth float64
	// lasted is the time for which it has been so, in seconds, and rose by how much the level has risen in it.
	lasted, rose float64
	grows        bool // the growth is plain
}

// windows are the lengths, in bins, over which the present trend may have lasted.
var windows = [...]int{2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 36, 40, 44, 48, 52, 56, 60}

const (
	// fresh is the time, in seconds, for which a trend counts as new.
	fresh = 12.0
	// memory is the time, in seconds, over which the noise of a flow remembers itself; one observation counts for as much.
	memory = 2.0
	// price is how many times a parameter costs what the criterion says.
	price = 1.5
	// evident is by how many standard errors a slope has to differ from none, plain by how many a growth.
	evident, plain = 2.5, 4.0
	// leastLine and leastFlat are the least times, in seconds, in which a growth and a trend are looked for.
	leastLine, leastFlat = 28.0, 1.0
	// recently is the time, in seconds, in which a level has to have risen by its share of what the trend says.
	recently, itsShare, surely = 4.0, 0.3, 2.0
	// quiet is the noise that is assumed at least, as a share of the limit per second.
	quiet = 2e-4
)

// trend finds out how the level rises now. The level is taken for the sum of what flows, and the flow for a line, or a mean, with noise, that at
// one moment of the last two minutes may have given way to another one. Of all such moments, means and lines those are taken that explain
// the flow best for what they cost (Schwarz's criterion). The newer part is the present trend.
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
		older := all.minus(&upto[w])
		flat, line := older.flat(), older.line()
		c.consider(w, upto[w].flat(), flat, 3)
		c.consider(w, upto[w].flat(), line, 4)
		if float64(w)*k.bin >= leastLine {
			c.consider(w, upto[w].line(), flat, 4)
			c.consider(w, upto[w].line(), line, 5)
		}
	}
	t := c.trend()
	t.rose = k.value - k.at(c.window)
	if t.slope > 0 && t.lasted > recently && k.ended(int(recently/k.bin), &t, c.variance) && (!k.jagged || k.ended(1, &t, c.variance)) {
		t.slope, t.growth = 0, 0 // though not for long enough to be another trend
	}
	return t
}

// ended says whether the level has clearly not risen as the trend says over the last w bins and a little more.
func (k *series) ended(w int, t *trend, variance float64) bool {
	if w >= k.n {
		return false
	}
	span := k.now - float64(k.last-int64(w))*k.bin
	lately := (k.value - k.at(w)) / span
	return lately < itsShare*t.slope && t.slope-lately > surely*math.Sqrt(variance*max(memory, k.bin)/span)
}

// choice is the best explanation so far.
type choice struct {
	bin, n, floor float64
	cost          float64
	window        int
	newer         fit
	variance      float64
}

// consider takes an explanation if it is better: fits of the newer bins, and of those before.
func (c *choice) consider(window int, newer, older fit, parameters float64) {
	variance := (newer.left+older.left)/c.n + c.floor
	independent := max(c.n*min(c.bin/memory, 1), 1)
	cost := independent*math.Log(variance) + price*parameters*math.Log(independent+1)
	if cost < c.cost {
		c.cost, c.window, c.newer, c.variance = cost, window, newer, variance
	}
}

func (c *choice) trend() trend {
	t := trend{lasted: float64(c.window) * c.bin}
	if t.lasted < leastFlat || c.newer.slope <= evident*math.Sqrt(c.variance*max(memory/c.bin, 1)*c.newer.spread) {
		return t
	}
	t.slope, t.growth = c.newer.slope, c.newer.growth
	t.grows = math.Abs(t.growth) > plain*math.Sqrt(c.variance*max(memory/c.bin, 1)*c.newer.growthSpread)
	return t
}

// sums are what a line through some flows is made from.
type sums struct{ n, t, tt, y, ty, yy float64 }

func (s sums) plus(t, y float64) sums {
	return sums{s.n + 1, s.t + t, s.tt + t*t, s.y + y, s.ty + t*y, s.yy + y*y}
}

func (s sums) minus(o *sums) sums {
	return sums{s.n - o.n, s.t - o.t, s.tt - o.tt, s.y - o.y, s.ty - o.ty, s.yy - o.yy}
}

// fit is a line through flows: its value now and its growth, what it leaves unexplained (a sum of squares), and the variance of its value as a
// share of that of one flow.
type fit struct{ slope, growth, left, spread, growthSpread float64 }

func (s *sums) flat() fit {
	if s.n == 0 {
		return fit{}
	}
	mean := s.y / s.n
	return fit{slope: mean, left: max(s.yy-mean*s.y, 0), spread: 1 / s.n}
}

func (s *sums) line() fit {
	det := s.n*s.tt - s.t*s.t
	if s.n < 3 || det <= 0 {
		return s.flat()
	}
	growth := (s.n*s.ty - s.t*s.y) / det
	now := (s.y - growth*s.t) / s.n
	return fit{slope: now, growth: growth, left: max(s.yy-now*s.y-growth*s.ty, 0), spread: s.tt / det, growthSpread: s.n / det}
}

// endless is the longest forecast, in seconds; what takes longer does not count as a trend.
const endless = 3600.0

// secondsTo returns how long the trend takes from level to full, +Inf if it does not get there in any time that counts.
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
