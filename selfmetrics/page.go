package selfmetrics

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Source is what a page shows. The SDK's client is one.
type Source interface {
	// Stats returns a snapshot of all that the producer knows about itself.
	Stats() Stats
	// History returns the last minutes, oldest moment first.
	History() []Moment
	// Metrics returns the producer's collector. If it is a [*Collector], the page says who the
	// producer is and shows its settings.
	Metrics() prometheus.Collector
}

// Handler returns a page about a producer for people without Grafana: how full each stage of the
// pipe is, how long until the first event is lost and why, latencies, losses, the last error and
// five minutes of history. It is one HTML document that needs nothing from elsewhere and keeps
// itself current while it is open. The same as JSON is at a path that ends in /json, and wherever a
// request prefers application/json: bytes are bytes of memory, times are RFC 3339, durations are
// seconds, and what never comes is null.
//
//	http.Handle("/dashstream/", selfmetrics.Handler(client))
//
// It answers GET and HEAD, changes nothing, and goes on answering while the worker, the Sender and
// all callers are stuck. It shows no secret: no setting that could be one, and of errors the text
// without what looks like one. It does not ask who reads it; serve it where metrics are served.
//
// The Handler is safe for concurrent use. source must not be nil, but may be a nil or disabled
// client, which the page says.
func Handler(source Source) http.Handler {
	p := &pageHandler{reader: reader{source: source}}
	if c, ok := source.Metrics().(*Collector); ok && c != nil {
		p.info = c.labelled.info
		p.reader.hide = p.info.HideSecrets
	}
	return p
}

type pageHandler struct {
	reader reader
	info   Info
}

func (p *pageHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, value := range pageHeaders {
		h.Set(name, value)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "this page can only be read", http.StatusMethodNotAllowed)
		return
	}
	status, data := http.StatusOK, pageData{}
	stats, history, err := p.reader.read()
	if err != nil {
		status, data = http.StatusServiceUnavailable, pageData{Problem: err.Error()}
	} else {
		data = describe(&stats, history, &p.info)
	}
	body, contentType, err := render(&data, wantsJSON(r))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // who has gone away needs no answer
	}
}

// wantsJSON says whether a request is for the JSON: by its path, or because it prefers that to
// HTML.
func wantsJSON(r *http.Request) bool {
	if path.Base(r.URL.Path) == "json" {
		return true
	}
	for accepted := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		mediaType, _, _ := strings.Cut(accepted, ";")
		switch strings.ToLower(strings.TrimSpace(mediaType)) {
		case "application/json":
			return true
		case "text/html", "*/*":
			return false
		}
	}
	return false
}

func render(data *pageData, asJSON bool) (body []byte, contentType string, err error) {
	if asJSON {
		if body, err = json.MarshalIndent(data, "", "  "); err != nil {
			return nil, "", fmt.Errorf("selfmetrics: page: %w", err)
		}
		return append(body, '\n'), "application/json", nil
	}
	var b bytes.Buffer
	if err := page.Execute(&b, data); err != nil {
		return nil, "", fmt.Errorf("selfmetrics: page: %w", err)
	}
	return b.Bytes(), "text/html; charset=utf-8", nil
}

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string

	// The style and the script stand in the document exactly as their hashes say, so they pass the
	// template as they are.
	page = template.Must(template.New("page").Funcs(pageFuncs).Funcs(template.FuncMap{
		"style":  func() template.CSS { return template.CSS(pageCSS) },
		"script": func() template.JS { return template.JS(pageJS) },
	}).Parse(pageHTML))
)

// pageHeaders forbid everything but the page's own style and script, and that it asks for itself
// again.
var pageHeaders = map[string]string{
	"Content-Security-Policy": fmt.Sprintf("default-src 'none'; img-src data:; style-src '%s'; "+
		"script-src '%s'; connect-src 'self'; base-uri 'none'; form-action 'none'; "+
		"frame-ancestors 'none'", integrity(pageCSS), integrity(pageJS)),
	"Cache-Control":                "no-store",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"Vary":                         "Accept",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

func integrity(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
