package programs

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// newTopic creates a topic and lets each kind of writer write to it. It returns the brokers and the
// topic.
func newTopic(
	t *testing.T, brokers string, partitions int, write ...func(*callback.Client),
) (topic string) {
	t.Helper()
	topic = fmt.Sprintf("programs-test-%d", time.Now().UnixNano())
	client := clientOf(t, brokers, topic, partitions)
	for _, w := range write {
		w(client)
	}
	if report, err := client.Shutdown(t.Context()); err != nil || !report.Complete() {
		t.Fatalf("%+v, %v", report, err)
	}
	return topic
}

// clientOf returns a client that creates the topic and sends no in-band reports.
func clientOf(t *testing.T, brokers, topic string, partitions int) *callback.Client {
	t.Helper()
	client, err := callback.New(callback.Config{
		Brokers: strings.Split(brokers, ","), Topic: topic, CreateTopic: true,
		TopicPartitions: partitions, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// conversation is a run with something of everything.
func conversation(client *callback.Client) {
	run := client.StartRun(callback.RunInfo{ThreadID: "conversation-7",
		InitialState: map[string]any{"question": "where?"}})
	plan := run.StartNode("plan")
	for _, model := range []string{"large", "small", "large"} {
		l := plan.StartLLM(callback.LLMRequest{Model: model, Provider: "acme"})
		l.Token("at ")
		l.Token("home")
		l.End(callback.LLMResult{PromptTokens: 100, CompletionTokens: len(model),
			FinishReason: callback.FinishStop}, nil)
	}
	plan.StartLLM(callback.LLMRequest{Model: "small"}).End(callback.LLMResult{PromptTokens: 7},
		errors.New("overloaded"))
	tool := plan.StartTool(callback.ToolCall{Name: "web", Arguments: map[string]any{"q": "Go",
		"n": 9007199254740993}})
	tool.Complete("found")
	run.SetState(map[string]any{"question": "where?", "answer": "at home",
		"scores": []float64{1e21, 0.1, math.Copysign(0, -1), 1e-7}})
	run.SetState(map[string]any{"question": "where?", "answer": "at home <é\u2028>",
		"scores": []float64{0.1}})
	plan.End(nil)
	run.StartNode("embed").End(nil, slog.String(pb.AttrModel, "embed"),
		slog.Int(pb.AttrPromptTokens, 9))
	run.Quality(callback.Quality{Score: .75})
	run.End(nil)
}

// produce writes values that no client writes, compressed as a client compresses them.
func produce(t *testing.T, brokers, topic string, records ...*kgo.Record) {
	t.Helper()
	writer, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...),
		kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.ZstdCompression()))
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if err := writer.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}
