package dasheino

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/compose"
)

// A node starts another graph with its context: to run after the node, or as a part of another
// conversation.
func TestGraphThatIsNoPartOfTheRunIsARunOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		name          string
		during, after bool   // when it begins
		thread        string // passed to WithThread; "" for none
		want          string // its thread
	}{
		{"after the run, on its own thread", false, true, "memory", "memory"},
		{"after the run, on the run's thread", false, true, "", "conversation"},
		{"during the run, on its own thread", true, false, "memory", "memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tp := newTopic(t)
			h := NewHandler(tp.client)
			callbacks.AppendGlobalHandlers(h)
			defer callbacks.InitCallbackHandlers(nil)
			memory := statefulGraph(t).node("remember").path("start", "remember", "end").
				compile(named("memory"))
			var background func() error
			answer := statefulGraph(t).do("answer", func(ctx context.Context, in string) (string,
				error) {
				ctx = context.WithoutCancel(ctx)
				if c.thread != "" {
					ctx = WithThread(ctx, c.thread)
				}
				background = func() error {
					_, err := memory.Invoke(ctx, in)
					return err
				}
				if c.during {
					return in, background()
				}
				return in, nil
			}).path("start", "answer", "end").compile(named("answering"))
			if _, err := answer.Invoke(WithThread(context.Background(), "conversation"),
				"in"); err != nil {
				t.Fatal(err)
			}
			if c.after {
				if err := background(); err != nil {
					t.Fatal(err)
				}
			}
			s := tp.read()
			runs := slices.DeleteFunc(s.lines(c.want), func(line string) bool {
				return strings.HasSuffix(line, "STATE")
			})
			text := strings.Join(runs, "\n")
			want := "GRAPH_START\n  NODE_START remember\n  NODE_END remember\n  EDGE_TRAVERSAL " +
				"remember to=__end__\nGRAPH_END"
			if !strings.HasSuffix(text, want) {
				t.Errorf("thread %s has\n%s", c.want, text)
			}
			if got := s.find(c.want, "GRAPH_START").attr("graph_name"); c.want == "memory" &&
				got != "memory" {
				t.Errorf("it is called %q", got)
			}
		})
	}
}

// A graph that is called with the run's own thread in its context is a part of the run.
func TestGraphOfTheRunsThreadIsANodeOfIt(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	inner := newGraph(t).node("one").path("start", "one", "end").compile(named("same thread"))
	r := newGraph(t).do("caller", func(ctx context.Context, in string) (string, error) {
		return inner.Invoke(WithThread(ctx, "conversation"), in)
	}).path("start", "caller", "end").compile(named("calling on its thread"))
	if _, err := r.Invoke(WithThread(context.Background(), "conversation"),
		"in", compose.WithCallbacks(h)); err != nil {
		t.Fatal(err)
	}
	tp.read().before("conversation", "NODE_START caller", "NODE_START caller/same thread",
		"NODE_END caller/same thread", "NODE_END caller")
}
