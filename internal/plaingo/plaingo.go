// Package plaingo plays the scenarios of callbacktest.Conform in plain Go, for adapters that belong
// to no runtime: nodes are functions, run by callback.Traced.
package plaingo

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// Program is what a scenario does beside running nodes.
type Program struct {
	// Node is what every node does first; nil for nothing. An error fails the node.
	Node func(ctx context.Context, client *callback.Client) error
	// Model asks a model, as the scenario says; nil if the program has none.
	Model func(ctx context.Context, client *callback.Client, s callbacktest.Scenario) error
	// Tool calls a tool that fails; nil if the program has none.
	Tool func(ctx context.Context) error
	// Cannot has the scenarios that the program cannot play, and why.
	Cannot map[callbacktest.Scenario]string
}

// ErrPlayed is the error of what fails as the scenario says.
var ErrPlayed = errors.New("no luck")

// Play plays a scenario. It is a [callbacktest.Driver].
func (p Program) Play(
	ctx context.Context, s callbacktest.Scenario, play callbacktest.Play,
) (result any, err error) {
	if reason := p.Cannot[s]; reason != "" {
		return nil, fmt.Errorf("%w: %s", callbacktest.ErrCannot, reason)
	}
	ctx, run := play.Client.StartRunContext(ctx, callback.RunInfo{ThreadID: play.Thread})
	x := program{p, play.Client}
	defer func() {
		if panicked := recover(); panicked != nil {
			run.End(ErrPlayed)
			panic(panicked)
		}
		run.End(err) // after an interrupt, it does nothing
	}()
	if s == callbacktest.ScenarioInterrupt {
		err := x.node(ctx, "a", nil)
		run.Interrupt("ask")
		return "resumed", errors.Join(err, x.resume(ctx, play.Thread))
	}
	return string(s), x.play(ctx, s)
}

// program is a program that reports to a client.
type program struct {
	Program
	client *callback.Client
}

func (p program) resume(ctx context.Context, thread string) error {
	ctx, run := p.client.StartRunContext(ctx, callback.RunInfo{ThreadID: thread, Resume: true})
	err := p.node(ctx, "b", nil)
	run.End(err)
	return err
}

func (p program) play(ctx context.Context, s callbacktest.Scenario) error {
	switch s {
	case callbacktest.ScenarioSequence:
		return errors.Join(p.node(ctx, "a", nil), p.node(ctx, "b", nil))
	case callbacktest.ScenarioBranch:
		return errors.Join(p.node(ctx, "a", nil), p.node(ctx, "c", nil))
	case callbacktest.ScenarioLoop:
		return errors.Join(p.node(ctx, "a", nil), p.node(ctx, "a", nil), p.node(ctx, "a", nil))
	case callbacktest.ScenarioParallel:
		var a, b error
		var wg sync.WaitGroup
		wg.Go(func() { a = p.node(ctx, "a", nil) })
		wg.Go(func() { b = p.node(ctx, "b", nil) })
		wg.Wait()
		return errors.Join(a, b, p.node(ctx, "c", nil))
	case callbacktest.ScenarioNested:
		return p.node(ctx, "a", func(ctx context.Context) error { return p.node(ctx, "b", nil) })
	case callbacktest.ScenarioNodeError:
		return p.node(ctx, "a", func(context.Context) error { return ErrPlayed })
	case callbacktest.ScenarioNodePanic:
		return p.node(ctx, "a", func(context.Context) error { panic(ErrPlayed) })
	case callbacktest.ScenarioCancel:
		ctx, cancel := context.WithCancel(ctx)
		return p.node(ctx, "a", func(ctx context.Context) error {
			cancel()
			return ctx.Err()
		})
	case callbacktest.ScenarioToolError:
		return p.Tool(ctx)
	}
	return p.Model(ctx, p.client, s)
}

// node runs a node that does f, if that is not nil.
func (p program) node(ctx context.Context, name string, f func(context.Context) error) error {
	return callback.Traced(ctx, name, func(ctx context.Context) error {
		if p.Node != nil {
			if err := p.Node(ctx, p.client); err != nil {
				return err
			}
		}
		if f == nil {
			return nil
		}
		return f(ctx)
	})
}
