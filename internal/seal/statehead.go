package seal

import (
	"encoding/binary"

	"github.com/dashstream/dashstream-go/internal/wire"
)

// StateHead precedes a state's JSON in the queue: it has what its message's header and the choice
// of its form need.
type StateHead struct {
	ID, Parent wire.ID
	Micros     int64  // as on the wire
	Sequence   uint64 // the number assigned on emit
	Run        uint64 // the number of the run that set the state
	Noted      bool   // it contains notes in place of what could not be encoded
}

// StateHeadSize is generous: with the lane's headroom, a whole state or a checkpoint takes no more
// memory than it was written into. So no state is lost because the queue is full when it is sealed.
// The header consists of the headroom's content and a number; the fields are an id, a hash, a type,
// and the state itself.
const StateHeadSize = 2*len(wire.ID{}) + 3*8 + stateSpare

const stateSpare = 24

// noted is the bit of [StateHead.Noted], besides the number of the run.
const noted = 1 << 63

// Append appends h to b. The state's JSON follows it.
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

// cutStateHead splits what [StateHead.Append] wrote from the JSON behind it.
func cutStateHead(b []byte) (h StateHead, json []byte) {
	copy(h.ID[:], b)
	copy(h.Parent[:], b[16:])
	h.Micros = int64(binary.BigEndian.Uint64(b[32:]))
	h.Sequence = binary.BigEndian.Uint64(b[40:])
	run := binary.BigEndian.Uint64(b[48:])
	h.Run, h.Noted = run&^noted, run&noted != 0
	return h, b[StateHeadSize:]
}
