package chaos

import (
	"encoding/json"
	"strconv"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// numbersOf returns the numbers of the events in a message, in order; none if the message is not
// one of a player's events.
func numbersOf(m *pb.DashStreamMessage) []uint32 {
	switch {
	case m.GetEvent() != nil:
		return numbersOfEvent(m.GetEvent())
	case m.GetTokenChunk() != nil:
		return numbersOfChunk(m.GetTokenChunk())
	case m.GetToolExecution() != nil:
		x := m.GetToolExecution()
		n := parse(x.GetCallId())
		if x.GetStage() == pb.ToolExecution_EXECUTION_STAGE_COMPLETED {
			n++
		}
		return []uint32{n}
	case m.GetStateDiff() != nil:
		return numbersOfState(m.GetStateDiff())
	}
	return nil
}

func numbersOfEvent(e *pb.Event) []uint32 {
	if n, ok := e.GetAttributes()["n"]; ok {
		return []uint32{uint32(n.GetIntValue())}
	}
	return nil
}

func numbersOfChunk(c *pb.TokenChunk) (numbers []uint32) {
	for word := range strings.FieldsSeq(c.GetText()) {
		numbers = append(numbers, parse(strings.TrimPrefix(word, "t")))
	}
	if c.GetIsFinal() {
		numbers = append(numbers, parse(c.GetRequestId()))
	}
	return numbers
}

func numbersOfState(s *pb.StateDiff) []uint32 {
	if full := s.GetFullState(); len(full) > 0 {
		var state struct{ N uint32 }
		if json.Unmarshal(full, &state) == nil {
			return []uint32{state.N}
		}
		return nil
	}
	for _, op := range s.GetOperations() {
		if op.GetPath() == "/n" {
			return []uint32{parse(string(op.GetValue()))}
		}
	}
	return nil
}

// parse returns 0, which is no event's number, if text is no number.
func parse(text string) uint32 {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}
