// Tail prints a topic live, decoded, as it is read: one line for each event, and what has changed
// of states.
//
//	go run ./examples/tail --thread 'replay-*' --kind llm_end,tool_execution
//
// --help has the rest.
package main
