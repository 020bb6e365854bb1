package kafka

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// Protocol says how connections to brokers are secured.
type Protocol string

// The protocols, by Kafka's names; case does not matter.
const (
	Plaintext     Protocol = "plaintext"
	SSL           Protocol = "ssl"
	SASLPlaintext Protocol = "sasl_plaintext"
	SASLSSL       Protocol = "sasl_ssl"
)

// Mechanism is a SASL mechanism.
type Mechanism string

// The mechanisms, by Kafka's names; case does not matter.
const (
	Plain       Mechanism = "PLAIN"
	ScramSHA256 Mechanism = "SCRAM-SHA-256"
	ScramSHA512 Mechanism = "SCRAM-SHA-512"
	OAuthBearer Mechanism = "OAUTHBEARER"
)

// Compression is the codec of Kafka's record batches.
type Compression string

// The codecs; case does not matter.
const (
	Zstd   Compression = "zstd"
	LZ4    Compression = "lz4"
	Snappy Compression = "snappy"
	None   Compression = "none"
)

// EndpointAlgorithm says how a broker's certificate is checked against the host name of the
// connection.
type EndpointAlgorithm string

// The algorithms, by Kafka's names; case does not matter.
const (
	// EndpointHTTPS requires the name in the certificate.
	EndpointHTTPS EndpointAlgorithm = "https"
	// EndpointNone accepts any name. The certificate must still come from a trusted authority.
	EndpointNone EndpointAlgorithm = "none"
)

// Security configures TLS and SASL.
type Security struct {
	// Protocol says whether connections use TLS and SASL. Default plaintext.
	Protocol Protocol
	// Mechanism is the SASL mechanism. It is required with SASL, as are Username and Password,
	// except for OAUTHBEARER. All three may be empty only if [Config.Options] contain a mechanism
	// (kgo.SASL).
	Mechanism Mechanism
	Username  string
	Password  Secret
	// Token, TokenFile or TokenURL is the source of tokens for OAUTHBEARER. Token returns a token
	// and its expiry time (zero: unknown). TokenFile is read for each login. TokenURL is an
	// endpoint that takes client credentials: ClientID, ClientSecret and, optionally, Scope.
	// TokenCAFile has the authorities to trust the endpoint by, by default the system's.
	Token                                func(context.Context) (string, time.Time, error) `json:"-"`
	TokenFile, TokenURL, ClientID, Scope string
	ClientSecret                         Secret
	TokenCAFile                          string
	// Extensions are sent to brokers with each token, as key=value: see [IsExtension].
	Extensions []string
	// CAFile is a PEM file of the authorities to trust brokers by. Default: those of the system.
	CAFile string
	// CertFile and KeyFile are PEM files of the client's own certificate (with its chain) and
	// private key, for brokers that require one. The files are read again when they have changed.
	CertFile, KeyFile string
	// KeyPassword decrypts an encrypted KeyFile: PKCS #8 as written by openssl (PBES2), or the
	// older PEM encryption.
	KeyPassword Secret
	// EndpointAlgorithm says whether a broker's name must be in its certificate. Default https: it
	// must.
	EndpointAlgorithm EndpointAlgorithm
}

// The defaults of [Config].
const (
	DefaultStartTimeout = 5 * time.Second
	DefaultClientID     = "dashstream-go"
	// DefaultMetadataMaxAge costs one small request a minute. New partitions are used within it.
	DefaultMetadataMaxAge = time.Minute
)

// reportRecords is how many records may be in flight in addition to those of the engine's permits.
const reportRecords = 16

// Config configures a [Sender]. A zero field stands for its default, if it has one.
type Config struct {
	// Brokers lists bootstrap brokers, as host:port or host (port 9092). Required.
	Brokers []string
	// Topic is the topic of all messages. Required.
	Topic string
	// CreateTopic creates the topic if it does not exist, with Partitions and ReplicationFactor
	// (default: the cluster's).
	CreateTopic       bool
	Partitions        int32
	ReplicationFactor int16

	// Security says how connections are secured.
	Security Security

	// Compression is the codec of record batches. Default zstd.
	Compression Compression
	// CompressionLevel is the codec's own level: 1 to 22 for zstd, 1 to 9 for lz4. For lz4, the
	// default is the codec's own. For zstd, it is the fastest level, which takes a third to two
	// thirds of the CPU of the next one and produces 5 % more bytes.
	CompressionLevel int

	// MaxMessageBytes is the size of the largest value that is sent. Default
	// [batching.DefaultMaxMessageBytes].
	MaxMessageBytes int
	// MaxRequestBytes bounds a produce request before compression; a request has record batches of
	// several partitions. At least 32 KiB more than MaxMessageBytes. Default 4 MiB, or that minimum
	// if it is larger.
	MaxRequestBytes int
	// MaxInFlightRecords is how many batches may be in flight: the engine's permits and a few for
	// in-band reports. Batches beyond that fail at once, so that Send never waits. Default
	// [batching.DefaultPermits] and 16.
	MaxInFlightRecords int

	// Split divides a record's value at an event border into two values that can be sent as
	// records. It is called when brokers reject a record alone, until the event at fault is found.
	// ok is false for a value that contains one event or cannot be divided. It is called from one
	// goroutine at a time. nil: such a record is dropped whole.
	Split func(value []byte) (first, second Part, ok bool)

	// DeliveryTimeout is how long a batch may take from emit until its acknowledgement; at least 1
	// s. Every batch ends soon after that, whatever the brokers do: see the package comment.
	// Default [batching.DefaultDeliveryTimeout].
	DeliveryTimeout time.Duration
	// StartTimeout bounds how long [Open] waits for the cluster. Default 5 s.
	StartTimeout time.Duration

	// ClientID identifies this client to the brokers. Default "dashstream-go".
	ClientID string
	// MetadataMaxAge is the age at which the topic's metadata is refreshed; new partitions are used
	// from then on. Default 1 min.
	MetadataMaxAge time.Duration
	// Dialer opens connections; TLS runs over the connection that it returns. Default
	// [net.Dialer.DialContext].
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
	// Options are applied after the Sender's own and take precedence. They do not change
	// compression. A kgo.Dialer or a kgo.DialTLSConfig among them replaces Dialer and the TLS of
	// Security; deadlines still apply.
	Options []kgo.Opt

	// Name returns the name that errors use for a setting, given the field's name
	// ("Security.CAFile"). nil: Config and that name.
	Name func(field string) string

	// Logger receives the Sender's own messages: one when brokers stop responding, one when they
	// respond again. Default [slog.Default].
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	setDefault(&c.Security.Protocol, Plaintext)
	setDefault(&c.Security.EndpointAlgorithm, EndpointHTTPS)
	setDefault(&c.Compression, Zstd)
	setDefault(&c.MaxMessageBytes, batching.DefaultMaxMessageBytes)
	setDefault(&c.MaxInFlightRecords, batching.DefaultPermits+reportRecords)
	setDefault(&c.DeliveryTimeout, batching.DefaultDeliveryTimeout)
	setDefault(&c.StartTimeout, DefaultStartTimeout)
	setDefault(&c.ClientID, DefaultClientID)
	setDefault(&c.MetadataMaxAge, DefaultMetadataMaxAge)
	if c.Dialer == nil {
		c.Dialer = new(net.Dialer).DialContext
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Security = c.Security.normal()
	c.Compression = Compression(lower(c.Compression))
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
