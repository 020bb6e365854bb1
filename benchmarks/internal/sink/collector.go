package sink

import (
	"compress/gzip"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"

	"google.golang.org/protobuf/encoding/protowire"
)

// collector is an OTLP receiver over HTTP that counts spans and log records.
type collector struct {
	listener net.Listener
	server   *http.Server
	n        atomic.Uint64
}

func newCollector(m *meter) (receiver, error) {
	l, err := listen(m, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &collector{listener: l}
	c.server = &http.Server{Handler: http.HandlerFunc(c.receive)}
	go func() { _ = c.server.Serve(l) }() // ends with close
	return c, nil
}

func (c *collector) address() string          { return "http://" + c.listener.Addr().String() }
func (c *collector) records() (uint64, error) { return c.n.Load(), nil }
func (c *collector) close()                   { _ = c.server.Close() }

func (c *collector) receive(w http.ResponseWriter, r *http.Request) {
	var in io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		in = z
	}
	body, err := io.ReadAll(in)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n, err := countRecords(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.n.Add(n)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// path leads to the spans and log records of a request, by field numbers: those of traces and of
// logs are the same.
var path = []protowire.Number{1, 2, 2}

var errMalformed = errors.New("malformed protobuf")

// countRecords counts the messages at the end of path.
func countRecords(b []byte) (uint64, error) { return count(b, path) }

func count(b []byte, path []protowire.Number) (n uint64, err error) {
	if len(path) == 0 {
		return 1, nil
	}
	for len(b) > 0 {
		number, kind, tag := protowire.ConsumeTag(b)
		if tag < 0 {
			return 0, errMalformed
		}
		length := protowire.ConsumeFieldValue(number, kind, b[tag:])
		if length < 0 {
			return 0, errMalformed
		}
		if number == path[0] && kind == protowire.BytesType {
			inner, _ := protowire.ConsumeBytes(b[tag:])
			m, err := count(inner, path[1:])
			if err != nil {
				return 0, err
			}
			n += m
		}
		b = b[tag+length:]
	}
	return n, nil
}
