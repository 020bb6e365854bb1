/*
 * Copyright 2024 CloudWeGo Authors
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package dasheino_test

// Programs of tests of github.com/cloudwego/eino v0.7.36, copied. Changed: they return what they
// give, the branch of TestChain does not choose at random, models are the package's own fake one,
// and lines are shorter.

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/components/prompt"
	"github.com/cloudwego/eino/components/tool"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/flow/agent/react"
	"github.com/cloudwego/eino/schema"
)

type values = map[string]any

// compose/chain_test.go, TestChain
func chainProgram(ctx context.Context) (string, error) {
	branchCond := func(ctx context.Context, input values) (string, error) { return "b2", nil }
	role := func(role string) *compose.Lambda {
		return compose.InvokableLambda(func(ctx context.Context, kvs values) (values, error) {
			kvs["role"] = role
			return kvs, nil
		})
	}

	parallel := compose.NewParallel()
	parallel.
		AddLambda("role", compose.InvokableLambda(
			func(ctx context.Context, kvs values) (string, error) {
				role := kvs["role"]
				if role.(string) == "" {
					role = "bird"
				}
				return role.(string), nil
			})).
		AddLambda("input", compose.InvokableLambda(
			func(ctx context.Context, kvs values) (string, error) {
				return "你的叫声是怎样的？", nil
			}))

	rolePlayChain := compose.NewChain[values, *schema.Message]()
	rolePlayChain.
		AppendChatTemplate(prompt.FromMessages(schema.FString,
			schema.SystemMessage(`You are a {role}.`), schema.UserMessage(`{input}`))).
		AppendChatModel(quoting{})

	chain := compose.NewChain[values, string]()
	chain.
		AppendLambda(compose.InvokableLambda(func(ctx context.Context, kvs values) (values, error) {
			return kvs, nil
		})).
		AppendBranch(compose.NewChainBranch(branchCond).AddLambda("b1", role("cat")).
			AddLambda("b2", role("dog"))).
		AppendPassthrough().
		AppendParallel(parallel).
		AppendGraph(rolePlayChain).
		AppendLambda(compose.InvokableLambda(
			func(ctx context.Context, m *schema.Message) (string, error) {
				return m.Content, nil
			}))

	r, err := chain.Compile(ctx)
	if err != nil {
		return "", err
	}
	return r.Invoke(ctx, values{})
}

func concatLambda(s string) *compose.Lambda {
	return compose.InvokableLambda(func(ctx context.Context, input string) (string, error) {
		return input + s, nil
	})
}

// compose/graph_test.go, TestNestedDAGBranch
func branchProgram(ctx context.Context) (string, error) {
	g := compose.NewGraph[string, string]()
	longer := func(than int, long, short string) *compose.GraphBranch {
		return compose.NewGraphBranch(func(ctx context.Context, in string) (string, error) {
			if len(in) > than {
				return long, nil
			}
			return short, nil
		}, map[string]bool{long: true, short: true})
	}

	err := errors.Join(
		g.AddLambdaNode("1", concatLambda("1")),
		g.AddLambdaNode("2", concatLambda("2")),
		g.AddLambdaNode("3", concatLambda("3")),
		g.AddLambdaNode("4", concatLambda("4")),
		g.AddBranch(compose.START, longer(3, "2", "1")),
		g.AddBranch("2", longer(10, "4", "3")),
		g.AddEdge("1", compose.END),
		g.AddEdge("3", compose.END),
		g.AddEdge("4", compose.END))
	if err != nil {
		return "", err
	}
	r, err := g.Compile(ctx, compose.WithNodeTriggerMode(compose.AllPredecessor))
	if err != nil {
		return "", err
	}
	return outputs(ctx, r, "hello", "hi", "hellohello")
}

type midStr string

// compose/state_test.go, TestStateGraphWithEdge
func stateProgram(ctx context.Context) (string, error) {
	type testState struct {
		ms []string
	}
	sg := compose.NewGraph[string, string](compose.WithGenLocalState(
		func(ctx context.Context) *testState { return &testState{} }))
	keep := func(ctx context.Context, s string, state *testState) (string, error) {
		state.ms = append(state.ms, s)
		return s, nil
	}

	l1 := compose.InvokableLambda(func(ctx context.Context, in string) (midStr, error) {
		return midStr("InvokableLambda: " + in), nil
	})
	l1StateToOutput := func(ctx context.Context, out midStr, s *testState) (midStr, error) {
		s.ms = append(s.ms, string(out))
		return out, nil
	}
	l2 := compose.StreamableLambda(
		func(ctx context.Context, input midStr) (*schema.StreamReader[string], error) {
			outStr := "StreamableLambda: " + string(input)
			sr, sw := schema.Pipe[string](utf8.RuneCountInString(outStr))
			go func() {
				for field := range strings.FieldsSeq(outStr) {
					sw.Send(field+" ", nil)
				}
				sw.Close()
			}()
			return sr, nil
		})
	l3 := compose.TransformableLambda(func(
		ctx context.Context, input *schema.StreamReader[string],
	) (*schema.StreamReader[string], error) {
		sr, sw := schema.Pipe[string](20)
		go func() {
			sw.Send("TransformableLambda: ", nil)
			defer input.Close()
			defer sw.Close()
			in, err := concatenated(input.Recv)
			sw.Send(in, err)
		}()
		return sr, nil
	})

	err := errors.Join(
		sg.AddLambdaNode("invokable", l1, compose.WithStatePreHandler(keep),
			compose.WithStatePostHandler(l1StateToOutput)),
		sg.AddLambdaNode("streamable", l2, compose.WithStatePostHandler(keep)),
		sg.AddLambdaNode("transformable", l3, compose.WithStatePostHandler(keep)),
		sg.AddEdge(compose.START, "invokable"),
		sg.AddEdge("invokable", "streamable"),
		sg.AddEdge("streamable", "transformable"),
		sg.AddEdge("transformable", compose.END))
	if err != nil {
		return "", err
	}
	run, err := sg.Compile(ctx)
	if err != nil {
		return "", err
	}
	return everyWay(ctx, run, "how are you")
}

// everyWay invokes, streams and transforms.
func everyWay(
	ctx context.Context, run compose.Runnable[string, string], in string,
) (string, error) {
	invoked, err := run.Invoke(ctx, in)
	if err != nil {
		return "", err
	}
	stream, err := run.Stream(ctx, in)
	if err != nil {
		return "", err
	}
	streamed, err := concatenated(stream.Recv)
	if err != nil {
		return "", err
	}
	sr, sw := schema.Pipe[string](1)
	sw.Send(in, nil)
	sw.Close()
	if stream, err = run.Transform(ctx, sr); err != nil {
		return "", err
	}
	transformed, err := concatenated(stream.Recv)
	return strings.Join([]string{invoked, streamed, transformed}, "\n"), err
}

// compose/workflow_test.go, TestDependencyWithNoInput
func workflowProgram(ctx context.Context) (string, error) {
	wf := compose.NewWorkflow[string, string]()
	wf.AddLambdaNode("0", compose.InvokableLambda(
		func(ctx context.Context, in string) (string, error) {
			return "useless", nil
		})).AddInput(compose.START)
	wf.AddLambdaNode("1", concatLambda("_done")).AddDependency("0").
		AddInputWithOptions(compose.START, nil, compose.WithNoDirectDependency())
	wf.End().AddInput("1")
	r, err := wf.Compile(ctx)
	if err != nil {
		return "", err
	}
	return r.Invoke(ctx, "hello")
}

// flow/agent/react/react_test.go, TestReact
func agentProgram(ctx context.Context) (string, error) {
	a, err := react.NewAgent(ctx, &react.AgentConfig{
		ToolCallingModel: &greeting{},
		ToolsConfig:      compose.ToolsNodeConfig{Tools: []tool.BaseTool{greet{}}},
		MaxStep:          40,
	})
	if err != nil {
		return "", err
	}
	out, err := a.Generate(ctx, []*schema.Message{schema.UserMessage("Use greet tool to " +
		"continuously say hello until you get a bye response")})
	if err != nil {
		return "", err
	}
	return out.Content, nil
}

// greeting is a model that calls its tool twice.
type greeting struct {
	quoting
	times int
}

func (m *greeting) WithTools([]*schema.ToolInfo) (model.ToolCallingChatModel, error) {
	return m, nil
}

func (m *greeting) Generate(
	ctx context.Context, in []*schema.Message, _ ...model.Option,
) (*schema.Message, error) {
	if m.times++; m.times <= 2 {
		return schema.AssistantMessage("hello max", []schema.ToolCall{{ID: "1",
			Function: schema.FunctionCall{Name: "greet", Arguments: `{"name": "max"}`}}}), nil
	}
	return schema.AssistantMessage("bye after "+in[len(in)-1].Content, nil), nil
}

type greet struct{}

func (greet) Info(context.Context) (*schema.ToolInfo, error) {
	return &schema.ToolInfo{Name: "greet", Desc: "greet with name",
		ParamsOneOf: schema.NewParamsOneOfByParams(map[string]*schema.ParameterInfo{"name": {
			Desc: "user name who to greet", Required: true, Type: schema.String}})}, nil
}

func (greet) InvokableRun(_ context.Context, args string, _ ...tool.Option) (string, error) {
	return `{"say": "hello"} to ` + args, nil
}
