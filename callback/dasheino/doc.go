// Package dasheino streams what CloudWeGo Eino's graphs and agents do to DashStream: one line
// instruments every graph of a program. It is for Eino from v0.7.36, and tested with v0.9.13, too.
//
//	client, err := callback.New(cfg)
//	callbacks.AppendGlobalHandlers(dasheino.NewHandler(client)) // before graphs are compiled
//
// # What is sent
//
// A compiled graph, chain or workflow that is called is a run. Its GRAPH_START carries the graph as
// it was compiled. A graph inside a graph is a node; the nodes in it are named by their way, such
// as "research/search". Nodes are named by their keys. Calls of chat models and tools are sent as
// such, inside the node that makes them, whether the node is the model or its code calls one that
// reports to callbacks. Parts of an answer that is streamed are sent as they come, its reasoning
// among them. A call is requested before it starts, under one id. Edges and branches are sent when
// the node that they lead to begins; steps that run at once are marked as parallel.
//
// A run that Eino interrupts ends with HUMAN_INTERRUPT, which is no error; one that Eino resumes
// from a checkpoint begins with HUMAN_RESUME. Give both the same thread with [WithThread], so that
// one continues the other; a run that is resumed without one begins a thread, with an attribute
// "resumed". In the same process it goes on where it was: what is done is not announced again.
//
// A graph that begins with the context of a run that has ended, or with another thread in it, is a
// run of its own.
//
// Code in a node reaches what Eino does not know of: callback.NodeFromContext gives the node, to
// report progress or to start a node inside it, [LLMFromContext] and [ToolFromContext] the call
// that is being made, to report retries.
//
// # Agents
//
// Agents of Eino's ADK report to callbacks since Eino 0.8: an agent is a run, which ends when its
// last event has come, and what it does is inside. An agent that it hands the query over to is a
// node of it, and its end is the run's. With older versions the graphs of a query's agents are runs
// of one thread. Agents find each other by a value that the handler puts into their session, under
// the name "dasheino " and the client's instance id; it is in checkpoints, too, so that a query
// that is resumed finds its thread.
//
// # Which graph runs
//
// Eino tells a handler no more of a graph than its name, and many have the same: that of every
// ReAct agent is "ReActAgent". Graphs of one name are told apart by the very string that they were
// given, what they take, whether they have a state, and the nodes with which they begin; for the
// last, the run's start waits for its first node. Of graphs that this does not tell apart,
// GRAPH_START carries what all have in common, with "candidates" in its metadata, and edges and
// branches are reported as far as all have them. [GraphName] makes names that are always enough.
//
// # State
//
// A run begins with its input as the state (GRAPH_START's initial state). If the graph has a local
// state (compose.WithGenLocalState), that is the run's state from then on: as the run begins,
// before the end of each node, before the first node that begins after that, and as the run ends,
// fails, or is interrupted. It is written as encoding/json writes it, so fields that are not
// exported stay out of it unless its type has a MarshalJSON. What is sent of it is what has
// changed. [WithoutState] leaves all of it out.
//
// What Eino does not let a handler see: which node changed the state. What a handler of the state
// after a node (WithStatePostHandler) changes, Eino does once the node has ended, so it is sent as
// the next one begins, as a message of the run. The state is read under Eino's own lock, which code
// of the graph waits for as long as writing it as JSON takes; a node whose end finds that lock held
// waits for it, but 20 ms at most. Code that changes the state without that lock
// (compose.ProcessState takes it), while other nodes run, must not be watched: use [WithoutState].
// Graphs inside others have no state of their own in the stream, for a thread has one: what they
// change in that of the graph around them is sent when they end.
//
// # Streams
//
// Eino gives each handler a copy of a stream, which must be read to its end and closed. A goroutine
// does so for each stream, which means that the source is read as fast as it produces, also where
// its consumer is slower. A stream whose consumer has closed it, or whose context has ended, is let
// go of after a second (and one more for each graph around it); its end says "abandoned" if nothing
// else ended it. Where its source gives nothing more, the run ends in the stream some seconds
// after, but the goroutine that waits for the source remains as long as that: nothing can wake it.
// What streams ends when its stream does. See [Handler.Wait] for how to end a program.
package dasheino
