package selfmetrics

const (
	// fine and coarse are the times between two levels that are kept, in seconds, and bins how many
	// of each are.
	fine, coarse = 0.5, 2.0
	bins         = 66
)

// track keeps a level, finely for half a minute and coarsely for two.
type track struct {
	fine, coarse series
	high         float64 // the highest level since the regime began
}

func newTrack(jagged bool) track {
	return track{fine: series{bin: fine, jagged: jagged},
		coarse: series{bin: coarse, jagged: jagged}}
}

func (k *track) add(now, value float64) {
	k.fine.add(now, value)
	k.coarse.add(now, value)
}

// restart begins a new regime: what was before says nothing about what comes.
func (k *track) restart() {
	k.fine.n, k.coarse.n = min(k.fine.n, 1), min(k.coarse.n, 1)
	k.high = k.fine.value
}

// forget begins a new regime when the level has fallen by more than a measure from its highest.
func (k *track) forget(fall float64) {
	k.high = max(k.high, k.fine.value)
	if k.fine.value < k.high-fall {
		k.restart()
	}
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

// lately returns by how much the level has risen, per second, over the last w bins, of which there
// have to be more, and a little more.
func (k *series) lately(w int) float64 {
	return (k.value - k.at(w)) / (k.now - float64(k.last-int64(w))*k.bin)
}

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
