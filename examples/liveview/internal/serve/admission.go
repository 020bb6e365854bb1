package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"slices"
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
	if s.Token != "" && !slices.Contains(forEverybody, r.URL.Path) && !s.knows(r) {
		return rejectToken
	}
	return ""
}

// forEverybody are the paths that need no token: the form for it, and how it looks.
var forEverybody = []string{"/login", "/style.css", "/icon.svg"}

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

// loginPage has no action: the form is sent to the address that the browser shows, so what follows
// its # (a link to a run) is still there afterwards.
var loginPage = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Log in – live view</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/style.css"><link rel="icon" href="/icon.svg"></head>
<body class="login"><main><h1>DashStream live view</h1>
<p>Whoever started it has set a token: LIVEVIEW_TOKEN.</p>
<form method="post">
{{with .}}<p role="alert" class="error-text">{{.}}</p>{{end}}
<input type="text" name="username" value="liveview" autocomplete="username" hidden>
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button type="submit">Log in</button>
</form></main></body></html>
`))

func writeLogin(w http.ResponseWriter, status int, wrong string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = loginPage.Execute(w, wrong) // nobody is there to be told
}

func (s *Server) serveLogin(w http.ResponseWriter, _ *http.Request) {
	writeLogin(w, http.StatusOK, "")
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	if !s.mayLogIn(hostOf(r.RemoteAddr)) {
		s.reject(rejectRate)
		writeLogin(w, http.StatusTooManyRequests, "Too many attempts: wait some seconds.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if !same(r.PostFormValue("token"), s.Token) {
		s.reject(rejectToken)
		writeLogin(w, http.StatusUnauthorized, "This is not the token.")
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
