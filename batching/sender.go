package batching

import (
	"context"
	"errors"
)

// Sender delivers batches to their destination. It is the one extension point of the pipe: Kafka, a
// spool, the timing of sends and test fakes are all Senders, and features are added as decorators.
type Sender interface {
	// Send starts to send b and returns without waiting for the result. It calls done(b, err)
	// exactly once, from any goroutine, possibly before it returns. err is nil if b was
	// acknowledged, else a *[SendError].
	//
	// The worker calls Send for one batch at a time; batches of one key must arrive in that order.
	// Package callback does the same with its in-band report, which belongs to no lane and comes
	// from another goroutine. Send must not wait for the network, because the engine's worker waits
	// for Send. b belongs to the Sender until it calls done, and must not be accessed after.
	Send(b *Batch, done func(b *Batch, err error))

	// Stats returns the Sender's own statistics. It is called for every snapshot and must not
	// block.
	Stats() SenderStats

	// Close gives up what is not yet acknowledged, calls done for each of those batches, and
	// releases the Sender's resources. It returns when ctx ends at the latest; batches for which
	// done was not called by then count as unacknowledged. A second call does nothing.
	Close(ctx context.Context) error
}

// Router is a [Sender] that knows where the batches of a key go, so that one destination that does
// not respond cannot hold up the others. It is optional: without it, all keys count as going to one
// destination. A Sender that decorates a Router should be a Router too.
type Router interface {
	// Route returns the destination of key and the number of destinations: 0 ≤ route < routes. Both
	// are 0 while that is not known. Either may change, for example when a topic gets more
	// partitions. Route is cheap, must not block, and may be called concurrently with any other
	// method.
	Route(key []byte) (route, routes int)
}

// ErrUnchanged is what [Config.Seal] returns for a batch of one message that does not have to be
// sent, because it equals the one before it. That is an outcome of its own and not a loss: the
// message's sequence number goes to the next one (see [Sealing.Shift]).
var ErrUnchanged = errors.New("batching: unchanged")

// ErrNoRoom is what [Config.Seal] returns, wrapped or not, when the queue has no room for the batch
// in its sealed form (see [Sealing.Resize]). Seal must leave the batch in a state in which it can
// be sealed again; the engine does so when memory is freed.
var ErrNoRoom = errors.New("batching: the queue has no room to seal the batch")
