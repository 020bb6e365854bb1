package kafka

import (
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

const (
	// recordOverhead is an allowance for what a record contains besides the message: key, headers,
	// the framing of a batch of messages.
	recordOverhead = 16 << 10
	// defaultBatchBytes is franz-go's limit for a record batch before compression. A broker's
	// default limit, 1,048,588 bytes after compression, always accepts it.
	defaultBatchBytes = 1_000_012
	// requestBytes bounds a produce request before compression, unless a setting does. Up to five
	// requests are in flight to a broker and must be answered within produce+overhead. Without a
	// bound, the backlog after an outage makes requests that a slow connection never transmits in
	// time, and that are then sent again.
	requestBytes = 4 << 20
	// clientLinger is short compared to the engine's own linger, and pays off. At 10,000 batches of
	// 600 bytes a second it reduces the CPU per batch from 18 to 12 µs. It also saves a fifth of
	// the compressed bytes and three quarters of the requests. (Measured with 12 partitions, zstd,
	// and a broker that responds within 1 ms.) At full load it makes no difference, because
	// requests wait for one another anyway.
	clientLinger = 10 * time.Millisecond
	// spareRecords covers the moment between a promise and the client's own count.
	spareRecords = 64
)

// batchBytes is the client's limit for a record batch before compression. A batch always fits into
// a request.
func (c *Config) batchBytes() int {
	wanted := max(defaultBatchBytes, c.MaxMessageBytes+recordOverhead)
	return min(wanted, c.requestBytes()-recordOverhead)
}

// requestBytes is the client's limit for a produce request before compression.
func (c *Config) requestBytes() int {
	if c.MaxRequestBytes > 0 {
		return c.MaxRequestBytes
	}
	return max(requestBytes, c.leastRequest())
}

// leastRequest is the size of a request with one record of the largest message.
func (c *Config) leastRequest() int { return c.MaxMessageBytes + 2*recordOverhead }

// clientOptions returns the options of s's client.
func (c *Config) clientOptions(s *Sender) ([]kgo.Opt, error) {
	t := s.timing
	batchBytes := c.batchBytes()
	inner, err := c.compressor(batchBytes)
	if err != nil {
		return nil, err
	}
	s.written.inner = inner
	own := []kgo.Opt{
		kgo.SeedBrokers(c.Brokers...),
		kgo.ClientID(c.ClientID),
		kgo.WithHooks(hooks{s}),
		// The brokers would receive some of the client's metrics; the Sender has its own.
		kgo.DisableClientMetrics(),

		kgo.DefaultProduceTopic(c.Topic),
		kgo.RecordPartitioner(partitioner{s.written, &s.routes}),
		kgo.WithCompressor(s.written),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(clientLinger),
		kgo.ProducerBatchMaxBytes(int32(batchBytes)),
		kgo.BrokerMaxWriteBytes(int32(c.requestBytes())),
		kgo.MaxBufferedRecords(c.MaxInFlightRecords + spareRecords),

		// A batch must be able to end at its deadline although its request has not been answered.
		// It may arrive nevertheless, and counts as unacknowledged. Retries remain idempotent.
		kgo.AllowIdempotentProduceCancellation(),
		// A topic that is deleted may come back within the deadline.
		kgo.UnknownTopicRetries(-1),
		// After a good start, a connection that ends early is an accident: a broker that restarts,
		// or a proxy without a broker.
		kgo.AlwaysRetryEOF(),

		kgo.ProduceRequestTimeout(t.produce),
		kgo.RequestTimeoutOverhead(t.overhead),
		// The client checks deadlines only after a request has finally failed, so that should be
		// soon. Requests that matter are repeated by the Sender.
		kgo.RequestRetries(1),
		kgo.RetryTimeout(t.request),
		kgo.RetryBackoffFn(t.backoff),
		kgo.MetadataMinAge(min(t.metadata, c.MetadataMaxAge)),
		kgo.MetadataMaxAge(c.MetadataMaxAge),
	}
	if mechanism := c.Security.mechanism(s.tokens); mechanism != nil {
		own = append(own, mechanism)
	}
	return s.network.withNetwork(append(own, c.Options...))
}

// mechanism returns the option for SASL, or nil.
func (s *Security) mechanism(t *tokens) kgo.Opt {
	if !s.sasl() {
		return nil
	}
	credentials := scram.Auth{User: s.Username, Pass: s.Password.Reveal()}
	switch s.Mechanism {
	case Plain:
		return kgo.SASL(plain.Auth{User: s.Username, Pass: s.Password.Reveal()}.AsMechanism())
	case ScramSHA256:
		return kgo.SASL(credentials.AsSha256Mechanism())
	case ScramSHA512:
		return kgo.SASL(credentials.AsSha512Mechanism())
	case OAuthBearer:
		return kgo.SASL(bearer{t, s.Extensions})
	}
	return nil
}

// backoff returns how long to wait after so many failures: twice as long each time, plus or minus a
// fifth.
func (t timing) backoff(failures int) time.Duration {
	wait := t.backoffMin << min(max(failures-1, 0), 16)
	wait = time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
	return min(wait, t.backoffMax)
}
