package serve

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// stall connects as a browser does, sends frames, and reads nothing from then on.
func (s *site) stall(frames ...string) net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	fmt.Fprintf(conn, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\n"+
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", s.address)
	response, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		s.t.Fatal(response, err)
	}
	for _, f := range frames {
		if _, err := conn.Write(masked(f)); err != nil {
			s.t.Fatal(err)
		}
	}
	return conn
}

// masked is a text frame of a client whose mask is zero.
func masked(text string) []byte {
	return append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)
}

func TestClientThatStoppedReadingIsGoneInTime(t *testing.T) {
	const subscribe = `{"op":"subscribe","sub":"a","kind":"run","thread":"t"}`
	resume := func(s *site) string {
		return fmt.Sprintf(`{"op":"subscribe","sub":"a","kind":"health","epoch":"%s","after":0}`,
			s.epoch)
	}
	moment := `{"op":"moment","req":"m","thread":"t","time_us":9000000000000000}`
	for _, tt := range []struct {
		name, path string
		frames     func(*site) []string
		during     func(*site)
	}{
		{"updates", pathBroadcast, func(*site) []string { return []string{subscribe} }, nil},
		{"answers", pathControl, func(*site) []string { return slices.Repeat([]string{moment}, 8) },
			nil},
		{"what it missed", pathResume, func(s *site) []string {
			for i := range 150 { // so that there is much to miss
				s.view.Trouble(strings.Repeat("x", 1500) + fmt.Sprint(i))
				time.Sleep(time.Millisecond)
			}
			return slices.Repeat([]string{resume(s)}, 40)
		}, nil},
		{"pings", pathControl, func(s *site) []string { return nil }, nil},
		{"the close", pathControl, func(*site) []string { return nil },
			func(s *site) {
				s.mu.Lock()
				defer s.mu.Unlock()
				for c := range s.clients {
					c.end(refused, "a test")
				}
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const timeout = time.Second
			s := newSite(t, func(c *Config) { c.SendTimeout = timeout })
			s.pingEvery = 200 * time.Millisecond
			if tt.name != "pings" {
				s.pingEvery = time.Hour
			}
			for range 20 {
				s.event("t", 16<<10)
			}
			s.get("/health", nil) // everything runs that runs without a client
			http.DefaultTransport.(*http.Transport).CloseIdleConnections()
			time.Sleep(200 * time.Millisecond)
			before := runtime.NumGoroutine()
			s.stall(tt.frames(s)...)
			eventually(t, "it is connected", func() bool { return s.Clients() == 1 })
			if tt.during != nil {
				tt.during(s)
			}
			begin := time.Now()
			eventually(t, "it is gone", func() bool { return s.Clients() == 0 })
			// There is room for a machine with other work, but less than the 5 s after which the
			// library itself gives up a close.
			most := 2*timeout + time.Second + 5*time.Second
			if tt.name == "the close" {
				most = 4500 * time.Millisecond
			}
			if took := time.Since(begin); took > most {
				t.Errorf("its handler was there for %s", took)
			}
			failed := func() bool {
				return s.sample(fmt.Sprintf(`websocket_ws_send_failures_total{path=%q,reason=%q}`,
					tt.path, sendTimeout)) == "1"
			}
			if !failed() {
				t.Errorf("no send timeout is counted on the path %s", tt.path)
			}
			http.DefaultTransport.(*http.Transport).CloseIdleConnections()
			eventually(t, "goroutines are back to the baseline", func() bool {
				return runtime.NumGoroutine() <= before
			})
		})
	}
}

func TestShutdownIsInTimeWithClientsThatDoNotRead(t *testing.T) {
	s := newSite(t, nil)
	for range 20 {
		s.event("t", 16<<10)
	}
	for range 5 {
		s.stall(`{"op":"subscribe","sub":"a","kind":"run","thread":"t"}`)
	}
	s.browse()
	eventually(t, "all are connected", func() bool { return s.Clients() == 6 })
	begin := time.Now()
	s.Shutdown()
	if took := time.Since(begin); took > 2*s.SendTimeout+time.Second+5*time.Second {
		t.Errorf("it took %s", took)
	}
	if s.Clients() != 0 {
		t.Errorf("%d clients are left", s.Clients())
	}
}

func TestSlowClientGetsASnapshotAndSlowsNobody(t *testing.T) {
	s := newSite(t, func(c *Config) { c.SendTimeout = 10 * time.Second })
	s.event("t", 0)
	slow := s.stall(`{"op":"subscribe","sub":"a","kind":"run","thread":"t"}`)
	fast := s.browse()
	fast.send(`{"op":"subscribe","sub":"a","kind":"run","thread":"t"}`)
	fast.until("snapshot")
	for s.counters.slow.Load() == 0 { // until its queue is lost
		for range 10 {
			s.event("t", 16<<10)
		}
		fast.until("update")
	}
	all := bufio.NewReader(slow)
	_ = slow.SetReadDeadline(time.Now().Add(20 * time.Second))
	var tail string
	for !strings.Contains(tail, `"why":"too_slow"`) {
		b := make([]byte, 64<<10)
		n, err := all.Read(b)
		if err != nil {
			t.Fatalf("no snapshot: %v", err)
		}
		tail = tail[max(0, len(tail)-100):] + string(b[:n])
	}
}

// TestEveryWriteIsBounded looks at the sources: nothing writes to a WebSocket but what is passed to
// send.
func TestEveryWriteIsBounded(t *testing.T) {
	writes := []string{"Write", "Writer", "Ping", "Close"}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	bounded := 0
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		within := map[ast.Node]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is {
				return true
			}
			called, is := call.Fun.(*ast.SelectorExpr)
			if !is {
				return true
			}
			if called.Sel.Name == "send" {
				for _, argument := range call.Args {
					ast.Inspect(argument, func(n ast.Node) bool {
						within[n] = true
						return true
					})
				}
			}
			on := ""
			switch x := called.X.(type) {
			case *ast.Ident:
				on = x.Name
			case *ast.SelectorExpr:
				on = x.Sel.Name
			}
			if (on == "ws" || on == "conn") && slices.Contains(writes, called.Sel.Name) {
				if file.Name() == "server.go" && called.Sel.Name == "Close" {
					return true // a connection that is not one of HTTP yet
				}
				if bounded++; !within[n] {
					t.Errorf("%s writes outside of send", set.Position(n.Pos()))
				}
			}
			return true
		})
	}
	if bounded != 3 {
		t.Errorf("%d writes are bounded, want 3: text, ping and close", bounded)
	}
}
