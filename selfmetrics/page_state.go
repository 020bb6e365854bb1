package selfmetrics

import (
	"fmt"
	"math"
	"strings"
)

// pageState is the state of a producer for somebody who has three seconds: one class, which has a
// color, one badge and one text. All of them are made from the one verdict, so that they cannot
// contradict each other.
type pageState struct {
	// Class is ok, filling, silent, elevated, critical or dropping.
	Class string `json:"class"`
	// Badge is the class in a word or two, Silent what is beside it when Kafka does not respond at
	// a level that is not ok.
	Badge  string `json:"badge"`
	Silent string `json:"silent,omitempty"`
	// Text says what happens, how much is used, what comes and why; Short is what fits into a
	// title.
	Text  string `json:"text"`
	Short string `json:"short"`
}

const notResponding = "not responding"

// describeState puts a verdict into words.
func describeState(s *Stats) pageState {
	p := &s.Pressure
	silent := p.Unanswered >= standsStill
	seconds := untilLoss(s)
	st := pageState{Class: p.Level.String()}
	switch {
	case p.Level > PressureOK && silent:
		st.Silent = notResponding
	case p.Level == PressureOK && silent:
		st.Class = "silent"
	case p.Level == PressureOK && !math.IsInf(seconds, 1):
		st.Class = "filling"
	}
	st.Badge = st.Class
	if st.Class == "silent" {
		st.Badge = notResponding
	}
	var text []string
	if silent {
		text = append(text, "Kafka has not responded for "+formatSeconds(p.Unanswered.Seconds())+
			".")
	}
	text = append(text, describeUse(s, seconds, silent)...)
	st.Text, st.Short = strings.TrimSpace(strings.Join(text, " ")), st.Badge
	switch {
	case p.Level == PressureDropping:
		st.Short = "losing events"
	case !math.IsInf(seconds, 1):
		st.Short += ", loss in " + formatSeconds(seconds)
	}
	return st
}

// untilLoss is how many seconds the verdict gives until the first loss; +Inf if none comes.
func untilLoss(s *Stats) float64 {
	if s.Pressure.Loss.IsZero() {
		return math.Inf(1)
	}
	return max(s.Pressure.Loss.Sub(s.Forecast.At).Seconds(), 0)
}

// describeUse says how much is used and what comes of it.
func describeUse(s *Stats, seconds float64, silent bool) []string {
	p := &s.Pressure
	used := describeLimit(s, p.Limit)
	because := ""
	if !silent {
		because = driverWords[p.Driver]
	}
	switch {
	case p.Level == PressureDropping && s.Forecast.EventsLost > 0:
		return []string{fmt.Sprintf("%s events/s are being lost: %s.",
			formatRate(s.Forecast.EventsLost), lossWords[p.Limit]), sentence(because)}
	case p.Level == PressureDropping:
		return []string{"Events were just lost: " + lossWords[p.Limit] + ".", sentence(because)}
	case !math.IsInf(seconds, 1):
		return []string{used + "; if it goes on, the first loss is in " + formatSeconds(seconds) +
			".", sentence(because)}
	case p.Level > PressureOK && s.Forecast.Limits[p.Limit].Level < enterElevated:
		return []string{used + ". It was more a moment ago, so the level is held until it stays " +
			"calm."}
	case p.Level > PressureOK:
		return []string{used + " and it does not fill further."}
	case s.Queue.Events == 0:
		return []string{"Nothing waits to be sent."}
	case silent:
		return []string{used + "."}
	}
	return []string{"Kafka acknowledges, and no limit comes closer."}
}

// describeLimit says how much of a limit is used.
func describeLimit(s *Stats, limit Limit) string {
	used := formatPercent(s.Forecast.Limits[limit].Level)
	switch limit {
	case LimitDeliveryDeadline:
		return "The oldest event has waited for " + used + " of the delivery timeout"
	case LimitQueueEvents:
		return used + " of the queue's events are used"
	}
	return used + " of the queue is used"
}

var lossWords = [NumLimits]string{
	"the queue is full", "the queue holds as many events as it may",
	"they waited for longer than the delivery timeout",
}

var driverWords = [NumDrivers]string{
	DriverInflow:     "more is emitted than Kafka acknowledges",
	DriverPermits:    "all permits are in use",
	DriverThrottling: "brokers throttle: a quota is reached",
	DriverBroker:     "Kafka is slow",
	DriverWorker:     "the worker does not run",
}

// sentence is a text with a capital and a full stop, "" for none.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
