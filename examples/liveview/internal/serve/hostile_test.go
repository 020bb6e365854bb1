package serve

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	dto "github.com/prometheus/client_model/go"
)

const aToken = "a token of enough characters"

func TestWhoMayAskIsChecked(t *testing.T) {
	open := newSite(t, nil)
	closed := newSite(t, func(c *Config) { c.Token, c.Loopback = aToken, false })
	for _, tt := range []struct {
		name   string
		site   *site
		header http.Header
		status int
	}{
		{"a page of its own", open, http.Header{"Origin": {"http://" + open.address}}, 200},
		{"no browser", open, nil, 200},
		{"another page", open, http.Header{"Origin": {"http://evil.example"}}, 403},
		{"no page", open, http.Header{"Origin": {"null"}}, 403},
		{"another name for this address", open, http.Header{"Host": {"evil.example"}}, 403},
		{"no token", closed, nil, 401},
		{"a wrong token", closed, http.Header{"Authorization": {"Bearer no"}}, 401},
		{"the token in a cookie, unhashed", closed,
			http.Header{"Cookie": {cookieName + "=" + url.QueryEscape(aToken)}}, 401},
		{"the token", closed, http.Header{"Authorization": {"Bearer " + aToken}}, 200},
		{"the cookie", closed, http.Header{"Cookie": {cookieName + "=" + cookieOf(aToken)}}, 200},
	} {
		want := tt.status
		if want == 200 {
			want = 503 // /health of a view that reads nothing
		}
		if status, _ := tt.site.get("/health", tt.header); status != want {
			t.Errorf("%s: /health answers %d, want %d", tt.name, status, want)
		}
		header := tt.header.Clone()
		if header.Get("Host") != "" {
			continue // the library sets its own
		}
		_, response, err := tt.site.dial(header)
		if want = tt.status; want == 200 {
			want = 101
		}
		if response == nil || response.StatusCode != want {
			t.Errorf("%s: /ws: %v, %v, want %d", tt.name, response, err, want)
		}
	}
	if status, body := closed.get("/login", nil); status != 200 ||
		!strings.Contains(body, "password") {
		t.Errorf("/login: %d", status)
	}
}

func TestLoginSetsACookieThatIsNotTheToken(t *testing.T) {
	s := newSite(t, func(c *Config) { c.Token = aToken })
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	post := func(token string) *http.Response {
		r, err := client.PostForm("http://"+s.address+"/login", url.Values{"token": {token}})
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		return r
	}
	r := post(aToken)
	if r.StatusCode != 303 || len(r.Cookies()) != 1 || !r.Cookies()[0].HttpOnly ||
		r.Cookies()[0].SameSite != http.SameSiteStrictMode ||
		strings.Contains(r.Cookies()[0].Value, aToken) {
		t.Errorf("%d, %v", r.StatusCode, r.Cookies())
	}
	limited := false
	for range 20 {
		status := post("guess").StatusCode
		limited = limited || status == 429
		if status != 401 && status != 429 {
			t.Errorf("a guess is answered by %d", status)
		}
	}
	if !limited {
		t.Error("guesses are not limited")
	}
}

func TestPageHasAStrictPolicy(t *testing.T) {
	s := newSite(t, nil)
	r, err := http.Get("http://" + s.address + "/")
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if p := r.Header.Get("Content-Security-Policy"); r.StatusCode != 200 ||
		!strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
		t.Errorf("%d, policy %q", r.StatusCode, p)
	}
}

func TestConnectionsOfAnAddressAreBounded(t *testing.T) {
	s := newSite(t, func(c *Config) { c.PerAddress, c.MaxClients = 10, 20 })
	friend := s.browse()
	before := runtime.NumGoroutine()
	for range 10_000 {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			continue
		}
		_, _ = conn.Write([]byte("GET /ws HTTP/1.1\r\nHost: " + s.address + "\r\n"))
		t.Cleanup(func() { _ = conn.Close() })
		if n := runtime.NumGoroutine() - before; n > 100 {
			t.Fatalf("%d goroutines more", n)
		}
	}
	friend.until("beat")
	var turnedAway dto.Metric
	if err := s.counters.rejected.WithLabelValues(rejectAddress).Write(&turnedAway); err != nil ||
		turnedAway.GetCounter().GetValue() < 9000 {
		t.Errorf("%v connections were turned away: %v", &turnedAway, err)
	}
}

func TestClientsOfAnAddressAreBounded(t *testing.T) {
	s := newSite(t, func(c *Config) { c.PerAddress = 3 })
	for range 3 {
		s.browse()
	}
	if _, response, err := s.dial(nil); err == nil || response.StatusCode != 429 {
		t.Errorf("the fourth: %v, %v", response, err)
	}
}

func TestClientThatAsksTooMuchIsEnded(t *testing.T) {
	s := newSite(t, nil)
	for name, flood := range map[string]func(*browser) error{
		"frames": func(b *browser) error {
			for range 2000 {
				if err := b.conn.Write(t.Context(), websocket.MessageText,
					[]byte(`{"op":"unsubscribe","sub":"x"}`)); err != nil {
					return err
				}
			}
			return nil
		},
		"a huge frame": func(b *browser) error {
			return b.conn.Write(t.Context(), websocket.MessageText, make([]byte, 1<<20))
		},
		"a binary frame": func(b *browser) error {
			return b.conn.Write(t.Context(), websocket.MessageBinary, []byte("x"))
		},
	} {
		b := s.browse()
		_ = flood(b)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		for {
			_, _, err := b.conn.Read(ctx)
			if err == nil {
				continue
			}
			if ctx.Err() != nil {
				t.Errorf("%s: it is still connected", name)
			}
			break
		}
		cancel()
	}
	eventually(t, "all are gone", func() bool { return s.Clients() == 0 })
	s.browse().until("beat")
}
