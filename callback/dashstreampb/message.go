package dashstreampb

import "iter"

// Kind returns the kind of the message, or MESSAGE_TYPE_UNSPECIFIED for a nil or empty message.
func (x *DashStreamMessage) Kind() MessageType {
	switch x.GetMessage().(type) {
	case *DashStreamMessage_Event:
		return MessageType_MESSAGE_TYPE_EVENT
	case *DashStreamMessage_StateDiff:
		return MessageType_MESSAGE_TYPE_STATE_DIFF
	case *DashStreamMessage_TokenChunk:
		return MessageType_MESSAGE_TYPE_TOKEN_CHUNK
	case *DashStreamMessage_ToolExecution:
		return MessageType_MESSAGE_TYPE_TOOL_EXECUTION
	case *DashStreamMessage_Checkpoint:
		return MessageType_MESSAGE_TYPE_CHECKPOINT
	case *DashStreamMessage_Metrics:
		return MessageType_MESSAGE_TYPE_METRICS
	case *DashStreamMessage_Error:
		return MessageType_MESSAGE_TYPE_ERROR
	case *DashStreamMessage_EventBatch:
		return MessageType_MESSAGE_TYPE_EVENT_BATCH
	case *DashStreamMessage_ExecutionTrace:
		return MessageType_MESSAGE_TYPE_EXECUTION_TRACE
	}
	return MessageType_MESSAGE_TYPE_UNSPECIFIED
}

// Header returns the message's own header, which is that of the batch for an EventBatch. It is nil
// if the message has none, or is nil itself; the getters of a nil Header return zero values.
func (x *DashStreamMessage) Header() *Header {
	switch m := x.GetMessage().(type) {
	case *DashStreamMessage_Event:
		return m.Event.GetHeader()
	case *DashStreamMessage_StateDiff:
		return m.StateDiff.GetHeader()
	case *DashStreamMessage_TokenChunk:
		return m.TokenChunk.GetHeader()
	case *DashStreamMessage_ToolExecution:
		return m.ToolExecution.GetHeader()
	case *DashStreamMessage_Checkpoint:
		return m.Checkpoint.GetHeader()
	case *DashStreamMessage_Metrics:
		return m.Metrics.GetHeader()
	case *DashStreamMessage_Error:
		return m.Error.GetHeader()
	case *DashStreamMessage_EventBatch:
		return m.EventBatch.GetHeader()
	case *DashStreamMessage_ExecutionTrace:
		return m.ExecutionTrace.GetHeader()
	}
	return nil
}

// Headers returns the headers that have a number in the thread's sequence, in order: those of the
// events for an EventBatch, its own for every other kind. A missing header is nil.
func (x *DashStreamMessage) Headers() iter.Seq[*Header] {
	return func(yield func(*Header) bool) {
		batch := x.GetEventBatch()
		if batch == nil {
			if x.Kind() != MessageType_MESSAGE_TYPE_UNSPECIFIED {
				yield(x.Header())
			}
			return
		}
		for _, e := range batch.GetEvents() {
			if !yield(e.GetHeader()) {
				return
			}
		}
	}
}

// Events returns the events in the message, in order: those of an EventBatch, or the one of an
// Event. Other kinds have none.
func (x *DashStreamMessage) Events() iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		if e := x.GetEvent(); e != nil {
			yield(e)
			return
		}
		for _, e := range x.GetEventBatch().GetEvents() {
			if !yield(e) {
				return
			}
		}
	}
}
