package reduce

import (
	"fmt"
	"slices"
)

// Reason says why a message was rejected, as a whole or in part. [Reasons] returns all reasons.
type Reason string

const (
	// ReasonNoThread: the message names no thread, or an event names another one than its batch.
	ReasonNoThread Reason = "no_thread"
	// ReasonNoMessageID: the message has no id of 16 bytes, so duplicates of it could not be
	// detected.
	ReasonNoMessageID Reason = "no_message_id"
	// ReasonNoSequence: the message has no number, so its place in the thread is unknown.
	ReasonNoSequence Reason = "no_sequence"
	// ReasonOlder: the thread has moved on beyond the message's number.
	ReasonOlder Reason = "older"
	// ReasonConflict: the number is taken, and the message is not older than the one that took it:
	// two producers number one thread.
	ReasonConflict Reason = "conflict"
	// ReasonBadState: a whole state is not JSON, or does not have its checksum.
	ReasonBadState Reason = "bad_state"
	// ReasonNoBase: there is no known state to which the patch could be applied.
	ReasonNoBase Reason = "no_base"
	// ReasonBadPatch: a patch cannot be applied to the known state.
	ReasonBadPatch Reason = "bad_patch"
	// ReasonHash: a state does not have the hash given in its message.
	ReasonHash Reason = "hash_mismatch"
	// ReasonUnproven: a patch has no hash, and the state that it belongs to is unknown.
	ReasonUnproven Reason = "unproven"
	// ReasonCheckpoint: a patch names a checkpoint that never came, and has no hash that proves the
	// result.
	ReasonCheckpoint Reason = "unknown_checkpoint"
	// ReasonBadStatement: a statement of losses has losses that are malformed. The others are
	// taken.
	ReasonBadStatement Reason = "bad_statement"
)

var reasons = []Reason{
	ReasonNoThread, ReasonNoMessageID, ReasonNoSequence, ReasonOlder, ReasonConflict,
	ReasonBadState, ReasonNoBase, ReasonBadPatch, ReasonHash,
	ReasonUnproven, ReasonCheckpoint, ReasonBadStatement,
}

// Reasons returns every Reason, for instance to initialize counters. The caller owns the slice.
func Reasons() []Reason { return slices.Clone(reasons) }

// Refusal says what part of a message was rejected. An EventBatch may have several, joined;
// errors.As finds the first.
type Refusal struct {
	Reason Reason
	// Thread and Sequence identify the message.
	Thread   string
	Sequence uint64
	// Err has more details, or is nil. It does not quote the state.
	Err error
}

// Error returns the reason, the message and any details, prefixed by the package.
func (e *Refusal) Error() string {
	s := fmt.Sprintf("reduce: %s: message %d of thread %q", e.Reason, e.Sequence, e.Thread)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *Refusal) Unwrap() error { return e.Err }
