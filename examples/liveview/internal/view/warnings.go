package view

import "time"

// The warnings that there are.
const (
	warnUndecoded       = "undecoded_records"
	warnRejected        = "rejected_parts"
	warnRefused         = "refused_messages"
	warnMissing         = "missing_messages"
	warnInfrastructure  = "infrastructure_errors"
	warnBehind          = "behind_the_topic"
	warnSends           = "failed_sends"
	warnSlow            = "slow_clients"
	warnRejectedClients = "rejected_clients"
	warnForgotten       = "forgotten_threads"
)

var warningTexts = map[string]string{
	warnUndecoded:       "records did not decode",
	warnRejected:        "parts of messages were over a limit",
	warnRefused:         "messages were refused: they are out of order, or their state is wrong",
	warnMissing:         "messages are missing, and nothing says why",
	warnInfrastructure:  "errors of the cluster or the connection to it",
	warnBehind:          "times that the view was more than 1 s behind the topic",
	warnSends:           "sends to clients failed or took too long",
	warnSlow:            "times that a client was too slow and got a snapshot instead of its queue",
	warnRejectedClients: "clients were turned away: a limit, a wrong origin, or no token",
	warnForgotten:       "threads became a line, for lack of memory",
}

const (
	warningWindow  = 5 * time.Minute
	warningBuckets = 30
	warningBucket  = warningWindow / warningBuckets
)

// warnings counts what happened in the window, in buckets, and since the view was started.
type warnings struct {
	counts map[string]*windowed
}

type windowed struct {
	buckets [warningBuckets + 1]int // a ring by time, one more than the window has
	slot    int64                   // the number of the latest bucket
	since   time.Time               // when the first of those in the window came, or an older one
	total   uint64
}

func newWarnings() *warnings {
	w := &warnings{counts: map[string]*windowed{}}
	for name := range warningTexts {
		w.counts[name] = &windowed{}
	}
	return w
}

func (w *warnings) add(name string, n int, now time.Time) {
	if n <= 0 {
		return
	}
	c := w.counts[name]
	c.advance(now)
	if c.sum() == 0 {
		c.since = now
	}
	c.buckets[c.slot%int64(len(c.buckets))] += n
	c.total += uint64(n)
}

// advance empties the buckets that have left the window.
func (c *windowed) advance(now time.Time) {
	slot := now.UnixNano() / int64(warningBucket)
	if slot-c.slot >= int64(len(c.buckets)) || c.slot == 0 {
		clear(c.buckets[:])
		c.slot = slot
	}
	for c.slot < slot {
		c.slot++
		c.buckets[c.slot%int64(len(c.buckets))] = 0
	}
}

func (c *windowed) sum() int {
	n := 0
	for _, b := range c.buckets {
		n += b
	}
	return n
}

// active returns the warnings of which something happened in the window.
func (w *warnings) active(now time.Time) []Warning {
	var out []Warning
	for name, c := range w.counts {
		c.advance(now)
		if n := c.sum(); n > 0 {
			out = append(out, Warning{Name: name, Text: warningTexts[name], Count: n,
				Window: int(warningWindow / time.Microsecond), Since: micros(c.since),
				Total: Whole(c.total)})
		}
	}
	return out
}
