package dashadk_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"strings"

	"google.golang.org/genai"

	"google.golang.org/adk/v2/agent"
	"google.golang.org/adk/v2/agent/llmagent"
	"google.golang.org/adk/v2/agent/workflowagent"
	"google.golang.org/adk/v2/model"
	"google.golang.org/adk/v2/plugin"
	"google.golang.org/adk/v2/runner"
	"google.golang.org/adk/v2/session"
	"google.golang.org/adk/v2/tool"
	"google.golang.org/adk/v2/tool/functiontool"
	"google.golang.org/adk/v2/workflow"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashadk"
	"github.com/dashstream/dashstream-go/callback/internal/adk/adktest"
)

// A workflow of a function and an agent, which has a tool and a model that needs no key.
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
			dashadk.New(client, dashadk.WithTracerProvider()), // the line
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
	//     graph_node_count=1
	//   NODE_START desk
	//     NODE_START tidy
	//     NODE_END tidy
	//     NODE_START clerk
	//       LLM_START clerk model=fake-1 prompt="user: where?"
	//       LLM_END clerk completion_tokens=3 finish_reason=tool_calls model=fake-1
	//           prompt_tokens=7 total_tokens=10
	//       TOOL_STARTED find {"id":7}
	//       TOOL_COMPLETED find {"status":"sent"}
	//       STATE_DIFF
	//       LLM_START clerk model=fake-1
	//           prompt="user: where?\nmodel: find{\"id\":7}\nuser: find = {\"status\":\"sent\"}"
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
		func(c agent.Context, in map[string]any) (map[string]any, error) {
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
	tidy := workflow.NewFunctionNode("tidy", func(_ agent.Context, text string) (string, error) {
		return strings.ToLower(text), nil
	}, workflow.NodeConfig{})
	answer := adktest.Must(workflow.NewAgentNode(clerk, workflow.NodeConfig{}))
	return adktest.Must(workflowagent.New(workflowagent.Config{Name: "desk",
		Edges: workflow.Chain(workflow.Start, tidy, answer)}))
}
