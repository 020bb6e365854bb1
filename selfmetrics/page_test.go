package selfmetrics

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dashstream/dashstream-go/batching"
)

// fakeSource is a producer whose figures a test chooses.
type fakeSource struct {
	stats   func() Stats
	history []Moment
	info    Info
}

func (f *fakeSource) Stats() Stats                  { return f.stats() }
func (f *fakeSource) History() []Moment             { return f.history }
func (f *fakeSource) Metrics() prometheus.Collector { return New(f.info, f.stats) }

// filling is a producer whose broker is away.
func filling() *fakeSource {
	s := idle()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s.At, s.Started = now, now.Add(-time.Hour)
	s.Queue = batching.QueueStats{Bytes: 96 << 20, MaxBytes: 128 << 20, HighWaterBytes: 100 << 20,
		Events: 1234567, MaxEvents: 2000000, Oldest: now.Add(-31 * time.Second)}
	s.Permits = batching.PermitStats{InUse: 512, Limit: 8192, HighWater: 700}
	s.Worker.Heartbeat = now
	s.Sender.LastError, s.Sender.LastErrorAt = "dial tcp 10.0.0.7:9092: connection refused",
		now.Add(-time.Second)
	s.Total.Dropped[batching.TooLarge] = 3
	s.Forecast = Forecast{At: now, Driver: DriverBroker, EventsEmitted: 8000, BytesIn: 2 << 20}
	s.Forecast.Limits = [NumLimits]LimitForecast{{Level: 0.75, SecondsToLoss: 16},
		{Level: 0.6, SecondsToLoss: math.Inf(1)}, {Level: 0.25, SecondsToLoss: 89}}
	s.Pressure = Pressure{
		Ratio: 0.75, Level: PressureElevated, Since: now.Add(-9 * time.Second),
		Judgement: JudgementFloor, Driver: DriverBroker,
		Loss: now.Add(16 * time.Second), Unanswered: 31 * time.Second,
	}
	source := &fakeSource{
		stats: func() Stats { return s },
		info: Info{Instance: "p-1", Service: "agents", Version: "v1.2.3",
			Topic: "dashstream-events", Compression: "zstd", Linger: 250 * time.Millisecond,
			DeliveryTimeout: 2 * time.Minute, BatchBytes: 64 << 10, BatchEvents: 1000,
			MaxMessageBytes: 900 << 10},
	}
	for i := range 30 {
		source.history = append(source.history,
			Moment{At: now.Add(time.Duration(i-30) * time.Second), Bytes: int64(i) << 21,
				EventsEmitted: 8000, SecondsToLoss: float64(60 - i)})
	}
	return source
}

func ask(t *testing.T, source Source, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler(source).ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestThePageSaysHowFullHowLongAndWhy(t *testing.T) {
	r := ask(t, filling(), "GET", "/dashstream/")
	html := body(t, r)
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("answer %d, %s", r.StatusCode, r.Header.Get("Content-Type"))
	}
	for _, want := range []string{
		`<span class="level">elevated</span> <span class="silent">not responding</span>`,
		`data-seconds="16.0">Kafka has not responded for 31 s. ` +
			`75 % of the queue is used; if it goes on, the first loss is in 16 s.</p>`,
		"<title>elevated, loss in 16 s – agents</title>", "96 MiB of 128 MiB",
		"1\u2009234\u2009567 of 2\u2009000\u2009000 events",
		"high water 100 MiB", "oldest event 31 s", "512 of 8\u2009192 held",
		"<b>8\u2009000</b> events/s emitted", "connection refused", "too large</th><td>3</td>",
		"does not fill",
		`<tr><th>delivery timeout</th><td>2 min</td></tr>`, "producer p-1, version v1.2.3",
		`<polyline class="line-0" points="0,48 216,48`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(html)
	}
}

func TestThePageCallsNothingThatDoesNotFillALoss(t *testing.T) {
	html := body(t, ask(t, &fakeSource{stats: fixed(started())}, "GET", "/"))
	if !strings.Contains(html, "Nothing waits to be sent.") || strings.Contains(html, "Inf") ||
		strings.Contains(html, "NaN") {
		t.Errorf("an idle producer is shown as\n%s", html)
	}
}

// started is an idle producer that has been read.
func started() Stats {
	s := idle()
	s.At = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s.Started = s.At
	return s
}

func TestTheSameAsJSON(t *testing.T) {
	for name, request := range map[string][]string{
		"by its path":         {"/dashstream/json"},
		"by what is accepted": {"/dashstream/", "Accept", "application/json"},
		"by what is preferred": {"/dashstream/", "Accept",
			"application/json;q=0.9, text/html;q=0.8"},
		"by its path, in a tab": {"/dashstream/json", "Accept", "text/html,application/xhtml+xml"},
	} {
		t.Run(name, func(t *testing.T) {
			r := ask(t, filling(), "GET", request[0], request[1:]...)
			var d pageData
			if err := json.Unmarshal([]byte(body(t, r)), &d); err != nil ||
				r.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("%s: %v", r.Header.Get("Content-Type"), err)
			}
			if d.Pressure.Seconds != 16 || d.Pressure.Limit != "queue_bytes" ||
				d.Pressure.Driver != "broker" || d.Queue.Bytes != 96<<20 || len(d.History) != 30 {
				t.Errorf("got %+v", d)
			}
			if !d.Pressure.Limits[1].Seconds.Never() || !d.Kafka.LastAckSeconds.Never() {
				t.Errorf("what never comes is %v and %v", d.Pressure.Limits[1].Seconds,
					d.Kafka.LastAckSeconds)
			}
		})
	}
	if got := body(t, ask(t, filling(), "GET", "/", "Accept", "*/*")); !strings.HasPrefix(got,
		"<!doctype html>") {
		t.Errorf("whoever accepts anything gets %.40q", got)
	}
}

func TestThePageCanOnlyBeRead(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
		if r := ask(t, filling(), method, "/"); r.StatusCode != http.StatusMethodNotAllowed ||
			r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s is answered with %d, allowed are %q", method, r.StatusCode,
				r.Header.Get("Allow"))
		}
	}
	get, head := ask(t, filling(), "GET", "/"), ask(t, filling(), "HEAD", "/")
	if text := body(t, head); text != "" || fmt.Sprint(get.Header) != fmt.Sprint(head.Header) {
		t.Errorf("HEAD has a body of %d bytes and the header\n%v, GET's is\n%v", len(text),
			head.Header, get.Header)
	}
}

func TestThePageNeedsNothingFromElsewhere(t *testing.T) {
	r := ask(t, filling(), "GET", "/")
	policy := r.Header.Get("Content-Security-Policy")
	html := regexp.MustCompile(`<link rel="icon" id="icon" href="data:[^"]*">`).
		ReplaceAllString(body(t, r), "")
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") ||
		strings.Contains(policy, "*") {
		t.Errorf("the policy is %s", policy)
	}
	for _, element := range []string{"style", "script"} {
		content := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+
			`>`).FindAllStringSubmatch(html, -1)
		if len(content) != 1 {
			t.Fatalf("the page has %d elements %s", len(content), element)
		}
		if want := fmt.Sprintf("%s-src '%s'", element,
			integrity(content[0][1])); !strings.Contains(policy, want) {
			t.Errorf("the policy %s does not allow the page's own %s", policy, want)
		}
	}
	for _, outside := range []string{"src=", "url(", "@import", "http:", "https:", "//", " style=",
		" onload", "<link", "<iframe", "<img"} {
		if i := strings.Index(html, outside); i >= 0 {
			t.Errorf("the page has %q: %.80s", outside, html[i:])
		}
	}
}

func TestThePageEscapesWhatItIsTold(t *testing.T) {
	source := filling()
	const evil = `"><script>alert(1)</script>`
	source.info.Service, source.info.Topic = evil, evil
	s := source.stats()
	s.Sender.LastError = evil
	source.stats = fixed(s)
	if html := body(t, ask(t, source, "GET", "/")); strings.Contains(html, "alert(1)</script>") {
		t.Error("text becomes markup")
	}
}

func TestAClientThatIsDisabledHasAPage(t *testing.T) {
	source := &fakeSource{stats: func() Stats { return Stats{} }}
	if html := body(t, ask(t, source, "GET", "/")); !strings.Contains(html, "disabled") {
		t.Errorf("got\n%s", html)
	}
}

func TestASourceThatPanicsIsSaid(t *testing.T) {
	source := &fakeSource{stats: fixed(started())}
	h := Handler(source)
	source.stats = func() Stats { panic(errors.New("password=hunter2")) }
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if got := w.Body.String(); w.Code != http.StatusServiceUnavailable ||
		!strings.Contains(got, "panicked") || strings.Contains(got, "hunter2") {
		t.Errorf("answer %d:\n%s", w.Code, got)
	}
}

func TestAStuckSourceIsSaidAndAsksForNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		source := &fakeSource{stats: func() Stats { <-stuck; return started() }}
		h := Handler(source)
		before := runtime.NumGoroutine()
		for range 3 {
			began := time.Now()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			if w.Code != http.StatusServiceUnavailable || time.Since(began) != patience ||
				!strings.Contains(w.Body.String(), "have not been read for") {
				t.Errorf("after %v: %d\n%s", time.Since(began), w.Code, w.Body)
			}
		}
		if n := runtime.NumGoroutine() - before; n > 1 {
			t.Errorf("%d goroutines wait for the source", n)
		}
		close(stuck)
		synctest.Wait()
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil)); w.Code != http.StatusOK {
			t.Errorf("when it is no longer stuck: %d", w.Code)
		}
	})
}

// An open page asks once a second: the time for one is its share of a processor.
func BenchmarkPage(b *testing.B) {
	source := filling()
	last := source.history[len(source.history)-1]
	for range 240 {
		last.At = last.At.Add(250 * time.Millisecond)
		source.history = append(source.history, last)
	}
	h, r := Handler(source), httptest.NewRequest("GET", "/", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}
