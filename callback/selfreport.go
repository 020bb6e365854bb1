package callback

import (
	"context"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/guard"
	"github.com/dashstream/dashstream-go/internal/wire"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// reportRecords is how many records of in-band reports may be in flight besides the events'
// permits.
const reportRecords = 16

// reports sends the client's in-band reports. They use neither the queue nor the permits, so that
// they get through when both are exhausted, and they are not part of the account. One report is in
// flight at a time. A report is skipped while the previous one has not been acknowledged; that
// costs nothing, because the values are cumulative.
type reports struct {
	client *Client
	key    []byte
	header []byte // tenant and thread, encoded
	tags   map[string]string

	number       uint64        // of the last report; only the reporter's goroutine uses it
	permit       chan struct{} // holds one token while no report is in flight
	last         *atomic.Bool  // the last report was sent
	sent, failed *atomic.Uint64
}

func newReports(c *Client) reports {
	key := pb.ReportThreadPrefix + c.cfg.InstanceID
	host, _ := os.Hostname() // on error, the tag is empty
	r := reports{
		client: c, key: []byte(key), header: wire.AppendThread(nil, c.tenant, key),
		permit: make(chan struct{}, 1),
		last:   new(atomic.Bool), sent: new(atomic.Uint64), failed: new(atomic.Uint64),
		tags: map[string]string{
			"instance": c.cfg.InstanceID, "service": c.valid(c.cfg.Service), "host": c.valid(host),
			"pid": strconv.Itoa(os.Getpid()), "version": Version(),
			"epoch":      strconv.FormatUint(c.epoch, 10),
			"start_time": time.UnixMicro(int64(c.epoch)).UTC().Format(time.RFC3339Nano),
		},
	}
	r.permit <- struct{}{}
	return r
}

func (r *reports) stats() selfmetrics.ReportStats {
	if r.client == nil { // called before the client was complete
		return selfmetrics.ReportStats{}
	}
	return selfmetrics.ReportStats{Sent: r.sent.Load(), Failed: r.failed.Load()}
}

// finalWait bounds how long the last report waits for the previous one.
const finalWait = 50 * time.Millisecond

// send sends a report if none is in flight.
func (r *reports) send(report selfmetrics.Report) {
	if !r.acquire(report.Reason == selfmetrics.ReasonFinal) {
		r.failed.Add(1)
		return
	}
	r.last.Store(report.Reason == selfmetrics.ReasonFinal)
	value := r.encode(report)
	b := &batching.Batch{
		Key: r.key, Value: value, Headers: r.client.recordHeaders, Kind: kindReport, Events: 1,
		ID: reportNumber(r.number), Opened: time.Now(),
	}
	var over sync.Once
	end := func(sent bool) {
		over.Do(func() {
			if sent {
				r.sent.Add(1)
			} else {
				r.failed.Add(1)
			}
			r.permit <- struct{}{}
		})
	}
	defer guard.Recover(func(panicked string) {
		end(false)
		panic(panicked) // the reporter logs it
	})
	r.client.sender.Send(b, func(_ *batching.Batch, err error) { end(err == nil) })
}

// acquire takes the permit and reports whether it was free. Only the last report waits for it.
func (r *reports) acquire(last bool) bool {
	select {
	case <-r.permit:
		return true
	default:
	}
	if !last {
		return false
	}
	timer := time.NewTimer(finalWait)
	defer timer.Stop()
	select {
	case <-r.permit:
		return true
	case <-timer.C:
		return false
	}
}

// lastPatience bounds how long shutdown waits for the acknowledgement of the last report if nothing
// else is left to do.
const lastPatience = time.Second

// awaitLast waits for the acknowledgement of the last report, if it was sent at all: it is not sent
// while the previous one is stuck.
func (r *reports) awaitLast(ctx context.Context) {
	if !r.last.Load() {
		return
	}
	timer := time.NewTimer(lastPatience)
	defer timer.Stop()
	select {
	case <-r.permit:
		r.permit <- struct{}{}
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (r *reports) encode(report selfmetrics.Report) []byte {
	m := &pb.Metrics{
		Scope: pb.ReportScope, ScopeId: r.client.cfg.InstanceID,
		Metrics: make(map[string]*pb.MetricValue, len(report.Samples)),
		Tags:    make(map[string]string, len(r.tags)+3),
	}
	for k, v := range r.tags {
		m.Tags[k] = v
	}
	r.number++
	m.Tags[pb.ReportNumberTag] = strconv.FormatUint(r.number, 10)
	m.Tags["reason"] = string(report.Reason)
	m.Tags["interval_seconds"] = strconv.FormatFloat(report.Interval.Seconds(), 'f', -1, 64)
	for _, s := range report.Samples {
		m.Metrics[s.Name] = sampleValue(s)
	}
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil { // can fail only for invalid UTF-8, and all strings are valid
		r.client.log.Error("dashstream: the in-band report could not be encoded", "error", err)
	}
	return r.frame(reportNumber(r.number), body)
}

// frame returns the record of a message in the producer's own thread. It has no sequence number: a
// live view of the thread that sent last must not switch to it.
func (r *reports) frame(number uint64, body []byte) []byte {
	h := wire.Header{ID: r.client.messageID(number), Micros: time.Now().UnixMicro(),
		Thread: r.header, Type: byte(kindReport)}
	buf := make([]byte, wire.Frame, wire.Frame+wire.SizeHeader(&h, 0)+len(body))
	buf = append(wire.AppendHeader(buf, &h, 0), body...)
	return buf[wire.PutFrame(buf, wire.Frame, byte(kindReport), len(buf)-wire.Frame):]
}

// reportNumber returns a number that no event and no batch has: those of the engine stay below
// 2^60. See also [lossNumber] and [unsentMark].
func reportNumber(n uint64) uint64 { return n | 1<<61 }

var metricTypes = map[selfmetrics.Type]pb.MetricValue_MetricType{
	selfmetrics.Counter:   pb.MetricValue_METRIC_TYPE_COUNTER,
	selfmetrics.Gauge:     pb.MetricValue_METRIC_TYPE_GAUGE,
	selfmetrics.Histogram: pb.MetricValue_METRIC_TYPE_HISTOGRAM,
}

// sampleValue sends whole numbers as integers: counters remain exact, and a reader in a browser
// gets them as text.
func sampleValue(s selfmetrics.Sample) *pb.MetricValue {
	v := &pb.MetricValue{Unit: s.Unit, Type: metricTypes[s.Type]}
	if n := int64(s.Value); float64(n) == s.Value && s.Unit != "seconds" {
		v.Value = &pb.MetricValue_IntValue{IntValue: n}
	} else {
		v.Value = &pb.MetricValue_FloatValue{FloatValue: s.Value}
	}
	return v
}
