package selfmetrics

import (
	"math"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// describe says what a page shows of a snapshot.
func describe(s *Stats, history []Moment, info *Info) pageData {
	if s.At.IsZero() {
		return pageData{Problem: "The client is disabled: it sends nothing and counts nothing."}
	}
	return pageData{
		At: s.At, Started: s.Started,
		Service: info.Service, Instance: info.Instance, Version: info.Version, Epoch: info.Epoch,
		State:    describeState(s),
		Pressure: describePressure(s, info),
		Input: pageInput{
			Emitted: s.Total.Emitted, Accepted: s.Total.Accepted, Unchanged: s.Total.Unchanged,
			EventsPerSecond: s.Forecast.EventsEmitted, BytesPerSecond: s.Forecast.BytesIn,
			BlockedCallers: s.Queue.Blocked, Runs: s.Input.Runs, Threads: s.Input.Threads,
			ValuePanics: s.Input.ValuePanics,
			InvalidUTF8: s.Input.InvalidUTF8, Renamed: s.Input.RenamedAttributes,
			Hidden: hiddenValues(s),
		},
		Queue: pageQueue{
			Bytes: s.Queue.Bytes, CapacityBytes: usable(s), Used: usedOf(s),
			HighWaterBytes: s.Queue.HighWaterBytes,
			Events:         s.Queue.Events, CapacityEvents: s.Queue.MaxEvents,
			HighWaterEvents: s.Queue.HighWaterEvents,
			Queued:          s.Total.Queued, InFlight: s.Total.InFlight,
			OldestSeconds: since(s.At, s.Queue.Oldest),
		},
		Permits: pagePermits{
			InUse: s.Permits.InUse, Limit: s.Permits.Limit, HighWater: s.Permits.HighWater,
			Batches:          s.Batches.Pending,
			HeartbeatSeconds: max(0, s.At.Sub(s.Worker.Heartbeat).Seconds()),
			WorkerRestarts:   s.Worker.Restarts,
		},
		Kafka: pageKafka{
			Delivered: s.Total.Delivered, EventsPerSecond: s.Forecast.EventsDelivered,
			BytesPerSecond: s.Forecast.BytesOut,
			Connections:    s.Sender.Connections, ConnectFailures: s.Sender.ConnectFailures,
			Requests: s.Sender.Requests, Retries: s.Sender.Retries,
			TransientErrors: s.Sender.Transient, PermanentErrors: s.Sender.Permanent,
			ThrottledSeconds: s.Sender.Throttled.Seconds(),
			Compression:      s.Forecast.Compression, LastAckSeconds: since(s.At, s.LastAck),
			LastError:         withoutSecrets(s.Sender.LastError, info.HideSecrets),
			LastErrorAt:       moment(s.Sender.LastErrorAt),
			Stalled:           withoutSecrets(s.Sender.Stalled, info.HideSecrets),
			StalledPartitions: s.Sender.StalledPartitions,
		},
		Lost:      describeLosses(s),
		Latencies: describeLatencies(s),
		Settings:  describeSettings(s, info),
		History:   describeHistory(history),
	}
}

// usable is what those who emit may use of the queue's bytes, as far as somebody has looked.
func usable(s *Stats) int64 {
	if full := s.Forecast.Limits[LimitQueueBytes].Full; full > 0 {
		return int64(full)
	}
	return s.Queue.MaxBytes
}

// usedOf is the share of the fullest of the queue's limits.
func usedOf(s *Stats) float64 {
	return max(s.Forecast.Limits[LimitQueueBytes].Level, s.Forecast.Limits[LimitQueueEvents].Level)
}

func describePressure(s *Stats, info *Info) pagePressure {
	p := pagePressure{Level: s.Pressure.Level.String(), Ratio: s.Pressure.Ratio,
		Since: moment(s.Pressure.Since), Changes: map[string]uint64{}}
	p.NotAcknowledged = pageSeconds(s.Pressure.Unanswered.Seconds())
	for level, n := range s.Pressure.Entered {
		p.Changes[PressureLevel(level).String()] = n
	}
	p.Seconds = pageSeconds(untilLoss(s))
	if s.Pressure.Judgement != JudgementNone {
		p.Limit, p.Judgement = s.Pressure.Limit.String(), s.Pressure.Judgement.String()
		p.Driver, p.Where = s.Pressure.Driver.String(), withoutSecrets(s.Pressure.Where,
			info.HideSecrets)
	}
	switch {
	case s.Pressure.Unanswered >= standsStill:
		p.Onset, p.OnsetAt = "Kafka last responded", moment(s.At.Add(-s.Pressure.Unanswered))
	case s.Pressure.Level > PressureOK:
		p.Onset, p.OnsetAt = "the level was entered", p.Since
	}
	for i, l := range s.Forecast.Limits {
		if s.Forecast.At.IsZero() {
			l.SecondsToLoss = math.Inf(1)
		}
		p.Limits = append(p.Limits, pageLimit{Name: Limit(i).String(), Level: l.Level,
			Seconds: pageSeconds(l.SecondsToLoss)})
	}
	return p
}

// hiddenValues is how many values redaction has hidden.
func hiddenValues(s *Stats) (n uint64) {
	for _, r := range s.Input.Redactions {
		n += r.Count
	}
	return n
}

func describeLosses(s *Stats) pageLost {
	l := pageLost{
		Dropped: s.Total.DroppedTotal(), Unacknowledged: s.Total.Unacknowledged,
		EventsPerSecond: s.Forecast.EventsLost,
		Queue:           s.Total.Dropped[batching.QueueFull],
		Kafka:           s.Total.Dropped[batching.Timeout] + s.Total.Unacknowledged,
		ByReason:        map[string]uint64{}, ByKind: map[string]uint64{},
		ReportsSent:   s.Report.Sent,
		ReportsFailed: s.Report.Failed,
	}
	l.Total = l.Dropped + l.Unacknowledged
	l.Other = l.Total - l.Queue - l.Kafka
	for reason, n := range s.Total.Dropped {
		l.ByReason[batching.Reason(reason).String()] = n
	}
	for i := range s.Kinds {
		if k := &s.Kinds[i]; k.Name != "" {
			l.ByKind[k.Name] = k.Lost()
		}
	}
	return l
}

func describeLatencies(s *Stats) []pageLatency {
	var list []pageLatency
	add := func(name string, h *batching.Histogram) {
		list = append(list, pageLatency{
			Name: name, Count: h.Count, P50: h.Quantile(0.5).Seconds(),
			P99: h.Quantile(0.99).Seconds(), Max: h.Max,
		})
	}
	add("emit", &s.Emit)
	add("queue_wait", &s.QueueWait)
	add("permit_wait", &s.PermitWait)
	for outcome := range s.Send {
		if outcome == int(batching.Delivered) || s.Send[outcome].Count > 0 {
			add("send_"+batching.Outcome(outcome).String(), &s.Send[outcome])
		}
	}
	add("emit_to_ack", &s.EmitToAck)
	return list
}

// describeSettings shows only what the metrics show too: none of it can be a secret.
func describeSettings(s *Stats, info *Info) []pageSetting {
	list := []pageSetting{
		{"queue_bytes", formatBytes(float64(s.Queue.MaxBytes))},
		{"queue_events", formatCount(s.Queue.MaxEvents)},
		{"permits", formatCount(s.Permits.Limit)},
	}
	if info.Instance == "" {
		return list
	}
	return append(list,
		pageSetting{"overflow", info.Overflow.String()},
		pageSetting{"block_timeout", formatSeconds(info.BlockTimeout.Seconds())},
		pageSetting{"linger", formatSeconds(max(info.Linger, 0).Seconds())},
		pageSetting{"delivery_timeout", formatSeconds(info.DeliveryTimeout.Seconds())},
		pageSetting{"batch_bytes", formatBytes(float64(info.BatchBytes))},
		pageSetting{"batch_events", formatCount(info.BatchEvents)},
		pageSetting{"max_message_bytes", formatBytes(float64(info.MaxMessageBytes))},
		pageSetting{"topic", info.Topic},
		pageSetting{"compression", info.Compression},
	)
}

func describeHistory(history []Moment) []pageMoment {
	list := make([]pageMoment, 0, len(history))
	for i := range history {
		m := &history[i]
		list = append(list, pageMoment{
			At: m.At, Used: m.Used, Bytes: m.Bytes, Events: m.Events, Permits: m.Permits,
			Emitted:   m.EventsEmitted,
			Delivered: m.EventsDelivered, LostRate: m.EventsLost,
			BytesIn: m.BytesIn, BytesOut: m.BytesOut, Seconds: pageSeconds(m.SecondsToLoss),
			Pressure: m.Pressure, Level: m.Level.String(), Lost: m.Lost,
		})
	}
	return list
}

// moment is nil for one that has not come.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// since is the time from then to now; never if that has not come.
func since(now, then time.Time) pageSeconds {
	if then.IsZero() {
		return pageSeconds(math.Inf(1))
	}
	return pageSeconds(max(0, now.Sub(then).Seconds()))
}
