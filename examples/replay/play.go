package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime"
	"sync/atomic"

	"github.com/dashstream/dashstream-go/callback"
)

// player replays recordings, one at a time, at the pace that its allowance gives. Each event waits
// for its turn before it is emitted.
type player struct {
	client *callback.Client
	flow   *flow
	pace   allowance
	traced bool          // runs end with an ExecutionTrace, one event more
	state  *state        // of the run that is replayed; nil leaves states out
	turned *atomic.Int64 // counts the turns that are over
}

// errUnanswered stands for the result of a tool that the recording does not have.
var errUnanswered = errors.New("the recording has no result")

// begin begins a run that will replay a recording on a thread. It fails only when ctx has ended.
func (p *player) begin(ctx context.Context, rec *recording, thread string) (*callback.Run, error) {
	if err := p.pace.spendAlone(ctx); err != nil {
		return nil, err
	}
	return p.client.StartRun(p.info(rec, thread)), nil
}

// play replays the recording as the run and ends the run. If err is not nil, or when ctx ends
// first, it ends the run at once with that error, and returns it.
func (p *player) play(ctx context.Context, run *callback.Run, rec *recording, err error) error {
	if rec.trace != nil {
		return p.playSpans(ctx, run, rec.trace, err)
	}
	p.state.begin(rec)
	if err == nil {
		err = p.turns(ctx, run, rec.turns)
	}
	if rec.judged {
		if err = p.due(ctx, err, 1); err == nil {
			run.Quality(quality(rec.reward))
		}
	}
	last := 1
	if p.traced {
		last = 2
	}
	err = p.due(ctx, err, last)
	run.End(err)
	return err
}

func (p *player) info(rec *recording, thread string) callback.RunInfo {
	if rec.trace != nil {
		return traceInfo(rec.trace, thread)
	}
	info := callback.RunInfo{Graph: p.flow.graph, ThreadID: thread}
	if rec.initial != nil {
		info.InitialState = json.RawMessage(rec.initial)
	}
	if rec.task != "" {
		info.Attrs = append(info.Attrs, slog.String("task_id", rec.task))
	}
	if rec.trial != "" {
		info.Attrs = append(info.Attrs, slog.String("trial", rec.trial))
	}
	return info
}

// quality takes a reward, from 0 to 1, for all that there is to judge: a recording has no other
// judgement.
func quality(reward float64) callback.Quality {
	r := min(max(reward, 0), 1)
	return callback.Quality{Accuracy: r, Relevance: r, Completeness: r, Score: r, Passed: r == 1}
}

// due waits until n events may be emitted, unless err says that the run is over.
func (p *player) due(ctx context.Context, err error, n int) error {
	if err != nil {
		return err
	}
	return p.pace.spend(ctx, n)
}

func (p *player) turns(ctx context.Context, run *callback.Run, turns []turn) error {
	for i := range turns {
		t := &turns[i]
		if err := p.turn(ctx, run, t); err != nil {
			return err
		}
		if err := p.pace.spend(ctx, 1); err != nil {
			return err
		}
		p.flow.take(run, t.node, follower(turns, i))
		p.turned.Add(1)
		// with no rate to wait for, runs would go one after another instead of side by side
		runtime.Gosched()
	}
	return nil
}

func (p *player) turn(ctx context.Context, run *callback.Run, t *turn) error {
	if err := p.pace.spend(ctx, 1); err != nil {
		return err
	}
	node := run.StartNode(t.node)
	var err error
	switch t.kind {
	case agentTurn:
		err = p.think(ctx, node, t)
	case toolsTurn:
		err = p.execute(ctx, node, t)
	case userTurn:
		err = p.ask(ctx, node, t)
	}
	if t.kind != toolsTurn {
		err = p.said(ctx, err, node, t, 0)
	}
	err = p.due(ctx, err, 1)
	if t.kind == otherTurn {
		node.End(err, slog.String("message", t.text))
	} else {
		node.End(err)
	}
	return err
}

// think replays a call of the model, its answer as a stream of tokens.
func (p *player) think(ctx context.Context, node *callback.Node, t *turn) error {
	if err := p.pace.spend(ctx, 1); err != nil {
		return err
	}
	llm := node.StartLLM(callback.LLMRequest{Prompt: t.prompt, Model: t.model})
	res := callback.LLMResult{PromptTokens: t.promptTokens}
	if t.cached > 0 {
		res.Attrs = append(res.Attrs, slog.Int("cached_tokens", t.cached))
	}
	var err error
	for token, rest := "", t.text; rest != ""; res.CompletionTokens++ {
		if err = p.pace.spend(ctx, 1); err != nil {
			break
		}
		token, rest = nextToken(rest)
		llm.Token(token)
	}
	last := 1
	if t.text != "" {
		last = 2 // the stream's end comes before the call's
	}
	if err = p.due(ctx, err, last); err == nil {
		res.Text, res.FinishReason = t.text, callback.FinishStop
		if len(t.calls) > 0 {
			res.FinishReason = callback.FinishToolCalls
		}
		if t.counted {
			res.CompletionTokens = t.tokens
		}
	}
	llm.End(res, err)
	return err
}

// said sets the state that the conversation is in after a turn's message, unless err says that the
// run is over or states are left out.
func (p *player) said(
	ctx context.Context, err error, node *callback.Node, t *turn, message int,
) error {
	if p.state == nil {
		return err
	}
	if err = p.due(ctx, err, 1); err == nil {
		node.SetState(p.state.after(t.said[message]))
	}
	return err
}

// execute replays executions of tools, one after another. The messages with their results come in
// the recording's order.
func (p *player) execute(ctx context.Context, node *callback.Node, t *turn) error {
	answers := 0
	for i := range t.calls {
		c := &t.calls[i]
		if err := p.pace.spend(ctx, 1); err != nil {
			return err
		}
		call := callback.ToolCall{ID: c.id, Name: c.name}
		if c.arguments != nil {
			call.Arguments = c.arguments
		}
		tool := node.RequestTool(call)
		err := p.pace.spend(ctx, 1)
		if err == nil {
			tool.Start()
			err = p.pace.spend(ctx, 1)
		}
		switch {
		case err != nil:
			tool.Fail(err)
			return err
		case c.answered:
			if c.failed {
				tool.Fail(errors.New(c.result))
			} else {
				tool.Complete(c.result)
			}
			if err := p.said(ctx, nil, node, t, answers); err != nil {
				return err
			}
			answers++
		default:
			tool.Fail(errUnanswered)
		}
	}
	return nil
}

// ask replays a question to the user and the answer.
func (p *player) ask(ctx context.Context, node *callback.Node, t *turn) error {
	if err := p.pace.spend(ctx, 2); err != nil {
		return err
	}
	node.AskHuman("reply")
	node.HumanAnswered(slog.String("message", t.text))
	return nil
}
