package dasheino_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"strings"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dasheino"
)

// A chain finds facts about a question and has a model answer with them. The model is a fake one,
// so it needs no key.
func ExampleNewHandler() {
	rec := callbacktest.NewRecorder() // in the place of Kafka
	client, err := callback.New(callback.Config{Sender: rec, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}

	callbacks.AppendGlobalHandlers(dasheino.NewHandler(client)) // the line

	defer callbacks.InitCallbackHandlers(nil) // for the other tests of this package
	chain, err := compose.NewChain[string, *schema.Message]().
		AppendLambda(compose.InvokableLambda(findFacts), compose.WithNodeKey("retrieve")).
		AppendChatModel(quoting{}, compose.WithNodeKey("answer")).
		Compile(context.Background(), compose.WithGraphName("answering"))
	if err != nil {
		log.Fatal(err)
	}
	answer, err := chain.Invoke(dasheino.WithThread(context.Background(), "conversation-7"),
		"why is it blue?")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Content)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Print(rec.Timeline())
	// Output:
	// The sky scatters blue light more than red.
	// GRAPH_START graph_edge_count=2 graph_entry_point=retrieve graph_name=answering
	//     graph_node_count=2 initial_state_json="\"why is it blue?\""
	//   NODE_START retrieve type=function
	//   NODE_END retrieve
	//   EDGE_TRAVERSAL retrieve edge_type=direct from=retrieve to=answer
	//   NODE_START answer implementation=quoting type=llm
	//     LLM_START answer messages=2
	//         prompt="system: The sky scatters blue light more than red.\n\nuser: why is it blue?"
	//         provider=quoting
	//     LLM_END answer completion="The sky scatters blue light more than red."
	//         completion_tokens=8 finish_reason=stop prompt_tokens=12 total_tokens=20
	//   NODE_END answer
	//   EDGE_TRAVERSAL answer edge_type=direct from=answer to=__end__
	// GRAPH_END
}

var facts = []string{"The sky scatters blue light more than red.", "Grass is green."}

// findFacts finds the facts that share a word with the question.
func findFacts(_ context.Context, question string) (messages []*schema.Message, err error) {
	for _, fact := range facts {
		for word := range strings.FieldsSeq(strings.Trim(question, "?")) {
			if len(word) > 3 && strings.Contains(fact, word) {
				messages = append(messages, schema.SystemMessage(fact))
				break
			}
		}
	}
	return append(messages, schema.UserMessage(question)), nil
}

// quoting is a model that answers with the first thing it is told.
type quoting struct{}

func (quoting) Generate(
	_ context.Context, in []*schema.Message, _ ...model.Option,
) (*schema.Message, error) {
	return &schema.Message{Role: schema.Assistant, Content: in[0].Content,
		ResponseMeta: &schema.ResponseMeta{FinishReason: "stop", Usage: &schema.TokenUsage{
			PromptTokens: 12, CompletionTokens: 8, TotalTokens: 20}}}, nil
}

func (q quoting) Stream(
	ctx context.Context, in []*schema.Message, opts ...model.Option,
) (*schema.StreamReader[*schema.Message], error) {
	answer, err := q.Generate(ctx, in, opts...)
	return schema.StreamReaderFromArray([]*schema.Message{answer}), err
}
