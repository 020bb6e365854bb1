package batching

import "fmt"

// Reason says why an event was dropped. Every dropped event has exactly one reason.
type Reason uint8

// The reasons for dropping events.
const (
	// QueueFull: the queue was full, in bytes or in events, and the overflow policy did not wait or
	// waited in vain.
	QueueFull Reason = iota
	// TooLarge: the message alone exceeded [Config.MaxMessageBytes].
	TooLarge
	// Timeout: [Config.DeliveryTimeout] passed before the event was handed to the network.
	Timeout
	// Rejected: the destination rejected the batch for good; sending it again would not help.
	Rejected
	// Closed: the event was emitted after shutdown had begun.
	Closed
	// Shutdown: shutdown ended before the event was handed to the network.
	Shutdown
	// Internal: a defect of this SDK or of a Sender (a panic, a batch that could not be built) lost
	// the event.
	Internal
	// Shed: the event was given up before the queue was full, so that others get through (see
	// [Config.Shed]).
	Shed

	// NumReasons is the number of reasons; an array of this length is indexed by Reason.
	NumReasons = int(Shed) + 1
)

var reasonNames = [NumReasons]string{"queue_full", "too_large", "timeout", "rejected", "closed",
	"shutdown", "internal", "shed"}

// String returns the reason's name in metrics: "queue_full", "too_large", and so on.
func (r Reason) String() string {
	if int(r) < NumReasons {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}

// Outcome says how sending one batch ended.
type Outcome uint8

// The outcomes of a batch that was handed to a Sender.
const (
	// Delivered: acknowledged by the destination.
	Delivered Outcome = iota
	// Unacknowledged: given up after it may have reached the destination, which never acknowledged
	// it. It may still arrive.
	Unacknowledged
	// Dropped: given up, and known not to have arrived.
	Dropped

	// NumOutcomes is the number of outcomes; an array of this length is indexed by Outcome.
	NumOutcomes = int(Dropped) + 1
)

var outcomeNames = [NumOutcomes]string{"delivered", "unacknowledged", "dropped"}

// String returns the outcome's name in metrics: "delivered", "unacknowledged" or "dropped".
func (o Outcome) String() string {
	if int(o) < NumOutcomes {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// Trigger says what caused a batch to be sealed.
type Trigger uint8

// The triggers that seal a batch.
const (
	// ByLinger: its oldest event had waited for [Config.Linger].
	ByLinger Trigger = iota
	// ByBytes: the next message did not fit.
	ByBytes
	// ByCount: it held [Config.BatchEvents] events.
	ByCount
	// ByUrgency: a message was to be sent at once, such as the end of a run or an error.
	ByUrgency
	// ByKind: a message of another kind followed it in its lane.
	ByKind
	// ByFlush: a flush or shutdown requested it.
	ByFlush

	// NumTriggers is the number of triggers; an array of this length is indexed by Trigger.
	NumTriggers = int(ByFlush) + 1
)

var triggerNames = [NumTriggers]string{"linger", "bytes", "count", "urgent", "kind", "flush"}

// String returns the trigger's name in metrics: "linger", "bytes", "count", "urgent", "kind" or
// "flush".
func (t Trigger) String() string {
	if int(t) < NumTriggers {
		return triggerNames[t]
	}
	return fmt.Sprintf("trigger(%d)", uint8(t))
}

// SendError is how a [Sender] reports that a batch did not get through. Any other error counts as
// {Outcome: Unacknowledged}: nothing is known about the batch, so it may have arrived.
type SendError struct {
	// Outcome is Dropped or Unacknowledged.
	Outcome Outcome
	// Reason is the reason if the outcome is Dropped; otherwise it is ignored.
	Reason Reason
	// Err is the cause.
	Err error
	// Events is how many of the batch's events the error applies to; the others were delivered. 0
	// stands for all events. First and Last are the first and last sequence numbers of the events
	// it applies to.
	Events      int
	First, Last uint64
}

// Error names the outcome, the reason and the cause.
func (e *SendError) Error() string {
	if e.Outcome == Dropped {
		return fmt.Sprintf("batching: dropped (%s): %v", e.Reason, e.Err)
	}
	return fmt.Sprintf("batching: %s: %v", e.Outcome, e.Err)
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }
