// Package dasheino streams the events of CloudWeGo Eino's graphs and agents to DashStream: one line
// instruments every graph of a program. It supports Eino from v0.7.36, and is also tested with
// v0.9.13.
//
//	client, err := callback.New(cfg)
//	callbacks.AppendGlobalHandlers(dasheino.NewHandler(client)) // before graphs are compiled
//
// # What is sent
//
// Each call of a compiled graph, chain or workflow is a run. Its GRAPH_START contains the graph as
// it was compiled. A graph inside a graph is a node; the nodes in it are named by their path, such
// as "research/search". Nodes are named by their keys. Calls of chat models and tools are sent as
// such, inside the node that makes them. The node may be the model itself, or code that calls a
// model that reports to callbacks. Parts of a streamed answer are sent as they come, including its
// reasoning. A tool call is sent as requested before it is sent as started, under one id. Edges and
// branches are sent when the node that they lead to begins; nodes that run at the same time are
// marked as parallel.
//
// A run that Eino interrupts ends with HUMAN_INTERRUPT, which is not an error; one that Eino
// resumes from a checkpoint begins with HUMAN_RESUME. Give both the same thread with [WithThread],
// so that one continues the other. A run that is resumed without a thread begins a new one, with an
// attribute "resumed". In the same process, a resumed run continues where it was: what is done is
// not reported again.
//
// A graph called with the context of a run that has ended, or with another thread in its context,
// is a run of its own.
//
// Code in a node can report what Eino does not know. callback.NodeFromContext returns the node, to
// report progress or to start a node inside it. [LLMFromContext] and [ToolFromContext] return the
// current call, to report retries.
//
// # Agents
//
// Agents of Eino's ADK report to callbacks since Eino 0.8. An agent is a run, which ends with the
// agent's last event; what the agent does is inside the run. An agent that it hands the query over
// to is a node of it, and its end is the run's end. With older versions, the graphs of a query's
// agents are runs of one thread. Agents find each other by a value that the handler puts into their
// session, under the name "dasheino " and the client's instance id. The value is in checkpoints,
// too, so that a resumed query finds its thread.
//
// # Which graph runs
//
// Eino tells a handler only the name of a graph, and many graphs have the same name: that of every
// ReAct agent is "ReActAgent". Graphs with the same name are told apart by the very string that
// they were given, by their input, by whether they have a state, and by their first nodes. For the
// last, the run's start waits for its first node. If several graphs remain, GRAPH_START contains
// what they have in common, with "candidates" in its metadata, and only the edges and branches that
// all of them have are reported. [GraphName] creates names that are always sufficient.
//
// # State
//
// A run begins with its input as the state (GRAPH_START's initial state). If the graph has a local
// state (compose.WithGenLocalState), that is the run's state from then on. It is sent when the run
// begins, before the end of each node, before the first node that begins after that, and when the
// run ends, fails, or is interrupted. It is encoded by encoding/json, so unexported fields are left
// out unless the type has a MarshalJSON. Only changes are sent. [WithoutState] leaves out all
// states.
//
// There is one thing that Eino does not show a handler: which node changed the state. A handler of
// the state after a node (WithStatePostHandler) runs after the node has ended. So its changes are
// sent when the next node begins, as a message of the run. The state is read under Eino's own lock,
// for which code of the graph waits as long as encoding takes. If that lock is taken at the end of
// a node, the end waits for it for at most 20 ms. Code that changes the state without that lock
// (compose.ProcessState takes it) while other nodes run must not be watched: use [WithoutState].
// Graphs inside others have no state of their own in the stream, because a thread has only one.
// Their changes to the state of the enclosing graph are sent when they end.
//
// # Streams
//
// Eino gives each handler a copy of a stream, which must be read to its end and closed. One
// goroutine does that for each stream. As a consequence, the source is read as fast as it produces,
// even if its consumer is slower. If the consumer of a stream has closed it, or its context has
// ended, the handler stops reading after a second (and one more for each enclosing graph). The end
// has the attribute "abandoned" if nothing else ended it. If the source then yields nothing more,
// the run ends in the stream some seconds later. But the goroutine that waits for the source
// remains as long as the source blocks: nothing can wake it. Whatever returns a stream ends when
// its stream does. See [Handler.Wait] for how to end a program.
package dasheino
