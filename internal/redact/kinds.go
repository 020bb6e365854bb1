package redact

// content says what the field of a message holds. Whatever has no content here (numbers,
// identifiers, headers) is left as it is.
type content uint8

const (
	opaque     content = iota
	checksum           // the SHA-256 of the state before it
	plain              // a text, or bytes of which nothing else is known
	document           // JSON, or else a text
	state              // JSON of which a checksum follows
	inner              // a message of the kind beside it
	attributes         // an entry of a map to AttributeValues
	named              // an entry of a map to texts or documents
	metrics            // an entry of a map to MetricValues
)

// kind says what the fields of a message hold, by their numbers.
type kind [13]field

type field struct {
	content content
	kind    *kind
}

// The kinds of messages. Field 1 is the header of those that have one.
var (
	batchKind = &kind{2: {inner, eventKind}}
	eventKind = &kind{3: {content: plain}, 4: {content: attributes}, 6: {content: plain}}
	tokenKind = &kind{2: {content: plain}, 3: {content: plain}, 9: {content: plain}}
	toolKind  = &kind{2: {content: plain}, 3: {content: plain}, 5: {content: document},
		6: {content: document}, 7: {content: plain}, 8: {inner, errorKind}}
	errorKind = &kind{2: {content: plain}, 3: {content: plain}, 4: {content: plain},
		5: {content: named}, 7: {content: plain}, 8: {content: plain}}

	metricsKind = &kind{2: {content: plain}, 3: {content: plain}, 4: {content: metrics},
		5: {content: named}}
	checkpointKind = &kind{3: {content: state}, 4: {content: plain}, 5: {content: checksum},
		6: {content: plain}, 8: {content: named}}

	traceKind = &kind{4: {inner, nodeRecordKind}, 7: {inner, errorRecordKind},
		11: {content: document}, 12: {content: named}}

	nodeRecordKind = &kind{1: {content: plain}, 9: {content: document}, 10: {content: document},
		11: {content: named}}
	errorRecordKind = &kind{1: {content: plain}, 2: {content: plain}, 3: {content: plain},
		6: {content: plain}}
)

// The fields of entries, of AttributeValue with what it holds, and of MetricValue.
const (
	entryKey   = 1
	entryValue = 2

	valueString = 1
	valueInt    = 2
	valueFloat  = 3
	valueBytes  = 5
	valueArray  = 6
	valueMap    = 7

	elements = 1 // of AttributeArray and AttributeMap

	metricString = 3
	metricBytes  = 5
)

// durationAttribute is an attribute that is always the number of a duration.
const durationAttribute = "duration_us"

// isDocument reports whether an attribute of this name is a document, which readers parse whatever
// is hidden in it.
func isDocument(name string) bool {
	switch name {
	case "graph_schema_json", "initial_state_json", "graph_manifest":
		return true
	}
	return false
}
