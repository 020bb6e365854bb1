// Package dashadk1 streams what agents of Google's Agent Development Kit do to DashStream, as
// package dashadk does. It is for google.golang.org/adk, and tested with v1.6.0.
//
//	runner.New(runner.Config{PluginConfig: runner.PluginConfig{Plugins: []*plugin.Plugin{
//		dashadk1.New(client), // first
//		…
//	}}, …})
//
// Each call of a runner is a run, on the thread that the session's id names. Agents are nodes;
// calls of models and tools are sent inside the agent that makes them. A run that ends while it
// waits, for the confirmation of a tool or for a call that takes long, ends with HUMAN_INTERRUPT;
// one whose message answers a function begins with HUMAN_RESUME.
//
// The error of an agent whose Run the program has written, and agents that are called as tools, are
// only in ADK's spans. When a run begins, the plug-in registers a span processor with
// OpenTelemetry's global tracer provider, if that is one of the SDK. If there is none,
// [WithTracerProvider] sets one, which exports nothing.
package dashadk1
