package spanmap

import (
	"log/slog"
	"strings"
)

// Kind is what a span is to a graph.
type Kind uint8

// The kinds.
const (
	// Unknown spans say nothing of what they are, or not yet. They are not shown, and what they
	// enclose belongs to what encloses them.
	Unknown Kind = iota
	// Node is an agent, a workflow, or a step of one. A node that nothing encloses is a run.
	Node
	// LLM is a call of a language model.
	LLM
	// Tool is a call of a tool.
	Tool
	// Wrapper is known, and only holds others together. At the top it is a run, elsewhere it is not
	// shown.
	Wrapper
	// Hidden is known, and never shown.
	Hidden
	// Undecided is a node, a call of a model, or a call of a tool: its end says which.
	Undecided
)

// Status is the status of a span.
type Status uint8

// The statuses.
const (
	Unset Status = iota
	OK
	Failed
)

// Value is the value of an attribute, of the two forms that count.
type Value struct {
	// Text is a string, the first of several, or anything else as text.
	Text string
	// Number is a whole number.
	Number int64
}

// Span is what is known of a span. The zero value knows nothing.
type Span struct {
	// Name is the span's own name.
	Name string
	// Status is what its end says of it, Message what the error was. Exception is the message of
	// its last exception event.
	Status             Status
	Message, Exception string

	known    [facts]bool
	rank     [facts]uint8
	values   [facts]Value
	messages [2][]message // of the prompt, and of the answer, where each has its own attribute
}

type message struct {
	key, text string
}

// Set adds an attribute by its field.
func (s *Span) Set(f Field, v Value) {
	if f.fact == 0 || s.known[f.fact] && s.rank[f.fact] <= f.rank {
		return
	}
	s.known[f.fact], s.rank[f.fact], s.values[f.fact] = true, f.rank, v
}

// Add adds an attribute by its key, with the texts of messages that are numbered in it.
func (s *Span) Add(key string, v Value) {
	if f := FieldOf(key); f != (Field{}) {
		s.Set(f, v)
		return
	}
	switch listed(key) {
	case prompt:
		s.messages[0] = append(s.messages[0], message{key, v.Text})
	case answer:
		s.messages[1] = append(s.messages[1], message{key, v.Text})
	}
}

func (s *Span) text(f fact) string { return s.values[f].Text }

// number returns a count. One that is negative or does not fit is none.
func (s *Span) number(f fact) int {
	n := s.values[f].Number
	if n < 0 || int64(int(n)) != n {
		return 0
	}
	return int(n)
}

// operations are the values of gen_ai.operation.name.
var operations = map[string]Kind{
	"invoke_agent": Node, "invoke_workflow": Node, "invoke_node": Node, "plan": Node,
	"create_agent": Node, "retrieval": Node, "embeddings": Node,
	"chat": LLM, "generate_content": LLM, "text_completion": LLM, "completion": LLM,
	"responses": LLM, "execute_tool": Tool,
}

var inferenceKinds = map[string]Kind{
	"AGENT": Node, "CHAIN": Node, "PROMPT": Node, "GUARDRAIL": Node, "EVALUATOR": Node,
	"RETRIEVER": Node, "EMBEDDING": Node, "RERANKER": Node, "LLM": LLM, "TOOL": Tool,
}

var traceloopKinds = map[string]Kind{
	"workflow": Node, "agent": Node, "task": Node, "tool": Tool,
}

var requestTypes = map[string]Kind{
	"chat": LLM, "completion": LLM, "embedding": Node, "rerank": Node,
}

var genkitSubtypes = map[string]Kind{
	"flow": Node, "flowStep": Node, "model": LLM, "background-model": LLM, "tool": Tool,
	"tool.v2": Tool, "retriever": Node, "embedder": Node, "indexer": Node, "reranker": Node,
	"evaluator": Node, "prompt": Node, "executable-prompt": Node, "custom": Node, "agent": Node,
}

var genkitTypes = map[string]Kind{
	"flow": Node, "flowStep": Node, "util": Wrapper, "action": Undecided,
}

// mergedTools is the name that ADK gives to a span around tools that run at once.
const mergedTools = "(merged tools)"

// Kind returns what the span is, as far as its attributes say.
func (s *Span) Kind() Kind {
	if s.text(toolName) == mergedTools || s.Name == "execute_tool (merged)" {
		return Hidden
	}
	if s.known[mcpMethod] && s.text(mcpMethod) != "tools/call" {
		return Hidden
	}
	if name := s.text(operation); name != "" {
		if k := operations[name]; k != Unknown {
			return k
		}
		if isMemory(name) {
			return Node
		}
	}
	for _, by := range []struct {
		fact  fact
		kinds map[string]Kind
	}{
		{inferenceKind, inferenceKinds}, {traceloopKind, traceloopKinds},
		{requestType, requestTypes}, {genkitSubtype, genkitSubtypes}, {genkitType, genkitTypes},
	} {
		if name := s.text(by.fact); name != "" {
			if k := by.kinds[name]; k != Unknown {
				return k
			}
		}
	}
	switch {
	case s.known[mcpMethod]:
		return Tool
	case s.known[vectorStore]:
		return Node
	case s.known[requestModel]:
		return LLM // an operation that is newer than this table
	}
	return Unknown
}

func isMemory(operation string) bool {
	return strings.HasSuffix(operation, "_memory") || strings.HasSuffix(operation, "_memory_store")
}

// NodeName returns the name under which the span is shown as a run or node.
func (s *Span) NodeName() string {
	if name := s.text(nodeName); name != "" {
		return name
	}
	return s.Name
}

// nodeTypes are the nodes that are more than a step, by what their conventions call them.
var nodeTypes = map[string]string{
	"retrieval": "retriever", "embeddings": "embedding", "RETRIEVER": "retriever",
	"EMBEDDING": "embedding", "RERANKER": "reranker", "GUARDRAIL": "guardrail",
	"EVALUATOR": "evaluator", "embedding": "embedding", "rerank": "reranker",
	"retriever": "retriever", "embedder": "embedding", "indexer": "indexer",
	"reranker": "reranker", "evaluator": "evaluator",
}

// NodeType returns what kind of node it is, such as "retriever"; "" for a step like others. A node
// that has a type is never a run by itself.
func (s *Span) NodeType() string {
	for _, f := range []fact{operation, inferenceKind, requestType, genkitSubtype} {
		name := s.text(f)
		if t := nodeTypes[name]; t != "" {
			return t
		}
		if f == operation && isMemory(name) {
			return "memory"
		}
	}
	if s.known[vectorStore] {
		return "retriever"
	}
	return ""
}

// NodeAttrs returns the attributes of the node's start.
func (s *Span) NodeAttrs() []slog.Attr {
	if t := s.NodeType(); t != "" {
		return []slog.Attr{slog.String("node_type", t)}
	}
	return nil
}

// Thread returns the thread that the span says it belongs to; "" if it says none.
func (s *Span) Thread() string { return s.text(thread) }
