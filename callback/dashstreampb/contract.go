package dashstreampb

import "slices"

// The first byte of a record's value, which tells the format of the rest.
const (
	// FramingPlain is followed by a serialized DashStreamMessage.
	FramingPlain byte = 0x00
	// FramingZstd is followed by one zstd frame that contains a serialized DashStreamMessage.
	FramingZstd byte = 0x01
)

// Constants that every message follows.
const (
	// SchemaVersion is the value of Header.schema_version. Readers reject a higher one.
	SchemaVersion = 1
	// MessageIDBytes is the length of Header.message_id.
	MessageIDBytes = 16
	// MaxThreadIDBytes is the maximum length of Header.thread_id.
	MaxThreadIDBytes = 256
	// MaxDepth is how deeply messages may be nested: the limit of the protobuf libraries that other
	// readers use. One level of AttributeMap takes three levels, one of AttributeArray two.
	MaxDepth = 100
)

// Headers of a Kafka record.
const (
	// HeaderProducer is the id of the producer instance that wrote the record.
	HeaderProducer = "ds-producer"
	// HeaderEpoch is a decimal number that increases with every start of that instance.
	HeaderEpoch = "ds-epoch"
)

// The producer's in-band report.
const (
	// ReportScope is the Metrics.scope of the report.
	ReportScope = "dashstream_callback"
	// ReportThreadPrefix, followed by the id of the producer instance, is the thread of the report.
	ReportThreadPrefix = "dashstream-callback/"
	// ReportNumberTag is the tag that counts the reports of an epoch from 1. Their sequence is 0.
	ReportNumberTag = "number"
)

// Node types of graph_schema_json. A reader shows any other type as NodeCustom.
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
