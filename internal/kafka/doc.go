// Package kafka sends batches to Kafka: one record for a batch, on franz-go.
//
// What it adds to franz-go is that every batch ends in time, with an outcome that can be trusted.
//
// # Delivery
//
// Records are written idempotently with acks=all, and so with five produce requests in flight to a broker (franz-go's choice then).
// A key's partition is the one that librdkafka would choose. Batches of one key arrive in the order of Send, once each, whatever
// connections and brokers do in between.
//
// # Deadlines
//
// A batch ends at most a tenth of [Config.DeliveryTimeout] and a second after that timeout has passed, counted from the door
// (Batch.Opened): with brokers that refuse connections, with brokers that accept them and never answer, and with brokers that work
// but whose answers are lost. franz-go's own timeout is looked at only before a request and after its answer; with a broker that
// stands still, batches were seen to end 34 s after they were sent, at a timeout of 3 s. Here three things work together.
//
//   - A record's context ends a little after its deadline, which ends most of the waiting in franz-go (deadlines.go).
//   - A new connection's first requests are out of reach of contexts. So while a batch is overdue, connections on which a broker
//     keeps the client waiting are cut (watch.go, network.go).
//   - All other durations follow from the deadline (timing.go).
//
// Ending a batch before its request was answered needs AllowIdempotentProduceCancellation; franz-go then goes on under a new
// producer epoch, so that what is sent later is not mistaken for what was given up.
//
// franz-go fails all records of a partition with the first of them. While nothing is acknowledged, further batches are therefore
// held back (watch.go): they end at their own deadlines, not at that of the first, and are known not to have been sent.
//
// # Outcomes
//
// A batch that ends without an acknowledgement is dropped if it certainly did not arrive, and unacknowledged otherwise: delivered ≤
// arrived ≤ delivered + unacknowledged, batch by batch. Whether a record was ever in a request is seen where its record batch is
// compressed (written.go); outcome.go has the rules.
//
// # Connections
//
// [Open] asks the cluster once and tells refusals, which are errors with advice, from a cluster that is away, which is a warning
// (start.go, refusal.go). It looks at what kind of port it has reached (port.go), and at the addresses that brokers advertise
// (advertised.go). Certificates are read again when their files change (tls.go), tokens are renewed before they expire (token.go).
// A dialer or a TLS configuration among the options opens the connections, but the network cuts them (dialing.go). franz-go's own log is off: it repeats itself
// while a broker is away. The Sender logs once when brokers stop answering and once when they answer again; kgo.WithLogger in
// [Config.Options] turns franz-go's on.
package kafka
