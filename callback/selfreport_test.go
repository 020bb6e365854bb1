package callback_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func reporting(mode callback.SelfMetrics) func(*callback.Config) {
	return func(cfg *callback.Config) { cfg.SelfMetrics, cfg.InstanceID = mode, "instance-1" }
}

const reportThread = "dashstream-callback/instance-1"

func isReport(b *batching.Batch) bool { return string(b.Key) == reportThread }

// reportsOf lists the in-band reports that were sent.
func reportsOf(rec *callbacktest.Recorder) (reports []*pb.Metrics) {
	for _, m := range rec.Messages(reportThread) {
		if m.LossStatement() != nil {
			continue
		}
		reports = append(reports, m.GetMetrics())
	}
	return reports
}

// reasons lists number and reason of each report.
func reasons(rec *callbacktest.Recorder) string {
	var all []string
	for _, m := range reportsOf(rec) {
		all = append(all, fmt.Sprintf("%s:%s", m.GetTags()["number"], m.GetTags()["reason"]))
	}
	return strings.Join(all, " ")
}

// value returns a number from a report.
func value(m *pb.Metrics, name string) float64 {
	v, ok := m.GetMetrics()[name]
	if !ok {
		return -1
	}
	return float64(v.GetIntValue()) + v.GetFloatValue()
}

func TestReportsInBandFollowTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, reporting("always"))
		time.Sleep(35 * time.Second)
		if _, err := client.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got, want := reasons(rec), "1:start 2:interval 3:interval 4:interval 5:final"; got !=
			want {
			t.Errorf("the reports are %s, want %s", got, want)
		}
		if s := client.Stats(); s.Report.Sent != 5 || s.Report.Failed != 0 || s.Total.Emitted != 0 {
			t.Errorf("the account is %+v, %+v: reports are no part of it", s.Report, s.Total)
		}
	})
}

func TestReportsInBandThatAreOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, reporting("off"))
		time.Sleep(time.Hour)
		if _, err := client.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := reasons(rec); got != "" {
			t.Errorf("the reports are %s, want none", got)
		}
	})
}

func TestAReportInBandHasTheFormThatReadersKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, reporting("auto"), func(cfg *callback.Config) {
			cfg.TenantID,
				cfg.Service = "tenant", "service"
		})
		started := time.Now()
		client.StartRun(callback.RunInfo{ThreadID: "thread"}).End(nil)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		records := rec.Records(reportThread)
		if len(records) != 2 {
			t.Fatalf("%d reports, want 2", len(records))
		}
		m, err := pb.Decode(records[1].Value)
		if err != nil {
			t.Fatal(err)
		}
		report := m.GetMetrics()
		h := report.GetHeader()
		if len(h.GetMessageId()) != 16 || h.GetTenantId() != "tenant" ||
			h.GetThreadId() != reportThread || h.GetSequence() != 0 ||
			h.GetType() != pb.MessageType_MESSAGE_TYPE_METRICS || h.GetSchemaVersion() != 1 ||
			len(h.GetParentId()) > 0 ||
			h.GetTimestampUs() != started.Add(10*time.Second).UnixMicro() {
			t.Errorf("the header is %v", h)
		}
		if report.GetScope() != "dashstream_callback" || report.GetScopeId() != "instance-1" {
			t.Errorf("scope %q, id %q", report.GetScope(), report.GetScopeId())
		}
		host, _ := os.Hostname()
		want := map[string]string{
			"instance": "instance-1", "service": "service", "host": host,
			"pid": strconv.Itoa(os.Getpid()), "version": callback.Version(),
			"epoch": strconv.FormatInt(started.UnixMicro(), 10), "interval_seconds": "10",
			"start_time": "2000-01-01T00:00:00Z", "reason": "interval", "number": "2",
		}
		if got := report.GetTags(); !maps.Equal(got, want) {
			t.Errorf("the tags are %v, want %v", got, want)
		}
		headers := map[string]string{}
		for _, h := range records[1].Headers {
			headers[h.Key] = string(h.Value)
		}
		if !maps.Equal(headers, map[string]string{"ds-producer": "instance-1",
			"ds-epoch": want["epoch"]}) {
			t.Errorf("the record's headers are %v", headers)
		}
		if n := value(report, `dashstream_events_delivered_total{message_type="event"}`); n != 2 {
			t.Errorf("%g events delivered, want 2", n)
		}
		if n := value(report,
			`dashstream_telemetry_dropped_total{message_type="token_chunk",reason="queue_full"}`); n != 0 {
			t.Errorf("%g chunks dropped, want 0", n)
		}
		if v := report.GetMetrics()["dashstream_queue_capacity_bytes"]; v.GetUnit() != "bytes" ||
			v.GetType() != pb.MetricValue_METRIC_TYPE_GAUGE {
			t.Errorf("the queue's capacity is %v", v)
		}
		if got := rec.Check(); len(got.Violations) > 0 || got.Missing() > 0 {
			t.Errorf("the stream breaks rules: %v", got)
		}
	})
}

// One vocabulary: reports name values as Prometheus does, without the label that identifies the
// instance.
func TestReportsInBandSayWhatPrometheusShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, reporting("always"))
		registry := prometheus.NewRegistry()
		registry.MustRegister(client.Metrics())
		client.StartRun(callback.RunInfo{}).End(nil)
		time.Sleep(10*time.Second + time.Millisecond)
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		reports := reportsOf(rec)
		report := reports[len(reports)-1]
		shown := map[string]bool{}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				var labels []string
				for _, l := range m.GetLabel() {
					if l.GetName() != "client" {
						labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
					}
				}
				name := func(suffix string, more ...string) string {
					all := strings.Join(slices.Concat(labels, more), ",")
					if all != "" {
						all = "{" + all + "}"
					}
					return f.GetName() + suffix + all
				}
				if h := m.GetHistogram(); h != nil {
					for _, b := range h.GetBucket() {
						shown[name("_bucket", fmt.Sprintf("le=%q",
							strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64)))] = true
					}
					shown[name("_bucket", `le="+Inf"`)] = true
					shown[name("_sum")] = true
					shown[name("_count")] = true
					continue
				}
				shown[name("")] = true
			}
		}
		for key := range report.GetMetrics() {
			if !shown[key] {
				t.Errorf("the report has %s, which Prometheus does not show", key)
			}
		}
		for key := range shown {
			if report.GetMetrics()[key] == nil {
				t.Errorf("Prometheus shows %s, which the report does not have", key)
			}
		}
	})
}

// An in-band report needs neither room in the queue nor a permit.
func TestReportsInBandGoWhileTheQueueIsFullAndEveryPermitTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t, reporting("always"), func(cfg *callback.Config) {
			cfg.QueueEvents, cfg.MaxPermits = 10, 2
		})
		synctest.Wait()
		c.holdBut(isReport)
		for range 20 {
			client.StartRun(callback.RunInfo{}).End(nil)
		}
		time.Sleep(30*time.Second + time.Millisecond)
		s := client.Stats()
		if s.Queue.Events != s.Queue.MaxEvents || s.Permits.InUse != s.Permits.Limit {
			t.Fatalf("the queue holds %d of %d, %d of %d permits are taken", s.Queue.Events,
				s.Queue.MaxEvents, s.Permits.InUse, s.Permits.Limit)
		}
		c.release()
		reports := reportsOf(c.Recorder)
		// How many levels the pressure passes on its way up depends on when it is read; it falls by
		// one after a calm period.
		want := regexp.MustCompile(`^1:start( \d:level){1,3} \d:interval( \d:level)? \d:interval$`)
		if got := reasons(c.Recorder); !want.MatchString(got) || s.Report.Failed != 0 {
			t.Errorf("the reports are %s (%+v), want %s", got, s.Report, want)
		}
		last := reports[len(reports)-1]
		if n := value(last,
			`dashstream_telemetry_dropped_total{message_type="event",reason="queue_full"}`); n !=
			30 {
			t.Errorf("the report says that %g events were dropped, want 30", n)
		}
		if n := value(last, "dashstream_telemetry_inflight_permits"); n != 2 {
			t.Errorf("the report says that %g permits are taken, want 2", n)
		}
	})
}

func TestOneReportIsOnItsWayAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t, reporting("always"))
		synctest.Wait()
		c.hold()
		time.Sleep(30*time.Second + time.Millisecond)
		if s := client.Stats().Report; s.Sent != 1 || s.Failed != 2 {
			t.Errorf("the reports are %+v, want 1 sent and 2 that were not sent", s)
		}
		c.release()
		time.Sleep(10 * time.Second)
		if got, want := reasons(c.Recorder), "1:start 2:interval 3:interval"; got != want {
			t.Errorf("the reports are %s, want %s: a report that was not sent takes no number", got,
				want)
		}
	})
}

func TestAReportThatFailsLeavesItsNumberOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t, reporting("always"))
		synctest.Wait()
		c.decide(func(*batching.Batch) error { return errRefused })
		time.Sleep(10*time.Second + time.Millisecond)
		c.decide(nil)
		time.Sleep(10 * time.Second)
		if got, want := reasons(c.Recorder), "1:start 3:interval"; got != want {
			t.Errorf("the reports are %s, want %s", got, want)
		}
		if s := client.Stats(); s.Report.Failed != 1 || s.Total.DroppedTotal() != 0 {
			t.Errorf("the account is %+v, %+v", s.Report, s.Total)
		}
	})
}

func TestTheFinalReportHasTheFinalAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, reporting("auto"))
		for range 5 {
			client.StartRun(callback.RunInfo{}).End(nil)
		}
		report, err := client.Shutdown(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		reports := reportsOf(rec)
		last := reports[len(reports)-1]
		if last.GetTags()["reason"] != "final" {
			t.Fatalf("the last report is the %s one", last.GetTags()["reason"])
		}
		for name, want := range map[string]uint64{
			`dashstream_events_emitted_total{message_type="event"}`:   report.Emitted,
			`dashstream_events_delivered_total{message_type="event"}`: report.Delivered,
			"dashstream_telemetry_queue_depth":                        0,
			"dashstream_runs_active":                                  0,
		} {
			if got := value(last, name); got != float64(want) {
				t.Errorf("%s is %g, want %d", name, got, want)
			}
		}
	})
}

// slowCourier is slow, and delivers nothing once it is closed.
type slowCourier struct {
	*callbacktest.Recorder
	closed atomic.Bool
}

func (s *slowCourier) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	time.AfterFunc(20*time.Millisecond, func() {
		if s.closed.Load() {
			done(b, errRefused)
			return
		}
		s.Recorder.Send(b, done)
	})
}

func (s *slowCourier) Close(context.Context) error { s.closed.Store(true); return nil }

func TestTheFinalReportArrivesBeforeTheSenderIsClosed(t *testing.T) {
	for name, patience := range map[string]time.Duration{"in time": time.Second,
		"when the time is over": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slowCourier{Recorder: callbacktest.NewRecorder()}
				client := s.Client(t, reporting("always"), func(cfg *callback.Config) {
					cfg.Sender = s
				})
				time.Sleep(time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				if _, err := client.Shutdown(ctx); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				if got, want := reasons(s.Recorder), "1:start 2:final"; got != want ||
					client.Stats().Report.Failed != 0 {
					t.Errorf("the reports are %s, want %s", got, want)
				}
			})
		})
	}
}

// While Prometheus scrapes, in-band reports serve only readers of the topic: one a minute.
func TestReportsInBandWhileSomebodyScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, reporting("auto"))
		registry := prometheus.NewRegistry()
		registry.MustRegister(client.Metrics())
		for range 36 {
			time.Sleep(10 * time.Second)
			if _, err := registry.Gather(); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(reportsOf(rec)); n < 6 || n > 9 {
			t.Errorf("%d reports in six minutes of scraping: %s", n, reasons(rec))
		}
	})
}
