package kafka

import "time"

// timing has every duration that the Sender uses. All of them are derived from the delivery
// timeout, so that a deadline of two seconds is kept as well as one of two minutes.
type timing struct {
	// delivery is the deadline itself, from emit.
	delivery time.Duration
	// grace is how much longer a batch may take that was handed to the client in time. It is at
	// least hold plus two ticks. So a batch that fails along with another one, sent up to hold
	// before it, does not fail before its own deadline.
	grace time.Duration
	// tick is how often the watch runs, and the resolution of deadlines.
	tick time.Duration
	// stall is how long a connection may wait for a byte while a batch is overdue. After that it is
	// cut.
	stall time.Duration
	// hold is how long a partition may be without an acknowledgement before further batches are
	// kept back.
	hold time.Duration
	// silence is how long a broker may not respond, or a partition not be acknowledged, while
	// batches wait, before that is logged.
	silence time.Duration

	// dial bounds one connection's TCP and TLS handshakes.
	dial time.Duration
	// produce is how long a broker may wait for its replicas.
	produce time.Duration
	// overhead is how long any response may take in addition.
	overhead time.Duration
	// request bounds a request other than produce, its retries included.
	request time.Duration
	// backoffMin and backoffMax bound the waits between attempts.
	backoffMin, backoffMax time.Duration
	// quick is how long any request except produce may take while other brokers respond and a
	// partition is not acknowledged.
	quick time.Duration
	// refresh is how often the client refreshes its metadata while a partition is not acknowledged.
	refresh time.Duration
	// metadata is the shortest time between two refreshes of the metadata.
	metadata time.Duration
}

// newTiming derives the durations. At the default of two minutes they are: grace 6 s, tick 250 ms,
// stall 1 s, hold 4.8 s, silence 5 s. dial, produce and overhead are 10 s each (franz-go's
// defaults). quick is 3 s, refresh 1 s, backoff from 250 ms to 2 s, and metadata 2.5 s.
//
// A broker may take produce+overhead to respond before a request is sent again, so both together
// are a sixth of the deadline: there is time for several attempts. What ends a batch at its
// deadline is not these, however, but the watch (see watch.go).
func newTiming(delivery time.Duration) timing {
	part := func(n int64, lo, hi time.Duration) time.Duration {
		return min(max(delivery/time.Duration(n), lo), hi)
	}
	return timing{
		delivery:   delivery,
		grace:      max(delivery/20, 100*time.Millisecond),
		tick:       part(200, 10*time.Millisecond, 250*time.Millisecond),
		stall:      part(60, 100*time.Millisecond, time.Second),
		hold:       part(25, 75*time.Millisecond, 5*time.Second),
		silence:    part(24, time.Second, 5*time.Second),
		dial:       part(12, 500*time.Millisecond, 10*time.Second),
		produce:    part(12, 250*time.Millisecond, 10*time.Second),
		overhead:   part(12, 250*time.Millisecond, 10*time.Second),
		request:    part(12, 250*time.Millisecond, 10*time.Second),
		quick:      part(40, 500*time.Millisecond, 3*time.Second),
		refresh:    part(120, 50*time.Millisecond, time.Second),
		backoffMin: part(480, 10*time.Millisecond, 250*time.Millisecond),
		backoffMax: part(60, 50*time.Millisecond, 2*time.Second),
		metadata:   part(48, 50*time.Millisecond, 2500*time.Millisecond),
	}
}
