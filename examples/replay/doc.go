// Replay replays recorded runs of agents as graph runs through the SDK, in full detail and at the
// rate that you ask for. The conversation so far is the state of each run. At the end it says what
// became of every event. Use it to size a cluster, and to try what the SDK does when the cluster is
// slow or unreachable.
//
//	go run ./examples/replay --brokers localhost:9092 --create-topic runs.json.gz
//
// The last line of its output is one JSON object with the account; everything else goes to stderr.
// --help has the rest.
package main
