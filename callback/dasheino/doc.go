// Package dasheino streams what CloudWeGo Eino's graphs do to DashStream: one line instruments every graph of a program.
//
//	client, err := callback.New(cfg)
//	callbacks.AppendGlobalHandlers(dasheino.NewHandler(client)) // before graphs are compiled
//
// # What is sent
//
// A compiled graph, chain or workflow that is called is a run. Its GRAPH_START carries the graph as it was compiled. A graph inside a
// graph is a node; the nodes in it are named by their way, such as "research/search". Nodes are named by their keys. Calls of chat
// models and tools are sent as such, inside the node that makes them, whether the node is the model or its code calls one that
// reports to callbacks. Parts of an answer that is streamed are sent as they come. Edges and branches are sent when the node that
// they lead to begins; steps that run at once are marked as parallel.
//
// A run that Eino interrupts ends with HUMAN_INTERRUPT, which is no error; one that Eino resumes from a checkpoint begins with
// HUMAN_RESUME. Give both the same thread with [WithThread], so that one continues the other.
//
// Code in a node reaches what Eino does not know of: callback.NodeFromContext gives the node, to report progress or to start a node
// inside it, [LLMFromContext] and [ToolFromContext] the call that is being made, to report retries.
//
// # State
//
// A run begins with its input as the state (GRAPH_START's initial state). If the graph has a local state (compose.WithGenLocalState), that
// is the run's state from then on: as the run begins, before the end of each node, before the first node that begins after that, and as the
// run ends, fails, or is interrupted. It is written as encoding/json writes it, so fields that are not exported stay out of it unless its type has a MarshalJSON. What is sent of it
// is what has changed. [WithoutState] leaves all of it out.
//
// What Eino does not let a handler see: which node changed the state. What a handler of the state after a node (WithStatePostHandler)
// changes, Eino does once the node has ended, so it is sent as the next one begins, as a message of the run. The state is read under Eino's
// own lock, which code of the graph waits for as long as writing it as JSON takes; a node whose end finds that lock held waits for it,
// but 20 ms at most. Code that changes the state without that lock (compose.ProcessState takes it), while other nodes run, must not be watched:
// use [WithoutState]. Graphs inside others have no state of their own in the stream, for a thread has one: what they change in that of the
// graph around them is sent when they end. Graphs whose topology is not known (see [WithoutCompileCallback]) send their input alone.
//
// # Streams
//
// Eino gives each handler a copy of a stream, which must be read to its end and closed. A goroutine does so for each stream, which
// means that the source is read as fast as it produces, also where its consumer is slower or stops early. What streams ends when its
// stream does. See [Handler.Wait] for how to end a program.
package dasheino
