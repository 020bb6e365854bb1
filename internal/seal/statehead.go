package seal

import (
	"encoding/binary"

	"github.com/dashstream/dashstream-go/internal/wire"
)

// StateHead is what stands in front of a state's JSON in the queue: what its message's header and
// the decision of its form need.
type StateHead struct {
	ID, Parent wire.ID
	Micros     int64  // as the wire has it
	Sequence   uint64 // as it was numbered on emit
	Run        uint64 // the number of the run that set the state
	Noted      bool   // notes stand in it for what could not be written
}

// StateHeadSize has room to spare: with the lane's headroom, a whole state or a checkpoint takes no
// more than what it was written into, so that no state is lost because the queue is full by the
// time it is sealed. The header is that of the headroom and a number; the fields are an id, a hash,
// a type, and the state itself.
const StateHeadSize = 2*len(wire.ID{}) + 3*8 + stateSpare

const stateSpare = 24

// noted is the bit of [StateHead.Noted], beside the number of the run.
const noted = 1 << 63

// Append writes h to b. The state as JSON goes behind it.
func (h *StateHead) Append(b []byte) []byte {
	b = append(append(b, h.ID[:]...), h.Parent[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.Micros))
	b = binary.BigEndian.AppendUint64(b, h.Sequence)
	run := h.Run
	if h.Noted {
		run |= noted
	}
	b = binary.BigEndian.AppendUint64(b, run)
	return append(b, make([]byte, stateSpare)...)
}

// cutStateHead splits what [StateHead.Append] and the JSON behind it made.
func cutStateHead(b []byte) (h StateHead, json []byte) {
	copy(h.ID[:], b)
	copy(h.Parent[:], b[16:])
	h.Micros = int64(binary.BigEndian.Uint64(b[32:]))
	h.Sequence = binary.BigEndian.Uint64(b[40:])
	run := binary.BigEndian.Uint64(b[48:])
	h.Run, h.Noted = run&^noted, run&noted != 0
	return h, b[StateHeadSize:]
}
