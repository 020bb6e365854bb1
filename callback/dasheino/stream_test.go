package dasheino

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
)

// These tests run in a bubble of testing/synctest, which fails when a goroutine is left behind.
// Tests that let time pass call the handler as Eino does, with a separate stream for each copy.
// Eino's copies wait for each other with a mutex, and in a bubble no time passes while anything
// waits for a mutex.

// call is something that has begun and will end.
type call struct {
	h    *Handler
	ctx  context.Context
	info *callbacks.RunInfo
}

func beginGraph(ctx context.Context, h *Handler, name string) *call {
	c := &call{h, compose.AppendAddressSegment(ctx, compose.AddressSegmentRunnable, name),
		&callbacks.RunInfo{Name: name, Component: compose.ComponentOfGraph}}
	c.ctx = h.OnStart(c.ctx, c.info, "in")
	return c
}

func (c *call) node(key string) *call {
	n := &call{c.h, compose.AppendAddressSegment(c.ctx, compose.AddressSegmentNode, key),
		&callbacks.RunInfo{Component: compose.ComponentOfLambda}}
	n.ctx = n.h.OnStart(n.ctx, n.info, "in")
	return n
}

func (c *call) model() *call {
	m := &call{c.h, c.ctx, &callbacks.RunInfo{Component: components.ComponentOfChatModel}}
	m.ctx = m.h.OnStart(m.ctx, m.info, question)
	return m
}

func (c *call) end()          { c.h.OnEnd(c.ctx, c.info, "out") }
func (c *call) fail(e error)  { c.h.OnError(c.ctx, c.info, e) }
func (c *call) begun() *span  { return c.h.outer(c.ctx) }
func (c *call) wait() error   { return c.h.Wait(context.Background()) }
func (c *call) ended() bool   { return c.begun().state == ended }
func (c *call) parts() uint64 { return c.begun().tree.parts.Load() }

// stream ends the call with a stream, which the test writes to.
func (c *call) stream() *schema.StreamWriter[callbacks.CallbackOutput] {
	r, w := schema.Pipe[callbacks.CallbackOutput](0)
	c.h.OnEndWithStreamOutput(c.ctx, c.info, r)
	return w
}

// inBubble runs a test with a topic and a handler in a bubble. The test returns the run; check gets
// what it has emitted.
func inBubble(t *testing.T, test func(t *testing.T, h *Handler), check func(s *stream)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		tp := newTopic(t)
		h := NewHandler(tp.client)
		test(t, h)
		if err := h.Wait(context.Background()); err != nil {
			t.Fatal(err)
		}
		s := tp.read()
		check(s)
	})
}

func TestRunEndsWithItsStreams(t *testing.T) {
	inBubble(t, func(_ *testing.T, h *Handler) {
		run := beginGraph(context.Background(), h, "streaming")
		node := run.node("source")
		streams := []*schema.StreamWriter[callbacks.CallbackOutput]{node.stream(), run.stream()}
		for range 3 {
			time.Sleep(time.Second)
			streams[0].Send("part", nil)
		}
		streams[1].Close() // the run's own stream ends first: it still waits for the node's
		time.Sleep(time.Second)
		streams[0].Close()
	}, func(s *stream) {
		s.want("", `
		GRAPH_START
		  NODE_START source
		  NODE_END source
		GRAPH_END`)
		end := s.find("", "NODE_END")
		if end.attr("stream_parts") != "3" || end.event.GetDurationUs() != 4_000_000 {
			t.Errorf("NODE_END of %s parts after %d µs, want 3 after 4 s", end.attr("stream_parts"),
				end.event.GetDurationUs())
		}
	})
}

func TestStreamThatOutlivesItsContextIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Handler) {
		ctx, cancel := context.WithCancel(context.Background())
		run := beginGraph(ctx, h, "stuck")
		node := run.node("source")
		stuck, own := node.stream(), run.stream()
		defer stuck.Close()
		defer own.Close()
		time.Sleep(time.Hour) // a stream may take its time
		began := time.Now()
		cancel()
		if err := run.wait(); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited != stall {
			t.Errorf("given up after %v, want %v", waited, stall)
		}
		stuck.Send("too late", nil)
	}, func(s *stream) {
		s.before("", "NODE_START source", "GRAPH_ERROR error=context canceled canceled=true")
		if got := s.find("", "NODE_ERROR source").attr("error"); !strings.HasSuffix(got,
			"context canceled") {
			t.Errorf("the node's error is %q", got)
		}
	})
}

func TestStreamThatGoesOnAfterItsContextIsLetGoOf(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Handler) {
		ctx, cancel := context.WithCancel(context.Background())
		run := beginGraph(ctx, h, "outliving")
		w := run.stream()
		w.Send("part", nil)
		cancel()
		ended := time.Now()
		for !w.Send("part", nil) && time.Since(ended) < 10*grace {
			time.Sleep(10 * time.Millisecond)
		}
		w.Close()
		if took := time.Since(ended); took > 2*grace {
			t.Errorf("it was read for %v, want %v at most", took, grace)
		}
	},
		func(s *stream) {
			s.before("", "GRAPH_START", "GRAPH_ERROR error=context canceled canceled=true")
		})
}

func TestStreamThatEndsWithItsContextEndsAsItSays(t *testing.T) {
	inBubble(t, func(_ *testing.T, h *Handler) {
		ctx, cancel := context.WithCancel(context.Background())
		run := beginGraph(ctx, h, "ending with it")
		w := run.stream()
		cancel()
		for range 5 {
			time.Sleep(grace / 10)
			w.Send("part", nil)
		}
		w.Send("", errors.New("cut off"))
		w.Close()
	}, func(s *stream) { s.before("", "GRAPH_START", "GRAPH_ERROR error=cut off") })
}

func TestGraphThatLeavesAStuckStreamReturnsAndEndsLater(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Handler) {
		run := beginGraph(context.Background(), h, "leaving")
		node := run.node("caller")
		model := node.model()
		stuck := model.stream()
		defer stuck.Close()
		stuck.Send(schema.AssistantMessage("be", nil), nil)
		synctest.Wait()
		began := time.Now()
		node.end()
		run.end()
		if took := time.Since(began); took != lag {
			t.Errorf("the caller waited %v, want %v", took, lag)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := h.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait: %v while a run ends", err)
		}
		if err := run.wait(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != stall {
			t.Errorf("the run ended after %v, want %v", took, stall)
		}
		stuck.Send(schema.AssistantMessage("too late", nil), nil)
		synctest.Wait()
	}, func(s *stream) {
		s.want("", `
		GRAPH_START
		  NODE_START caller
		    LLM_START caller
		      TOKENS "be"
		      TOKENS "" ERROR
		    LLM_ERROR caller error=dasheino: what it was part of ended first
		  NODE_ERROR caller error=dasheino: what it was part of ended first
		GRAPH_END`)
	})
}

func TestGraphThatLeavesAStreamEndsWithIt(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Handler) {
		run := beginGraph(context.Background(), h, "leaving behind")
		node := run.node("caller")
		w := node.model().stream()
		node.end()
		run.end()
		for range 5 {
			time.Sleep(stall - time.Second)
			w.Send(schema.AssistantMessage("x", nil), nil)
		}
		if run.ended() {
			t.Error("the run ended before its stream")
		}
		w.Close()
	}, func(s *stream) { s.before("", "LLM_END caller", "NODE_END caller", "GRAPH_END") })
}

func TestFailedNodeWaitsForTheStreamThatFailed(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Handler) {
		run := beginGraph(context.Background(), h, "failing")
		node := run.node("caller")
		w := node.model().stream()
		cause := errors.New("cut off")
		node.fail(cause) // its reader has seen the error first
		w.Send(nil, cause)
		synctest.Wait()
		if !w.Send(schema.AssistantMessage("more", nil), nil) {
			t.Error("the copy of the stream is open")
		}
		w.Close()
		run.fail(cause)
	}, func(s *stream) {
		s.before("", "LLM_ERROR caller error=cut off", "NODE_ERROR caller error=cut off",
			"GRAPH_ERROR error=cut off")
	})
}

func TestFailedNodeEndsWhatIsOpenInside(t *testing.T) {
	inBubble(t, func(_ *testing.T, h *Handler) {
		run := beginGraph(context.Background(), h, "panicked inside")
		node := run.node("caller")
		node.model() // it panicked, and the node turned that into an error
		node.fail(errors.New("no luck"))
		run.end()
	}, func(s *stream) {
		s.want("", `
		GRAPH_START
		  NODE_START caller
		    LLM_START caller
		    LLM_ERROR caller error=dasheino: what it was part of ended first: no luck
		  NODE_ERROR caller error=no luck
		GRAPH_END`)
	})
}

// ending is an error whose Error method ends something, which happens while an end is being
// emitted.
type ending struct{ what *call }

func (e ending) Error() string {
	e.what.end()
	return "no luck"
}

func TestRunEndsBehindWhatIsBeingEmitted(t *testing.T) {
	inBubble(t, func(_ *testing.T, h *Handler) {
		run := beginGraph(context.Background(), h, "racing")
		node := run.node("caller")
		node.model().fail(ending{run})
	}, func(s *stream) {
		s.want("", `
		GRAPH_START
		  NODE_START caller
		    LLM_START caller
		    LLM_ERROR caller error=no luck
		  NODE_ERROR caller error=dasheino: what it was part of ended first
		GRAPH_END`)
	})
}

func TestNodeThatBeginsAsItsGraphEndsDoesNotStayOpen(t *testing.T) {
	var run *call
	tp := newTopic(t, func(c *callback.Config) {
		// called between the node's start and its place in the run
		c.Traceparent = func(context.Context) (string, string) {
			if run != nil {
				run.end()
			}
			return "", ""
		}
	})
	run = beginGraph(context.Background(), NewHandler(tp.client), "ending")
	run.node("late").end()
	s := tp.read()
	if s.count("", "NODE_START late") != 1 || s.count("", "NODE_ERROR late") != 1 ||
		s.count("", "") != 4 {
		t.Errorf("got\n%s", strings.Join(s.lines(""), "\n"))
	}
}

func TestPanicInAStreamIsItsError(t *testing.T) {
	inBubble(t, func(_ *testing.T, h *Handler) {
		run := beginGraph(context.Background(), h, "panicking")
		r := schema.StreamReaderWithConvert(schema.StreamReaderFromArray([]string{"a"}),
			func(string) (callbacks.CallbackOutput, error) { panic("at the disco") })
		h.OnEndWithStreamOutput(run.ctx, run.info, r)
	}, func(s *stream) {
		if got := s.find("", "GRAPH_ERROR").attr("error"); !strings.Contains(got, "at the disco") {
			t.Errorf("error %q", got)
		}
	})
}

func TestMergedStreamsEndTogether(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Handler) {
		run := beginGraph(context.Background(), h, "merged")
		r := schema.MergeNamedStreamReaders(
			map[string]*schema.StreamReader[callbacks.CallbackOutput]{
				"a": schema.StreamReaderFromArray([]callbacks.CallbackOutput{"1", "2"}),
				"b": schema.StreamReaderFromArray([]callbacks.CallbackOutput{"3"}),
			})
		h.OnEndWithStreamOutput(run.ctx, run.info, r)
		if err := run.wait(); err != nil || run.parts() != 3 {
			t.Errorf("%d parts, %v", run.parts(), err)
		}
	}, func(s *stream) { s.before("", "GRAPH_START", "GRAPH_END") })
}

func TestEagerGraphThatFailsLeavesNoNodeOpen(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Handler) {
		b := newGraph(t)
		add := func(key string, after time.Duration, err error) {
			b.must(b.AddLambdaNode(key,
				compose.InvokableLambda(func(context.Context, string) (string, error) {
					time.Sleep(after)
					return key, err
				}), compose.WithOutputKey(key)))
		}
		add("slow", time.Minute, nil)
		add("bad", time.Second, errors.New("no luck"))
		b.must(b.AddLambdaNode("join", compose.InvokableLambda(func(context.Context,
			map[string]any) (string, error) {
			return "", nil
		})))
		r := b.path("start", "slow", "join").path("start", "bad", "join", "end").
			compile(named("eager"), compose.WithNodeTriggerMode(compose.AllPredecessor))
		if _, err := r.Invoke(context.Background(), "in", compose.WithCallbacks(h)); err == nil {
			t.Fatal("no error")
		}
		time.Sleep(time.Hour) // the slow node returns too late to be reported
	}, func(s *stream) {
		if got := s.find("", "NODE_ERROR slow").attr("error"); !strings.HasPrefix(got,
			errLeft.Error()) {
			t.Errorf("the node that was left behind has error %q", got)
		}
		s.before("", "NODE_ERROR bad error=no luck", "PARALLEL_END bad,slow")
		if last := s.thread("")[s.count("", "")-1].String(); !strings.HasPrefix(last,
			"GRAPH_ERROR") {
			t.Errorf("the last message is %s", last)
		}
	})
}
