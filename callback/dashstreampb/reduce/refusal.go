package reduce

import (
	"fmt"
	"slices"
)

// Reason says why a message was refused, in whole or in part. The list is closed: [Reasons] returns
// all of it.
type Reason string

const (
	// ReasonNoThread: the message names no thread, or an event another one than its batch.
	ReasonNoThread Reason = "no_thread"
	// ReasonNoMessageID: the message has no id of 16 bytes, so a duplicate of it could not be told.
	ReasonNoMessageID Reason = "no_message_id"
	// ReasonNoSequence: the message has no number, so its place in the thread is not known.
	ReasonNoSequence Reason = "no_sequence"
	// ReasonOlder: the thread has gone on beyond the message's number.
	ReasonOlder Reason = "older"
	// ReasonConflict: the number is taken, and the message is no older than what took it: two
	// producers number one thread.
	ReasonConflict Reason = "conflict"
	// ReasonBadState: a whole state is not JSON, or does not have its checksum.
	ReasonBadState Reason = "bad_state"
	// ReasonNoBase: a patch comes while no state is known.
	ReasonNoBase Reason = "no_base"
	// ReasonBadPatch: a patch does not apply to the state that is known.
	ReasonBadPatch Reason = "bad_patch"
	// ReasonHash: a state does not have the hash that its message says it has.
	ReasonHash Reason = "hash_mismatch"
	// ReasonUnproven: a patch has no hash, and the state that it belongs to is not known.
	ReasonUnproven Reason = "unproven"
	// ReasonCheckpoint: a patch names a checkpoint that never came, and has no hash that proves
	// what it leads to.
	ReasonCheckpoint Reason = "unknown_checkpoint"
)

var reasons = []Reason{
	ReasonNoThread, ReasonNoMessageID, ReasonNoSequence, ReasonOlder, ReasonConflict,
	ReasonBadState, ReasonNoBase, ReasonBadPatch, ReasonHash,
	ReasonUnproven, ReasonCheckpoint,
}

// Reasons returns every Reason that there is, for instance to count each from zero. The caller owns
// the slice.
func Reasons() []Reason { return slices.Clone(reasons) }

// Refusal says what of a message was not taken. An EventBatch may have several, joined; errors.As
// finds the first.
type Refusal struct {
	Reason Reason
	// Thread and Sequence say which message it was.
	Thread   string
	Sequence uint64
	// Err says more, or is nil. It does not quote the state.
	Err error
}

// Error returns the reason, the place and what else is known, prefixed by the package.
func (e *Refusal) Error() string {
	s := fmt.Sprintf("reduce: %s: message %d of thread %q", e.Reason, e.Sequence, e.Thread)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *Refusal) Unwrap() error { return e.Err }
