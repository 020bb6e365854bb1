package seal

import (
	"bytes"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// stateSealer decides how each state is sent: not at all, as a patch, whole, or as a checkpoint.
// Readers of the stream have the state of a thread, and the baseline is what they have if nothing
// was lost. A patch is sent only if, as far as is known here, readers certainly have its baseline.
// So the first state of a thread is sent whole. So is the next one after any loss on the thread,
// after a state of another run, and after the baseline was evicted. Only the worker uses a
// stateSealer.
type stateSealer struct {
	cfg       *Config
	baselines baselines
	stats     stateCounters

	canon  statediff.Canonicalizer
	differ statediff.Differ
	summer statediff.Summer
	next   *statediff.Document // the state being sealed
	clean  []byte              // its JSON without secrets
	short  []byte              // its JSON if it had to be shortened
	ops    []byte              // its operations, encoded
}

// stateType is the state_type of checkpoints that the sealer makes.
const stateType = "json"

// seal turns a state into its message, in place. It returns [batching.ErrUnchanged] if readers have
// the state already.
func (s *stateSealer) seal(b *batching.Sealing) error {
	t := b.Lane().Data().(*Thread)
	head, raw := cutStateHead(b.Body())
	base := s.baselines.of(t)
	s.read(raw, base, s.cfg.stateLimit(t))
	var form stateForm
	whole := s.reasonForWhole(b, base, head.Run)
	if whole == notDegraded {
		ops, size, ok := s.differ.Diff(&base.doc, s.next)
		switch {
		case !ok:
			whole = degradedTooDifferent
		case len(ops) == 0:
			return batching.ErrUnchanged
		case head.Noted && !base.noted:
			// Whole once, so that those who see the notes also see everything that could be
			// encoded.
			whole = degradedFirst
		case s.checkpointDue(base, size):
			form.checkpoint = head.ID
		default:
			form.ops = ops
		}
	}
	if form.ops == nil && form.checkpoint == (wire.ID{}) {
		form.whole = true
	}
	if base == nil {
		base = s.baselines.add(t)
	}
	if err := s.write(b, t, &head, base, &form); err != nil {
		return err
	}
	base.run, base.noted = head.Run, head.Noted
	s.settle(base, &form, whole)
	s.trim()
	return nil
}

// keptScratch bounds the memory kept for the next state, in bytes of the last one.
const keptScratch = 4 << 20

// trim frees memory that only an unusually large state needed.
func (s *stateSealer) trim() {
	if s.next.Footprint() <= keptScratch && cap(s.clean) <= keptScratch &&
		cap(s.short) <= keptScratch {
		return
	}
	s.canon, s.differ, s.summer = statediff.Canonicalizer{}, statediff.Differ{}, statediff.Summer{}
	s.next, s.clean, s.short, s.ops = new(statediff.Document), nil, nil, nil
}

// stateForm is the form in which a state is sent: as operations, as a checkpoint, or whole.
type stateForm struct {
	ops        []statediff.Op
	checkpoint wire.ID
	whole      bool
	size       int // of the message's fields
}

// read fills s.next with the canonical form of a state without its secrets, shortened to the limit.
func (s *stateSealer) read(raw []byte, base *baseline, limit int) {
	var err error
	if r := s.cfg.Redactor; !r.Clean(raw) {
		var changed bool
		if s.clean, changed, err = r.JSON(s.clean[:0], raw); changed {
			raw = s.clean
		}
	}
	var last *statediff.Document
	if base != nil {
		last = &base.doc
	}
	if err == nil {
		err = s.canon.ParseAfter(s.next, raw, last)
	}
	if err != nil { // a RawMessage or a MarshalJSON can contain anything
		s.stats.degrade(degradedUnreadable, 1)
		s.must(s.canon.Parse(s.next, []byte(NoJSON)))
		s.cfg.Logger.Debug("dashstream: a state is not JSON", "error", err)
	}
	if len(s.next.Bytes()) <= limit {
		return
	}
	s.stats.degrade(degradedTruncated, 1)
	s.short, _ = s.next.Truncate(s.short[:0], limit)
	s.must(s.canon.ParseAfter(s.next, s.short, last))
}

// must panics on errors that cannot happen; the worker survives it, and the state counts as lost.
func (s *stateSealer) must(err error) {
	if err != nil {
		panic(fmt.Errorf("seal: state: %w", err))
	}
}

// reasonForWhole returns why no patch can be sent, notDegraded if one can.
func (s *stateSealer) reasonForWhole(b *batching.Sealing, base *baseline, run uint64) degradation {
	switch {
	case base == nil:
		return degradedFirst
	case b.AfterLoss() || base.doc.Empty():
		return degradedResync
	case base.run != run:
		return degradedRunChanged
	}
	return notDegraded
}

// checkpointDue reports whether the state is to be sent whole so that readers need not look further
// back.
func (s *stateSealer) checkpointDue(base *baseline, size int) bool {
	return base.patches+1 >= s.cfg.CheckpointPatches ||
		int64(base.patchBytes+size) >= s.cfg.CheckpointBytes
}

// write writes the message into the batch.
func (s *stateSealer) write(
	b *batching.Sealing, t *Thread, head *StateHead, base *baseline, form *stateForm,
) error {
	h := wire.Header{
		ID: head.ID, Parent: head.Parent, Micros: head.Micros, Thread: t.Header,
		Sequence: head.Sequence - b.Shift(),
		Type:     byte(pb.MessageType_MESSAGE_TYPE_STATE_DIFF),
	}
	var sum [32]byte
	var hash []byte
	if sum = s.summer.Sum(s.next, &base.doc); s.next.Verifiable() {
		hash = sum[:]
	}
	if form.checkpoint != (wire.ID{}) {
		h.Type = byte(pb.MessageType_MESSAGE_TYPE_CHECKPOINT)
		cp := wire.Checkpoint{ID: head.ID[:], State: s.next.Bytes(), Checksum: sum[:],
			Type: stateType}
		return s.put(b, &h, form, wire.SizeCheckpoint(&cp), func(buf []byte) []byte {
			return wire.AppendCheckpoint(buf, &cp)
		})
	}
	diff := wire.StateDiff{Hash: hash}
	if form.whole {
		diff.Full = s.next.Bytes()
	} else {
		s.ops = s.ops[:0]
		for i := range form.ops {
			op := &form.ops[i]
			s.ops = wire.AppendOperation(s.ops, byte(op.Kind), op.Path, op.Value, op.From)
		}
		diff.Operations = s.ops
		if base.checkpoint != (wire.ID{}) {
			diff.Base = base.checkpoint[:]
		}
	}
	return s.put(b, &h, form, wire.SizeStateDiff(&diff), func(buf []byte) []byte {
		return wire.AppendStateDiff(buf, &diff)
	})
}

func (s *stateSealer) put(
	b *batching.Sealing, h *wire.Header, form *stateForm, size int, fields func([]byte) []byte,
) error {
	width := wire.VarintLen(h.Sequence)
	form.size = size
	n := wire.SizeHeader(h, width) + size
	// what precedes a state in the queue is replaced by the header
	const from = wire.Frame
	buf := b.Resize(max(from+n-b.Headroom(), 0))
	if buf == nil {
		return batching.ErrNoRoom
	}
	fields(wire.AppendHeader(buf[from:from], h, width))
	b.SetValue(wire.PutFrame(buf, from, h.Type, n), from+n)
	return nil
}

// settle makes the state that was written the baseline.
func (s *stateSealer) settle(base *baseline, form *stateForm, whole degradation) {
	base.doc, *s.next = *s.next, base.doc
	switch {
	case form.ops != nil:
		base.patches++
		base.patchBytes += form.size
		s.stats.patches.Add(1)
	case form.whole:
		base.patches, base.patchBytes, base.checkpoint = 0, 0, wire.ID{}
		s.stats.whole.Add(1)
		if whole != degradedFirst {
			s.stats.degrade(whole, 1)
		}
	default:
		base.patches, base.patchBytes, base.checkpoint = 0, 0, form.checkpoint
		s.stats.checkpoints.Add(1)
	}
	s.stats.bytes.Add(uint64(form.size))
	s.baselines.charge(base)
}

// forget makes the next state of the thread be sent whole, because something other than a state has
// set its state.
func (s *stateSealer) forget(t *Thread) {
	if base := s.baselines.of(t); base != nil {
		base.doc.Reset()
	}
}

// events examines events that are sent. A run that starts sets the state, or makes it unknown, also
// for other runs of the thread.
func (s *stateSealer) events(t *Thread, events []byte) {
	if s.baselines.has(t) && startRun(events) {
		s.forget(t)
	}
}

// startRun reports whether the events of a batch include a GRAPH_START, or a HUMAN_RESUME with a
// state.
func startRun(events []byte) bool {
	for len(events) > 0 {
		_, _, tag := protowire.ConsumeTag(events)
		event, n := protowire.ConsumeBytes(events[max(tag, 0):])
		if tag < 0 || n < 1 {
			return true // not events: readers will notice
		}
		events = events[tag+n:]
		if len(event) == 0 {
			continue
		}
		header := protowire.ConsumeFieldValue(1, protowire.BytesType, event[1:])
		if header < 0 || len(event) < 1+header+2 {
			continue
		}
		kind, n := protowire.ConsumeVarint(event[1+header+1:])
		switch pb.EventType(kind) {
		case pb.EventType_EVENT_TYPE_GRAPH_START:
			return true
		case pb.EventType_EVENT_TYPE_HUMAN_RESUME:
			if bytes.Contains(event[1+header+1+n:], []byte(InitialStateKey)) {
				return true
			}
		}
	}
	return false
}
