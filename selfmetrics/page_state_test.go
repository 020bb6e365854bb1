package selfmetrics

import (
	"math"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// verdictOn is a snapshot with a verdict. used is the share of the limit, until the seconds to the
// loss.
func verdictOn(
	level PressureLevel, limit Limit, used, until float64, silent time.Duration, driver Driver,
) *Stats {
	s := started()
	s.Queue = batching.QueueStats{Events: 5, MaxEvents: 10, Bytes: 5, MaxBytes: 10}
	s.Forecast.At = s.At
	for i := range s.Forecast.Limits {
		s.Forecast.Limits[i].SecondsToLoss = math.Inf(1)
	}
	s.Forecast.Limits[limit] = LimitForecast{Level: used, SecondsToLoss: until}
	s.Pressure = Pressure{Level: level, Limit: limit, Unanswered: silent, Driver: driver,
		Judgement: JudgementFloor}
	if !math.IsInf(until, 1) {
		s.Pressure.Loss = s.At.Add(time.Duration(until * float64(time.Second)))
	}
	if level == PressureDropping {
		s.Forecast.EventsLost = 612.3
	}
	return &s
}

func TestTheStateIsPutIntoWordsThatDoNotContradictEachOther(t *testing.T) {
	never := math.Inf(1)
	for name, tt := range map[string]struct {
		s                   *Stats
		class, badge, short string
		text                string
	}{
		"at ease": {verdictOn(PressureOK, LimitQueueBytes, 0.01, never, 0, DriverNone),
			"ok", "ok", "ok", "Kafka acknowledges, and no limit comes closer."},
		"filling": {verdictOn(PressureOK, LimitQueueBytes, 0.11, 300, 0, DriverInflow),
			"filling", "filling", "filling, loss in 5 min",
			"11 % of the queue is used; if it goes on, the first loss is in 5 min. More is " +
				"emitted than Kafka acknowledges."},
		"not responding": {verdictOn(PressureOK, LimitQueueBytes, 0.11, 112, 15*time.Second,
			DriverBroker),
			"silent", "not responding", "not responding, loss in 112 s",
			"Kafka has not responded for 15 s. 11 % of the queue is used; if it goes on, the " +
				"first loss is in 112 s."},
		"elevated by the deadline": {verdictOn(PressureElevated, LimitDeliveryDeadline, 0.52, 58,
			62*time.Second, DriverBroker),
			"elevated", "elevated", "elevated, loss in 58 s",
			"Kafka has not responded for 62 s. The oldest event has waited for 52 % of the " +
				"delivery timeout; if it goes on, the first loss is in 58 s."},
		"steady above half": {verdictOn(PressureElevated, LimitQueueBytes, 0.6, never, 0,
			DriverInflow),
			"elevated", "elevated", "elevated", "60 % of the queue is used and it does not fill " +
				"further."},
		"held": {verdictOn(PressureElevated, LimitQueueBytes, 0.2, never, 0, DriverInflow),
			"elevated", "elevated", "elevated", "20 % of the queue is used. It was more a moment " +
				"ago, so the level is held until it stays calm."},
		"nearly full": {verdictOn(PressureCritical, LimitQueueEvents, 0.997, 1.4, 0,
			DriverThrottling),
			"critical", "critical", "critical, loss in 1.4 s",
			"99 % of the queue's events are used; if it goes on, the first loss is in 1.4 s. " +
				"Brokers throttle: a quota is reached."},
		"losing": {verdictOn(PressureDropping, LimitQueueBytes, 1, 0, 130*time.Second,
			DriverBroker),
			"dropping", "dropping", "losing events",
			"Kafka has not responded for 2 min. 612 events/s are being lost: the queue is full."},
	} {
		t.Run(name, func(t *testing.T) {
			st := describeState(tt.s)
			if st.Class != tt.class || st.Badge != tt.badge || st.Short != tt.short ||
				st.Text != tt.text {
				t.Errorf("got %+v", st)
			}
			silent := tt.s.Pressure.Unanswered > 0
			if (st.Silent != "" || st.Class == "silent") != silent || st.Class == "ok" &&
				!tt.s.Pressure.Loss.IsZero() {
				t.Errorf("the badges contradict the verdict: %+v", st)
			}
		})
	}
}
