// Package reduce turns the stream of messages into what a reader wants to know about each thread:
// its state, its runs and their nodes, and what is missing.
//
//	var r reduce.Reducer
//	for … { // the records of a topic, each partition in its order
//		change, err := r.AddRecord(record.Value)
//		…
//	}
//	t := r.Thread("conversation-7")
//	state, known := t.State()
//	t.NeedsResync() // whether that may be old, or wrong
//	t.Losses() // what is missing, and what of it producers explain
//
// It follows the rules in the comments of dashstream.proto, and one more: a state that may be wrong
// is always marked as such ([Trust]). A state is proven if it was sent whole, if it follows from a
// proven one with no message missing in between, or if its hash matches. A state that cannot be
// proven is marked until it is. Nothing is guessed.
//
// A gap is explained by what producers state about their losses: see [Thread.Losses]. That says why
// messages are missing; it does not make a state current again.
//
// Memory is bounded by limits with useful defaults: see [Reducer]. The package depends on nothing
// of the producer.
package reduce
