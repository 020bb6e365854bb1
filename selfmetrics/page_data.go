package selfmetrics

import (
	"encoding/json"
	"math"
	"time"
)

// pageData is what a page shows, and what it is as JSON. Bytes are bytes of memory, durations are
// seconds, times are RFC 3339 (null: not yet).
type pageData struct {
	// Problem says why there is nothing else; empty otherwise.
	Problem string `json:"problem,omitempty"`

	// At is when this was read, Started when the producer was. Both are zero for a client that is
	// disabled.
	At      time.Time `json:"at"`
	Started time.Time `json:"started"`

	// Who it is.
	Service  string `json:"service"`
	Instance string `json:"instance"`
	Version  string `json:"version"`
	Epoch    uint64 `json:"epoch"`

	State    pageState    `json:"state"`
	Pressure pagePressure `json:"pressure"`
	Input    pageInput    `json:"input"`
	Queue    pageQueue    `json:"queue"`
	Permits  pagePermits  `json:"permits"`
	Kafka    pageKafka    `json:"kafka"`
	Lost     pageLost     `json:"lost"`

	Latencies []pageLatency `json:"latencies"`
	Settings  []pageSetting `json:"settings"`
	History   []pageMoment  `json:"history"`
}

// pagePressure is how close the first loss is.
type pagePressure struct {
	// Level is ok, elevated, critical or dropping; Ratio runs from 0 to 1.
	Level string     `json:"level"`
	Ratio float64    `json:"ratio"`
	Since *time.Time `json:"since"`
	// Limit decides the level, by this judgement; Seconds is the time until the first loss at it,
	// Driver what drives it and Where what holds it up. They are null and "" while no limit comes
	// closer.
	Seconds   pageSeconds `json:"seconds_to_first_loss"`
	Limit     string      `json:"limit"`
	Judgement string      `json:"judgement"`
	Driver    string      `json:"driver"`
	Where     string      `json:"where"`
	// NotAcknowledged is for how long nothing has been acknowledged although something waits.
	NotAcknowledged pageSeconds `json:"not_acknowledged_seconds"`
	Limits          []pageLimit `json:"limits"`
	// Onset says what a line in the history marks, and when that was; null if nothing does.
	Onset   string            `json:"onset,omitempty"`
	OnsetAt *time.Time        `json:"onset_at,omitempty"`
	Changes map[string]uint64 `json:"changes"`
}

// pageLimit is one limit at which events begin to be lost.
type pageLimit struct {
	Name    string      `json:"name"`
	Level   float64     `json:"level"`
	Seconds pageSeconds `json:"seconds_to_loss"`
}

// pageInput is what the application does. The rates are those of what it emits, and of what the
// queue took for it.
type pageInput struct {
	Emitted         uint64  `json:"emitted"`
	Accepted        uint64  `json:"accepted"`
	Unchanged       uint64  `json:"unchanged"`
	EventsPerSecond float64 `json:"events_per_second"`
	BytesPerSecond  float64 `json:"bytes_per_second"`
	BlockedCallers  int64   `json:"blocked_callers"`
	Runs            int64   `json:"runs"`
	Threads         int64   `json:"threads"`
	ValuePanics     uint64  `json:"value_panics"`
	InvalidUTF8     uint64  `json:"invalid_utf8_strings"`
	Renamed         uint64  `json:"renamed_attributes"`
	Hidden          uint64  `json:"hidden_values"`
}

// pageQueue is what is held, and how full that is.
type pageQueue struct {
	// Used is the share of the fullest of its limits. CapacityBytes is what those who emit may use.
	Used            float64     `json:"used"`
	Bytes           int64       `json:"bytes"`
	CapacityBytes   int64       `json:"capacity_bytes"`
	HighWaterBytes  int64       `json:"high_water_bytes"`
	Events          int64       `json:"events"`
	CapacityEvents  int64       `json:"capacity_events"`
	HighWaterEvents int64       `json:"high_water_events"`
	Queued          uint64      `json:"queued"`
	InFlight        uint64      `json:"in_flight"`
	OldestSeconds   pageSeconds `json:"oldest_event_seconds"`
}

// pagePermits is how many batches are on their way, and whether the worker lives.
type pagePermits struct {
	InUse            int64   `json:"in_use"`
	Limit            int64   `json:"limit"`
	HighWater        int64   `json:"high_water"`
	Batches          int64   `json:"batches"`
	HeartbeatSeconds float64 `json:"worker_heartbeat_seconds"`
	WorkerRestarts   uint64  `json:"worker_restarts"`
}

// pageKafka is what the Sender knows.
type pageKafka struct {
	Delivered        uint64      `json:"delivered"`
	EventsPerSecond  float64     `json:"events_per_second"`
	BytesPerSecond   float64     `json:"bytes_per_second"`
	Connections      int64       `json:"connections"`
	ConnectFailures  uint64      `json:"connect_failures"`
	Requests         uint64      `json:"requests"`
	Retries          uint64      `json:"retries"`
	TransientErrors  uint64      `json:"transient_errors"`
	PermanentErrors  uint64      `json:"permanent_errors"`
	ThrottledSeconds float64     `json:"throttled_seconds"`
	Compression      float64     `json:"compression"`
	LastAckSeconds   pageSeconds `json:"last_ack_seconds"`
	// LastError has what looks like a secret hidden.
	LastError string `json:"last_error"`
	// Stalled names what holds up most of the stalled partitions; "" if none is stalled.
	Stalled           string     `json:"stalled"`
	StalledPartitions int64      `json:"stalled_partitions"`
	LastErrorAt       *time.Time `json:"last_error_at"`
}

// pageLost is what did not get through, since the start.
type pageLost struct {
	Dropped uint64 `json:"dropped"`
	// EventsPerSecond is how many events are being lost because a limit was reached; Queue and
	// Kafka say where: at the limits of the queue, or after they were sent.
	EventsPerSecond float64           `json:"events_per_second"`
	Total           uint64            `json:"total"`
	Other           uint64            `json:"for_other_reasons"`
	Queue           uint64            `json:"in_queue"`
	Kafka           uint64            `json:"after_sending"`
	Unacknowledged  uint64            `json:"unacknowledged"`
	ByReason        map[string]uint64 `json:"by_reason"`
	ByKind          map[string]uint64 `json:"by_message_type"`
	ReportsSent     uint64            `json:"reports_sent"`
	ReportsFailed   uint64            `json:"reports_failed"`
}

// pageLatency is one stage's latency since the start.
type pageLatency struct {
	Name  string  `json:"name"`
	Count uint64  `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// pageSetting is one setting that the figures are to be compared with.
type pageSetting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// pageMoment is one moment of the history.
type pageMoment struct {
	At        time.Time   `json:"at"`
	Used      float64     `json:"used"`
	Bytes     int64       `json:"bytes"`
	Events    int64       `json:"events"`
	Permits   int64       `json:"permits"`
	Emitted   float64     `json:"events_emitted_per_second"`
	Delivered float64     `json:"events_delivered_per_second"`
	LostRate  float64     `json:"events_lost_per_second"`
	BytesIn   float64     `json:"bytes_in_per_second"`
	BytesOut  float64     `json:"bytes_out_per_second"`
	Seconds   pageSeconds `json:"seconds_to_first_loss"`
	Pressure  float64     `json:"pressure"`
	Level     string      `json:"level"`
	Lost      uint64      `json:"lost"`
}

// pageSeconds is a time in seconds. +Inf, never, is null as JSON.
type pageSeconds float64

// MarshalJSON writes the number, or null for one that JSON has not.
func (s pageSeconds) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(s), 0) || math.IsNaN(float64(s)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(s))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *pageSeconds) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*s = pageSeconds(math.Inf(1))
		return nil
	}
	return json.Unmarshal(text, (*float64)(s))
}

// Never says whether s is not a time but never.
func (s pageSeconds) Never() bool { return math.IsInf(float64(s), 1) }
