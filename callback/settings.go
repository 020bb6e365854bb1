package callback

import (
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/dashstream/dashstream-go/internal/settings"
)

// Setting is one row of the table of settings: a field of [Config] and the environment variables
// that set it.
type Setting struct {
	// Env is the variable's name. Also lists names that are used if Env is not set; the first one
	// that is set counts.
	Env  string
	Also []string
	// Group names settings that belong together: once the Env of one of them is set, all names in
	// Also of that group are ignored. "" is a group of one.
	Group string
	// Field is the name of the Config field.
	Field string
	// Default and Allowed describe the default and the allowed values in words.
	Default, Allowed string
	// Help is one line that says what the setting is for. Broker says what it requires of the
	// broker's side; "" if nothing.
	Help, Broker string
}

// Settings returns the table of settings, from which [ConfigFromEnv], the validation and the
// documentation are made.
func Settings() []Setting {
	rows := make([]Setting, len(table.Rows))
	for i, row := range table.Rows {
		rows[i] = Setting(row.Setting)
	}
	return rows
}

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30

	minQueueBytes = 64 * kib
	minStateBytes = 64 * kib
)

// table is the one table of settings, in the order of the documentation.
var table = settings.Table[Config]{Package: "callback", Rows: []settings.Row[Config]{
	settings.Enabled("DASHSTREAM_ENABLED", "Disabled", func(c *Config) *bool { return &c.Disabled },
		"false makes the client do nothing and connect to nothing"),
	settings.Text("DASHSTREAM_LINES_FILE", "LinesFile", func(c *Config) *string {
		return &c.LinesFile
	}, "",
		settings.FilePath, "writes JSON lines to a file instead of sending to Kafka; - is the "+
			"standard output"),
	settings.Text("DASHSTREAM_SERVICE", "Service", func(c *Config) *string { return &c.Service },
		programName(), settings.PlainText(256),
		"names the program in its in-band reports").Saying("the program's file name"),
	settings.Text("DASHSTREAM_INSTANCE_ID", "InstanceID", func(c *Config) *string {
		return &c.InstanceID
	}, "", settings.PlainText(128),
		"tells this client apart from all others").Saying("a random UUID"),
	settings.Text("DASHSTREAM_CLIENT_ID", "ClientID", func(c *Config) *string {
		return &c.ClientID
	}, "",
		settings.PlainText(256), "identifies the client to brokers, for quotas and their logs").
		Saying("the service"),
	settings.Text("DASHSTREAM_TENANT_ID", "TenantID", func(c *Config) *string {
		return &c.TenantID
	}, "default", settings.PlainText(256),
		"sent in the header of every message").With("KAFKA_TENANT_ID"),

	settings.StringList("DASHSTREAM_BROKERS", "Brokers", func(c *Config) *[]string {
		return &c.Brokers
	}, []string{"localhost:9092"}, settings.BrokerAddress,
		"addresses of the cluster").With("KAFKA_BROKERS", "KAFKA_BOOTSTRAP_SERVERS").In("brokers").
		Needs("reachable from here, as are the addresses that the brokers advertise"),
	settings.Text("DASHSTREAM_TOPIC", "Topic", func(c *Config) *string { return &c.Topic },
		"dashstream-events", settings.TopicName,
		"the topic of all messages").With("KAFKA_TOPIC").
		Needs("the topic, and Describe and Write on it"),
	settings.Boolean("DASHSTREAM_CREATE_TOPIC", "CreateTopic", func(c *Config) *bool {
		return &c.CreateTopic
	}, "creates the topic at start if it does not exist").
		Needs("Create on the topic"),
	settings.Integer("DASHSTREAM_TOPIC_PARTITIONS", "TopicPartitions", func(c *Config) *int {
		return &c.TopicPartitions
	}, 0, 0, 100_000,
		"partitions of a topic that is created").Saying("the broker's"),
	settings.Integer("DASHSTREAM_TOPIC_REPLICATION", "TopicReplication", func(c *Config) *int {
		return &c.TopicReplication
	}, 0, 0, 100,
		"replicas of a topic that is created").Saying("the broker's").
		Needs("as many brokers"),
	settings.Choice("DASHSTREAM_SECURITY_PROTOCOL", "SecurityProtocol",
		func(c *Config) *SecurityProtocol { return &c.SecurityProtocol },
		"how to connect", securityProtocols).
		With("KAFKA_SECURITY_PROTOCOL").
		In("protocol", "login", "TLS").Needs("a listener of that protocol").
		Hint("TLS", "TLS is ssl, or sasl_ssl with a login").
		Hint("SASL", "a login is sasl_ssl, or sasl_plaintext without TLS"),
	settings.ChoiceOr("", "DASHSTREAM_SASL_MECHANISM", "SASLMechanism",
		func(c *Config) *SASLMechanism { return &c.SASLMechanism },
		"how to log in, with a sasl_ protocol", saslMechanisms).
		With("KAFKA_SASL_MECHANISM").In("login").
		Needs("the mechanism in sasl.enabled.mechanisms").
		Hint("SCRAM", "the user's entry in the cluster says which of the two").
		Hint("AWS_MSK_IAM", "for MSK's IAM use OAUTHBEARER with a token of package dashmskiam "+
			"(Config.SASLToken)"),
	settings.Text("DASHSTREAM_SASL_USERNAME", "SASLUsername", func(c *Config) *string {
		return &c.SASLUsername
	}, "", settings.AnyText,
		"the user for PLAIN and SCRAM, such as an API key").With("KAFKA_SASL_USERNAME").
		In("login").
		Needs("the user, or the key"),
	settings.Secret("DASHSTREAM_SASL_PASSWORD", "SASLPassword", func(c *Config) *Secret {
		return &c.SASLPassword
	}, NewSecret,
		"the password, or the secret of an API key").With("KAFKA_SASL_PASSWORD").In("login"),
	settings.Text("DASHSTREAM_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "SASLTokenURL",
		func(c *Config) *string { return &c.SASLTokenURL }, "", endpointURL,
		"the endpoint for OAUTHBEARER tokens, by client credentials").In("login").
		Needs("a validator that trusts the tokens' issuer (sasl.oauthbearer.jwks.endpoint.url)"),
	settings.Text("DASHSTREAM_SASL_OAUTHBEARER_CLIENT_ID", "SASLClientID",
		func(c *Config) *string { return &c.SASLClientID }, "", settings.AnyText,
		"the client id for the token endpoint").In("login"),
	settings.Secret("DASHSTREAM_SASL_OAUTHBEARER_CLIENT_SECRET", "SASLClientSecret",
		func(c *Config) *Secret { return &c.SASLClientSecret }, NewSecret,
		"the secret for the token endpoint").In("login"),
	settings.Text("DASHSTREAM_SASL_OAUTHBEARER_SCOPE", "SASLScope",
		func(c *Config) *string { return &c.SASLScope }, "", settings.AnyText,
		"scopes to request from the token endpoint, separated by blanks").In("login"),
	settings.StringList("DASHSTREAM_SASL_OAUTHBEARER_EXTENSIONS", "SASLExtensions",
		func(c *Config) *[]string { return &c.SASLExtensions }, nil, extension,
		"sent to the brokers with each token, such as logicalCluster").In(
		"login"),
	settings.Text("DASHSTREAM_SASL_OAUTHBEARER_TOKEN_FILE", "SASLTokenFile",
		func(c *Config) *string { return &c.SASLTokenFile }, "", settings.FilePath,
		"file with the token for OAUTHBEARER, read again for each login").In("login"),
	settings.Text("DASHSTREAM_HTTPS_CA_LOCATION", "SASLTokenCAFile",
		func(c *Config) *string { return &c.SASLTokenCAFile }, "", settings.FilePath,
		"PEM file of the authorities that the token endpoint is trusted by").In("login").
		Saying("the system's"),
	settings.Text("DASHSTREAM_SSL_CA_LOCATION", "TLSCAFile", func(c *Config) *string {
		return &c.TLSCAFile
	}, "", settings.FilePath,
		"PEM file of the authorities to trust").
		Needs("a certificate from one of them").
		With("KAFKA_SSL_CA_LOCATION").In("TLS").Saying("the system's"),
	settings.Text("DASHSTREAM_SSL_CERTIFICATE_LOCATION", "TLSCertFile", func(c *Config) *string {
		return &c.TLSCertFile
	}, "", settings.FilePath,
		"PEM file of the client's certificate").
		Needs("ssl.client.auth, a truststore with its authority, and rights for its subject").
		With("KAFKA_SSL_CERTIFICATE_LOCATION").In("TLS"),
	settings.Text("DASHSTREAM_SSL_KEY_LOCATION", "TLSKeyFile", func(c *Config) *string {
		return &c.TLSKeyFile
	}, "", settings.FilePath,
		"PEM file of the client's key").With("KAFKA_SSL_KEY_LOCATION").In("TLS"),
	settings.Secret("DASHSTREAM_SSL_KEY_PASSWORD", "TLSKeyPassword", func(c *Config) *Secret {
		return &c.TLSKeyPassword
	}, NewSecret,
		"decrypts an encrypted key").With("KAFKA_SSL_KEY_PASSWORD").In("TLS"),
	settings.Choice("DASHSTREAM_SSL_ENDPOINT_ALGORITHM", "TLSEndpointAlgorithm",
		func(c *Config) *EndpointAlgorithm { return &c.TLSEndpointAlgorithm },
		"https checks the broker's host name, none does not", endpointAlgorithms).
		Needs("for https, the names in Brokers and in advertised.listeners in its certificate").
		With("KAFKA_SSL_ENDPOINT_ALGORITHM").In("TLS"),
	settings.Choice("DASHSTREAM_COMPRESSION", "Compression", func(c *Config) *Compression {
		return &c.Compression
	},
		"how Kafka's record batches are compressed", compressions).
		Needs("for zstd, Kafka 2.1 or newer"),
	settings.Duration("DASHSTREAM_START_TIMEOUT", "StartTimeout", func(c *Config) *time.Duration {
		return &c.StartTimeout
	}, 5*time.Second,
		time.Millisecond, 5*time.Minute, "bounds the check of the cluster by New"),
	settings.Duration("DASHSTREAM_METADATA_MAX_AGE", "MetadataMaxAge",
		func(c *Config) *time.Duration { return &c.MetadataMaxAge }, time.Minute, time.Second,
		time.Hour,
		"age at which the topic's metadata is refreshed; new partitions are used from "+
			"then on"),

	settings.Size("DASHSTREAM_QUEUE_BYTES", "QueueBytes", func(c *Config) *int64 {
		return &c.QueueBytes
	}, 128*mib, minQueueBytes, 1<<40,
		"memory for all events held, including those in flight"),
	settings.Integer("DASHSTREAM_QUEUE_EVENTS", "QueueEvents", func(c *Config) *int64 {
		return &c.QueueEvents
	}, 1<<20, 1, 1<<39,
		"number of events held, including those in flight"),
	settings.Choice("DASHSTREAM_OVERFLOW", "Overflow", func(c *Config) *Overflow {
		return &c.Overflow
	},
		"what happens to an event when the queue is full", overflows),
	settings.ChoiceOr("", "DASHSTREAM_OVERFLOW_SKELETON", "OverflowSkeleton",
		func(c *Config) *Overflow { return &c.OverflowSkeleton },
		"the same for what a run did in outline", overflows).Saying("as DASHSTREAM_OVERFLOW"),
	settings.ChoiceOr("", "DASHSTREAM_OVERFLOW_STATES", "OverflowStates",
		func(c *Config) *Overflow { return &c.OverflowStates },
		"the same for states and checkpoints", overflows).Saying("as DASHSTREAM_OVERFLOW"),
	settings.ChoiceOr("", "DASHSTREAM_OVERFLOW_CALLS", "OverflowCalls",
		func(c *Config) *Overflow { return &c.OverflowCalls },
		"the same for calls of models and tools", overflows).Saying("as DASHSTREAM_OVERFLOW"),
	settings.ChoiceOr("", "DASHSTREAM_OVERFLOW_DETAILS", "OverflowDetails",
		func(c *Config) *Overflow { return &c.OverflowDetails },
		"the same for tokens and progress", overflows).Saying("as DASHSTREAM_OVERFLOW"),
	settings.Choice("DASHSTREAM_SHED", "Shed", func(c *Config) *Shedding { return &c.Shed },
		"auto gives up the least important events before the queue is full", sheddings),
	settings.Ratio("DASHSTREAM_SAMPLE_RATE", "SampleRate",
		func(c *Config) *float64 { return &c.SampleRate }, 1,
		"share of the threads whose runs are sent; errors always are"),
	settings.Duration("DASHSTREAM_BLOCK_TIMEOUT", "BlockTimeout", func(c *Config) *time.Duration {
		return &c.BlockTimeout
	}, time.Second,
		time.Microsecond, 10*time.Minute, "how long a caller waits for room, with overflow block"),
	settings.Size("DASHSTREAM_BATCH_BYTES", "BatchBytes", func(c *Config) *int {
		return &c.BatchBytes
	}, 64*kib, 512, 64*mib,
		"size at which a batch is sealed"),
	settings.Integer("DASHSTREAM_BATCH_EVENTS", "BatchEvents", func(c *Config) *int {
		return &c.BatchEvents
	}, 1000, 1, 1_000_000,
		"number of events at which a batch is sealed"),
	settings.Linger("DASHSTREAM_LINGER", "Linger", func(c *Config) *time.Duration {
		return &c.Linger
	}, 250*time.Millisecond, time.Minute,
		"how long a batch waits for more events"),
	settings.Integer("DASHSTREAM_MAX_PERMITS", "MaxPermits", func(c *Config) *int {
		return &c.MaxPermits
	}, 8192, 1, 10_000_000,
		"number of batches that may be in flight"),
	settings.Size("DASHSTREAM_MAX_MESSAGE_BYTES", "MaxMessageBytes", func(c *Config) *int {
		return &c.MaxMessageBytes
	}, 900*kib, kib, 512*mib,
		"bounds one message before compression; the broker's limit must be higher").
		Needs("max.message.bytes of the topic that is higher"),
	settings.Size("DASHSTREAM_MAX_REQUEST_BYTES", "MaxRequestBytes",
		func(c *Config) *int { return &c.MaxRequestBytes }, 0, 0, 1<<30,
		"bounds a request before compression, at least 32 KiB above the limit of a message").
		Saying("4MiB, or what one message needs").
		Needs("a limit that is no lower (socket.request.max.bytes)"),
	settings.Duration("DASHSTREAM_DELIVERY_TIMEOUT", "DeliveryTimeout",
		func(c *Config) *time.Duration { return &c.DeliveryTimeout }, 2*time.Minute,
		time.Second, 24*time.Hour, "how long an event may take from emit until its "+
			"acknowledgement"),
	settings.Seconds("DASHSTREAM_SHUTDOWN_TIMEOUT", "ShutdownTimeout",
		func(c *Config) *time.Duration { return &c.ShutdownTimeout }, 10*time.Second,
		time.Millisecond, time.Hour, "bounds Shutdown when its context has no deadline").
		With("DASHFLOW_FLUSH_TIMEOUT_SECS"),

	settings.Choice("DASHSTREAM_SELF_METRICS", "SelfMetrics", func(c *Config) *SelfMetrics {
		return &c.SelfMetrics
	},
		"when the client sends in-band reports about itself", selfMetrics),
	settings.Duration("DASHSTREAM_SELF_METRICS_INTERVAL", "SelfMetricsInterval",
		func(c *Config) *time.Duration { return &c.SelfMetricsInterval },
		10*time.Second, 100*time.Millisecond, time.Hour, "time between two in-band reports"),
	settings.Boolean("DASHSTREAM_EXECUTION_TRACE", "ExecutionTrace", func(c *Config) *bool {
		return &c.ExecutionTrace
	}, "ends every run with an ExecutionTrace"),
	settings.Size("DASHSTREAM_STATE_BYTES", "StateBytes", func(c *Config) *int64 {
		return &c.StateBytes
	}, 64*mib, minStateBytes, 1<<40,
		"memory for the states that patches are made from"),
	settings.Integer("DASHSTREAM_CHECKPOINT_PATCHES", "CheckpointPatches", func(c *Config) *int {
		return &c.CheckpointPatches
	}, 32, 1, 1_000_000,
		"number of patches after which a state is sent whole, as a checkpoint"),
	settings.Size("DASHSTREAM_CHECKPOINT_BYTES", "CheckpointBytes", func(c *Config) *int64 {
		return &c.CheckpointBytes
	}, mib, kib, 1<<40,
		"bytes of patches after which a state is sent whole, as a checkpoint"),
	settings.Integer("DASHSTREAM_REMEMBERED_THREADS", "RememberedThreads", func(c *Config) *int {
		return &c.RememberedThreads
	}, 10_000, 1, math.MaxInt32,
		"threads without a run that keep their last sequence number"),

	settings.Enabled("DASHSTREAM_REDACT", "Redaction.Disabled", func(c *Config) *bool {
		return &c.Redaction.Disabled
	},
		"hides secrets in what is published").With("DASHFLOW_STATE_REDACT"),
	settings.StringList("DASHSTREAM_REDACT_NAMES", "Redaction.Names", func(c *Config) *[]string {
		return &c.Redaction.Names
	}, nil, fieldName,
		"further names whose values are hidden"),
	settings.StringList("DASHSTREAM_REDACT_ALLOW", "Redaction.AllowNames",
		func(c *Config) *[]string { return &c.Redaction.AllowNames }, nil, fieldName,
		"names whose values are not hidden because of their name"),
	settings.Boolean("DASHSTREAM_REDACT_CREDIT_CARDS", "Redaction.CreditCards",
		func(c *Config) *bool { return &c.Redaction.CreditCards },
		"hides the numbers of payment cards"),
	settings.Boolean("DASHSTREAM_REDACT_EMAILS", "Redaction.Emails", func(c *Config) *bool {
		return &c.Redaction.Emails
	}, "hides e-mail addresses"),
	settings.StringList("DASHSTREAM_REDACT_OFF", "Redaction.Off", func(c *Config) *[]string {
		return &c.Redaction.Off
	}, nil, builtinRule,
		"built-in rules that are switched off"),
}}

func programName() string {
	if len(os.Args) == 0 || os.Args[0] == "" {
		return "unknown"
	}
	return filepath.Base(os.Args[0])
}
