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
// # Streams
//
// Eino gives each handler a copy of a stream, which must be read to its end and closed. A goroutine does so for each stream, which
// means that the source is read as fast as it produces, also where its consumer is slower or stops early. What streams ends when its
// stream does. See [Handler.Wait] for how to end a program.
package dasheino
