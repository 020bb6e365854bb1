package dasheino

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/cloudwego/eino/components/tool"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/flow/agent"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
)

// quick is a tool that takes no time.
type quick struct{ name string }

func (q quick) Info(context.Context) (*schema.ToolInfo, error) {
	return &schema.ToolInfo{Name: q.name,
		ParamsOneOf: schema.NewParamsOneOfByParams(map[string]*schema.ParameterInfo{
			"q": {Type: schema.String}})}, nil
}

func (quick) InvokableRun(context.Context, string, ...tool.Option) (string, error) {
	return "found", nil
}

// calling is a model that requests tools, and the tools, which run at the same time.
func calling(
	t *testing.T, name string, m *chatModel, tools ...tool.BaseTool,
) compose.Runnable[[]*schema.Message, []*schema.Message] {
	t.Helper()
	node, err := compose.NewToolNode(context.Background(), &compose.ToolsNodeConfig{Tools: tools})
	if err != nil {
		t.Fatal(err)
	}
	g := compose.NewGraph[[]*schema.Message, []*schema.Message]()
	for _, err := range []error{
		g.AddChatModelNode("model", m), g.AddToolsNode("tools", node), g.AddEdge("start", "model"),
		g.AddEdge("model", "tools"), g.AddEdge("tools", "end"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := g.Compile(context.Background(), named(name))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// stagesOf lists the stages of each call, by the name of its tool and its arguments.
func stagesOf(s *stream) (stages map[string]string, ids map[string]map[string]bool) {
	stages, ids = map[string]string{}, map[string]map[string]bool{}
	about := map[string]string{}
	for _, it := range s.thread("") {
		x := it.msg.GetToolExecution()
		if x == nil {
			continue
		}
		if len(x.GetArguments()) > 0 {
			about[x.GetCallId()] = x.GetToolName() + string(x.GetArguments())
		}
		what := about[x.GetCallId()]
		stages[what] += strings.TrimPrefix(x.GetStage().String(), "EXECUTION_STAGE_") + " "
		if ids[what] == nil {
			ids[what] = map[string]bool{}
		}
		ids[what][x.GetCallId()] = true
	}
	return stages, ids
}

func TestStagesOfACallComeInTheirOrderUnderOneID(t *testing.T) {
	for _, named := range []bool{true, false} {
		for _, streamed := range []bool{true, false} {
			t.Run(fmt.Sprintf("ids %v, streamed %v", named, streamed), func(t *testing.T) {
				for range 50 {
					tp := newTopic(t)
					h := NewHandler(tp.client)
					m := schema.AssistantMessage("", nil)
					for i := range 4 {
						index := i
						c := schema.ToolCall{Index: &index, ID: fmt.Sprint("call-", i),
							Function: schema.FunctionCall{Name: []string{"one", "two"}[i%2],
								Arguments: fmt.Sprintf(`{"q":"%d"}`, i)}}
						if !named {
							c.ID = ""
						}
						m.ToolCalls = append(m.ToolCalls, c)
					}
					r := calling(t, "calling", &chatModel{answers: []*schema.Message{m}},
						quick{"one"}, quick{"two"})
					if streamed {
						readAll(t, h, r)
					} else if _, err := r.Invoke(context.Background(), question,
						compose.WithCallbacks(h)); err != nil {
						t.Fatal(err)
					}
					s := tp.read()
					stages, ids := stagesOf(s)
					if len(stages) != 4 {
						t.Fatalf("calls %v", stages)
					}
					for what, got := range stages {
						if got != "REQUESTED STARTED COMPLETED " || len(ids[what]) != 1 {
							t.Fatalf("%s: %s under %v in\n%s", what, got, ids[what],
								strings.Join(s.lines(""), "\n"))
						}
					}
				}
			})
		}
	}
}

// A provider that numbers the calls of each answer from 0.
func TestIDsThatComeAgainAreRequestedAgain(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	again := ask(`{"q":"known"}`)
	a := reactAgent(t, "Numbering", "numbering", again, again, schema.AssistantMessage("done", nil))
	if _, err := a.Generate(context.Background(), question,
		agent.WithComposeOptions(compose.WithCallbacks(h))); err != nil {
		t.Fatal(err)
	}
	stages, _ := stagesOf(tp.read())
	if got := stages[`lookup{"q":"known"}`]; got != strings.Repeat("REQUESTED STARTED RETRYING "+
		"COMPLETED ", 2) {
		t.Errorf("stages %s", got)
	}
}

// A tool call that no model requested is not reported as requested.
func TestCallThatNobodyAskedForIsNotRequested(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	run := beginGraph(context.Background(), h, "unasked")
	node := run.node("tools")
	node.begun().tree.calls.start(node.begun().node, callback.ToolCall{ID: "own", Name: "lookup"},
		`{}`).Complete(nil)
	node.end()
	run.end()
	if n := tp.read().count("", "TOOL REQUESTED"); n != 0 {
		t.Errorf("%d requests", n)
	}
}
