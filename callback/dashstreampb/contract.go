package dashstreampb

import "slices"

// The first byte of a record's value, which says how the rest is to be read.
const (
	// FramingPlain is followed by a serialized DashStreamMessage.
	FramingPlain byte = 0x00
	// FramingZstd is followed by one zstd frame that holds a serialized DashStreamMessage.
	FramingZstd byte = 0x01
)

// Numbers that every message keeps.
const (
	// SchemaVersion is the value of Header.schema_version. Readers refuse a higher one.
	SchemaVersion = 1
	// MessageIDBytes is the length of Header.message_id.
	MessageIDBytes = 16
	// MaxThreadIDBytes is the most that Header.thread_id may hold.
	MaxThreadIDBytes = 256
	// MaxDepth is how deeply messages may be nested in a message: the limit of the protobuf
	// libraries that other readers use. One level of AttributeMap costs three, one of
	// AttributeArray two.
	MaxDepth = 100
)

// Headers of a Kafka record.
const (
	// HeaderProducer holds the id of the producer instance that wrote the record.
	HeaderProducer = "ds-producer"
	// HeaderEpoch holds a decimal number that grows with every start of that instance.
	HeaderEpoch = "ds-epoch"
)

// The producer's report on itself.
const (
	// ReportScope is the Metrics.scope of the report.
	ReportScope = "dashstream_callback"
	// ReportThreadPrefix and the id of the producer instance make the thread of the report.
	ReportThreadPrefix = "dashstream-callback/"
	// ReportNumberTag is the tag that counts the reports of an epoch from 1. Their sequence is 0.
	ReportNumberTag = "number"
)

// Node types of graph_schema_json. The list is closed: a reader shows any other as NodeCustom.
const (
	NodeTransform   = "transform" // the general one
	NodeLLM         = "llm"
	NodeTool        = "tool"
	NodeRouter      = "router"
	NodeAggregator  = "aggregator"
	NodeValidator   = "validator"
	NodeHumanInLoop = "human_in_loop"
	NodeCheckpoint  = "checkpoint"
	NodeCustom      = "custom"
)

var nodeTypes = []string{
	NodeTransform, NodeLLM, NodeTool, NodeRouter, NodeAggregator, NodeValidator, NodeHumanInLoop,
	NodeCheckpoint, NodeCustom,
}

// NodeTypes returns the types that a node of graph_schema_json may have. The caller owns the slice.
func NodeTypes() []string { return slices.Clone(nodeTypes) }
