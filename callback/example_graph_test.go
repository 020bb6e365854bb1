package callback_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// How are nodes reported that run in parallel? Each goroutine starts its own node from the group's
// context and ends it with its own error. StartParallel marks the group as a whole.
func Example_parallelNodes() {
	rec := callbacktest.NewRecorder() // in place of Kafka
	client, err := callback.New(callback.Config{
		Sender: rec, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	info := callback.RunInfo{ThreadID: "conversation-7"}
	ctx, run := client.StartRunContext(context.Background(), info)

	sources := []string{"docs", "web", "wiki"}
	parallel := run.StartParallel(sources...)
	group, ctx := errgroup.WithContext(ctx)
	for _, source := range sources {
		group.Go(func() error {
			ctx, node := callback.StartNodeContext(ctx, source)
			err := search(ctx, source)
			node.End(err)
			return err
		})
	}
	err = group.Wait()
	parallel.End()
	run.End(err)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	ends := map[string]string{}
	for _, e := range rec.Events("conversation-7") {
		ends[e.GetNodeId()] = strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_")
	}
	for _, name := range append(sources, "docs,web,wiki", "") {
		fmt.Printf("%q %s\n", name, ends[name])
	}
	// Output:
	// "docs" NODE_END
	// "web" NODE_ERROR
	// "wiki" NODE_END
	// "docs,web,wiki" PARALLEL_END
	// "" GRAPH_ERROR
}

func search(_ context.Context, source string) error {
	if source == "web" {
		return errors.New("no network")
	}
	return nil
}

// How is a model's answer reported while it is streamed? Call Token for each part as it arrives,
// and End once: also when the stream breaks, with its error.
func Example_streamedAnswer() {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{
		Sender: rec, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	answer := func(ctx context.Context, question string) (string, error) {
		_, node := callback.StartNodeContext(ctx, "answer")
		llm := node.StartLLM(callback.LLMRequest{Model: "gpt-4o", Prompt: question})
		var text strings.Builder
		var err error
		for part, broken := range stream(question) {
			if err = broken; err != nil {
				break
			}
			llm.Token(part)
			text.WriteString(part)
		}
		llm.End(callback.LLMResult{FinishReason: callback.FinishStop, CompletionTokens: 3}, err)
		node.End(err)
		return text.String(), err
	}

	ctx, run := client.StartRunContext(context.Background(), callback.RunInfo{})
	text, err := answer(ctx, "Why is the sky blue?")
	run.End(err)
	fmt.Println(text)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, m := range rec.Messages() {
		if chunk := m.GetTokenChunk(); chunk != nil {
			fmt.Printf("%q final=%v\n", chunk.GetText(), chunk.GetIsFinal())
		}
	}
	// Output:
	// Because of Rayleigh.
	// "Because of Rayleigh." final=true
}

// stream stands for a client library's stream of an answer.
func stream(string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, part := range []string{"Because ", "of ", "Rayleigh."} {
			if !yield(part, nil) {
				return
			}
		}
	}
}

// How are a tool's retries reported? Retry before each further try, then Complete or Fail once.
func Example_toolRetries() {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{
		Sender: rec, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	run := client.StartRun(callback.RunInfo{})
	node := run.StartNode("forecast")

	arguments := map[string]string{"city": "Paris"}
	tool := node.StartTool(callback.ToolCall{Name: "weather", Arguments: arguments})
	var celsius int
	for try := 1; ; try++ {
		if celsius, err = weather(try); err == nil {
			tool.Complete(map[string]int{"celsius": celsius})
			break
		}
		if try == 3 {
			tool.Fail(err)
			break
		}
		tool.Retry(err)
	}
	node.End(err)
	run.End(err)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, m := range rec.Messages() {
		if x := m.GetToolExecution(); x != nil {
			stage := strings.TrimPrefix(x.GetStage().String(), "EXECUTION_STAGE_")
			fmt.Printf("%s, %d retries, result %q\n", stage, x.GetRetryCount(), x.GetResult())
		}
	}
	// Output:
	// STARTED, 0 retries, result ""
	// RETRYING, 1 retries, result ""
	// RETRYING, 2 retries, result ""
	// COMPLETED, 2 retries, result "{\"celsius\":21}"
}

func weather(try int) (celsius int, err error) {
	if try < 3 {
		return 0, errors.New("connection reset")
	}
	return 21, nil
}

// Can one process have two clients? Yes: for two topics or clusters, say. They share nothing. Each
// has a queue of its own, and their metrics differ by the label client, so one registry takes
// both. The context of a run leads to its own client.
func Example_twoClients() {
	newClient := func(service string, to *callbacktest.Recorder) *callback.Client {
		client, err := callback.New(callback.Config{
			Service: service, InstanceID: service + "-1", QueueBytes: 16 << 20,
			Sender: to, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			log.Fatal(err)
		}
		return client
	}
	support, research := callbacktest.NewRecorder(), callbacktest.NewRecorder()
	clients := []*callback.Client{newClient("support", support), newClient("research", research)}
	registry := prometheus.NewRegistry()
	for i, client := range clients {
		registry.MustRegister(client.Metrics())
		ctx, run := client.StartRunContext(context.Background(), callback.RunInfo{})
		for range i {
			_, node := callback.StartNodeContext(ctx, "read")
			node.End(nil)
		}
		run.End(nil)
	}
	for _, client := range clients {
		if _, err := client.Shutdown(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(len(support.Events()), "events of support,", len(research.Events()), "of research")
	// Output: 2 events of support, 4 of research
}

// How does an application emit less before events are lost? Ask for the pressure where something is
// emitted that readers can do without.
func Example_shedding() {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{
		Sender: rec, Logger: slog.New(slog.DiscardHandler),
		OnPressure: func(p callback.Pressure) {
			log.Printf("pressure %s, driven by %s", p.Level, p.Driver)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	thinking := func(node *callback.Node, step int, thought string) {
		if client.Pressure().Level < selfmetrics.PressureElevated {
			node.Thinking(step, thought)
		}
	}

	run := client.StartRun(callback.RunInfo{})
	thinking(run.Root(), 1, "the sky is blue because of scattering")
	run.End(nil)
	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(rec.Events()), "events, one of them a thought")
	// Output: 3 events, one of them a thought
}

// How are events seen without Kafka? As JSON lines, written to any io.Writer. Setting
// DASHSTREAM_LINES_FILE does the same for a program that is configured by its environment.
func ExampleNewLines() {
	var lines strings.Builder // or os.Stdout
	client, err := callback.New(callback.Config{
		Sender: callback.NewLines(&lines), Logger: slog.New(slog.DiscardHandler),
		SelfMetrics: callback.SelfMetricsOff,
	})
	if err != nil {
		log.Fatal(err)
	}
	client.StartRun(callback.RunInfo{ThreadID: "conversation-7"}).End(nil)
	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Count(lines.String(), "\n"), "lines")
	// Output: 2 lines
}
