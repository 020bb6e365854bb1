package dashhttp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/guard"
)

// call is a call of a model that is under way.
type call struct {
	endpoint *endpoint
	llm      *callback.LLM
	run      *callback.Run // that consists of the call; nil if it is part of another one
	texts    bool
	started  time.Time
	stop     func() bool // ends watching the context
	ended    atomic.Bool

	mu     sync.Mutex // guards what follows
	status int
	header []slog.Attr
	form   form
	answer answer
	scan   scanner
	events events
	zipped []byte
	first  time.Duration // until the first text
}

// form is how an answer is written.
type form uint8

const (
	formUnknown form = iota
	formDocument
	formEvents
	formZipped
	formUnread // in a way that is not understood
)

// answered is told what the round trip returned. It has the call follow the body.
func (c *call) answered(ctx context.Context, resp *http.Response, err error) {
	if err != nil || resp == nil {
		c.end(err, false)
		return
	}
	c.mu.Lock()
	c.status = resp.StatusCode
	c.form = formOf(resp.Header)
	for _, name := range [...]string{"X-Request-Id", "Request-Id"} {
		if id := resp.Header.Get(name); id != "" {
			c.header = append(c.header, slog.String("provider_request_id", id))
			break
		}
	}
	c.mu.Unlock()
	if resp.Body == nil || resp.StatusCode == http.StatusSwitchingProtocols {
		c.end(nil, false)
		return
	}
	resp.Body = &body{of: resp.Body, call: c}
	stop := context.AfterFunc(ctx, func() { c.end(context.Cause(ctx), false) })
	c.mu.Lock()
	c.stop = stop
	c.mu.Unlock()
}

// formOf says how an answer is written, as far as its header knows.
func formOf(h http.Header) form {
	switch strings.ToLower(h.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip":
		return formZipped
	default:
		return formUnread
	}
	if strings.Contains(strings.ToLower(h.Get("Content-Type")), "text/event-stream") {
		return formEvents
	}
	return formUnknown
}

// read is told of bytes of the body.
func (c *call) read(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.Load() {
		return
	}
	defer guard.Recover(func(string) { c.form = formUnread }) // nothing here is worth a call
	if c.form == formZipped {
		c.zipped = append(c.zipped, p[:min(len(p), maxZipped-len(c.zipped))]...)
		return
	}
	c.feed(p)
}

// feed reads what is not compressed. The caller holds the lock.
func (c *call) feed(p []byte) {
	if c.scan.root == nil && c.form != formUnread && !c.begin(p) {
		return
	}
	switch c.form {
	case formDocument:
		c.scan.feed(p)
	case formEvents:
		c.events.feed(c, p)
	}
}

// begin prepares for what an answer is, which its first byte tells where its header does not. It
// reports whether there is one. The caller holds the lock.
func (c *call) begin(p []byte) bool {
	if c.form == formUnknown {
		switch p = trimSpace(p); {
		case len(p) == 0:
			return false
		case p[0] == '{' || p[0] == '[':
			c.form = formDocument
		default:
			c.form = formEvents
		}
	}
	c.answer.texts = c.texts
	c.answer.streamed = c.form == formEvents
	c.scan = scanner{root: c.endpoint.answer, sink: &c.answer, limit: maxName}
	if c.answer.streamed {
		c.scan.root = c.endpoint.element
	}
	if c.texts {
		c.scan.limit = maxText
	}
	c.scan.reset()
	return true
}

// element ends an event of a stream. The caller holds the lock.
func (c *call) element() {
	text := c.answer.element()
	if c.answer.said && c.first == 0 {
		c.first = time.Since(c.started)
	}
	if text != "" {
		c.llm.Token(text)
	}
}

// end ends the call, once, with what its body ended with: nil for its end. closed says that the
// client closed it before.
func (c *call) end(err error, closed bool) {
	if !c.ended.CompareAndSwap(false, true) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stop != nil {
		c.stop()
	}
	if c.form == formZipped {
		c.unzip()
	}
	if c.form == formEvents && c.scan.root != nil {
		c.events.flush(c)
	}
	res, failed := c.outcome(err, closed)
	c.llm.End(res, failed)
	c.run.End(failed)
}

// outcome says how the call ended.
func (c *call) outcome(err error, closed bool) (callback.LLMResult, error) {
	res := c.answer.result()
	res.Attrs = append(res.Attrs, c.header...)
	if c.first > 0 {
		res.Attrs = append(res.Attrs, slog.Int64("time_to_first_token_us", c.first.Microseconds()))
	}
	problem := c.answer.problem()
	if c.status != 0 && (c.status < 200 || c.status > 299) {
		res.Attrs = append(res.Attrs, slog.Int("status_code", c.status))
		text := strings.TrimSpace(fmt.Sprintf("dashhttp: %d %s", c.status,
			http.StatusText(c.status)))
		if problem = cmp.Or(problem, c.answer.message); problem != "" {
			text += ": " + problem
		}
		return res, errors.New(text)
	}
	switch {
	case problem != "":
		return res, errors.New("dashhttp: " + problem)
	case c.whole():
		return res, nil
	case err != nil:
		return res, err
	case c.form == formUnread:
	case closed:
		res.Attrs = append(res.Attrs, slog.Bool("abandoned", true))
	case c.scan.root == nil: // it is empty
	case c.form == formDocument:
		return res, errTruncated
	default: // servers of streams differ, and clients take the end for the end
		res.Attrs = append(res.Attrs, slog.Bool("truncated", true))
	}
	return res, nil
}

var errTruncated = errors.New("dashhttp: the answer ends in its middle")

// whole reports whether the whole answer was read.
func (c *call) whole() bool {
	switch c.form {
	case formDocument:
		return c.scan.complete()
	case formEvents:
		return c.answer.over
	}
	return false
}

// body is the body of an answer that is read by the client, and by the call.
type body struct {
	of   io.ReadCloser
	call *call
}

// Read reads from the body.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.of.Read(p)
	if b.call.ended.Load() {
		return n, err
	}
	if n > 0 && n <= len(p) {
		b.call.read(p[:n])
	}
	switch {
	case err == io.EOF:
		b.call.end(nil, false)
	case err != nil:
		b.call.end(err, false)
	}
	return n, err
}

// Close closes the body.
func (b *body) Close() error {
	b.call.end(nil, true)
	return b.of.Close()
}
