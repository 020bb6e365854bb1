package dasheino

import (
	"context"
	"io"
	"testing"

	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"
)

// sourceGraph is a graph of one node that streams n parts.
func sourceGraph(t *testing.T, name string, n int) compose.Runnable[string, string] {
	t.Helper()
	b := newGraph(t)
	b.must(b.AddLambdaNode("source", compose.StreamableLambda(func(context.Context,
		string) (*schema.StreamReader[string], error) {
		r, w := schema.Pipe[string](0)
		go func() {
			defer w.Close()
			for range n {
				if w.Send("part", nil) {
					return
				}
			}
		}()
		return r, nil
	})))
	return b.path("start", "source", "end").compile(named(name))
}

func TestCopiesOfAStreamAreReadAndClosed(t *testing.T) {
	for name, read := range map[string]int{"to the end": 2000, "not to the end": 1,
		"not at all": 0} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *Handler) {
				out, err := sourceGraph(t, "read "+name, 1000).Stream(context.Background(),
					"in", compose.WithCallbacks(h))
				if err != nil {
					t.Fatal(err)
				}
				for range read {
					if _, err := out.Recv(); err == io.EOF {
						break
					} else if err != nil {
						t.Fatal(err)
					}
				}
				out.Close()
			}, func(s *stream) {
				s.want("", `
		GRAPH_START
		  NODE_START source
		  NODE_END source
		  EDGE_TRAVERSAL source to=__end__
		GRAPH_END`)
				if got := s.find("", "NODE_END").attr("stream_parts"); got != "1000" {
					t.Errorf("%s parts", got)
				}
			})
		})
	}
}
