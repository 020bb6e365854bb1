package callback_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// A program creates one client from its environment, streams the runs of its graphs through it, and
// shuts it down at the end.
func Example() {
	// KAFKA_BROKERS=broker:9092, and any other variables of the table of settings
	cfg, err := callback.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	client, err := callback.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if report, err := client.Shutdown(ctx); err != nil {
			log.Printf("%v; lost by reason: %v", err, report.Dropped)
		}
	}()

	run := client.StartRun(callback.RunInfo{ThreadID: "conversation-7"})
	node := run.StartNode("retrieve", slog.Int("k", 5))
	docs, err := retrieve()
	node.End(err, slog.Int("found", len(docs)))
	run.End(err)
}

func retrieve() ([]string, error) { return []string{"net/http"}, nil }

// A graph is described once. Its runs report which nodes they enter, which edges they take, and how
// they end.
func ExampleClient_StartRun() {
	rec := callbacktest.NewRecorder() // takes the place of Kafka
	client, err := callback.New(callback.Config{Sender: rec, Logger: slog.New(slog.DiscardHandler),
		SelfMetrics: callback.SelfMetricsOff})
	if err != nil {
		log.Fatal(err)
	}
	graph := &callback.Graph{
		Name: "answer", EntryPoint: "plan",
		Nodes: []callback.GraphNode{{Name: "plan", Type: "llm"}, {Name: "search", Type: "tool"},
			{Name: "read", Type: "tool"}},
		Edges: []callback.GraphEdge{
			{From: "plan", To: "search", Type: callback.ParallelEdge},
			{From: "plan", To: "read", Type: callback.ParallelEdge},
		},
	}

	run := client.StartRun(callback.RunInfo{Graph: graph, ThreadID: "conversation-7",
		InitialState: map[string]string{"question": "why?"}})
	plan := run.StartNode("plan")
	plan.End(nil)
	run.Edge("plan", "search", "read")
	both := run.StartParallel("search", "read")
	search, read := run.StartNode("search"), run.StartNode("read")
	search.End(nil, slog.Int("found", 3))
	read.End(errors.New("no such file"))
	both.End()
	run.Branch("search", "enough", callback.EndNode)
	run.End(nil)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, e := range rec.Events() {
		fmt.Printf("%d %s %q\n", e.GetHeader().GetSequence(),
			strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_"), e.GetNodeId())
	}
	// Output:
	// 1 GRAPH_START ""
	// 2 NODE_START "plan"
	// 3 NODE_END "plan"
	// 4 EDGE_TRAVERSAL "plan"
	// 5 PARALLEL_START "search,read"
	// 6 NODE_START "search"
	// 7 NODE_START "read"
	// 8 NODE_END "search"
	// 9 NODE_ERROR "read"
	// 10 PARALLEL_END "search,read"
	// 11 CONDITIONAL_BRANCH "search"
	// 12 GRAPH_END ""
}

// A context carries the run and the node, so that code further down needs no parameter for them. If
// it carries none, the node is nil and does nothing.
func ExampleStartNodeContext() {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{Sender: rec, Logger: slog.New(slog.DiscardHandler),
		SelfMetrics: callback.SelfMetricsOff})
	if err != nil {
		log.Fatal(err)
	}
	fetch := func(ctx context.Context, url string) {
		_, node := callback.StartNodeContext(ctx, "fetch", slog.String("url", url))
		defer node.End(nil)
	}
	research := func(ctx context.Context) {
		ctx, node := callback.StartNodeContext(ctx, "research")
		defer node.End(nil)
		fetch(ctx, "https://go.dev")
		callback.NodeFromContext(ctx).Progress(.5, "one of two")
	}

	ctx, run := client.StartRunContext(context.Background(),
		callback.RunInfo{ThreadID: "conversation-7"})
	research(ctx)
	run.End(nil)
	fetch(context.Background(), "outside of any run: nothing happens")

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, e := range rec.Events() {
		fmt.Printf("%s %q\n", strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_"),
			e.GetNodeId())
	}
	// Output:
	// GRAPH_START ""
	// NODE_START "research"
	// NODE_START "fetch"
	// NODE_END "fetch"
	// NODE_PROGRESS "research"
	// NODE_END "research"
	// GRAPH_END ""
}

// The answer of a model is streamed in parts. Parts that wait in the queue together are sent as one
// message.
func ExampleNode_StartLLM() {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{Sender: rec, Logger: slog.New(slog.DiscardHandler),
		SelfMetrics: callback.SelfMetricsOff})
	if err != nil {
		log.Fatal(err)
	}
	run := client.StartRun(callback.RunInfo{ThreadID: "conversation-7"})
	node := run.StartNode("write")

	llm := node.StartLLM(callback.LLMRequest{ID: "req-1", Model: "gpt-4o",
		Provider: "openai", Prompt: "Why is the sky blue?"})
	llm.Retry(2, errors.New("overloaded")) // the first attempt failed
	for _, part := range []string{"Because ", "of ", "Rayleigh."} {
		llm.Token(part)
	}
	llm.End(callback.LLMResult{FinishReason: callback.FinishStop, PromptTokens: 7,
		CompletionTokens: 4}, nil)
	node.End(nil)
	run.End(nil)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, m := range rec.Messages() {
		if x := m.GetTokenChunk(); x != nil {
			fmt.Printf("%q final=%v %v, %d tokens\n", x.GetText(), x.GetIsFinal(),
				x.GetFinishReason(), x.GetStats().GetTotalTokens())
		}
		for e := range m.Events() {
			if e.GetLlmRequestId() == "req-1" {
				fmt.Println(strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_"),
					e.GetAttributes()["model"].GetStringValue())
			}
		}
	}
	// Output:
	// LLM_START gpt-4o
	// LLM_RETRY gpt-4o
	// "Because of Rayleigh." final=true FINISH_REASON_STOP, 11 tokens
	// LLM_END gpt-4o
}

// A tool's call is reported from the model's request to its result, with arguments and result as
// JSON.
func ExampleNode_RequestTool() {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{Sender: rec, Logger: slog.New(slog.DiscardHandler),
		SelfMetrics: callback.SelfMetricsOff})
	if err != nil {
		log.Fatal(err)
	}
	run := client.StartRun(callback.RunInfo{ThreadID: "conversation-7"})

	tool := run.Root().RequestTool(callback.ToolCall{ID: "call-1",
		Name: "weather", Arguments: map[string]string{"city": "Paris"}})
	tool.Start()
	tool.Retry(errors.New("connection reset"))
	tool.Complete(map[string]int{"celsius": 21})
	run.End(nil)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, m := range rec.Messages() {
		if x := m.GetToolExecution(); x != nil {
			fmt.Println(strings.TrimPrefix(x.GetStage().String(), "EXECUTION_STAGE_"),
				x.GetToolName(), string(x.GetArguments())+string(x.GetResult())+x.GetError())
		}
	}
	// Output:
	// REQUESTED weather {"city":"Paris"}
	// STARTED weather {"city":"Paris"}
	// RETRYING weather connection reset
	// COMPLETED weather {"celsius":21}
}

// A run that waits for a human can continue in another process. In the same process nothing has to
// be passed on: a resumed thread continues by itself.
func ExampleRun_Position() {
	rec := callbacktest.NewRecorder()
	start := func() *callback.Client {
		client, err := callback.New(callback.Config{Sender: rec,
			Logger: slog.New(slog.DiscardHandler), SelfMetrics: callback.SelfMetricsOff})
		if err != nil {
			log.Fatal(err)
		}
		return client
	}

	first := start()
	run := first.StartRun(callback.RunInfo{ThreadID: "conversation-7"})
	run.StartNode("draft").End(nil)
	run.Interrupt("please approve")
	position := run.Position() // store it with the graph's checkpoint
	if _, err := first.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}

	second := start()
	run = second.StartRun(callback.RunInfo{ThreadID: "conversation-7", Resume: true,
		After: position})
	run.StartNode("send").End(nil)
	run.End(nil)
	if _, err := second.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}

	for _, e := range rec.Events("conversation-7") {
		fmt.Printf("%d %s %q\n", e.GetHeader().GetSequence(),
			strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_"), e.GetNodeId())
	}
	// Output:
	// 1 GRAPH_START ""
	// 2 NODE_START "draft"
	// 3 NODE_END "draft"
	// 4 HUMAN_INTERRUPT ""
	// 5 HUMAN_RESUME ""
	// 6 NODE_START "send"
	// 7 NODE_END "send"
	// 8 GRAPH_END ""
}
