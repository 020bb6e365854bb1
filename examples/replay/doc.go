// Replay replays recorded runs of agents as graph runs through the SDK, at full detail and at the
// rate that is asked for, with the conversation so far as the state of each run, and says what
// became of every event. It is for sizing a cluster, and for trying what the SDK does when the
// cluster is slow or away.
//
//	go run ./examples/replay --brokers localhost:9092 --create-topic runs.json.gz
//
// The last line of its output is one JSON object with the account; everything else goes to stderr.
// --help has the rest.
package main
