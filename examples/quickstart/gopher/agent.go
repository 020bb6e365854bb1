// Package gopher is an agent graph on CloudWeGo Eino that answers questions about Go's standard
// library from its documentation and sources. Nothing in it knows that it is watched.
package gopher

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
)

// plan is what the agent looks for.
type plan struct {
	Question string
	Concepts []concept
	Broader  bool // the first look found too little
}

// findings are what the searches gave together.
type findings struct {
	Plan     plan
	Evidence []evidence
}

const (
	// enough is the share of the question from which a passage counts, confident how many such
	// passages an answer needs.
	enough    = 0.65
	confident = 2
	maxCited  = 4
)

// Agent answers a question.
type Agent = compose.Runnable[string, *schema.Message]

// New compiles the graph
//
//	plan ─▶ search_docs, search_examples, ─▶ read ─▶ rank ─▶ prompt ─▶ answer
//	        search_sources, search_web                │
//	           ▲                                      │ when the evidence is thin
//	           └─────────────── broaden ◀─────────────┘
//
// options are Eino's own, such as where a human is asked.
func New(
	ctx context.Context, c *Corpus, writer model.BaseChatModel,
	options ...compose.GraphCompileOption,
) (Agent, error) {
	g := compose.NewGraph[string, *schema.Message](compose.WithGenLocalState(newResearch))
	b := builder{}
	b.add(g.AddLambdaNode("plan", compose.InvokableLambda(makePlan),
		compose.WithStatePostHandler(planned)))
	b.add(g.AddLambdaNode("read", compose.InvokableLambda(read),
		compose.WithStatePostHandler(looked)))
	b.add(g.AddLambdaNode("rank", compose.InvokableLambda(rank),
		compose.WithStatePostHandler(ranked)))
	b.add(g.AddLambdaNode("broaden", compose.InvokableLambda(broaden),
		compose.WithStatePostHandler(planned)))
	b.add(g.AddLambdaNode("prompt", compose.InvokableLambda(prompt)))
	b.add(g.AddChatModelNode("answer", writer))
	for _, s := range searches(c) {
		b.add(g.AddLambdaNode(s.name, compose.InvokableLambda(s.look),
			compose.WithOutputKey(s.name)))
		b.add(g.AddEdge("plan", s.name))
		b.add(g.AddEdge("broaden", s.name))
		b.add(g.AddEdge(s.name, "read"))
	}
	b.add(g.AddEdge(compose.START, "plan"))
	b.add(g.AddEdge("read", "rank"))
	b.add(g.AddBranch("rank", compose.NewGraphBranch(judge, map[string]bool{"prompt": true,
		"broaden": true})))
	b.add(g.AddEdge("prompt", "answer"))
	b.add(g.AddEdge("answer", compose.END))
	if b.err != nil {
		return nil, b.err
	}
	options = append([]compose.GraphCompileOption{compose.WithGraphName("gopher"),
		compose.WithMaxRunSteps(30)}, options...)
	return g.Compile(ctx, options...)
}

// builder keeps the first error.
type builder struct{ err error }

func (b *builder) add(err error) {
	if b.err == nil {
		b.err = err
	}
}

// look is the node of a search. That one search fails does not end the run: the others may have
// found something.
func (s search) look(ctx context.Context, p plan) (findings, error) {
	found, err := s.call(ctx, p.Concepts)
	if err != nil {
		callback.NodeFromContext(ctx).Warning("a search failed", slog.Any("error", err))
	}
	return findings{Plan: p, Evidence: found}, ctx.Err()
}

func makePlan(ctx context.Context, question string) (plan, error) {
	p := plan{Question: question}
	words := slices.Compact(slices.Sorted(slices.Values(terms(question))))
	for _, w := range words {
		p.Concepts = append(p.Concepts, concept{w})
	}
	if len(words) == 0 {
		return plan{}, fmt.Errorf("the question %q has no word to look for", question)
	}
	callback.NodeFromContext(ctx).Thinking(1, "look for "+strings.Join(words, ", "))
	return p, nil
}

// broaden adds other words for what the question says.
func broaden(ctx context.Context, f findings) (plan, error) {
	p := plan{Question: f.Plan.Question, Broader: true}
	var added []string
	for _, c := range f.Plan.Concepts {
		others := related[c[0]]
		p.Concepts = append(p.Concepts, append(concept{c[0]}, others...))
		added = append(added, others...)
	}
	thought := "too little, and no other words for it"
	if len(added) > 0 {
		thought = "too little: look for " + strings.Join(added, ", ") + " as well"
	}
	callback.NodeFromContext(ctx).Thinking(1, thought)
	return p, nil
}

// read joins what the searches gave.
func read(ctx context.Context, in map[string]any) (findings, error) {
	var all findings
	n := callback.NodeFromContext(ctx)
	done := 0
	for _, name := range slices.Sorted(maps.Keys(in)) {
		f := in[name].(findings)
		all.Plan = f.Plan
		all.Evidence = append(all.Evidence, f.Evidence...)
		done++
		n.Progress(float64(done)/float64(len(in)), fmt.Sprintf("%d passages of %s", len(f.Evidence),
			name))
	}
	return all, nil
}

// rank puts the best passages first and leaves out what is said twice.
func rank(_ context.Context, f findings) (findings, error) {
	slices.SortStableFunc(f.Evidence, func(a, b evidence) int {
		return cmp.Compare(b.Score, a.Score)
	})
	seen := map[string]bool{}
	f.Evidence = slices.DeleteFunc(f.Evidence, func(e evidence) bool {
		twice := seen[e.cite()]
		seen[e.cite()] = true
		return twice
	})
	f.Evidence = f.Evidence[:min(len(f.Evidence), maxCited)]
	return f, nil
}

// judge decides whether there is enough to answer, or another look is needed. The second look has
// to do.
func judge(_ context.Context, f findings) (string, error) {
	good := 0
	for _, e := range f.Evidence {
		if e.Covers >= enough {
			good++
		}
	}
	if good >= confident || f.Plan.Broader {
		return "prompt", nil
	}
	return "broaden", nil
}

// Instructions are what a writer is told.
const Instructions = "Answer the question about Go's standard library from the passages alone. " +
	"Cite each as [file:line]."

func prompt(_ context.Context, f findings) ([]*schema.Message, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "Question: %s\n\nPassages:\n", f.Plan.Question)
	for _, e := range f.Evidence {
		fmt.Fprintf(&b, "[%s] %s: %s\n", e.cite(), e.Title, e.Text)
	}
	return []*schema.Message{schema.SystemMessage(Instructions), schema.UserMessage(b.String())},
		nil
}
