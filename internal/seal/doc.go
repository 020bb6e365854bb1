// Package seal turns batches into records, on the engine's worker. It joins the messages of a
// batch, hides secrets, and decides in which form a state is sent. It also shortens messages that
// are too large, for the client API.
package seal
