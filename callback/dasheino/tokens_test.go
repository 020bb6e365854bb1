package dasheino

import (
	"context"
	"strings"
	"testing"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/components/embedding"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"
)

func TestTokensThatAreBilledOtherwiseAreCounted(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	answer := schema.AssistantMessage("yes", nil)
	answer.ResponseMeta = &schema.ResponseMeta{FinishReason: "stop", Usage: &schema.TokenUsage{
		PromptTokens: 100, PromptTokenDetails: schema.PromptTokenDetails{CachedTokens: 80},
		CompletionTokens:        50,
		CompletionTokensDetails: schema.CompletionTokensDetails{ReasoningTokens: 40},
		TotalTokens:             150,
	}}
	r := modelGraph(t, "billed", &chatModel{answers: []*schema.Message{answer}})
	if _, err := r.Invoke(context.Background(), question, compose.WithCallbacks(h)); err != nil {
		t.Fatal(err)
	}
	end := tp.read().find("", "LLM_END")
	for key, want := range map[string]string{"prompt_tokens": "100", "cached_tokens": "80",
		"completion_tokens": "50", "reasoning_tokens": "40"} {
		if got := end.attr(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

func TestFinishReasonsOfProviders(t *testing.T) {
	for reason, want := range map[string][2]string{ // finish_reason, provider_finish_reason
		"stop":       {"stop", ""},
		"end_turn":   {"stop", "end_turn"},
		"MAX_TOKENS": {"length", "MAX_TOKENS"},
		"RECITATION": {"content_filter", "RECITATION"},
		"tool_use":   {"tool_calls", "tool_use"},
		"pause_turn": {"pause_turn", "pause_turn"},
		"":           {"", ""},
	} {
		tp := newTopic(t)
		h := NewHandler(tp.client)
		answer := schema.AssistantMessage("yes", nil)
		answer.ResponseMeta = &schema.ResponseMeta{FinishReason: reason}
		r := modelGraph(t, "finishing", &chatModel{answers: []*schema.Message{answer}})
		if _, err := r.Invoke(context.Background(), question, compose.WithCallbacks(h)); err !=
			nil {
			t.Fatal(err)
		}
		end := tp.read().find("", "LLM_END")
		if got := [2]string{end.attr("finish_reason"), end.attr("provider_finish_reason")}; got !=
			want {
			t.Errorf("%q: got %q, want %q", reason, got, want)
		}
	}
}

func TestTextsBesideImagesAreSent(t *testing.T) {
	image := schema.MessageOutputPart{Type: schema.ChatMessagePartTypeImageURL}
	text := func(s string) schema.MessageOutputPart {
		return schema.MessageOutputPart{Type: schema.ChatMessagePartTypeText, Text: s}
	}
	//lint:ignore SA1019 programs use it still
	older := []schema.ChatMessagePart{{Type: schema.ChatMessagePartTypeText, Text: "older"},
		{Type: schema.ChatMessagePartTypeImageURL}}
	asked := []*schema.Message{
		{Role: schema.User, MultiContent: older},
		{Role: schema.Assistant,
			AssistantGenMultiContent: []schema.MessageOutputPart{text("answered"), image}},
		{Role: schema.User,
			UserInputMultiContent: []schema.MessageInputPart{{Type: schema.ChatMessagePartTypeText,
				Text: "newer"}, {Type: schema.ChatMessagePartTypeAudioURL}}},
	}
	parts := []*schema.Message{
		{Role: schema.Assistant, AssistantGenMultiContent: []schema.MessageOutputPart{text("a ")}},
		{Role: schema.Assistant, AssistantGenMultiContent: []schema.MessageOutputPart{image}},
		{Role: schema.Assistant, AssistantGenMultiContent: []schema.MessageOutputPart{image,
			text(" cat")}},
	}
	const answer = "a [image_url] cat"
	for _, streamed := range []bool{false, true} {
		tp := newTopic(t)
		h := NewHandler(tp.client)
		m := &chatModel{answers: parts}
		if !streamed {
			m.answers = []*schema.Message{{Role: schema.Assistant,
				AssistantGenMultiContent: []schema.MessageOutputPart{text("a "), image, image,
					text(" cat")}}}
		}
		r := modelGraph(t, "seeing", m)
		if streamed {
			readAll(t, h, r)
		} else if _, err := r.Invoke(context.Background(), asked, compose.WithCallbacks(h)); err !=
			nil {
			t.Fatal(err)
		}
		s := tp.read()
		var said strings.Builder
		said.WriteString(s.find("", "LLM_END").attr("completion"))
		for _, it := range s.thread("") {
			said.WriteString(it.msg.GetTokenChunk().GetText())
		}
		if said.String() != answer {
			t.Errorf("streamed %v: %q, want %q", streamed, said.String(), answer)
		}
		if want := "user: older\n[image_url]\n\nassistant: answered\n[image_url]\n\nuser: " +
			"newer\n[audio_url]"; !streamed && s.find("", "LLM_START").attr("prompt") != want {
			t.Errorf("prompt %q", s.find("", "LLM_START").attr("prompt"))
		}
	}
}

// readAll streams a graph of a chat model to its end.
func readAll[T any](t *testing.T, h *Handler, r compose.Runnable[[]*schema.Message, T]) {
	t.Helper()
	out, err := r.Stream(context.Background(), question, compose.WithCallbacks(h))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = out.Recv()
	}
	out.Close()
	if err := h.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestReasoningThatIsStreamedComesInItsOrder(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	think := func(s string) *schema.Message {
		return &schema.Message{Role: schema.Assistant,
			ReasoningContent: s}
	}
	say := func(s string) *schema.Message { return schema.AssistantMessage(s, nil) }
	long := strings.Repeat("x", maxThought)
	r := modelGraph(t, "thinking", &chatModel{answers: []*schema.Message{think("h"), think("m"),
		say("be"), think("so"), say("cause"), think(long), think("end")}})
	readAll(t, h, r)
	s := tp.read()
	s.before("", "LLM_START model", "NODE_THINKING model thought=hm", `TOKENS "be"`,
		"NODE_THINKING model thought=so", `TOKENS "cause"`,
		"NODE_THINKING model thought="+long, "NODE_THINKING model thought=end", "LLM_END model")
	var steps string
	for _, it := range s.thread("") {
		steps += it.attr("step")
	}
	if steps != "1234" {
		t.Errorf("steps %q", steps)
	}
}

// embedder reports the model's name and its usage, as real ones do.
type embedder struct{}

func (embedder) GetType() string          { return "Fake" }
func (embedder) IsCallbacksEnabled() bool { return true }

func (embedder) EmbedStrings(
	ctx context.Context, texts []string, _ ...embedding.Option,
) ([][]float64, error) {
	ctx = callbacks.EnsureRunInfo(ctx, "Fake", components.ComponentOfEmbedding)
	ctx = callbacks.OnStart(ctx, &embedding.CallbackInput{Texts: texts,
		Config: &embedding.Config{Model: "embed-1"}})
	out := [][]float64{{1}}
	callbacks.OnEnd(ctx, &embedding.CallbackOutput{Embeddings: out,
		Config:     &embedding.Config{Model: "embed-1"},
		TokenUsage: &embedding.TokenUsage{PromptTokens: 5, TotalTokens: 5}})
	return out, nil
}

func TestEmbeddingSaysItsModelAndUsage(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	g := compose.NewGraph[[]string, [][]float64]()
	for _, err := range []error{g.AddEmbeddingNode("embed", embedder{}),
		g.AddEdge("start", "embed"), g.AddEdge("embed", "end")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := g.Compile(context.Background(), named("embedding"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Invoke(context.Background(), []string{"a", "b"},
		compose.WithCallbacks(h)); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	start, end := s.find("", "NODE_START embed"), s.find("", "NODE_END embed")
	if start.attr("model") != "embed-1" || start.attr("texts") != "2" ||
		end.attr("model") != "embed-1" || end.attr("prompt_tokens") != "5" {
		t.Errorf("start %v\nend %v", start.event, end.event)
	}
}
