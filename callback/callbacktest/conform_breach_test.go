package callbacktest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
)

// breaches takes the errors of a test.
type breaches struct {
	testing.TB
	found []string
}

func (*breaches) Helper()                     {}
func (b *breaches) Error(args ...any)         { b.found = append(b.found, fmt.Sprint(args...)) }
func (b *breaches) Errorf(f string, v ...any) { b.found = append(b.found, fmt.Sprintf(f, v...)) }

func TestAStreamThatIsNotTheScenariosIsFound(t *testing.T) {
	of := map[Scenario]expectation{}
	for _, x := range expectations {
		of[x.scenario] = x
	}
	nodes := func(names ...string) func(*callback.Run) {
		return func(r *callback.Run) {
			for _, name := range names {
				r.StartNode(name).End(nil)
			}
		}
	}
	for _, tt := range []struct {
		scenario Scenario
		do       func(*callback.Run)
		want     string // what the error says; "" for none
	}{
		{ScenarioSequence, nodes("a", "graph/b"), ""},
		{ScenarioSequence, nodes("b", "a"), "NODE_START b does not come"},
		{ScenarioSequence, nodes("a", "ab"), "NODE_START b does not come"},
		{ScenarioBranch, nodes("a", "b", "c"), "NODE_START b comes"},
		{ScenarioParallel, nodes("b", "a", "c"), ""},
		{ScenarioParallel, nodes("a", "a", "c"), "NODE_END b does not come"},
		{ScenarioNested, func(r *callback.Run) {
			a, b := r.StartNode("a"), r.StartNode("b")
			b.End(nil)
			a.End(nil)
		}, "b is not inside a"},
		{ScenarioSequence, func(r *callback.Run) {
			nodes("a", "b")(r)
			r.Root().StartLLM(callback.LLMRequest{})
		}, "1 calls of models have no end"},
		{ScenarioSequence, func(r *callback.Run) {
			nodes("a", "b")(r)
			r.StartNode("open")
		}, "has no end"},
		{ScenarioTokens, func(r *callback.Run) {
			l := r.Root().StartLLM(callback.LLMRequest{})
			l.Token("Hel")
			l.End(callback.LLMResult{}, nil)
		}, `the tokens are "Hel"`},
	} {
		rec := NewRecorder()
		run := rec.Client(t).StartRun(callback.RunInfo{ThreadID: "t"})
		tt.do(run)
		run.End(nil)
		got := &breaches{TB: t}
		conforms(got, rec, "t", of[tt.scenario])
		text := strings.Join(got.found, "\n")
		if !strings.Contains(text, tt.want) || (tt.want == "") != (text == "") {
			t.Errorf("%s: found %q, want %q", tt.scenario, text, tt.want)
		}
	}
}
