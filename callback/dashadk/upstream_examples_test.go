// Copyright 2026 Google LLC
//
// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
//     http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.

package dashadk

// The agents of examples of google.golang.org/adk/v2 v2.2.0, copied. Changed: each main returns its
// agent and launches nothing, lines are shorter, the model of routing/llm is a fake one, and the
// agents of workflowagents/parallel do not sleep.

import (
	"fmt"
	"iter"
	"strings"

	"google.golang.org/genai"

	"google.golang.org/adk/v2/agent"
	"google.golang.org/adk/v2/agent/llmagent"
	"google.golang.org/adk/v2/agent/workflowagent"
	"google.golang.org/adk/v2/agent/workflowagents/loopagent"
	"google.golang.org/adk/v2/agent/workflowagents/parallelagent"
	"google.golang.org/adk/v2/agent/workflowagents/sequentialagent"
	"google.golang.org/adk/v2/model"
	"google.golang.org/adk/v2/session"
	"google.golang.org/adk/v2/workflow"
)

// examples/workflow/basic
func basicExample() (agent.Agent, error) {
	upperFn := func(ctx agent.Context, input string) (string, error) {
		if input == "" {
			return "No input received", nil
		}
		return strings.ToUpper(input), nil
	}

	suffixFn := func(ctx agent.Context, input string) (string, error) {
		return input + " IS AWESOME!", nil
	}

	nodeConfig := workflow.NodeConfig{
		RetryConfig: workflow.DefaultRetryConfig(),
	}
	nodeA := workflow.NewFunctionNode("upper", upperFn, nodeConfig)
	nodeB := workflow.NewFunctionNode("suffix", suffixFn, nodeConfig)

	edges := workflow.Chain(workflow.Start, nodeA, nodeB)

	return workflowagent.New(workflowagent.Config{
		Name:        "simple_sequence_workflow",
		Description: "Converts string to uppercase and appends a suffix",
		Edges:       edges,
	})
}

// examples/workflow/routing/string

// classifyAndRoute emits a routing event keyed on the message
// category; returning nil suppresses the default terminal event.
func classifyAndRoute(
	ctx agent.Context, msg string, emit func(*session.Event) error,
) (any, error) {
	ev := session.NewEvent(ctx, ctx.InvocationID())
	ev.Routes = []string{classify(msg)}
	ev.Output = msg // feeds the successor's typed input
	if err := emit(ev); err != nil {
		return nil, err
	}
	return nil, nil
}

// classify maps a message to a category by its terminal punctuation.
func classify(msg string) string {
	trimmed := strings.TrimSpace(msg)
	switch {
	case strings.HasSuffix(trimmed, "?"):
		return "question"
	case strings.HasSuffix(trimmed, "!"):
		return "exclamation"
	default:
		return "statement"
	}
}

func answerQuestion(_ agent.Context, msg string) (string, error) {
	return "answering question: " + msg, nil
}

func commentOnStatement(_ agent.Context, msg string) (string, error) {
	return "commenting on statement: " + msg, nil
}

func reactToExclamation(_ agent.Context, msg string) (string, error) {
	return "reacting to exclamation: " + msg, nil
}

func stringRoutingExample() (agent.Agent, error) {
	none := workflow.NodeConfig{}
	classify := workflow.NewEmittingFunctionNode("classify", classifyAndRoute, none)
	question := workflow.NewFunctionNode("answer_question", answerQuestion, none)
	statement := workflow.NewFunctionNode("comment_statement", commentOnStatement, none)
	exclamation := workflow.NewFunctionNode("react_exclamation", reactToExclamation, none)

	edges := workflow.Concat(
		workflow.Chain(workflow.Start, classify),
		[]workflow.Edge{
			{From: classify, To: question, Route: workflow.StringRoute("question")},
			{From: classify, To: statement, Route: workflow.StringRoute("statement")},
			{From: classify, To: exclamation, Route: workflow.StringRoute("exclamation")},
		},
	)

	return workflowagent.New(workflowagent.Config{
		Name:        "string_router",
		Description: "classifies a message and routes to one of three handlers",
		Edges:       edges,
	})
}

// examples/workflow/routing/llm

// classifierInstruction is the only prompt the LLM sees. The
// "answer with EXACTLY one word" constraint is the contract the
// downstream routing node depends on; deviations from it (e.g.
// "this is a question") fall through to the default branch.
const classifierInstruction = `Classify the user's message into one of three categories:
- "question": ends with '?' or asks for information
- "exclamation": expresses strong emotion, often ends with '!'
- "statement": a neutral declarative sentence

Answer with EXACTLY one word, lowercase, no punctuation: question, exclamation, or statement.`

// routeByClassification turns the classifier's one-word output into a
// routing event; returning nil suppresses the default terminal event.
func routeByClassification(
	ctx agent.Context, input any, emit func(*session.Event) error,
) (any, error) {
	// Normalise defensively in case the LLM ignored the one-word
	// instruction; off-script replies fall through to "statement".
	category := strings.TrimRight(strings.ToLower(strings.TrimSpace(fmt.Sprint(input))), ".")
	if category != "question" && category != "exclamation" && category != "statement" {
		category = "statement"
	}
	ev := session.NewEvent(ctx, ctx.InvocationID())
	ev.Routes = []string{category}
	if err := emit(ev); err != nil {
		return nil, err
	}
	return nil, nil
}

// said makes a handler read the original user text from
// ctx.UserContent. Handlers read it here rather than as graph input,
// since the route node forwards only the one-word classification.
func said(
	handle func(agent.Context, string) (string, error),
) func(agent.Context, any) (string, error) {
	return func(ctx agent.Context, _ any) (string, error) {
		uc := ctx.UserContent()
		if uc == nil {
			return handle(ctx, "")
		}
		var sb strings.Builder
		for _, p := range uc.Parts {
			sb.WriteString(p.Text)
		}
		return handle(ctx, strings.TrimSpace(sb.String()))
	}
}

func llmRoutingExample() (agent.Agent, error) {
	classifier, err := llmagent.New(llmagent.Config{
		Name:        "classify",
		Model:       classifying{},
		Description: "classifies the user's message as question / exclamation / statement",
		Instruction: classifierInstruction,
		OutputKey:   "output",
	})
	if err != nil {
		return nil, err
	}
	none := workflow.NodeConfig{}
	classifyNode, err := workflow.NewAgentNode(classifier, none)
	if err != nil {
		return nil, err
	}
	routeNode := workflow.NewEmittingFunctionNode("route_by_classification",
		routeByClassification, none)
	question := workflow.NewFunctionNode("answer_question", said(answerQuestion), none)
	statement := workflow.NewFunctionNode("comment_statement", said(commentOnStatement), none)
	exclamation := workflow.NewFunctionNode("react_exclamation", said(reactToExclamation), none)

	edges := workflow.Concat(
		workflow.Chain(workflow.Start, classifyNode, routeNode),
		[]workflow.Edge{
			{From: routeNode, To: question, Route: workflow.StringRoute("question")},
			{From: routeNode, To: statement, Route: workflow.StringRoute("statement")},
			{From: routeNode, To: exclamation, Route: workflow.StringRoute("exclamation")},
		},
	)

	return workflowagent.New(workflowagent.Config{
		Name: "llm_router",
		Description: "asks an LLM to classify the user's message and routes to one of three " +
			"handlers",
		Edges:     edges,
		SubAgents: []agent.Agent{classifier},
	})
}

// examples/workflow/hitl_rerun
func rerunExample() (agent.Agent, error) {
	rerun := true
	greet := workflow.NewEmittingFunctionNode[any, any]("greet",
		func(nc agent.Context, _ any, emit func(*session.Event) error) (any, error) {
			reply, err := workflow.ResumeOrRequestInput(nc, emit, session.RequestInput{
				InterruptID: "ask_name-" + nc.InvocationID(),
				Message:     "What's your name?",
			})
			if err != nil {
				return nil, err
			}

			name, _ := reply.(string)
			if name == "" {
				name = "stranger"
			}
			return fmt.Sprintf("Hello, %s!", name), nil
		},
		workflow.NodeConfig{RerunOnResume: &rerun},
	)

	return workflowagent.New(workflowagent.Config{
		Name:        "hitl_rerun",
		Description: "single-node re-entry HITL workflow",
		Edges:       workflow.Chain(workflow.Start, greet),
	})
}

// examples/workflow/dynamic/basic
func dynamicExample() (agent.Agent, error) {
	helloNode := workflow.NewFunctionNode("hello_node",
		func(_ agent.Context, _ string) (string, error) {
			return "Hello World", nil
		},
		workflow.NodeConfig{},
	)

	myWorkflow := workflow.NewDynamicNode[string, string]("my_workflow",
		func(ctx agent.Context, _ string, _ func(*session.Event) error) (string, error) {
			return workflow.RunNode[string](ctx, helloNode, "hello")
		},
		workflow.NodeConfig{},
	)

	return workflowagent.New(workflowagent.Config{
		Name:        "dynamic_workflow_sample",
		Description: "Minimal dynamic workflow: parent orchestrator calls one child via RunNode.",
		Edges:       workflow.Chain(workflow.Start, myWorkflow),
	})
}

// examples/workflowagents/sequential, and parallel, whose agents answer three times
type myAgent struct {
	id, times int
}

func (a myAgent) Run(ctx agent.InvocationContext) iter.Seq2[*session.Event, error] {
	return func(yield func(*session.Event, error) bool) {
		for range a.times {
			if !yield(&session.Event{
				LLMResponse: model.LLMResponse{
					Content: &genai.Content{
						Parts: []*genai.Part{
							{
								Text: fmt.Sprintf("Hello from MyAgent id: %v!\n", a.id),
							},
						},
					},
				},
			}, nil) {
				return
			}
		}
	}
}

func customAgent(name string, a myAgent) agent.Agent {
	return must(agent.New(agent.Config{
		Name:        name,
		Description: "A custom agent that responds with a greeting.",
		Run:         a.Run,
	}))
}

func sequentialExample() (agent.Agent, error) {
	return sequentialagent.New(sequentialagent.Config{
		AgentConfig: agent.Config{
			Name:        "sequential_agent",
			Description: "A sequential agent that runs sub-agents",
			SubAgents: []agent.Agent{customAgent("my_custom_agent_1", myAgent{1, 1}),
				customAgent("my_custom_agent_2", myAgent{2, 1})},
		},
	})
}

func parallelExample() (agent.Agent, error) {
	return parallelagent.New(parallelagent.Config{
		AgentConfig: agent.Config{
			Name:        "parallel_agent",
			Description: "A parallel agent that runs sub-agents",
			SubAgents: []agent.Agent{customAgent("my_custom_agent_1", myAgent{1, 3}),
				customAgent("my_custom_agent_2", myAgent{2, 3})},
		},
	})
}

// examples/workflowagents/loop
func loopExample() (agent.Agent, error) {
	return loopagent.New(loopagent.Config{
		MaxIterations: 3,
		AgentConfig: agent.Config{
			Name:        "loop_agent",
			Description: "A loop agent that runs sub-agents",
			SubAgents:   []agent.Agent{customAgent("my_custom_agent", myAgent{0, 1})},
		},
	})
}
