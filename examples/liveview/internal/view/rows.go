package view

import (
	"container/list"
	"slices"
	"strings"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

const (
	// maxRows bounds the list: beyond it, the rows that were quiet for longest are removed.
	maxRows = 10_000
	// maxRunsOfThread bounds the rows of one thread.
	maxRunsOfThread = 16
	// staleAfter is when a run that is running, and of which nothing comes, is called stale.
	staleAfter = time.Minute
)

// row is a run in the list.
type row struct {
	Row
	id       reduce.ID
	thread   *thread
	running  map[reduce.ID]string // nodes that run now
	arrived  time.Time            // when its latest message came
	revision uint64               // of the view when it changed last
	timed    int                  // how many flags time decided, when it was last looked at
	place    *list.Element
	haystack string // what text is looked for in
}

// thread is what the view knows of a thread all the time, whether somebody looks at it or not.
type thread struct {
	id   string
	info info
	rows []*row
	line bool // its messages are no longer kept
}

// rowOf returns the row of a thread's latest run, and makes it if it is new.
func (v *View) rowOf(t *thread, th *reduce.Thread) *row {
	var id reduce.ID
	run := th.Run()
	if run != nil {
		id = run.ID
	}
	for _, r := range t.rows {
		if r.id == id {
			return r
		}
	}
	if len(t.rows) == 1 && t.rows[0].id == (reduce.ID{}) {
		t.rows[0].id = id // its start comes only now
		return t.rows[0]
	}
	if len(t.rows) == maxRunsOfThread {
		v.removeRow(t.rows[0])
	}
	r := &row{id: id, thread: t, running: map[reduce.ID]string{}}
	r.Thread = t.id
	r.place = v.rows.PushFront(r)
	t.rows = append(t.rows, r)
	for v.rows.Len() > maxRows {
		v.removeRow(v.rows.Back().Value.(*row))
	}
	return r
}

func (v *View) removeRow(r *row) {
	v.rows.Remove(r.place)
	t := r.thread
	t.rows = slices.DeleteFunc(t.rows, func(other *row) bool { return other == r })
	if len(t.rows) == 0 {
		delete(v.threads, t.id)
	}
}

// update puts what the reducer knows into a row.
func (r *row) update(th *reduce.Thread, flags []string) {
	if run := r.run(th); run != nil {
		r.Run, r.Graph, r.Status = r.id.String(), name(run.Graph.Name), status(run.Status)
		r.Started, r.Ended = micros(run.StartedAt), micros(run.EndedAt)
		r.Duration = run.Duration.Microseconds()
		r.Error, r.Waiting = text(run.Error), text(run.Waiting)
	} else if r.Status == "" {
		r.Status = reduce.Running.String()
	}
	if r.Status != "running" {
		clear(r.running)
	}
	names := slices.Compact(slices.Sorted(mapValues(r.running)))
	r.Node = strings.Join(names[:min(len(names), 5)], ", ")
	r.Flags = flags
	r.Tenant, r.Producer = r.thread.info.tenant, name(r.thread.info.source.Producer)
	r.haystack = strings.ToLower(r.Thread + "\n" + r.Error)
}

// run returns the run of a row, nil if its start was not seen.
func (r *row) run(th *reduce.Thread) *reduce.Run {
	if last := th.Run(); last == nil || last.ID == r.id {
		return last
	}
	for run := range th.Runs() {
		if run.ID == r.id {
			return run
		}
	}
	return nil
}

func mapValues(m map[reduce.ID]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, s := range m {
			if !yield(s) {
				return
			}
		}
	}
}

// count adds to the numbers of a row what an applied part says.
func (r *row) count(th *reduce.Thread, p *part) {
	r.Updated = max(r.Updated, p.header.GetTimestampUs())
	if p.event == nil {
		switch p.message.GetToolExecution().GetStage() {
		case pb.ToolExecution_EXECUTION_STAGE_STARTED:
			r.Calls++
		case pb.ToolExecution_EXECUTION_STAGE_RETRYING:
			r.Retries++
		}
		return
	}
	switch p.event.GetEventType() {
	case pb.EventType_EVENT_TYPE_NODE_START:
		r.Nodes++
		id := idOf(p.header.GetMessageId())
		if n := th.Node(id); n != nil && n.Status == reduce.Running && len(r.running) < 256 {
			r.running[id] = clip(n.Name, 64)
		}
	case pb.EventType_EVENT_TYPE_NODE_END, pb.EventType_EVENT_TYPE_NODE_ERROR:
		id := idOf(p.header.GetParentId())
		if id != (reduce.ID{}) {
			delete(r.running, id)
			return
		}
		for id := range r.running {
			if n := th.Node(id); n == nil || n.Status != reduce.Running {
				delete(r.running, id)
			}
		}
	case pb.EventType_EVENT_TYPE_LLM_START, pb.EventType_EVENT_TYPE_TOOL_START:
		r.Calls++
	case pb.EventType_EVENT_TYPE_LLM_END, pb.EventType_EVENT_TYPE_LLM_ERROR:
		r.Tokens += tokensOf(p.event)
	case pb.EventType_EVENT_TYPE_LLM_RETRY:
		r.Retries++
	}
}

// flagsNow returns the flags that time and other threads decide.
func (v *View) flagsNow(r *row, now time.Time) []string {
	flags := []string{}
	if r.Status == "running" {
		if now.Sub(r.arrived) >= staleAfter {
			flags = append(flags, FlagStale)
		}
		if v.producers.status(r.thread.info.source.Producer, now) == "died" {
			flags = append(flags, FlagProducerDied)
		}
	}
	if r.thread.line {
		flags = append(flags, FlagLine)
	}
	return flags
}
