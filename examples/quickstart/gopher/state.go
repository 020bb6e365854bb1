package gopher

import (
	"context"

	"github.com/cloudwego/eino/schema"
)

// A run that waits for a human is written down, and so is what it knows.
func init() { schema.RegisterName[research]("gopher.research") }

// research is the state of a run: what the agent knows so far. Handlers of Eino's keep it; they run
// when their node has ended.
type research struct {
	Question string   `json:"question"`
	LooksFor []string `json:"looks_for"`
	Looks    int      `json:"looks"`
	Passages int      `json:"passages"`
	Cites    []string `json:"cites"`
}

func newResearch(context.Context) *research {
	return &research{LooksFor: []string{}, Cites: []string{}}
}

// planned notes what is looked for next.
func planned(_ context.Context, p plan, r *research) (plan, error) {
	r.Question, r.LooksFor = p.Question, r.LooksFor[:0:0]
	for _, c := range p.Concepts {
		r.LooksFor = append(r.LooksFor, c...)
	}
	return p, nil
}

// looked notes that the searches have given something.
func looked(_ context.Context, f findings, r *research) (findings, error) {
	r.Looks++
	r.Passages += len(f.Evidence)
	return f, nil
}

// ranked notes what would be cited.
func ranked(_ context.Context, f findings, r *research) (findings, error) {
	r.Cites = r.Cites[:0:0]
	for _, e := range f.Evidence {
		r.Cites = append(r.Cites, e.cite())
	}
	return f, nil
}
