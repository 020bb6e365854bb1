package dashadk1_test

import (
	"context"
	"fmt"
	"iter"
	"log"
	"log/slog"

	"google.golang.org/genai"

	"google.golang.org/adk/agent"
	"google.golang.org/adk/agent/llmagent"
	"google.golang.org/adk/agent/workflowagents/sequentialagent"
	"google.golang.org/adk/model"
	"google.golang.org/adk/plugin"
	"google.golang.org/adk/runner"
	"google.golang.org/adk/session"
	"google.golang.org/adk/tool"
	"google.golang.org/adk/tool/functiontool"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashadk1"
	"github.com/dashstream/dashstream-go/callback/internal/adk/adktest"
)

// Two agents in a sequence. One has a tool, and a model that needs no key.
func ExampleNew() {
	rec := callbacktest.NewRecorder() // in the place of Kafka
	client, err := callback.New(callback.Config{Sender: rec, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}

	r, err := runner.New(runner.Config{
		AppName: "desk", Agent: desk(), SessionService: session.InMemoryService(),
		AutoCreateSession: true, PluginConfig: runner.PluginConfig{Plugins: []*plugin.Plugin{
			dashadk1.New(client, dashadk1.WithTracerProvider()), // the line
		}}})
	if err != nil {
		log.Fatal(err)
	}
	question := genai.NewContentFromText("Where?", genai.RoleUser)
	for _, err := range r.Run(context.Background(), "ann", "session-1", question,
		agent.RunConfig{StreamingMode: agent.StreamingModeSSE}) {
		if err != nil {
			log.Fatal(err)
		}
	}

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Print(rec.Timeline("session-1"))
	// Output:
	// GRAPH_START app_name=desk graph_edge_count=0 graph_entry_point=desk graph_name=desk
	//     graph_node_count=3
	//   NODE_START desk
	//     NODE_START greeter
	//       STATE_DIFF
	//     NODE_END greeter
	//     NODE_START clerk
	//       LLM_START clerk model=fake-1 prompt="user: Where?"
	//       LLM_END clerk completion_tokens=3 finish_reason=tool_calls model=fake-1
	//           prompt_tokens=7 total_tokens=10
	//       TOOL_STARTED find {"id":7}
	//       TOOL_COMPLETED find {"status":"sent"}
	//       STATE_DIFF
	//       LLM_START clerk model=fake-1
	//           prompt="user: Where?\nmodel: find{\"id\":7}\nuser: find = {\"status\":\"sent\"}"
	//         TOKENS "Hello"
	//       LLM_END clerk completion=Hello completion_tokens=3 finish_reason=stop model=fake-1
	//           prompt_tokens=7 total_tokens=10
	//     NODE_END clerk
	//   NODE_END desk
	// GRAPH_END
}

// desk returns the agent that answers questions about orders.
func desk() agent.Agent {
	orders := adktest.Must(functiontool.New(functiontool.Config{Name: "find",
		Description: "finds an order"},
		func(c agent.ToolContext, in map[string]any) (map[string]any, error) {
			return map[string]any{"status": "sent"}, c.State().Set("order", "sent")
		}))
	m := &adktest.Model[model.LLMRequest, model.LLMResponse]{Tools: []string{"find"},
		Args:     map[string]any{"id": 7},
		Contents: func(r *model.LLMRequest) []*genai.Content { return r.Contents },
		Response: func(c *genai.Content, partial bool) *model.LLMResponse {
			return &model.LLMResponse{Content: c, Partial: partial, TurnComplete: !partial,
				FinishReason: genai.FinishReasonStop, UsageMetadata: adktest.Usage()}
		}}
	clerk := adktest.Must(llmagent.New(llmagent.Config{Name: "clerk", Model: m,
		Tools: []tool.Tool{orders}}))
	greeter := adktest.Must(agent.New(agent.Config{Name: "greeter",
		Run: func(c agent.InvocationContext) iter.Seq2[*session.Event, error] {
			return func(yield func(*session.Event, error) bool) {
				e := session.NewEventWithContext(c, c.InvocationID())
				e.Actions.StateDelta["language"] = "en"
				yield(e, nil)
			}
		}}))
	return adktest.Must(sequentialagent.New(sequentialagent.Config{AgentConfig: agent.Config{
		Name: "desk", SubAgents: []agent.Agent{greeter, clerk}}}))
}
