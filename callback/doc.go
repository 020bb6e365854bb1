// Package callback is the client API of the DashStream SDK: what an application or an adapter to a
// graph runtime imports to stream what its graphs do to Kafka.
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
// [Client], [Run], [Node], [LLM] and [Tool] are handles. They are cheap, safe for concurrent use,
// and nil ones do nothing: code that is instrumented needs no check whether instrumentation is on.
// Methods that emit never fail, never panic and, unless the configuration says so, never wait: an
// event that finds no room is dropped and counted (see [Client.Stats]). What is passed to them is
// copied before they return; nothing of the caller's is kept.
//
// # Attributes
//
// Attributes are [slog.Attr]. Strings, numbers, bools, bytes and groups keep their type; a duration
// becomes a number of µs, a time RFC 3339 text in UTC, an error its message, a [slog.LogValuer]
// what it resolves to, and anything else JSON text. A value whose own code panics is replaced by a
// note that says so, and counted.
//
// # Order
//
// All messages of one thread are numbered from 1 and sent in that order, over all of its runs. A
// message that was lost leaves its number out, which is how readers see the loss.
package callback
