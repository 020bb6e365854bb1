package dashadk

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genai"

	"google.golang.org/adk/v2/agent"
	"google.golang.org/adk/v2/model"
	"google.golang.org/adk/v2/plugin"
	"google.golang.org/adk/v2/runner"
	"google.golang.org/adk/v2/session"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/internal/adk/adktest"
)

// upstream are ADK's own examples with what a user says to them, the lines of the timeline that
// show what they did, in the order of their beginnings, and whether that order may vary.
var upstream = map[string]struct {
	build    func() (agent.Agent, error)
	says     []string
	want     []string
	parallel bool
}{
	"workflow/basic": {build: basicExample, says: []string{"go"},
		want: []string{"NODE_START upper", "NODE_END upper", "NODE_START suffix"}},
	"workflow/routing/string": {build: stringRoutingExample, says: []string{"why?", "oh!", "so"},
		want: []string{"NODE_START classify", "NODE_START answer_question", "GRAPH_END",
			"NODE_START classify", "NODE_START react_exclamation", "GRAPH_END",
			"NODE_START classify", "NODE_START comment_statement", "GRAPH_END"}},
	"workflow/routing/llm": {build: llmRoutingExample, says: []string{"why?", "oh!"},
		want: []string{"NODE_START classify", "LLM_START classify", "completion=question",
			"NODE_START route_by_classification", "NODE_START answer_question", "GRAPH_END",
			"completion=exclamation", "NODE_START react_exclamation", "GRAPH_END"}},
	"workflow/hitl_rerun": {build: rerunExample, says: []string{"hello", "Ann"},
		want: []string{"NODE_START greet", "HUMAN_INTERRUPT", "interrupt_ids=ask_name-",
			"reason=\"What's your name?\"\n", "HUMAN_RESUME", "NODE_START greet", "GRAPH_END"}},
	"workflow/dynamic/basic": {build: dynamicExample, says: []string{"hi"},
		want: []string{"NODE_START my_workflow", "  NODE_START hello_node", "GRAPH_END"}},
	"workflowagents/sequential": {build: sequentialExample, says: []string{"hi"},
		want: []string{"NODE_START sequential_agent", "  NODE_START my_custom_agent_1",
			"NODE_END my_custom_agent_1", "  NODE_START my_custom_agent_2", "GRAPH_END"}},
	"workflowagents/loop": {build: loopExample, says: []string{"hi"},
		want: []string{"NODE_START loop_agent", "  NODE_START my_custom_agent",
			"  NODE_START my_custom_agent", "  NODE_START my_custom_agent", "GRAPH_END"}},
	"workflowagents/parallel": {build: parallelExample, says: []string{"hi"}, parallel: true,
		want: []string{"NODE_START parallel_agent", "  NODE_START my_custom_agent_", "GRAPH_END"}},
}

// The examples run with the runner and not with ADK's launcher, which is a web server or a console
// and brings many modules, but hands the same plug-ins on to the runner.
func TestADKsOwnExamplesGiveTheSameWithTheLine(t *testing.T) {
	for name, tt := range upstream {
		t.Run(name, func(t *testing.T) {
			plain := converse(t, must(tt.build()), tt.says, tt.parallel)
			rec := callbacktest.NewRecorder()
			dash := New(rec.Client(t)) // the line
			with := converse(t, must(tt.build()), tt.says, tt.parallel, dash)
			if err := dash.Close(); err != nil {
				t.Error(err)
			}
			if !slices.Equal(plain, with) {
				t.Errorf("without the line:\n%s\nwith it:\n%s", strings.Join(plain, "\n"),
					strings.Join(with, "\n"))
			}
			if len(plain) < len(tt.says) {
				t.Errorf("%d events, of %d questions", len(plain), len(tt.says))
			}
			if err := rec.Check().Err(); err != nil {
				t.Error(err)
			}
			left := rec.Timeline("thread")
			for _, want := range tt.want {
				_, behind, ok := strings.Cut(left, want)
				if !ok {
					t.Fatalf("%q is missing in\n%s", want, rec.Timeline("thread"))
				}
				left = behind
			}
		})
	}
}

// converse runs an agent with one message after the other, and returns what came of it: the events
// that the caller got, and those that the session keeps. If the agent waits for a human, the next
// message is the answer.
func converse(
	t *testing.T, a agent.Agent, says []string, parallel bool, plugins ...*plugin.Plugin,
) (got []string) {
	t.Helper()
	sessions := session.InMemoryService()
	r := must(runner.New(runner.Config{AppName: "app", Agent: a, SessionService: sessions,
		AutoCreateSession: true, PluginConfig: runner.PluginConfig{Plugins: plugins}}))
	invocations := map[string]int{}
	question := ""
	for _, text := range says {
		m := genai.NewContentFromText(text, genai.RoleUser)
		if question != "" {
			m = adktest.Answer(question, "adk_request_input")
			question = ""
		}
		for e, err := range r.Run(context.Background(), "user", "thread", m, agent.RunConfig{}) {
			if err != nil {
				t.Fatal(err)
			}
			if e.RequestedInput != nil {
				question = e.RequestedInput.InterruptID
			}
			got = append(got, "got "+shown(e, invocations))
		}
	}
	kept := must(sessions.Get(context.Background(), &session.GetRequest{AppName: "app",
		UserID: "user", SessionID: "thread"}))
	for e := range kept.Session.Events().All() {
		got = append(got, "kept "+shown(e, invocations))
	}
	if parallel {
		slices.Sort(got)
	}
	return got
}

// shown returns what an event says, with a number for its invocation's random id.
func shown(e *session.Event, invocations map[string]int) string {
	if _, ok := invocations[e.InvocationID]; !ok {
		invocations[e.InvocationID] = len(invocations) + 1
	}
	path := ""
	if e.NodeInfo != nil {
		path = e.NodeInfo.Path
	}
	s := fmt.Sprintf("%d %q %q %q text %q output %v routes %v path %q state %v",
		invocations[e.InvocationID], e.Author, e.Branch, e.IsolationScope,
		adktest.Text(e.Content), e.Output, e.Routes, path, e.Actions.StateDelta)
	if e.RequestedInput != nil {
		s += " asks " + e.RequestedInput.Message
	}
	return s
}

// classifying is the model of the example that needs one: it does as its instruction says.
type classifying struct{}

func (classifying) Name() string { return "fake-1" }

func (classifying) GenerateContent(
	_ context.Context, r *model.LLMRequest, _ bool,
) iter.Seq2[*model.LLMResponse, error] {
	return func(yield func(*model.LLMResponse, error) bool) {
		last := ""
		for _, c := range r.Contents {
			if c.Role == genai.RoleUser {
				last = adktest.Text(c)
			}
		}
		yield(&model.LLMResponse{Content: genai.NewContentFromText(classify(last), "model"),
			TurnComplete: true, UsageMetadata: adktest.Usage()}, nil)
	}
}
