package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// metricsServer serves the client's metrics with those of the process at /metrics, and its page at
// /dashstream/. Its zero value serves nothing.
type metricsServer struct {
	url    string
	server *http.Server
}

// serveMetrics starts to serve on addr; nothing if that is empty.
func serveMetrics(addr string, client *callback.Client) (metricsServer, error) {
	if addr == "" {
		return metricsServer{}, nil
	}
	registry := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{
		client.Metrics(), collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(c); err != nil {
			return metricsServer{}, fmt.Errorf("metrics: %w", err)
		}
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return metricsServer{}, fmt.Errorf("metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.Handle("/dashstream/", selfmetrics.Handler(client))
	s := metricsServer{url: "http://" + reachable(listener.Addr())}
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go s.server.Serve(listener) //nolint:errcheck // it ends when it is closed
	return s, nil
}

// reachable is an address that leads to a listener, also to one on all addresses.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func (s metricsServer) close() {
	if s.server != nil {
		s.server.Close()
	}
}
