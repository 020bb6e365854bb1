package selfmetrics

import (
	"fmt"
	"math"
	"time"
)

// Limit is a limit at which events begin to be lost. The list is closed.
type Limit uint8

// The limits.
const (
	// LimitQueueBytes is [batching.Config.QueueBytes].
	LimitQueueBytes Limit = iota
	// LimitQueueEvents is [batching.Config.QueueEvents].
	LimitQueueEvents
	// LimitDeliveryDeadline is [batching.Config.DeliveryTimeout]: the age of the oldest event
	// approaches it.
	LimitDeliveryDeadline

	// NumLimits is the number of limits; an array of this length is indexed by Limit.
	NumLimits = int(LimitDeliveryDeadline) + 1
)

var limitNames = [NumLimits]string{"queue_bytes", "queue_events", "delivery_deadline"}

// String returns the limit as it is written in metrics: "queue_bytes", "queue_events" or
// "delivery_deadline".
func (l Limit) String() string {
	if int(l) < NumLimits {
		return limitNames[l]
	}
	return fmt.Sprintf("limit(%d)", uint8(l))
}

// Driver says what makes a limit come closer. The list is closed.
type Driver uint8

// The drivers.
const (
	// DriverNone: no limit comes closer.
	DriverNone Driver = iota
	// DriverInflow: more comes in than before, and what goes out does not follow.
	DriverInflow
	// DriverPermits: all permits are held, while batches are acknowledged.
	DriverPermits
	// DriverThrottling: brokers ask to wait because a quota is reached.
	DriverThrottling
	// DriverBroker: brokers are slow or away.
	DriverBroker
	// DriverWorker: the worker has stopped, so nothing is sent.
	DriverWorker

	// NumDrivers is the number of drivers.
	NumDrivers = int(DriverWorker) + 1
)

var driverNames = [NumDrivers]string{"none", "inflow", "permits", "throttling", "broker", "worker"}

// String returns the driver as it is written in metrics: "none", "inflow", "permits", "throttling",
// "broker" or "worker".
func (d Driver) String() string {
	if int(d) < NumDrivers {
		return driverNames[d]
	}
	return fmt.Sprintf("driver(%d)", uint8(d))
}

// Judgement says on what a forecast or a level of pressure rests. The list is closed.
type Judgement uint8

// The judgements.
const (
	// JudgementNone: there is nothing to judge.
	JudgementNone Judgement = iota
	// JudgementArithmetic: what holds a limit's future is known. The oldest event is not
	// acknowledged, so its deadline comes closer by one second a second, and what comes in stays.
	JudgementArithmetic
	// JudgementTrend: the limit comes closer at an estimated rate.
	JudgementTrend
	// JudgementFloor: half of the limit is used, or more. No estimate is needed.
	JudgementFloor

	// NumJudgements is the number of judgements.
	NumJudgements = int(JudgementFloor) + 1
)

var judgementNames = [NumJudgements]string{"none", "arithmetic", "trend", "floor"}

// String returns "none", "arithmetic", "trend" or "floor".
func (j Judgement) String() string {
	if int(j) < NumJudgements {
		return judgementNames[j]
	}
	return fmt.Sprintf("judgement(%d)", uint8(j))
}

// Forecast says when events will begin to be lost if things go on as they do. The zero value stands
// for no forecast: see At.
type Forecast struct {
	// At is when the forecast was made. It is zero if none was, and nothing else counts then.
	At time.Time
	// Limits holds the forecast for each limit, indexed by [Limit].
	Limits [NumLimits]LimitForecast
	// Driver is what makes the limit that is reached first come closer.
	Driver Driver
	// BytesIn and BytesOut are what the queue took and freed lately, in bytes of its memory per
	// second. What changes its size while it is sealed frees the one and takes the other.
	BytesIn, BytesOut float64
	// EventsIn and EventsOut are the same in events per second. What comes to any end goes out.
	EventsIn, EventsOut float64
	// EventsEmitted is what the application emitted lately, EventsDelivered what was acknowledged,
	// and EventsLost what was lost because a limit was reached, in events per second.
	EventsEmitted, EventsDelivered, EventsLost float64
	// Permits is the share of the permits that are held, 0 to 1. Throttled is the share of the last
	// seconds for which brokers asked to wait; it may exceed 1 when several did. Compression is
	// what compression leaves of what goes out, as a share; 0 if nothing went out lately.
	Permits, Throttled, Compression float64
}

// LimitForecast is the forecast for one limit.
type LimitForecast struct {
	// Level is the share of the limit that is used, 0 to 1, and Full what all of it is, in bytes,
	// events or seconds. Of the queue's bytes that is what is left to those who emit: a part is
	// kept for sealing.
	Level, Full float64
	// SecondsToLoss is how long it takes until the limit is reached at the present trend: +Inf when
	// it does not come closer.
	SecondsToLoss float64
	// Judgement is what SecondsToLoss rests on: [JudgementArithmetic] or [JudgementTrend], or
	// [JudgementNone] while it is +Inf.
	Judgement Judgement
}

// First returns the limit that is reached first and in how many seconds. They are +Inf, and the
// limit says nothing, if none is or there is no forecast.
func (f *Forecast) First() (limit Limit, seconds float64) {
	seconds = math.Inf(1)
	if f.At.IsZero() {
		return 0, seconds
	}
	for i := range f.Limits {
		if s := f.Limits[i].SecondsToLoss; s < seconds {
			limit, seconds = Limit(i), s
		}
	}
	return limit, seconds
}

// PressureLevel says in four steps how close the first loss is.
type PressureLevel uint8

// The levels of pressure.
const (
	// PressureOK: nothing is to be done.
	PressureOK PressureLevel = iota
	// PressureElevated: half of a limit is used, or a loss is in sight that half of the limit would
	// announce too late. It is time to slow down what can wait.
	PressureElevated
	// PressureCritical: four fifths of a limit are used, or half and the loss is seconds away. It
	// is time to shed what is not needed.
	PressureCritical
	// PressureDropping: events are being lost because a limit was reached.
	PressureDropping

	// NumPressureLevels is the number of levels; an array of this length is indexed by
	// PressureLevel.
	NumPressureLevels = int(PressureDropping) + 1
)

var pressureNames = [NumPressureLevels]string{"ok", "elevated", "critical", "dropping"}

// String returns "ok", "elevated", "critical" or "dropping".
func (l PressureLevel) String() string {
	if int(l) < NumPressureLevels {
		return pressureNames[l]
	}
	return fmt.Sprintf("pressure(%d)", uint8(l))
}

// Pressure is the forecast as one signal that an application can act on. The zero value is no
// pressure.
//
// Level, Limit, Judgement, Loss, Driver and Where are one verdict: they always speak of the same
// limit.
type Pressure struct {
	// Ratio grows from 0, nothing is held, to 1, events are being lost.
	Ratio float64
	// Level is how bad it is. It rises at once, as Ratio reaches 0.5 (elevated), 0.8 (critical) and
	// 1 (dropping), and falls when that has been over for ten seconds. What comes again within two
	// minutes is held from one time to the next, so a shape that repeats changes the level once.
	// Since is when the level was entered; zero if it never changed.
	Level PressureLevel
	Since time.Time
	// Limit is the limit that decided, and Judgement on what the level rests. While the level is ok
	// they say what comes closer first, and Judgement is [JudgementNone] if nothing does.
	Limit     Limit
	Judgement Judgement
	// Loss is when the first event will be lost at Limit if things go on as they do; zero if none
	// will be.
	Loss time.Time
	// Driver is what drives it: [DriverNone] only if the level is ok and no limit comes closer.
	// Where is the broker (host:port) or the partition that holds it up, "" if that is not known or
	// it is not one alone.
	Driver Driver
	Where  string
	// Unanswered is for how long nothing has been acknowledged although something waits.
	Unanswered time.Duration
	// Entered counts how often each level was entered, indexed by [PressureLevel].
	Entered [NumPressureLevels]uint64
}
