package serve

import (
	"encoding/json"
	"net/http"
	"runtime"
	"strconv"

	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
)

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	h := s.view.Health()
	writeJSON(w, healthStatus(&h), h)
}

func (s *Server) serveVersion(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"version": s.Version, "go": runtime.Version(),
		"protocol": protocol, "websocket_send_timeout_secs": s.SendTimeout.Seconds(),
		"connected_clients": s.Clients()})
}

// serveRun answers with a thread as JSON, for a file.
func (s *Server) serveRun(w http.ResponseWriter, r *http.Request) {
	var at view.Moment
	if text := r.URL.Query().Get("sequence"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || n == 0 {
			http.Error(w, "sequence is a whole number above 0", http.StatusBadRequest)
			return
		}
		at.Sequence = n
	}
	data, err := s.view.At(r.URL.Query().Get("thread"), at)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="run.json"`)
	_, _ = w.Write(data)
}
