// Package kafka sends batches to Kafka with franz-go, one record per batch.
//
// It adds two guarantees to franz-go: every batch ends in time, with an outcome that can be
// trusted; and a partition that accepts nothing does not affect the others.
//
// # Delivery
//
// Records are written idempotently with acks=all, and with up to five produce requests in flight
// per broker (which is franz-go's choice for that mode). A key's partition is the one that
// librdkafka would choose ([Sender.Route] returns it). Batches of one key arrive once each and in
// the order of Send, whatever connections and brokers do in between. There is one exception. A
// batch that may have arrived is sent again if an older batch of its partition was given up or
// rejected, and may then arrive twice.
//
// # Deadlines
//
// A batch ends at most a tenth of [Config.DeliveryTimeout] plus one second after that timeout,
// counted from emit (Batch.Opened), and never earlier because of another batch. That holds for
// brokers that refuse connections, for brokers that accept them and never respond, and for brokers
// that work but whose responses are lost. franz-go checks its own timeout only before a request and
// after its response. With a broker that does not respond, batches were seen to end 34 s after they
// were sent, at a timeout of 3 s. Here four things work together.
//
//   - The batches of a partition that the client has share a context, which ends a little after the
//     first of their deadlines. That ends most of the waiting in franz-go (deadlines.go). Batches
//     with time left come back and are sent again (again.go).
//   - Contexts do not reach a new connection's first requests. So while a batch is overdue,
//     connections on which the broker of its partition keeps the client waiting are cut. That
//     broker is then not dialled for a moment (watch.go, network.go).
//   - Partitions that are not acknowledged are followed up. The client refreshes its metadata, and
//     cuts connections on which batches wait for a broker that no longer leads their partition
//     (leaders.go).
//   - All other durations follow from the deadline (timing.go).
//
// Ending a batch before its request was answered needs AllowIdempotentProduceCancellation. franz-go
// then continues under a new producer epoch, so that later batches are not mistaken for those that
// were given up.
//
// # Partitions
//
// franz-go fails all records of a partition with the first of them. While a partition is not
// acknowledged, further batches for it are therefore kept back (partition.go). They end at their
// own deadlines, not at that of the first, and are known not to have been sent. Batches for other
// partitions are not affected. Before the topic is known, the client gets one batch, which makes it
// ask for the topic.
//
// # Refusals
//
// codes.go says what every error means: it may pass and the records wait, one record is at fault,
// or nothing can help. For most errors, franz-go gives up all records of a partition. The Sender
// takes them back (again.go, backlog.go), by partition and in order. After an error that may pass,
// they are sent again until their own deadlines, one record first. Such errors are about a login,
// authorization, a topic that is missing or was replaced, or a cluster that was rebuilt. If a
// record is at fault, half of the rejected records are sent again, and so on down to one record.
// [Config.Split] divides that one down to one event (parts.go): only that event is dropped. If
// record batches are too large for the topic, no more than fits is handed over at once from then
// on. The limit is asked for at the start (limit.go) and learnt from rejections.
//
// The Sender reads a rejection on the connection before the client knows of it (tap.go). So nothing
// that is sent later overtakes the records that come back, except for what is handed over in the
// same moment.
//
// # Outcomes
//
// A batch that ends without an acknowledgement is dropped if it certainly did not arrive, and
// unacknowledged otherwise: delivered ≤ arrived ≤ delivered + unacknowledged, batch by batch.
// Whether a record was ever in a request is observed where its record batch is compressed
// (written.go); outcome.go has the rules.
//
// # Connections
//
// [Open] asks the cluster once. It distinguishes refusals, which are errors with advice, from an
// unreachable cluster, which is a warning (start.go, refusal.go). It checks what kind of port it
// has reached (port.go), and the addresses that brokers advertise (advertised.go). Certificates are
// read again when their files change (tls.go), tokens are renewed before they expire (token.go). If
// the options contain a dialer or a TLS configuration, that opens the connections, but the network
// cuts them (dialing.go).
//
// franz-go's own log is off, because it repeats itself while a broker is unreachable;
// kgo.WithLogger in [Config.Options] turns it on. The Sender logs once when something does not
// respond and once when it responds again: no broker, one broker, or partitions whose brokers
// respond (silence.go). It also logs each kind of refusal, and each address that cannot be used
// (words.go). That is logged once when it begins, in the brokers' or the network's own words and
// with advice, and once when it is over, with totals.
package kafka
