package batching

import (
	"context"
	"errors"
)

// Sender carries batches to their destination. It is the one seam of the pipe: Kafka, a spool, the
// timing of sends and test fakes are all Senders, and a feature is a decorator of one.
type Sender interface {
	// Send starts to send b and returns without waiting for the end. It calls done(b, err) exactly
	// once, from any goroutine, possibly before it returns: err is nil when b was acknowledged,
	// else a *[SendError].
	//
	// Batches are handed over one at a time, in the order in which those of one key must arrive;
	// package callback does the same with its report in band, which is of no lane and comes from
	// another goroutine. Send must not wait for the network: the engine's worker waits with it. b
	// belongs to the Sender until it calls done, and must not be touched after.
	Send(b *Batch, done func(b *Batch, err error))

	// Stats returns what the Sender knows about its own work. It is called at every snapshot and
	// must not block.
	Stats() SenderStats

	// Close gives up what is not yet acknowledged, calling done for each, and frees what the Sender
	// holds. It returns when ctx ends at the latest; what it has not called done for by then is
	// counted as unacknowledged. A second call does nothing.
	Close(ctx context.Context) error
}

// Router is a [Sender] that knows where the batches of a key go, so that what one destination does
// not take cannot hold up the others. It is optional: without it all keys count as going to one
// destination. A Sender that decorates a Router should be one too.
type Router interface {
	// Route returns the destination of key and how many destinations there are: 0 ≤ route < routes.
	// Both are 0 while that is not known. Either may change, as when a topic gets more partitions.
	// It is cheap, must not block, and may be called concurrently with everything.
	Route(key []byte) (route, routes int)
}

// ErrUnchanged is what [Config.Seal] returns for a message that does not have to be sent, because
// it says what the one before it said. It is an outcome of its own, and no loss: the message's
// sequence number goes to the one behind it (see [Sealing.Shift]).
var ErrUnchanged = errors.New("batching: unchanged")

// ErrNoRoom is what [Config.Seal] returns, wrapped or not, when the queue has no room for the batch
// as it is sent (see [Sealing.Resize]). It must have left the batch such that it can be sealed
// again, which is done when memory has become free.
var ErrNoRoom = errors.New("batching: no room in the queue to seal the batch in")
