package main

import (
	"fmt"
	"io"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/internal/jsonlines"
)

// explain writes a line for each loss that a statement has of the threads that are shown, whatever
// thread the statement itself is in.
func (t *tailer) explain(i *item, statement *pb.Metrics) {
	if !t.filter.wantsKind(kindGap) {
		return
	}
	losses, _ := pb.Losses(statement) // what is malformed is not followed: the reducer counts it
	for _, l := range losses {
		if t.filter.wantsThread(l.Thread) && !t.enough() {
			t.format.explained(t.out, i, l)
			t.written++
		}
	}
}

// why says why numbers are missing, "" if nothing is known yet.
func (s *states) why(thread string, j jsonlines.Jump) string {
	th := s.reducer.Thread(thread)
	if th == nil || j.From == 0 {
		return ""
	}
	for _, g := range th.Losses().Gaps {
		if g.Range != (reduce.Range{From: j.From, To: j.To}) || g.Explained == 0 {
			continue
		}
		if g.Verdict == reduce.Explained {
			return "explained: " + causesText(g.Causes)
		}
		return fmt.Sprintf("%s explained: %s", grouped(int64(g.Explained)), causesText(g.Causes))
	}
	return ""
}

// explained writes a loss in a line of its thread.
func (t *textLines) explained(w io.Writer, i *item, loss pb.Loss) {
	numbers := fmt.Sprintf("%d..%d", loss.First, loss.Last)
	if loss.First == loss.Last {
		numbers = fmt.Sprint(loss.First)
	}
	if loss.Coarse() {
		numbers = fmt.Sprintf("%s of %s", grouped(int64(loss.Count)), numbers)
	}
	what := fmt.Sprintf("explained: %s lost, %s %s", numbers, pb.LossType(loss.Type), loss.Reason)
	if loss.Events != loss.Count {
		what += fmt.Sprintf(", %s events", grouped(int64(loss.Events)))
	}
	t.write(w, &line{at: i.at(), thread: loss.Thread, kind: kindGap, node: "-", colors: bold + red,
		what: what})
}

func causesText(causes []reduce.Cause) string {
	var all []string
	for _, c := range causes {
		all = append(all, fmt.Sprintf("%s %s %s", pb.LossType(c.Type), c.Reason,
			grouped(int64(c.Count))))
	}
	return strings.Join(all, ", ")
}

// statementText says what a statement of losses has, in the line of the statement itself.
func statementText(m *pb.Metrics) string {
	losses, err := pb.Losses(m)
	var numbers int64
	threads := map[string]bool{}
	for _, l := range losses {
		numbers += int64(l.Count)
		threads[l.Thread] = true
	}
	what := fmt.Sprintf("%s: %s lost in %s of %s", cut(m.GetTags()["service"]), grouped(numbers),
		counted(len(losses), "range"), counted(len(threads), "thread"))
	if err != nil {
		what += ", " + err.Error()
	}
	return what
}

// summary says what is missing in the threads that are shown, and how much of it is explained; ""
// if nothing is missing.
func (t *tailer) summary() string {
	var all reduce.Losses
	add := func(id string, l reduce.Losses) {
		if t.filter.wantsThread(id) && (t.stateOf == "" || t.stateOf == id) {
			all.Add(l)
		}
	}
	for th := range t.states.reducer.Threads() {
		add(th.ID(), th.Losses())
	}
	for id, l := range t.states.reducer.Unseen() {
		add(id, l)
	}
	if all.Missing == 0 {
		return ""
	}
	what := fmt.Sprintf("missing numbers: %s; %s explained", grouped(int64(all.Missing)),
		grouped(int64(all.Explained)))
	if all.Explained > 0 {
		what += " (" + causesText(all.Causes) + ")"
	}
	what += fmt.Sprintf(", %s unexplained", grouped(int64(all.Unexplained)))
	if all.Pending > 0 {
		what += fmt.Sprintf(", %s that may still come", grouped(int64(all.Pending)))
	}
	s := t.states.reducer.Statements()
	if s.Missing > 0 {
		what += fmt.Sprintf("; missing statements of losses: %s", grouped(int64(s.Missing)))
	}
	if n := t.states.reducer.Forgotten(); n > 0 {
		what += fmt.Sprintf("; threads not counted, quiet for longest: %s", grouped(int64(n)))
	}
	return what
}
