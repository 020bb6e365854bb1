package selfmetrics

import (
	"time"
)

const (
	// keepEvery is the least time between two samples that are kept: what lies further back is only
	// of use as a trend.
	keepEvery = 250 * time.Millisecond
	// keptFor is how far back samples are kept while they are taken without a break.
	keptFor = 64 * time.Second
	kept    = int(keptFor / keepEvery)
)

// sample is what the estimator keeps of a look at the levels, as floating-point numbers: seconds,
// bytes, events.
type sample struct {
	t                    float64 // since the first sample
	level                [NumLimits]float64
	bytesIn, bytesOut    float64
	eventsIn, eventsOut  float64
	emitted, lost        float64
	delivered, throttled float64
	unpacked, compressed float64
}

// sampleRing holds the last samples. The newest one is replaced as long as it is not keepEvery away
// from the one before.
type sampleRing struct {
	at   [kept]sample
	next int
	n    int
}

// get returns a sample by its age; 0 is the newest one.
func (r *sampleRing) get(i int) *sample { return &r.at[(r.next-1-i+2*kept)%kept] }

func (r *sampleRing) add(s sample) {
	if r.n >= 2 && r.get(0).t-r.get(1).t < keepEvery.Seconds() {
		*r.get(0) = s
		return
	}
	r.at[r.next] = s
	r.next = (r.next + 1) % kept
	r.n = min(r.n+1, kept)
}

// since returns the age of the oldest sample that is not older than d seconds.
func (r *sampleRing) since(d float64) int {
	oldest := r.get(0).t - d
	i := 0
	for i+1 < r.n && r.get(i+1).t >= oldest {
		i++
	}
	return i
}
