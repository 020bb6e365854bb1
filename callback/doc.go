// Package callback is the client API of the DashStream SDK. Applications, and adapters to graph
// runtimes, import it to stream the events of their graphs to Kafka.
//
//	cfg, err := callback.ConfigFromEnv()
//	client, err := callback.New(cfg)
//	defer client.Shutdown(ctx)
//
//	run := client.StartRun(callback.RunInfo{Graph: graph, ThreadID: thread})
//	node := run.StartNode("retrieve", slog.Int("k", 5))
//	node.End(err)
//	run.End(err)
//
// # Handles
//
// [Client], [Run], [Node], [LLM] and [Tool] are handles. They are cheap and safe for concurrent
// use. A nil handle does nothing, so instrumented code need not check whether instrumentation is
// on. Methods that emit never fail or panic, and never block unless configured to. If the queue is
// full, the event is dropped and counted (see [Client.Stats]). Arguments are copied before a method
// returns; no reference to the caller's data is kept.
//
// # Contexts
//
// Starting a run or a node has two forms, as in package slog. [Client.StartRun], [Run.StartNode]
// and [Node.StartNode] take no context. [Client.StartRunContext] and [StartNodeContext] take one,
// join the trace that it carries (see [Config.Traceparent]), and return one that carries the new
// run or node. StartNodeContext finds the run, or the node around, in the context.
//
// # Attributes
//
// Attributes are [slog.Attr]. Strings, numbers, bools, bytes and groups keep their type. A duration
// becomes a number of µs, a time RFC 3339 text in UTC, an error its message, and a [slog.LogValuer]
// the value it resolves to. Anything else becomes JSON text. If the value's own code panics, a note
// takes its place, and the panic is counted.
//
// # Order
//
// All messages of one thread, over all of its runs, are numbered from 1 and sent in that order. A
// lost message leaves a gap of one number, which is how readers detect the loss.
package callback
