package callback

import (
	"log/slog"
	"sync/atomic"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// eventClasses is how much each type of event matters if not all can be sent. What is not in it
// belongs to the skeleton.
var eventClasses = [...]batching.Class{
	pb.EventType_EVENT_TYPE_LLM_START:         batching.Calls,
	pb.EventType_EVENT_TYPE_LLM_END:           batching.Calls,
	pb.EventType_EVENT_TYPE_LLM_ERROR:         batching.Calls,
	pb.EventType_EVENT_TYPE_LLM_RETRY:         batching.Calls,
	pb.EventType_EVENT_TYPE_TOOL_START:        batching.Calls,
	pb.EventType_EVENT_TYPE_TOOL_END:          batching.Calls,
	pb.EventType_EVENT_TYPE_TOOL_ERROR:        batching.Calls,
	pb.EventType_EVENT_TYPE_CHECKPOINT_SAVE:   batching.States,
	pb.EventType_EVENT_TYPE_CHECKPOINT_LOAD:   batching.States,
	pb.EventType_EVENT_TYPE_CHECKPOINT_DELETE: batching.States,
	pb.EventType_EVENT_TYPE_MEMORY_SAVE:       batching.Calls,
	pb.EventType_EVENT_TYPE_MEMORY_LOAD:       batching.Calls,
	pb.EventType_EVENT_TYPE_NODE_PROGRESS:     batching.Details,
	pb.EventType_EVENT_TYPE_NODE_THINKING:     batching.Details,
	pb.EventType_EVENT_TYPE_NODE_SUBSTEP:      batching.Details,

	pb.EventType_EVENT_TYPE_OPTIMIZATION_START: batching.Details,
	pb.EventType_EVENT_TYPE_OPTIMIZATION_END:   batching.Details,
}

func classOf(eventType byte) batching.Class {
	if int(eventType) < len(eventClasses) {
		return eventClasses[eventType]
	}
	return batching.Skeleton
}

// kindClasses is the same for all other kinds of message.
var kindClasses = [...]batching.Class{
	kindState: batching.States, kindCheckpoint: batching.States, kindTrace: batching.States,
	kindTool: batching.Calls, kindReport: batching.Calls, kindTokens: batching.Details,
	kindError: batching.Skeleton,
}

// shedCount counts the details inside a node that were shed. The node's end carries it.
type shedCount struct{ messages, bytes atomic.Uint64 }

// attrs appends what was shed, if anything was.
func (s *shedCount) attrs(attrs []slog.Attr) []slog.Attr {
	n := s.messages.Load()
	if n == 0 {
		return attrs
	}
	return append(attrs, slog.Uint64("shed_messages", n), slog.Uint64("shed_bytes", s.bytes.Load()))
}

// note counts a message that was not accepted, if it was shed.
func (s *shedCount) note(m *message) {
	if m.slot.Reason == batching.Shed && m.entry.Class == batching.Details {
		s.messages.Add(1)
		s.bytes.Add(uint64(m.body))
	}
}
