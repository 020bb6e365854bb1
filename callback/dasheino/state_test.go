package dasheino

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// notes is the local state of the graphs of these tests.
type notes struct {
	Notes  []string `json:"notes"`
	Rounds int      `json:"rounds"`
	hidden int
}

func init() { schema.RegisterName[*notes]("dasheino_test_notes") }

func newNotes(context.Context) *notes { return &notes{Notes: []string{"begun"}} }

func statefulGraph(t *testing.T) *builder {
	return &builder{t, compose.NewGraph[string, string](compose.WithGenLocalState(newNotes))}
}

// note is the code of a node that adds to the state.
func note(text string) func(context.Context, string) (string, error) {
	return func(ctx context.Context, in string) (string, error) {
		err := compose.ProcessState(ctx, func(_ context.Context, s *notes) error {
			s.Notes = append(s.Notes, text)
			s.hidden++
			return nil
		})
		return in + " " + text, err
	}
}

// noteAfter adds a handler that runs after a node and adds to the state.
func noteAfter(text string) compose.GraphAddNodeOpt {
	return compose.WithStatePostHandler(func(_ context.Context, out string, s *notes) (string,
		error) {
		s.Notes = append(s.Notes, text)
		return out, nil
	})
}

// states formats a thread as lines, with a reader's state after each message that has one.
func (s *stream) states(id string) []string {
	s.t.Helper()
	var r reduce.Reducer
	var lines []string
	for i, it := range s.thread(id) {
		if i == 0 || it.msg != s.thread(id)[i-1].msg {
			if _, err := r.Add(it.msg); err != nil {
				s.t.Fatal(err)
			}
		}
		line := it.String()
		if line == "STATE" {
			state, _ := r.Thread(it.header.GetThreadId()).State()
			line = string(state)
		}
		lines = append(lines, line)
	}
	return lines
}

// wantStates compares a thread with lines.
func (s *stream) wantStates(id string, want ...string) {
	s.t.Helper()
	if got := s.states(id); strings.Join(got, "\n") != strings.Join(want, "\n") {
		s.t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheStateComesBeforeTheEndOfTheNodeThatChangedIt(t *testing.T) {
	tp := newTopic(t)
	g := statefulGraph(t).do("plan", note("planned")).node("look")
	g.must(g.AddLambdaNode("answer", compose.InvokableLambda(note("answered")),
		noteAfter("reviewed")))
	g.do("last", note("last"))
	g.path("start", "plan", "look", "answer", "last", "end")
	invoke(t, NewHandler(tp.client), g.compile(named("stateful")))
	s := tp.read()
	s.wantStates("",
		"GRAPH_START",
		`{"notes":["begun"],"rounds":0}`,
		"NODE_START plan",
		`{"notes":["begun","planned"],"rounds":0}`,
		"NODE_END plan",
		"EDGE_TRAVERSAL plan to=look",
		"NODE_START look",
		"NODE_END look", // nothing has changed
		"EDGE_TRAVERSAL look to=answer",
		"NODE_START answer",
		`{"notes":["begun","planned","answered"],"rounds":0}`,
		"NODE_END answer",
		"EDGE_TRAVERSAL answer to=last",
		// by a handler that runs when the node has ended
		`{"notes":["begun","planned","answered","reviewed"],"rounds":0}`,
		"NODE_START last",
		`{"notes":["begun","planned","answered","reviewed","last"],"rounds":0}`,
		"NODE_END last",
		"EDGE_TRAVERSAL last to=__end__",
		"GRAPH_END")
	if initial := s.find("", "GRAPH_START").attr("initial_state_json"); initial != `"in"` {
		t.Errorf("the initial state is %s", initial)
	}
	if parent, node := s.find("", "STATE").header.GetParentId(), s.find("",
		"GRAPH_START").header.GetMessageId(); string(parent) != string(node) {
		t.Error("the first state does not hang under the run")
	}
}

func TestAStateSurvivesAnInterrupt(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	g := statefulGraph(t).do("plan", note("planned")).do("act", note("acted")).path("start", "plan",
		"act", "end")
	r := g.compile(named("waiting with a state"), compose.WithCheckPointStore(&checkpoints{}),
		compose.WithInterruptBeforeNodes([]string{"act"}))
	ctx := WithThread(context.Background(), "conversation")
	_, err := r.Invoke(ctx, "in", compose.WithCallbacks(h), compose.WithCheckPointID("cp"))
	if _, ok := compose.ExtractInterruptInfo(err); !ok {
		t.Fatalf("error %v, want an interrupt", err)
	}
	modify := func(_ context.Context, _ compose.NodePath, state any) error {
		state.(*notes).Rounds = 1
		return nil
	}
	if _, err := r.Invoke(ctx, "", compose.WithCallbacks(h), compose.WithCheckPointID("cp"),
		compose.WithStateModifier(modify)); err != nil {
		t.Fatal(err)
	}
	tp.read().wantStates("conversation",
		"GRAPH_START",
		`{"notes":["begun"],"rounds":0}`,
		"NODE_START plan",
		`{"notes":["begun","planned"],"rounds":0}`,
		"NODE_END plan",
		"HUMAN_INTERRUPT reason=before act",
		"HUMAN_RESUME",
		`{"notes":["begun","planned"],"rounds":1}`,
		"EDGE_TRAVERSAL plan to=act",
		"NODE_START act",
		`{"notes":["begun","planned","acted"],"rounds":1}`,
		"NODE_END act",
		"EDGE_TRAVERSAL act to=__end__",
		"GRAPH_END")
}

func TestStatesAreSentWhenARunFailsAndWhenItStreams(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	g := statefulGraph(t).do("plan", note("planned")).do("fail", func(ctx context.Context,
		in string) (string, error) {
		_, _ = note("tried")(ctx, in)
		return "", fmt.Errorf("no")
	}).path("start", "plan", "fail", "end")
	if _, err := g.compile(named("failing with a state")).Invoke(WithThread(context.Background(),
		"failed"), "in", compose.WithCallbacks(h)); err == nil {
		t.Fatal("it has not failed")
	}
	g = statefulGraph(t)
	g.must(g.AddLambdaNode("plan", compose.InvokableLambda(note("planned")), noteAfter("reviewed")))
	g.path("start", "plan", "end")
	parts, err := g.compile(named("streaming with a state")).Stream(WithThread(context.Background(),
		"streamed"), "in", compose.WithCallbacks(h))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := schema.ConcatMessageStream(schema.StreamReaderWithConvert(parts,
		func(s string) (*schema.Message, error) { return schema.UserMessage(s), nil })); err !=
		nil {
		t.Fatal(err)
	}
	if err := h.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	for id, want := range map[string]string{
		"failed":   `{"notes":["begun","planned","tried"],"rounds":0}`,
		"streamed": `{"notes":["begun","planned","reviewed"],"rounds":0}`} {
		var last string
		for _, line := range s.states(id) {
			if strings.HasPrefix(line, "{") {
				last = line
			}
		}
		if last != want {
			t.Errorf("%s: the last state is %s, want %s", id, last, want)
		}
	}
}

func TestStatesCanBeLeftOut(t *testing.T) {
	for name, option := range map[string]Option{"states": WithoutState(), "texts": WithoutTexts()} {
		t.Run(name, func(t *testing.T) {
			tp := newTopic(t)
			g := statefulGraph(t).do("plan", note("planned")).path("start", "plan", "end")
			invoke(t, NewHandler(tp.client, option), g.compile(named("left out")))
			s := tp.read()
			if s.count("", "STATE") > 0 || s.find("", "GRAPH_START").attr("initial_state_json") !=
				"" {
				t.Errorf("%q", s.lines(""))
			}
		})
	}
}

// An inner graph with a state of its own does not send it; what its nodes change in the enclosing
// graph's state is sent when it ends.
func TestTheStateIsThatOfTheOutermostGraph(t *testing.T) {
	type own struct{ Inner bool }
	tp := newTopic(t)
	inner := &builder{t,
		compose.NewGraph[string, string](compose.WithGenLocalState(func(context.Context) *own {
			return &own{true}
		}))}
	inner.do("deep", note("from inside")).path("start", "deep", "end")
	outer := statefulGraph(t).do("last", note("last"))
	outer.must(outer.AddGraphNode("research", inner.Graph))
	outer.path("start", "research", "last", "end")
	invoke(t, NewHandler(tp.client), outer.compile(named("outer")))
	tp.read().wantStates("",
		"GRAPH_START",
		`{"notes":["begun"],"rounds":0}`,
		"NODE_START research",
		"NODE_START research/deep",
		"NODE_END research/deep",
		`{"notes":["begun","from inside"],"rounds":0}`,
		"EDGE_TRAVERSAL research/deep to=__end__",
		"NODE_END research",
		"EDGE_TRAVERSAL research to=last",
		"NODE_START last",
		`{"notes":["begun","from inside","last"],"rounds":0}`,
		"NODE_END last",
		"EDGE_TRAVERSAL last to=__end__",
		"GRAPH_END")
}

// Code of the graph that uses the state holds Eino's lock. What ends meanwhile does not wait for
// the lock for long, because that could be for ever: here it is the same code that waits. Graphs
// that it calls under the lock have another state, or none.
func TestAStateThatIsInUseHoldsUpNothing(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	stateful := statefulGraph(t).do("n", note("of its own")).path("start", "n", "end").
		compile(named("called under the lock"))
	bare := newGraph(t).node("m").path("start", "m", "end").
		compile(named("bare, called under the lock"))
	g := statefulGraph(t).do("use", func(ctx context.Context, in string) (string, error) {
		return in, compose.ProcessState(ctx, func(ctx context.Context, s *notes) error {
			s.Notes = append(s.Notes, "in use")
			(&graphState{ctx: ctx}).send(callback.NodeFromContext(ctx))
			for _, r := range []compose.Runnable[string, string]{stateful, bare} {
				if _, err := r.Invoke(ctx, "x"); err != nil {
					return err
				}
			}
			s.Notes = append(s.Notes, "used")
			return nil
		})
	}).path("start", "use", "end")
	done := make(chan string)
	go func() { done <- invoke(t, h, g.compile(named("in use"))) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for its own lock")
	}
	s := tp.read()
	if n := s.count("", "STATE"); n != 2 {
		t.Errorf("%d states, want that of the beginning and that of the end: %q", n, s.states(""))
	}
	s.before("", "STATE", "NODE_START use", "NODE_START use/called under the lock/n",
		"NODE_END use/called under the lock/n", "STATE", "GRAPH_END")
}

// If the end of a node did not wait for the state, the run sends it, because the node has ended.
func TestAStateThatComesLateIsSaidByTheRun(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	g := statefulGraph(t).do("use", func(ctx context.Context, in string) (string, error) {
		late := &graphState{ctx: ctx}
		err := compose.ProcessState(ctx, func(ctx context.Context, s *notes) error {
			inner := callback.NodeFromContext(ctx).StartNode("inner")
			s.Notes = append(s.Notes, "in use")
			late.send(inner)
			inner.End(nil)
			return nil
		})
		if !late.after.Load() {
			t.Error("nobody is to say the state that came late")
		}
		for range 100 { // gives those that wait for the state their turn
			err = errors.Join(err, compose.ProcessState(ctx, func(context.Context, *notes) error {
				runtime.Gosched()
				return nil
			}))
		}
		return in, err
	}).path("start", "use", "end")
	invoke(t, h, g.compile(named("in use")))
	s := tp.read() // it checks that no state comes after the end of its node
	s.before("", "NODE_END inner", "STATE", "GRAPH_END")
}

func TestStateWithOneNaNKeepsTheRest(t *testing.T) {
	type scored struct {
		Score float64
		Notes []string
	}
	tp := newTopic(t)
	h := NewHandler(tp.client) // before the graph is compiled, because it watches that
	g := compose.NewGraph[string, string](compose.WithGenLocalState(func(context.Context) *scored {
		return &scored{Notes: []string{"kept"}}
	}))
	b := &builder{t, g}
	r := b.do("score", func(ctx context.Context, in string) (string, error) {
		return in, compose.ProcessState(ctx, func(_ context.Context, s *scored) error {
			s.Score = math.NaN()
			return nil
		})
	}).path("start", "score", "end").compile(named("scoring"))
	invoke(t, h, r)
	topic := tp.read()
	for _, it := range topic.thread("") {
		if d := it.msg.GetStateDiff(); d != nil && len(d.GetFullState()) == 0 {
			t.Errorf("what could not be written comes without what could: %v", d)
		}
	}
	topic.wantStates("",
		"GRAPH_START",
		`{"Notes":["kept"],"Score":0}`,
		"NODE_START score",
		`{"Notes":["kept"],"Score":{"$unreadable":"json: unsupported value: NaN"}}`,
		"NODE_END score",
		"EDGE_TRAVERSAL score to=__end__",
		"GRAPH_END")
}
