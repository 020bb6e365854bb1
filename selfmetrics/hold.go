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
}

// see takes in whether what raises the level is there, and returns whether the level is to be held.
func (h *hold) see(present bool, now time.Time) bool {
	if present && !h.present && now.Sub(h.last) >= apart {
		copy(h.every[1:], h.every[:])
		h.every[0] = now.Sub(h.began)
		if h.began.IsZero() || h.every[0] > longest {
			h.every = [periods]time.Duration{}
		}
		h.began = now
	}
	h.present = present
	if present {
		h.last = now
	}
	return present || !h.last.IsZero() && now.Sub(h.last) < max(relief, h.every[0], h.every[1],
		h.every[2])
}

// hold returns the level that is held now that this one is there.
func (g *pressureGauge) hold(level PressureLevel, now time.Time) (held PressureLevel) {
	for i := PressureElevated; i <= PressureDropping; i++ {
		if g.holds[i].see(level >= i, now) {
			held = i
		}
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
