package dasheino

import (
	"context"
	"testing"

	"github.com/cloudwego/eino/compose"
)

// builder builds graphs from strings to strings.
type builder struct {
	t *testing.T
	*compose.Graph[string, string]
}

func newGraph(t *testing.T) *builder {
	return &builder{t, compose.NewGraph[string, string]()}
}

func (b *builder) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// node adds a node that appends its key to its input.
func (b *builder) node(keys ...string) *builder {
	b.t.Helper()
	for _, key := range keys {
		b.do(key, func(_ context.Context, in string) (string, error) { return in + " " + key, nil })
	}
	return b
}

func (b *builder) do(key string, f func(context.Context, string) (string, error)) *builder {
	b.t.Helper()
	b.must(b.AddLambdaNode(key, compose.InvokableLambda(f)))
	return b
}

// path adds edges between consecutive keys.
func (b *builder) path(keys ...string) *builder {
	b.t.Helper()
	for i := 1; i < len(keys); i++ {
		b.must(b.AddEdge(keys[i-1], keys[i]))
	}
	return b
}

func (b *builder) branch(
	from string, choose func(context.Context, string) (string, error), to ...string,
) *builder {
	b.t.Helper()
	ends := map[string]bool{}
	for _, n := range to {
		ends[n] = true
	}
	b.must(b.AddBranch(from, compose.NewGraphBranch(choose, ends)))
	return b
}

func (b *builder) compile(opts ...compose.GraphCompileOption) compose.Runnable[string, string] {
	b.t.Helper()
	r, err := b.Compile(context.Background(), opts...)
	b.must(err)
	return r
}

func named(name string) compose.GraphCompileOption { return compose.WithGraphName(name) }

// invoke calls a graph with the handler and requires success.
func invoke(
	t *testing.T, h *Handler, r compose.Runnable[string, string], opts ...compose.Option,
) string {
	t.Helper()
	out, err := r.Invoke(context.Background(), "in", append(opts, compose.WithCallbacks(h))...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
