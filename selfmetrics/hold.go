package selfmetrics

import "time"

const (
	// relief is for how long what raised the level has to be over until the level falls.
	relief = 10 * time.Second
	// longest is the longest period of what counts as repeating itself.
	longest = 130 * time.Second
	// apart is for how long something has to be over until it comes again, and does not go on.
	apart = 2 * time.Second
	// periods is how many of the last periods are remembered: the longest of them counts.
	periods = 3
)

// hold says for how long a level outlasts what raised it. What comes again and again holds it from
// one time to the next, so it changes once and not with each swing.
type hold struct {
	present     bool      // what raises it is there
	began, last time.Time // when that last came, and was last there
	every       [periods]time.Duration
	// half says that half of a limit is used while it is there, and again that it came before, not
	// long ago: what swings about that comes with some of its swings and not with others.
	half, again bool
}

// see takes in whether what raises the level is there, and returns whether the level is to be held,
// for a period at least.
func (h *hold) see(present bool, now time.Time, period time.Duration) bool {
	if present && !h.present && now.Sub(h.last) >= apart {
		copy(h.every[1:], h.every[:])
		h.every[0] = now.Sub(h.began)
		h.again = !h.began.IsZero() && h.every[0] <= 2*longest
		if h.began.IsZero() || h.every[0] > longest {
			h.every = [periods]time.Duration{}
		}
		h.began = now
	}
	h.present = present
	if present {
		h.last = now
	}
	return present || !h.last.IsZero() && now.Sub(h.last) < max(relief, period, h.period(now))
}

// period returns the longest of the last periods, 0 if nothing repeats itself any more.
func (h *hold) period(now time.Time) time.Duration {
	if now.Sub(h.last) > longest {
		return 0
	}
	if h.half && h.again {
		return longest
	}
	return max(h.every[0], h.every[1], h.every[2])
}

// hold returns the level that is held now that this one is there, by what is used or not. The
// period of a lower level, and of silences that come again, is that of the higher ones too: they
// need not learn it by falling.
func (g *pressureGauge) hold(level PressureLevel, half, silent bool, now time.Time) (
	held PressureLevel) {
	g.silences.see(silent, now, 0)
	period := g.silences.period(now)
	for i := PressureElevated; i <= PressureDropping; i++ {
		if level >= i {
			g.holds[i].half = half
		}
		if g.holds[i].see(level >= i, now, period) {
			held = i
		}
		period = max(period, g.holds[i].period(now))
	}
	return held
}

// highs remembers how full a queue was in the swings of the last minutes.
type highs struct {
	peak    float64 // of the present swing
	earlier [2]float64
	since   time.Time
}

// before returns the highest level of earlier swings, and takes in the present one. A swing ends
// when the level has fallen to half of its peak.
func (h *highs) before(level float64, now time.Time) float64 {
	if now.Sub(h.since) > longest {
		h.earlier[1], h.earlier[0], h.since = h.earlier[0], 0, now
	}
	if level < h.peak/2 {
		h.earlier[0], h.peak = max(h.earlier[0], h.peak), level
	}
	h.peak = max(h.peak, level)
	return max(h.earlier[0], h.earlier[1])
}
