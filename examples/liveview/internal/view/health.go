package view

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
)

const (
	maxFailures = 50
	// idleAfter is when a topic of which everything was read counts as idle.
	idleAfter = 10 * time.Second
	// behindAfter is the lag from which the view says that it is behind.
	behindAfter = time.Second
	// silentAfter is when a cluster that does not answer makes the view stale. A fetch of which
	// nothing comes is answered within 5 s.
	silentAfter = 15 * time.Second
)

// health is what the view counts about itself. It is the one source of /metrics, /health, /version
// and the page.
type health struct {
	topic      string
	partitions int
	started    time.Time
	contact    time.Time // the last answer of the cluster
	message    time.Time // the last record read
	trouble    time.Time // the last error of the infrastructure
	reason     string    // of the last error

	records, messages, refused, duplicates uint64
	undecoded                              map[intake.Reason]uint64
	failures                               []Failure
	nextFailure                            int
	behind                                 int64         // records not read yet
	lag                                    time.Duration // age of the newest record read, if behind
	clients                                func() int
	warnings                               *warnings
}

// status returns the view's status, and the reason if it is stale.
func (h *health) status(now time.Time) (status, reason string) {
	switch {
	case h.contact.IsZero() && h.trouble.IsZero():
		return "connecting", ""
	case h.contact.IsZero() || now.Sub(h.contact) > silentAfter ||
		h.trouble.After(h.contact) && now.Sub(h.contact) > 2*time.Second:
		if h.reason == "" {
			return "stale", "the cluster does not answer"
		}
		return "stale", h.reason
	case h.behind > 0 && h.lag > behindAfter:
		return "behind", ""
	case h.message.IsZero() || now.Sub(h.message) >= idleAfter:
		return "waiting", ""
	}
	return "live", ""
}

// Health returns the health of the view.
func (v *View) Health() Health {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.healthNow(v.now())
}

func (v *View) healthNow(now time.Time) Health {
	h := v.health
	out := Health{Topic: h.topic, Partitions: h.partitions, Records: Whole(h.records),
		Messages: Whole(h.messages), Refused: Whole(h.refused), LagRecords: Whole(max(0, h.behind)),
		LastKafka: micros(h.message), LastError: micros(h.trouble), ByReason: []Reason{},
		Threads: len(v.threads), Started: micros(h.started)}
	out.Status, out.Reason = h.status(now)
	if h.behind > 0 {
		out.LagSeconds = h.lag.Seconds()
	}
	if h.clients != nil {
		out.Clients = h.clients()
	}
	for _, r := range intake.Reasons() {
		if n := h.undecoded[r]; n > 0 {
			out.Undecoded += Whole(n)
			out.ByReason = append(out.ByReason, Reason{string(r), string(r.Leads()), Whole(n)})
		}
	}
	out.Kept, out.KeptMax = v.store.Bytes()
	return out
}

// failed counts a record that did not decode.
func (h *health) failed(f *intake.Failure, m *Message, bytes int, now time.Time) {
	h.undecoded[f.Reason]++
	h.failures = append(h.failures, Failure{N: h.nextFailure, Time: micros(now),
		Reason: string(f.Reason), Leads: string(f.Reason.Leads()), Partition: m.Partition,
		Offset: m.Offset, Bytes: bytes, Detail: text(f.Detail)})
	h.nextFailure++
	if len(h.failures) > maxFailures {
		h.failures = slices.Delete(h.failures, 0, 1)
	}
	h.warnings.add(warnUndecoded, 1, now)
}

// healthSource is the source of the health channel.
type healthSource struct{ view *View }

func (s healthSource) changes(now time.Time) data {
	h := s.view.healthNow(now)
	out := data{inMeta: {"health": encoded(&h)}, "failures": {}, "warnings": {}}
	for i := range s.view.health.failures {
		f := &s.view.health.failures[i]
		out["failures"][strconv.Itoa(f.N)] = encoded(f)
	}
	for _, w := range s.view.health.warnings.active(now) {
		out["warnings"][w.Name] = encoded(&w)
	}
	for _, collection := range []string{"failures", "warnings"} {
		for key := range s.view.healthChannel.data[collection] {
			if _, stays := out[collection][key]; !stays {
				out[collection][key] = json.RawMessage(nil)
			}
		}
	}
	return out
}

// Undecoded returns the count of each reason for which records do not decode, also if it is 0.
func (v *View) Undecoded() []Reason {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []Reason
	for _, r := range intake.Reasons() {
		out = append(out, Reason{string(r), string(r.Leads()), Whole(v.health.undecoded[r])})
	}
	return out
}

// FailedSends notes sends to clients that failed.
func (v *View) FailedSends(n int) { v.warn(warnSends, n) }

// Rejected notes a client that was turned away.
func (v *View) Rejected() { v.warn(warnRejectedClients, 1) }

func (v *View) warn(name string, n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.health.warnings.add(name, n, v.now())
}

// Contact notes that the cluster answered.
func (v *View) Contact() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.health.contact = v.now()
}

// Trouble notes an error of the infrastructure.
func (v *View) Trouble(reason string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.health.trouble, v.health.reason = v.now(), text(reason)
	v.health.warnings.add(warnInfrastructure, 1, v.now())
}

// Lag notes how many records are not read yet, and how old the newest one is that was.
func (v *View) Lag(records int64, age time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.health.behind, v.health.lag = records, max(0, age)
	if records > 0 && age > behindAfter {
		v.health.warnings.add(warnBehind, 1, v.now())
	}
}

// Topic notes what is read.
func (v *View) Topic(topic string, partitions int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.health.topic, v.health.partitions = name(topic), partitions
}
