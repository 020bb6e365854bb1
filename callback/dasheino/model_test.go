package dasheino

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/components/tool"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"
)

func TestChatModelIsACallInsideItsNode(t *testing.T) {
	for _, reports := range []bool{false, true} {
		t.Run(fmt.Sprintf("reports itself %v", reports), func(t *testing.T) {
			tp := newTopic(t)
			h := NewHandler(tp.client)
			answer := &schema.Message{Role: schema.Assistant,
				Content: "because", ReasoningContent: "hm", ResponseMeta: usage(7, 3)}
			r := modelGraph(t, "chat", &chatModel{answers: []*schema.Message{answer},
				reports: reports})
			if _, err := r.Invoke(context.Background(), question, compose.WithCallbacks(h)); err !=
				nil {
				t.Fatal(err)
			}
			s := tp.read()
			s.want("", `
		GRAPH_START
		  NODE_START model
		    LLM_START model
		    NODE_THINKING model thought=hm
		    LLM_END model
		  NODE_END model
		  EDGE_TRAVERSAL model to=__end__
		GRAPH_END`)
			start, end := s.find("", "LLM_START"), s.find("", "LLM_END")
			wantModel := ""
			if reports {
				wantModel = "fake-1"
			}
			for key, want := range map[string]string{"model": wantModel, "provider": "Fake",
				"prompt": "system: be short\n\nuser: why?", "messages": "2"} {
				if got := start.attr(key); got != want {
					t.Errorf("LLM_START has %s %q, want %q", key, got, want)
				}
			}
			for key, want := range map[string]string{"completion": "because", "prompt_tokens": "7",
				"completion_tokens": "3", "total_tokens": "10", "finish_reason": "stop"} {
				if got := end.attr(key); got != want {
					t.Errorf("LLM_END has %s %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestStreamedAnswerIsSentAsTokens(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	parts := []*schema.Message{
		schema.AssistantMessage("be", nil), schema.AssistantMessage("cau", nil),
		{Role: schema.Assistant, Content: "se", ResponseMeta: usage(7, 3)},
	}
	r := modelGraph(t, "streamed", &chatModel{answers: parts})
	stream, err := r.Stream(context.Background(), question, compose.WithCallbacks(h))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := schema.ConcatMessageStream(stream)
	if err != nil || answer.Content != "because" {
		t.Fatalf("%v, %v", answer, err)
	}
	if err := h.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	var text, finish string
	for _, it := range s.thread("") {
		if x := it.msg.GetTokenChunk(); x != nil {
			text += x.GetText()
			if x.GetIsFinal() {
				finish = x.GetFinishReason().String()
			}
		}
	}
	if text != "because" || finish != "FINISH_REASON_STOP" {
		t.Errorf("tokens %q, %s", text, finish)
	}
	s.before("", "NODE_START model", "LLM_START model", "LLM_END model", "NODE_END model",
		"GRAPH_END")
	if end := s.find("", "LLM_END"); end.attr("total_tokens") != "10" ||
		end.attr("completion") != "" {
		t.Errorf("LLM_END %v", end.event)
	}
}

func TestStreamThatFailsFailsItsCall(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := modelGraph(t,
		"cutoff", &chatModel{answers: []*schema.Message{schema.AssistantMessage("be", nil)},
			err: errors.New("cut off")})
	stream, err := r.Stream(context.Background(), question, compose.WithCallbacks(h))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := schema.ConcatMessageStream(stream); err == nil {
		t.Fatal("no error")
	}
	if err := h.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	s.before("", "LLM_ERROR model error=cut off", "NODE_ERROR model error=cut off",
		"GRAPH_ERROR error=cut off")
	s.find("", `TOKENS "be"`)
}

func TestModelThatFailsFailsItsCall(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := modelGraph(t, "refused", &chatModel{err: errors.New("refused")})
	if _, err := r.Invoke(context.Background(), question, compose.WithCallbacks(h)); err == nil {
		t.Fatal("no error")
	}
	tp.read().before("", "LLM_START model", "LLM_ERROR model error=refused",
		"NODE_ERROR model error=refused")
}

func TestModelThatANodeCallsIsInsideTheNode(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	m := &chatModel{answers: []*schema.Message{schema.AssistantMessage("yes", nil)}, reports: true}
	r := newGraph(t).do("ask", func(ctx context.Context, in string) (string, error) {
		// ctx has the node's own RunInfo, as in every program that calls a model from a node.
		ctx = callbacks.ReuseHandlers(ctx, &callbacks.RunInfo{Type: m.GetType(),
			Component: components.ComponentOfChatModel})
		LLMFromContext(ctx).Retry(2, nil) // there is none
		a, err := m.Generate(ctx, []*schema.Message{schema.UserMessage(in)})
		if err != nil {
			return "", err
		}
		return a.Content, nil
	}).path("start", "ask", "end").compile(named("asking"))
	invoke(t, h, r)
	tp.read().want("", `
		GRAPH_START
		  NODE_START ask
		    LLM_START ask
		    LLM_END ask
		  NODE_END ask
		  EDGE_TRAVERSAL ask to=__end__
		GRAPH_END`)
}

// lookup is a tool that knows one word, needs two attempts for it, and fails for all others.
type lookup struct{ interrupts bool }

func (lookup) Info(context.Context) (*schema.ToolInfo, error) {
	return &schema.ToolInfo{Name: "lookup",
		ParamsOneOf: schema.NewParamsOneOfByParams(map[string]*schema.ParameterInfo{
			"q": {Type: schema.String}})}, nil
}

func (l lookup) InvokableRun(
	ctx context.Context, arguments string, _ ...tool.Option,
) (string, error) {
	if resumed, _, _ := compose.GetResumeContext[string](ctx); l.interrupts && !resumed {
		return "", compose.Interrupt(ctx, "may I look up "+arguments+"?")
	}
	if !strings.Contains(arguments, "known") {
		return "", errors.New("unknown word")
	}
	ToolFromContext(ctx).Retry(errors.New("busy"))
	return "found", nil
}

func ask(arguments ...string) *schema.Message {
	m := schema.AssistantMessage("", nil)
	for i, a := range arguments {
		m.ToolCalls = append(m.ToolCalls, schema.ToolCall{ID: fmt.Sprintf("call-%d", i),
			Function: schema.FunctionCall{Name: "lookup", Arguments: a}})
	}
	return m
}

// toolGraph is a model that requests tools, and the tools.
func toolGraph(
	t *testing.T, name string, m model.BaseChatModel, l lookup, opts ...compose.GraphCompileOption,
) compose.Runnable[[]*schema.Message, []*schema.Message] {
	t.Helper()
	tools, err := compose.NewToolNode(context.Background(),
		&compose.ToolsNodeConfig{Tools: []tool.BaseTool{l}, ExecuteSequentially: true})
	if err != nil {
		t.Fatal(err)
	}
	g := compose.NewGraph[[]*schema.Message, []*schema.Message]()
	for _, err := range []error{
		g.AddChatModelNode("model", m), g.AddToolsNode("tools", tools),
		g.AddEdge("start", "model"), g.AddEdge("model", "tools"), g.AddEdge("tools", "end"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := g.Compile(context.Background(), append(opts, named(name))...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestToolIsAskedForByTheModelAndRunsInItsNode(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := toolGraph(t, "tools", &chatModel{answers: []*schema.Message{ask(`{"q":"known"}`)}},
		lookup{})
	if _, err := r.Invoke(context.Background(), question, compose.WithCallbacks(h)); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	s.want("", `
		GRAPH_START
		  NODE_START model
		    LLM_START model
		    LLM_END model
		    TOOL REQUESTED lookup {"q":"known"}
		  NODE_END model
		  EDGE_TRAVERSAL model to=tools
		  NODE_START tools
		    TOOL STARTED lookup {"q":"known"}
		    TOOL RETRYING lookup  busy
		    TOOL COMPLETED lookup  found
		  NODE_END tools
		  EDGE_TRAVERSAL tools to=__end__
		GRAPH_END`)
	for _, it := range s.thread("") {
		if x := it.msg.GetToolExecution(); x != nil && x.GetCallId() != "call-0" {
			t.Errorf("call id %q", x.GetCallId())
		}
	}
}

func TestToolThatFailsFailsItsNode(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := toolGraph(t, "failing tools",
		&chatModel{answers: []*schema.Message{ask(`{"q":"known"}`, `no JSON`)}}, lookup{})
	if _, err := r.Invoke(context.Background(), question, compose.WithCallbacks(h)); err == nil {
		t.Fatal("no error")
	}
	tp.read().before("", `TOOL REQUESTED lookup {"q":"known"}`, `TOOL REQUESTED lookup "no JSON"`,
		`TOOL COMPLETED lookup  found`, `TOOL STARTED lookup "no JSON"`,
		"TOOL FAILED lookup  unknown word",
		"NODE_ERROR tools error=failed to invoke tool[name:lookup id:call-1]: unknown word")
}

func TestToolsThatAModelAsksForInAStreamAreWhole(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	index := 0
	part := func(id, name, arguments string) *schema.Message {
		return schema.AssistantMessage("",
			[]schema.ToolCall{{Index: &index, ID: id, Function: schema.FunctionCall{Name: name,
				Arguments: arguments}}})
	}
	r := toolGraph(t, "streamed tools",
		&chatModel{answers: []*schema.Message{part("call-0", "lookup", `{"q":`),
			part("", "", `"known"}`)}}, lookup{})
	stream, err := r.Stream(context.Background(), question, compose.WithCallbacks(h))
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := stream.Recv(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	stream.Close()
	if err := h.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	s.before("", `TOOL REQUESTED lookup {"q":"known"}`, "NODE_END model")
	s.before("", `TOOL STARTED lookup {"q":"known"}`, "TOOL COMPLETED lookup  found",
		"NODE_END tools", "GRAPH_END")
}

func TestTextsCanBeLeftOut(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client, WithoutTexts())
	secret := ask(`{"q":"known secret"}`)
	secret.Content = "secret"
	r := toolGraph(t, "textless", &chatModel{answers: []*schema.Message{secret}}, lookup{})
	if _, err := r.Invoke(context.Background(), []*schema.Message{schema.UserMessage("secret")},
		compose.WithCallbacks(h)); err != nil {
		t.Fatal(err)
	}
	stream, err := modelGraph(t, "textless stream",
		&chatModel{answers: []*schema.Message{schema.AssistantMessage("secret", nil)}}).
		Stream(context.Background(), []*schema.Message{schema.UserMessage("secret")},
			compose.WithCallbacks(h))
	if err != nil {
		t.Fatal(err)
	}
	stream.Close()
	if err := h.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	tp.read()
	for _, r := range tp.records {
		if strings.Contains(string(r.Value), "secret") || strings.Contains(string(r.Value),
			"found") {
			t.Errorf("a record holds a text: %q", r.Value)
		}
	}
}

func TestPromptKeepsTheNewestMessagesThatFit(t *testing.T) {
	half := schema.UserMessage(strings.Repeat("ä", maxPrompt/4))
	last := schema.UserMessage("and now?")
	for _, c := range []struct {
		name     string
		messages []*schema.Message
		want     string
	}{
		{"none", nil, ""},
		{"all", []*schema.Message{last, nil, last}, "user: and now?\n\nuser: and now?"},
		{"the newest", []*schema.Message{last, half, half, last}, "(2 earlier messages)\n\nuser: " +
			half.Content + "\n\nuser: and now?"},
		{"one that is too long",
			[]*schema.Message{last, schema.UserMessage(strings.Repeat("ä", maxPrompt))},
			"(1 earlier messages)\n\nuser: " + strings.Repeat("ä", maxPrompt/2-3) +
				"… (16390 more bytes)"},
	} {
		if got := prompt(c.messages); got != c.want {
			t.Errorf("%s: got %d bytes %.60q, want %d bytes %.60q", c.name, len(got), got,
				len(c.want), c.want)
		}
	}
}
