// Package serve shows a view to browsers: pages and a WebSocket, with limits for each address.
package serve

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
)

// Config is what a Server is made with.
type Config struct {
	View        *view.View
	Page        fs.FS // index.html and what it needs
	Now         func() time.Time
	SendTimeout time.Duration
	Token       string // "" if none is needed
	Loopback    bool   // it is bound to a loopback address: other hosts' names are refused
	Version     string
	Demo        bool
	Logger      *slog.Logger
	// PerAddress bounds the connections of one address, MaxClients those of all.
	PerAddress, MaxClients int
}

// Server serves a view. It is an http.Handler; Serve bounds the connections as well.
type Server struct {
	Config
	view     *view.View
	now      func() time.Time
	epoch    string
	counters *counters
	mux      *http.ServeMux

	ctx    context.Context // ends with Shutdown
	cancel context.CancelFunc
	http   *http.Server

	mu        sync.Mutex
	clients   map[*client]bool
	byAddress map[string]int // WebSockets
	sockets   map[string]int // connections of any kind
	logins    map[string]*bucket
	handlers  sync.WaitGroup

	pingEvery time.Duration
	hook      func(op string) // for tests: is called for every message of a client
}

// New returns a Server.
func New(c Config) *Server {
	s := &Server{Config: c, view: c.View, now: c.Now, counters: newCounters(),
		clients: map[*client]bool{}, byAddress: map[string]int{}, sockets: map[string]int{},
		logins: map[string]*bucket{}, pingEvery: pingEvery, hook: func(string) {}}
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	s.epoch = hex.EncodeToString(id[:])
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.routes()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 10 * time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, conn)
		},
		ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelDebug)}
	return s
}

type connKey struct{}

// Clients returns how many clients are connected: the one number that /health, /metrics and the
// page show.
func (s *Server) Clients() int { return int(s.counters.clients.Load()) }

func (s *Server) routes() {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&collector{s.counters, s.view, s.now})
	s.mux = http.NewServeMux()
	s.mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	s.mux.HandleFunc("GET /health", s.serveHealth)
	s.mux.HandleFunc("GET /version", s.serveVersion)
	s.mux.HandleFunc("GET /api/run", s.serveRun)
	s.mux.HandleFunc("GET /ws", s.serveSocket)
	s.mux.HandleFunc("GET /login", s.serveLogin)
	s.mux.HandleFunc("POST /login", s.login)
	s.mux.Handle("GET /", http.FileServerFS(s.Page))
}

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// ServeHTTP checks who asks, and answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	if why := s.forbids(r); why != "" {
		s.reject(why)
		if why == rejectToken && r.URL.Path == "/" {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		status := http.StatusForbidden
		if why == rejectToken {
			status = http.StatusUnauthorized
		}
		http.Error(w, "not allowed: "+why, status)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// reject counts a client that is turned away.
func (s *Server) reject(why string) {
	s.counters.rejected.WithLabelValues(why).Inc()
	s.view.Rejected()
}

// Serve serves on a listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	go s.tick()
	err := s.http.Serve(&listener{l, s})
	if err == http.ErrServerClosed {
		return nil
	}
	return err
}

// tick publishes what has changed until Shutdown.
func (s *Server) tick() {
	t := time.NewTicker(50 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			s.view.Tick()
		case <-s.ctx.Done():
			return
		}
	}
}

// Shutdown says goodbye to all clients. It takes at most twice the send timeout and a second.
func (s *Server) Shutdown() {
	s.cancel()
	s.mu.Lock()
	for c := range s.clients {
		c.end(goingAway, "the view is shutting down")
	}
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), s.SendTimeout)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // requests that did not end in time
	}
	s.handlers.Wait()
}

// listener bounds the connections of each address, and every write to them.
type listener struct {
	net.Listener
	server *Server
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		s, address := l.server, hostOf(conn.RemoteAddr().String())
		s.mu.Lock()
		full := s.sockets[address] >= 2*s.PerAddress || len(s.sockets) >= 4*s.MaxClients
		if !full {
			s.sockets[address]++
		}
		s.mu.Unlock()
		if full {
			_ = conn.Close()
			s.reject(rejectAddress)
			continue
		}
		var once sync.Once
		return &bounded{Conn: conn, timeout: s.SendTimeout, over: func() {
			once.Do(func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				if s.sockets[address]--; s.sockets[address] <= 0 {
					delete(s.sockets, address)
				}
			})
		}}, nil
	}
}

func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}
