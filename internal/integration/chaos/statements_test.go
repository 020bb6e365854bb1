package chaos

import (
	"cmp"
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// addStatement adds the losses of a message, unless it is another report or came before.
func (a *audit) addStatement(m *pb.DashStreamMessage) {
	said := m.LossStatement()
	id := string(m.Header().GetMessageId())
	if said == nil || a.said[id] {
		return
	}
	a.said[id] = true
	losses, err := pb.Losses(said)
	if err != nil {
		a.violation("invalid statement", "%v", err)
	}
	a.statements++
	for _, l := range losses {
		// A statement that may have arrived and is then refused is sent again in parts, of which
		// only the first has its message id: the others repeat what was stated.
		if !slices.Contains(a.losses[l.Thread], l) {
			a.losses[l.Thread] = append(a.losses[l.Thread], l)
		}
	}
}

// cover is a range of numbers that losses cover without a break, and what is left of their counts.
type cover struct {
	first, last   uint64
	count, events uint64
}

// covers joins the losses of one thread.
func covers(losses []pb.Loss) (joined []cover) {
	losses = slices.Clone(losses)
	slices.SortFunc(losses, func(a, b pb.Loss) int { return cmp.Compare(a.First, b.First) })
	for _, l := range losses {
		if n := len(joined); n > 0 && l.First <= joined[n-1].last {
			c := &joined[n-1]
			c.last, c.count = max(c.last, l.Last), c.count+l.Count
			c.events += l.Events
			continue
		}
		joined = append(joined, cover{l.First, l.Last, l.Count, l.Events})
	}
	return joined
}

// take returns how many numbers and events of a hole the covers explain, at most what is missing in
// it, and subtracts them.
func take(covers []cover, h hole, numbers, events uint64) (n, e uint64) {
	for i := range covers {
		c := &covers[i]
		first, last := max(c.first, h.first), min(c.last, h.last)
		if first > last {
			continue
		}
		some := min(c.count, last-first+1, numbers-n)
		c.count, n = c.count-some, n+some
		some = min(c.events, events-e)
		c.events, e = c.events-some, e+some
	}
	return n, e
}

// explanation is what is known of the holes of a thread.
type explanation struct {
	stated, reported int    // missing events that the topic explains, and the shutdown report
	events           int    // missing events at the end of the thread that neither explains
	numbers          uint64 // missing numbers before the end that neither explains
}

// explain holds what the topic states of a thread, and the shutdown report, against its holes.
func (t *threadAudit) explain(stated, reported []pb.Loss) (x explanation) {
	inTopic, inReport := covers(stated), covers(reported)
	for _, h := range t.holes {
		numbers, events := h.last-h.first+1, uint64(h.events)
		n, e := take(inTopic, h, numbers, events)
		m, f := take(inReport, h, numbers-n, events-e)
		x.stated, x.reported = x.stated+int(e), x.reported+int(f)
		if h.atEnd {
			x.events += int(events - e - f)
		} else {
			x.numbers += numbers - n - m
		}
	}
	return x
}
