package chaos

import (
	"cmp"
	"encoding/json"
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// lossScope is the scope of a message that states losses.
const lossScope = "dashstream_loss"

// statement is one range of a loss statement, with the names of its JSON.
type statement struct {
	Instance string `json:"-"`
	Thread   string `json:"thread_id"`
	First    uint64 `json:"first,string"`
	Last     uint64 `json:"last,string"`
	Count    uint64 `json:"count,string"`
	Events   uint64 `json:"events,string"`
	Kind     string `json:"message_type"`
	Reason   string `json:"reason"`
}

// addStatement adds the ranges of a message, unless it is another report or came before.
func (a *audit) addStatement(m *pb.Metrics) {
	if m.GetScope() != lossScope || a.said[string(m.GetHeader().GetMessageId())] {
		return
	}
	a.said[string(m.GetHeader().GetMessageId())] = true
	for key, value := range m.GetMetrics() {
		s := statement{Instance: m.GetScopeId()}
		err := json.Unmarshal([]byte(value.GetStringValue()), &s)
		if err != nil || s.First < 1 || s.Last < s.First || s.Count < 1 ||
			s.Count > s.Last-s.First+1 || s.Events < s.Count {
			a.violation("invalid statement", "%s: %q, %v", key, value.GetStringValue(), err)
			continue
		}
		a.statements = append(a.statements, s)
	}
}

// cover is a range of numbers that statements cover without a break, and what they say of it.
type cover struct {
	first, last   uint64
	count, events uint64
}

// covers joins the statements of one thread.
func covers(of []statement) (joined []cover) {
	of = slices.Clone(of)
	slices.SortFunc(of, func(a, b statement) int { return cmp.Compare(a.First, b.First) })
	for _, s := range of {
		if n := len(joined); n > 0 && s.First <= joined[n-1].last {
			c := &joined[n-1]
			c.last, c.count = max(c.last, s.Last), c.count+s.Count
			c.events += s.Events
			continue
		}
		joined = append(joined, cover{s.First, s.Last, s.Count, s.Events})
	}
	return joined
}

// explanation is what the statements make of a thread's holes.
type explanation struct {
	stated      int    // missing events that they explain
	left        int    // missing events at the end of the thread that they do not explain
	unexplained uint64 // missing numbers before its end that they do not explain
}

// explain holds the statements of a thread against its holes.
func (t *threadAudit) explain(of []statement) (e explanation) {
	said := covers(of)
	for _, h := range t.holes {
		var count, events uint64 // of the hole, that they explain
		for i := range said {
			c := &said[i]
			first, last := max(c.first, h.first), min(c.last, h.last)
			if first > last {
				continue
			}
			numbers := min(c.count, last-first+1)
			c.count, count = c.count-numbers, count+numbers
			part := min(c.events, uint64(h.events)-events)
			c.events, events = c.events-part, events+part
		}
		e.stated += int(events)
		if h.atEnd {
			e.left += h.events - int(events)
		} else {
			e.unexplained += h.last - h.first + 1 - count
		}
	}
	return e
}
