// Package batching is the engine of the pipe: a bounded queue, a batcher, permits and an account of
// what became of every event.
//
// It knows neither Kafka nor Prometheus nor what an event means. Its caller (package callback)
// writes encoded messages into memory that belongs to the queue; a [Sender] (package
// internal/kafka, or a test's fake) carries whole batches away and says how each ended.
//
// # The way of an event
//
//	Lane.Reserve ──▶ Slot.Commit ──▶ (linger, bytes, urgency, another kind)
//	  under a lock     outside it      │
//	                                   └──▶ Seal ──▶ permit ──▶ Sender.Send ──▶ done
//	                                        the worker, alone
//
// A [Lane] is what keeps its order: one lane per thread of events. Its messages are numbered from 1
// under the lock that decides on their place in the queue, so the order of numbers is the order of
// sending; a message that is lost leaves its number out, and one that need not be sent gives its
// number to the next.
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
// [Config.QueueBytes] bounds the memory of all events that the engine holds, those in flight
// included. What is charged is the memory taken, not the bytes written into it.
package batching
