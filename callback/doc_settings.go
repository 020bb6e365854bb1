// # Settings
//
// Each is a field of [Config] and an environment variable; the names behind "else" are honoured
// when it is not set. An empty variable counts as not set.
//
//	DASHSTREAM_ENABLED (Disabled)
//	    false makes the client do nothing and connect to nothing
//	    true or false (also 1, 0, yes, no, on, off); default: true
//	DASHSTREAM_LINES_FILE (LinesFile)
//	    writes JSON lines to a file instead of sending to Kafka; - is the standard output
//	    the path of a file; default: none
//	DASHSTREAM_SERVICE (Service)
//	    names the program in its in-band reports
//	    printable text of at most 256 bytes; default: the program's file name
//	DASHSTREAM_INSTANCE_ID (InstanceID)
//	    tells this client apart from all others
//	    printable text of at most 128 bytes; default: a random UUID
//	DASHSTREAM_CLIENT_ID (ClientID)
//	    identifies the client to brokers, for quotas and their logs
//	    printable text of at most 256 bytes; default: the service
//	DASHSTREAM_TENANT_ID, else KAFKA_TENANT_ID (TenantID)
//	    sent in the header of every message
//	    printable text of at most 256 bytes; default: default
//	DASHSTREAM_BROKERS, else KAFKA_BROKERS, else KAFKA_BOOTSTRAP_SERVERS (Brokers)
//	    addresses of the cluster
//	    host:port, separated by commas; default: localhost:9092
//	DASHSTREAM_TOPIC, else KAFKA_TOPIC (Topic)
//	    the topic of all messages
//	    1 to 249 of the characters a-z A-Z 0-9 . _ -; default: dashstream-events
//	DASHSTREAM_CREATE_TOPIC (CreateTopic)
//	    creates the topic at start if it does not exist
//	    true or false (also 1, 0, yes, no, on, off); default: false
//	DASHSTREAM_TOPIC_PARTITIONS (TopicPartitions)
//	    partitions of a topic that is created
//	    a whole number from 0 to 100000; default: the broker's
//	DASHSTREAM_TOPIC_REPLICATION (TopicReplication)
//	    replicas of a topic that is created
//	    a whole number from 0 to 100; default: the broker's
//	DASHSTREAM_SECURITY_PROTOCOL, else KAFKA_SECURITY_PROTOCOL (SecurityProtocol)
//	    how to connect
//	    one of plaintext, ssl, sasl_plaintext, sasl_ssl; default: plaintext
//	DASHSTREAM_SASL_MECHANISM, else KAFKA_SASL_MECHANISM (SASLMechanism)
//	    how to log in, with a sasl_ protocol
//	    one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, none; default: none
//	DASHSTREAM_SASL_USERNAME, else KAFKA_SASL_USERNAME (SASLUsername)
//	    the user for PLAIN and SCRAM, such as an API key
//	    any text; default: none
//	DASHSTREAM_SASL_PASSWORD, else KAFKA_SASL_PASSWORD (SASLPassword)
//	    the password, or the secret of an API key
//	    any text; default: none
//	DASHSTREAM_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL (SASLTokenURL)
//	    the endpoint for OAUTHBEARER tokens, by client credentials
//	    a URL such as https://idp.example.com/oauth2/token; default: none
//	DASHSTREAM_SASL_OAUTHBEARER_CLIENT_ID (SASLClientID)
//	    the client id for the token endpoint
//	    any text; default: none
//	DASHSTREAM_SASL_OAUTHBEARER_CLIENT_SECRET (SASLClientSecret)
//	    the secret for the token endpoint
//	    any text; default: none
//	DASHSTREAM_SASL_OAUTHBEARER_SCOPE (SASLScope)
//	    scopes to request from the token endpoint, separated by blanks
//	    any text; default: none
//	DASHSTREAM_SASL_OAUTHBEARER_EXTENSIONS (SASLExtensions)
//	    sent to the brokers with each token, such as logicalCluster
//	    key=value, the key of letters, separated by commas; default: none
//	DASHSTREAM_SASL_OAUTHBEARER_TOKEN_FILE (SASLTokenFile)
//	    file with the token for OAUTHBEARER, read again for each login
//	    the path of a file; default: none
//	DASHSTREAM_HTTPS_CA_LOCATION (SASLTokenCAFile)
//	    PEM file of the authorities that the token endpoint is trusted by
//	    the path of a file; default: the system's
//	DASHSTREAM_SSL_CA_LOCATION, else KAFKA_SSL_CA_LOCATION (TLSCAFile)
//	    PEM file of the authorities to trust
//	    the path of a file; default: the system's
//	DASHSTREAM_SSL_CERTIFICATE_LOCATION, else KAFKA_SSL_CERTIFICATE_LOCATION (TLSCertFile)
//	    PEM file of the client's certificate
//	    the path of a file; default: none
//	DASHSTREAM_SSL_KEY_LOCATION, else KAFKA_SSL_KEY_LOCATION (TLSKeyFile)
//	    PEM file of the client's key
//	    the path of a file; default: none
//	DASHSTREAM_SSL_KEY_PASSWORD, else KAFKA_SSL_KEY_PASSWORD (TLSKeyPassword)
//	    decrypts an encrypted key
//	    any text; default: none
//	DASHSTREAM_SSL_ENDPOINT_ALGORITHM, else KAFKA_SSL_ENDPOINT_ALGORITHM (TLSEndpointAlgorithm)
//	    https checks the broker's host name, none does not
//	    one of https, none; default: https
//	DASHSTREAM_COMPRESSION (Compression)
//	    how Kafka's record batches are compressed
//	    one of zstd, lz4, snappy, none; default: zstd
//	DASHSTREAM_START_TIMEOUT (StartTimeout)
//	    bounds the check of the cluster by New
//	    a duration such as 250ms or 1m30s, from 1ms to 5m; default: 5s
//	DASHSTREAM_METADATA_MAX_AGE (MetadataMaxAge)
//	    age at which the topic's metadata is refreshed; new partitions are used from then on
//	    a duration such as 250ms or 1m30s, from 1s to 1h; default: 1m
//	DASHSTREAM_QUEUE_BYTES (QueueBytes)
//	    memory for all events held, including those in flight
//	    a size such as 64MiB or 65536, from 64KiB to 1TiB; default: 128MiB
//	DASHSTREAM_QUEUE_EVENTS (QueueEvents)
//	    number of events held, including those in flight
//	    a whole number from 1 to 549755813888; default: 1048576
//	DASHSTREAM_OVERFLOW (Overflow)
//	    what happens to an event when the queue is full
//	    one of drop, block, drop_oldest; default: drop
//	DASHSTREAM_OVERFLOW_SKELETON (OverflowSkeleton)
//	    the same for what a run did in outline
//	    one of drop, block, drop_oldest; default: as DASHSTREAM_OVERFLOW
//	DASHSTREAM_OVERFLOW_STATES (OverflowStates)
//	    the same for states and checkpoints
//	    one of drop, block, drop_oldest; default: as DASHSTREAM_OVERFLOW
//	DASHSTREAM_OVERFLOW_CALLS (OverflowCalls)
//	    the same for calls of models and tools
//	    one of drop, block, drop_oldest; default: as DASHSTREAM_OVERFLOW
//	DASHSTREAM_OVERFLOW_DETAILS (OverflowDetails)
//	    the same for tokens and progress
//	    one of drop, block, drop_oldest; default: as DASHSTREAM_OVERFLOW
//	DASHSTREAM_SHED (Shed)
//	    auto gives up the least important events before the queue is full
//	    one of off, auto; default: off
//	DASHSTREAM_SAMPLE_RATE (SampleRate)
//	    share of the threads whose runs are sent; errors always are
//	    a number such as 0.1, more than 0 and at most 1; default: 1
//	DASHSTREAM_BLOCK_TIMEOUT (BlockTimeout)
//	    how long a caller waits for room, with overflow block
//	    a duration such as 250ms or 1m30s, from 1µs to 10m; default: 1s
//	DASHSTREAM_BATCH_BYTES (BatchBytes)
//	    size at which a batch is sealed
//	    a size such as 64MiB or 65536, from 512B to 64MiB; default: 64KiB
//	DASHSTREAM_BATCH_EVENTS (BatchEvents)
//	    number of events at which a batch is sealed
//	    a whole number from 1 to 1000000; default: 1000
//	DASHSTREAM_LINGER (Linger)
//	    how long a batch waits for more events
//	    a duration such as 250ms, at most 1m, or 0 for none; default: 250ms
//	DASHSTREAM_MAX_PERMITS (MaxPermits)
//	    number of batches that may be in flight
//	    a whole number from 1 to 10000000; default: 8192
//	DASHSTREAM_MAX_MESSAGE_BYTES (MaxMessageBytes)
//	    bounds one message before compression; the broker's limit must be higher
//	    a size such as 64MiB or 65536, from 1KiB to 512MiB; default: 900KiB
//	DASHSTREAM_MAX_REQUEST_BYTES (MaxRequestBytes)
//	    bounds a request before compression, at least 32 KiB above the limit of a message
//	    a size such as 64MiB or 65536, from 0B to 1GiB; default: 4MiB, or what one message needs
//	DASHSTREAM_DELIVERY_TIMEOUT (DeliveryTimeout)
//	    how long an event may take from emit until its acknowledgement
//	    a duration such as 250ms or 1m30s, from 1s to 24h; default: 2m
//	DASHSTREAM_SHUTDOWN_TIMEOUT, else DASHFLOW_FLUSH_TIMEOUT_SECS (ShutdownTimeout)
//	    bounds Shutdown when its context has no deadline
//	    a duration such as 250ms or 1m30s, from 1ms to 1h, or a number of seconds in a variable
//	    whose name ends in _SECS; default: 10s
//	DASHSTREAM_SELF_METRICS (SelfMetrics)
//	    when the client sends in-band reports about itself
//	    one of auto, always, off; default: auto
//	DASHSTREAM_SELF_METRICS_INTERVAL (SelfMetricsInterval)
//	    time between two in-band reports
//	    a duration such as 250ms or 1m30s, from 100ms to 1h; default: 10s
//	DASHSTREAM_EXECUTION_TRACE (ExecutionTrace)
//	    ends every run with an ExecutionTrace
//	    true or false (also 1, 0, yes, no, on, off); default: false
//	DASHSTREAM_STATE_BYTES (StateBytes)
//	    memory for the states that patches are made from
//	    a size such as 64MiB or 65536, from 64KiB to 1TiB; default: 64MiB
//	DASHSTREAM_CHECKPOINT_PATCHES (CheckpointPatches)
//	    number of patches after which a state is sent whole, as a checkpoint
//	    a whole number from 1 to 1000000; default: 32
//	DASHSTREAM_CHECKPOINT_BYTES (CheckpointBytes)
//	    bytes of patches after which a state is sent whole, as a checkpoint
//	    a size such as 64MiB or 65536, from 1KiB to 1TiB; default: 1MiB
//	DASHSTREAM_REMEMBERED_THREADS (RememberedThreads)
//	    threads without a run that keep their last sequence number
//	    a whole number from 1 to 2147483647; default: 10000
//	DASHSTREAM_REDACT, else DASHFLOW_STATE_REDACT (Redaction.Disabled)
//	    hides secrets in what is published
//	    true or false (also 1, 0, yes, no, on, off); default: true
//	DASHSTREAM_REDACT_NAMES (Redaction.Names)
//	    further names whose values are hidden
//	    a name of letters and digits of any script, with any separators of ASCII but commas, at most
//	    64 bytes, separated by commas; default: none
//	DASHSTREAM_REDACT_ALLOW (Redaction.AllowNames)
//	    names whose values are not hidden because of their name
//	    a name of letters and digits of any script, with any separators of ASCII but commas, at most
//	    64 bytes, separated by commas; default: none
//	DASHSTREAM_REDACT_CREDIT_CARDS (Redaction.CreditCards)
//	    hides the numbers of payment cards
//	    true or false (also 1, 0, yes, no, on, off); default: false
//	DASHSTREAM_REDACT_EMAILS (Redaction.Emails)
//	    hides e-mail addresses
//	    true or false (also 1, 0, yes, no, on, off); default: false
//	DASHSTREAM_REDACT_OFF (Redaction.Off)
//	    built-in rules that are switched off
//	    the name of a built-in rule as it stands in marks, such as email or github-token, separated
//	    by commas; default: none
package callback
