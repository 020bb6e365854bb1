package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"sync"

	"github.com/coder/websocket"

	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
)

// protocol is the version of PROTOCOL.md.
const protocol = 1

const (
	goingAway = websocket.StatusGoingAway
	refused   = websocket.StatusPolicyViolation

	maxRequest    = 4 << 10
	requestRate   = 20
	requestBurst  = 50
	waitingMoment = 8
)

// serveSocket is the handler of a client, from its handshake to its end.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	address := hostOf(r.RemoteAddr)
	c := &client{server: s, wake: make(chan struct{}, 1), path: pathBroadcast,
		keys: map[string]string{}}
	if why := s.register(c, address); why != "" {
		s.reject(why)
		http.Error(w, "too many clients: "+why, http.StatusTooManyRequests)
		return
	}
	s.handlers.Add(1)
	defer s.handlers.Done()
	defer s.unregister(c, address)
	defer func() {
		if p := recover(); p != nil {
			s.counters.panics.Add(1)
			s.Logger.Error("liveview: a handler panicked", "panic", fmt.Sprint(p), "stack",
				string(debug.Stack()))
		}
	}()
	raw, _ := r.Context().Value(connKey{}).(net.Conn)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		// an answer to a ping would be written by the library, at the client's wish
		OnPingReceived: func(context.Context, []byte) bool { return false },
	})
	if err != nil {
		s.reject(rejectMessage)
		return
	}
	conn.SetReadLimit(maxRequest)
	c.socket = socket{conn: conn, raw: raw, timeout: s.SendTimeout, counters: s.counters,
		failed: func() { s.view.FailedSends(1) }}
	defer c.socket.drop()
	s.session(c)
}

// register makes a client one of those that are connected, or returns why it cannot be.
func (s *Server) register(c *client, address string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.clients) >= s.MaxClients || s.ctx.Err() != nil:
		return rejectClients
	case s.byAddress[address] >= s.PerAddress:
		return rejectAddress
	}
	s.clients[c] = true
	s.byAddress[address]++
	s.counters.clients.Store(int64(len(s.clients)))
	return ""
}

func (s *Server) unregister(c *client, address string) {
	c.mu.Lock()
	keys := c.keys
	c.keys = map[string]string{}
	c.mu.Unlock()
	for _, key := range keys {
		s.view.Unsubscribe(c, key)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.clients, c)
	if s.byAddress[address]--; s.byAddress[address] <= 0 {
		delete(s.byAddress, address)
	}
	s.counters.clients.Store(int64(len(s.clients)))
}

// session reads from a client, while its writer writes, until either ends.
func (s *Server) session(c *client) {
	ctx, cancel := context.WithCancel(context.Background())
	var others sync.WaitGroup
	defer others.Wait()
	defer cancel()
	moments := make(chan request, waitingMoment)
	c.control(helloFrame{"hello", protocol, s.epoch, s.Version, s.now().UnixMicro(), s.Demo})
	others.Go(func() {
		defer cancel()
		c.write(ctx)
		_ = c.socket.raw.Close() // so that the reader ends, too
	})
	others.Go(func() { s.serveMoments(ctx, c, moments) })
	rate := bucket{rate: requestRate, burst: requestBurst, left: requestBurst, last: s.now()}
	for {
		kind, b, err := c.socket.conn.Read(ctx)
		if err != nil {
			return
		}
		if !rate.take(s.now()) || kind != websocket.MessageText {
			s.reject(rejectRate)
			c.end(refused, "too many messages, or not text")
			<-ctx.Done()
			return
		}
		req, err := parseRequest(b)
		s.hook(req.Op)
		if err != nil {
			s.reject(rejectMessage)
			c.control(errorFrame{"error", clip(req.Sub), clip(req.Req), "bad_request",
				err.Error()})
			continue
		}
		if req.Op != "moment" {
			s.subscription(c, &req)
			continue
		}
		select {
		case moments <- req:
		default:
			c.control(errorFrame{"error", "", req.Req, "too_many", "too many moments at once"})
		}
	}
}

func clip(s string) string { return s[:min(len(s), maxName)] }

// subscription subscribes or unsubscribes.
func (s *Server) subscription(c *client, req *request) {
	c.mu.Lock()
	old, had := c.keys[req.Sub]
	delete(c.keys, req.Sub)
	shared := false
	for _, key := range c.keys {
		shared = shared || key == old
	}
	full := len(c.keys) >= maxSubscriptions
	c.mu.Unlock()
	if had && !shared {
		s.view.Unsubscribe(c, old)
	}
	if req.Op == "unsubscribe" {
		return
	}
	if full {
		c.control(errorFrame{"error", req.Sub, "", "too_many", "at most 8 subscriptions"})
		return
	}
	want := req.want(s.epoch)
	c.setPath(want.Resume)
	err := s.view.Subscribe(c, want, func(key string) {
		c.mu.Lock()
		c.keys[req.Sub] = key
		c.mu.Unlock()
		c.control(subscribedFrame{"subscribed", req.Sub, key})
	})
	c.setPath(false)
	if err != nil {
		c.control(errorFrame{"error", req.Sub, "", errorCode(err), err.Error()})
	}
}

func (c *client) setPath(resume bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.path = pathBroadcast; resume {
		c.path = pathResume
	}
}

// serveMoments answers requests for moments, one after the other.
func (s *Server) serveMoments(ctx context.Context, c *client, moments <-chan request) {
	for {
		select {
		case <-ctx.Done():
			return
		case req := <-moments:
			at, _ := req.moment() // was checked
			data, err := s.view.At(req.Thread, at)
			if err != nil {
				c.control(errorFrame{"error", "", req.Req, errorCode(err), err.Error()})
				continue
			}
			c.control(momentFrame{"moment", req.Req, json.RawMessage(data)})
		}
	}
}

// healthStatus returns the status code of /health.
func healthStatus(h *view.Health) int {
	if h.Status == "connecting" || h.Status == "stale" {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}
