package spanmap

import "strings"

// Field is what an attribute tells of its span. The zero Field tells nothing.
type Field struct {
	fact fact
	rank uint8 // of the attributes that tell the same, the lowest wins
}

// fact is one thing that is to be known of a span.
type fact uint8

const (
	_ fact = iota
	// What the span is, by each convention.
	operation
	inferenceKind
	mcpMethod
	traceloopKind
	requestType
	genkitType
	genkitSubtype
	vectorStore
	// What it is called, and what it is about.
	nodeName
	toolName
	callID
	requestModel
	responseModel
	provider
	thread
	// What it took.
	inputTokens
	outputTokens
	totalTokens
	cacheRead
	cacheWrite
	reasoning
	// How it ended.
	finish
	errorType
	// Texts.
	prompt
	answer
	arguments
	toolResult
	// What genkit's action gave: of a model, also what it took.
	genkitOutput
	facts // how many there are
)

// convention is a table of attributes. Its order is that in which they have the word.
type convention []struct {
	key  string
	fact fact
}

// The conventions, in the order in which they have the word.
var conventions = []convention{genAI, openInference, traceloop, genkit, adk}

// genAI are the semantic conventions of OpenTelemetry: those of today first, then the names before
// 1.37 (system), and those before 1.27 (prompt_tokens). Anthropic's client has names of its
// own beside them.
var genAI = convention{
	{"gen_ai.operation.name", operation},
	{"mcp.method.name", mcpMethod},
	{"gen_ai.agent.name", nodeName},
	{"gen_ai.workflow.name", nodeName},
	{"gen_ai.node.name", nodeName},
	{"gen_ai.tool.name", toolName},
	{"gen_ai.tool.call.id", callID},
	{"gen_ai.request.model", requestModel},
	{"gen_ai.response.model", responseModel},
	{"gen_ai.provider.name", provider},
	{"gen_ai.system", provider},
	{"gen_ai.conversation.id", thread},
	{"gen_ai.usage.input_tokens", inputTokens},
	{"gen_ai.usage.output_tokens", outputTokens},
	{"gen_ai.usage.prompt_tokens", inputTokens},
	{"gen_ai.usage.completion_tokens", outputTokens},
	{"gen_ai.usage.total_tokens", totalTokens},
	{"gen_ai.usage.cache_read.input_tokens", cacheRead},
	{"gen_ai.usage.cache_read_input_tokens", cacheRead},
	{"gen_ai.usage.cache_write.input_tokens", cacheWrite},
	{"gen_ai.usage.cache_creation.input_tokens", cacheWrite},
	{"gen_ai.usage.cache_creation_input_tokens", cacheWrite},
	{"gen_ai.usage.reasoning.output_tokens", reasoning},
	{"gen_ai.usage.reasoning_tokens", reasoning},
	{"gen_ai.response.finish_reasons", finish},
	{"anthropic.message.stop_reason", finish},
	{"error.type", errorType},
	{"gen_ai.input.messages", prompt},
	{"gen_ai.output.messages", answer},
	{"gen_ai.prompt", prompt},
	{"gen_ai.completion", answer},
	{"gen_ai.tool.call.arguments", arguments},
	{"gen_ai.tool.call.result", toolResult},
	{"anthropic.tool_result.content", toolResult},
}

// openInference is Arize's. Its input and output are those of whatever the span is.
var openInference = convention{
	{"openinference.span.kind", inferenceKind},
	{"graph.node.id", nodeName},
	{"agent.name", nodeName},
	{"tool.name", toolName},
	{"tool.id", callID},
	{"tool_call.id", callID},
	{"llm.model_name", requestModel},
	{"embedding.model_name", requestModel},
	{"llm.provider", provider},
	{"llm.system", provider},
	{"session.id", thread},
	{"llm.token_count.prompt", inputTokens},
	{"llm.token_count.completion", outputTokens},
	{"llm.token_count.total", totalTokens},
	{"llm.token_count.prompt_details.cache_read", cacheRead},
	{"llm.token_count.prompt_details.cache_write", cacheWrite},
	{"llm.token_count.completion_details.reasoning", reasoning},
	{"llm.finish_reason", finish},
	{"input.value", prompt},
	{"output.value", answer},
}

// traceloop is OpenLLMetry's, beside the GenAI names that it uses as well.
var traceloop = convention{
	{"traceloop.span.kind", traceloopKind},
	{"llm.request.type", requestType},
	{"db.vector.query.top_k", vectorStore},
	{"vector_db.vendor", vectorStore},
	{"traceloop.entity.name", nodeName},
	{"llm.request.model", requestModel},
	{"llm.response.model", responseModel},
	{"llm.vendor", provider},
	{"traceloop.association.properties.session_id", thread},
	{"traceloop.association.properties.thread_id", thread},
	{"llm.usage.prompt_tokens", inputTokens},
	{"llm.usage.completion_tokens", outputTokens},
	{"llm.usage.total_tokens", totalTokens},
	{"llm.usage.cache_read_input_tokens", cacheRead},
	{"llm.usage.cache_creation_input_tokens", cacheWrite},
	{"llm.usage.reasoning_tokens", reasoning},
	{"llm.response.finish_reason", finish},
	{"gen_ai.completion.0.finish_reason", finish},
	{"llm.completions.0.finish_reason", finish},
	{"llm.response.stop_reason", finish},
	{"traceloop.entity.input", prompt},
	{"traceloop.entity.output", answer},
}

// genkit says what a span is at its end only, and what a call took only within its output.
var genkit = convention{
	{"genkit:type", genkitType},
	{"genkit:metadata:subtype", genkitSubtype},
	{"genkit:name", nodeName},
	{"genkit:input", prompt},
	{"genkit:output", genkitOutput},
}

// adk are the names that ADK has beside those of GenAI.
var adk = convention{
	{"gcp.vertex.agent.session_id", thread},
	{"gcp.vertex.agent.tool_call_args", arguments},
	{"gcp.vertex.agent.tool_response", toolResult},
	{"gcp.vertex.agent.llm_request", prompt},
	{"gcp.vertex.agent.llm_response", answer},
}

var fields = func() map[string]Field {
	all := map[string]Field{}
	rank := [facts]uint8{}
	for _, c := range conventions {
		for _, x := range c {
			all[x.key] = Field{fact: x.fact, rank: rank[x.fact]}
			rank[x.fact]++
		}
	}
	return all
}()

// lists are the prefixes of attributes that are numbered: each message has its own.
var lists = []struct {
	prefix string
	fact   fact
}{
	{"llm.input_messages.", prompt},
	{"llm.output_messages.", answer},
	{"gen_ai.prompt.", prompt},
	{"gen_ai.completion.", answer},
	{"llm.prompts.", prompt},
	{"llm.completions.", answer},
}

// FieldOf returns what an attribute tells.
func FieldOf(key string) Field { return fields[key] }

// listed returns the fact that a numbered attribute is part of, if it holds the text of a message.
func listed(key string) fact {
	if !strings.HasSuffix(key, ".content") {
		return 0
	}
	for _, l := range lists {
		if strings.HasPrefix(key, l.prefix) {
			return l.fact
		}
	}
	return 0
}
