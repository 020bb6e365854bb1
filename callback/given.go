package callback

import (
	"log/slog"
	"math"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// The keys of attributes that say something about an event and are not sent with it.
const (
	givenPrefix = "dashstream."
	atKey       = givenPrefix + "at"
	traceKey    = givenPrefix + "trace"
)

// At returns an attribute that says when an event happened, for those who report events later, such
// as from finished spans. Pass it among the attributes of a start, an end, an error or any other
// event; it is not sent as an attribute. Durations follow from the times that are given. Everything
// else goes by the time of the call: how long an event waits for others, and until when it has to
// be delivered.
//
// Nothing happens in the future, before the year 2000, or before the start of what it belongs to: a
// run, node or call. Such a time is replaced by the time of the call, or by that of the start. So
// give a time to a run before you give earlier ones to its nodes. If the difference is more than 10
// ms, it is counted: see dashstream_corrected_times_total. The zero time says nothing.
func At(t time.Time) slog.Attr { return slog.Time(atKey, t) }

// TraceContext returns an attribute that says which trace a run or node belongs to, in the form of
// the W3C headers traceparent and tracestate. Pass it among the attributes of the start; it is not
// sent as an attribute. It takes precedence over [Config.Traceparent], and has no effect on other
// events. If traceparent is invalid, the attribute says nothing; an invalid tracestate is left out.
func TraceContext(traceparent, tracestate string) slog.Attr {
	return slog.Any(traceKey, newTrace(traceparent, tracestate))
}

// newTrace returns the trace that the headers name, nil for an invalid traceparent.
func newTrace(parent, state string) *batching.Trace {
	if !validTraceparent(parent) {
		return nil
	}
	if !headerText(state) {
		state = ""
	}
	return &batching.Trace{ID: parent[3:35], Parent: parent, State: state}
}

// when returns the stamp of an event that belongs to what started at start: the time that its
// attributes say, or now. It also returns the trace that they name, nil for none, and the
// attributes that are to be sent. It does not change attrs.
func (c *Client) when(
	attrs []slog.Attr, start stamp,
) (at stamp, trace *batching.Trace, sent []slog.Attr) {
	for i := range attrs {
		if key := attrs[i].Key; len(key) > len(givenPrefix) &&
			key[:len(givenPrefix)] == givenPrefix {
			return c.given(attrs, i, start)
		}
	}
	return c.now(), nil, attrs
}

// given is when for attributes of which the one at first may say something.
func (c *Client) given(
	attrs []slog.Attr, first int, start stamp,
) (at stamp, trace *batching.Trace, sent []slog.Attr) {
	var told time.Time
	sent = attrs[:first:first]
	for _, a := range attrs[first:] {
		switch {
		case a.Key == atKey && a.Value.Kind() == slog.KindTime:
			told = a.Value.Time()
			continue
		case a.Key == traceKey && a.Value.Kind() == slog.KindAny:
			if t, ok := a.Value.Any().(*batching.Trace); ok {
				trace = t
				continue
			}
		}
		sent = append(sent, a)
	}
	if told.IsZero() {
		return c.now(), trace, sent
	}
	return c.stampAt(told, start), trace, sent
}

// unbounded is before everything that can be given.
var unbounded = stamp{moment: math.MinInt64 / 2, given: 1}

// year2000 is the earliest time that is believed. Earlier ones come from values that were not set.
var year2000 = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// clockSlack is by how much clocks may differ before a corrected time is counted.
const clockSlack = 10 * time.Millisecond

// now returns the stamp of an event that happens now.
func (c *Client) now() stamp { return stamp{moment: c.clock.now()} }

// stampAt returns the stamp of an event of that time that belongs to what started at start.
func (c *Client) stampAt(at time.Time, start stamp) stamp {
	now := c.now()
	day := c.clock.day.Load()
	today := time.Unix(0, day+int64(now.moment))
	if future := at.Sub(today); at.Before(year2000) || future > 0 {
		c.corrected(future > clockSlack || future < 0)
		return now
	}
	s := stamp{given: at.UnixNano(), moment: moment(at.UnixNano() - day)}
	if early := start.sub(s); early > 0 {
		c.corrected(early > clockSlack)
		return stamp{given: c.clock.nanos(start), moment: start.moment}
	}
	return s
}

// corrected counts a time that was replaced, if the difference matters.
func (c *Client) corrected(matters bool) {
	if matters {
		c.correctedTimes.Add(1)
	}
}
