package dashadk1

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/genai"

	"google.golang.org/adk/agent"
	"google.golang.org/adk/agent/workflowagents/loopagent"
	"google.golang.org/adk/agent/workflowagents/parallelagent"
	"google.golang.org/adk/agent/workflowagents/sequentialagent"
	"google.golang.org/adk/model"
	"google.golang.org/adk/plugin"
	"google.golang.org/adk/runner"
	"google.golang.org/adk/session"
	"google.golang.org/adk/tool/functiontool"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/internal/adk/adktest"
)

var write = flag.Bool("write", false, "write testdata/conform.txt")

func TestADK1Conforms(t *testing.T) {
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
	asks    bool   // the user has to answer a call of a tool
	stopAt  string // the text behind which the caller stops reading
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
	message := genai.NewContentFromText("hi", "user")
	for message != nil {
		said := message
		message = nil
		for e, failed := range r.Run(ctx, "user", p.Thread, said,
			agent.RunConfig{StreamingMode: x.mode}) {
			err = errors.Join(err, failed)
			if e == nil {
				continue
			}
			if x.asks && len(e.LongRunningToolIDs) > 0 && len(e.Content.Parts) > 0 {
				x.asks = false
				message = adktest.Answer(e.LongRunningToolIDs[0], "ask")
			}
			text := adktest.Text(e.Content)
			seen = append(seen, e.Author+" "+text)
			if text != "" && text == x.stopAt {
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
	a, b, c := said("a"), said("b"), said("c")
	switch s {
	case callbacktest.ScenarioSequence:
		x.agent = sequence("all", a, b)
	case callbacktest.ScenarioBranch:
		x.agent = custom("all", func(ctx agent.InvocationContext, yield yield) {
			for e, err := range a.Run(ctx) {
				yield(e, err)
			}
			for e, err := range c.Run(ctx) {
				yield(e, err)
			}
		}, a, b, c)
	case callbacktest.ScenarioLoop:
		x.agent = must(loopagent.New(loopagent.Config{MaxIterations: 3,
			AgentConfig: agent.Config{Name: "all", SubAgents: []agent.Agent{a}}}))
	case callbacktest.ScenarioParallel:
		both := must(parallelagent.New(parallelagent.Config{
			AgentConfig: agent.Config{Name: "both", SubAgents: []agent.Agent{a, b}}}))
		x.agent = sequence("all", both, c)
	case callbacktest.ScenarioNested:
		x.agent = sequence("all", sequence("a", b))
	case callbacktest.ScenarioNodeError:
		x.agent = custom("a", func(_ agent.InvocationContext, yield yield) {
			yield(nil, adktest.Err)
		})
	case callbacktest.ScenarioNodePanic:
		x.agent = custom("a", func(agent.InvocationContext, yield) { panic(adktest.Err) })
	case callbacktest.ScenarioCancel:
		x.agent = custom("a", func(ctx agent.InvocationContext, yield yield) {
			cancel()
			yield(nil, ctx.Err())
		})
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
		a := llm("a", m)
		x.agent = custom("all", func(ctx agent.InvocationContext, yield yield) {
			for failed := true; failed; {
				failed = false
				for e, err := range a.Run(ctx) {
					if failed = err != nil; !failed {
						yield(e, nil)
					}
				}
			}
		}, a)
		return x, nil
	case callbacktest.ScenarioToolError:
		failing := func(agent.ToolContext) error { return adktest.Err }
		x.agent = llm("a", m, newTool("search", failing))
		return x, nil
	case callbacktest.ScenarioInterrupt:
		x.asks = true
		x.agent = llm("a", m, must(functiontool.New(functiontool.Config{Name: "ask",
			Description: "asks a human", IsLongRunning: true},
			func(agent.ToolContext, query) (map[string]any, error) { return nil, nil })))
		return x, nil
	case callbacktest.ScenarioShortCircuit:
		x.plugins = []*plugin.Plugin{must(plugin.New(plugin.Config{Name: "cache",
			BeforeModelCallback: func(
				agent.CallbackContext, *model.LLMRequest,
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

func sequence(name string, agents ...agent.Agent) agent.Agent {
	return must(sequentialagent.New(sequentialagent.Config{
		AgentConfig: agent.Config{Name: name, SubAgents: agents}}))
}

type yield = func(*session.Event, error) bool

// custom returns an agent that does f.
func custom(
	name string, f func(agent.InvocationContext, yield), agents ...agent.Agent,
) agent.Agent {
	return must(agent.New(agent.Config{Name: name, SubAgents: agents,
		Run: func(ctx agent.InvocationContext) iter.Seq2[*session.Event, error] {
			return func(yield func(*session.Event, error) bool) { f(ctx, yield) }
		}}))
}

// said returns an agent that says its name.
func said(name string) agent.Agent {
	return custom(name, func(ctx agent.InvocationContext, yield yield) {
		e := session.NewEventWithContext(ctx, ctx.InvocationID())
		e.Content = genai.NewContentFromText(name, "model")
		yield(e, nil)
	})
}
