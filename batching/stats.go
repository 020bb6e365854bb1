package batching

import "time"

// Stats is one consistent snapshot of the engine: all of its counts were read at one moment.
// Counters are cumulative since the engine started; levels and times are current.
type Stats struct {
	// At is when the snapshot was taken, Started when the engine was.
	At, Started time.Time

	// Total is the sum of Kinds. Kinds is indexed by [Kind] and holds the account of each kind of
	// message.
	Total KindStats
	Kinds []KindStats

	// Shed counts the events that were dropped as [Shed], by [Class].
	Shed [NumClasses]uint64

	Queue   QueueStats
	Permits PermitStats
	Batches BatchStats
	Worker  WorkerStats
	Sender  SenderStats

	// Emit is the duration of single calls, of which one in about a thousand is measured. Its
	// classic buckets have the bounds [EmitBounds].
	Emit Histogram
	// QueueWait is the time from emit until a batch got its permit, per batch, for its first event.
	QueueWait Histogram
	// PermitWait is the part of QueueWait in which a batch that was due waited for a permit.
	PermitWait Histogram
	// Send is the time from the permit until sending ended, by outcome.
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
	// Emitted counts the events that the application emitted, Accepted those of them that were
	// enqueued.
	Emitted, Accepted uint64
	// Delivered counts acknowledged events, Unacknowledged those given up after they may have
	// arrived.
	Delivered, Unacknowledged uint64
	// Unchanged counts events that did not have to be sent, because they equal the one before.
	Unchanged uint64
	// Dropped counts lost events, indexed by [Reason].
	Dropped [NumReasons]uint64
	// Queued and InFlight are levels: events that wait, and events on their way under a permit.
	Queued, InFlight uint64
	// SendFailures counts events whose sending ended in anything but an acknowledgement.
	SendFailures uint64
	// Messages counts acknowledged messages on the wire. It differs from Delivered in that events
	// sent as one message (chunks of tokens that waited together) count once.
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

// Lost returns the number of events that are not known to have got through: all dropped ones, and
// those never acknowledged.
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

// QueueStats tells how full the queue is. Both limits apply to all that the engine holds, including
// events in flight.
type QueueStats struct {
	// Events is what the engine holds now (Queued + InFlight of the total), MaxEvents its limit.
	Events, MaxEvents int64
	// Bytes is the memory that it holds, in bytes, MaxBytes its limit.
	Bytes, MaxBytes int64
	// HighWaterEvents and HighWaterBytes are the highest levels of the last 60 seconds.
	HighWaterEvents, HighWaterBytes int64
	// Oldest is when the oldest event held was emitted; zero if there is none.
	Oldest time.Time
	// Blocked is the number of callers waiting for room now (overflow policy [Block]).
	Blocked int64
}

// PermitStats tells how many batches are in flight.
type PermitStats struct {
	// InUse is the number of permits in use now, Limit their total number, HighWater the most in
	// use in the last 60 seconds.
	InUse, Limit, HighWater int64
}

// BatchStats counts batches.
type BatchStats struct {
	// Sealed counts sealed batches by [Trigger].
	Sealed [NumTriggers]uint64
	// Pending is the number of batches that the engine holds: open, sealed or in flight.
	Pending int64
}

// WorkerStats tells whether the worker is running.
type WorkerStats struct {
	// Heartbeat is when the worker last ran, or is next due to run. While it has nothing to do, it
	// is the time of the snapshot.
	Heartbeat time.Time
	// Restarts counts restarts after a panic.
	Restarts uint64
}

// SenderStats are a [Sender]'s own statistics. Counters are cumulative; what a Sender does not know
// is zero.
type SenderStats struct {
	// Requests counts requests that carried batches, Retries those that sent something again.
	Requests, Retries uint64
	// Transient and Permanent count failed attempts: those worth repeating, and those not.
	Transient, Permanent uint64
	// UncompressedBytes and CompressedBytes count the bytes sent, before and after compression.
	UncompressedBytes, CompressedBytes uint64
	// WireBytes counts all bytes written to the destination, including protocol overhead.
	WireBytes uint64
	// Throttled is the total time for which the destination asked the client to wait, Throttles how
	// often it did.
	Throttled time.Duration
	Throttles uint64
	// Connections is the number of open connections; Connects and Disconnects count changes.
	Connections           int64
	Connects, Disconnects uint64
	// ConnectFailures counts connections that could not be opened.
	ConnectFailures uint64
	// BufferedRecords is the number of records that the Sender's own client holds.
	BufferedRecords int64
	// LastError is the text of the last failure, "" if there was none, and LastErrorAt its time. A
	// client hides secrets in it.
	LastError   string
	LastErrorAt time.Time
	// StalledPartitions is the number of destinations that have had batches pending for some
	// seconds without acknowledging any. StalledSince is since when the first of them has not; zero
	// if there is none. Stalled names the cause of most of them: a broker that does not respond, as
	// host:port, or a partition if all brokers concerned respond.
	StalledPartitions int64
	StalledSince      time.Time
	Stalled           string
}
