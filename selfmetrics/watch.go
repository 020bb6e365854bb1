package selfmetrics

import (
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/guard"
)

const (
	// lookEvery is the time between two looks while there is something to see, lookAgain the least
	// time after which a queue that fills fast is looked at again.
	lookEvery = 100 * time.Millisecond
	lookAgain = 5 * time.Millisecond
)

// WatchConfig configures a [Watch].
type WatchConfig struct {
	// Engine is what is watched. It is required.
	Engine *batching.Engine
	// Sender says how much was throttled and compressed; nil: nobody does. It is called at every
	// look, and a panic in it is caught.
	Sender func() batching.SenderStats
	// DeliveryTimeout is the engine's.
	DeliveryTimeout time.Duration
	// OnPressure is called when the level of pressure has changed. It is called by one goroutine at
	// a time, which is the watch's own and may block: changes that come meanwhile are one then, and
	// none if the level is what it was. A panic in it is caught. nil: nobody is called.
	OnPressure func(Pressure)
	// LevelChanged is called when the level of pressure has changed, before OnPressure, and must
	// not block; nil: nobody is called.
	LevelChanged func()
	// Shed makes the engine shed by what is seen; see [batching.Engine.Press].
	Shed bool
	// Logger gets what OnPressure and Sender panic with, once each. Default [slog.Default].
	Logger *slog.Logger
}

// Watch looks at an engine some times a second, as long as that holds anything, and keeps the
// forecast, the pressure and five minutes of history. It shares nothing with the worker and the
// Sender, so it goes on while those are stuck. While nothing is held and there is no pressure, it
// does not wake at all.
//
// A Watch is safe for concurrent use. All methods of a nil Watch do nothing.
type Watch struct {
	config WatchConfig

	pressure atomic.Pointer[Pressure] // nil before the first look
	stop     chan struct{}
	done     chan struct{}

	mu               sync.Mutex
	started, stopped bool
	estimator        *estimator
	gauge            pressureGauge
	forecast         Forecast
	history          history

	notices  notices
	panicked atomic.Bool // the Sender's Stats
}

// NewWatch returns a Watch that is not started yet.
func NewWatch(config WatchConfig) *Watch {
	config.Logger = guard.Logger(config.Logger)
	if config.Sender == nil {
		config.Sender = func() batching.SenderStats { return batching.SenderStats{} }
	}
	w := &Watch{
		config: config, stop: make(chan struct{}), done: make(chan struct{}),
		estimator: newEstimator(config.DeliveryTimeout),
	}
	w.notices = notices{call: config.OnPressure, present: w.Pressure, log: config.Logger}
	return w
}

// Start starts to look. It returns at once. A second call does nothing, nor does one after Stop.
func (w *Watch) Start() {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.started && !w.stopped {
		w.started = true
		go w.run()
	}
}

// Stop ends the looking and returns when it has ended; it does not wait for OnPressure. What was
// seen last stays.
func (w *Watch) Stop() {
	if w == nil {
		return
	}
	w.mu.Lock()
	if !w.stopped {
		w.stopped = true
		close(w.stop)
		if !w.started {
			close(w.done)
		}
	}
	w.mu.Unlock()
	<-w.done
}

// Ended stops the looking, as [Watch.Stop] does, and says that the engine has ended: nothing is
// held and nothing can be lost at a limit any more. So there is no forecast from then on, and no
// pressure; how often each level was entered stays, and so does the history. OnPressure is not
// called.
func (w *Watch) Ended() {
	if w == nil {
		return
	}
	w.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forecast = Forecast{}
	w.gauge.end(time.Now())
	pressure := w.gauge.now
	w.pressure.Store(&pressure)
}

// Pressure returns the present pressure. It costs a few nanoseconds and takes no lock. It is zero
// before the first look and for a nil Watch.
func (w *Watch) Pressure() Pressure {
	if w == nil {
		return Pressure{}
	}
	if p := w.pressure.Load(); p != nil {
		return *p
	}
	return Pressure{}
}

// Fill puts forecast and pressure into a snapshot. It looks first, unless somebody has just done
// so: what is shown beside each other is of one moment.
func (w *Watch) Fill(s *Stats) {
	if w == nil {
		return
	}
	w.mu.Lock()
	old := time.Since(w.forecast.At) > lookAgain && !w.stopped
	w.mu.Unlock()
	if old {
		w.look()
	}
	w.mu.Lock()
	s.Forecast = w.forecast
	w.mu.Unlock()
	s.Pressure = w.Pressure()
}

// History returns what was seen in the last five minutes, oldest first, once a second at most.
// Where two moments are further apart, nothing was held in between. The caller owns it.
func (w *Watch) History() []Moment {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.history.list(time.Now())
}

func (w *Watch) run() {
	defer close(w.done)
	timer := time.NewTimer(lookEvery)
	timer.Stop()
	defer timer.Stop()
	for {
		if w.look() {
			w.config.Engine.Await(w.stop)
			if w.ended() {
				return
			}
			continue
		}
		timer.Reset(lookEvery)
		select {
		case <-w.stop:
			return
		case <-timer.C:
		case <-w.config.Engine.LevelRose():
			// a level that goes up and down about its mark must not keep us busy
			timer.Reset(lookAgain)
			select {
			case <-w.stop:
				return
			case <-timer.C:
			}
		}
	}
}

func (w *Watch) ended() bool {
	select {
	case <-w.stop:
		return true
	default:
		return false
	}
}

// look takes one look and reports whether there is nothing to be seen until something is emitted.
func (w *Watch) look() (quiet bool) {
	levels, sender := w.config.Engine.Levels(), w.sender()
	w.mu.Lock()
	if levels.At.Before(w.forecast.At) { // somebody else looked meanwhile
		w.mu.Unlock()
		return false
	}
	w.forecast = w.estimator.add(&levels, &sender)
	changed := w.gauge.update(&w.forecast, w.estimator, &levels)
	pressure := w.gauge.now
	w.pressure.Store(&pressure)
	w.history.add(w.moment(&levels))
	if w.config.Shed { // under the lock, because scrapes look too
		w.config.Engine.Press(w.toShed(&levels, &pressure))
	}
	w.mu.Unlock()
	if changed {
		if w.config.LevelChanged != nil {
			w.config.LevelChanged()
		}
		w.notices.changed()
	}
	return levels.Events == 0 && pressure.Level == PressureOK
}

// toShed returns the pressure by which the engine sheds: how full the queue is, or will be soon if
// that is in sight, or how close its waiting comes to the delivery timeout. The age of the oldest
// event is not it: a single partition that does not respond makes that old, and shedding does not
// help it. Nor is its waiting, then.
func (w *Watch) toShed(l *batching.Levels, p *Pressure) float64 {
	limits := &w.forecast.Limits
	used := max(limits[LimitQueueBytes].Level, limits[LimitQueueEvents].Level)
	level := used
	// the level of pressure is held for a while, the ratio is of this moment
	if p.Ratio >= enterElevated && (p.Limit == LimitQueueBytes || p.Limit == LimitQueueEvents) {
		level = max(level, shedInSight)
	}
	out, deadline := w.forecast.BytesOut, w.config.DeliveryTimeout.Seconds()
	if out > 0 && used > waitsFrom && deadline > 0 && !w.estimator.still.stuck(l) {
		level = max(level, min(float64(l.Bytes)/out/deadline, 1))
	}
	return level
}

// shedInSight is how much is shed because a loss is in sight, below half of the queue: details, of
// few runs. From half on, it is the queue that says how much.
const shedInSight = 0.55

// waitsFrom is how full the queue is before its waiting is estimated: what is on its way is not.
const waitsFrom = 0.05

// sender asks the Sender, whose panic costs what it would have said.
func (w *Watch) sender() (s batching.SenderStats) {
	defer guard.Recover(func(panicked string) {
		if w.panicked.CompareAndSwap(false, true) {
			w.config.Logger.Error("dashstream: the Sender's Stats panicked; this is not logged "+
				"again", "panic", panicked, "stack", string(debug.Stack()))
		}
	})
	return w.config.Sender()
}

func (w *Watch) moment(l *batching.Levels) Moment {
	f := &w.forecast
	_, seconds := f.First()
	used := max(f.Limits[LimitQueueBytes].Level, f.Limits[LimitQueueEvents].Level)
	return Moment{
		Used: used,
		At:   l.At, Bytes: l.Bytes, Events: l.Events, Permits: l.Permits, BytesIn: f.BytesIn,
		BytesOut:      f.BytesOut,
		EventsEmitted: f.EventsEmitted, EventsDelivered: f.EventsDelivered,
		EventsLost: f.EventsLost, SecondsToLoss: seconds, Pressure: w.gauge.now.Ratio,
		Level: w.gauge.now.Level, Lost: l.Lost,
	}
}
