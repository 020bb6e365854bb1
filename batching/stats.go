package batching

import "time"

// Stats is one consistent snapshot of the engine: all of its counts were read at one moment.
// Counters are cumulative since the engine started; levels and times are current.
type Stats struct {
	// At is when the snapshot was taken, Started when the engine was.
	At, Started time.Time

	// Total sums Kinds. Kinds is indexed by [Kind] and holds the account of each kind of message.
	Total KindStats
	Kinds []KindStats

	Queue   QueueStats
	Permits PermitStats
	Batches BatchStats
	Worker  WorkerStats
	Sender  SenderStats

	// Emit is what single calls took, of which one in about a thousand is measured. Its
	// classic buckets are bounded by [EmitBounds].
	Emit Histogram
	// QueueWait is the time from emit until a batch had its permit, per batch, for its first
	// event.
	QueueWait Histogram
	// PermitWait is the part of it for which a batch that was due waited for a permit.
	PermitWait Histogram
	// Send is the time from the permit until the end of sending, by outcome.
	Send [NumOutcomes]Histogram
	// EmitToAck is the time from emit until the acknowledgement, per delivered batch, for its
	// first event.
	EmitToAck Histogram

	// LastAck is when a batch was last acknowledged; zero if none was.
	LastAck time.Time
}

// KindStats is the account of one kind of message. The unit is the event. At every moment
// Emitted = Delivered + Unacknowledged + Unchanged + the sum of Dropped + Queued + InFlight.
type KindStats struct {
	// Name is the kind's name in metrics, such as "event"; "" in a total.
	Name string
	// Emitted counts what the application emitted. Accepted is what of that was enqueued.
	Emitted, Accepted uint64
	// Delivered counts what was acknowledged, Unacknowledged what was given up after it may have
	// arrived.
	Delivered, Unacknowledged uint64
	// Unchanged counts what did not have to be sent: it said what the message before it had said.
	Unchanged uint64
	// Dropped counts what was lost, indexed by [Reason].
	Dropped [NumReasons]uint64
	// Queued and InFlight are levels: what waits, and what is on its way under a permit.
	Queued, InFlight uint64
	// SendFailures counts the events whose sending ended in anything but an acknowledgement.
	SendFailures uint64
	// Messages counts the acknowledged messages on the wire: as Delivered, except that events that
	// were sent as one message (chunks of tokens that waited together) count once.
	Messages uint64
}

// DroppedTotal returns the sum of Dropped.
func (k *KindStats) DroppedTotal() uint64 {
	var n uint64
	for _, d := range k.Dropped {
		n += d
	}
	return n
}

// Lost returns what did not get through as far as is known: all that was dropped, and what was
// never acknowledged.
func (k *KindStats) Lost() uint64 { return k.DroppedTotal() + k.Unacknowledged }

func (k *KindStats) add(o *KindStats) {
	k.Emitted += o.Emitted
	k.Accepted += o.Accepted
	k.Delivered += o.Delivered
	k.Unacknowledged += o.Unacknowledged
	k.Unchanged += o.Unchanged
	k.Queued += o.Queued
	k.InFlight += o.InFlight
	k.SendFailures += o.SendFailures
	k.Messages += o.Messages
	for i, d := range o.Dropped {
		k.Dropped[i] += d
	}
}

// QueueStats tells how full the queue is. Both limits hold for all that the engine holds, in flight
// included.
type QueueStats struct {
	// Events is what the engine holds now (Queued + InFlight of the total), MaxEvents its limit.
	Events, MaxEvents int64
	// Bytes is the memory that it holds, in bytes, MaxBytes its limit.
	Bytes, MaxBytes int64
	// HighWaterEvents and HighWaterBytes are the highest levels of the last 60 seconds.
	HighWaterEvents, HighWaterBytes int64
	// Oldest is when the oldest event that is not yet delivered or given up was emitted; zero
	// when there is none.
	Oldest time.Time
	// Blocked is the number of callers that wait for room now (overflow policy [Block]).
	Blocked int64
}

// PermitStats tells how many batches are on their way.
type PermitStats struct {
	// InUse is the number of permits held now, Limit how many there are, HighWater the most of the
	// last 60 seconds.
	InUse, Limit, HighWater int64
}

// BatchStats counts batches.
type BatchStats struct {
	// Sealed counts sealed batches by [Trigger].
	Sealed [NumTriggers]uint64
	// Pending is the number of batches that the engine holds, open, sealed or in flight.
	Pending int64
}

// WorkerStats tells whether the worker is alive.
type WorkerStats struct {
	// Heartbeat is when the worker last went round, or was to; while it has nothing to do it is the
	// time of the snapshot.
	Heartbeat time.Time
	// Restarts counts how often it was started again after a panic.
	Restarts uint64
}

// SenderStats is what a [Sender] knows about its own work. Counters are cumulative; what a Sender
// does not know is zero.
type SenderStats struct {
	// Requests counts requests that carried batches, Retries those that were tries of something
	// sent before.
	Requests, Retries uint64
	// Transient and Permanent count failed tries by class: worth another try, or not.
	Transient, Permanent uint64
	// UncompressedBytes and CompressedBytes count what went out, before and after compression.
	UncompressedBytes, CompressedBytes uint64
	// WireBytes counts all bytes written to the destination, protocol overhead included.
	WireBytes uint64
	// Throttled is the total time for which the destination asked to wait, Throttles how often it
	// did.
	Throttled time.Duration
	Throttles uint64
	// Connections is the number of open connections, Connects and Disconnects count changes.
	Connections           int64
	Connects, Disconnects uint64
	// ConnectFailures counts connections that could not be opened.
	ConnectFailures uint64
	// BufferedRecords is what the Sender's own client holds.
	BufferedRecords int64
	// LastError is the last failure's text, "" if there was none, and LastErrorAt its time. A
	// client hides secrets in it.
	LastError   string
	LastErrorAt time.Time
	// StalledPartitions is how many destinations have batches and have acknowledged none for some
	// seconds, StalledSince since when the first of them has not (zero if there is none), and
	// Stalled the name of what holds up most of them: a broker that does not answer, as host:port,
	// or, if all that they wait for answer, a partition.
	StalledPartitions int64
	StalledSince      time.Time
	Stalled           string
}
