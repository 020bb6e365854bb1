package spanmap

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dashstream/dashstream-go/callback"
)

// with returns a span with attributes: keys and values in turn.
func with(name string, attrs ...any) *Span {
	s := &Span{Name: name}
	for i := 0; i < len(attrs); i += 2 {
		switch v := attrs[i+1].(type) {
		case string:
			s.Add(attrs[i].(string), Value{Text: v})
		case int:
			s.Add(attrs[i].(string), Value{Number: int64(v)})
		}
	}
	return s
}

func TestWhatSpansAre(t *testing.T) {
	for _, c := range []struct {
		span *Span
		want Kind
		name string // of the node, or of the tool
		kind string // of the node
	}{
		// GenAI
		{with("s", "gen_ai.operation.name", "invoke_agent", "gen_ai.agent.name", "a"), Node,
			"a", ""},
		{with("s", "gen_ai.operation.name", "invoke_workflow", "gen_ai.workflow.name", "w"), Node,
			"w", ""},
		{with("s", "gen_ai.operation.name", "invoke_node", "gen_ai.node.name", "n"), Node, "n", ""},
		{with("s", "gen_ai.operation.name", "plan"), Node, "s", ""},
		{with("s", "gen_ai.operation.name", "create_agent"), Node, "s", ""},
		{with("s", "gen_ai.operation.name", "retrieval"), Node, "s", "retriever"},
		{with("s", "gen_ai.operation.name", "embeddings"), Node, "s", "embedding"},
		{with("s", "gen_ai.operation.name", "search_memory"), Node, "s", "memory"},
		{with("s", "gen_ai.operation.name", "delete_memory_store"), Node, "s", "memory"},
		{with("s", "gen_ai.operation.name", "chat"), LLM, "", ""},
		{with("s", "gen_ai.operation.name", "generate_content"), LLM, "", ""},
		{with("s", "gen_ai.operation.name", "text_completion"), LLM, "", ""},
		{with("s", "gen_ai.operation.name", "new", "gen_ai.request.model", "m"), LLM, "", ""},
		{with("s", "gen_ai.operation.name", "execute_tool", "gen_ai.tool.name", "t"), Tool,
			"t", ""},
		{with("execute_tool t", "gen_ai.operation.name", "execute_tool"), Tool, "t", ""},
		{with("s", "mcp.method.name", "tools/call", "gen_ai.tool.name", "t"), Tool, "t", ""},
		{with("s", "mcp.method.name", "tools/list"), Hidden, "", ""},
		// OpenInference
		{with("s", "openinference.span.kind", "AGENT", "agent.name", "a"), Node, "a", ""},
		{with("s", "openinference.span.kind", "CHAIN", "graph.node.id", "n"), Node, "n", ""},
		{with("s", "openinference.span.kind", "PROMPT"), Node, "s", ""},
		{with("s", "openinference.span.kind", "GUARDRAIL"), Node, "s", "guardrail"},
		{with("s", "openinference.span.kind", "EVALUATOR"), Node, "s", "evaluator"},
		{with("s", "openinference.span.kind", "RETRIEVER"), Node, "s", "retriever"},
		{with("s", "openinference.span.kind", "RERANKER"), Node, "s", "reranker"},
		{with("s", "openinference.span.kind", "EMBEDDING"), Node, "s", "embedding"},
		{with("s", "openinference.span.kind", "LLM"), LLM, "", ""},
		{with("s", "openinference.span.kind", "TOOL", "tool.name", "t"), Tool, "t", ""},
		// Traceloop
		{with("s", "traceloop.span.kind", "workflow", "traceloop.entity.name", "w"), Node, "w", ""},
		{with("s", "traceloop.span.kind", "agent"), Node, "s", ""},
		{with("s", "traceloop.span.kind", "task"), Node, "s", ""},
		{with("t.tool", "traceloop.span.kind", "tool", "traceloop.entity.name", "t"), Tool,
			"t", ""},
		{with("s", "llm.request.type", "chat"), LLM, "", ""},
		{with("s", "llm.request.type", "embedding"), Node, "s", "embedding"},
		{with("s", "db.vector.query.top_k", 3), Node, "s", "retriever"},
		// genkit
		{with("s", "genkit:type", "action"), Undecided, "", ""},
		{with("s", "genkit:type", "util"), Wrapper, "", ""},
		{with("s", "genkit:type", "flowStep"), Node, "s", ""},
		{with("s", "genkit:type", "action", "genkit:metadata:subtype", "flow"), Node, "s", ""},
		{with("s", "genkit:type", "action", "genkit:metadata:subtype", "model"), LLM, "", ""},
		{with("s", "genkit:type", "action", "genkit:metadata:subtype", "tool.v2", "genkit:name",
			"t"), Tool, "t", ""},
		{with("s", "genkit:type", "action", "genkit:metadata:subtype", "retriever"), Node, "s",
			"retriever"},
		// ADK
		{with("execute_tool (merged)"), Hidden, "", ""},
		{with("s", "gen_ai.operation.name", "execute_tool", "gen_ai.tool.name", "(merged tools)"),
			Hidden, "", ""},
		// The first convention has the word.
		{with("s", "gen_ai.operation.name", "chat", "openinference.span.kind", "CHAIN"), LLM,
			"", ""},
		{with("s", "openinference.span.kind", "TOOL", "traceloop.span.kind", "task", "tool.name",
			"t"), Tool, "t", ""},
		{with("s", "gen_ai.operation.name", "execute_task", "traceloop.span.kind", "task"), Node,
			"s", ""},
		// Nothing says what it is.
		{with("GET /"), Unknown, "", ""},
		{with("s", "http.request.method", "GET", "gen_ai.operation.name", "unheard of"), Unknown,
			"", ""},
	} {
		if got := c.span.Kind(); got != c.want {
			t.Errorf("%+v: kind %d, want %d", c.span.values, got, c.want)
		}
		if c.want == Node && c.span.NodeName() != c.name {
			t.Errorf("node %q, want %q", c.span.NodeName(), c.name)
		}
		if got := c.span.NodeType(); got != c.kind {
			t.Errorf("type %q, want %q", got, c.kind)
		}
		if got := c.span.Call(false).Name; c.want == Tool && got != c.name {
			t.Errorf("tool %q, want %q", got, c.name)
		}
	}
}

func TestWhatCallsOfModelsTook(t *testing.T) {
	type took struct {
		model, provider            string
		in, out, total             int
		cached, written, reasoning int
		finish                     callback.FinishReason
	}
	for name, c := range map[string]struct {
		span *Span
		want took
	}{
		"GenAI": {with("s", "gen_ai.request.model", "m", "gen_ai.provider.name", "p",
			"gen_ai.system", "old", "gen_ai.usage.input_tokens", 5, "gen_ai.usage.output_tokens", 2,
			"gen_ai.usage.cache_read.input_tokens", 3,
			"gen_ai.usage.cache_creation.input_tokens", 1,
			"gen_ai.usage.reasoning.output_tokens", 1, "gen_ai.response.finish_reasons", "STOP"),
			took{"m", "p", 5, 2, 0, 3, 1, 1, callback.FinishStop}},
		"GenAI before 1.27": {with("s", "gen_ai.request.model", "m", "gen_ai.system", "p",
			"gen_ai.usage.prompt_tokens", 5, "gen_ai.usage.completion_tokens", 2,
			"gen_ai.completion.0.finish_reason", "length"),
			took{"m", "p", 5, 2, 0, 0, 0, 0, callback.FinishLength}},
		"Anthropic's client": {with("s", "gen_ai.request.model", "m", "gen_ai.provider.name", "p",
			"gen_ai.usage.input_tokens", 5, "gen_ai.usage.output_tokens", 2,
			"gen_ai.usage.cache_write.input_tokens", 1,
			"anthropic.message.stop_reason", "tool_use"),
			took{"m", "p", 5, 2, 0, 0, 1, 0, callback.FinishToolCalls}},
		"OpenInference": {with("s", "llm.model_name", "m", "llm.provider", "p", "llm.system", "q",
			"llm.token_count.prompt", 5, "llm.token_count.completion", 2,
			"llm.token_count.total", 7,
			"llm.token_count.prompt_details.cache_read", 3,
			"llm.token_count.completion_details.reasoning", 1, "llm.finish_reason", "tool_calls"),
			took{"m", "p", 5, 2, 7, 3, 0, 1, callback.FinishToolCalls}},
		"Traceloop": {with("s", "llm.request.model", "m", "llm.vendor", "p",
			"llm.usage.prompt_tokens", 5, "llm.usage.completion_tokens", 2,
			"llm.usage.total_tokens", 7, "llm.response.finish_reason", "content_filter"),
			took{"m", "p", 5, 2, 7, 0, 0, 0, callback.FinishContentFilter}},
		"genkit": {with("s", "genkit:metadata:subtype", "model", "genkit:name", "m",
			"genkit:output", `{"finishReason":"stop","usage":{"inputTokens":5,"outputTokens":2,
			"totalTokens":7,"cachedContentTokens":3,"thoughtsTokens":1}}`),
			took{"m", "", 5, 2, 7, 3, 0, 1, callback.FinishStop}},
		"what no count is": {with("s", "gen_ai.usage.input_tokens", -1,
			"gen_ai.usage.output_tokens", "many"), took{}},
	} {
		req, res := c.span.Request(false), c.span.Result(false)
		got := took{model: req.Model, provider: req.Provider, in: res.PromptTokens,
			out: res.CompletionTokens, total: res.TotalTokens, finish: res.FinishReason}
		for _, a := range res.Attrs {
			n := int(a.Value.Int64())
			switch a.Key {
			case "cached_tokens":
				got.cached = n
			case "cache_write_tokens":
				got.written = n
			case "reasoning_tokens":
				got.reasoning = n
			}
		}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if req.Prompt != "" || res.Text != "" {
			t.Errorf("%s: texts without being asked", name)
		}
	}
}

func TestTextsOfCalls(t *testing.T) {
	for name, c := range map[string]struct {
		span           *Span
		prompt, answer string
	}{
		"GenAI": {with("s", "gen_ai.input.messages",
			`[{"role":"user","parts":[{"type":"text","content":"hi"}]}]`, "gen_ai.output.messages",
			`[{"role":"assistant","parts":[{"type":"text","content":"hello"}]}]`), "hi", "hello"},
		"numbered": {with("s", "gen_ai.prompt.10.content", "third", "gen_ai.prompt.9.content",
			"second", "gen_ai.prompt.0.content", "first", "gen_ai.completion.0.content", "hello"),
			"first\n\nsecond\n\nthird", "hello"},
		"OpenInference": {with("s", "llm.input_messages.0.message.content", "hi",
			"llm.output_messages.0.message.content", "hello", "input.value", "{...}"), "hi",
			"hello"},
		"plain": {with("s", "input.value", "hi", "output.value", "{no JSON"), "hi", "{no JSON"},
		"genkit": {with("s", "genkit:input", `{"messages":[{"content":[{"text":"hi"}]}]}`,
			"genkit:output", `{"message":{"content":[{"text":"hello"}]}}`), "hi", "hello"},
		"a call of a tool": {with("s", "genkit:output",
			`{"message":{"content":[{"toolRequest":{}}]}}`), "", ""},
	} {
		if got := c.span.Request(true).Prompt; got != c.prompt {
			t.Errorf("%s: prompt %q, want %q", name, got, c.prompt)
		}
		if got := c.span.Result(true).Text; got != c.answer {
			t.Errorf("%s: answer %q, want %q", name, got, c.answer)
		}
	}
	long := with("s", "input.value", strings.Repeat("ä", maxText))
	if got := long.Request(true).Prompt; len(got) > maxText || !utf8.ValidString(got) {
		t.Errorf("%d bytes of a long prompt, or half a character", len(got))
	}
}

func TestErrorsOfSpans(t *testing.T) {
	for _, c := range []struct {
		span *Span
		want string
	}{
		{&Span{}, ""},
		{&Span{Status: Failed, Message: "down"}, "down"},
		{&Span{Status: Failed}, "failed"},
		{&Span{Status: Failed, Exception: "down"}, "down"},
		{&Span{Exception: "boom"}, "boom"},
		{&Span{Status: OK, Exception: "handled"}, ""},
		{with("s", "error.type", "timeout"), "timeout"},
		{&Span{Status: Failed, Message: "tool execution interrupted: \n\n{}"}, ""},
		{&Span{Status: Failed, Message: "panic: oh\nstack: goroutine 1 [running]:\nmain.f"},
			"panic: oh"},
	} {
		err := c.span.Err()
		if err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%+v: %v, want %q", c.span, err, c.want)
		}
	}
	canceled := (&Span{Status: Failed, Message: "node a: context canceled"}).Err()
	if !errors.Is(canceled, context.Canceled) || errors.Is(canceled, context.DeadlineExceeded) {
		t.Error("the end of a context is not known as one")
	}
}

func FuzzAnySpanIsSomething(f *testing.F) {
	for key := range fields {
		f.Add("execute_tool x", key, `{"messages":[{"content":[{"text":"hi"}]}]}`, int64(3))
	}
	f.Add("s", "llm.input_messages.99999999999999999999.message.content", "x", int64(-1))
	f.Fuzz(func(t *testing.T, name, key, text string, number int64) {
		for _, more := range []string{"gen_ai.operation.name", "genkit:metadata:subtype",
			"genkit:output", "input.value"} {
			s := &Span{Name: name, Message: text, Status: Failed}
			s.Add(key, Value{Text: text, Number: number})
			s.Add(more, Value{Text: text, Number: number})
			s.Kind()
			s.NodeName()
			s.NodeAttrs()
			s.Thread()
			req, res, call := s.Request(true), s.Result(true), s.Call(true)
			if err := s.Err(); err != nil && err.Error() == "" {
				t.Error("an error without a text")
			}
			if n := min(res.PromptTokens, res.CompletionTokens, res.TotalTokens); n < 0 {
				t.Errorf("%d tokens", n)
			}
			if len(req.Prompt) > maxText || len(res.Text) > maxText {
				t.Error("a text is too long")
			}
			_, _ = call.Arguments.(string)
			s.Output(true)
		}
	})
}
