package callback

import (
	"fmt"
	"strings"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/settings"
)

// The choices of a Config are texts, not numbers, so that an error can show a wrong value as it was
// given. The zero value stands for the default. UnmarshalText accepts them in any case, for flags
// and files; in a Config they are spelt like the constants.

// SecurityProtocol says how to connect to brokers.
type SecurityProtocol string

// The protocols. The default is ProtocolPlaintext.
const (
	ProtocolPlaintext     SecurityProtocol = "plaintext"
	ProtocolSSL           SecurityProtocol = "ssl"
	ProtocolSASLPlaintext SecurityProtocol = "sasl_plaintext"
	ProtocolSASLSSL       SecurityProtocol = "sasl_ssl"
)

var securityProtocols = []SecurityProtocol{
	ProtocolPlaintext, ProtocolSSL, ProtocolSASLPlaintext, ProtocolSASLSSL,
}

// SASLMechanism says how to log in.
type SASLMechanism string

// The mechanisms. MechanismNone disables the login, whatever the application's own variables say;
// without those, the zero value does the same.
const (
	MechanismPlain       SASLMechanism = "PLAIN"
	MechanismScramSHA256 SASLMechanism = "SCRAM-SHA-256"
	MechanismScramSHA512 SASLMechanism = "SCRAM-SHA-512"
	MechanismOAuthBearer SASLMechanism = "OAUTHBEARER"
	MechanismNone        SASLMechanism = "none"
)

var saslMechanisms = []SASLMechanism{
	MechanismPlain, MechanismScramSHA256, MechanismScramSHA512, MechanismOAuthBearer, MechanismNone,
}

// EndpointAlgorithm says how a broker's host name is checked.
type EndpointAlgorithm string

// The algorithms. EndpointHTTPS, the default, requires the name in the broker's certificate;
// EndpointNone accepts any name.
const (
	EndpointHTTPS EndpointAlgorithm = "https"
	EndpointNone  EndpointAlgorithm = "none"
)

var endpointAlgorithms = []EndpointAlgorithm{EndpointHTTPS, EndpointNone}

// Compression is the codec of Kafka's record batches.
type Compression string

// The codecs. The default is CompressionZstd.
const (
	CompressionZstd   Compression = "zstd"
	CompressionLZ4    Compression = "lz4"
	CompressionSnappy Compression = "snappy"
	CompressionNone   Compression = "none"
)

var compressions = []Compression{
	CompressionZstd, CompressionLZ4, CompressionSnappy, CompressionNone,
}

// Overflow says what happens to an event when the queue is full.
type Overflow string

// The policies. OverflowDrop, the default, drops the event; OverflowDropOldest drops the oldest of
// those queued that matter no more; OverflowBlock makes its caller wait for
// BlockTimeout at most.
const (
	OverflowDrop  Overflow = "drop"
	OverflowBlock Overflow = "block"

	OverflowDropOldest Overflow = "drop_oldest"
)

var overflows = []Overflow{OverflowDrop, OverflowBlock, OverflowDropOldest}

// policies are the engine's own names for them.
var policies = map[Overflow]batching.Overflow{OverflowDrop: batching.DropNewest,
	OverflowBlock: batching.Block, OverflowDropOldest: batching.DropOldest}

// Shedding says whether events are given up before the queue is full.
type Shedding string

// The modes. With ShedOff, the default, nothing is given up before the queue is full, and then
// whatever comes next. With ShedAuto, the least important events are given up while pressure is
// elevated, and of some runs rather than of all.
const (
	ShedOff  Shedding = "off"
	ShedAuto Shedding = "auto"
)

var sheddings = []Shedding{ShedOff, ShedAuto}

// SelfMetrics says when the client sends in-band reports.
type SelfMetrics string

// The modes. With SelfMetricsAuto, the default, the client sends reports while its metrics are not
// scraped.
const (
	SelfMetricsAuto   SelfMetrics = "auto"
	SelfMetricsAlways SelfMetrics = "always"
	SelfMetricsOff    SelfMetrics = "off"
)

var selfMetrics = []SelfMetrics{SelfMetricsAuto, SelfMetricsAlways, SelfMetricsOff}

// String returns the text form.
func (p SecurityProtocol) String() string { return string(p) }

// String returns the text form.
func (m SASLMechanism) String() string { return string(m) }

// String returns the text form.
func (a EndpointAlgorithm) String() string { return string(a) }

// String returns the text form.
func (c Compression) String() string { return string(c) }

// String returns the text form.
func (o Overflow) String() string { return string(o) }

// String returns the text form.
func (s SelfMetrics) String() string { return string(s) }

// String returns the text form.
func (s Shedding) String() string { return string(s) }

// MarshalText implements [encoding.TextMarshaler].
func (p SecurityProtocol) MarshalText() ([]byte, error) { return []byte(p), nil }

// MarshalText implements [encoding.TextMarshaler].
func (m SASLMechanism) MarshalText() ([]byte, error) { return []byte(m), nil }

// MarshalText implements [encoding.TextMarshaler].
func (a EndpointAlgorithm) MarshalText() ([]byte, error) { return []byte(a), nil }

// MarshalText implements [encoding.TextMarshaler].
func (c Compression) MarshalText() ([]byte, error) { return []byte(c), nil }

// MarshalText implements [encoding.TextMarshaler].
func (o Overflow) MarshalText() ([]byte, error) { return []byte(o), nil }

// MarshalText implements [encoding.TextMarshaler].
func (s SelfMetrics) MarshalText() ([]byte, error) { return []byte(s), nil }

// MarshalText implements [encoding.TextMarshaler].
func (s Shedding) MarshalText() ([]byte, error) { return []byte(s), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (p *SecurityProtocol) UnmarshalText(text []byte) error {
	return choose(p, "security protocol", text, securityProtocols)
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (m *SASLMechanism) UnmarshalText(text []byte) error {
	return choose(m, "SASL mechanism", text, saslMechanisms)
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (a *EndpointAlgorithm) UnmarshalText(text []byte) error {
	return choose(a, "endpoint algorithm", text, endpointAlgorithms)
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (c *Compression) UnmarshalText(text []byte) error {
	return choose(c, "compression", text, compressions)
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (o *Overflow) UnmarshalText(text []byte) error {
	return choose(o, "overflow", text, overflows)
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *SelfMetrics) UnmarshalText(text []byte) error {
	return choose(s, "self metrics", text, selfMetrics)
}

// choose sets to to the choice named by text, or to the default if text is empty.
func choose[S ~string](to *S, what string, text []byte, choices []S) error {
	if len(text) == 0 {
		*to = ""
		return nil
	}
	c, ok := settings.Chosen(string(text), choices)
	if !ok {
		return fmt.Errorf("callback: %s %s: want one of %s", what, settings.Shown(string(text)),
			strings.Join(settings.Words(choices), ", "))
	}
	*to = c
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Shedding) UnmarshalText(text []byte) error {
	return choose(s, "shedding", text, sheddings)
}
