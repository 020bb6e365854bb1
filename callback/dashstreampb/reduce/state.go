package reduce

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// Trust says how far a thread's state can be trusted.
type Trust uint8

const (
	// Unknown: no message seen so far had a state.
	Unknown Trust = iota
	// Current: the state is the producer's.
	Current
	// Suspect: a message is missing that may have changed the state.
	Suspect
	// Lost: the state was changed in a way that could not be followed.
	Lost
)

var trusts = [...]string{"unknown", "current", "suspect", "lost"}

// String returns the name in lower case, or a number if there is no name.
func (t Trust) String() string {
	if int(t) < len(trusts) {
		return trusts[t]
	}
	return fmt.Sprintf("trust(%d)", uint8(t))
}

// MarshalText returns the same as [Trust.String].
func (t Trust) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Hashes counts the messages with a state, by the result of checking their state_hash.
type Hashes struct {
	// Verified counts those with the hash of the state that they led to.
	Verified uint64 `json:"verified"`
	// Absent counts those without a hash that can be verified. Producers omit it if the state
	// contains a whole number beyond 2^53. The states of GRAPH_START and of Checkpoint are not
	// counted, because they have none.
	Absent uint64 `json:"absent"`
	// Wrong counts those with another hash.
	Wrong uint64 `json:"wrong"`
}

// maxCheckpoints bounds how many checkpoints of a thread are remembered.
const maxCheckpoints = 32

// state is what is known of a thread's state.
type state struct {
	doc         *statediff.Document // a state that the producer had; nil while none is known
	trust       Trust
	sequence    uint64 // of the message that brought it
	hashes      Hashes
	checkpoints [][sha256.Size]byte // of their ids, newest last
}

// work is the tools shared by all threads, and the document that is being made.
type work struct {
	canonicalizer statediff.Canonicalizer
	summer        statediff.Summer
	next          *statediff.Document
}

// suspect records that a message is missing.
func (s *state) suspect() {
	if s.trust <= Current {
		s.trust = Suspect
	}
}

// lose records that the state was changed in a way that cannot be followed.
func (s *state) lose(reason Reason, err error) (Reason, error) {
	s.trust = Lost
	return reason, err
}

// take makes the new document the thread's state.
func (s *state) take(w *work, sequence uint64, trust Trust) {
	s.sequence, s.trust = sequence, trust
	// it uses the memory of another thread's large state
	if used := len(w.next.Bytes()); w.next.Footprint() > 16*used+1<<14 {
		s.doc = new(statediff.Document)
		s.doc.Set(w.next)
		return
	}
	if s.doc == nil {
		s.doc = new(statediff.Document)
	}
	s.doc, w.next = w.next, s.doc
}

// whole applies a whole state.
func (s *state) whole(w *work, sequence uint64, src []byte) (Reason, error) {
	if err := w.canonicalizer.ParseAfter(w.next, src, s.doc); err != nil {
		return s.lose(ReasonBadState, err)
	}
	s.take(w, sequence, Current)
	return "", nil
}

func (s *state) diff(w *work, sequence uint64, d *pb.StateDiff) (Reason, error) {
	if full := d.GetFullState(); len(full) > 0 {
		before := s.doc
		if reason, err := s.whole(w, sequence, full); reason != "" {
			return reason, err
		}
		if s.proof(w, s.doc, before, d.GetStateHash()) == wrong {
			s.trust = Suspect // it is what was sent, if not what was meant
			return ReasonHash, nil
		}
		return "", nil
	}
	return s.patch(w, sequence, d)
}

// patch applies a state that was sent as differences from the previous one, if the previous one is
// certain, or if the hash proves the result.
func (s *state) patch(w *work, sequence uint64, d *pb.StateDiff) (Reason, error) {
	if s.doc == nil {
		return s.lose(ReasonNoBase, nil)
	}
	ops, err := operations(d)
	if err == nil {
		err = w.canonicalizer.Apply(w.next, s.doc, ops)
	}
	if err != nil {
		return s.lose(ReasonBadPatch, err)
	}
	switch proof := s.proof(w, w.next, s.doc, d.GetStateHash()); {
	case proof == verified:
	case proof == wrong:
		return s.lose(ReasonHash, nil)
	case s.trust != Current:
		return s.lose(ReasonUnproven, nil)
	case !s.knows(d.GetBaseCheckpointId()):
		return s.lose(ReasonCheckpoint, nil)
	}
	s.take(w, sequence, Current)
	return "", nil
}

var errEncoding = errors.New("a value that is not JSON")

func operations(d *pb.StateDiff) ([]statediff.Op, error) {
	ops := make([]statediff.Op, len(d.GetOperations()))
	for i, o := range d.GetOperations() {
		ops[i] = statediff.Op{Kind: statediff.Kind(min(max(0, o.GetOp()), 255)), Path: o.GetPath(),
			From: o.GetFrom(), Value: o.GetValue()}
		if o.GetEncoding() != pb.DiffOperation_VALUE_ENCODING_JSON {
			return nil, fmt.Errorf("operation %d: %w: %v", i, errEncoding, o.GetEncoding())
		}
	}
	return ops, nil
}

// proof is the result of checking a hash.
type proof int

const (
	absent proof = iota
	verified
	wrong
)

// proof verifies the hash of a document that came after another one, which may be nil.
func (s *state) proof(w *work, d, before *statediff.Document, hash []byte) proof {
	if len(hash) == 0 {
		s.hashes.Absent++
		return absent
	}
	if sum := w.summer.Sum(d, before); string(sum[:]) == string(hash) {
		s.hashes.Verified++
		return verified
	}
	// other producers may hash what remains of a number beyond 2^53 in a double
	if !d.Verifiable() {
		s.hashes.Absent++
		return absent
	}
	s.hashes.Wrong++
	return wrong
}

var (
	errCompressed = errors.New("the state is compressed")
	errChecksum   = errors.New("the state does not have its checksum")
)

func (s *state) checkpoint(w *work, sequence uint64, c *pb.Checkpoint) (Reason, error) {
	text := c.GetState()
	if len(text) > 0 {
		if c.GetCompressionInfo().GetType() != pb.CompressionType_COMPRESSION_NONE {
			return s.lose(ReasonBadState, errCompressed)
		}
		if sum := sha256.Sum256(text); len(c.GetChecksum()) > 0 &&
			string(sum[:]) != string(c.GetChecksum()) {
			return s.lose(ReasonBadState, errChecksum)
		}
		if reason, err := s.whole(w, sequence, text); reason != "" {
			return reason, err
		}
	}
	if id := c.GetCheckpointId(); len(id) > 0 {
		if len(s.checkpoints) == maxCheckpoints {
			s.checkpoints = slices.Delete(s.checkpoints, 0, 1)
		}
		s.checkpoints = append(s.checkpoints, sha256.Sum256(id))
	}
	return "", nil
}

// knows reports whether a checkpoint came, or none is named.
func (s *state) knows(id []byte) bool {
	return len(id) == 0 || slices.Contains(s.checkpoints, sha256.Sum256(id))
}

// bytes returns the approximate memory of the state.
func (s *state) bytes() int {
	n := len(s.checkpoints) * sha256.Size
	if s.doc != nil {
		n += s.doc.Footprint()
	}
	return n
}
