package callback

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/guard"
	"github.com/dashstream/dashstream-go/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Secret is a password: it shows itself as "[REDACTED]" to fmt, slog and encoders. Make one with
// [NewSecret].
type Secret = kafka.Secret

// NewSecret returns a Secret that holds value; "" makes the zero Secret.
func NewSecret(value string) Secret { return kafka.NewSecret(value) }

// Config configures a client. Its zero value is usable: a field's zero value stands for its
// default, and the table of settings (see [Settings]) names both. [ConfigFromEnv] fills one from
// the environment.
type Config struct {
	// Disabled makes [New] return a client that does nothing and connects to nothing.
	Disabled bool
	// Service names the program in the reports about itself. Default: the program's file name.
	Service string
	// InstanceID tells this client apart from all others, also in the record header ds-producer.
	// Default: a random UUID.
	InstanceID string
	// ClientID names the client to brokers: quotas and their logs go by it. Default: Service.
	ClientID string
	// TenantID stands in the header of every message. Default "default".
	TenantID string

	// Brokers are addresses of the cluster, host:port each. Default localhost:9092.
	Brokers []string
	// Topic is the topic for everything. Default "dashstream-events".
	Topic string
	// CreateTopic creates the topic at start if it is absent, with TopicPartitions (default: the
	// broker's) and TopicReplication (default: the broker's).
	CreateTopic      bool
	TopicPartitions  int
	TopicReplication int
	// SecurityProtocol is "plaintext" (the default), "ssl", "sasl_plaintext" or "sasl_ssl".
	SecurityProtocol string
	// SASLMechanism is "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512" or "OAUTHBEARER", and required
	// with a sasl_ protocol; "none" is "". The first three need SASLUsername and SASLPassword,
	// OAUTHBEARER, which is the default with SASLToken, one of SASLToken, SASLTokenURL and
	// SASLTokenFile.
	SASLMechanism string
	SASLUsername  string
	SASLPassword  Secret
	// SASLToken returns a token for OAUTHBEARER and when it expires (zero: not known, so it is
	// asked for at each login). It is called when a connection logs in and less than a fifth of the
	// last token's time is left, one call at a time, with a context that ends after ten seconds; a
	// panic in it is an error. After an error the login is tried again until events reach their
	// DeliveryTimeout.
	SASLToken func(context.Context) (token string, expires time.Time, err error)
	// SASLTokenURL is where tokens are had by client credentials (RFC 6749, 4.4): SASLClientID and
	// SASLClientSecret are required with it, SASLScope and SASLTokenCAFile, whose authorities its
	// certificate is trusted by, are not.
	SASLTokenURL     string
	SASLClientID     string
	SASLClientSecret Secret
	SASLScope        string
	SASLTokenCAFile  string
	// SASLTokenFile is a file that holds a token; it is read for each login.
	SASLTokenFile string
	// SASLExtensions go to the brokers with each token, as key=value.
	SASLExtensions []string
	// TLSCAFile, TLSCertFile and TLSKeyFile are PEM files; they are read again when they change.
	// TLSKeyPassword opens an encrypted key.
	TLSCAFile, TLSCertFile, TLSKeyFile string
	TLSKeyPassword                     Secret
	// TLSEndpointAlgorithm is "https" (the default), which checks the broker's host name, or
	// "none".
	TLSEndpointAlgorithm string
	// Compression is "zstd" (the default), "lz4", "snappy" or "none".
	Compression string
	// StartTimeout bounds the one question that [New] asks the cluster. Default 5 s.
	StartTimeout time.Duration
	// MetadataMaxAge is after how long what is known of the topic is asked again. Default 1 min.
	// New partitions are used from then on, and threads move to them.
	MetadataMaxAge time.Duration
	// Dialer opens connections to brokers; TLS, where SecurityProtocol wants it, is spoken over
	// what it returns. Deadlines hold over it. Default [net.Dialer.DialContext].
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
	// KafkaOptions are applied to the Kafka client last, for what has no setting here. They can
	// undo what this package promises; deadlines hold over a kgo.Dialer or a kgo.DialTLSConfig all
	// the same.
	KafkaOptions []kgo.Opt

	// QueueBytes bounds the memory of all events held, those in flight included. Default 128 MiB.
	QueueBytes int64
	// QueueEvents bounds their number. Default 1,048,576.
	QueueEvents int64
	// Overflow is "drop" (the default): an event that finds no room is dropped; or "block": the
	// caller waits for room, for BlockTimeout (default 1 s) at most.
	Overflow     string
	BlockTimeout time.Duration
	// BatchBytes and BatchEvents seal a batch. Default 64 KiB and 1000.
	BatchBytes  int
	BatchEvents int
	// Linger is how long a batch waits for more events. Default 250 ms; negative: not at all.
	Linger time.Duration
	// MaxPermits is the number of batches that may be on their way to Kafka. Default 8192.
	MaxPermits int
	// MaxMessageBytes bounds one message, before compression. Default 900 KiB. The broker's limit
	// must be higher.
	MaxMessageBytes int
	// MaxRequestBytes bounds a request, which may have messages of several partitions, before
	// compression: for services that take no large ones. At least 32 KiB more than MaxMessageBytes.
	// Default 4 MiB, or that if it is more.
	MaxRequestBytes int
	// DeliveryTimeout is how long an event may take from emit until its acknowledgement; then
	// it is given up. Default 2 min.
	DeliveryTimeout time.Duration
	// ShutdownTimeout bounds [Client.Shutdown] when its context has no deadline. Default 10 s.
	ShutdownTimeout time.Duration

	// SelfMetrics says when the client reports about itself in band: "auto" (the default), "always"
	// or "off".
	SelfMetrics string
	// SelfMetricsInterval is the time between two reports in band. Default 10 s.
	SelfMetricsInterval time.Duration
	// ExecutionTrace ends every run with an ExecutionTrace.
	ExecutionTrace bool
	// StateBytes bounds the memory of the states that patches are made from, all that they need
	// included, one for each thread that has set one and is active or remembered. Default 64 MiB; a
	// thread whose state was evicted sends its next one whole.
	StateBytes int64
	// CheckpointPatches and CheckpointBytes are after how many patches, and after how many bytes of
	// them, a thread's state goes out whole as a checkpoint, so that a reader need not look back
	// further. Default 32 and 1 MiB.
	CheckpointPatches int
	CheckpointBytes   int64
	// RememberedThreads is how many threads without a run keep their last sequence number, and
	// their state: those that ended last. Default 10,000, of less than 700 bytes each. In an outage
	// those of which something waits are kept, too.
	RememberedThreads int

	// Redaction hides secrets in what is published. It is on by default.
	Redaction Redaction

	// Traceparent says which W3C trace context ctx carries: the values of the headers traceparent
	// and tracestate, "" for none. It is called by StartRunContext and StartNode. nil: none.
	Traceparent func(ctx context.Context) (traceparent, tracestate string)
	// OnPressure is called when the level of pressure has changed (see [Client.Pressure]), from a
	// goroutine of its own that it may block: the changes that come meanwhile are one then. It is
	// never called under a lock, and a panic in it is caught and logged. nil: nobody is called.
	OnPressure func(Pressure)
	// Sender replaces Kafka, for tests and for other destinations; all settings of Kafka are
	// ignored then. nil: Kafka. A panic in it is logged and costs no more than the batch; Stats and
	// Close may block. Only Send holds up what is behind it.
	Sender batching.Sender
	// LinesFile writes JSON lines to this file instead of sending to Kafka, as [NewLines] does; "-"
	// is the standard output. The file is appended to. A Sender wins over it. Default: none.
	LinesFile string
	// Logger takes what the client has to say. Default [slog.Default]. Its handler is called from
	// goroutines of the client's own, by one at a time: a panic in it costs the line, and one that
	// blocks holds up nothing for longer than half a second.
	Logger *slog.Logger

	environment environment // what ConfigFromEnv has seen
}

// withDefaults returns the configuration with every default filled in.
func (c Config) withDefaults() Config {
	table.Fill(&c)
	switch {
	case c.SASLMechanism == noLogin:
		c.SASLMechanism = ""
	case c.SASLMechanism == "" && c.SASLToken != nil:
		c.SASLMechanism = string(kafka.OAuthBearer)
	}
	c.Logger = guard.Logger(c.Logger)
	return c
}

func (c *Config) kafka() kafka.Config {
	clientID := c.ClientID
	if clientID == "" {
		clientID = c.Service
	}
	return kafka.Config{
		Brokers:           c.Brokers,
		Topic:             c.Topic,
		CreateTopic:       c.CreateTopic,
		Partitions:        int32(c.TopicPartitions),
		ReplicationFactor: int16(c.TopicReplication),
		Security: kafka.Security{
			Protocol:          kafka.Protocol(c.SecurityProtocol),
			Mechanism:         kafka.Mechanism(c.SASLMechanism),
			Username:          c.SASLUsername,
			Password:          c.SASLPassword,
			Token:             c.SASLToken,
			TokenURL:          c.SASLTokenURL,
			ClientID:          c.SASLClientID,
			ClientSecret:      c.SASLClientSecret,
			Scope:             c.SASLScope,
			TokenCAFile:       c.SASLTokenCAFile,
			TokenFile:         c.SASLTokenFile,
			Extensions:        c.SASLExtensions,
			CAFile:            c.TLSCAFile,
			CertFile:          c.TLSCertFile,
			KeyFile:           c.TLSKeyFile,
			KeyPassword:       c.TLSKeyPassword,
			EndpointAlgorithm: kafka.EndpointAlgorithm(c.TLSEndpointAlgorithm),
		},
		Compression:        kafka.Compression(c.Compression),
		MaxMessageBytes:    c.MaxMessageBytes,
		MaxRequestBytes:    c.MaxRequestBytes,
		MaxInFlightRecords: c.MaxPermits + reportRecords,
		DeliveryTimeout:    c.DeliveryTimeout,
		StartTimeout:       c.StartTimeout,
		Split:              splitRecord,
		ClientID:           clientID,
		MetadataMaxAge:     c.MetadataMaxAge,
		Dialer:             c.Dialer,
		Name:               c.environment.kafkaName,
		Options:            c.KafkaOptions,
		Logger:             c.Logger,
	}
}

func (c *Config) engine(
	seal func(*batching.Sealing) error, sender batching.Sender,
) batching.Config {
	overflow := batching.DropNewest
	if c.Overflow == batching.Block.String() {
		overflow = batching.Block
	}
	return batching.Config{
		Sender: sender, Seal: seal, Kinds: kinds,
		QueueBytes: c.QueueBytes, QueueEvents: c.QueueEvents, Overflow: overflow,
		BlockTimeout: c.BlockTimeout,
		BatchBytes:   c.BatchBytes, BatchEvents: c.BatchEvents, Linger: c.Linger,
		Permits:         c.MaxPermits,
		MaxMessageBytes: c.MaxMessageBytes, DeliveryTimeout: c.DeliveryTimeout, Logger: c.Logger,
	}
}
