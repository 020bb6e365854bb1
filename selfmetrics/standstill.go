package selfmetrics

import (
	"math"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

const (
	// standsStill is for how long the same event has to be the oldest, and nothing to be
	// acknowledged, until the future is known, and standsAlone for how long while others are
	// acknowledged: a partition that is slow takes as long for one batch.
	standsStill, standsAlone = 2 * time.Second, 10 * time.Second
	// noneAnswers is for how long nothing has to be acknowledged until no broker answers.
	noneAnswers = 10 * time.Second
	// settles is how long the first effects of a standstill last, in seconds, and reckonOver over
	// how long at most its rate is taken: what comes in may change meanwhile.
	settles, reckonOver = 0.5, 20.0
	// leastRise is what a queue has to gain, as a share of its limit, until its rise is more than
	// noise while others are acknowledged.
	leastRise = 0.01
	// same is how far apart two readings of one event's time may be.
	same = 10 * time.Millisecond
)

// standstill knows what is not acknowledged, and since when. It needs no estimate.
type standstill struct {
	oldest      time.Time // when the oldest event that is held was emitted; zero if none is
	oldestSince time.Time // since when that is the oldest one
	delivered   uint64
	deliveredAt time.Time // when that last changed
	silent      time.Duration
}

// add takes in what was seen and reports whether a silence has just ended.
func (s *standstill) add(l *batching.Levels) (recovered bool) {
	if d := l.Oldest.Sub(s.oldest); d > same || d < -same {
		s.oldest, s.oldestSince = l.Oldest, l.At
	}
	if l.Delivered != s.delivered || s.deliveredAt.IsZero() {
		s.delivered, s.deliveredAt = l.Delivered, l.At
	}
	before := s.silent
	s.silent = s.unanswered(l)
	return before >= standsStill && s.silent < standsStill
}

// unanswered returns for how long nothing has been acknowledged although something waits.
func (s *standstill) unanswered(l *batching.Levels) time.Duration {
	if l.Oldest.IsZero() {
		return 0
	}
	return max(min(l.At.Sub(s.deliveredAt), l.At.Sub(l.Oldest)), 0)
}

// local says whether one event waits while others are acknowledged.
func (s *standstill) local(l *batching.Levels) bool {
	return !l.Oldest.IsZero() && l.At.Sub(s.oldestSince) >= standsAlone &&
		l.At.Sub(l.Oldest) >= standsAlone
}

// stuck says whether the same event has been the oldest for a while. Then what is held does not
// wait as one queue, and what goes out says nothing about how long that takes.
func (s *standstill) stuck(l *batching.Levels) bool {
	return !l.Oldest.IsZero() && l.At.Sub(s.oldestSince) >= standsStill
}

// began returns when that began which stands still now, and whether anything does.
func (s *standstill) began(l *batching.Levels) (since time.Time, stands bool) {
	switch {
	case s.unanswered(l) >= standsStill && l.At.Sub(s.oldestSince) >= standsStill:
		since = s.oldest
		if s.deliveredAt.After(since) {
			since = s.deliveredAt
		}
		return since, true
	case s.local(l):
		return s.oldest, true
	}
	return time.Time{}, false
}

// reckon replaces a limit's forecast where the future is known: the deadline of an event that
// stands still is what is left of its time, and a queue from which nothing goes fills as fast as it
// has since then.
func (e *estimator) reckon(limit Limit, level float64, f *LimitForecast) {
	if !e.stands {
		return
	}
	full := e.limits[limit]
	if limit == LimitDeliveryDeadline {
		f.SecondsToLoss, f.Judgement = max(full-level, 0), JudgementArithmetic
		return
	}
	k := &e.tracks[limit].fine
	window := min(e.standsFor-settles, reckonOver)
	bins := int(window / fine)
	if bins < 2 || bins >= k.n {
		return
	}
	slope := k.lately(bins)
	if e.alone && slope*window < leastRise*full {
		return
	}
	f.SecondsToLoss, f.Judgement = math.Inf(1), JudgementNone
	if seconds := max(full-level, 0) / slope; slope > 0 && seconds <= endless {
		f.SecondsToLoss, f.Judgement = seconds, JudgementArithmetic
	}
}
