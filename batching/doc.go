// Package batching is the engine of the pipe: a bounded queue, a batcher, permits, and an account
// of the outcome of every event.
//
// It knows nothing of Kafka, of Prometheus, or of what an event means. Its caller (package
// callback) writes encoded messages into memory that the queue owns. A [Sender] (package
// internal/kafka, or a fake in tests) delivers whole batches and reports how each ended.
//
// # The path of an event
//
//	Lane.Reserve ──▶ Slot.Commit ──▶ (linger, bytes, urgency, another kind)
//	  under a lock     outside it      │
//	                                   └──▶ Seal ──▶ permit ──▶ Sender.Send ──▶ done
//	                                        the worker, alone
//
// A [Lane] keeps order: each thread of events has its own. Its messages are numbered from 1, under
// the same lock that decides their place in the queue, so they are sent in the order of their
// numbers. A lost message leaves a gap of one number; a message that need not be sent passes its
// number on to the next.
//
// # The account
//
// The unit of every count is the event: one message that the application emitted. At every moment,
// and in every snapshot,
//
//	Emitted = Delivered + Unacknowledged + Unchanged + Dropped(by reason) + Queued + InFlight
//
// # Memory
//
// [Config.QueueBytes] bounds the memory of all events that the engine holds, including those in
// flight. The charge is for the memory taken, not for the bytes written into it.
package batching
