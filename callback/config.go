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

// Secret is a password. fmt, slog and encoders show it as "[REDACTED]". Create one with
// [NewSecret].
type Secret = kafka.Secret

// NewSecret returns a Secret that holds value; "" makes the zero Secret.
func NewSecret(value string) Secret { return kafka.NewSecret(value) }

// Config configures a client. The zero value is usable: each zero field stands for its default. The
// table of settings (see [Settings]) lists both. [ConfigFromEnv] fills a Config from the
// environment.
type Config struct {
	// Disabled makes [New] return a client that does nothing and connects to nothing.
	Disabled bool
	// Service names the program in its in-band reports. Default: the program's file name.
	Service string
	// InstanceID tells this client apart from all others, also in the record header ds-producer.
	// Default: a random UUID.
	InstanceID string
	// ClientID identifies the client to brokers, for their quotas and logs. Default: Service.
	ClientID string
	// TenantID is sent in the header of every message. Default "default".
	TenantID string

	// Brokers are addresses of the cluster, host:port each. Default localhost:9092.
	Brokers []string
	// Topic is the topic of all messages. Default "dashstream-events".
	Topic string
	// CreateTopic creates the topic at start if it does not exist, with TopicPartitions and
	// TopicReplication (default of both: the broker's).
	CreateTopic      bool
	TopicPartitions  int
	TopicReplication int
	// SecurityProtocol says whether to use TLS, SASL or both. Default [ProtocolPlaintext].
	SecurityProtocol SecurityProtocol
	// SASLMechanism is required with a protocol that has SASL. PLAIN and SCRAM need SASLUsername
	// and SASLPassword; OAUTHBEARER, which is the default with SASLToken, needs one of SASLToken,
	// SASLTokenURL and SASLTokenFile.
	SASLMechanism SASLMechanism
	SASLUsername  string
	SASLPassword  Secret
	// SASLToken returns a token for OAUTHBEARER and its expiry time (zero: unknown, so a token is
	// requested for each login). It is called when a connection logs in and less than a fifth of
	// the last token's lifetime is left. There is one call at a time, with a context that ends
	// after ten seconds; a panic counts as an error. After an error, the login is repeated until
	// events reach their DeliveryTimeout.
	SASLToken func(context.Context) (token string, expires time.Time, err error)
	// SASLTokenURL is the endpoint for tokens by client credentials (RFC 6749, 4.4). It requires
	// SASLClientID and SASLClientSecret. SASLScope is optional, and so is SASLTokenCAFile, which
	// has the authorities to trust the endpoint by.
	SASLTokenURL     string
	SASLClientID     string
	SASLClientSecret Secret
	SASLScope        string
	SASLTokenCAFile  string
	// SASLTokenFile is a file that contains a token. It is read for each login.
	SASLTokenFile string
	// SASLExtensions are sent to the brokers with each token, as key=value.
	SASLExtensions []string
	// TLSCAFile, TLSCertFile and TLSKeyFile are PEM files. They are read again when they change.
	// TLSKeyPassword decrypts an encrypted key.
	TLSCAFile, TLSCertFile, TLSKeyFile string
	TLSKeyPassword                     Secret
	// TLSEndpointAlgorithm says how a broker's host name is checked. Default [EndpointHTTPS].
	TLSEndpointAlgorithm EndpointAlgorithm
	// Compression is the codec of Kafka's record batches. Default [CompressionZstd].
	Compression Compression
	// StartTimeout bounds the check of the cluster by [New]. Default 5 s.
	StartTimeout time.Duration
	// MetadataMaxAge is the age at which the topic's metadata is refreshed. Default 1 min. From
	// then on new partitions are used, and threads move to them.
	MetadataMaxAge time.Duration
	// Dialer opens connections to brokers. If SecurityProtocol asks for TLS, it runs over the
	// returned connection. Deadlines apply to it as well. Default [net.Dialer.DialContext].
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
	// KafkaOptions are applied to the Kafka client last, for what has no setting here. They can
	// break guarantees of this package. Deadlines still apply with kgo.Dialer or kgo.DialTLSConfig.
	KafkaOptions []kgo.Opt

	// QueueBytes bounds the memory of all events held, including those in flight. Default 128 MiB.
	QueueBytes int64
	// QueueEvents bounds their number. Default 1,048,576.
	QueueEvents int64
	// Overflow says what happens to an event when the queue is full: [OverflowDrop], the default,
	// [OverflowDropOldest], or [OverflowBlock], with which its caller waits for at most
	// BlockTimeout (default 1 s).
	Overflow     Overflow
	BlockTimeout time.Duration
	// OverflowSkeleton, OverflowStates, OverflowCalls and OverflowDetails are the policies of
	// classes of events that have another one than Overflow. See LOSSES.md for what belongs to a
	// class. Default: as Overflow.
	OverflowSkeleton, OverflowStates, OverflowCalls, OverflowDetails Overflow
	// Shed says whether events are given up before the queue is full, the least important ones
	// first. Default [ShedOff].
	Shed Shedding
	// SampleRate is the share of the threads whose runs are sent, from 0 to 1. Which threads that
	// are follows from their ids, so all processes agree. Of the other threads, a run is sent from
	// its first error on. Default 1: all; 0 is the default, so to send only what fails, set it to a
	// very small number.
	SampleRate float64
	// BatchBytes and BatchEvents are the size and the number of events at which a batch is sealed.
	// Default 64 KiB and 1000.
	BatchBytes  int
	BatchEvents int
	// Linger is how long a batch waits for more events. Default 250 ms; a negative value means no
	// wait.
	Linger time.Duration
	// MaxPermits is the number of batches that may be in flight to Kafka. Default 8192.
	MaxPermits int
	// MaxMessageBytes bounds one message, before compression. Default 900 KiB. The broker's limit
	// must be higher.
	MaxMessageBytes int
	// MaxRequestBytes bounds a request before compression, for services that do not accept large
	// ones. A request may contain messages of several partitions. It must be at least 32 KiB more
	// than MaxMessageBytes. Default 4 MiB, or that minimum if it is larger.
	MaxRequestBytes int
	// DeliveryTimeout is how long an event may take from emit until it is acknowledged; after that
	// it is given up. Default 2 min.
	DeliveryTimeout time.Duration
	// ShutdownTimeout bounds [Client.Shutdown] when its context has no deadline. Default 10 s.
	ShutdownTimeout time.Duration

	// SelfMetrics says when the client sends in-band reports. Default [SelfMetricsAuto].
	SelfMetrics SelfMetrics
	// SelfMetricsInterval is the time between two in-band reports. Default 10 s.
	SelfMetricsInterval time.Duration
	// ExecutionTrace ends every run with an ExecutionTrace.
	ExecutionTrace bool
	// StateBytes bounds the memory of the states that patches are computed from, including their
	// overhead: one for each thread that has set a state and is active or remembered. Default 64
	// MiB. A thread whose state was evicted sends its next one whole.
	StateBytes int64
	// CheckpointPatches and CheckpointBytes are the number of patches, and their size in bytes,
	// after which a thread's state is sent whole as a checkpoint. So a reader need not look further
	// back. Default 32 and 1 MiB.
	CheckpointPatches int
	CheckpointBytes   int64
	// RememberedThreads is how many threads without a run keep their last sequence number and their
	// state: those whose runs ended last. Default 10,000, at less than 700 bytes each. In an
	// outage, threads with queued messages are kept as well.
	RememberedThreads int

	// Redaction hides secrets in everything that is published. It is on by default.
	Redaction Redaction

	// Traceparent returns the W3C trace context that ctx carries: the values of the headers
	// traceparent and tracestate, "" for none. StartRunContext and StartNodeContext call it. nil:
	// no trace context.
	Traceparent func(ctx context.Context) (traceparent, tracestate string)
	// OnPressure is called when the level of pressure has changed (see [Client.Pressure]). It runs
	// in a goroutine of its own and may block; changes that happen meanwhile are reported as one.
	// It is never called under a lock, and a panic in it is caught and logged. nil: no call.
	OnPressure func(Pressure)
	// Sender replaces Kafka, for tests and for other destinations; all Kafka settings are then
	// ignored. nil: Kafka. A panic in it is logged and costs at most the batch. Stats and Close may
	// block, but while Send blocks, nothing else is sent.
	Sender batching.Sender
	// LinesFile writes JSON lines to this file instead of sending to Kafka, as [NewLines] does; "-"
	// is the standard output. Lines are appended. Sender takes precedence over it. Default: none.
	LinesFile string
	// Logger receives the client's log. Default [slog.Default]. Its handler is called from the
	// client's own goroutines, by one at a time. A panic in it loses the line; a handler that
	// blocks delays nothing for longer than half a second.
	Logger *slog.Logger

	environment environment // what ConfigFromEnv has read
}

// withDefaults returns the configuration with every default filled in.
func (c Config) withDefaults() Config {
	table.Fill(&c)
	switch {
	case c.SASLMechanism == MechanismNone:
		c.SASLMechanism = ""
	case c.SASLMechanism == "" && c.SASLToken != nil:
		c.SASLMechanism = MechanismOAuthBearer
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
	overflows := map[batching.Class]batching.Overflow{}
	for class, o := range map[batching.Class]Overflow{batching.Skeleton: c.OverflowSkeleton,
		batching.States: c.OverflowStates, batching.Calls: c.OverflowCalls,
		batching.Details: c.OverflowDetails} {
		if o != "" {
			overflows[class] = policies[o]
		}
	}
	return batching.Config{
		Overflows: overflows, Shed: c.Shed == ShedAuto,
		Sender: sender, Seal: seal, Kinds: kinds,
		QueueBytes: c.QueueBytes, QueueEvents: c.QueueEvents, Overflow: policies[c.Overflow],
		BlockTimeout: c.BlockTimeout,
		BatchBytes:   c.BatchBytes, BatchEvents: c.BatchEvents, Linger: c.Linger,
		Permits:         c.MaxPermits,
		MaxMessageBytes: c.MaxMessageBytes, DeliveryTimeout: c.DeliveryTimeout, Logger: c.Logger,
	}
}
