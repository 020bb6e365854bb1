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

// stateSealer decides what becomes of each state: nothing, a patch, the whole state, or a
// checkpoint. Readers of the stream hold the state of a thread; the baseline is what they hold if
// nothing was lost. A patch is sent only from a baseline that readers have for sure as far as is
// known here: the first state of a thread goes out whole, and so does the next one after any loss
// on the thread, after a state of another run, and after the baseline was evicted. Only the worker
// uses it.
type stateSealer struct {
	cfg       *Config
	baselines baselines
	stats     stateCounters

	canon  statediff.Canonicalizer
	differ statediff.Differ
	summer statediff.Summer
	next   *statediff.Document // of the state that is being sealed
	clean  []byte              // its JSON without secrets
	short  []byte              // its JSON when it had to be cut
	ops    []byte              // its operations, encoded
}

// stateType is the state_type of checkpoints that are made here.
const stateType = "json"

// seal turns a state into its message, in place. It returns [batching.ErrUnchanged] when readers
// have the state already.
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
			// Once: whoever looks at what could not be written sees beside it all that could.
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

// keptScratch bounds the memory that is kept for the next state, in bytes of the last one.
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

// stateForm is how a state goes out: as operations, as a checkpoint, or whole.
type stateForm struct {
	ops        []statediff.Op
	checkpoint wire.ID
	whole      bool
	size       int // of the message's fields
}

// read fills s.next with the canonical form of a state without its secrets, cut to the limit.
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
	if err != nil { // a RawMessage or a MarshalJSON can hold anything
		s.stats.degrade(degradedUnreadable, 1)
		s.must(s.canon.Parse(s.next, []byte(NoJSON)))
		s.cfg.Logger.Debug("dashstream: a state is no JSON", "error", err)
	}
	if len(s.next.Bytes()) <= limit {
		return
	}
	s.stats.degrade(degradedTruncated, 1)
	s.short, _ = s.next.Truncate(s.short[:0], limit)
	s.must(s.canon.ParseAfter(s.next, s.short, last))
}

// must panics on what cannot fail; the worker survives it, and the state counts as lost.
func (s *stateSealer) must(err error) {
	if err != nil {
		panic(fmt.Errorf("seal: state: %w", err))
	}
}

// reasonForWhole says why no patch can be sent, notDegraded if one can.
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

// checkpointDue says whether the state goes out whole so that readers need not look back further.
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
	// what stands in front of a state in the queue is for the header that comes now
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

// forget makes the next state of the thread go out whole, because something else than a state has
// said what its state is.
func (s *stateSealer) forget(t *Thread) {
	if base := s.baselines.of(t); base != nil {
		base.doc.Reset()
	}
}

// events sees events that go out. A run that starts says what the state is, or that it is unknown:
// for another run of the thread, too, that goes on.
func (s *stateSealer) events(t *Thread, events []byte) {
	if s.baselines.has(t) && startRun(events) {
		s.forget(t)
	}
}

// startRun says whether there is a GRAPH_START among the events of a batch, or a HUMAN_RESUME with
// a state.
func startRun(events []byte) bool {
	for len(events) > 0 {
		_, _, tag := protowire.ConsumeTag(events)
		event, n := protowire.ConsumeBytes(events[max(tag, 0):])
		if tag < 0 || n < 1 {
			return true // no events: whoever reads them will say so
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
