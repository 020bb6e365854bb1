package dashhttp

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/guard"
)

// Transport is an http.RoundTripper that records calls of language models. Make one with
// [NewTransport]. A nil Transport records nothing. All methods are safe for concurrent use.
type Transport struct {
	client *callback.Client
	next   http.RoundTripper
	opts   options
}

// Option changes what a [Transport] does.
type Option func(*options)

type options struct {
	texts    bool
	threadOf func(context.Context) string
}

// WithTexts sends what models are asked and what they answer, too: prompts, answers, and the parts
// of an answer that is streamed as they come. Of a prompt, the newest 16 KiB are sent, of an answer
// at most 256 KiB.
func WithTexts() Option { return func(o *options) { o.texts = true } }

// WithThreadFunc says which thread a call belongs to that is made outside of any run: for programs
// whose contexts carry the id of a conversation. It may return "": then the call has a thread of
// its own. A panic in it counts as "".
func WithThreadFunc(threadOf func(ctx context.Context) string) Option {
	return func(o *options) { o.threadOf = threadOf }
}

// NewTransport returns a Transport that has next do the requests, [http.DefaultTransport] if next
// is nil.
//
// A call is recorded inside the node or run that the context of its request carries, by the client
// of that (see [callback.NewContext] and [callback.StartNodeContext]). One whose context carries
// none is a run of its own, of client; with a client that is nil or disabled, it is not recorded.
func NewTransport(client *callback.Client, next http.RoundTripper, opts ...Option) *Transport {
	if next == nil {
		next = http.DefaultTransport
	}
	t := &Transport{client: client, next: next}
	for _, o := range opts {
		o(&t.opts)
	}
	return t
}

// RoundTrip does the request and records it if it calls a model.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t == nil {
		return http.DefaultTransport.RoundTrip(req)
	}
	c := t.begin(req)
	if c == nil {
		return t.next.RoundTrip(req)
	}
	returned := false
	defer func() {
		if !returned {
			c.end(errPanicked, false)
		}
	}()
	resp, err := t.next.RoundTrip(req)
	returned = true
	c.answered(req.Context(), resp, err)
	return resp, err
}

var errPanicked = errors.New("dashhttp: the transport panicked")

// CloseIdleConnections closes those of the transport that does the requests, if it can.
func (t *Transport) CloseIdleConnections() {
	if t == nil {
		return
	}
	if closer, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// begin begins to record a request. It returns nil if there is nothing to record.
func (t *Transport) begin(req *http.Request) (c *call) {
	defer guard.Recover(func(string) { c = nil }) // of the context's code, or the body's
	endpoint := endpointOf(req)
	if endpoint == nil {
		return nil
	}
	ctx := req.Context()
	node := callback.NodeFromContext(ctx)
	if node == nil && t.client.InstanceID() == "" {
		return nil
	}
	asked := request{texts: t.opts.texts}
	if panicked := guard.Call(func() { asked.read(req, endpoint.request) }); panicked != "" {
		asked = request{}
	}
	c = &call{endpoint: endpoint, texts: t.opts.texts}
	if node == nil {
		_, c.run = t.client.StartRunContext(ctx, callback.RunInfo{Graph: endpoint.graph,
			ThreadID: t.threadOf(ctx)})
		node = c.run.Root()
	}
	c.started = time.Now()
	c.llm = node.StartLLM(asked.describe(req))
	return c
}

func (t *Transport) threadOf(ctx context.Context) (id string) {
	if t.opts.threadOf != nil {
		guard.Call(func() { id = t.opts.threadOf(ctx) })
	}
	return id
}
