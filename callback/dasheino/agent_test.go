package dasheino

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/cloudwego/eino/adk"
	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components/tool"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"
)

// newAgent returns an agent with the tool lookup, and with a model that gives one of these answers
// per call.
func newAgent(t *testing.T, name string, m *agentModel) adk.Agent {
	t.Helper()
	a, err := adk.NewChatModelAgent(context.Background(), &adk.ChatModelAgentConfig{
		Name: name, Description: "answers " + name, Model: m,
		ToolsConfig: adk.ToolsConfig{ToolsNodeConfig: compose.ToolsNodeConfig{
			Tools: []tool.BaseTool{lookup{}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func answering(answers ...*schema.Message) *agentModel {
	return &agentModel{chatModel{answers: answers}, "Fake"}
}

func handingOver(to string) *schema.Message {
	return schema.AssistantMessage("",
		[]schema.ToolCall{{ID: "t", Function: schema.FunctionCall{Name: "transfer_to_agent",
			Arguments: `{"agent_name":"` + to + `"}`}}})
}

// query queries an agent with the handler as a global one, and returns the last error of its
// events.
func query(t *testing.T, h *Handler, ctx context.Context, a adk.Agent, streaming bool) (err error) {
	t.Helper()
	callbacks.AppendGlobalHandlers(h)
	defer callbacks.InitCallbackHandlers(nil)
	events := adk.NewRunner(ctx, adk.RunnerConfig{Agent: a, EnableStreaming: streaming}).Query(ctx,
		"why?")
	for {
		event, ok := events.Next()
		if !ok {
			break
		}
		if err = event.Err; err == nil && event.Output != nil &&
			event.Output.MessageOutput != nil && event.Output.MessageOutput.MessageStream != nil {
			event.Output.MessageOutput.MessageStream.Close()
		}
	}
	if err := h.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	return err
}

func TestAgentIsARun(t *testing.T) {
	for _, streaming := range []bool{false, true} {
		tp := newTopic(t)
		h := NewHandler(tp.client)
		a := newAgent(t, "helper", answering(ask(`{"q":"known"}`),
			schema.AssistantMessage("because", nil)))
		if streaming {
			a = newAgent(t, "helper", answering(schema.AssistantMessage("because", nil)))
		}
		if err := query(t, h, WithThread(context.Background(), "c"), a, streaming); err != nil {
			t.Fatal(err)
		}
		s := tp.read()
		start := s.find("c", "GRAPH_START")
		if start.attr("graph_name") != "helper" || s.count("c", "GRAPH_START") != 1 ||
			s.count("c", "GRAPH_END") != 1 {
			t.Errorf("streaming %v: got\n%s", streaming, strings.Join(s.lines("c"), "\n"))
		}
		lines := s.lines("c")
		if last := lines[len(lines)-1]; last != "GRAPH_END" {
			t.Errorf("streaming %v: %s is the last message, what is inside goes on behind the end",
				streaming, last)
		}
		if !agentsReport {
			continue
		}
		if start.attr("type") != "agent" || !strings.Contains(start.attr("initial_state_json"),
			"why?") {
			t.Errorf("GRAPH_START %v", start.event)
		}
	}
}

func TestAgentsOfOneQueryAreRelated(t *testing.T) {
	for _, thread := range []string{"", "c"} {
		tp := newTopic(t)
		h := NewHandler(tp.client)
		ctx := context.Background()
		boss := newAgent(t, "boss", answering(handingOver("expert")))
		expert := newAgent(t, "expert", answering(schema.AssistantMessage("because", nil)))
		a, err := adk.SetSubAgents(ctx, boss, []adk.Agent{expert})
		if err != nil {
			t.Fatal(err)
		}
		if thread != "" {
			ctx = WithThread(ctx, thread)
		}
		if err := query(t, h, ctx, a, false); err != nil {
			t.Fatal(err)
		}
		s := tp.read()
		if len(s.order) != 1 {
			t.Fatalf("threads %q, want one", s.order)
		}
		if !agentsReport { // their graphs are runs of one thread
			if n := s.count("", "GRAPH_START"); n != 2 {
				t.Errorf("%d runs", n)
			}
			continue
		}
		s.before("", "GRAPH_START", "NODE_START expert", "NODE_END expert", "GRAPH_END")
		if n := s.count("", "GRAPH_START"); n != 1 {
			t.Errorf("%d runs in\n%s", n, strings.Join(s.lines(""), "\n"))
		}
	}
}

func TestQueriesAtOnceStayApart(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	callbacks.AppendGlobalHandlers(h)
	defer callbacks.InitCallbackHandlers(nil)
	const queries = 20
	done := make(chan error, queries)
	for range queries {
		a, err := adk.SetSubAgents(context.Background(),
			newAgent(t, "boss", answering(handingOver("expert"))),
			[]adk.Agent{newAgent(t, "expert", answering(schema.AssistantMessage("because", nil)))})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			events := adk.NewRunner(context.Background(),
				adk.RunnerConfig{Agent: a}).Query(context.Background(), "why?")
			for event, ok := events.Next(); ok; event, ok = events.Next() {
				if event.Err != nil {
					done <- event.Err
					return
				}
			}
			done <- nil
		}()
	}
	for range queries {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	if len(s.threads) != queries {
		t.Errorf("%d threads, want %d", len(s.threads), queries)
	}
}

func TestAgentsOfAWorkflowAreInside(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	ctx := context.Background()
	a, err := adk.NewSequentialAgent(ctx,
		&adk.SequentialAgentConfig{Name: "flow", Description: "both", SubAgents: []adk.Agent{
			newAgent(t, "first", answering(schema.AssistantMessage("one", nil))),
			newAgent(t, "second", answering(schema.AssistantMessage("two", nil))),
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := query(t, h, ctx, a, false); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	if len(s.order) != 1 {
		t.Fatalf("threads %q, want one", s.order)
	}
	if agentsReport {
		s.before("", "GRAPH_START", "NODE_START first", "NODE_END first/first", "NODE_END first",
			"GRAPH_END")
		s.before("", "NODE_END first/first", "NODE_START second", "NODE_END second/second",
			"NODE_END second", "GRAPH_END")
	}
}

func TestAgentThatFailsFailsItsRun(t *testing.T) {
	for name, a := range map[string]func() adk.Agent{
		"itself": func() adk.Agent {
			return newAgent(t, "failing", &agentModel{chatModel{err: errors.New("no luck")},
				"Fake"})
		},
		"the one that it hands over to": func() adk.Agent {
			a, err := adk.SetSubAgents(context.Background(),
				newAgent(t, "boss", answering(handingOver("failing"))),
				[]adk.Agent{newAgent(t,
					"failing", &agentModel{chatModel{err: errors.New("no luck")}, "Fake"})})
			if err != nil {
				t.Fatal(err)
			}
			return a
		},
	} {
		t.Run(name, func(t *testing.T) {
			tp := newTopic(t)
			h := NewHandler(tp.client)
			if err := query(t, h, context.Background(), a(), false); err == nil {
				t.Fatal("no error")
			}
			s := tp.read()
			if got := s.find("", "GRAPH_ERROR").attr("error"); !strings.Contains(got, "no luck") {
				t.Errorf("error %q", got)
			}
			if agentsReport && s.count("", "GRAPH_END") != 0 {
				t.Errorf("got\n%s", strings.Join(s.lines(""), "\n"))
			}
		})
	}
}

func TestAgentThatWaitsForAHumanIsResumed(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	callbacks.AppendGlobalHandlers(h)
	defer callbacks.InitCallbackHandlers(nil)
	a, err := adk.NewChatModelAgent(context.Background(), &adk.ChatModelAgentConfig{
		Name: "careful", Description: "asks first", Model: answering(ask(`{"q":"known"}`),
			schema.AssistantMessage("because", nil)),
		ToolsConfig: adk.ToolsConfig{ToolsNodeConfig: compose.ToolsNodeConfig{
			Tools: []tool.BaseTool{lookup{interrupts: true}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	runner := adk.NewRunner(ctx, adk.RunnerConfig{Agent: a, CheckPointStore: &checkpoints{}})
	var id string
	events := runner.Query(ctx, "why?", adk.WithCheckPointID("cp"))
	for event, ok := events.Next(); ok; event, ok = events.Next() {
		if event.Err != nil {
			t.Fatal(event.Err)
		}
		if event.Action != nil && event.Action.Interrupted != nil {
			id = event.Action.Interrupted.InterruptContexts[0].ID
		}
	}
	if err := h.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	events, err = runner.ResumeWithParams(ctx,
		"cp", &adk.ResumeParams{Targets: map[string]any{id: "yes"}})
	if err != nil {
		t.Fatal(err)
	}
	for event, ok := events.Next(); ok; event, ok = events.Next() {
		if event.Err != nil {
			t.Fatal(event.Err)
		}
	}
	if err := h.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	s := tp.read() // one thread, although nobody named it: the session knows it
	lines := s.lines("")
	if s.count("", "HUMAN_INTERRUPT") != 1 || s.count("", "HUMAN_RESUME") != 1 ||
		lines[len(lines)-1] != "GRAPH_END" || s.count("", "GRAPH_ERROR") != 0 {
		t.Errorf("got\n%s", strings.Join(lines, "\n"))
	}
}

// Outputs of agents are recognised by their shape; outputs of other shapes are not taken for them.
func TestOtherOutputsAreNoEvents(t *testing.T) {
	type wrong struct{ Events *struct{} }
	for _, output := range []any{nil, 1, "text", wrong{}, &wrong{}, &wrong{&struct{}{}},
		(*wrong)(nil), map[string]int{}, &struct{ Events int }{1}} {
		if eventsOf(output) != nil {
			t.Errorf("%T has events", output)
		}
	}
	for _, event := range []any{nil, 1, struct{}{}, &struct{ Err int }{1},
		&struct{ Action *struct{ Interrupted int } }{}} {
		if o := outcomeOfEvent(reflect.ValueOf(event)); o.failed() {
			t.Errorf("%T is %+v", event, o)
		}
	}
}
