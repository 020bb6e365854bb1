// Package reduce turns the stream of messages into what a reader wants to know of each thread: its
// state, its runs and their nodes, and what is missing.
//
//	var r reduce.Reducer
//	for … { // the records of a topic, each partition in its order
//		change, err := r.AddRecord(record.Value)
//		…
//	}
//	t := r.Thread("conversation-7")
//	state, known := t.State()
//	t.NeedsResync() // whether that may be old, or wrong
//
// It keeps to the rules that the comments of dashstream.proto state, and to this one of its own: it
// never shows a state that may be wrong without saying so. A state is proven by being whole, or by
// following from one that is and no message missing in between, or by its hash. What cannot be
// proven is marked ([Trust]), until it is; nothing is invented.
//
// Memory is bounded, by limits with useful defaults: [Reducer] says which. It needs nothing of the
// producer's.
package reduce
