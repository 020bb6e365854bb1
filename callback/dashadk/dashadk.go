package dashadk

import (
	"context"

	"google.golang.org/genai"

	"google.golang.org/adk/v2/agent"
	"google.golang.org/adk/v2/model"
	"google.golang.org/adk/v2/plugin"
	"google.golang.org/adk/v2/session"
	"google.golang.org/adk/v2/tool"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/internal/adk"
)

// Option changes what a plug-in does.
type Option = adk.Option

// WithoutTexts leaves out the data that agents work on: prompts, answers, streamed tokens,
// arguments and results of tools, and the session's state. Names, times, token counts and errors
// are still sent.
func WithoutTexts() Option { return adk.WithoutTexts() }

// WithoutState leaves out the state of sessions.
func WithoutState() Option { return adk.WithoutState() }

// WithThreadFunc sets a function that returns the thread of a run, for programs whose session ids
// are not unique, or that have an id of their own for a conversation. It is given the context of
// the run. If it returns "", or panics, the thread is the session's id.
func WithThreadFunc(threadOf func(ctx context.Context) string) Option {
	return adk.WithThreadFunc(threadOf)
}

// WithTracerProvider sets OpenTelemetry's global tracer provider when the first run begins, if the
// program has not set one that takes span processors. It exports nothing. Without a tracer
// provider, ADK makes no spans, and what only they tell is missing; see the package comment.
func WithTracerProvider() Option { return adk.WithTracerProvider() }

// WithoutSpans leaves the program's tracer provider alone. What only spans tell is then missing.
func WithoutSpans() Option { return adk.WithoutSpans() }

// New returns a plug-in that streams to client. Name it first in a runner's list of plug-ins. With
// a nil or disabled client, it does nothing.
func New(client *callback.Client, opts ...Option) *plugin.Plugin {
	const name = "dashstream"
	r := adk.New(client, opts...)
	if r == nil {
		p, _ := plugin.New(plugin.Config{Name: name}) // it returns no error
		return p
	}
	h := adk.Hooks[agent.Context, agent.Context, tool.Tool, model.LLMRequest, model.LLMResponse]{
		Recorder: r, Request: request, Response: response}
	p, _ := plugin.New(plugin.Config{
		Name: name,
		BeforeRunCallback: func(c agent.InvocationContext) (*genai.Content, error) {
			s := c.Session()
			r.BeforeRun(c, adk.Invocation{ID: c.InvocationID(), App: s.AppName(), Session: s.ID(),
				Message: c.UserContent(), Agents: adk.Agents(c.Agent()), State: s.State().All()})
			return nil, nil
		},
		AfterRunCallback: func(c agent.InvocationContext) { r.AfterRun(c, c.InvocationID()) },
		OnEventCallback: func(
			c agent.InvocationContext, e *session.Event,
		) (*session.Event, error) {
			r.OnEvent(c.InvocationID(), event(e))
			return nil, nil
		},
		BeforeAgentCallback: h.BeforeAgent, AfterAgentCallback: h.AfterAgent,
		BeforeModelCallback: h.BeforeModel, AfterModelCallback: h.AfterModel,
		OnModelErrorCallback: h.ModelError,
		BeforeToolCallback:   h.BeforeTool, AfterToolCallback: h.AfterTool,
		OnToolErrorCallback: h.ToolError,
		CloseFunc:           r.Close,
	})
	return p
}

func request(r *model.LLMRequest) (name string, contents []*genai.Content) {
	return r.Model, r.Contents
}

func response(r *model.LLMResponse) adk.Response {
	return adk.Response{Content: r.Content, Partial: r.Partial, Usage: r.UsageMetadata,
		Finish: r.FinishReason, ErrorCode: r.ErrorCode, ErrorMessage: r.ErrorMessage}
}

func event(e *session.Event) *adk.Event {
	to := &adk.Event{Author: e.Author, Branch: e.Branch, Partial: e.Partial, Content: e.Content,
		StateDelta: e.Actions.StateDelta, LongRunning: e.LongRunningToolIDs}
	if e.NodeInfo != nil {
		to.Path = e.NodeInfo.Path
		to.Result = e.Output != nil || len(e.Routes)+len(e.NodeInfo.OutputFor) > 0
	}
	if e.RequestedInput != nil {
		to.InterruptID, to.Question = e.RequestedInput.InterruptID, e.RequestedInput.Message
	}
	return to
}
