package dasheino

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"
)

// endlessGraph is a graph whose source continues until nobody reads it any more. The returned
// function reports how many parts it yielded, -1 while it continues.
func endlessGraph(t *testing.T, name string) (compose.Runnable[string, string], func() int64) {
	t.Helper()
	var sent atomic.Int64
	var stopped atomic.Bool
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	b := newGraph(t)
	b.must(b.AddLambdaNode("source", compose.StreamableLambda(func(context.Context,
		string) (*schema.StreamReader[string], error) {
		r, w := schema.Pipe[string](0)
		go func() {
			defer w.Close()
			for !w.Send("again ", nil) {
				sent.Add(1)
				select {
				case <-end:
					return
				case <-time.After(time.Millisecond):
				}
			}
			stopped.Store(true)
		}()
		return r, nil
	})))
	return b.path("start", "source", "end").compile(named(name)), func() int64 {
		if !stopped.Load() {
			return -1
		}
		return sent.Load()
	}
}

func TestSourceEndsWhenItsConsumerDoes(t *testing.T) {
	for _, c := range []struct {
		name     string
		handlers int
		cancel   bool
	}{{"the consumer closes", 1, false}, {"two handlers", 2, false},
		{"and the context ends", 1, true}} {
		t.Run(c.name, func(t *testing.T) {
			var topics []*topic
			var opts []compose.Option
			var handlers []*Handler
			for range c.handlers {
				tp := newTopic(t)
				h := NewHandler(tp.client)
				topics, handlers, opts = append(topics, tp), append(handlers, h),
					append(opts, compose.WithCallbacks(h))
			}
			r, sent := endlessGraph(t, "endless, "+c.name)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			out, err := r.Stream(ctx, "in", opts...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := out.Recv(); err != nil {
				t.Fatal(err)
			}
			out.Close()
			if c.cancel {
				cancel()
			}
			closed := time.Now()
			for sent() < 0 && time.Since(closed) < time.Minute {
				time.Sleep(10 * time.Millisecond)
			}
			t.Logf("%d parts, %v after its consumer had closed it", sent(), time.Since(closed))
			if sent() < 0 {
				t.Fatal("the source goes on")
			}
			for i, h := range handlers {
				if err := h.Wait(context.Background()); err != nil {
					t.Fatal(err)
				}
				s := topics[i].read()
				if c.cancel {
					s.find("", "GRAPH_ERROR error=context canceled canceled=true")
				} else if s.find("", "GRAPH_END").attr("abandoned") != "true" {
					t.Error("GRAPH_END does not say that the stream was abandoned")
				}
			}
		})
	}
}

// silentGraph is a graph whose source yields one part and then waits until the test ends.
func silentGraph(t *testing.T, name string) compose.Runnable[string, string] {
	t.Helper()
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	b := newGraph(t)
	b.must(b.AddLambdaNode("source", compose.StreamableLambda(func(context.Context,
		string) (*schema.StreamReader[string], error) {
		r, w := schema.Pipe[string](1)
		w.Send("once", nil)
		go func() {
			<-end
			w.Close()
		}()
		return r, nil
	})))
	return b.path("start", "source", "end").compile(named(name))
}

func TestRunOfASilentSourceEndsAfterItsConsumer(t *testing.T) {
	for _, c := range []struct {
		name          string
		close, cancel bool
		ends          string
	}{
		{"the consumer closes", true, false, "GRAPH_END"},
		{"the context ends", false, true, "GRAPH_ERROR error=context canceled canceled=true"},
		{"both", true, true, "GRAPH_ERROR error=context canceled canceled=true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tp := newTopic(t)
			h := NewHandler(tp.client)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			out, err := silentGraph(t, "silent, "+c.name).Stream(ctx,
				"in", compose.WithCallbacks(h))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := out.Recv(); err != nil {
				t.Fatal(err)
			}
			if c.cancel {
				cancel()
			}
			if c.close {
				out.Close()
			}
			soon, stop := context.WithTimeout(context.Background(), time.Minute)
			defer stop()
			if err := h.Wait(soon); err != nil {
				t.Fatalf("the run goes on: %v", err)
			}
			s := tp.read()
			end := s.find("", c.ends)
			if c.cancel {
				return
			}
			if node := s.find("", "NODE_END source"); end.attr("abandoned") != "true" ||
				node.attr("abandoned") != "true" {
				t.Errorf("abandoned: run %q, node %q", end.attr("abandoned"),
					node.attr("abandoned"))
			}
		})
	}
}

// A consumer that ends before the handler's copy has been read does not close that copy.
func TestStreamThatWasReadToItsEndIsWhole(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	const parts = 20_000
	out, err := sourceGraph(t, "whole", parts).Stream(context.Background(),
		"in", compose.WithCallbacks(h))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = out.Recv()
	}
	out.Close()
	if err := h.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	end := tp.read().find("", "NODE_END")
	if got := end.attr("stream_parts"); got != "20000" || end.attr("abandoned") != "" {
		t.Errorf("%s parts, abandoned %q", got, end.attr("abandoned"))
	}
}

// The readers of a stream are found where Eino stores them; this test must fail for a version that
// stores them elsewhere.
func TestReadersOfAStreamAreFound(t *testing.T) {
	r, w := schema.Pipe[string](1)
	defer w.Close()
	copies := r.Copy(2)
	readers := readersOf(schema.StreamReaderWithConvert(copies[0],
		func(s string) (callbacks.CallbackOutput, error) { return s, nil }))
	if readers == nil {
		t.Fatal("not found")
	}
	defer readers.leave()
	if readers.all != 2 || readers.alone() {
		t.Errorf("%d readers, alone %v", readers.all, readers.alone())
	}
	copies[1].Close()
	if !readers.alone() {
		t.Error("the other one has closed its copy")
	}
	if readersOf(schema.StreamReaderFromArray([]callbacks.CallbackOutput{"a"})) != nil {
		t.Error("found where there are none")
	}
}
