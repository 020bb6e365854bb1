package dashadk

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"google.golang.org/genai"

	"google.golang.org/adk/v2/agent"
	"google.golang.org/adk/v2/model"
	"google.golang.org/adk/v2/plugin"
	"google.golang.org/adk/v2/plugin/loggingplugin"
	"google.golang.org/adk/v2/runner"
	"google.golang.org/adk/v2/session"
	"google.golang.org/adk/v2/tool"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
)

// nowhere is a Sender that accepts everything and keeps nothing.
type nowhere struct{}

func (nowhere) Send(b *batching.Batch, done func(*batching.Batch, error)) { done(b, nil) }
func (nowhere) Stats() batching.SenderStats {
	return batching.SenderStats{}
}
func (nowhere) Close(context.Context) error { return nil }

// BenchmarkCallbacks shows what the callbacks of the plug-in cost, each beside those of ADK's own
// logging plug-in, which writes to /dev/null here.
func BenchmarkCallbacks(b *testing.B) {
	client, err := callback.New(callback.Config{Sender: nowhere{}, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Shutdown(context.Background()) // nolint:errcheck // no loss matters here
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	if os.Stdout, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
		b.Fatal(err)
	}
	plugins := map[string]func() *plugin.Plugin{
		"dashadk": func() *plugin.Plugin { return New(client, WithoutSpans()) },
		"logging": func() *plugin.Plugin { return loggingplugin.MustNew("") },
	}
	for name, what := range callbacks {
		for whose, create := range plugins {
			b.Run(name+"/"+whose, func(b *testing.B) {
				p := create()
				defer p.Close() // nolint:errcheck // it has none
				inside(p, func(c agent.Context, t tool.Tool) {
					f := what(p, c, t)
					b.ReportAllocs()
					for b.Loop() {
						f()
					}
				})
			})
		}
	}
}

// callbacks are what is called for each thing that an agent does.
var callbacks = map[string]func(*plugin.Plugin, agent.Context, tool.Tool) func(){
	"agent": func(p *plugin.Plugin, c agent.Context, _ tool.Tool) func() {
		return func() {
			_, _ = p.BeforeAgentCallback()(c)
			_, _ = p.AfterAgentCallback()(c)
		}
	},
	"model": func(p *plugin.Plugin, c agent.Context, _ tool.Tool) func() {
		req := &model.LLMRequest{Model: "fake-1", Contents: []*genai.Content{
			genai.NewContentFromText("Where is it?", "user")}}
		resp := newModel(0).Response(genai.NewContentFromText("Hello", "model"), false)
		return func() {
			_, _ = p.BeforeModelCallback()(c, req)
			_, _ = p.AfterModelCallback()(c, resp, nil)
		}
	},
	"tokens": func(p *plugin.Plugin, c agent.Context, _ tool.Tool) func() {
		_, _ = p.BeforeModelCallback()(c, &model.LLMRequest{Model: "fake-1"})
		resp := newModel(0).Response(genai.NewContentFromText(" together", "model"), true)
		return func() { _, _ = p.AfterModelCallback()(c, resp, nil) }
	},
	"tool": func(p *plugin.Plugin, c agent.Context, t tool.Tool) func() {
		args := map[string]any{"q": "x"}
		return func() {
			_, _ = p.BeforeToolCallback()(c, t, args)
			_, _ = p.AfterToolCallback()(c, t, args, args, nil)
		}
	},
	"event": func(p *plugin.Plugin, c agent.Context, _ tool.Tool) func() {
		e := session.NewEvent(c, c.InvocationID())
		e.Author, e.Content = "a", genai.NewContentFromText("Hello", "model")
		return func() { _, _ = p.OnEventCallback()(c, e) }
	},
}

// inside calls do in a tool of an agent, in a run with the plug-in.
func inside(p *plugin.Plugin, do func(agent.Context, tool.Tool)) {
	var self tool.Tool
	self = newTool("search", func(c agent.Context) error {
		do(c, self)
		return nil
	})
	r := must(runner.New(runner.Config{AppName: "app", Agent: llm("a", newModel(0), self),
		SessionService: session.InMemoryService(), AutoCreateSession: true,
		PluginConfig: runner.PluginConfig{Plugins: []*plugin.Plugin{p}}}))
	for range r.Run(context.Background(), "user", "thread",
		genai.NewContentFromText("question", "user"), agent.RunConfig{}) {
	}
}
