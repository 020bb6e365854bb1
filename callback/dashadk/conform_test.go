package dashadk

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/genai"

	"google.golang.org/adk/v2/agent"
	"google.golang.org/adk/v2/agent/workflowagent"
	"google.golang.org/adk/v2/model"
	"google.golang.org/adk/v2/plugin"
	"google.golang.org/adk/v2/runner"
	"google.golang.org/adk/v2/session"
	"google.golang.org/adk/v2/workflow"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/internal/adk/adktest"
)

var write = flag.Bool("write", false, "write testdata/conform.txt")

func TestADKConforms(t *testing.T) {
	callbacktest.Conform(t, play).Compare(t, "testdata/conform.txt", *write)
}

func TestMain(m *testing.M) {
	otel.SetTracerProvider(sdktrace.NewTracerProvider())
	m.Run()
}

// plugins are those of clients.
var plugins sync.Map

// of returns the plug-ins of a play: ours, if it has a client, and then others.
func of(p callbacktest.Play, others ...*plugin.Plugin) []*plugin.Plugin {
	if p.Client == nil {
		return others
	}
	ours, _ := plugins.LoadOrStore(p.Client, sync.OnceValue(func() *plugin.Plugin {
		return New(p.Client)
	}))
	return append([]*plugin.Plugin{ours.(func() *plugin.Plugin)()}, others...)
}

// program is what a scenario runs.
type program struct {
	agent   agent.Agent
	mode    agent.StreamingMode
	plugins []*plugin.Plugin
	answers []*genai.Content // what the user says after the first run
	stopAt  string           // the text behind which the caller stops reading
}

func play(
	ctx context.Context, s callbacktest.Scenario, p callbacktest.Play,
) (result any, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	x, err := build(s, cancel)
	if err != nil {
		return nil, err
	}
	r := must(runner.New(runner.Config{AppName: "app", Agent: x.agent,
		SessionService: session.InMemoryService(), AutoCreateSession: true,
		PluginConfig: runner.PluginConfig{Plugins: of(p, x.plugins...)}}))
	var seen []string
	for _, m := range append([]*genai.Content{genai.NewContentFromText("hi", "user")},
		x.answers...) {
		for e, failed := range r.Run(ctx, "user", p.Thread, m,
			agent.RunConfig{StreamingMode: x.mode}) {
			err = errors.Join(err, failed)
			if e == nil {
				continue
			}
			said := adktest.Text(e.Content)
			seen = append(seen, fmt.Sprint(e.Author, " ", said, " ", e.Output))
			if said != "" && said == x.stopAt {
				break
			}
		}
	}
	if s == callbacktest.ScenarioParallel {
		slices.Sort(seen)
	}
	return seen, err
}

// build returns the program of a scenario.
func build(s callbacktest.Scenario, cancel func()) (x program, err error) {
	a, b, c := node("a", nil), node("b", nil), node("c", nil)
	chain := func(nodes ...workflow.Node) agent.Agent {
		return flow(workflow.Chain(append([]workflow.Node{workflow.Start}, nodes...)...))
	}
	switch s {
	case callbacktest.ScenarioSequence:
		x.agent = chain(a, b)
	case callbacktest.ScenarioBranch:
		a = routing("a", func() string { return "right" })
		x.agent = flow(workflow.Concat(workflow.Chain(workflow.Start, a), []workflow.Edge{
			{From: a, To: b, Route: workflow.StringRoute("left")},
			{From: a, To: c, Route: workflow.StringRoute("right")}}))
	case callbacktest.ScenarioLoop:
		rounds := 0
		a = routing("a", func() string {
			if rounds++; rounds < 3 {
				return "again"
			}
			return "on"
		})
		x.agent = flow(workflow.Concat(workflow.Chain(workflow.Start, a), []workflow.Edge{
			{From: a, To: a, Route: workflow.StringRoute("again")},
			{From: a, To: b, Route: workflow.StringRoute("on")}}))
	case callbacktest.ScenarioParallel:
		both := workflow.NewJoinNode("both")
		last := workflow.NewFunctionNode("c",
			func(agent.Context, any) (string, error) { return "c", nil }, workflow.NodeConfig{})
		x.agent = flow([]workflow.Edge{{From: workflow.Start, To: a}, {From: workflow.Start, To: b},
			{From: a, To: both}, {From: b, To: both}, {From: both, To: last}})
	case callbacktest.ScenarioNested:
		x.agent = chain(must(workflow.NewWorkflowNode("a", workflow.Chain(workflow.Start, b))))
	case callbacktest.ScenarioNodeError:
		x.agent = chain(node("a", func() error { return adktest.Err }), b)
	case callbacktest.ScenarioNodePanic:
		x.agent = chain(node("a", func() error { panic(adktest.Err) }), b)
	case callbacktest.ScenarioCancel:
		x.agent = chain(node("a", func() error {
			cancel()
			return context.Canceled
		}), b)
	case callbacktest.ScenarioInterrupt:
		x.agent = chain(asking("a"), b)
		x.answers = []*genai.Content{adktest.Answer("a?", "adk_request_input")}
	default:
		return buildModel(s)
	}
	return x, nil
}

// buildModel returns the program of a scenario that is about models and tools.
func buildModel(s callbacktest.Scenario) (x program, err error) {
	m := newModel(0)
	switch s {
	case callbacktest.ScenarioTokens:
		x.mode = agent.StreamingModeSSE
	case callbacktest.ScenarioUnread:
		x.mode, x.stopAt = agent.StreamingModeSSE, "Hel"
	case callbacktest.ScenarioModelError:
		m.Failing = 1
	case callbacktest.ScenarioRetry:
		m.Failing = 1
		x.agent = flow(workflow.Chain(workflow.Start, must(workflow.NewAgentNode(llm("a", m),
			workflow.NodeConfig{RetryConfig: &workflow.RetryConfig{MaxAttempts: 2,
				InitialDelay: time.Millisecond}}))))
		return x, nil
	case callbacktest.ScenarioToolError:
		failing := func(agent.Context) error { return adktest.Err }
		x.agent = llm("a", m, newTool("search", failing))
		return x, nil
	case callbacktest.ScenarioShortCircuit:
		x.plugins = []*plugin.Plugin{must(plugin.New(plugin.Config{Name: "cache",
			BeforeModelCallback: func(
				agent.Context, *model.LLMRequest,
			) (*model.LLMResponse, error) {
				return &model.LLMResponse{Content: genai.NewContentFromText("cached", "model"),
					TurnComplete: true}, nil
			}}))}
	default:
		return x, fmt.Errorf("%w: no such scenario", callbacktest.ErrCannot)
	}
	x.agent = llm("a", m)
	return x, nil
}

func flow(edges []workflow.Edge) agent.Agent {
	return must(workflowagent.New(workflowagent.Config{Name: "flow", Edges: edges}))
}

// node returns a node that does f, if that is not nil.
func node(name string, f func() error) workflow.Node {
	return workflow.NewFunctionNode(name, func(agent.Context, any) (string, error) {
		if f == nil {
			return name, nil
		}
		return name, f()
	}, workflow.NodeConfig{})
}

// routing returns a node that chooses the way that route names.
func routing(name string, route func() string) workflow.Node {
	return workflow.NewEmittingFunctionNode(name,
		func(c agent.Context, _ any, emit func(*session.Event) error) (any, error) {
			e := session.NewEvent(c, c.InvocationID())
			e.Routes, e.Output = []string{route()}, name
			return nil, emit(e)
		}, workflow.NodeConfig{})
}

// asking returns a node that waits for a human.
func asking(name string) workflow.Node {
	return workflow.NewEmittingFunctionNode(name,
		func(c agent.Context, _ any, emit func(*session.Event) error) (any, error) {
			return nil, errors.Join(emit(workflow.NewRequestInputEvent(c, session.RequestInput{
				InterruptID: name + "?", Message: "Your name?"})), workflow.ErrNodeInterrupted)
		}, workflow.NodeConfig{})
}
