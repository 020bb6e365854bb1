package callback

import (
	"context"
	"log/slog"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/guard"
)

type (
	runKey  struct{}
	nodeKey struct{}
)

// NewContext returns a context that carries the run, for [FromContext] and [StartNodeContext]. With
// a nil run, the context carries none. Throughout this package a nil ctx stands for
// [context.Background].
func NewContext(ctx context.Context, run *Run) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	ctx = context.WithValue(ctx, runKey{}, run)
	return context.WithValue(ctx, nodeKey{}, run.Root())
}

// FromContext returns the run that ctx carries, or nil.
func FromContext(ctx context.Context) *Run {
	run, _ := guard.Value(ctx, runKey{}).(*Run)
	return run
}

// NewNodeContext returns a context that carries the node and its run.
func NewNodeContext(ctx context.Context, n *Node) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if r := n.Run(); r != FromContext(ctx) {
		ctx = context.WithValue(ctx, runKey{}, r)
	}
	return context.WithValue(ctx, nodeKey{}, n)
}

// NodeFromContext returns the innermost node that ctx carries. If ctx carries only a run, it
// returns the run's root, otherwise nil.
func NodeFromContext(ctx context.Context) *Node {
	n, _ := guard.Value(ctx, nodeKey{}).(*Node)
	return n
}

// StartNodeContext begins a node inside the node that ctx carries, or at the top level of the run
// that ctx carries. The node belongs to the trace of ctx (see [Config.Traceparent]). The returned
// context carries the node. If ctx carries neither, it returns ctx and a nil Node.
func StartNodeContext(
	ctx context.Context, name string, attrs ...slog.Attr,
) (context.Context, *Node) {
	outer := NodeFromContext(ctx)
	if outer == nil {
		return ctx, nil
	}
	n := outer.start(name, outer.thread.client.traceOf(ctx), attrs)
	return context.WithValue(ctx, nodeKey{}, n), n
}

// traceOf returns the trace context that ctx carries, according to the configured hook; nil if
// there is none.
func (c *Client) traceOf(ctx context.Context) (trace *batching.Trace) {
	if c == nil || c.cfg.Traceparent == nil {
		return nil
	}
	defer guard.Recover(func(string) {
		c.valuePanics.Add(1)
		trace = nil
	})
	if ctx == nil {
		ctx = context.Background()
	}
	return newTrace(c.cfg.Traceparent(ctx))
}

// validTraceparent checks the form that W3C Trace Context defines: 2, 32, 16 and 2 hexadecimal
// digits, separated by dashes. Later versions may add more after another dash.
func validTraceparent(s string) bool {
	if len(s) < 55 || s[2] != '-' || s[35] != '-' || s[52] != '-' || s[:2] == "ff" {
		return false
	}
	for i := range 55 {
		if i == 2 || i == 35 || i == 52 {
			continue
		}
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	if len(s) > 55 && (s[:2] == "00" || s[55] != '-' || !headerText(s[55:])) {
		return false
	}
	return s[3:35] != "00000000000000000000000000000000" && s[36:52] != "0000000000000000"
}

// maxHeaderText is the length of tracestate, in bytes, that W3C Trace Context requires everybody to
// pass on.
const maxHeaderText = 512

// headerText reports whether s is printable ASCII and not too long for a header.
func headerText(s string) bool {
	if len(s) > maxHeaderText {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
