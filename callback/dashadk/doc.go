// Package dashadk streams what agents of Google's Agent Development Kit do to DashStream: one line
// instruments every agent of a runner. It is for google.golang.org/adk/v2, and tested with v2.2.0;
// package dashadk1 is for v1.
//
//	runner.New(runner.Config{PluginConfig: runner.PluginConfig{Plugins: []*plugin.Plugin{
//		dashadk.New(client), // first
//		…
//	}}, …})
//
// # What is sent
//
// Each call of a runner is a run, on the thread that the session's id names. Agents are nodes, and
// so are the nodes of workflows. Calls of models and tools are sent inside the agent that makes
// them. Parts of a streamed answer are sent as they come. The state of the session is sent when it
// changes, without the keys that begin with "temp:".
//
// A run that ends while it waits (for an input that a node has requested, for the confirmation of a
// tool, or for a call of a tool that takes long) ends with HUMAN_INTERRUPT. A run whose message
// answers a function begins with HUMAN_RESUME.
//
// # What only spans tell
//
// ADK tells a plug-in nothing of the function nodes of workflows, and of attempts that fail and are
// repeated. Nor does it tell the errors with which agents and runs end, or what agents do that are
// called as tools. But it makes spans of all that. When a run begins, the plug-in registers a span
// processor with OpenTelemetry's global tracer provider, if that is one of the SDK. It exports
// nothing, and listens to spans of ADK only. If the program has no tracer provider,
// [WithTracerProvider] sets one.
//
// # Other plug-ins
//
// ADK stops asking plug-ins at the first one that returns something. So one before this one hides
// what it answers, and this one has to be first. If one behind it answers in the place of a model,
// the call ends with the attribute "unreported". If anything else has no end, it ends with what is
// around it, by an error that says so.
//
// Where dashotel hears the provider that ADK's spans go to, or dashhttp carries what a model sends,
// runs and calls are recorded twice, each as a run of its own: use one.
package dashadk
