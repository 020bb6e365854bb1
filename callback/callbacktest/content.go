package callbacktest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"regexp"
	"strconv"
	"unicode/utf8"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

var traceparent = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

// checkRecordHeaders checks the headers of the record itself.
func (c *Checker) checkRecordHeaders(at item) {
	found := map[string]int{}
	for _, h := range at.record.Headers {
		found[h.Key]++
		valid := true
		switch h.Key {
		case pb.HeaderProducer:
			valid = len(h.Value) > 0 && utf8.Valid(h.Value)
		case pb.HeaderEpoch:
			_, err := strconv.ParseUint(string(h.Value), 10, 64)
			valid = err == nil
		case "traceparent":
			valid = traceparent.Match(h.Value)
		}
		if !valid {
			c.violate(at, RuleRecordHeaders, "header %s is %q", h.Key, h.Value)
		}
	}
	for _, key := range []string{pb.HeaderProducer, pb.HeaderEpoch} {
		if found[key] != 1 {
			c.violate(at, RuleRecordHeaders, "header %s is there %d times", key, found[key])
		}
	}
	if found["traceparent"] > 1 {
		c.violate(at, RuleRecordHeaders, "header traceparent is there %d times",
			found["traceparent"])
	}
}

// checkContent checks what is specific to the message's kind, except for events.
func (c *Checker) checkContent(at item) {
	if at.thread.isReport() && at.message.GetMetrics() == nil {
		c.violate(at, RuleMetrics, "%v in the thread of a producer's report", at.message.Kind())
	}
	switch m := at.message.GetMessage().(type) {
	case *pb.DashStreamMessage_StateDiff:
		c.checkStateDiff(at, m.StateDiff)
	case *pb.DashStreamMessage_Checkpoint:
		c.checkCheckpoint(at, m.Checkpoint)
	case *pb.DashStreamMessage_ToolExecution:
		c.checkJSON(at, "arguments", m.ToolExecution.GetArguments(), nil)
	case *pb.DashStreamMessage_ExecutionTrace:
		c.checkJSON(at, "final_state", m.ExecutionTrace.GetFinalState(), nil)
		if id := m.ExecutionTrace.GetThreadId(); id != at.header.GetThreadId() {
			c.violate(at, RuleThreadID, "the trace is of thread %q", id)
		}
	case *pb.DashStreamMessage_Metrics:
		c.checkMetrics(at, m.Metrics)
	}
}

// checkJSON checks that text is empty or JSON, and that it can be decoded into shape unless that is
// nil.
func (c *Checker) checkJSON(at item, what string, text []byte, shape any) {
	if len(text) == 0 {
		return
	}
	if !utf8.Valid(text) || !json.Valid(text) {
		c.violate(at, RuleJSON, "%s is not JSON", what)
		return
	}
	if shape == nil {
		return
	}
	if err := json.Unmarshal(text, shape); err != nil {
		c.violate(at, RuleJSON, "%s: %v", what, err)
	}
}

func (c *Checker) checkStateDiff(at item, d *pb.StateDiff) {
	t := at.thread
	c.checkJSON(at, "full_state", d.GetFullState(), nil)
	if n := len(d.GetStateHash()); n != 0 && n != sha256.Size {
		c.violate(at, RuleState, "state_hash has %d bytes", n)
	} else if n > 0 {
		c.checkHash(at, d)
	}
	if base := d.GetBaseCheckpointId(); len(base) > 0 {
		_, known := c.checkpoints[c.hash(t.id, base)]
		if !known && !t.excuse(base, false) {
			c.violate(at, RuleState, "base_checkpoint_id names no checkpoint that was sent before")
		}
	}
	for _, op := range d.GetOperations() {
		c.checkOperation(at, op)
	}
	c.checkWriter(at, len(d.GetFullState()) > 0)
}

// checkHash checks that the hash of a whole state is that of its canonical form. Only a reader that
// follows the state can check the hash of a patch.
func (c *Checker) checkHash(at item, d *pb.StateDiff) {
	full := d.GetFullState()
	if len(full) == 0 || !utf8.Valid(full) || c.canonicalizer.Parse(&c.document, full) != nil {
		return // another rule covers what is not JSON
	}
	sum := sha256.Sum256(c.document.Bytes())
	if c.document.Verifiable() && !bytes.Equal(sum[:], d.GetStateHash()) {
		c.violate(at, RuleState, "state_hash is not the SHA-256 of the canonical form of "+
			"full_state")
	}
}

// checkWriter checks that a run sends the whole state if another run has written the state last.
func (c *Checker) checkWriter(at item, whole bool) {
	t := at.thread
	writer, known := t.writerOf(at.header.GetParentId())
	if known && t.writer != (messageID{}) && t.writer != writer && !whole {
		c.violate(at, RuleState, "a patch by another run than the last one that wrote the state")
	}
	t.writer = writer
}

func (c *Checker) checkOperation(at item, op *pb.DiffOperation) {
	if !isPointer(op.GetPath()) {
		c.violate(at, RuleState, "path %q is not a JSON pointer", op.GetPath())
	}
	switch op.GetOp() {
	case pb.DiffOperation_OP_TYPE_ADD, pb.DiffOperation_OP_TYPE_REPLACE,
		pb.DiffOperation_OP_TYPE_TEST:
		if op.GetEncoding() != pb.DiffOperation_VALUE_ENCODING_JSON {
			return
		}
		if len(op.GetValue()) == 0 {
			c.violate(at, RuleJSON, "an operation without its value")
		}
		c.checkJSON(at, "an operation's value", op.GetValue(), nil)
	case pb.DiffOperation_OP_TYPE_MOVE, pb.DiffOperation_OP_TYPE_COPY:
		if !isPointer(op.GetFrom()) {
			c.violate(at, RuleState, "from %q is not a JSON pointer", op.GetFrom())
		}
	case pb.DiffOperation_OP_TYPE_REMOVE:
	default:
		c.violate(at, RuleState, "operation %d", op.GetOp())
	}
}

// pointer is the grammar of RFC 6901.
var pointer = regexp.MustCompile(`^(/([^~/]|~[01])*)*$`)

func isPointer(s string) bool { return pointer.MatchString(s) }

func (c *Checker) checkCheckpoint(at item, cp *pb.Checkpoint) {
	if len(cp.GetCheckpointId()) == 0 {
		c.violate(at, RuleCheckpoint, "checkpoint_id is empty")
	}
	c.checkJSON(at, "state", cp.GetState(), nil)
	sum := sha256.Sum256(cp.GetState())
	switch {
	case len(cp.GetState()) > 0 && !bytes.Equal(cp.GetChecksum(), sum[:]):
		c.violate(at, RuleCheckpoint, "checksum is not the SHA-256 of state")
	case len(cp.GetState()) == 0 && len(cp.GetChecksum()) != 0 &&
		len(cp.GetChecksum()) != sha256.Size:
		c.violate(at, RuleCheckpoint, "checksum has %d bytes", len(cp.GetChecksum()))
	}
	c.checkpoints[c.hash(at.thread.id, cp.GetCheckpointId())] = struct{}{}
	if len(cp.GetState()) > 0 {
		c.checkWriter(at, true)
	}
}
