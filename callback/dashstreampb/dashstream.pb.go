// The DashStream v1 wire contract.
//
// # The Kafka record
//
// Every message of every thread travels in one topic, by default "dashstream-events".
//
//   - The key is the raw UTF-8 bytes of header.thread_id. It is never empty.
//   - The value is one framing byte, then the body. 0x00: the body is a serialized DashStreamMessage. 0x01: the body is
//     exactly one zstd frame that holds one and declares its content size; Header.compression is COMPRESSION_ZSTD then,
//     on the outer header and on every inner one. A strict reader refuses every other first byte. A producer writes 0x00
//     and leaves compression to Kafka, which compresses whole record batches and so sees what messages have in common;
//     a reader accepts both.
//   - The headers are "ds-producer", the id of the producer instance; "ds-epoch", a decimal number that grows with every
//     start of that instance; and "traceparent" and "tracestate" (W3C Trace Context) when all that the record holds was
//     made inside one trace.
//   - The partition is the CRC-32 (IEEE) of the key modulo the number of partitions, unsigned, so that every producer
//     puts a thread in the same place.
//
// # Limits
//
// A stock consumer accepts values of up to 1 MiB; the server and the browser accept decoded messages of up to 10 MiB.
// Brokers accept record batches of 1,048,588 bytes unless they are configured otherwise. The protobuf libraries of most
// readers refuse messages that are nested more than 100 deep.
//
// # Rules that readers rely on
//
//  1. Every message has a header, and so has every event inside a batch: schema_version 1, a message_id of 16 bytes, and
//     a thread_id that is non-empty valid UTF-8 of at most 256 bytes and equal to the record's key.
//  2. sequence counts from 1 in each thread, over all kinds of message together, and the order on the wire is the order
//     of the sequence. A message that was lost leaves exactly its own number out, and nothing else leaves one out. An
//     EventBatch has sequence 0 in its own header, its events carry theirs, and all of them belong to one thread. A
//     producer's report on itself has sequence 0, and so has its statement of losses.
//  3. A reader takes the first sequence that it sees of a thread as its baseline. A jump is a loss; a smaller number is
//     a duplicate or out of order.
//  4. Delivery is at least once: readers deduplicate by message_id.
//  5. GRAPH_START comes first in a thread. A StateDiff precedes the NODE_END of the node that changed the state.
//  6. full_state takes precedence over operations. full_state and Checkpoint.state are plain UTF-8 JSON, never
//     compressed. base_checkpoint_id is empty or names a checkpoint that was sent before.
//  7. state_hash is the SHA-256 of the canonical JSON (RFC 8785) of the state as it was sent. It is empty when the state
//     holds a whole number beyond 2^53, which a browser cannot verify.
//  8. Fields are added, never renumbered.
//  9. Strings are valid UTF-8: a producer cuts them on rune boundaries, because one bad string costs the whole message.
//  10. A thread has one state, whichever run writes it. Runs on one thread share its sequence; when another run than the
//     last one writes the state, it goes out whole.
//  11. parent_id is the message_id of the start that encloses the message: of NODE_START; of GRAPH_START at the top; of
//     the outer node for a nested one. An end or error event carries the message_id of its own start.
//  12. TokenChunks of one request that wait together may be merged into one before it is numbered: texts joined,
//     token_ids and logprobs appended, chunk_index of the first, is_final and finish_reason of the last.
//  13. A browser sees no defaults: it decodes in a worker and passes the decoded object on, and what proto3 leaves off
//     the wire is lost on that way. So op and encoding of a DiffOperation are written even when they are 0 (ADD, JSON),
//     which every decoder accepts. Without them an ADD is taken for a REPLACE, and JSON for an unknown encoding.
//
// # The graph
//
// graph_schema_json of GRAPH_START is an object {name, version, description, nodes, edges, entry_point, metadata}. A node
// is {name, description, node_type, input_fields, output_fields, attributes}; an edge is {from, to, edge_type, label,
// conditional_targets}. "__end__" is the end node.
//
//   - node_type is one of transform (the general one), llm, tool, router, aggregator, validator, human_in_loop,
//     checkpoint and custom. A reader shows any other as custom.
//   - edge_type is direct, conditional or parallel.
//   - conditional_targets is a list of names of nodes. An edge that has it is drawn to each of them, and to is the first.
//     A condition is either one such edge, or one edge without the list for each node that it may lead to, never both: an
//     edge that is drawn twice. A reader shows no graph at all where it is anything but a list of names.
//   - schema_id is the first 16 hex digits of a SHA-256 over the entry point, the sorted nodes and the sorted edges.
//
// # Attributes of events
//
// One line says in which types of event an attribute is, its type (of AttributeValue), who writes it, and what it holds:
// sdk is every producer that uses this SDK, eino its handler for CloudWeGo Eino, app an application that has it. None has
// to be there, but for duration_us and error. An application adds whatever else it likes.
//
//	GRAPH_START                                    graph_name          string  sdk   the graph's name
//	GRAPH_START                                    graph_schema_json   string  sdk   the graph, as the section above says
//	GRAPH_START                                    schema_id           string  sdk   16 hex digits, equal for graphs with the same entry point, nodes and edges
//	GRAPH_START                                    graph_entry_point   string  sdk   the node that runs first
//	GRAPH_START                                    graph_node_count    int     sdk   the nodes of the graph
//	GRAPH_START                                    graph_edge_count    int     sdk   the edges in graph_schema_json
//	GRAPH_START                                    graph_manifest      string  app   an alternative to the schema
//	GRAPH_START,HUMAN_RESUME                       initial_state_json  string  sdk   the state with which the run begins, as JSON; when it does not fit, a StateDiff with full_state follows at once
//	GRAPH_START,HUMAN_RESUME                       execution_id        string  sdk   the run; a thread may have several, one after another
//	GRAPH_START                                    resumed             bool    eino  the run goes on where another one was interrupted whose thread is not known
//	GRAPH_START                                    type                string  eino  what the run is to its runtime, where it is no graph: an agent
//	GRAPH_ERROR                                    canceled            bool    sdk   the run failed because its context ended
//	GRAPH_ERROR                                    deadline_exceeded   bool    sdk   beside canceled: the deadline of that context had passed
//	GRAPH_ERROR,NODE_ERROR,LLM_ERROR,TOOL_ERROR    error               string  sdk   what went wrong
//	LLM_RETRY                                      error               string  sdk   why the call is tried again
//	NODE_ERROR,LLM_ERROR,TOOL_ERROR                unended             bool    sdk   it did not end by itself: what it is in was ended before
//	PARALLEL_END,OPTIMIZATION_END                  unended             bool    sdk   the same
//	GRAPH_START,HUMAN_RESUME                       sample_rate         float   sdk   the share of the threads whose runs are sent, if not all are
//	GRAPH_START,HUMAN_RESUME                       sample_reason       string  sdk   error: the thread is not sampled, and the run is sent since something in it failed
//	NODE_END,NODE_ERROR,GRAPH_END,GRAPH_ERROR      shed_messages       int     sdk   how many details inside it were given up under pressure: parts of answers, progress
//	NODE_END,NODE_ERROR,GRAPH_END,GRAPH_ERROR      shed_bytes          int     sdk   their bytes
//	GRAPH_END,GRAPH_ERROR,NODE_END,NODE_ERROR      duration_us         int     sdk   how long it took in microseconds, as in the field of that name: some readers know only the attribute
//	PARALLEL_END,LLM_END,LLM_ERROR,TOOL_END        duration_us         int     sdk   the same
//	TOOL_ERROR,OPTIMIZATION_END,HUMAN_INTERRUPT    duration_us         int     sdk   the same; of an interrupt that ends the run in this process, the run's
//	NODE_START,NODE_END                            config_version      int     app   of a configured node: the version of its configuration
//	NODE_START,NODE_END                            config_hash         string  app   "sha256:" and the hash of the configuration
//	NODE_START,NODE_END                            config_updated_by   string  app   who changed the configuration last
//	NODE_START                                     type                string  eino  what the node is to its runtime
//	NODE_START                                     implementation      string  eino  the name of the component's implementation
//	NODE_START                                     display_name        string  eino  the node's name for people, where that is another one
//	NODE_START                                     texts               int     eino  of an embedding: the texts that it is given
//	NODE_START,NODE_END                            model               string  eino  of an embedding: its model
//	NODE_END                                       prompt_tokens       int     eino  of an embedding: the tokens of its texts
//	NODE_END                                       completion_tokens   int     eino  of an embedding: the tokens of its result
//	NODE_END                                       total_tokens        int     eino  of an embedding: their sum
//	NODE_END                                       documents           int     eino  of a retriever, a loader and the like: the documents that it gives
//	NODE_END,NODE_ERROR                            stream_parts        int     eino  the parts in which the result was streamed
//	NODE_END                                       interrupted         bool    eino  the node was interrupted, and runs again when the run is resumed
//	NODE_END,NODE_ERROR,LLM_END,LLM_ERROR          abandoned           bool    eino  nobody read the rest of the result
//	EDGE_TRAVERSAL,CONDITIONAL_BRANCH              from                string  sdk   the node that is left, as in node_id
//	EDGE_TRAVERSAL,CONDITIONAL_BRANCH              to                  string  sdk   the nodes that follow, comma-separated
//	EDGE_TRAVERSAL,CONDITIONAL_BRANCH              edge_type           string  sdk   direct, conditional or parallel
//	CONDITIONAL_BRANCH                             condition_result    string  sdk   what the condition found
//	LLM_START,LLM_END,LLM_ERROR,LLM_RETRY          model               string  sdk   the model's name
//	LLM_START                                      provider            string  sdk   who serves the model
//	LLM_START                                      prompt              string  sdk   what the model is asked
//	LLM_START                                      messages            int     eino  the messages that the model is given
//	LLM_START                                      tools               int     eino  the tools that the model may ask for
//	LLM_END,LLM_ERROR                              prompt_tokens       int     sdk   the tokens of the prompt
//	LLM_END,LLM_ERROR                              completion_tokens   int     sdk   the tokens of the answer
//	LLM_END,LLM_ERROR                              total_tokens        int     sdk   their sum, or what the model's provider counts
//	LLM_END,LLM_ERROR                              finish_reason       string  sdk   stop, length, content_filter, tool_calls or error
//	LLM_END,LLM_ERROR                              completion          string  sdk   the answer
//	LLM_END,LLM_ERROR                              cached_tokens       int     eino  those of prompt_tokens that the provider had cached
//	LLM_END,LLM_ERROR                              reasoning_tokens    int     eino  those of completion_tokens that went into reasoning
//	LLM_END,LLM_ERROR                              response_model      string  eino  the name of the model that answered
//	LLM_END,LLM_ERROR                              provider_finish_reason  string  eino  why the model stopped, in the words of its provider
//	LLM_RETRY                                      attempt             int     sdk   the number of the try that follows, 2 for the first
//	TOOL_START,TOOL_END,TOOL_ERROR                 tool_name           string  sdk   the tool's name
//	TOOL_START,TOOL_END,TOOL_ERROR                 call_id             string  sdk   names the call, as the model that asked for it does
//	TOOL_START                                     arguments           string  sdk   what the tool is called with, as JSON
//	TOOL_END                                       result              string  sdk   what the tool gave
//	CHECKPOINT_SAVE,CHECKPOINT_LOAD                checkpoint_id       string  sdk   names the checkpoint
//	CHECKPOINT_DELETE                              checkpoint_id       string  sdk   names the checkpoint
//	CHECKPOINT_SAVE                                state_bytes         int     sdk   the size of the state in bytes
//	CHECKPOINT_SAVE                                storage_uri         string  sdk   where the checkpoint is stored
//	MEMORY_SAVE,MEMORY_LOAD                        key                 string  sdk   the entry of the long-term memory
//	HUMAN_INTERRUPT                                reason              string  sdk   what the human is asked for
//	HUMAN_INTERRUPT                                nodes               string  eino  the nodes that run again, comma-separated
//	HUMAN_INTERRUPT                                interrupt_ids       string  eino  the interrupts to answer, comma-separated
//	NODE_PROGRESS                                  message             string  sdk   what is being done
//	NODE_PROGRESS                                  percent             float   sdk   how far the node is, from 0 to 1
//	NODE_THINKING                                  thought             string  sdk   a step of the node's reasoning
//	NODE_THINKING                                  step                int     sdk   its number, from 1
//	NODE_SUBSTEP                                   substep_name        string  sdk   a part of the node's work
//	NODE_SUBSTEP                                   status              string  sdk   such as started or done
//	NODE_WARNING                                   message             string  sdk   what is not as it should be
//	OPTIMIZATION_START,OPTIMIZATION_END            optimization_id     string  sdk   names the search
//	OPTIMIZATION_START                             target_param        string  sdk   the parameter that is searched
//	OPTIMIZATION_START                             strategy            string  sdk   how it is searched
//	OPTIMIZATION_END                               variants_tested     int     sdk   how many were tried
//	OPTIMIZATION_END                               improvement_delta   float   sdk   by how much the best one is better
//	OPTIMIZATION_END                               termination_reason  string  sdk   why the search ended
//	OPTIMIZATION_END                               best_score          float   sdk   the best one's score
//	OPTIMIZATION_END                               found_improvement   bool    sdk   whether anything better was found
//
// # The producer's report on itself
//
// A producer describes itself in band by Metrics of scope "dashstream_callback": scope_id is the id of the producer
// instance, as in the header "ds-producer", and the thread is "dashstream-callback/" followed by that id. That thread
// has no GRAPH_START, and its messages have sequence 0: a live view that follows whichever thread last sent a number
// stays on the graph that it shows. Their order is that of the tags epoch and number, which counts from 1 in each epoch.
// Keys of metrics are Prometheus sample names with their labels, for
// instance dashstream_telemetry_dropped_total{message_type="event",reason="queue_full"}; values are cumulative. tags:
// instance, service, host, pid, version, epoch, number, interval_seconds, start_time, reason (start, interval, level or
// final).

// Code generated by protoc-gen-go. DO NOT EDIT.
// versions:
// 	protoc-gen-go v1.36.12
// 	protoc        (unknown)
// source: callback/dashstreampb/dashstream.proto

package dashstreampb

import (
	protoreflect "google.golang.org/protobuf/reflect/protoreflect"
	protoimpl "google.golang.org/protobuf/runtime/protoimpl"
	reflect "reflect"
	sync "sync"
	unsafe "unsafe"
)

const (
	// Verify that this generated code is sufficiently up-to-date.
	_ = protoimpl.EnforceVersion(20 - protoimpl.MinVersion)
	// Verify that runtime/protoimpl is sufficiently up-to-date.
	_ = protoimpl.EnforceVersion(protoimpl.MaxVersion - 20)
)

// MessageType names the kind of a message.
type MessageType int32

const (
	MessageType_MESSAGE_TYPE_UNSPECIFIED     MessageType = 0
	MessageType_MESSAGE_TYPE_EVENT           MessageType = 1
	MessageType_MESSAGE_TYPE_STATE_DIFF      MessageType = 2
	MessageType_MESSAGE_TYPE_TOKEN_CHUNK     MessageType = 3
	MessageType_MESSAGE_TYPE_TOOL_EXECUTION  MessageType = 4
	MessageType_MESSAGE_TYPE_CHECKPOINT      MessageType = 5
	MessageType_MESSAGE_TYPE_METRICS         MessageType = 6
	MessageType_MESSAGE_TYPE_ERROR           MessageType = 7
	MessageType_MESSAGE_TYPE_EVENT_BATCH     MessageType = 8
	MessageType_MESSAGE_TYPE_EXECUTION_TRACE MessageType = 9
)

// Enum value maps for MessageType.
var (
	MessageType_name = map[int32]string{
		0: "MESSAGE_TYPE_UNSPECIFIED",
		1: "MESSAGE_TYPE_EVENT",
		2: "MESSAGE_TYPE_STATE_DIFF",
		3: "MESSAGE_TYPE_TOKEN_CHUNK",
		4: "MESSAGE_TYPE_TOOL_EXECUTION",
		5: "MESSAGE_TYPE_CHECKPOINT",
		6: "MESSAGE_TYPE_METRICS",
		7: "MESSAGE_TYPE_ERROR",
		8: "MESSAGE_TYPE_EVENT_BATCH",
		9: "MESSAGE_TYPE_EXECUTION_TRACE",
	}
	MessageType_value = map[string]int32{
		"MESSAGE_TYPE_UNSPECIFIED":     0,
		"MESSAGE_TYPE_EVENT":           1,
		"MESSAGE_TYPE_STATE_DIFF":      2,
		"MESSAGE_TYPE_TOKEN_CHUNK":     3,
		"MESSAGE_TYPE_TOOL_EXECUTION":  4,
		"MESSAGE_TYPE_CHECKPOINT":      5,
		"MESSAGE_TYPE_METRICS":         6,
		"MESSAGE_TYPE_ERROR":           7,
		"MESSAGE_TYPE_EVENT_BATCH":     8,
		"MESSAGE_TYPE_EXECUTION_TRACE": 9,
	}
)

func (x MessageType) Enum() *MessageType {
	p := new(MessageType)
	*p = x
	return p
}

func (x MessageType) String() string {
	return protoimpl.X.EnumStringOf(x.Descriptor(), protoreflect.EnumNumber(x))
}

func (MessageType) Descriptor() protoreflect.EnumDescriptor {
	return file_callback_dashstreampb_dashstream_proto_enumTypes[0].Descriptor()
}

func (MessageType) Type() protoreflect.EnumType {
	return &file_callback_dashstreampb_dashstream_proto_enumTypes[0]
}

func (x MessageType) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(x)
}

// Deprecated: Use MessageType.Descriptor instead.
func (MessageType) EnumDescriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{0}
}

// CompressionType names how bytes are compressed.
type CompressionType int32

const (
	CompressionType_COMPRESSION_NONE   CompressionType = 0
	CompressionType_COMPRESSION_ZSTD   CompressionType = 1
	CompressionType_COMPRESSION_LZ4    CompressionType = 2
	CompressionType_COMPRESSION_SNAPPY CompressionType = 3
)

// Enum value maps for CompressionType.
var (
	CompressionType_name = map[int32]string{
		0: "COMPRESSION_NONE",
		1: "COMPRESSION_ZSTD",
		2: "COMPRESSION_LZ4",
		3: "COMPRESSION_SNAPPY",
	}
	CompressionType_value = map[string]int32{
		"COMPRESSION_NONE":   0,
		"COMPRESSION_ZSTD":   1,
		"COMPRESSION_LZ4":    2,
		"COMPRESSION_SNAPPY": 3,
	}
)

func (x CompressionType) Enum() *CompressionType {
	p := new(CompressionType)
	*p = x
	return p
}

func (x CompressionType) String() string {
	return protoimpl.X.EnumStringOf(x.Descriptor(), protoreflect.EnumNumber(x))
}

func (CompressionType) Descriptor() protoreflect.EnumDescriptor {
	return file_callback_dashstreampb_dashstream_proto_enumTypes[1].Descriptor()
}

func (CompressionType) Type() protoreflect.EnumType {
	return &file_callback_dashstreampb_dashstream_proto_enumTypes[1]
}

func (x CompressionType) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(x)
}

// Deprecated: Use CompressionType.Descriptor instead.
func (CompressionType) EnumDescriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{1}
}

// EventType says what happened.
type EventType int32

const (
	EventType_EVENT_TYPE_UNSPECIFIED EventType = 0
	// GRAPH_START comes first in a thread and says what the run looks like. The attributes of every type are in the table
	// above.
	EventType_EVENT_TYPE_GRAPH_START EventType = 1
	// An end carries its duration both in the field duration_us and in an attribute of that name, since some readers know
	// only the latter.
	EventType_EVENT_TYPE_GRAPH_END EventType = 2
	// An error says what went wrong in an attribute error.
	EventType_EVENT_TYPE_GRAPH_ERROR EventType = 3
	// The node is named by node_id.
	EventType_EVENT_TYPE_NODE_START EventType = 10
	EventType_EVENT_TYPE_NODE_END   EventType = 11
	EventType_EVENT_TYPE_NODE_ERROR EventType = 12
	// The node that is left is named by node_id.
	EventType_EVENT_TYPE_EDGE_TRAVERSAL     EventType = 20
	EventType_EVENT_TYPE_CONDITIONAL_BRANCH EventType = 21
	// node_id holds the names of the parallel nodes, comma-separated, here and on PARALLEL_END.
	EventType_EVENT_TYPE_PARALLEL_START     EventType = 22
	EventType_EVENT_TYPE_PARALLEL_END       EventType = 23
	EventType_EVENT_TYPE_LLM_START          EventType = 30
	EventType_EVENT_TYPE_LLM_END            EventType = 31
	EventType_EVENT_TYPE_LLM_ERROR          EventType = 32
	EventType_EVENT_TYPE_LLM_RETRY          EventType = 33
	EventType_EVENT_TYPE_TOOL_START         EventType = 40
	EventType_EVENT_TYPE_TOOL_END           EventType = 41
	EventType_EVENT_TYPE_TOOL_ERROR         EventType = 42
	EventType_EVENT_TYPE_CHECKPOINT_SAVE    EventType = 50
	EventType_EVENT_TYPE_CHECKPOINT_LOAD    EventType = 51
	EventType_EVENT_TYPE_CHECKPOINT_DELETE  EventType = 52
	EventType_EVENT_TYPE_MEMORY_SAVE        EventType = 60
	EventType_EVENT_TYPE_MEMORY_LOAD        EventType = 61
	EventType_EVENT_TYPE_HUMAN_INTERRUPT    EventType = 70
	EventType_EVENT_TYPE_HUMAN_RESUME       EventType = 71
	EventType_EVENT_TYPE_NODE_PROGRESS      EventType = 80
	EventType_EVENT_TYPE_NODE_THINKING      EventType = 81
	EventType_EVENT_TYPE_NODE_SUBSTEP       EventType = 82
	EventType_EVENT_TYPE_NODE_WARNING       EventType = 83
	EventType_EVENT_TYPE_OPTIMIZATION_START EventType = 90
	EventType_EVENT_TYPE_OPTIMIZATION_END   EventType = 91
)

// Enum value maps for EventType.
var (
	EventType_name = map[int32]string{
		0:  "EVENT_TYPE_UNSPECIFIED",
		1:  "EVENT_TYPE_GRAPH_START",
		2:  "EVENT_TYPE_GRAPH_END",
		3:  "EVENT_TYPE_GRAPH_ERROR",
		10: "EVENT_TYPE_NODE_START",
		11: "EVENT_TYPE_NODE_END",
		12: "EVENT_TYPE_NODE_ERROR",
		20: "EVENT_TYPE_EDGE_TRAVERSAL",
		21: "EVENT_TYPE_CONDITIONAL_BRANCH",
		22: "EVENT_TYPE_PARALLEL_START",
		23: "EVENT_TYPE_PARALLEL_END",
		30: "EVENT_TYPE_LLM_START",
		31: "EVENT_TYPE_LLM_END",
		32: "EVENT_TYPE_LLM_ERROR",
		33: "EVENT_TYPE_LLM_RETRY",
		40: "EVENT_TYPE_TOOL_START",
		41: "EVENT_TYPE_TOOL_END",
		42: "EVENT_TYPE_TOOL_ERROR",
		50: "EVENT_TYPE_CHECKPOINT_SAVE",
		51: "EVENT_TYPE_CHECKPOINT_LOAD",
		52: "EVENT_TYPE_CHECKPOINT_DELETE",
		60: "EVENT_TYPE_MEMORY_SAVE",
		61: "EVENT_TYPE_MEMORY_LOAD",
		70: "EVENT_TYPE_HUMAN_INTERRUPT",
		71: "EVENT_TYPE_HUMAN_RESUME",
		80: "EVENT_TYPE_NODE_PROGRESS",
		81: "EVENT_TYPE_NODE_THINKING",
		82: "EVENT_TYPE_NODE_SUBSTEP",
		83: "EVENT_TYPE_NODE_WARNING",
		90: "EVENT_TYPE_OPTIMIZATION_START",
		91: "EVENT_TYPE_OPTIMIZATION_END",
	}
	EventType_value = map[string]int32{
		"EVENT_TYPE_UNSPECIFIED":        0,
		"EVENT_TYPE_GRAPH_START":        1,
		"EVENT_TYPE_GRAPH_END":          2,
		"EVENT_TYPE_GRAPH_ERROR":        3,
		"EVENT_TYPE_NODE_START":         10,
		"EVENT_TYPE_NODE_END":           11,
		"EVENT_TYPE_NODE_ERROR":         12,
		"EVENT_TYPE_EDGE_TRAVERSAL":     20,
		"EVENT_TYPE_CONDITIONAL_BRANCH": 21,
		"EVENT_TYPE_PARALLEL_START":     22,
		"EVENT_TYPE_PARALLEL_END":       23,
		"EVENT_TYPE_LLM_START":          30,
		"EVENT_TYPE_LLM_END":            31,
		"EVENT_TYPE_LLM_ERROR":          32,
		"EVENT_TYPE_LLM_RETRY":          33,
		"EVENT_TYPE_TOOL_START":         40,
		"EVENT_TYPE_TOOL_END":           41,
		"EVENT_TYPE_TOOL_ERROR":         42,
		"EVENT_TYPE_CHECKPOINT_SAVE":    50,
		"EVENT_TYPE_CHECKPOINT_LOAD":    51,
		"EVENT_TYPE_CHECKPOINT_DELETE":  52,
		"EVENT_TYPE_MEMORY_SAVE":        60,
		"EVENT_TYPE_MEMORY_LOAD":        61,
		"EVENT_TYPE_HUMAN_INTERRUPT":    70,
		"EVENT_TYPE_HUMAN_RESUME":       71,
		"EVENT_TYPE_NODE_PROGRESS":      80,
		"EVENT_TYPE_NODE_THINKING":      81,
		"EVENT_TYPE_NODE_SUBSTEP":       82,
		"EVENT_TYPE_NODE_WARNING":       83,
		"EVENT_TYPE_OPTIMIZATION_START": 90,
		"EVENT_TYPE_OPTIMIZATION_END":   91,
	}
)

func (x EventType) Enum() *EventType {
	p := new(EventType)
	*p = x
	return p
}

func (x EventType) String() string {
	return protoimpl.X.EnumStringOf(x.Descriptor(), protoreflect.EnumNumber(x))
}

func (EventType) Descriptor() protoreflect.EnumDescriptor {
	return file_callback_dashstreampb_dashstream_proto_enumTypes[2].Descriptor()
}

func (EventType) Type() protoreflect.EnumType {
	return &file_callback_dashstreampb_dashstream_proto_enumTypes[2]
}

func (x EventType) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(x)
}

// Deprecated: Use EventType.Descriptor instead.
func (EventType) EnumDescriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{2}
}

type DiffOperation_OpType int32

const (
	DiffOperation_OP_TYPE_ADD     DiffOperation_OpType = 0
	DiffOperation_OP_TYPE_REMOVE  DiffOperation_OpType = 1
	DiffOperation_OP_TYPE_REPLACE DiffOperation_OpType = 2
	DiffOperation_OP_TYPE_MOVE    DiffOperation_OpType = 3
	DiffOperation_OP_TYPE_COPY    DiffOperation_OpType = 4
	DiffOperation_OP_TYPE_TEST    DiffOperation_OpType = 5
)

// Enum value maps for DiffOperation_OpType.
var (
	DiffOperation_OpType_name = map[int32]string{
		0: "OP_TYPE_ADD",
		1: "OP_TYPE_REMOVE",
		2: "OP_TYPE_REPLACE",
		3: "OP_TYPE_MOVE",
		4: "OP_TYPE_COPY",
		5: "OP_TYPE_TEST",
	}
	DiffOperation_OpType_value = map[string]int32{
		"OP_TYPE_ADD":     0,
		"OP_TYPE_REMOVE":  1,
		"OP_TYPE_REPLACE": 2,
		"OP_TYPE_MOVE":    3,
		"OP_TYPE_COPY":    4,
		"OP_TYPE_TEST":    5,
	}
)

func (x DiffOperation_OpType) Enum() *DiffOperation_OpType {
	p := new(DiffOperation_OpType)
	*p = x
	return p
}

func (x DiffOperation_OpType) String() string {
	return protoimpl.X.EnumStringOf(x.Descriptor(), protoreflect.EnumNumber(x))
}

func (DiffOperation_OpType) Descriptor() protoreflect.EnumDescriptor {
	return file_callback_dashstreampb_dashstream_proto_enumTypes[3].Descriptor()
}

func (DiffOperation_OpType) Type() protoreflect.EnumType {
	return &file_callback_dashstreampb_dashstream_proto_enumTypes[3]
}

func (x DiffOperation_OpType) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(x)
}

// Deprecated: Use DiffOperation_OpType.Descriptor instead.
func (DiffOperation_OpType) EnumDescriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{8, 0}
}

// VALUE_ENCODING_JSON is the only one that a browser reads.
type DiffOperation_ValueEncoding int32

const (
	DiffOperation_VALUE_ENCODING_JSON     DiffOperation_ValueEncoding = 0
	DiffOperation_VALUE_ENCODING_MSGPACK  DiffOperation_ValueEncoding = 1
	DiffOperation_VALUE_ENCODING_PROTOBUF DiffOperation_ValueEncoding = 2
	DiffOperation_VALUE_ENCODING_RAW      DiffOperation_ValueEncoding = 3
)

// Enum value maps for DiffOperation_ValueEncoding.
var (
	DiffOperation_ValueEncoding_name = map[int32]string{
		0: "VALUE_ENCODING_JSON",
		1: "VALUE_ENCODING_MSGPACK",
		2: "VALUE_ENCODING_PROTOBUF",
		3: "VALUE_ENCODING_RAW",
	}
	DiffOperation_ValueEncoding_value = map[string]int32{
		"VALUE_ENCODING_JSON":     0,
		"VALUE_ENCODING_MSGPACK":  1,
		"VALUE_ENCODING_PROTOBUF": 2,
		"VALUE_ENCODING_RAW":      3,
	}
)

func (x DiffOperation_ValueEncoding) Enum() *DiffOperation_ValueEncoding {
	p := new(DiffOperation_ValueEncoding)
	*p = x
	return p
}

func (x DiffOperation_ValueEncoding) String() string {
	return protoimpl.X.EnumStringOf(x.Descriptor(), protoreflect.EnumNumber(x))
}

func (DiffOperation_ValueEncoding) Descriptor() protoreflect.EnumDescriptor {
	return file_callback_dashstreampb_dashstream_proto_enumTypes[4].Descriptor()
}

func (DiffOperation_ValueEncoding) Type() protoreflect.EnumType {
	return &file_callback_dashstreampb_dashstream_proto_enumTypes[4]
}

func (x DiffOperation_ValueEncoding) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(x)
}

// Deprecated: Use DiffOperation_ValueEncoding.Descriptor instead.
func (DiffOperation_ValueEncoding) EnumDescriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{8, 1}
}

type TokenChunk_FinishReason int32

const (
	TokenChunk_FINISH_REASON_NONE           TokenChunk_FinishReason = 0
	TokenChunk_FINISH_REASON_STOP           TokenChunk_FinishReason = 1
	TokenChunk_FINISH_REASON_LENGTH         TokenChunk_FinishReason = 2
	TokenChunk_FINISH_REASON_CONTENT_FILTER TokenChunk_FinishReason = 3
	TokenChunk_FINISH_REASON_TOOL_CALLS     TokenChunk_FinishReason = 4
	TokenChunk_FINISH_REASON_ERROR          TokenChunk_FinishReason = 5
)

// Enum value maps for TokenChunk_FinishReason.
var (
	TokenChunk_FinishReason_name = map[int32]string{
		0: "FINISH_REASON_NONE",
		1: "FINISH_REASON_STOP",
		2: "FINISH_REASON_LENGTH",
		3: "FINISH_REASON_CONTENT_FILTER",
		4: "FINISH_REASON_TOOL_CALLS",
		5: "FINISH_REASON_ERROR",
	}
	TokenChunk_FinishReason_value = map[string]int32{
		"FINISH_REASON_NONE":           0,
		"FINISH_REASON_STOP":           1,
		"FINISH_REASON_LENGTH":         2,
		"FINISH_REASON_CONTENT_FILTER": 3,
		"FINISH_REASON_TOOL_CALLS":     4,
		"FINISH_REASON_ERROR":          5,
	}
)

func (x TokenChunk_FinishReason) Enum() *TokenChunk_FinishReason {
	p := new(TokenChunk_FinishReason)
	*p = x
	return p
}

func (x TokenChunk_FinishReason) String() string {
	return protoimpl.X.EnumStringOf(x.Descriptor(), protoreflect.EnumNumber(x))
}

func (TokenChunk_FinishReason) Descriptor() protoreflect.EnumDescriptor {
	return file_callback_dashstreampb_dashstream_proto_enumTypes[5].Descriptor()
}

func (TokenChunk_FinishReason) Type() protoreflect.EnumType {
	return &file_callback_dashstreampb_dashstream_proto_enumTypes[5]
}

func (x TokenChunk_FinishReason) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(x)
}

// Deprecated: Use TokenChunk_FinishReason.Descriptor instead.
func (TokenChunk_FinishReason) EnumDescriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{9, 0}
}

type ToolExecution_ExecutionStage int32

const (
	ToolExecution_EXECUTION_STAGE_UNSPECIFIED ToolExecution_ExecutionStage = 0
	ToolExecution_EXECUTION_STAGE_REQUESTED   ToolExecution_ExecutionStage = 1
	ToolExecution_EXECUTION_STAGE_STARTED     ToolExecution_ExecutionStage = 2
	ToolExecution_EXECUTION_STAGE_COMPLETED   ToolExecution_ExecutionStage = 3
	ToolExecution_EXECUTION_STAGE_FAILED      ToolExecution_ExecutionStage = 4
	ToolExecution_EXECUTION_STAGE_RETRYING    ToolExecution_ExecutionStage = 5
)

// Enum value maps for ToolExecution_ExecutionStage.
var (
	ToolExecution_ExecutionStage_name = map[int32]string{
		0: "EXECUTION_STAGE_UNSPECIFIED",
		1: "EXECUTION_STAGE_REQUESTED",
		2: "EXECUTION_STAGE_STARTED",
		3: "EXECUTION_STAGE_COMPLETED",
		4: "EXECUTION_STAGE_FAILED",
		5: "EXECUTION_STAGE_RETRYING",
	}
	ToolExecution_ExecutionStage_value = map[string]int32{
		"EXECUTION_STAGE_UNSPECIFIED": 0,
		"EXECUTION_STAGE_REQUESTED":   1,
		"EXECUTION_STAGE_STARTED":     2,
		"EXECUTION_STAGE_COMPLETED":   3,
		"EXECUTION_STAGE_FAILED":      4,
		"EXECUTION_STAGE_RETRYING":    5,
	}
)

func (x ToolExecution_ExecutionStage) Enum() *ToolExecution_ExecutionStage {
	p := new(ToolExecution_ExecutionStage)
	*p = x
	return p
}

func (x ToolExecution_ExecutionStage) String() string {
	return protoimpl.X.EnumStringOf(x.Descriptor(), protoreflect.EnumNumber(x))
}

func (ToolExecution_ExecutionStage) Descriptor() protoreflect.EnumDescriptor {
	return file_callback_dashstreampb_dashstream_proto_enumTypes[6].Descriptor()
}

func (ToolExecution_ExecutionStage) Type() protoreflect.EnumType {
	return &file_callback_dashstreampb_dashstream_proto_enumTypes[6]
}

func (x ToolExecution_ExecutionStage) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(x)
}

// Deprecated: Use ToolExecution_ExecutionStage.Descriptor instead.
func (ToolExecution_ExecutionStage) EnumDescriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{11, 0}
}

type MetricValue_MetricType int32

const (
	MetricValue_METRIC_TYPE_UNSPECIFIED MetricValue_MetricType = 0
	MetricValue_METRIC_TYPE_COUNTER     MetricValue_MetricType = 1
	MetricValue_METRIC_TYPE_GAUGE       MetricValue_MetricType = 2
	MetricValue_METRIC_TYPE_HISTOGRAM   MetricValue_MetricType = 3
	MetricValue_METRIC_TYPE_SUMMARY     MetricValue_MetricType = 4
)

// Enum value maps for MetricValue_MetricType.
var (
	MetricValue_MetricType_name = map[int32]string{
		0: "METRIC_TYPE_UNSPECIFIED",
		1: "METRIC_TYPE_COUNTER",
		2: "METRIC_TYPE_GAUGE",
		3: "METRIC_TYPE_HISTOGRAM",
		4: "METRIC_TYPE_SUMMARY",
	}
	MetricValue_MetricType_value = map[string]int32{
		"METRIC_TYPE_UNSPECIFIED": 0,
		"METRIC_TYPE_COUNTER":     1,
		"METRIC_TYPE_GAUGE":       2,
		"METRIC_TYPE_HISTOGRAM":   3,
		"METRIC_TYPE_SUMMARY":     4,
	}
)

func (x MetricValue_MetricType) Enum() *MetricValue_MetricType {
	p := new(MetricValue_MetricType)
	*p = x
	return p
}

func (x MetricValue_MetricType) String() string {
	return protoimpl.X.EnumStringOf(x.Descriptor(), protoreflect.EnumNumber(x))
}

func (MetricValue_MetricType) Descriptor() protoreflect.EnumDescriptor {
	return file_callback_dashstreampb_dashstream_proto_enumTypes[7].Descriptor()
}

func (MetricValue_MetricType) Type() protoreflect.EnumType {
	return &file_callback_dashstreampb_dashstream_proto_enumTypes[7]
}

func (x MetricValue_MetricType) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(x)
}

// Deprecated: Use MetricValue_MetricType.Descriptor instead.
func (MetricValue_MetricType) EnumDescriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{15, 0}
}

type Error_Severity int32

const (
	Error_SEVERITY_UNSPECIFIED Error_Severity = 0
	Error_SEVERITY_DEBUG       Error_Severity = 1
	Error_SEVERITY_INFO        Error_Severity = 2
	Error_SEVERITY_WARNING     Error_Severity = 3
	Error_SEVERITY_ERROR       Error_Severity = 4
	Error_SEVERITY_FATAL       Error_Severity = 5
)

// Enum value maps for Error_Severity.
var (
	Error_Severity_name = map[int32]string{
		0: "SEVERITY_UNSPECIFIED",
		1: "SEVERITY_DEBUG",
		2: "SEVERITY_INFO",
		3: "SEVERITY_WARNING",
		4: "SEVERITY_ERROR",
		5: "SEVERITY_FATAL",
	}
	Error_Severity_value = map[string]int32{
		"SEVERITY_UNSPECIFIED": 0,
		"SEVERITY_DEBUG":       1,
		"SEVERITY_INFO":        2,
		"SEVERITY_WARNING":     3,
		"SEVERITY_ERROR":       4,
		"SEVERITY_FATAL":       5,
	}
)

func (x Error_Severity) Enum() *Error_Severity {
	p := new(Error_Severity)
	*p = x
	return p
}

func (x Error_Severity) String() string {
	return protoimpl.X.EnumStringOf(x.Descriptor(), protoreflect.EnumNumber(x))
}

func (Error_Severity) Descriptor() protoreflect.EnumDescriptor {
	return file_callback_dashstreampb_dashstream_proto_enumTypes[8].Descriptor()
}

func (Error_Severity) Type() protoreflect.EnumType {
	return &file_callback_dashstreampb_dashstream_proto_enumTypes[8]
}

func (x Error_Severity) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(x)
}

// Deprecated: Use Error_Severity.Descriptor instead.
func (Error_Severity) EnumDescriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{16, 0}
}

// DashStreamMessage is what a record's value holds, behind the framing byte. The number of each alternative is the
// MessageType of its kind.
type DashStreamMessage struct {
	state protoimpl.MessageState `protogen:"open.v1"`
	// Types that are valid to be assigned to Message:
	//
	//	*DashStreamMessage_Event
	//	*DashStreamMessage_StateDiff
	//	*DashStreamMessage_TokenChunk
	//	*DashStreamMessage_ToolExecution
	//	*DashStreamMessage_Checkpoint
	//	*DashStreamMessage_Metrics
	//	*DashStreamMessage_Error
	//	*DashStreamMessage_EventBatch
	//	*DashStreamMessage_ExecutionTrace
	Message       isDashStreamMessage_Message `protobuf_oneof:"message"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *DashStreamMessage) Reset() {
	*x = DashStreamMessage{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[0]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *DashStreamMessage) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*DashStreamMessage) ProtoMessage() {}

func (x *DashStreamMessage) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[0]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use DashStreamMessage.ProtoReflect.Descriptor instead.
func (*DashStreamMessage) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{0}
}

func (x *DashStreamMessage) GetMessage() isDashStreamMessage_Message {
	if x != nil {
		return x.Message
	}
	return nil
}

func (x *DashStreamMessage) GetEvent() *Event {
	if x != nil {
		if x, ok := x.Message.(*DashStreamMessage_Event); ok {
			return x.Event
		}
	}
	return nil
}

func (x *DashStreamMessage) GetStateDiff() *StateDiff {
	if x != nil {
		if x, ok := x.Message.(*DashStreamMessage_StateDiff); ok {
			return x.StateDiff
		}
	}
	return nil
}

func (x *DashStreamMessage) GetTokenChunk() *TokenChunk {
	if x != nil {
		if x, ok := x.Message.(*DashStreamMessage_TokenChunk); ok {
			return x.TokenChunk
		}
	}
	return nil
}

func (x *DashStreamMessage) GetToolExecution() *ToolExecution {
	if x != nil {
		if x, ok := x.Message.(*DashStreamMessage_ToolExecution); ok {
			return x.ToolExecution
		}
	}
	return nil
}

func (x *DashStreamMessage) GetCheckpoint() *Checkpoint {
	if x != nil {
		if x, ok := x.Message.(*DashStreamMessage_Checkpoint); ok {
			return x.Checkpoint
		}
	}
	return nil
}

func (x *DashStreamMessage) GetMetrics() *Metrics {
	if x != nil {
		if x, ok := x.Message.(*DashStreamMessage_Metrics); ok {
			return x.Metrics
		}
	}
	return nil
}

func (x *DashStreamMessage) GetError() *Error {
	if x != nil {
		if x, ok := x.Message.(*DashStreamMessage_Error); ok {
			return x.Error
		}
	}
	return nil
}

func (x *DashStreamMessage) GetEventBatch() *EventBatch {
	if x != nil {
		if x, ok := x.Message.(*DashStreamMessage_EventBatch); ok {
			return x.EventBatch
		}
	}
	return nil
}

func (x *DashStreamMessage) GetExecutionTrace() *ExecutionTrace {
	if x != nil {
		if x, ok := x.Message.(*DashStreamMessage_ExecutionTrace); ok {
			return x.ExecutionTrace
		}
	}
	return nil
}

type isDashStreamMessage_Message interface {
	isDashStreamMessage_Message()
}

type DashStreamMessage_Event struct {
	Event *Event `protobuf:"bytes,1,opt,name=event,proto3,oneof"`
}

type DashStreamMessage_StateDiff struct {
	StateDiff *StateDiff `protobuf:"bytes,2,opt,name=state_diff,json=stateDiff,proto3,oneof"`
}

type DashStreamMessage_TokenChunk struct {
	TokenChunk *TokenChunk `protobuf:"bytes,3,opt,name=token_chunk,json=tokenChunk,proto3,oneof"`
}

type DashStreamMessage_ToolExecution struct {
	ToolExecution *ToolExecution `protobuf:"bytes,4,opt,name=tool_execution,json=toolExecution,proto3,oneof"`
}

type DashStreamMessage_Checkpoint struct {
	Checkpoint *Checkpoint `protobuf:"bytes,5,opt,name=checkpoint,proto3,oneof"`
}

type DashStreamMessage_Metrics struct {
	Metrics *Metrics `protobuf:"bytes,6,opt,name=metrics,proto3,oneof"`
}

type DashStreamMessage_Error struct {
	Error *Error `protobuf:"bytes,7,opt,name=error,proto3,oneof"`
}

type DashStreamMessage_EventBatch struct {
	EventBatch *EventBatch `protobuf:"bytes,8,opt,name=event_batch,json=eventBatch,proto3,oneof"`
}

type DashStreamMessage_ExecutionTrace struct {
	ExecutionTrace *ExecutionTrace `protobuf:"bytes,9,opt,name=execution_trace,json=executionTrace,proto3,oneof"`
}

func (*DashStreamMessage_Event) isDashStreamMessage_Message() {}

func (*DashStreamMessage_StateDiff) isDashStreamMessage_Message() {}

func (*DashStreamMessage_TokenChunk) isDashStreamMessage_Message() {}

func (*DashStreamMessage_ToolExecution) isDashStreamMessage_Message() {}

func (*DashStreamMessage_Checkpoint) isDashStreamMessage_Message() {}

func (*DashStreamMessage_Metrics) isDashStreamMessage_Message() {}

func (*DashStreamMessage_Error) isDashStreamMessage_Message() {}

func (*DashStreamMessage_EventBatch) isDashStreamMessage_Message() {}

func (*DashStreamMessage_ExecutionTrace) isDashStreamMessage_Message() {}

// Header is carried by every message, and by every event inside a batch.
type Header struct {
	state protoimpl.MessageState `protogen:"open.v1"`
	// The 16 raw bytes of a UUID, unique to the message. Readers deduplicate by it.
	MessageId []byte `protobuf:"bytes,1,opt,name=message_id,json=messageId,proto3" json:"message_id,omitempty"`
	// When it happened, in microseconds since the Unix epoch.
	TimestampUs int64  `protobuf:"varint,2,opt,name=timestamp_us,json=timestampUs,proto3" json:"timestamp_us,omitempty"`
	TenantId    string `protobuf:"bytes,3,opt,name=tenant_id,json=tenantId,proto3" json:"tenant_id,omitempty"`
	// The thread (conversation, session) that the message belongs to: non-empty, at most 256 bytes, the key of its
	// record.
	ThreadId string `protobuf:"bytes,4,opt,name=thread_id,json=threadId,proto3" json:"thread_id,omitempty"`
	// The message's number in its thread, from 1. 0 means none, which only an EventBatch and a producer's report have.
	Sequence uint64 `protobuf:"varint,5,opt,name=sequence,proto3" json:"sequence,omitempty"`
	// The kind of the message that this header belongs to.
	Type MessageType `protobuf:"varint,6,opt,name=type,proto3,enum=dashstream.v1.MessageType" json:"type,omitempty"`
	// The message_id of the start that encloses this message, or whose end it is. Empty at the top.
	ParentId []byte `protobuf:"bytes,7,opt,name=parent_id,json=parentId,proto3" json:"parent_id,omitempty"`
	// The compression of the record's body, as its framing byte says it.
	Compression CompressionType `protobuf:"varint,8,opt,name=compression,proto3,enum=dashstream.v1.CompressionType" json:"compression,omitempty"`
	// 1. Readers refuse a higher one.
	SchemaVersion uint32 `protobuf:"varint,9,opt,name=schema_version,json=schemaVersion,proto3" json:"schema_version,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *Header) Reset() {
	*x = Header{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[1]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *Header) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*Header) ProtoMessage() {}

func (x *Header) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[1]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use Header.ProtoReflect.Descriptor instead.
func (*Header) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{1}
}

func (x *Header) GetMessageId() []byte {
	if x != nil {
		return x.MessageId
	}
	return nil
}

func (x *Header) GetTimestampUs() int64 {
	if x != nil {
		return x.TimestampUs
	}
	return 0
}

func (x *Header) GetTenantId() string {
	if x != nil {
		return x.TenantId
	}
	return ""
}

func (x *Header) GetThreadId() string {
	if x != nil {
		return x.ThreadId
	}
	return ""
}

func (x *Header) GetSequence() uint64 {
	if x != nil {
		return x.Sequence
	}
	return 0
}

func (x *Header) GetType() MessageType {
	if x != nil {
		return x.Type
	}
	return MessageType_MESSAGE_TYPE_UNSPECIFIED
}

func (x *Header) GetParentId() []byte {
	if x != nil {
		return x.ParentId
	}
	return nil
}

func (x *Header) GetCompression() CompressionType {
	if x != nil {
		return x.Compression
	}
	return CompressionType_COMPRESSION_NONE
}

func (x *Header) GetSchemaVersion() uint32 {
	if x != nil {
		return x.SchemaVersion
	}
	return 0
}

// Event is one thing that happened in a run.
type Event struct {
	state     protoimpl.MessageState `protogen:"open.v1"`
	Header    *Header                `protobuf:"bytes,1,opt,name=header,proto3" json:"header,omitempty"`
	EventType EventType              `protobuf:"varint,2,opt,name=event_type,json=eventType,proto3,enum=dashstream.v1.EventType" json:"event_type,omitempty"`
	// The node that it is about. Empty when it is about the graph.
	NodeId string `protobuf:"bytes,3,opt,name=node_id,json=nodeId,proto3" json:"node_id,omitempty"`
	// The table above says which are known.
	Attributes map[string]*AttributeValue `protobuf:"bytes,4,rep,name=attributes,proto3" json:"attributes,omitempty" protobuf_key:"bytes,1,opt,name=key" protobuf_val:"bytes,2,opt,name=value"`
	// How long what ended has taken, in microseconds. Ends and errors repeat it as an attribute.
	DurationUs int64 `protobuf:"varint,5,opt,name=duration_us,json=durationUs,proto3" json:"duration_us,omitempty"`
	// The request to a model that the event is about, as in TokenChunk.request_id.
	LlmRequestId  string `protobuf:"bytes,6,opt,name=llm_request_id,json=llmRequestId,proto3" json:"llm_request_id,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *Event) Reset() {
	*x = Event{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[2]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *Event) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*Event) ProtoMessage() {}

func (x *Event) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[2]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use Event.ProtoReflect.Descriptor instead.
func (*Event) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{2}
}

func (x *Event) GetHeader() *Header {
	if x != nil {
		return x.Header
	}
	return nil
}

func (x *Event) GetEventType() EventType {
	if x != nil {
		return x.EventType
	}
	return EventType_EVENT_TYPE_UNSPECIFIED
}

func (x *Event) GetNodeId() string {
	if x != nil {
		return x.NodeId
	}
	return ""
}

func (x *Event) GetAttributes() map[string]*AttributeValue {
	if x != nil {
		return x.Attributes
	}
	return nil
}

func (x *Event) GetDurationUs() int64 {
	if x != nil {
		return x.DurationUs
	}
	return 0
}

func (x *Event) GetLlmRequestId() string {
	if x != nil {
		return x.LlmRequestId
	}
	return ""
}

// EventBatch carries consecutive events of one thread. A message of any other kind is a record of its own.
type EventBatch struct {
	state protoimpl.MessageState `protogen:"open.v1"`
	// sequence is 0; thread_id is that of every event.
	Header        *Header  `protobuf:"bytes,1,opt,name=header,proto3" json:"header,omitempty"`
	Events        []*Event `protobuf:"bytes,2,rep,name=events,proto3" json:"events,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *EventBatch) Reset() {
	*x = EventBatch{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[3]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *EventBatch) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*EventBatch) ProtoMessage() {}

func (x *EventBatch) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[3]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use EventBatch.ProtoReflect.Descriptor instead.
func (*EventBatch) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{3}
}

func (x *EventBatch) GetHeader() *Header {
	if x != nil {
		return x.Header
	}
	return nil
}

func (x *EventBatch) GetEvents() []*Event {
	if x != nil {
		return x.Events
	}
	return nil
}

// AttributeValue is the value of an event's attribute. One with nothing set is null.
type AttributeValue struct {
	state protoimpl.MessageState `protogen:"open.v1"`
	// Types that are valid to be assigned to Value:
	//
	//	*AttributeValue_StringValue
	//	*AttributeValue_IntValue
	//	*AttributeValue_FloatValue
	//	*AttributeValue_BoolValue
	//	*AttributeValue_BytesValue
	//	*AttributeValue_ArrayValue
	//	*AttributeValue_MapValue
	Value         isAttributeValue_Value `protobuf_oneof:"value"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *AttributeValue) Reset() {
	*x = AttributeValue{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[4]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *AttributeValue) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*AttributeValue) ProtoMessage() {}

func (x *AttributeValue) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[4]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use AttributeValue.ProtoReflect.Descriptor instead.
func (*AttributeValue) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{4}
}

func (x *AttributeValue) GetValue() isAttributeValue_Value {
	if x != nil {
		return x.Value
	}
	return nil
}

func (x *AttributeValue) GetStringValue() string {
	if x != nil {
		if x, ok := x.Value.(*AttributeValue_StringValue); ok {
			return x.StringValue
		}
	}
	return ""
}

func (x *AttributeValue) GetIntValue() int64 {
	if x != nil {
		if x, ok := x.Value.(*AttributeValue_IntValue); ok {
			return x.IntValue
		}
	}
	return 0
}

func (x *AttributeValue) GetFloatValue() float64 {
	if x != nil {
		if x, ok := x.Value.(*AttributeValue_FloatValue); ok {
			return x.FloatValue
		}
	}
	return 0
}

func (x *AttributeValue) GetBoolValue() bool {
	if x != nil {
		if x, ok := x.Value.(*AttributeValue_BoolValue); ok {
			return x.BoolValue
		}
	}
	return false
}

func (x *AttributeValue) GetBytesValue() []byte {
	if x != nil {
		if x, ok := x.Value.(*AttributeValue_BytesValue); ok {
			return x.BytesValue
		}
	}
	return nil
}

func (x *AttributeValue) GetArrayValue() *AttributeArray {
	if x != nil {
		if x, ok := x.Value.(*AttributeValue_ArrayValue); ok {
			return x.ArrayValue
		}
	}
	return nil
}

func (x *AttributeValue) GetMapValue() *AttributeMap {
	if x != nil {
		if x, ok := x.Value.(*AttributeValue_MapValue); ok {
			return x.MapValue
		}
	}
	return nil
}

type isAttributeValue_Value interface {
	isAttributeValue_Value()
}

type AttributeValue_StringValue struct {
	StringValue string `protobuf:"bytes,1,opt,name=string_value,json=stringValue,proto3,oneof"`
}

type AttributeValue_IntValue struct {
	IntValue int64 `protobuf:"varint,2,opt,name=int_value,json=intValue,proto3,oneof"`
}

type AttributeValue_FloatValue struct {
	FloatValue float64 `protobuf:"fixed64,3,opt,name=float_value,json=floatValue,proto3,oneof"`
}

type AttributeValue_BoolValue struct {
	BoolValue bool `protobuf:"varint,4,opt,name=bool_value,json=boolValue,proto3,oneof"`
}

type AttributeValue_BytesValue struct {
	BytesValue []byte `protobuf:"bytes,5,opt,name=bytes_value,json=bytesValue,proto3,oneof"`
}

type AttributeValue_ArrayValue struct {
	ArrayValue *AttributeArray `protobuf:"bytes,6,opt,name=array_value,json=arrayValue,proto3,oneof"`
}

type AttributeValue_MapValue struct {
	MapValue *AttributeMap `protobuf:"bytes,7,opt,name=map_value,json=mapValue,proto3,oneof"`
}

func (*AttributeValue_StringValue) isAttributeValue_Value() {}

func (*AttributeValue_IntValue) isAttributeValue_Value() {}

func (*AttributeValue_FloatValue) isAttributeValue_Value() {}

func (*AttributeValue_BoolValue) isAttributeValue_Value() {}

func (*AttributeValue_BytesValue) isAttributeValue_Value() {}

func (*AttributeValue_ArrayValue) isAttributeValue_Value() {}

func (*AttributeValue_MapValue) isAttributeValue_Value() {}

type AttributeArray struct {
	state         protoimpl.MessageState `protogen:"open.v1"`
	Values        []*AttributeValue      `protobuf:"bytes,1,rep,name=values,proto3" json:"values,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *AttributeArray) Reset() {
	*x = AttributeArray{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[5]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *AttributeArray) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*AttributeArray) ProtoMessage() {}

func (x *AttributeArray) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[5]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use AttributeArray.ProtoReflect.Descriptor instead.
func (*AttributeArray) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{5}
}

func (x *AttributeArray) GetValues() []*AttributeValue {
	if x != nil {
		return x.Values
	}
	return nil
}

type AttributeMap struct {
	state         protoimpl.MessageState     `protogen:"open.v1"`
	Values        map[string]*AttributeValue `protobuf:"bytes,1,rep,name=values,proto3" json:"values,omitempty" protobuf_key:"bytes,1,opt,name=key" protobuf_val:"bytes,2,opt,name=value"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *AttributeMap) Reset() {
	*x = AttributeMap{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[6]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *AttributeMap) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*AttributeMap) ProtoMessage() {}

func (x *AttributeMap) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[6]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use AttributeMap.ProtoReflect.Descriptor instead.
func (*AttributeMap) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{6}
}

func (x *AttributeMap) GetValues() map[string]*AttributeValue {
	if x != nil {
		return x.Values
	}
	return nil
}

// StateDiff turns the thread's previous state into its next one.
type StateDiff struct {
	state  protoimpl.MessageState `protogen:"open.v1"`
	Header *Header                `protobuf:"bytes,1,opt,name=header,proto3" json:"header,omitempty"`
	// Empty, or a checkpoint of this thread that was sent before.
	BaseCheckpointId []byte `protobuf:"bytes,2,opt,name=base_checkpoint_id,json=baseCheckpointId,proto3" json:"base_checkpoint_id,omitempty"`
	// RFC 6902, in order. Ignored when full_state is there.
	Operations []*DiffOperation `protobuf:"bytes,3,rep,name=operations,proto3" json:"operations,omitempty"`
	// SHA-256 of the canonical JSON (RFC 8785) of the state after this diff. Empty when it cannot be verified.
	StateHash []byte `protobuf:"bytes,4,opt,name=state_hash,json=stateHash,proto3" json:"state_hash,omitempty"`
	// The whole state as plain JSON. It takes precedence over operations.
	FullState     []byte `protobuf:"bytes,5,opt,name=full_state,json=fullState,proto3" json:"full_state,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *StateDiff) Reset() {
	*x = StateDiff{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[7]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *StateDiff) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*StateDiff) ProtoMessage() {}

func (x *StateDiff) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[7]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use StateDiff.ProtoReflect.Descriptor instead.
func (*StateDiff) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{7}
}

func (x *StateDiff) GetHeader() *Header {
	if x != nil {
		return x.Header
	}
	return nil
}

func (x *StateDiff) GetBaseCheckpointId() []byte {
	if x != nil {
		return x.BaseCheckpointId
	}
	return nil
}

func (x *StateDiff) GetOperations() []*DiffOperation {
	if x != nil {
		return x.Operations
	}
	return nil
}

func (x *StateDiff) GetStateHash() []byte {
	if x != nil {
		return x.StateHash
	}
	return nil
}

func (x *StateDiff) GetFullState() []byte {
	if x != nil {
		return x.FullState
	}
	return nil
}

// DiffOperation is one operation of RFC 6902.
type DiffOperation struct {
	state protoimpl.MessageState `protogen:"open.v1"`
	// Written even when it is 0.
	Op DiffOperation_OpType `protobuf:"varint,1,opt,name=op,proto3,enum=dashstream.v1.DiffOperation_OpType" json:"op,omitempty"`
	// A JSON pointer (RFC 6901).
	Path string `protobuf:"bytes,2,opt,name=path,proto3" json:"path,omitempty"`
	// The operand of ADD, REPLACE and TEST.
	Value []byte `protobuf:"bytes,3,opt,name=value,proto3" json:"value,omitempty"`
	// The JSON pointer that MOVE and COPY read from.
	From string `protobuf:"bytes,4,opt,name=from,proto3" json:"from,omitempty"`
	// How value is encoded. Written even when it is 0.
	Encoding      DiffOperation_ValueEncoding `protobuf:"varint,5,opt,name=encoding,proto3,enum=dashstream.v1.DiffOperation_ValueEncoding" json:"encoding,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *DiffOperation) Reset() {
	*x = DiffOperation{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[8]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *DiffOperation) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*DiffOperation) ProtoMessage() {}

func (x *DiffOperation) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[8]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use DiffOperation.ProtoReflect.Descriptor instead.
func (*DiffOperation) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{8}
}

func (x *DiffOperation) GetOp() DiffOperation_OpType {
	if x != nil {
		return x.Op
	}
	return DiffOperation_OP_TYPE_ADD
}

func (x *DiffOperation) GetPath() string {
	if x != nil {
		return x.Path
	}
	return ""
}

func (x *DiffOperation) GetValue() []byte {
	if x != nil {
		return x.Value
	}
	return nil
}

func (x *DiffOperation) GetFrom() string {
	if x != nil {
		return x.From
	}
	return ""
}

func (x *DiffOperation) GetEncoding() DiffOperation_ValueEncoding {
	if x != nil {
		return x.Encoding
	}
	return DiffOperation_VALUE_ENCODING_JSON
}

// TokenChunk is a piece of a model's streamed answer.
type TokenChunk struct {
	state     protoimpl.MessageState `protogen:"open.v1"`
	Header    *Header                `protobuf:"bytes,1,opt,name=header,proto3" json:"header,omitempty"`
	RequestId string                 `protobuf:"bytes,2,opt,name=request_id,json=requestId,proto3" json:"request_id,omitempty"`
	Text      string                 `protobuf:"bytes,3,opt,name=text,proto3" json:"text,omitempty"`
	TokenIds  []uint32               `protobuf:"varint,4,rep,packed,name=token_ids,json=tokenIds,proto3" json:"token_ids,omitempty"`
	Logprobs  []float32              `protobuf:"fixed32,5,rep,packed,name=logprobs,proto3" json:"logprobs,omitempty"`
	// The index of the first chunk when several were merged.
	ChunkIndex    uint32                  `protobuf:"varint,6,opt,name=chunk_index,json=chunkIndex,proto3" json:"chunk_index,omitempty"`
	IsFinal       bool                    `protobuf:"varint,7,opt,name=is_final,json=isFinal,proto3" json:"is_final,omitempty"`
	FinishReason  TokenChunk_FinishReason `protobuf:"varint,8,opt,name=finish_reason,json=finishReason,proto3,enum=dashstream.v1.TokenChunk_FinishReason" json:"finish_reason,omitempty"`
	Model         string                  `protobuf:"bytes,9,opt,name=model,proto3" json:"model,omitempty"`
	Stats         *TokenStats             `protobuf:"bytes,10,opt,name=stats,proto3" json:"stats,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *TokenChunk) Reset() {
	*x = TokenChunk{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[9]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *TokenChunk) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*TokenChunk) ProtoMessage() {}

func (x *TokenChunk) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[9]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use TokenChunk.ProtoReflect.Descriptor instead.
func (*TokenChunk) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{9}
}

func (x *TokenChunk) GetHeader() *Header {
	if x != nil {
		return x.Header
	}
	return nil
}

func (x *TokenChunk) GetRequestId() string {
	if x != nil {
		return x.RequestId
	}
	return ""
}

func (x *TokenChunk) GetText() string {
	if x != nil {
		return x.Text
	}
	return ""
}

func (x *TokenChunk) GetTokenIds() []uint32 {
	if x != nil {
		return x.TokenIds
	}
	return nil
}

func (x *TokenChunk) GetLogprobs() []float32 {
	if x != nil {
		return x.Logprobs
	}
	return nil
}

func (x *TokenChunk) GetChunkIndex() uint32 {
	if x != nil {
		return x.ChunkIndex
	}
	return 0
}

func (x *TokenChunk) GetIsFinal() bool {
	if x != nil {
		return x.IsFinal
	}
	return false
}

func (x *TokenChunk) GetFinishReason() TokenChunk_FinishReason {
	if x != nil {
		return x.FinishReason
	}
	return TokenChunk_FINISH_REASON_NONE
}

func (x *TokenChunk) GetModel() string {
	if x != nil {
		return x.Model
	}
	return ""
}

func (x *TokenChunk) GetStats() *TokenStats {
	if x != nil {
		return x.Stats
	}
	return nil
}

type TokenStats struct {
	state            protoimpl.MessageState `protogen:"open.v1"`
	PromptTokens     uint32                 `protobuf:"varint,1,opt,name=prompt_tokens,json=promptTokens,proto3" json:"prompt_tokens,omitempty"`
	CompletionTokens uint32                 `protobuf:"varint,2,opt,name=completion_tokens,json=completionTokens,proto3" json:"completion_tokens,omitempty"`
	TotalTokens      uint32                 `protobuf:"varint,3,opt,name=total_tokens,json=totalTokens,proto3" json:"total_tokens,omitempty"`
	unknownFields    protoimpl.UnknownFields
	sizeCache        protoimpl.SizeCache
}

func (x *TokenStats) Reset() {
	*x = TokenStats{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[10]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *TokenStats) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*TokenStats) ProtoMessage() {}

func (x *TokenStats) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[10]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use TokenStats.ProtoReflect.Descriptor instead.
func (*TokenStats) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{10}
}

func (x *TokenStats) GetPromptTokens() uint32 {
	if x != nil {
		return x.PromptTokens
	}
	return 0
}

func (x *TokenStats) GetCompletionTokens() uint32 {
	if x != nil {
		return x.CompletionTokens
	}
	return 0
}

func (x *TokenStats) GetTotalTokens() uint32 {
	if x != nil {
		return x.TotalTokens
	}
	return 0
}

// ToolExecution is a stage in the life of one call of a tool.
type ToolExecution struct {
	state    protoimpl.MessageState       `protogen:"open.v1"`
	Header   *Header                      `protobuf:"bytes,1,opt,name=header,proto3" json:"header,omitempty"`
	CallId   string                       `protobuf:"bytes,2,opt,name=call_id,json=callId,proto3" json:"call_id,omitempty"`
	ToolName string                       `protobuf:"bytes,3,opt,name=tool_name,json=toolName,proto3" json:"tool_name,omitempty"`
	Stage    ToolExecution_ExecutionStage `protobuf:"varint,4,opt,name=stage,proto3,enum=dashstream.v1.ToolExecution_ExecutionStage" json:"stage,omitempty"`
	// JSON.
	Arguments     []byte `protobuf:"bytes,5,opt,name=arguments,proto3" json:"arguments,omitempty"`
	Result        []byte `protobuf:"bytes,6,opt,name=result,proto3" json:"result,omitempty"`
	Error         string `protobuf:"bytes,7,opt,name=error,proto3" json:"error,omitempty"`
	ErrorDetails  *Error `protobuf:"bytes,8,opt,name=error_details,json=errorDetails,proto3" json:"error_details,omitempty"`
	DurationUs    int64  `protobuf:"varint,9,opt,name=duration_us,json=durationUs,proto3" json:"duration_us,omitempty"`
	RetryCount    uint32 `protobuf:"varint,10,opt,name=retry_count,json=retryCount,proto3" json:"retry_count,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *ToolExecution) Reset() {
	*x = ToolExecution{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[11]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *ToolExecution) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*ToolExecution) ProtoMessage() {}

func (x *ToolExecution) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[11]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use ToolExecution.ProtoReflect.Descriptor instead.
func (*ToolExecution) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{11}
}

func (x *ToolExecution) GetHeader() *Header {
	if x != nil {
		return x.Header
	}
	return nil
}

func (x *ToolExecution) GetCallId() string {
	if x != nil {
		return x.CallId
	}
	return ""
}

func (x *ToolExecution) GetToolName() string {
	if x != nil {
		return x.ToolName
	}
	return ""
}

func (x *ToolExecution) GetStage() ToolExecution_ExecutionStage {
	if x != nil {
		return x.Stage
	}
	return ToolExecution_EXECUTION_STAGE_UNSPECIFIED
}

func (x *ToolExecution) GetArguments() []byte {
	if x != nil {
		return x.Arguments
	}
	return nil
}

func (x *ToolExecution) GetResult() []byte {
	if x != nil {
		return x.Result
	}
	return nil
}

func (x *ToolExecution) GetError() string {
	if x != nil {
		return x.Error
	}
	return ""
}

func (x *ToolExecution) GetErrorDetails() *Error {
	if x != nil {
		return x.ErrorDetails
	}
	return nil
}

func (x *ToolExecution) GetDurationUs() int64 {
	if x != nil {
		return x.DurationUs
	}
	return 0
}

func (x *ToolExecution) GetRetryCount() uint32 {
	if x != nil {
		return x.RetryCount
	}
	return 0
}

// Checkpoint is a whole state that a StateDiff can be based on.
type Checkpoint struct {
	state        protoimpl.MessageState `protogen:"open.v1"`
	Header       *Header                `protobuf:"bytes,1,opt,name=header,proto3" json:"header,omitempty"`
	CheckpointId []byte                 `protobuf:"bytes,2,opt,name=checkpoint_id,json=checkpointId,proto3" json:"checkpoint_id,omitempty"`
	// Plain JSON, never compressed.
	State     []byte `protobuf:"bytes,3,opt,name=state,proto3" json:"state,omitempty"`
	StateType string `protobuf:"bytes,4,opt,name=state_type,json=stateType,proto3" json:"state_type,omitempty"`
	// SHA-256 of state.
	Checksum []byte `protobuf:"bytes,5,opt,name=checksum,proto3" json:"checksum,omitempty"`
	// Where the state is stored when it is not here.
	StorageUri      string            `protobuf:"bytes,6,opt,name=storage_uri,json=storageUri,proto3" json:"storage_uri,omitempty"`
	CompressionInfo *CompressionInfo  `protobuf:"bytes,7,opt,name=compression_info,json=compressionInfo,proto3" json:"compression_info,omitempty"`
	Metadata        map[string]string `protobuf:"bytes,8,rep,name=metadata,proto3" json:"metadata,omitempty" protobuf_key:"bytes,1,opt,name=key" protobuf_val:"bytes,2,opt,name=value"`
	unknownFields   protoimpl.UnknownFields
	sizeCache       protoimpl.SizeCache
}

func (x *Checkpoint) Reset() {
	*x = Checkpoint{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[12]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *Checkpoint) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*Checkpoint) ProtoMessage() {}

func (x *Checkpoint) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[12]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use Checkpoint.ProtoReflect.Descriptor instead.
func (*Checkpoint) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{12}
}

func (x *Checkpoint) GetHeader() *Header {
	if x != nil {
		return x.Header
	}
	return nil
}

func (x *Checkpoint) GetCheckpointId() []byte {
	if x != nil {
		return x.CheckpointId
	}
	return nil
}

func (x *Checkpoint) GetState() []byte {
	if x != nil {
		return x.State
	}
	return nil
}

func (x *Checkpoint) GetStateType() string {
	if x != nil {
		return x.StateType
	}
	return ""
}

func (x *Checkpoint) GetChecksum() []byte {
	if x != nil {
		return x.Checksum
	}
	return nil
}

func (x *Checkpoint) GetStorageUri() string {
	if x != nil {
		return x.StorageUri
	}
	return ""
}

func (x *Checkpoint) GetCompressionInfo() *CompressionInfo {
	if x != nil {
		return x.CompressionInfo
	}
	return nil
}

func (x *Checkpoint) GetMetadata() map[string]string {
	if x != nil {
		return x.Metadata
	}
	return nil
}

type CompressionInfo struct {
	state            protoimpl.MessageState `protogen:"open.v1"`
	Type             CompressionType        `protobuf:"varint,1,opt,name=type,proto3,enum=dashstream.v1.CompressionType" json:"type,omitempty"`
	CompressedSize   uint64                 `protobuf:"varint,2,opt,name=compressed_size,json=compressedSize,proto3" json:"compressed_size,omitempty"`
	UncompressedSize uint64                 `protobuf:"varint,3,opt,name=uncompressed_size,json=uncompressedSize,proto3" json:"uncompressed_size,omitempty"`
	CompressionRatio float32                `protobuf:"fixed32,4,opt,name=compression_ratio,json=compressionRatio,proto3" json:"compression_ratio,omitempty"`
	unknownFields    protoimpl.UnknownFields
	sizeCache        protoimpl.SizeCache
}

func (x *CompressionInfo) Reset() {
	*x = CompressionInfo{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[13]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *CompressionInfo) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*CompressionInfo) ProtoMessage() {}

func (x *CompressionInfo) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[13]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use CompressionInfo.ProtoReflect.Descriptor instead.
func (*CompressionInfo) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{13}
}

func (x *CompressionInfo) GetType() CompressionType {
	if x != nil {
		return x.Type
	}
	return CompressionType_COMPRESSION_NONE
}

func (x *CompressionInfo) GetCompressedSize() uint64 {
	if x != nil {
		return x.CompressedSize
	}
	return 0
}

func (x *CompressionInfo) GetUncompressedSize() uint64 {
	if x != nil {
		return x.UncompressedSize
	}
	return 0
}

func (x *CompressionInfo) GetCompressionRatio() float32 {
	if x != nil {
		return x.CompressionRatio
	}
	return 0
}

// Metrics are measurements of something that scope and scope_id name.
//
// Scope "quality" has the thread as its scope_id, the metrics accuracy, relevance, completeness, quality_score (float,
// unit "ratio", gauges) and passed (bool, unit "bool", gauge), and the tags thread_id and tenant_id. Scope
// "dashstream_callback" is the producer's report on itself.
//
// Scope "dashstream_loss" states what a producer lost, so that a reader can tell explained gaps from others. It is in the
// thread of the producer's reports, "dashstream-callback/" and its instance, with sequence 0; scope_id is the instance.
// The tags are instance, epoch, service, host, pid and version as in the report, and number, which counts the statements
// of an epoch from 1. The keys of metrics are "1", "2" and so on; each value is a string, unit "messages", that holds a
// JSON object in which numbers are decimal strings:
//
//		{"thread_id":"t","first":"3","last":"9","count":"7","events":"12","message_type":"event","reason":"queue_full"}
//
//	  - count of the numbers from first to last of the thread are missing: all of them, or, if it is less, some of which it
//	    is not said which. events of the application's events were in them; merged tokens are many.
//	  - message_type is the name of a field of DashStreamMessage whose messages have a number of their own.
//	  - reason is queue_full, too_large, timeout, rejected, closed, shutdown, internal, shed (on purpose, under pressure) or
//	    unacknowledged (given up after it may have arrived; if it did, nothing is missing). A reader accepts others.
//
// A statement may come before or after the gap is seen, and more than once (deduplicate by message_id). It may name
// numbers before the first one that arrived, after the last one, and threads of which nothing arrived. A number that
// arrived is not missing, whatever a statement says. Statements explain at most the sum of their counts in the range that
// they cover together; what is missing beyond that is unexplained. A reader that knows nothing of this ignores them, as it
// ignores sequence 0.
type Metrics struct {
	state         protoimpl.MessageState  `protogen:"open.v1"`
	Header        *Header                 `protobuf:"bytes,1,opt,name=header,proto3" json:"header,omitempty"`
	Scope         string                  `protobuf:"bytes,2,opt,name=scope,proto3" json:"scope,omitempty"`
	ScopeId       string                  `protobuf:"bytes,3,opt,name=scope_id,json=scopeId,proto3" json:"scope_id,omitempty"`
	Metrics       map[string]*MetricValue `protobuf:"bytes,4,rep,name=metrics,proto3" json:"metrics,omitempty" protobuf_key:"bytes,1,opt,name=key" protobuf_val:"bytes,2,opt,name=value"`
	Tags          map[string]string       `protobuf:"bytes,5,rep,name=tags,proto3" json:"tags,omitempty" protobuf_key:"bytes,1,opt,name=key" protobuf_val:"bytes,2,opt,name=value"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *Metrics) Reset() {
	*x = Metrics{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[14]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *Metrics) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*Metrics) ProtoMessage() {}

func (x *Metrics) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[14]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use Metrics.ProtoReflect.Descriptor instead.
func (*Metrics) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{14}
}

func (x *Metrics) GetHeader() *Header {
	if x != nil {
		return x.Header
	}
	return nil
}

func (x *Metrics) GetScope() string {
	if x != nil {
		return x.Scope
	}
	return ""
}

func (x *Metrics) GetScopeId() string {
	if x != nil {
		return x.ScopeId
	}
	return ""
}

func (x *Metrics) GetMetrics() map[string]*MetricValue {
	if x != nil {
		return x.Metrics
	}
	return nil
}

func (x *Metrics) GetTags() map[string]string {
	if x != nil {
		return x.Tags
	}
	return nil
}

type MetricValue struct {
	state protoimpl.MessageState `protogen:"open.v1"`
	// Types that are valid to be assigned to Value:
	//
	//	*MetricValue_IntValue
	//	*MetricValue_FloatValue
	//	*MetricValue_StringValue
	//	*MetricValue_BoolValue
	//	*MetricValue_BytesValue
	Value         isMetricValue_Value    `protobuf_oneof:"value"`
	Unit          string                 `protobuf:"bytes,6,opt,name=unit,proto3" json:"unit,omitempty"`
	Type          MetricValue_MetricType `protobuf:"varint,7,opt,name=type,proto3,enum=dashstream.v1.MetricValue_MetricType" json:"type,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *MetricValue) Reset() {
	*x = MetricValue{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[15]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *MetricValue) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*MetricValue) ProtoMessage() {}

func (x *MetricValue) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[15]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use MetricValue.ProtoReflect.Descriptor instead.
func (*MetricValue) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{15}
}

func (x *MetricValue) GetValue() isMetricValue_Value {
	if x != nil {
		return x.Value
	}
	return nil
}

func (x *MetricValue) GetIntValue() int64 {
	if x != nil {
		if x, ok := x.Value.(*MetricValue_IntValue); ok {
			return x.IntValue
		}
	}
	return 0
}

func (x *MetricValue) GetFloatValue() float64 {
	if x != nil {
		if x, ok := x.Value.(*MetricValue_FloatValue); ok {
			return x.FloatValue
		}
	}
	return 0
}

func (x *MetricValue) GetStringValue() string {
	if x != nil {
		if x, ok := x.Value.(*MetricValue_StringValue); ok {
			return x.StringValue
		}
	}
	return ""
}

func (x *MetricValue) GetBoolValue() bool {
	if x != nil {
		if x, ok := x.Value.(*MetricValue_BoolValue); ok {
			return x.BoolValue
		}
	}
	return false
}

func (x *MetricValue) GetBytesValue() []byte {
	if x != nil {
		if x, ok := x.Value.(*MetricValue_BytesValue); ok {
			return x.BytesValue
		}
	}
	return nil
}

func (x *MetricValue) GetUnit() string {
	if x != nil {
		return x.Unit
	}
	return ""
}

func (x *MetricValue) GetType() MetricValue_MetricType {
	if x != nil {
		return x.Type
	}
	return MetricValue_METRIC_TYPE_UNSPECIFIED
}

type isMetricValue_Value interface {
	isMetricValue_Value()
}

type MetricValue_IntValue struct {
	IntValue int64 `protobuf:"varint,1,opt,name=int_value,json=intValue,proto3,oneof"`
}

type MetricValue_FloatValue struct {
	FloatValue float64 `protobuf:"fixed64,2,opt,name=float_value,json=floatValue,proto3,oneof"`
}

type MetricValue_StringValue struct {
	StringValue string `protobuf:"bytes,3,opt,name=string_value,json=stringValue,proto3,oneof"`
}

type MetricValue_BoolValue struct {
	BoolValue bool `protobuf:"varint,4,opt,name=bool_value,json=boolValue,proto3,oneof"`
}

type MetricValue_BytesValue struct {
	BytesValue []byte `protobuf:"bytes,5,opt,name=bytes_value,json=bytesValue,proto3,oneof"`
}

func (*MetricValue_IntValue) isMetricValue_Value() {}

func (*MetricValue_FloatValue) isMetricValue_Value() {}

func (*MetricValue_StringValue) isMetricValue_Value() {}

func (*MetricValue_BoolValue) isMetricValue_Value() {}

func (*MetricValue_BytesValue) isMetricValue_Value() {}

// Error is a failure that is worth a message of its own.
type Error struct {
	state         protoimpl.MessageState `protogen:"open.v1"`
	Header        *Header                `protobuf:"bytes,1,opt,name=header,proto3" json:"header,omitempty"`
	ErrorCode     string                 `protobuf:"bytes,2,opt,name=error_code,json=errorCode,proto3" json:"error_code,omitempty"`
	Message       string                 `protobuf:"bytes,3,opt,name=message,proto3" json:"message,omitempty"`
	StackTrace    string                 `protobuf:"bytes,4,opt,name=stack_trace,json=stackTrace,proto3" json:"stack_trace,omitempty"`
	Context       map[string]string      `protobuf:"bytes,5,rep,name=context,proto3" json:"context,omitempty" protobuf_key:"bytes,1,opt,name=key" protobuf_val:"bytes,2,opt,name=value"`
	Severity      Error_Severity         `protobuf:"varint,6,opt,name=severity,proto3,enum=dashstream.v1.Error_Severity" json:"severity,omitempty"`
	ExceptionType string                 `protobuf:"bytes,7,opt,name=exception_type,json=exceptionType,proto3" json:"exception_type,omitempty"`
	Suggestions   []string               `protobuf:"bytes,8,rep,name=suggestions,proto3" json:"suggestions,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *Error) Reset() {
	*x = Error{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[16]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *Error) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*Error) ProtoMessage() {}

func (x *Error) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[16]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use Error.ProtoReflect.Descriptor instead.
func (*Error) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{16}
}

func (x *Error) GetHeader() *Header {
	if x != nil {
		return x.Header
	}
	return nil
}

func (x *Error) GetErrorCode() string {
	if x != nil {
		return x.ErrorCode
	}
	return ""
}

func (x *Error) GetMessage() string {
	if x != nil {
		return x.Message
	}
	return ""
}

func (x *Error) GetStackTrace() string {
	if x != nil {
		return x.StackTrace
	}
	return ""
}

func (x *Error) GetContext() map[string]string {
	if x != nil {
		return x.Context
	}
	return nil
}

func (x *Error) GetSeverity() Error_Severity {
	if x != nil {
		return x.Severity
	}
	return Error_SEVERITY_UNSPECIFIED
}

func (x *Error) GetExceptionType() string {
	if x != nil {
		return x.ExceptionType
	}
	return ""
}

func (x *Error) GetSuggestions() []string {
	if x != nil {
		return x.Suggestions
	}
	return nil
}

// ExecutionTrace is a whole run, told when it is over.
type ExecutionTrace struct {
	state           protoimpl.MessageState `protogen:"open.v1"`
	Header          *Header                `protobuf:"bytes,1,opt,name=header,proto3" json:"header,omitempty"`
	ThreadId        string                 `protobuf:"bytes,2,opt,name=thread_id,json=threadId,proto3" json:"thread_id,omitempty"`
	ExecutionId     string                 `protobuf:"bytes,3,opt,name=execution_id,json=executionId,proto3" json:"execution_id,omitempty"`
	NodesExecuted   []*NodeExecutionRecord `protobuf:"bytes,4,rep,name=nodes_executed,json=nodesExecuted,proto3" json:"nodes_executed,omitempty"`
	TotalDurationMs uint64                 `protobuf:"varint,5,opt,name=total_duration_ms,json=totalDurationMs,proto3" json:"total_duration_ms,omitempty"`
	TotalTokens     uint64                 `protobuf:"varint,6,opt,name=total_tokens,json=totalTokens,proto3" json:"total_tokens,omitempty"`
	Errors          []*ErrorRecord         `protobuf:"bytes,7,rep,name=errors,proto3" json:"errors,omitempty"`
	Completed       bool                   `protobuf:"varint,8,opt,name=completed,proto3" json:"completed,omitempty"`
	// ISO 8601, here and in the records below.
	StartedAt string `protobuf:"bytes,9,opt,name=started_at,json=startedAt,proto3" json:"started_at,omitempty"`
	EndedAt   string `protobuf:"bytes,10,opt,name=ended_at,json=endedAt,proto3" json:"ended_at,omitempty"`
	// JSON.
	FinalState    []byte            `protobuf:"bytes,11,opt,name=final_state,json=finalState,proto3" json:"final_state,omitempty"`
	Metadata      map[string][]byte `protobuf:"bytes,12,rep,name=metadata,proto3" json:"metadata,omitempty" protobuf_key:"bytes,1,opt,name=key" protobuf_val:"bytes,2,opt,name=value"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *ExecutionTrace) Reset() {
	*x = ExecutionTrace{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[17]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *ExecutionTrace) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*ExecutionTrace) ProtoMessage() {}

func (x *ExecutionTrace) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[17]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use ExecutionTrace.ProtoReflect.Descriptor instead.
func (*ExecutionTrace) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{17}
}

func (x *ExecutionTrace) GetHeader() *Header {
	if x != nil {
		return x.Header
	}
	return nil
}

func (x *ExecutionTrace) GetThreadId() string {
	if x != nil {
		return x.ThreadId
	}
	return ""
}

func (x *ExecutionTrace) GetExecutionId() string {
	if x != nil {
		return x.ExecutionId
	}
	return ""
}

func (x *ExecutionTrace) GetNodesExecuted() []*NodeExecutionRecord {
	if x != nil {
		return x.NodesExecuted
	}
	return nil
}

func (x *ExecutionTrace) GetTotalDurationMs() uint64 {
	if x != nil {
		return x.TotalDurationMs
	}
	return 0
}

func (x *ExecutionTrace) GetTotalTokens() uint64 {
	if x != nil {
		return x.TotalTokens
	}
	return 0
}

func (x *ExecutionTrace) GetErrors() []*ErrorRecord {
	if x != nil {
		return x.Errors
	}
	return nil
}

func (x *ExecutionTrace) GetCompleted() bool {
	if x != nil {
		return x.Completed
	}
	return false
}

func (x *ExecutionTrace) GetStartedAt() string {
	if x != nil {
		return x.StartedAt
	}
	return ""
}

func (x *ExecutionTrace) GetEndedAt() string {
	if x != nil {
		return x.EndedAt
	}
	return ""
}

func (x *ExecutionTrace) GetFinalState() []byte {
	if x != nil {
		return x.FinalState
	}
	return nil
}

func (x *ExecutionTrace) GetMetadata() map[string][]byte {
	if x != nil {
		return x.Metadata
	}
	return nil
}

type NodeExecutionRecord struct {
	state            protoimpl.MessageState `protogen:"open.v1"`
	Node             string                 `protobuf:"bytes,1,opt,name=node,proto3" json:"node,omitempty"`
	DurationMs       uint64                 `protobuf:"varint,2,opt,name=duration_ms,json=durationMs,proto3" json:"duration_ms,omitempty"`
	PromptTokens     uint64                 `protobuf:"varint,3,opt,name=prompt_tokens,json=promptTokens,proto3" json:"prompt_tokens,omitempty"`
	CompletionTokens uint64                 `protobuf:"varint,4,opt,name=completion_tokens,json=completionTokens,proto3" json:"completion_tokens,omitempty"`
	TotalTokens      uint64                 `protobuf:"varint,5,opt,name=total_tokens,json=totalTokens,proto3" json:"total_tokens,omitempty"`
	Succeeded        bool                   `protobuf:"varint,6,opt,name=succeeded,proto3" json:"succeeded,omitempty"`
	StartedAt        string                 `protobuf:"bytes,7,opt,name=started_at,json=startedAt,proto3" json:"started_at,omitempty"`
	EndedAt          string                 `protobuf:"bytes,8,opt,name=ended_at,json=endedAt,proto3" json:"ended_at,omitempty"`
	Input            []byte                 `protobuf:"bytes,9,opt,name=input,proto3" json:"input,omitempty"`
	Output           []byte                 `protobuf:"bytes,10,opt,name=output,proto3" json:"output,omitempty"`
	Metadata         map[string]string      `protobuf:"bytes,11,rep,name=metadata,proto3" json:"metadata,omitempty" protobuf_key:"bytes,1,opt,name=key" protobuf_val:"bytes,2,opt,name=value"`
	unknownFields    protoimpl.UnknownFields
	sizeCache        protoimpl.SizeCache
}

func (x *NodeExecutionRecord) Reset() {
	*x = NodeExecutionRecord{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[18]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *NodeExecutionRecord) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*NodeExecutionRecord) ProtoMessage() {}

func (x *NodeExecutionRecord) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[18]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use NodeExecutionRecord.ProtoReflect.Descriptor instead.
func (*NodeExecutionRecord) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{18}
}

func (x *NodeExecutionRecord) GetNode() string {
	if x != nil {
		return x.Node
	}
	return ""
}

func (x *NodeExecutionRecord) GetDurationMs() uint64 {
	if x != nil {
		return x.DurationMs
	}
	return 0
}

func (x *NodeExecutionRecord) GetPromptTokens() uint64 {
	if x != nil {
		return x.PromptTokens
	}
	return 0
}

func (x *NodeExecutionRecord) GetCompletionTokens() uint64 {
	if x != nil {
		return x.CompletionTokens
	}
	return 0
}

func (x *NodeExecutionRecord) GetTotalTokens() uint64 {
	if x != nil {
		return x.TotalTokens
	}
	return 0
}

func (x *NodeExecutionRecord) GetSucceeded() bool {
	if x != nil {
		return x.Succeeded
	}
	return false
}

func (x *NodeExecutionRecord) GetStartedAt() string {
	if x != nil {
		return x.StartedAt
	}
	return ""
}

func (x *NodeExecutionRecord) GetEndedAt() string {
	if x != nil {
		return x.EndedAt
	}
	return ""
}

func (x *NodeExecutionRecord) GetInput() []byte {
	if x != nil {
		return x.Input
	}
	return nil
}

func (x *NodeExecutionRecord) GetOutput() []byte {
	if x != nil {
		return x.Output
	}
	return nil
}

func (x *NodeExecutionRecord) GetMetadata() map[string]string {
	if x != nil {
		return x.Metadata
	}
	return nil
}

type ErrorRecord struct {
	state         protoimpl.MessageState `protogen:"open.v1"`
	Node          string                 `protobuf:"bytes,1,opt,name=node,proto3" json:"node,omitempty"`
	Message       string                 `protobuf:"bytes,2,opt,name=message,proto3" json:"message,omitempty"`
	ErrorCode     string                 `protobuf:"bytes,3,opt,name=error_code,json=errorCode,proto3" json:"error_code,omitempty"`
	Timestamp     string                 `protobuf:"bytes,4,opt,name=timestamp,proto3" json:"timestamp,omitempty"`
	Recovered     bool                   `protobuf:"varint,5,opt,name=recovered,proto3" json:"recovered,omitempty"`
	StackTrace    string                 `protobuf:"bytes,6,opt,name=stack_trace,json=stackTrace,proto3" json:"stack_trace,omitempty"`
	unknownFields protoimpl.UnknownFields
	sizeCache     protoimpl.SizeCache
}

func (x *ErrorRecord) Reset() {
	*x = ErrorRecord{}
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[19]
	ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
	ms.StoreMessageInfo(mi)
}

func (x *ErrorRecord) String() string {
	return protoimpl.X.MessageStringOf(x)
}

func (*ErrorRecord) ProtoMessage() {}

func (x *ErrorRecord) ProtoReflect() protoreflect.Message {
	mi := &file_callback_dashstreampb_dashstream_proto_msgTypes[19]
	if x != nil {
		ms := protoimpl.X.MessageStateOf(protoimpl.Pointer(x))
		if ms.LoadMessageInfo() == nil {
			ms.StoreMessageInfo(mi)
		}
		return ms
	}
	return mi.MessageOf(x)
}

// Deprecated: Use ErrorRecord.ProtoReflect.Descriptor instead.
func (*ErrorRecord) Descriptor() ([]byte, []int) {
	return file_callback_dashstreampb_dashstream_proto_rawDescGZIP(), []int{19}
}

func (x *ErrorRecord) GetNode() string {
	if x != nil {
		return x.Node
	}
	return ""
}

func (x *ErrorRecord) GetMessage() string {
	if x != nil {
		return x.Message
	}
	return ""
}

func (x *ErrorRecord) GetErrorCode() string {
	if x != nil {
		return x.ErrorCode
	}
	return ""
}

func (x *ErrorRecord) GetTimestamp() string {
	if x != nil {
		return x.Timestamp
	}
	return ""
}

func (x *ErrorRecord) GetRecovered() bool {
	if x != nil {
		return x.Recovered
	}
	return false
}

func (x *ErrorRecord) GetStackTrace() string {
	if x != nil {
		return x.StackTrace
	}
	return ""
}

var File_callback_dashstreampb_dashstream_proto protoreflect.FileDescriptor

const file_callback_dashstreampb_dashstream_proto_rawDesc = "" +
	"\n" +
	"&callback/dashstreampb/dashstream.proto\x12\rdashstream.v1\"\xb3\x04\n" +
	"\x11DashStreamMessage\x12,\n" +
	"\x05event\x18\x01 \x01(\v2\x14.dashstream.v1.EventH\x00R\x05event\x129\n" +
	"\n" +
	"state_diff\x18\x02 \x01(\v2\x18.dashstream.v1.StateDiffH\x00R\tstateDiff\x12<\n" +
	"\vtoken_chunk\x18\x03 \x01(\v2\x19.dashstream.v1.TokenChunkH\x00R\n" +
	"tokenChunk\x12E\n" +
	"\x0etool_execution\x18\x04 \x01(\v2\x1c.dashstream.v1.ToolExecutionH\x00R\rtoolExecution\x12;\n" +
	"\n" +
	"checkpoint\x18\x05 \x01(\v2\x19.dashstream.v1.CheckpointH\x00R\n" +
	"checkpoint\x122\n" +
	"\ametrics\x18\x06 \x01(\v2\x16.dashstream.v1.MetricsH\x00R\ametrics\x12,\n" +
	"\x05error\x18\a \x01(\v2\x14.dashstream.v1.ErrorH\x00R\x05error\x12<\n" +
	"\vevent_batch\x18\b \x01(\v2\x19.dashstream.v1.EventBatchH\x00R\n" +
	"eventBatch\x12H\n" +
	"\x0fexecution_trace\x18\t \x01(\v2\x1d.dashstream.v1.ExecutionTraceH\x00R\x0eexecutionTraceB\t\n" +
	"\amessage\"\xd6\x02\n" +
	"\x06Header\x12\x1d\n" +
	"\n" +
	"message_id\x18\x01 \x01(\fR\tmessageId\x12!\n" +
	"\ftimestamp_us\x18\x02 \x01(\x03R\vtimestampUs\x12\x1b\n" +
	"\ttenant_id\x18\x03 \x01(\tR\btenantId\x12\x1b\n" +
	"\tthread_id\x18\x04 \x01(\tR\bthreadId\x12\x1a\n" +
	"\bsequence\x18\x05 \x01(\x04R\bsequence\x12.\n" +
	"\x04type\x18\x06 \x01(\x0e2\x1a.dashstream.v1.MessageTypeR\x04type\x12\x1b\n" +
	"\tparent_id\x18\a \x01(\fR\bparentId\x12@\n" +
	"\vcompression\x18\b \x01(\x0e2\x1e.dashstream.v1.CompressionTypeR\vcompression\x12%\n" +
	"\x0eschema_version\x18\t \x01(\rR\rschemaVersion\"\xf3\x02\n" +
	"\x05Event\x12-\n" +
	"\x06header\x18\x01 \x01(\v2\x15.dashstream.v1.HeaderR\x06header\x127\n" +
	"\n" +
	"event_type\x18\x02 \x01(\x0e2\x18.dashstream.v1.EventTypeR\teventType\x12\x17\n" +
	"\anode_id\x18\x03 \x01(\tR\x06nodeId\x12D\n" +
	"\n" +
	"attributes\x18\x04 \x03(\v2$.dashstream.v1.Event.AttributesEntryR\n" +
	"attributes\x12\x1f\n" +
	"\vduration_us\x18\x05 \x01(\x03R\n" +
	"durationUs\x12$\n" +
	"\x0ellm_request_id\x18\x06 \x01(\tR\fllmRequestId\x1a\\\n" +
	"\x0fAttributesEntry\x12\x10\n" +
	"\x03key\x18\x01 \x01(\tR\x03key\x123\n" +
	"\x05value\x18\x02 \x01(\v2\x1d.dashstream.v1.AttributeValueR\x05value:\x028\x01\"i\n" +
	"\n" +
	"EventBatch\x12-\n" +
	"\x06header\x18\x01 \x01(\v2\x15.dashstream.v1.HeaderR\x06header\x12,\n" +
	"\x06events\x18\x02 \x03(\v2\x14.dashstream.v1.EventR\x06events\"\xc2\x02\n" +
	"\x0eAttributeValue\x12#\n" +
	"\fstring_value\x18\x01 \x01(\tH\x00R\vstringValue\x12\x1d\n" +
	"\tint_value\x18\x02 \x01(\x03H\x00R\bintValue\x12!\n" +
	"\vfloat_value\x18\x03 \x01(\x01H\x00R\n" +
	"floatValue\x12\x1f\n" +
	"\n" +
	"bool_value\x18\x04 \x01(\bH\x00R\tboolValue\x12!\n" +
	"\vbytes_value\x18\x05 \x01(\fH\x00R\n" +
	"bytesValue\x12@\n" +
	"\varray_value\x18\x06 \x01(\v2\x1d.dashstream.v1.AttributeArrayH\x00R\n" +
	"arrayValue\x12:\n" +
	"\tmap_value\x18\a \x01(\v2\x1b.dashstream.v1.AttributeMapH\x00R\bmapValueB\a\n" +
	"\x05value\"G\n" +
	"\x0eAttributeArray\x125\n" +
	"\x06values\x18\x01 \x03(\v2\x1d.dashstream.v1.AttributeValueR\x06values\"\xa9\x01\n" +
	"\fAttributeMap\x12?\n" +
	"\x06values\x18\x01 \x03(\v2'.dashstream.v1.AttributeMap.ValuesEntryR\x06values\x1aX\n" +
	"\vValuesEntry\x12\x10\n" +
	"\x03key\x18\x01 \x01(\tR\x03key\x123\n" +
	"\x05value\x18\x02 \x01(\v2\x1d.dashstream.v1.AttributeValueR\x05value:\x028\x01\"\xe4\x01\n" +
	"\tStateDiff\x12-\n" +
	"\x06header\x18\x01 \x01(\v2\x15.dashstream.v1.HeaderR\x06header\x12,\n" +
	"\x12base_checkpoint_id\x18\x02 \x01(\fR\x10baseCheckpointId\x12<\n" +
	"\n" +
	"operations\x18\x03 \x03(\v2\x1c.dashstream.v1.DiffOperationR\n" +
	"operations\x12\x1d\n" +
	"\n" +
	"state_hash\x18\x04 \x01(\fR\tstateHash\x12\x1d\n" +
	"\n" +
	"full_state\x18\x05 \x01(\fR\tfullState\"\xbf\x03\n" +
	"\rDiffOperation\x123\n" +
	"\x02op\x18\x01 \x01(\x0e2#.dashstream.v1.DiffOperation.OpTypeR\x02op\x12\x12\n" +
	"\x04path\x18\x02 \x01(\tR\x04path\x12\x14\n" +
	"\x05value\x18\x03 \x01(\fR\x05value\x12\x12\n" +
	"\x04from\x18\x04 \x01(\tR\x04from\x12F\n" +
	"\bencoding\x18\x05 \x01(\x0e2*.dashstream.v1.DiffOperation.ValueEncodingR\bencoding\"x\n" +
	"\x06OpType\x12\x0f\n" +
	"\vOP_TYPE_ADD\x10\x00\x12\x12\n" +
	"\x0eOP_TYPE_REMOVE\x10\x01\x12\x13\n" +
	"\x0fOP_TYPE_REPLACE\x10\x02\x12\x10\n" +
	"\fOP_TYPE_MOVE\x10\x03\x12\x10\n" +
	"\fOP_TYPE_COPY\x10\x04\x12\x10\n" +
	"\fOP_TYPE_TEST\x10\x05\"y\n" +
	"\rValueEncoding\x12\x17\n" +
	"\x13VALUE_ENCODING_JSON\x10\x00\x12\x1a\n" +
	"\x16VALUE_ENCODING_MSGPACK\x10\x01\x12\x1b\n" +
	"\x17VALUE_ENCODING_PROTOBUF\x10\x02\x12\x16\n" +
	"\x12VALUE_ENCODING_RAW\x10\x03\"\xab\x04\n" +
	"\n" +
	"TokenChunk\x12-\n" +
	"\x06header\x18\x01 \x01(\v2\x15.dashstream.v1.HeaderR\x06header\x12\x1d\n" +
	"\n" +
	"request_id\x18\x02 \x01(\tR\trequestId\x12\x12\n" +
	"\x04text\x18\x03 \x01(\tR\x04text\x12\x1b\n" +
	"\ttoken_ids\x18\x04 \x03(\rR\btokenIds\x12\x1a\n" +
	"\blogprobs\x18\x05 \x03(\x02R\blogprobs\x12\x1f\n" +
	"\vchunk_index\x18\x06 \x01(\rR\n" +
	"chunkIndex\x12\x19\n" +
	"\bis_final\x18\a \x01(\bR\aisFinal\x12K\n" +
	"\rfinish_reason\x18\b \x01(\x0e2&.dashstream.v1.TokenChunk.FinishReasonR\ffinishReason\x12\x14\n" +
	"\x05model\x18\t \x01(\tR\x05model\x12/\n" +
	"\x05stats\x18\n" +
	" \x01(\v2\x19.dashstream.v1.TokenStatsR\x05stats\"\xb1\x01\n" +
	"\fFinishReason\x12\x16\n" +
	"\x12FINISH_REASON_NONE\x10\x00\x12\x16\n" +
	"\x12FINISH_REASON_STOP\x10\x01\x12\x18\n" +
	"\x14FINISH_REASON_LENGTH\x10\x02\x12 \n" +
	"\x1cFINISH_REASON_CONTENT_FILTER\x10\x03\x12\x1c\n" +
	"\x18FINISH_REASON_TOOL_CALLS\x10\x04\x12\x17\n" +
	"\x13FINISH_REASON_ERROR\x10\x05\"\x81\x01\n" +
	"\n" +
	"TokenStats\x12#\n" +
	"\rprompt_tokens\x18\x01 \x01(\rR\fpromptTokens\x12+\n" +
	"\x11completion_tokens\x18\x02 \x01(\rR\x10completionTokens\x12!\n" +
	"\ftotal_tokens\x18\x03 \x01(\rR\vtotalTokens\"\xc9\x04\n" +
	"\rToolExecution\x12-\n" +
	"\x06header\x18\x01 \x01(\v2\x15.dashstream.v1.HeaderR\x06header\x12\x17\n" +
	"\acall_id\x18\x02 \x01(\tR\x06callId\x12\x1b\n" +
	"\ttool_name\x18\x03 \x01(\tR\btoolName\x12A\n" +
	"\x05stage\x18\x04 \x01(\x0e2+.dashstream.v1.ToolExecution.ExecutionStageR\x05stage\x12\x1c\n" +
	"\targuments\x18\x05 \x01(\fR\targuments\x12\x16\n" +
	"\x06result\x18\x06 \x01(\fR\x06result\x12\x14\n" +
	"\x05error\x18\a \x01(\tR\x05error\x129\n" +
	"\rerror_details\x18\b \x01(\v2\x14.dashstream.v1.ErrorR\ferrorDetails\x12\x1f\n" +
	"\vduration_us\x18\t \x01(\x03R\n" +
	"durationUs\x12\x1f\n" +
	"\vretry_count\x18\n" +
	" \x01(\rR\n" +
	"retryCount\"\xc6\x01\n" +
	"\x0eExecutionStage\x12\x1f\n" +
	"\x1bEXECUTION_STAGE_UNSPECIFIED\x10\x00\x12\x1d\n" +
	"\x19EXECUTION_STAGE_REQUESTED\x10\x01\x12\x1b\n" +
	"\x17EXECUTION_STAGE_STARTED\x10\x02\x12\x1d\n" +
	"\x19EXECUTION_STAGE_COMPLETED\x10\x03\x12\x1a\n" +
	"\x16EXECUTION_STAGE_FAILED\x10\x04\x12\x1c\n" +
	"\x18EXECUTION_STAGE_RETRYING\x10\x05\"\x9f\x03\n" +
	"\n" +
	"Checkpoint\x12-\n" +
	"\x06header\x18\x01 \x01(\v2\x15.dashstream.v1.HeaderR\x06header\x12#\n" +
	"\rcheckpoint_id\x18\x02 \x01(\fR\fcheckpointId\x12\x14\n" +
	"\x05state\x18\x03 \x01(\fR\x05state\x12\x1d\n" +
	"\n" +
	"state_type\x18\x04 \x01(\tR\tstateType\x12\x1a\n" +
	"\bchecksum\x18\x05 \x01(\fR\bchecksum\x12\x1f\n" +
	"\vstorage_uri\x18\x06 \x01(\tR\n" +
	"storageUri\x12I\n" +
	"\x10compression_info\x18\a \x01(\v2\x1e.dashstream.v1.CompressionInfoR\x0fcompressionInfo\x12C\n" +
	"\bmetadata\x18\b \x03(\v2'.dashstream.v1.Checkpoint.MetadataEntryR\bmetadata\x1a;\n" +
	"\rMetadataEntry\x12\x10\n" +
	"\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n" +
	"\x05value\x18\x02 \x01(\tR\x05value:\x028\x01\"\xc8\x01\n" +
	"\x0fCompressionInfo\x122\n" +
	"\x04type\x18\x01 \x01(\x0e2\x1e.dashstream.v1.CompressionTypeR\x04type\x12'\n" +
	"\x0fcompressed_size\x18\x02 \x01(\x04R\x0ecompressedSize\x12+\n" +
	"\x11uncompressed_size\x18\x03 \x01(\x04R\x10uncompressedSize\x12+\n" +
	"\x11compression_ratio\x18\x04 \x01(\x02R\x10compressionRatio\"\xef\x02\n" +
	"\aMetrics\x12-\n" +
	"\x06header\x18\x01 \x01(\v2\x15.dashstream.v1.HeaderR\x06header\x12\x14\n" +
	"\x05scope\x18\x02 \x01(\tR\x05scope\x12\x19\n" +
	"\bscope_id\x18\x03 \x01(\tR\ascopeId\x12=\n" +
	"\ametrics\x18\x04 \x03(\v2#.dashstream.v1.Metrics.MetricsEntryR\ametrics\x124\n" +
	"\x04tags\x18\x05 \x03(\v2 .dashstream.v1.Metrics.TagsEntryR\x04tags\x1aV\n" +
	"\fMetricsEntry\x12\x10\n" +
	"\x03key\x18\x01 \x01(\tR\x03key\x120\n" +
	"\x05value\x18\x02 \x01(\v2\x1a.dashstream.v1.MetricValueR\x05value:\x028\x01\x1a7\n" +
	"\tTagsEntry\x12\x10\n" +
	"\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n" +
	"\x05value\x18\x02 \x01(\tR\x05value:\x028\x01\"\xa0\x03\n" +
	"\vMetricValue\x12\x1d\n" +
	"\tint_value\x18\x01 \x01(\x03H\x00R\bintValue\x12!\n" +
	"\vfloat_value\x18\x02 \x01(\x01H\x00R\n" +
	"floatValue\x12#\n" +
	"\fstring_value\x18\x03 \x01(\tH\x00R\vstringValue\x12\x1f\n" +
	"\n" +
	"bool_value\x18\x04 \x01(\bH\x00R\tboolValue\x12!\n" +
	"\vbytes_value\x18\x05 \x01(\fH\x00R\n" +
	"bytesValue\x12\x12\n" +
	"\x04unit\x18\x06 \x01(\tR\x04unit\x129\n" +
	"\x04type\x18\a \x01(\x0e2%.dashstream.v1.MetricValue.MetricTypeR\x04type\"\x8d\x01\n" +
	"\n" +
	"MetricType\x12\x1b\n" +
	"\x17METRIC_TYPE_UNSPECIFIED\x10\x00\x12\x17\n" +
	"\x13METRIC_TYPE_COUNTER\x10\x01\x12\x15\n" +
	"\x11METRIC_TYPE_GAUGE\x10\x02\x12\x19\n" +
	"\x15METRIC_TYPE_HISTOGRAM\x10\x03\x12\x17\n" +
	"\x13METRIC_TYPE_SUMMARY\x10\x04B\a\n" +
	"\x05value\"\x99\x04\n" +
	"\x05Error\x12-\n" +
	"\x06header\x18\x01 \x01(\v2\x15.dashstream.v1.HeaderR\x06header\x12\x1d\n" +
	"\n" +
	"error_code\x18\x02 \x01(\tR\terrorCode\x12\x18\n" +
	"\amessage\x18\x03 \x01(\tR\amessage\x12\x1f\n" +
	"\vstack_trace\x18\x04 \x01(\tR\n" +
	"stackTrace\x12;\n" +
	"\acontext\x18\x05 \x03(\v2!.dashstream.v1.Error.ContextEntryR\acontext\x129\n" +
	"\bseverity\x18\x06 \x01(\x0e2\x1d.dashstream.v1.Error.SeverityR\bseverity\x12%\n" +
	"\x0eexception_type\x18\a \x01(\tR\rexceptionType\x12 \n" +
	"\vsuggestions\x18\b \x03(\tR\vsuggestions\x1a:\n" +
	"\fContextEntry\x12\x10\n" +
	"\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n" +
	"\x05value\x18\x02 \x01(\tR\x05value:\x028\x01\"\x89\x01\n" +
	"\bSeverity\x12\x18\n" +
	"\x14SEVERITY_UNSPECIFIED\x10\x00\x12\x12\n" +
	"\x0eSEVERITY_DEBUG\x10\x01\x12\x11\n" +
	"\rSEVERITY_INFO\x10\x02\x12\x14\n" +
	"\x10SEVERITY_WARNING\x10\x03\x12\x12\n" +
	"\x0eSEVERITY_ERROR\x10\x04\x12\x12\n" +
	"\x0eSEVERITY_FATAL\x10\x05\"\xcc\x04\n" +
	"\x0eExecutionTrace\x12-\n" +
	"\x06header\x18\x01 \x01(\v2\x15.dashstream.v1.HeaderR\x06header\x12\x1b\n" +
	"\tthread_id\x18\x02 \x01(\tR\bthreadId\x12!\n" +
	"\fexecution_id\x18\x03 \x01(\tR\vexecutionId\x12I\n" +
	"\x0enodes_executed\x18\x04 \x03(\v2\".dashstream.v1.NodeExecutionRecordR\rnodesExecuted\x12*\n" +
	"\x11total_duration_ms\x18\x05 \x01(\x04R\x0ftotalDurationMs\x12!\n" +
	"\ftotal_tokens\x18\x06 \x01(\x04R\vtotalTokens\x122\n" +
	"\x06errors\x18\a \x03(\v2\x1a.dashstream.v1.ErrorRecordR\x06errors\x12\x1c\n" +
	"\tcompleted\x18\b \x01(\bR\tcompleted\x12\x1d\n" +
	"\n" +
	"started_at\x18\t \x01(\tR\tstartedAt\x12\x19\n" +
	"\bended_at\x18\n" +
	" \x01(\tR\aendedAt\x12\x1f\n" +
	"\vfinal_state\x18\v \x01(\fR\n" +
	"finalState\x12G\n" +
	"\bmetadata\x18\f \x03(\v2+.dashstream.v1.ExecutionTrace.MetadataEntryR\bmetadata\x1a;\n" +
	"\rMetadataEntry\x12\x10\n" +
	"\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n" +
	"\x05value\x18\x02 \x01(\fR\x05value:\x028\x01\"\xd0\x03\n" +
	"\x13NodeExecutionRecord\x12\x12\n" +
	"\x04node\x18\x01 \x01(\tR\x04node\x12\x1f\n" +
	"\vduration_ms\x18\x02 \x01(\x04R\n" +
	"durationMs\x12#\n" +
	"\rprompt_tokens\x18\x03 \x01(\x04R\fpromptTokens\x12+\n" +
	"\x11completion_tokens\x18\x04 \x01(\x04R\x10completionTokens\x12!\n" +
	"\ftotal_tokens\x18\x05 \x01(\x04R\vtotalTokens\x12\x1c\n" +
	"\tsucceeded\x18\x06 \x01(\bR\tsucceeded\x12\x1d\n" +
	"\n" +
	"started_at\x18\a \x01(\tR\tstartedAt\x12\x19\n" +
	"\bended_at\x18\b \x01(\tR\aendedAt\x12\x14\n" +
	"\x05input\x18\t \x01(\fR\x05input\x12\x16\n" +
	"\x06output\x18\n" +
	" \x01(\fR\x06output\x12L\n" +
	"\bmetadata\x18\v \x03(\v20.dashstream.v1.NodeExecutionRecord.MetadataEntryR\bmetadata\x1a;\n" +
	"\rMetadataEntry\x12\x10\n" +
	"\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n" +
	"\x05value\x18\x02 \x01(\tR\x05value:\x028\x01\"\xb7\x01\n" +
	"\vErrorRecord\x12\x12\n" +
	"\x04node\x18\x01 \x01(\tR\x04node\x12\x18\n" +
	"\amessage\x18\x02 \x01(\tR\amessage\x12\x1d\n" +
	"\n" +
	"error_code\x18\x03 \x01(\tR\terrorCode\x12\x1c\n" +
	"\ttimestamp\x18\x04 \x01(\tR\ttimestamp\x12\x1c\n" +
	"\trecovered\x18\x05 \x01(\bR\trecovered\x12\x1f\n" +
	"\vstack_trace\x18\x06 \x01(\tR\n" +
	"stackTrace*\xae\x02\n" +
	"\vMessageType\x12\x1c\n" +
	"\x18MESSAGE_TYPE_UNSPECIFIED\x10\x00\x12\x16\n" +
	"\x12MESSAGE_TYPE_EVENT\x10\x01\x12\x1b\n" +
	"\x17MESSAGE_TYPE_STATE_DIFF\x10\x02\x12\x1c\n" +
	"\x18MESSAGE_TYPE_TOKEN_CHUNK\x10\x03\x12\x1f\n" +
	"\x1bMESSAGE_TYPE_TOOL_EXECUTION\x10\x04\x12\x1b\n" +
	"\x17MESSAGE_TYPE_CHECKPOINT\x10\x05\x12\x18\n" +
	"\x14MESSAGE_TYPE_METRICS\x10\x06\x12\x16\n" +
	"\x12MESSAGE_TYPE_ERROR\x10\a\x12\x1c\n" +
	"\x18MESSAGE_TYPE_EVENT_BATCH\x10\b\x12 \n" +
	"\x1cMESSAGE_TYPE_EXECUTION_TRACE\x10\t*j\n" +
	"\x0fCompressionType\x12\x14\n" +
	"\x10COMPRESSION_NONE\x10\x00\x12\x14\n" +
	"\x10COMPRESSION_ZSTD\x10\x01\x12\x13\n" +
	"\x0fCOMPRESSION_LZ4\x10\x02\x12\x16\n" +
	"\x12COMPRESSION_SNAPPY\x10\x03*\x8c\a\n" +
	"\tEventType\x12\x1a\n" +
	"\x16EVENT_TYPE_UNSPECIFIED\x10\x00\x12\x1a\n" +
	"\x16EVENT_TYPE_GRAPH_START\x10\x01\x12\x18\n" +
	"\x14EVENT_TYPE_GRAPH_END\x10\x02\x12\x1a\n" +
	"\x16EVENT_TYPE_GRAPH_ERROR\x10\x03\x12\x19\n" +
	"\x15EVENT_TYPE_NODE_START\x10\n" +
	"\x12\x17\n" +
	"\x13EVENT_TYPE_NODE_END\x10\v\x12\x19\n" +
	"\x15EVENT_TYPE_NODE_ERROR\x10\f\x12\x1d\n" +
	"\x19EVENT_TYPE_EDGE_TRAVERSAL\x10\x14\x12!\n" +
	"\x1dEVENT_TYPE_CONDITIONAL_BRANCH\x10\x15\x12\x1d\n" +
	"\x19EVENT_TYPE_PARALLEL_START\x10\x16\x12\x1b\n" +
	"\x17EVENT_TYPE_PARALLEL_END\x10\x17\x12\x18\n" +
	"\x14EVENT_TYPE_LLM_START\x10\x1e\x12\x16\n" +
	"\x12EVENT_TYPE_LLM_END\x10\x1f\x12\x18\n" +
	"\x14EVENT_TYPE_LLM_ERROR\x10 \x12\x18\n" +
	"\x14EVENT_TYPE_LLM_RETRY\x10!\x12\x19\n" +
	"\x15EVENT_TYPE_TOOL_START\x10(\x12\x17\n" +
	"\x13EVENT_TYPE_TOOL_END\x10)\x12\x19\n" +
	"\x15EVENT_TYPE_TOOL_ERROR\x10*\x12\x1e\n" +
	"\x1aEVENT_TYPE_CHECKPOINT_SAVE\x102\x12\x1e\n" +
	"\x1aEVENT_TYPE_CHECKPOINT_LOAD\x103\x12 \n" +
	"\x1cEVENT_TYPE_CHECKPOINT_DELETE\x104\x12\x1a\n" +
	"\x16EVENT_TYPE_MEMORY_SAVE\x10<\x12\x1a\n" +
	"\x16EVENT_TYPE_MEMORY_LOAD\x10=\x12\x1e\n" +
	"\x1aEVENT_TYPE_HUMAN_INTERRUPT\x10F\x12\x1b\n" +
	"\x17EVENT_TYPE_HUMAN_RESUME\x10G\x12\x1c\n" +
	"\x18EVENT_TYPE_NODE_PROGRESS\x10P\x12\x1c\n" +
	"\x18EVENT_TYPE_NODE_THINKING\x10Q\x12\x1b\n" +
	"\x17EVENT_TYPE_NODE_SUBSTEP\x10R\x12\x1b\n" +
	"\x17EVENT_TYPE_NODE_WARNING\x10S\x12!\n" +
	"\x1dEVENT_TYPE_OPTIMIZATION_START\x10Z\x12\x1f\n" +
	"\x1bEVENT_TYPE_OPTIMIZATION_END\x10[BHZFgithub.com/dashstream/dashstream-go/callback/dashstreampb;dashstreampbb\x06proto3"

var (
	file_callback_dashstreampb_dashstream_proto_rawDescOnce sync.Once
	file_callback_dashstreampb_dashstream_proto_rawDescData []byte
)

func file_callback_dashstreampb_dashstream_proto_rawDescGZIP() []byte {
	file_callback_dashstreampb_dashstream_proto_rawDescOnce.Do(func() {
		file_callback_dashstreampb_dashstream_proto_rawDescData = protoimpl.X.CompressGZIP(unsafe.Slice(unsafe.StringData(file_callback_dashstreampb_dashstream_proto_rawDesc), len(file_callback_dashstreampb_dashstream_proto_rawDesc)))
	})
	return file_callback_dashstreampb_dashstream_proto_rawDescData
}

var file_callback_dashstreampb_dashstream_proto_enumTypes = make([]protoimpl.EnumInfo, 9)
var file_callback_dashstreampb_dashstream_proto_msgTypes = make([]protoimpl.MessageInfo, 28)
var file_callback_dashstreampb_dashstream_proto_goTypes = []any{
	(MessageType)(0),                  // 0: dashstream.v1.MessageType
	(CompressionType)(0),              // 1: dashstream.v1.CompressionType
	(EventType)(0),                    // 2: dashstream.v1.EventType
	(DiffOperation_OpType)(0),         // 3: dashstream.v1.DiffOperation.OpType
	(DiffOperation_ValueEncoding)(0),  // 4: dashstream.v1.DiffOperation.ValueEncoding
	(TokenChunk_FinishReason)(0),      // 5: dashstream.v1.TokenChunk.FinishReason
	(ToolExecution_ExecutionStage)(0), // 6: dashstream.v1.ToolExecution.ExecutionStage
	(MetricValue_MetricType)(0),       // 7: dashstream.v1.MetricValue.MetricType
	(Error_Severity)(0),               // 8: dashstream.v1.Error.Severity
	(*DashStreamMessage)(nil),         // 9: dashstream.v1.DashStreamMessage
	(*Header)(nil),                    // 10: dashstream.v1.Header
	(*Event)(nil),                     // 11: dashstream.v1.Event
	(*EventBatch)(nil),                // 12: dashstream.v1.EventBatch
	(*AttributeValue)(nil),            // 13: dashstream.v1.AttributeValue
	(*AttributeArray)(nil),            // 14: dashstream.v1.AttributeArray
	(*AttributeMap)(nil),              // 15: dashstream.v1.AttributeMap
	(*StateDiff)(nil),                 // 16: dashstream.v1.StateDiff
	(*DiffOperation)(nil),             // 17: dashstream.v1.DiffOperation
	(*TokenChunk)(nil),                // 18: dashstream.v1.TokenChunk
	(*TokenStats)(nil),                // 19: dashstream.v1.TokenStats
	(*ToolExecution)(nil),             // 20: dashstream.v1.ToolExecution
	(*Checkpoint)(nil),                // 21: dashstream.v1.Checkpoint
	(*CompressionInfo)(nil),           // 22: dashstream.v1.CompressionInfo
	(*Metrics)(nil),                   // 23: dashstream.v1.Metrics
	(*MetricValue)(nil),               // 24: dashstream.v1.MetricValue
	(*Error)(nil),                     // 25: dashstream.v1.Error
	(*ExecutionTrace)(nil),            // 26: dashstream.v1.ExecutionTrace
	(*NodeExecutionRecord)(nil),       // 27: dashstream.v1.NodeExecutionRecord
	(*ErrorRecord)(nil),               // 28: dashstream.v1.ErrorRecord
	nil,                               // 29: dashstream.v1.Event.AttributesEntry
	nil,                               // 30: dashstream.v1.AttributeMap.ValuesEntry
	nil,                               // 31: dashstream.v1.Checkpoint.MetadataEntry
	nil,                               // 32: dashstream.v1.Metrics.MetricsEntry
	nil,                               // 33: dashstream.v1.Metrics.TagsEntry
	nil,                               // 34: dashstream.v1.Error.ContextEntry
	nil,                               // 35: dashstream.v1.ExecutionTrace.MetadataEntry
	nil,                               // 36: dashstream.v1.NodeExecutionRecord.MetadataEntry
}
var file_callback_dashstreampb_dashstream_proto_depIdxs = []int32{
	11, // 0: dashstream.v1.DashStreamMessage.event:type_name -> dashstream.v1.Event
	16, // 1: dashstream.v1.DashStreamMessage.state_diff:type_name -> dashstream.v1.StateDiff
	18, // 2: dashstream.v1.DashStreamMessage.token_chunk:type_name -> dashstream.v1.TokenChunk
	20, // 3: dashstream.v1.DashStreamMessage.tool_execution:type_name -> dashstream.v1.ToolExecution
	21, // 4: dashstream.v1.DashStreamMessage.checkpoint:type_name -> dashstream.v1.Checkpoint
	23, // 5: dashstream.v1.DashStreamMessage.metrics:type_name -> dashstream.v1.Metrics
	25, // 6: dashstream.v1.DashStreamMessage.error:type_name -> dashstream.v1.Error
	12, // 7: dashstream.v1.DashStreamMessage.event_batch:type_name -> dashstream.v1.EventBatch
	26, // 8: dashstream.v1.DashStreamMessage.execution_trace:type_name -> dashstream.v1.ExecutionTrace
	0,  // 9: dashstream.v1.Header.type:type_name -> dashstream.v1.MessageType
	1,  // 10: dashstream.v1.Header.compression:type_name -> dashstream.v1.CompressionType
	10, // 11: dashstream.v1.Event.header:type_name -> dashstream.v1.Header
	2,  // 12: dashstream.v1.Event.event_type:type_name -> dashstream.v1.EventType
	29, // 13: dashstream.v1.Event.attributes:type_name -> dashstream.v1.Event.AttributesEntry
	10, // 14: dashstream.v1.EventBatch.header:type_name -> dashstream.v1.Header
	11, // 15: dashstream.v1.EventBatch.events:type_name -> dashstream.v1.Event
	14, // 16: dashstream.v1.AttributeValue.array_value:type_name -> dashstream.v1.AttributeArray
	15, // 17: dashstream.v1.AttributeValue.map_value:type_name -> dashstream.v1.AttributeMap
	13, // 18: dashstream.v1.AttributeArray.values:type_name -> dashstream.v1.AttributeValue
	30, // 19: dashstream.v1.AttributeMap.values:type_name -> dashstream.v1.AttributeMap.ValuesEntry
	10, // 20: dashstream.v1.StateDiff.header:type_name -> dashstream.v1.Header
	17, // 21: dashstream.v1.StateDiff.operations:type_name -> dashstream.v1.DiffOperation
	3,  // 22: dashstream.v1.DiffOperation.op:type_name -> dashstream.v1.DiffOperation.OpType
	4,  // 23: dashstream.v1.DiffOperation.encoding:type_name -> dashstream.v1.DiffOperation.ValueEncoding
	10, // 24: dashstream.v1.TokenChunk.header:type_name -> dashstream.v1.Header
	5,  // 25: dashstream.v1.TokenChunk.finish_reason:type_name -> dashstream.v1.TokenChunk.FinishReason
	19, // 26: dashstream.v1.TokenChunk.stats:type_name -> dashstream.v1.TokenStats
	10, // 27: dashstream.v1.ToolExecution.header:type_name -> dashstream.v1.Header
	6,  // 28: dashstream.v1.ToolExecution.stage:type_name -> dashstream.v1.ToolExecution.ExecutionStage
	25, // 29: dashstream.v1.ToolExecution.error_details:type_name -> dashstream.v1.Error
	10, // 30: dashstream.v1.Checkpoint.header:type_name -> dashstream.v1.Header
	22, // 31: dashstream.v1.Checkpoint.compression_info:type_name -> dashstream.v1.CompressionInfo
	31, // 32: dashstream.v1.Checkpoint.metadata:type_name -> dashstream.v1.Checkpoint.MetadataEntry
	1,  // 33: dashstream.v1.CompressionInfo.type:type_name -> dashstream.v1.CompressionType
	10, // 34: dashstream.v1.Metrics.header:type_name -> dashstream.v1.Header
	32, // 35: dashstream.v1.Metrics.metrics:type_name -> dashstream.v1.Metrics.MetricsEntry
	33, // 36: dashstream.v1.Metrics.tags:type_name -> dashstream.v1.Metrics.TagsEntry
	7,  // 37: dashstream.v1.MetricValue.type:type_name -> dashstream.v1.MetricValue.MetricType
	10, // 38: dashstream.v1.Error.header:type_name -> dashstream.v1.Header
	34, // 39: dashstream.v1.Error.context:type_name -> dashstream.v1.Error.ContextEntry
	8,  // 40: dashstream.v1.Error.severity:type_name -> dashstream.v1.Error.Severity
	10, // 41: dashstream.v1.ExecutionTrace.header:type_name -> dashstream.v1.Header
	27, // 42: dashstream.v1.ExecutionTrace.nodes_executed:type_name -> dashstream.v1.NodeExecutionRecord
	28, // 43: dashstream.v1.ExecutionTrace.errors:type_name -> dashstream.v1.ErrorRecord
	35, // 44: dashstream.v1.ExecutionTrace.metadata:type_name -> dashstream.v1.ExecutionTrace.MetadataEntry
	36, // 45: dashstream.v1.NodeExecutionRecord.metadata:type_name -> dashstream.v1.NodeExecutionRecord.MetadataEntry
	13, // 46: dashstream.v1.Event.AttributesEntry.value:type_name -> dashstream.v1.AttributeValue
	13, // 47: dashstream.v1.AttributeMap.ValuesEntry.value:type_name -> dashstream.v1.AttributeValue
	24, // 48: dashstream.v1.Metrics.MetricsEntry.value:type_name -> dashstream.v1.MetricValue
	49, // [49:49] is the sub-list for method output_type
	49, // [49:49] is the sub-list for method input_type
	49, // [49:49] is the sub-list for extension type_name
	49, // [49:49] is the sub-list for extension extendee
	0,  // [0:49] is the sub-list for field type_name
}

func init() { file_callback_dashstreampb_dashstream_proto_init() }
func file_callback_dashstreampb_dashstream_proto_init() {
	if File_callback_dashstreampb_dashstream_proto != nil {
		return
	}
	file_callback_dashstreampb_dashstream_proto_msgTypes[0].OneofWrappers = []any{
		(*DashStreamMessage_Event)(nil),
		(*DashStreamMessage_StateDiff)(nil),
		(*DashStreamMessage_TokenChunk)(nil),
		(*DashStreamMessage_ToolExecution)(nil),
		(*DashStreamMessage_Checkpoint)(nil),
		(*DashStreamMessage_Metrics)(nil),
		(*DashStreamMessage_Error)(nil),
		(*DashStreamMessage_EventBatch)(nil),
		(*DashStreamMessage_ExecutionTrace)(nil),
	}
	file_callback_dashstreampb_dashstream_proto_msgTypes[4].OneofWrappers = []any{
		(*AttributeValue_StringValue)(nil),
		(*AttributeValue_IntValue)(nil),
		(*AttributeValue_FloatValue)(nil),
		(*AttributeValue_BoolValue)(nil),
		(*AttributeValue_BytesValue)(nil),
		(*AttributeValue_ArrayValue)(nil),
		(*AttributeValue_MapValue)(nil),
	}
	file_callback_dashstreampb_dashstream_proto_msgTypes[15].OneofWrappers = []any{
		(*MetricValue_IntValue)(nil),
		(*MetricValue_FloatValue)(nil),
		(*MetricValue_StringValue)(nil),
		(*MetricValue_BoolValue)(nil),
		(*MetricValue_BytesValue)(nil),
	}
	type x struct{}
	out := protoimpl.TypeBuilder{
		File: protoimpl.DescBuilder{
			GoPackagePath: reflect.TypeOf(x{}).PkgPath(),
			RawDescriptor: unsafe.Slice(unsafe.StringData(file_callback_dashstreampb_dashstream_proto_rawDesc), len(file_callback_dashstreampb_dashstream_proto_rawDesc)),
			NumEnums:      9,
			NumMessages:   28,
			NumExtensions: 0,
			NumServices:   0,
		},
		GoTypes:           file_callback_dashstreampb_dashstream_proto_goTypes,
		DependencyIndexes: file_callback_dashstreampb_dashstream_proto_depIdxs,
		EnumInfos:         file_callback_dashstreampb_dashstream_proto_enumTypes,
		MessageInfos:      file_callback_dashstreampb_dashstream_proto_msgTypes,
	}.Build()
	File_callback_dashstreampb_dashstream_proto = out.File
	file_callback_dashstreampb_dashstream_proto_goTypes = nil
	file_callback_dashstreampb_dashstream_proto_depIdxs = nil
}
