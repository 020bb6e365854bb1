package callbacktest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Driver plays scenarios with the API of the runtime that an adapter is for. It builds a program,
// runs it, and returns what the program's caller sees. A panic of the program is part of that.
// Where the runtime has no such thing, it returns an error that wraps [ErrCannot] and says why. It
// must be safe for concurrent use.
type Driver func(ctx context.Context, s Scenario, p Play) (result any, err error)

// ErrCannot is the error of a [Driver] whose runtime has no such thing as a scenario asks for.
var ErrCannot = errors.New("callbacktest: the runtime cannot do this")

// Play is one execution of a scenario.
type Play struct {
	// Client is where the adapter streams to. If it is nil, the program has no adapter.
	Client *callback.Client
	// Thread is the thread of its runs.
	Thread string
}

// Scenario names what a program does. The list is closed.
type Scenario string

// The scenarios. Nodes are called as the comments say; a name may have a path in front of it, as in
// "graph/a".
const (
	// ScenarioSequence runs the nodes a and b, one after the other.
	ScenarioSequence Scenario = "sequence"
	// ScenarioBranch runs a, which chooses c and not b.
	ScenarioBranch Scenario = "branch"
	// ScenarioLoop runs a three times.
	ScenarioLoop Scenario = "loop"
	// ScenarioParallel runs a and b at once, and c behind both.
	ScenarioParallel Scenario = "parallel"
	// ScenarioNested runs a, which is a graph with the node b.
	ScenarioNested Scenario = "nested graph"
	// ScenarioTokens has a model stream "Hel", "lo".
	ScenarioTokens Scenario = "token stream"
	// ScenarioRetry has a model fail, and answer when it is asked again.
	ScenarioRetry Scenario = "retry"
	// ScenarioModelError has a model fail, and the run with it.
	ScenarioModelError Scenario = "model error"
	// ScenarioToolError has a tool fail.
	ScenarioToolError Scenario = "tool error"
	// ScenarioNodeError has the node a fail, and the run with it.
	ScenarioNodeError Scenario = "node error"
	// ScenarioNodePanic has the node a panic.
	ScenarioNodePanic Scenario = "node panic"
	// ScenarioCancel ends the run's context in the node a.
	ScenarioCancel Scenario = "cancel"
	// ScenarioUnread stops reading a model's stream behind "Hel", and goes on.
	ScenarioUnread Scenario = "consumer that stops reading"
	// ScenarioInterrupt has the node a wait for a human, and resumes the run on the same thread.
	ScenarioInterrupt Scenario = "interrupt and resume"
	// ScenarioShortCircuit has another plug-in of the runtime answer in the place of a model or
	// tool.
	ScenarioShortCircuit Scenario = "another plug-in that short-circuits"
	// ScenarioManyRuns is the sequence, of a hundred runs at once.
	ScenarioManyRuns Scenario = "100 runs at once"
)

// manyRuns is how many runs ScenarioManyRuns has.
const manyRuns = 100

// expectation is what the stream of a scenario has to show.
type expectation struct {
	scenario Scenario
	// steps are events that come in this order, others between them. "|" stands between
	// alternatives.
	steps []string
	// also are events that come anywhere, never those that do not.
	also, never []string
	// inside is a node, and the one that it is in.
	inside [2]string
	// tokens is the text that is streamed.
	tokens string
}

var expectations = []expectation{
	{scenario: ScenarioSequence, steps: []string{"GRAPH_START", "NODE_START a", "NODE_END a",
		"NODE_START b", "NODE_END b", "GRAPH_END"}},
	{scenario: ScenarioBranch, steps: []string{"NODE_END a", "NODE_START c", "NODE_END c",
		"GRAPH_END"}, never: []string{"NODE_START b"}},
	{scenario: ScenarioLoop, steps: []string{"NODE_START a", "NODE_END a", "NODE_START a",
		"NODE_END a", "NODE_START a", "NODE_END a", "GRAPH_END"}},
	{scenario: ScenarioParallel, also: []string{"NODE_END a", "NODE_END b"},
		steps: []string{"NODE_END a|NODE_END b", "NODE_END a|NODE_END b", "NODE_START c",
			"GRAPH_END"}},
	{scenario: ScenarioNested, steps: []string{"NODE_START a", "NODE_START b", "NODE_END b",
		"NODE_END a", "GRAPH_END"}, inside: [2]string{"b", "a"}},
	{scenario: ScenarioTokens, steps: []string{"LLM_START", "LLM_END"}, tokens: "Hello"},
	{scenario: ScenarioRetry, steps: []string{"LLM_START", "LLM_RETRY|LLM_ERROR", "LLM_END"}},
	{scenario: ScenarioModelError, steps: []string{"LLM_START", "LLM_ERROR", "GRAPH_ERROR"}},
	{scenario: ScenarioToolError, steps: []string{"TOOL_START", "TOOL_ERROR"}},
	{scenario: ScenarioNodeError, steps: []string{"NODE_START a", "NODE_ERROR a", "GRAPH_ERROR"}},
	{scenario: ScenarioNodePanic, steps: []string{"NODE_START a", "NODE_ERROR a"}},
	{scenario: ScenarioCancel, steps: []string{"NODE_START a", "NODE_ERROR a", "GRAPH_ERROR"}},
	{scenario: ScenarioUnread, steps: []string{"LLM_START", "LLM_END|LLM_ERROR"}},
	{scenario: ScenarioInterrupt, steps: []string{"NODE_START a", "HUMAN_INTERRUPT",
		"HUMAN_RESUME", "GRAPH_END"}, never: []string{"GRAPH_ERROR"}},
	{scenario: ScenarioShortCircuit, steps: []string{"GRAPH_START", "GRAPH_END"}},
}

// Conform holds an adapter against all scenarios, each a subtest. In each, the program's caller
// sees the same with the adapter as without; the stream follows the rules (see [Checker]); what
// starts ends; what the scenario does is there, in its order and in its place; no run is on
// another's thread; and no goroutine is left, so nothing else may run at the same time. A scenario
// that the runtime cannot do is skipped, with the driver's reason.
func Conform(t *testing.T, play Driver) *Conformance {
	t.Helper()
	found := &Conformance{}
	for _, x := range expectations {
		t.Run(string(x.scenario), func(t *testing.T) {
			goroutinesEnd(t)
			want := seen(play, x.scenario, Play{Thread: "thread"})
			if errors.Is(want.err, ErrCannot) {
				found.add(x.scenario, want.err)
				t.Skip(want.err)
			}
			rec := NewRecorder()
			client := rec.Client(t)
			got := seen(play, x.scenario, Play{Client: client, Thread: "thread"})
			if got.String() != want.String() || !reflect.DeepEqual(got.result, want.result) {
				t.Errorf("with the adapter: %v\nwithout: %v", got, want)
			}
			conforms(t, rec, "thread", x)
			checkRunsEnd(t, client)
			found.keep(rec)
			found.add(x.scenario, nil)
		})
	}
	t.Run(string(ScenarioManyRuns), func(t *testing.T) {
		goroutinesEnd(t)
		found.add(ScenarioManyRuns, conformAtOnce(t, play))
	})
	return found
}

func checkRunsEnd(t *testing.T, client *callback.Client) {
	t.Helper()
	if n := client.Stats().Input.Runs; n != 0 {
		t.Errorf("%d runs are open", n)
	}
}

func conformAtOnce(t *testing.T, play Driver) (cannot error) {
	want := seen(play, ScenarioSequence, Play{Thread: "thread"})
	if errors.Is(want.err, ErrCannot) {
		return want.err
	}
	rec := NewRecorder()
	client := rec.Client(t)
	var wg sync.WaitGroup
	for i := range manyRuns {
		wg.Go(func() {
			got := seen(play, ScenarioSequence, Play{Client: client, Thread: fmt.Sprint(i)})
			if got.String() != want.String() {
				t.Errorf("with the adapter: %v\nwithout: %v", got, want)
			}
		})
	}
	wg.Wait()
	if n := len(rec.Threads()); n != manyRuns {
		t.Errorf("%d threads, want one for each of %d runs", n, manyRuns)
	}
	for i := range manyRuns {
		conforms(t, rec, fmt.Sprint(i), expectations[0])
	}
	checkRunsEnd(t, client)
	return nil
}

// outcome is what the caller of a program sees.
type outcome struct {
	result   any
	err      error
	panicked any
}

// String compares where errors and panics are made anew for each run.
func (o outcome) String() string {
	return fmt.Sprintf("%v, error %v, panic %v", o.result, o.err, o.panicked)
}

func seen(play Driver, s Scenario, p Play) (o outcome) {
	defer func() { o.panicked = recover() }()
	o.result, o.err = play(context.Background(), s, p)
	return o
}

// conforms holds what was sent on a thread against what is expected.
func conforms(t testing.TB, rec *Recorder, thread string, x expectation) {
	t.Helper()
	if err := rec.Check().Err(); err != nil {
		t.Error(err)
	}
	events, tokens := linesOf(rec.Messages(thread))
	left := x.steps
	for _, e := range events {
		if len(left) > 0 && e.isAny(left[0]) {
			left = left[1:]
		}
	}
	if len(left) > 0 {
		t.Errorf("%s does not come, or not in its place: %v", left[0], events)
	}
	for _, want := range x.also {
		if !slices.ContainsFunc(events, func(e line) bool { return e.isAny(want) }) {
			t.Errorf("%s does not come: %v", want, events)
		}
	}
	for _, e := range events {
		if slices.ContainsFunc(x.never, e.isAny) {
			t.Errorf("%v comes: %v", e, events)
		}
	}
	if x.inside[0] != "" && !inside(events, x.inside[0], x.inside[1]) {
		t.Errorf("%s is not inside %s: %v", x.inside[0], x.inside[1], events)
	}
	if tokens != x.tokens && x.tokens != "" {
		t.Errorf("the tokens are %q, want %q", tokens, x.tokens)
	}
	checkCallsEnd(t, events)
}

// line is an event as expectations name it.
type line struct {
	kind, node, id, parent string
}

func (l line) String() string { return strings.TrimSpace(l.kind + " " + l.node) }

// isAny reports whether the event is one of alternatives.
func (l line) isAny(alternatives string) bool {
	for alternative := range strings.SplitSeq(alternatives, "|") {
		kind, node, _ := strings.Cut(alternative, " ")
		if l.kind == kind && (node == "" || l.node == node ||
			strings.HasSuffix(l.node, "/"+node)) {
			return true
		}
	}
	return false
}

var stages = map[pb.ToolExecution_ExecutionStage]string{
	pb.ToolExecution_EXECUTION_STAGE_STARTED:   "TOOL_START",
	pb.ToolExecution_EXECUTION_STAGE_COMPLETED: "TOOL_END",
	pb.ToolExecution_EXECUTION_STAGE_FAILED:    "TOOL_ERROR",
}

// linesOf returns the events of a thread, those of tools among them, and the text of its tokens.
func linesOf(messages []*pb.DashStreamMessage) (events []line, tokens string) {
	for _, m := range messages {
		tokens += m.GetTokenChunk().GetText()
		if stage := stages[m.GetToolExecution().GetStage()]; stage != "" {
			events = append(events, line{kind: stage})
		}
		for e := range m.Events() {
			h := e.GetHeader()
			events = append(events, line{
				kind: strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_"),
				node: e.GetNodeId(), id: string(h.GetMessageId()),
				parent: string(h.GetParentId())})
		}
	}
	return events, tokens
}

// inside reports whether a node is in another one, at any depth.
func inside(events []line, node, outer string) bool {
	byID := map[string]line{}
	for _, e := range events {
		byID[e.id] = e
	}
	for _, e := range events {
		if !e.isAny("NODE_START " + node) {
			continue
		}
		for at, depth := byID[e.parent], 0; at.id != "" && depth < len(events); depth++ {
			if at.isAny("NODE_START " + outer) {
				return true
			}
			at = byID[at.parent]
		}
	}
	return false
}

// checkCallsEnd holds that every call of a model ends, of which a [Checker] says nothing.
func checkCallsEnd(t testing.TB, events []line) {
	t.Helper()
	open := map[string]bool{}
	for _, e := range events {
		switch e.kind {
		case "LLM_START":
			open[e.id] = true
		case "LLM_END", "LLM_ERROR":
			delete(open, e.parent)
		}
	}
	if len(open) > 0 {
		t.Errorf("%d calls of models have no end: %v", len(open), events)
	}
}
