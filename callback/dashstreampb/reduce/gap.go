package reduce

import (
	"encoding/json"
	"math"
	"strconv"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Verdict says whether the producer stated that it lost what is missing.
type Verdict uint8

const (
	// Unexplained: no statement covers the missing numbers.
	Unexplained Verdict = iota
	// Partly: statements cover some of the missing numbers, or state fewer losses in the range than
	// numbers are missing. Then it is unknown which ones they explain.
	Partly
	// Explained: statements account for all missing numbers.
	Explained
)

var verdicts = [...]string{"unexplained", "partly", "explained"}

// String returns "unexplained", "partly" or "explained".
func (v Verdict) String() string {
	if int(v) < len(verdicts) {
		return verdicts[v]
	}
	return "verdict(" + strconv.Itoa(int(v)) + ")"
}

// MarshalText returns the same as [Verdict.String].
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Place is where in its thread a gap is.
type Place string

const (
	// PlaceBetween: between numbers that arrived. Such a gap is seen without a statement.
	PlaceBetween Place = "between"
	// PlaceStart: before the first number that arrived. Only what is stated is known to be missing.
	PlaceStart Place = "start"
	// PlaceEnd: after the last number that arrived, up to the last that is stated. What no
	// statement covers there may be on its way, unless the topic was read to its end.
	PlaceEnd Place = "end"
	// PlaceAll: no message of the thread was seen. It is like PlaceEnd otherwise.
	PlaceAll Place = "all"
	// PlaceElsewhere: stated by a producer of whose messages in the thread none arrived, or whose
	// messages were seen too long ago.
	PlaceElsewhere Place = "elsewhere"
)

// Gap is a range of numbers of which some are missing.
type Gap struct {
	Range
	Place Place
	// Missing is how many numbers of the range are missing. It is all of them, unless Merged.
	Missing uint64
	// Merged: the range stands for more gaps than are stored, or for more statements. What is
	// missing in it is known, but not which numbers those are; Explained is an upper bound then.
	Merged  bool
	Verdict Verdict
	// Explained is how many of the missing numbers statements account for. Where coarse statements
	// do not suffice for all gaps in their ranges, the first gaps get them, and the Verdict is
	// Partly for each.
	Explained uint64
	// Causes says why the explained numbers are missing, one entry for each type and reason.
	Causes []Cause
}

// Cause is why messages are missing.
type Cause struct {
	Type pb.MessageType
	// Reason is one of [pb.LossReasons], or one that a later producer gives. In one stored
	// statement that stands for many it may be [OtherReasons].
	Reason string
	// Count is how many numbers are missing for it, Events how many of the application's events
	// they had. If a statement is about several gaps, its events are distributed over them.
	Count, Events uint64
}

// OtherReasons stands for further reasons where many statements are stored as one.
const OtherReasons = "others"

// Losses is what is known about the missing messages of a thread. All counts are of numbers.
type Losses struct {
	// Gaps are in the order of their numbers. Those of an earlier numbering, by a producer that
	// wrote the thread before, come before those of the last one, and PlaceElsewhere comes last.
	// Beyond four numberings of a thread, the gaps of the oldest are only counted.
	Gaps []Gap
	// Missing is the sum of Explained, Unexplained and Pending.
	Missing, Explained, Unexplained uint64
	// Pending counts numbers at the end that no statement covers although a later one is stated:
	// they are on their way, or unexplained if the topic was read to its end.
	Pending uint64
	// Causes says why the explained numbers are missing, one entry for each type and reason.
	Causes []Cause
}

// add adds a gap and its counts. More messages may come if the gap is of the last era.
func (l *Losses) add(g Gap, last bool) {
	l.Gaps = append(l.Gaps, g)
	l.count(g, last)
}

// Add adds the counts and causes of another thread; not its gaps.
func (l *Losses) Add(other Losses) {
	l.Missing, l.Explained = plus(l.Missing, other.Missing), plus(l.Explained, other.Explained)
	l.Unexplained = plus(l.Unexplained, other.Unexplained)
	l.Pending = plus(l.Pending, other.Pending)
	for _, c := range other.Causes {
		l.Causes = addCause(l.Causes, c)
	}
}

// count adds the counts of a gap.
func (l *Losses) count(g Gap, last bool) {
	l.Missing = plus(l.Missing, g.Missing)
	l.Explained = plus(l.Explained, g.Explained)
	rest := g.Missing - g.Explained
	if last && (g.Place == PlaceEnd || g.Place == PlaceAll) {
		l.Pending = plus(l.Pending, rest)
	} else {
		l.Unexplained = plus(l.Unexplained, rest)
	}
	for _, c := range g.Causes {
		l.Causes = addCause(l.Causes, c)
	}
}

// maxCauses bounds the causes that are distinguished; producers give fewer than this.
const maxCauses = 128

// addCause adds to the entry of its type and reason.
func addCause(causes []Cause, c Cause) []Cause {
	for i := range causes {
		if causes[i].Type == c.Type && causes[i].Reason == c.Reason {
			causes[i].Count = plus(causes[i].Count, c.Count)
			causes[i].Events = plus(causes[i].Events, c.Events)
			return causes
		}
	}
	if len(causes) >= maxCauses && c.Reason != OtherReasons {
		c.Reason = OtherReasons
		return addCause(causes, c)
	}
	return append(causes, c)
}

// plus adds without overflow.
func plus(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

// MarshalJSON writes numbers as [Thread.MarshalJSON] does.
func (g Gap) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		From      whole   `json:"from"`
		To        whole   `json:"to"`
		Place     Place   `json:"place"`
		Missing   whole   `json:"missing"`
		Merged    bool    `json:"merged,omitempty"`
		Verdict   Verdict `json:"verdict"`
		Explained whole   `json:"explained"`
		Causes    []Cause `json:"causes,omitempty"`
	}{whole(g.From), whole(g.To), g.Place, whole(g.Missing), g.Merged, g.Verdict,
		whole(g.Explained), g.Causes})
}

// MarshalJSON writes numbers as [Thread.MarshalJSON] does.
func (c Cause) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Type   string `json:"message_type"`
		Reason string `json:"reason"`
		Count  whole  `json:"count"`
		Events whole  `json:"events"`
	}{pb.LossType(c.Type), c.Reason, whole(c.Count), whole(c.Events)})
}

// MarshalJSON writes numbers as [Thread.MarshalJSON] does.
func (l Losses) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Gaps        []Gap   `json:"gaps"`
		Missing     whole   `json:"missing"`
		Explained   whole   `json:"explained"`
		Unexplained whole   `json:"unexplained"`
		Pending     whole   `json:"pending"`
		Causes      []Cause `json:"causes,omitempty"`
	}{append([]Gap{}, l.Gaps...), whole(l.Missing), whole(l.Explained), whole(l.Unexplained),
		whole(l.Pending), l.Causes})
}
