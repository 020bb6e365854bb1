package seal

import (
	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// The kinds of message: each is its type on the wire.
const (
	KindEvent      = batching.Kind(pb.MessageType_MESSAGE_TYPE_EVENT)
	KindState      = batching.Kind(pb.MessageType_MESSAGE_TYPE_STATE_DIFF)
	KindTokens     = batching.Kind(pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK)
	KindTool       = batching.Kind(pb.MessageType_MESSAGE_TYPE_TOOL_EXECUTION)
	KindCheckpoint = batching.Kind(pb.MessageType_MESSAGE_TYPE_CHECKPOINT)
	KindReport     = batching.Kind(pb.MessageType_MESSAGE_TYPE_METRICS)
	KindError      = batching.Kind(pb.MessageType_MESSAGE_TYPE_ERROR)
	KindTrace      = batching.Kind(pb.MessageType_MESSAGE_TYPE_EXECUTION_TRACE)

	typeBatch = byte(pb.MessageType_MESSAGE_TYPE_EVENT_BATCH)
)

// PieceHead is the size of the length in front of each piece of a TokenChunk, in bytes.
const PieceHead = 4
