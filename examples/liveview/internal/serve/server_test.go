package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
)

// site is a server that serves.
type site struct {
	*Server
	t       *testing.T
	address string
	intake  *intake.Intake
	number  uint64
}

func newSite(t *testing.T, change func(*Config)) *site {
	t.Helper()
	var s *Server
	v := view.New(view.Config{Store: view.NewMemory(16 << 20), Now: time.Now, MaxBytes: 16 << 20,
		Clients: func() int {
			if s == nil {
				return 0
			}
			return s.Clients()
		}})
	c := Config{View: v, Now: time.Now, SendTimeout: time.Second, Loopback: true, Version: "v1",
		Logger: slog.New(slog.DiscardHandler), PerAddress: 64, MaxClients: 256,
		Page: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>the page")}}}
	if change != nil {
		change(&c)
	}
	s = New(c)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(tight{l}) }()
	t.Cleanup(func() {
		s.Shutdown()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	in, err := intake.New()
	if err != nil {
		t.Fatal(err)
	}
	return &site{Server: s, t: t, address: l.Addr().String(), intake: in}
}

// tight is a listener whose connections hold little that nobody reads.
type tight struct{ net.Listener }

func (l tight) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		_ = conn.(*net.TCPConn).SetWriteBuffer(4 << 10)
	}
	return conn, err
}

// event adds an event of a thread, with a text of some size.
func (s *site) event(thread string, size int) {
	s.t.Helper()
	s.number++
	id := make([]byte, 16)
	copy(id[8:], fmt.Sprintf("%08d", s.number))
	kind := pb.EventType_EVENT_TYPE_GRAPH_START
	e := &pb.Event{Header: &pb.Header{MessageId: id, TimestampUs: time.Now().UnixMicro(),
		ThreadId: thread, Sequence: s.number, SchemaVersion: 1}, EventType: kind}
	if size > 0 {
		e.EventType = pb.EventType_EVENT_TYPE_LLM_START
		e.Attributes = map[string]*pb.AttributeValue{pb.AttrPrompt: {
			Value: &pb.AttributeValue_StringValue{StringValue: strings.Repeat("x", size)}}}
	}
	b, err := pb.Encode(&pb.DashStreamMessage{
		Message: &pb.DashStreamMessage_Event{Event: e}})
	if err != nil {
		s.t.Fatal(err)
	}
	in := view.Incoming{Key: []byte(thread), Size: len(b), Time: time.Now()}
	in.Record, in.Failure = s.intake.Read(b)
	s.view.Add([]view.Incoming{in})
}

// browser is a client that reads.
type browser struct {
	t    *testing.T
	conn *websocket.Conn
}

func (s *site) dial(header http.Header) (*websocket.Conn, *http.Response, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	conn, response, err := websocket.Dial(ctx, "ws://"+s.address+"/ws",
		&websocket.DialOptions{HTTPHeader: header})
	if err == nil {
		conn.SetReadLimit(32 << 20)
		s.t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, response, err
}

func (s *site) browse() *browser {
	s.t.Helper()
	conn, _, err := s.dial(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	b := &browser{s.t, conn}
	b.until("hello")
	return b
}

func (b *browser) send(format string, args ...any) {
	b.t.Helper()
	if err := b.conn.Write(b.t.Context(), websocket.MessageText,
		fmt.Appendf(nil, format, args...)); err != nil {
		b.t.Fatal(err)
	}
}

// until reads up to a frame of a type.
func (b *browser) until(kind string) map[string]any {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	defer cancel()
	for {
		_, text, err := b.conn.Read(ctx)
		if err != nil {
			b.t.Fatalf("no %s: %v", kind, err)
		}
		var f map[string]any
		if err := json.Unmarshal(text, &f); err != nil {
			b.t.Fatal(err)
		}
		if f["type"] == kind {
			return f
		}
	}
}

func (s *site) get(path string, header http.Header) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.address+path,
		nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for key, values := range header {
		r.Header[key] = values
	}
	if host := header.Get("Host"); host != "" {
		r.Host = host
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(b)
}

// sample returns the value of a series of /metrics.
func (s *site) sample(series string) string {
	s.t.Helper()
	_, text := s.get("/metrics", nil)
	for line := range strings.Lines(text) {
		if value, is := strings.CutPrefix(line, series+" "); is {
			return strings.TrimSpace(value)
		}
	}
	s.t.Errorf("%s is not in /metrics", series)
	return ""
}

// eventually waits for something, with generous room.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for begin := time.Now(); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

func TestPageSubscribesAndGetsUpdates(t *testing.T) {
	s := newSite(t, nil)
	s.event("t", 0)
	b := s.browse()
	b.send(`{"op":"subscribe","sub":"a","kind":"run","thread":"t"}`)
	channel := b.until("subscribed")["channel"]
	snapshot := b.until("snapshot")
	if snapshot["channel"] != channel || snapshot["why"] != "subscribed" {
		t.Errorf("%v", snapshot)
	}
	s.event("t", 10)
	if u := b.until("update"); u["id"].(float64) != snapshot["id"].(float64)+1 {
		t.Errorf("update %v after %v", u["id"], snapshot["id"])
	}
	b.send(`{"op":"moment","req":"m","thread":"t","sequence":"1"}`)
	if m := b.until("moment"); m["req"] != "m" || m["data"] == nil {
		t.Errorf("%v", m)
	}
	b.until("beat")
}

func TestRequestsAreChecked(t *testing.T) {
	s := newSite(t, nil)
	b := s.browse()
	for _, tt := range []struct{ request, code string }{
		{`no JSON`, "bad_request"}, {`{"op":"delete"}`, "bad_request"}, {`[]`, "bad_request"},
		{`{"op":"subscribe","sub":"a","kind":"secrets"}`, "bad_request"},
		{`{"op":"subscribe","sub":"","kind":"health"}`, "bad_request"},
		{`{"op":"subscribe","sub":"a","kind":"runs","limit":501}`, "bad_request"},
		{`{"op":"subscribe","sub":"a","kind":"health","more":1}`, "bad_request"},
		{`{"op":"subscribe","sub":"a","kind":"run","thread":"none"}`, "unknown_thread"},
		{`{"op":"moment","req":"m","thread":"none","sequence":1}`, "unknown_thread"},
		{`{"op":"moment","req":"m","thread":"none"}`, "bad_request"},
		{`{"op":"moment","req":"m","thread":"none","sequence":"x"}`, "bad_request"},
	} {
		b.send("%s", tt.request)
		if e := b.until("error"); e["code"] != tt.code {
			t.Errorf("%s: %v, want %s", tt.request, e, tt.code)
		}
	}
	for i := range 9 {
		b.send(`{"op":"subscribe","sub":"s%d","kind":"runs","limit":%d}`, i, i+1)
	}
	if e := b.until("error"); e["code"] != "too_many" {
		t.Errorf("%v", e)
	}
}

func TestAllSendFailuresAreThereFromTheStart(t *testing.T) {
	s := newSite(t, func(c *Config) { c.SendTimeout = 7 * time.Second })
	for _, reason := range []string{"send_failed", "send_timeout"} {
		for _, path := range []string{"broadcast", "control", "resume"} {
			series := fmt.Sprintf("websocket_ws_send_failures_total{path=%q,reason=%q}", path,
				reason)
			if v := s.sample(series); v != "0" {
				t.Errorf("%s is %s, want 0", series, v)
			}
		}
	}
	if _, v := s.get("/version", nil); !strings.Contains(v, `"websocket_send_timeout_secs":7`) {
		t.Errorf("/version: %s", v)
	}
	if v := s.sample("websocket_last_kafka_message_age_seconds"); v != "-1" {
		t.Errorf("the age of what never came is %s, want -1", v)
	}
	if v := s.sample("websocket_last_infrastructure_error_age_seconds"); v != "-1" {
		t.Errorf("the age of what never came is %s, want -1", v)
	}
	s.browse()
	eventually(t, "a send on the control path is observed", func() bool {
		return s.sample("websocket_ws_control_send_seconds_count") != "0"
	})
}

func TestConnectedClientsAreOneNumber(t *testing.T) {
	s := newSite(t, nil)
	s.event("t", 0)
	want := func(n int) {
		t.Helper()
		eventually(t, fmt.Sprint(n, " clients"), func() bool { return s.Clients() == n })
		_, health := s.get("/health", nil)
		if !strings.Contains(health, fmt.Sprintf(`"clients":%d,`, n)) ||
			s.sample("websocket_connected_clients") != fmt.Sprint(n) {
			t.Errorf("want %d: /health %s, /metrics %s", n, health,
				s.sample("websocket_connected_clients"))
		}
	}
	want(0)
	var all []*browser
	for i := range 5 {
		all = append(all, s.browse())
		if i == 0 {
			want(1)
		}
	}
	want(5)
	all[0].send(`{"op":"subscribe","sub":"h","kind":"health"}`)
	if f := fmt.Sprint(all[0].until("snapshot")); !strings.Contains(f, "clients:5") {
		t.Errorf("the page gets %s", f)
	}
	for _, b := range all { // as a process that is killed
		_ = b.conn.CloseNow()
	}
	want(0)
}

func TestPanicInAHandlerEndsOneClient(t *testing.T) {
	s := newSite(t, nil)
	s.hook = func(op string) {
		if op == "unsubscribe" {
			panic("on purpose")
		}
	}
	other, b := s.browse(), s.browse()
	b.send(`{"op":"unsubscribe","sub":"x"}`)
	eventually(t, "one client is left", func() bool { return s.Clients() == 1 })
	if v := s.sample("websocket_handler_panics_total"); v != "1" {
		t.Errorf("%s panics are counted", v)
	}
	other.until("beat")
}
