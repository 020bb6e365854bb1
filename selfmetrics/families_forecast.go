package selfmetrics

import "math"

// forecast is what is to be expected, and why.
var forecast = []family{
	{Definition{
		Name: "dashstream_forecast_seconds_to_loss", Type: Gauge,
		Unit: "seconds", Labels: []string{"limit"},
		Help: "Time until a limit is reached at the present trend, by limit; +Inf while it does " +
			"not come closer. The least of them says what to raise.",
	}, func(s *snapshot, out sink) {
		for limit := range s.Forecast.Limits {
			seconds := s.Forecast.Limits[limit].SecondsToLoss
			if s.Forecast.At.IsZero() {
				_, seconds = s.Forecast.First()
			}
			out.value(seconds, Limit(limit).String())
		}
	}},
	gauge("dashstream_seconds_to_first_loss", "seconds",
		"Time until the first event is lost at the present trend; +Inf while no limit comes "+
			"closer. Act before it is 0: see the driver for where.",
		func(s *snapshot) float64 { _, seconds := s.Forecast.First(); return seconds }),
	{Definition{
		Name: "dashstream_limit_used_ratio", Type: Gauge, Unit: "ratio", Labels: []string{"limit"},
		Help: "The share of a limit that is used, by limit: half of any is elevated, four fifths " +
			"critical.",
	}, func(s *snapshot, out sink) {
		for limit := range s.Forecast.Limits {
			out.value(s.Forecast.Limits[limit].Level, Limit(limit).String())
		}
	}},
	gauge("dashstream_pressure_ratio", "ratio",
		"How close the first loss is, from 0 (nothing is held) to 1 (events are being lost).",
		func(s *snapshot) float64 { return s.Pressure.Ratio }),
	gauge("dashstream_pressure_level", "1",
		"The pressure in steps: 0 ok, 1 elevated (a loss is in sight), 2 critical (it is near), 3 "+
			"dropping.",
		func(s *snapshot) int { return int(s.Pressure.Level) }),
	{Definition{
		Name: "dashstream_pressure_changes_total", Type: Counter,
		Unit: "changes", Labels: []string{"level"},
		Help: "How often each level of pressure was entered. It shows what happened between two " +
			"scrapes.",
	}, func(s *snapshot, out sink) {
		for level, n := range s.Pressure.Entered {
			out.value(float64(n), PressureLevel(level).String())
		}
	}},
	{Definition{
		Name: "dashstream_pressure_driver", Type: Gauge, Unit: "1", Labels: []string{"driver"},
		Help: "1 for what drives the limit that decides, 0 for the others: none, inflow, " +
			"permits, throttling, broker, worker.",
	}, func(s *snapshot, out sink) {
		for d := range NumDrivers {
			out.value(is(Driver(d) == s.Pressure.Driver), Driver(d).String())
		}
	}},
	{Definition{
		Name: "dashstream_pressure_limit", Type: Gauge, Unit: "1", Labels: []string{"limit"},
		Help: "1 for the limit that decides the level, or that comes closer first while it " +
			"is ok, 0 for the others: the one to raise.",
	}, func(s *snapshot, out sink) {
		for limit := range NumLimits {
			out.value(is(s.Pressure.Judgement != JudgementNone && Limit(limit) == s.Pressure.Limit),
				Limit(limit).String())
		}
	}},
	{Definition{
		Name: "dashstream_pressure_judgement", Type: Gauge, Unit: "1",
		Labels: []string{"judgement"},
		Help: "1 for what the level rests on, 0 for the others: none, arithmetic (the future is " +
			"known), trend (it is estimated), floor (so much is used).",
	}, func(s *snapshot, out sink) {
		for j := range NumJudgements {
			out.value(is(Judgement(j) == s.Pressure.Judgement), Judgement(j).String())
		}
	}},
	gauge("dashstream_pressure_seconds_to_loss", "seconds",
		"Time until the first event is lost at the limit that decides the level; +Inf while that "+
			"does not come closer.",
		func(s *snapshot) float64 {
			if s.Pressure.Loss.IsZero() {
				return math.Inf(1)
			}
			return max(s.Pressure.Loss.Sub(s.Forecast.At).Seconds(), 0)
		}),
	gauge("dashstream_not_acknowledged_seconds", "seconds",
		"For how long nothing has been acknowledged although something waits; 0 while Kafka "+
			"responds, or nothing waits.",
		func(s *snapshot) float64 { return s.Pressure.Unanswered.Seconds() }),
	gauge("dashstream_queue_inflow_bytes_per_second", "bytes",
		"Memory that the queue took for events, per second, over the last seconds. While it is "+
			"above the outflow the queue fills.",
		func(s *snapshot) float64 { return s.Forecast.BytesIn }),
	gauge("dashstream_queue_outflow_bytes_per_second", "bytes",
		"Memory that the queue freed, per second, over the last seconds: of events that came to "+
			"an end, and of what took less room once it was sealed.",
		func(s *snapshot) float64 { return s.Forecast.BytesOut }),
	gauge("dashstream_queue_inflow_events_per_second", "events",
		"Events that the queue took in, per second, over the last seconds. If it jumped, look at "+
			"what the application does.",
		func(s *snapshot) float64 { return s.Forecast.EventsIn }),
	gauge("dashstream_queue_outflow_events_per_second", "events",
		"Events that left the queue, per second, over the last seconds. If it fell while permits "+
			"are held, look at brokers and network.",
		func(s *snapshot) float64 { return s.Forecast.EventsOut }),
}

// is returns 1 for what is so.
func is(so bool) float64 {
	if so {
		return 1
	}
	return 0
}
