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

// EndpointAlgorithm says how a broker's certificate is held against the name by which it was
// called.
type EndpointAlgorithm string

// The algorithms, by Kafka's names; case does not matter.
const (
	// EndpointHTTPS wants the name in the certificate.
	EndpointHTTPS EndpointAlgorithm = "https"
	// EndpointNone takes any name. The certificate must still come from an authority that is
	// trusted.
	EndpointNone EndpointAlgorithm = "none"
)

// Security holds what a connection needs to be let in.
type Security struct {
	// Protocol says whether connections use TLS and SASL. Default plaintext.
	Protocol Protocol
	// Mechanism is for SASL, and required with it, as are Username and Password but for
	// OAUTHBEARER. Only a Mechanism that [Config.Options] bring along (kgo.SASL) leaves all empty.
	Mechanism Mechanism
	Username  string
	Password  Secret
	// Token, TokenFile or TokenURL says where OAUTHBEARER has its tokens from: a function that
	// returns one and when it expires (zero: not known), a file that is read for each login, or an
	// endpoint that is asked by client credentials: ClientID and ClientSecret, and Scope if it
	// wants one. TokenCAFile names the authorities that the endpoint's certificate is trusted from,
	// by default the system's.
	Token                                func(context.Context) (string, time.Time, error) `json:"-"`
	TokenFile, TokenURL, ClientID, Scope string
	ClientSecret                         Secret
	TokenCAFile                          string
	// Extensions go to brokers with each token, as key=value: see [IsExtension].
	Extensions []string
	// CAFile names a PEM file of the authorities that brokers' certificates are trusted from.
	// Default: those of the system.
	CAFile string
	// CertFile and KeyFile name PEM files of the client's own certificate (with its chain) and
	// private key, for brokers that ask for one. The files are read again when they have changed.
	CertFile, KeyFile string
	// KeyPassword opens an encrypted KeyFile: PKCS #8 as openssl writes it (PBES2), or the older
	// form of PEM.
	KeyPassword Secret
	// EndpointAlgorithm says whether a broker's name must be in its certificate. Default https: it
	// must.
	EndpointAlgorithm EndpointAlgorithm
}

// The defaults of [Config].
const (
	DefaultStartTimeout = 5 * time.Second
	DefaultClientID     = "dashstream-go"
	// DefaultMetadataMaxAge costs one small request a minute, and has new partitions used within
	// it.
	DefaultMetadataMaxAge = time.Minute
)

// reportRecords is how many records may be in flight beside those of the engine's permits.
const reportRecords = 16

// Config configures a [Sender]. A field's zero value stands for its default, where one is named.
type Config struct {
	// Brokers lists brokers to begin with, as host:port or host (port 9092). Required.
	Brokers []string
	// Topic is where everything goes. Required.
	Topic string
	// CreateTopic has the topic created if it is absent, with Partitions and ReplicationFactor
	// (default: the cluster's).
	CreateTopic       bool
	Partitions        int32
	ReplicationFactor int16

	// Security says how connections are secured.
	Security Security

	// Compression is the codec of record batches. Default zstd.
	Compression Compression
	// CompressionLevel is the codec's own level: 1 to 22 for zstd, 1 to 9 for lz4. Default: the
	// fastest for zstd, which takes a third to two thirds of the CPU of the next one for a
	// twentieth more bytes, and lz4's own default.
	CompressionLevel int

	// MaxMessageBytes is the size of the largest value that is sent. Default
	// [batching.DefaultMaxMessageBytes].
	MaxMessageBytes int
	// MaxRequestBytes bounds a produce request, which has record batches of several partitions,
	// before compression; at least 32 KiB more than MaxMessageBytes. Default 4 MiB, or that if it
	// is more.
	MaxRequestBytes int
	// MaxInFlightRecords is how many batches may be on their way: the engine's permits and a few
	// for reports. What is sent beyond it fails at once, so that Send never waits. Default
	// [batching.DefaultPermits] and 16.
	MaxInFlightRecords int

	// Split divides a record's value at an event border into two that can be sent as records of
	// their own. It is called when brokers refuse a record alone, until the event at fault is
	// found; ok is false for a value that holds one event, or cannot be divided. It is called from
	// one goroutine at a time. nil: such a record is dropped whole.
	Split func(value []byte) (first, second Part, ok bool)

	// DeliveryTimeout is how long a batch may take from emit until its acknowledgement; at
	// least 1 s. Every batch has ended soon after it, whatever the brokers do: see the package
	// comment. Default [batching.DefaultDeliveryTimeout].
	DeliveryTimeout time.Duration
	// StartTimeout bounds how long [Open] waits for the cluster. Default 5 s.
	StartTimeout time.Duration

	// ClientID names this client to the brokers. Default "dashstream-go".
	ClientID string
	// MetadataMaxAge is after how long what is known of the topic is asked again; new partitions
	// are used from then on. Default 1 min.
	MetadataMaxAge time.Duration
	// Dialer opens connections; TLS is spoken over what it returns. Default
	// [net.Dialer.DialContext].
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
	// Options are applied after the Sender's own, and win over them. Compression is not changed by
	// them. A kgo.Dialer or a kgo.DialTLSConfig among them is used in the place of Dialer and of
	// Security's TLS, and deadlines are kept over it too.
	Options []kgo.Opt

	// Name says how errors call a setting, of which it gets the field's name ("Security.CAFile").
	// nil: Config and that name.
	Name func(field string) string

	// Logger takes the Sender's own messages: one when brokers stop answering, one when they answer
	// again. Default [slog.Default].
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
