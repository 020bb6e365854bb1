package seal

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// stretch is a part of the events of a batch that becomes a record of its own.
type stretch struct {
	from, to, events int
	first, last      uint64 // sequence numbers
}

// split makes several records of a batch whose events, without their secrets, are larger than a
// message may be. Each event that is too large by itself is dropped alone.
func (s *Sealer) split(b *batching.Sealing, events []byte) error {
	parts, err := cutEvents(events, s.cfg.MaxMessageBytes-b.Headroom())
	if err != nil {
		return err
	}
	for i := len(parts) - 1; i > 0; i-- {
		p := parts[i]
		size := p.to - p.from
		if s.isTooLarge(b, p) {
			size = 0
		}
		n := b.Split(size, p.events, parts[i-1].last, p.first)
		if n == nil {
			return batching.ErrNoRoom
		}
		if size == 0 {
			n.Refuse(s.tooLarge(b.Headroom() + p.to - p.from))
			continue
		}
		from := n.Headroom()
		s.frame(n, from, from+copy(n.Buffer()[from:], events[p.from:p.to]))
	}
	if s.isTooLarge(b, parts[0]) {
		b.Refuse(s.tooLarge(b.Headroom() + parts[0].to))
		return nil
	}
	return s.put(b, events[:parts[0].to])
}

func (s *Sealer) isTooLarge(b *batching.Sealing, p stretch) bool {
	return b.Headroom()+p.to-p.from > s.cfg.MaxMessageBytes
}

// cutEvents cuts events into parts of at most limit bytes, or of one event.
func cutEvents(events []byte, limit int) (parts []stretch, err error) {
	for at := 0; at < len(events); {
		_, _, tag := protowire.ConsumeTag(events[at:])
		event, n := protowire.ConsumeBytes(events[at+max(tag, 0):])
		if tag < 0 || n < 0 {
			return nil, errHole
		}
		seq, err := wire.Sequence(event)
		if err != nil {
			return nil, err
		}
		end := at + tag + n
		if k := len(parts) - 1; k >= 0 && end-parts[k].from <= limit {
			parts[k].to, parts[k].last = end, seq
			parts[k].events++
		} else {
			parts = append(parts, stretch{from: at, to: end, events: 1, first: seq, last: seq})
		}
		at = end
	}
	return parts, nil
}
