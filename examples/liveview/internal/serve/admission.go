package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const cookieName = "liveview_token"

// forbids returns why a request is not answered, "" if it is.
func (s *Server) forbids(r *http.Request) string {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	// A page of somebody else's whose name leads to this address would be of this origin.
	if ip := net.ParseIP(host); s.Loopback && host != "localhost" && (ip == nil ||
		!ip.IsLoopback()) {
		return rejectHost
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
			return rejectOrigin
		}
	}
	if s.Token != "" && r.URL.Path != "/login" && !s.knows(r) {
		return rejectToken
	}
	return ""
}

// knows reports whether a request has the token.
func (s *Server) knows(r *http.Request) bool {
	if given, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); is &&
		same(given, s.Token) {
		return true
	}
	cookie, err := r.Cookie(cookieName)
	return err == nil && same(cookie.Value, cookieOf(s.Token))
}

// cookieOf returns what the cookie has in the token's place.
func cookieOf(token string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte("liveview cookie "+token)))
}

func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

const loginPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Live view</title>
<meta name="viewport" content="width=device-width"></head>
<body><main><h1>Live view</h1>
<form method="post" action="/login">
<p><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required></p>
<p><button type="submit">Log in</button></p>
</form></main></body></html>
`

func (s *Server) serveLogin(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprint(w, loginPage)
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	if !s.mayLogIn(hostOf(r.RemoteAddr)) {
		s.reject(rejectRate)
		http.Error(w, "too many attempts", http.StatusTooManyRequests)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if s.Token == "" || !same(r.PostFormValue("token"), s.Token) {
		s.reject(rejectToken)
		http.Error(w, "this is not the token", http.StatusUnauthorized)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: cookieOf(s.Token), Path: "/",
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// mayLogIn bounds the attempts of an address.
func (s *Server) mayLogIn(address string) bool {
	const most = 10_000
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.logins[address]
	if b == nil {
		if len(s.logins) >= most {
			clear(s.logins)
		}
		b = &bucket{rate: .5, burst: 10, left: 10, last: s.now()}
		s.logins[address] = b
	}
	return b.take(s.now())
}

// bucket is a token bucket.
type bucket struct {
	rate, burst, left float64
	last              time.Time
}

func (b *bucket) take(now time.Time) bool {
	b.left = min(b.burst, b.left+b.rate*max(0, now.Sub(b.last).Seconds()))
	b.last = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
