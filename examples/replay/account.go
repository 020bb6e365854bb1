package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
)

// result is the JSON object on the last line of stdout. The help text says what its fields mean.
type result struct {
	Emitted        uint64            `json:"emitted"`
	Accepted       uint64            `json:"accepted"`
	Delivered      uint64            `json:"delivered"`
	Unacknowledged uint64            `json:"unacknowledged"`
	Unchanged      uint64            `json:"unchanged"`
	Dropped        map[string]uint64 `json:"dropped"`
	Queued         uint64            `json:"queued"`
	InFlight       uint64            `json:"in_flight"`
	HighWater      highWater         `json:"high_water"`
	EmitToAck      latency           `json:"door_to_ack_ms"`
	State          states            `json:"state"`
	Messages       uint64            `json:"messages"`
	Batches        uint64            `json:"batches"`
	WireBytes      uint64            `json:"wire_bytes"`
	CPUPerEvent    int64             `json:"cpu_ns_per_event"`
	Seconds        float64           `json:"seconds"`
}

// highWater are the highest levels of a replay.
type highWater struct {
	Events  int64 `json:"events"`
	Bytes   int64 `json:"bytes"`
	Permits int64 `json:"permits"`
}

// raise takes the levels of a snapshot in. Each snapshot covers the last 60 seconds.
func (h *highWater) raise(s *callback.Stats) {
	h.Events = max(h.Events, s.Queue.HighWaterEvents)
	h.Bytes = max(h.Bytes, s.Queue.HighWaterBytes)
	h.Permits = max(h.Permits, s.Permits.HighWater)
}

// states are the messages that said how states changed, by form, and the bytes of what they said.
type states struct {
	Patches     uint64 `json:"patches"`
	Whole       uint64 `json:"whole"`
	Checkpoints uint64 `json:"checkpoints"`
	Bytes       uint64 `json:"bytes"`
}

// latency is a distribution of times in ms.
type latency struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// account makes the result of a client's last snapshot.
func account(s *callback.Stats, high highWater, took, cpu time.Duration) *result {
	t := &s.Total
	high.raise(s)
	r := &result{
		Emitted: t.Emitted, Accepted: t.Accepted, Delivered: t.Delivered,
		Unacknowledged: t.Unacknowledged, Unchanged: t.Unchanged,
		Dropped: map[string]uint64{}, Queued: t.Queued, InFlight: t.InFlight, HighWater: high,
		Messages: t.Messages, Batches: s.EmitToAck.Count,
		State: states{Patches: s.State.Patches, Whole: s.State.Whole,
			Checkpoints: s.State.Checkpoints, Bytes: s.State.Bytes},
		WireBytes: s.Sender.WireBytes, Seconds: rounded(took.Seconds()),
		EmitToAck: latency{
			P50: millis(s.EmitToAck.Quantile(.5)), P99: millis(s.EmitToAck.Quantile(.99)),
			Max: rounded(s.EmitToAck.Max * 1000),
		},
	}
	for i, n := range t.Dropped {
		if n > 0 {
			r.Dropped[batching.Reason(i).String()] = n
		}
	}
	if t.Emitted > 0 {
		r.CPUPerEvent = int64(math.Round(float64(cpu) / float64(t.Emitted)))
	}
	return r
}

func millis(d time.Duration) float64 { return rounded(float64(d) / float64(time.Millisecond)) }

func rounded(x float64) float64 { return math.Round(x*1000) / 1000 }

// closes says whether every event that was emitted has come to an end.
func (r *result) closes() bool {
	return r.Queued == 0 && r.InFlight == 0 && r.Emitted == r.Delivered+r.Unacknowledged+
		r.Unchanged+r.droppedTotal()
}

func (r *result) droppedTotal() uint64 {
	var n uint64
	for _, d := range r.Dropped {
		n += d
	}
	return n
}

func (r *result) write(w io.Writer) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}

// summarize says the same for people.
func (r *result) summarize(w io.Writer, s *callback.Stats, d *driver) {
	perEvent := func(n uint64) float64 { return float64(n) / float64(max(r.Emitted, 1)) }
	fmt.Fprintf(w, "replayed %s runs of %s recorded ones, up to %s at once: %s events in %.1f s, "+
		"%s events/s\n",
		grouped(d.ended.Load()), grouped(len(d.recordings)), grouped(d.peak.Load()),
		grouped(r.Emitted), r.Seconds,
		grouped(int64(float64(r.Emitted)/max(r.Seconds, .001))))
	fmt.Fprintf(w, "  delivered    %s, unacknowledged %s, unchanged %s, dropped %s%s\n",
		grouped(r.Delivered), grouped(r.Unacknowledged), grouped(r.Unchanged),
		grouped(r.droppedTotal()), byReason(r.Dropped))
	fmt.Fprintf(w, "  high water   %s of %s events, %s of %s, %s of %s permits\n",
		grouped(r.HighWater.Events), grouped(s.Queue.MaxEvents), size(r.HighWater.Bytes),
		size(s.Queue.MaxBytes),
		grouped(r.HighWater.Permits), grouped(s.Permits.Limit))
	fmt.Fprintf(w, "  emit to ack  p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", r.EmitToAck.P50,
		r.EmitToAck.P99, r.EmitToAck.Max)
	fmt.Fprintf(w, "  on the wire  %s messages in %s batches, %s: %.0f bytes an event, %.0f "+
		"before compression\n",
		grouped(r.Messages), grouped(r.Batches), size(r.WireBytes), perEvent(r.WireBytes),
		perEvent(s.Sender.UncompressedBytes))
	if n := r.State.Patches + r.State.Whole + r.State.Checkpoints; n > 0 {
		fmt.Fprintf(w, "  states       %s patches, %s whole, %s checkpoints: %.0f bytes each\n",
			grouped(r.State.Patches), grouped(r.State.Whole), grouped(r.State.Checkpoints),
			float64(r.State.Bytes)/float64(n))
	}
	fmt.Fprintf(w, "  CPU          %.2f µs an event\n", float64(r.CPUPerEvent)/1000)
}

func byReason(dropped map[string]uint64) string {
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(dropped)) {
		reasons = append(reasons, reason+" "+grouped(dropped[reason]))
	}
	if reasons == nil {
		return ""
	}
	return " (" + strings.Join(reasons, ", ") + ")"
}
