// Package kafka sends batches to Kafka: one record for a batch, on franz-go.
//
// What it adds to franz-go is that every batch ends in time, with an outcome that can be trusted,
// and that a partition which takes nothing is no concern of the others.
//
// # Delivery
//
// Records are written idempotently with acks=all, and so with five produce requests in flight to a
// broker (franz-go's choice then). A key's partition is the one that librdkafka would choose
// ([Sender.Route] tells it). Batches of one key arrive in the order of Send, once each, whatever
// connections and brokers do in between; only a batch that may have arrived, and was sent again
// because an older one of its partition had to be given up or was refused, may arrive twice.
//
// # Deadlines
//
// A batch ends at most a tenth of [Config.DeliveryTimeout] and a second after that timeout has
// passed, counted from emit (Batch.Opened), and not before it because of another batch: with
// brokers that refuse connections, with brokers that accept them and never answer, and with brokers
// that work but whose answers are lost. franz-go's own timeout is looked at only before a request
// and after its answer; with a broker that stands still, batches were seen to end 34 s after they
// were sent, at a timeout of 3 s. Here four things work together.
//
//   - The batches of a partition that the client has share a context, which ends a little after the
//     first of their deadlines. That ends most of the waiting in franz-go (deadlines.go). What has
//     time left comes back and is sent again (again.go).
//   - A new connection's first requests are out of reach of contexts. So while a batch is overdue,
//     connections on which the broker of its partition keeps the client waiting are cut, and that
//     broker is left alone for a moment (watch.go, network.go).
//   - What is not acknowledged is looked after: the client looks at the metadata, and connections
//     on which batches wait for a broker that no longer leads their partition are cut (leaders.go).
//   - All other durations follow from the deadline (timing.go).
//
// Ending a batch before its request was answered needs AllowIdempotentProduceCancellation; franz-go
// then goes on under a new producer epoch, so that what is sent later is not mistaken for what was
// given up.
//
// # Partitions
//
// franz-go fails all records of a partition with the first of them. While a partition is not
// acknowledged, further batches for it are therefore held back (partition.go): they end at their
// own deadlines, not at that of the first, and are known not to have been sent. Batches for other
// partitions are not affected. Before the topic is known, the client gets one batch to ask for it
// with.
//
// # Refusals
//
// codes.go has what every error means: it may pass and waits, one record is at fault, or nothing
// can help. franz-go gives up all records of a partition for most of them. The Sender takes them
// back (again.go, backlog.go), partition by partition and in order. What may pass (a login, a
// right, a topic that is away or another one, a cluster that was rebuilt) is tried again until the
// records' own deadlines, by one record first. Where a record is at fault, half of what was refused
// goes again, and so on down to one record, which [Config.Split] divides down to one event
// (parts.go): that one alone is dropped. Where record batches are too large for the topic, no more
// than fits goes at once from then on; the limit is asked for at the start (limit.go) and learnt
// from refusals.
//
// A refusal is heard on the connection before the client knows of it (tap.go), so that nothing that
// is sent later overtakes what comes back, but for what is handed over in the same moment.
//
// # Outcomes
//
// A batch that ends without an acknowledgement is dropped if it certainly did not arrive, and
// unacknowledged otherwise: delivered ≤ arrived ≤ delivered + unacknowledged, batch by batch.
// Whether a record was ever in a request is seen where its record batch is compressed (written.go);
// outcome.go has the rules.
//
// # Connections
//
// [Open] asks the cluster once and tells refusals, which are errors with advice, from a cluster
// that is away, which is a warning (start.go, refusal.go). It looks at what kind of port it has
// reached (port.go), and at the addresses that brokers advertise (advertised.go). Certificates are
// read again when their files change (tls.go), tokens are renewed before they expire (token.go). A
// dialer or a TLS configuration among the options opens the connections, but the network cuts them
// (dialing.go). franz-go's own log is off: it repeats itself while a broker is away. The Sender
// logs once when something does not answer and once when it does again: no broker, one broker, or
// partitions whose brokers answer (silence.go). It logs each kind of refusal, and each address that
// cannot be used, once when it begins, in the brokers' or the network's own words and with what to
// do, and once when it is over, with totals (words.go). kgo.WithLogger in [Config.Options] turns
// franz-go's own log on.
package kafka
