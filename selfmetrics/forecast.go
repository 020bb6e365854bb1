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
	// DriverWorker: the worker stands still, so nothing is sent.
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

// Forecast says when events will begin to be lost if things go on as they do. The zero value stands
// for no forecast: see At.
type Forecast struct {
	// At is when the forecast was made. It is zero if none was, and nothing else counts then.
	At time.Time
	// Limits holds the forecast for each limit, indexed by [Limit].
	Limits [NumLimits]LimitForecast
	// Driver is what makes the limit that is reached first come closer.
	Driver Driver
	// BytesIn and BytesOut are what the queue took in and freed lately, in bytes of its memory per
	// second. What changes its size while it is sealed frees the one and takes the other.
	BytesIn, BytesOut float64
	// EventsIn and EventsOut are the same in events per second. What comes to any end goes out.
	EventsIn, EventsOut float64
	// Permits is the share of the permits that are held, 0 to 1. Throttled is the share of the last
	// seconds for which brokers asked to wait; it may exceed 1 when several did. Compression is
	// what compression leaves of what goes out, as a share; 0 if nothing went out lately.
	Permits, Throttled, Compression float64
}

// LimitForecast is the forecast for one limit.
type LimitForecast struct {
	// Level is the share of the limit that is used, 0 to 1.
	Level float64
	// SecondsToLoss is how long it takes until the limit is reached at the present trend: +Inf when
	// it does not come closer.
	SecondsToLoss float64
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
	// PressureElevated: a loss is in sight, about a minute away, or half of a limit is used. It is
	// time to slow down what can wait.
	PressureElevated
	// PressureCritical: a loss is seconds away, or four fifths of a limit are used. It is time to
	// shed what is not needed.
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
type Pressure struct {
	// Ratio grows from 0, nothing is held, to 1, events are being lost.
	Ratio float64
	// Level is Ratio in steps, with hysteresis: it rises at once, from 0.5 to elevated and from 0.8
	// to critical, and falls when Ratio has stayed clearly below for five seconds. Since is when it
	// was entered; zero if it never changed.
	Level PressureLevel
	Since time.Time
	// Loss is when the first event will be lost at the present trend; zero if none will be. Limit
	// is the limit that is reached then, Driver what drives it.
	Loss   time.Time
	Limit  Limit
	Driver Driver
	// Entered counts how often each level was entered, indexed by [PressureLevel].
	Entered [NumPressureLevels]uint64
}
