package dasheino_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dasheino"
)

// Eino's examples are a module that needs keys and services, so these are programs of Eino's own
// tests. Each is built again for each of its two runs: the handler has to be there before.
func TestEinosOwnProgramsGiveTheSameWithTheLine(t *testing.T) {
	tests := map[string]struct {
		run  func(ctx context.Context) (string, error)
		want []string
	}{
		"a chain with a branch, parallel lambdas, and a chain in it": {chainProgram, []string{
			"NODE_START node_1_branch_b2", "PARALLEL_END node_3_parallel_0,node_3_parallel_1",
			"LLM_START node_4/node_1", "GRAPH_END"}},
		"nested branches": {branchProgram, []string{"NODE_START 2", "NODE_START 3", "GRAPH_END",
			"NODE_START 1", "GRAPH_END", "NODE_START 2", "NODE_START 4", "GRAPH_END"}},
		"a graph with state, invoked, streamed and transformed": {stateProgram, []string{
			"NODE_START invokable", "NODE_START streamable", "NODE_START transformable",
			"GRAPH_END", "GRAPH_END", "GRAPH_END"}},
		"a workflow with a dependency that gives nothing": {workflowProgram, []string{
			"NODE_START 0", "NODE_END 0", "NODE_START 1", "GRAPH_END"}},
		"an agent that calls a tool": {agentProgram, []string{"LLM_START", "TOOL_STARTED greet",
			"TOOL_COMPLETED greet", "LLM_START", "TOOL_STARTED greet", "LLM_START", "GRAPH_END"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx := dasheino.WithThread(context.Background(), "thread")
			plain, plainErr := tt.run(ctx)

			rec := callbacktest.NewRecorder()
			h := dasheino.NewHandler(rec.Client(t))
			callbacks.AppendGlobalHandlers(h) // the line
			defer callbacks.InitCallbackHandlers(nil)
			with, err := tt.run(ctx)

			if err = errors.Join(err, plainErr, h.Wait(ctx)); err != nil {
				t.Error(err)
			}
			if plain == "" || plain != with {
				t.Errorf("with the line %q, without %q", with, plain)
			}
			if err := rec.Check().Err(); err != nil {
				t.Error(err)
			}
			left := rec.Timeline("thread")
			for _, want := range tt.want {
				_, behind, ok := strings.Cut(left, want)
				if !ok {
					t.Fatalf("%q is missing in\n%s", want, rec.Timeline("thread"))
				}
				left = behind
			}
		})
	}
}

// outputs invokes a program with inputs, one after the other.
func outputs[I any](
	ctx context.Context, r compose.Runnable[I, string], inputs ...I,
) (all string, err error) {
	for _, in := range inputs {
		out, err := r.Invoke(ctx, in)
		if err != nil {
			return all, err
		}
		all += out + "\n"
	}
	return all, nil
}

// concatenated reads a stream to its end.
func concatenated(next func() (string, error)) (all string, err error) {
	for {
		part, err := next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all += part
	}
}
