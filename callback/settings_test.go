package callback

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// environ looks variables up in a map.
func environ(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

// badValues are values that the setting of a variable must reject.
var badValues = map[string][]string{
	"DASHSTREAM_ENABLED": {"maybe", "2", "truefalse"},
	"DASHSTREAM_SERVICE": {"a\nb", "\x00", "\xff",
		strings.Repeat("x", 257)},
	"DASHSTREAM_INSTANCE_ID": {"a\tb", strings.Repeat("x", 129)},
	"DASHSTREAM_TENANT_ID":   {"\u0007", strings.Repeat("x", 257)},
	"DASHSTREAM_BROKERS": {"localhost", "a:1,,b:2", "a:1,", "a:0",
		"a:65536", "a:x", ":9092", "user@host:9092", "http://host:9092", "a b:1", ","},
	"DASHSTREAM_TOPIC": {".", "..", "a/b", "ä", "a b",
		strings.Repeat("x", 250)},
	"DASHSTREAM_CREATE_TOPIC":                {"create"},
	"DASHSTREAM_TOPIC_PARTITIONS":            {"-1", "100001", "12.5", "many", "0x10"},
	"DASHSTREAM_TOPIC_REPLICATION":           {"-1", "101"},
	"DASHSTREAM_SECURITY_PROTOCOL":           {"tls", "sasl", "ssl ssl"},
	"DASHSTREAM_SASL_MECHANISM":              {"GSSAPI", "SCRAM", "OAUTH"},
	"DASHSTREAM_SSL_ENDPOINT_ALGORITHM":      {"http", "off"},
	"DASHSTREAM_COMPRESSION":                 {"gzip", "zstd:3", "ZST"},
	"DASHSTREAM_CLIENT_ID":                   {"a\nb", strings.Repeat("x", 257)},
	"DASHSTREAM_METADATA_MAX_AGE":            {"0", "999ms", "2h", "1"},
	"DASHSTREAM_SSL_CA_LOCATION":             {"-----BEGIN CERTIFICATE-----\nMIIB"},
	"DASHSTREAM_LINES_FILE":                  {"-----BEGIN CERTIFICATE-----\nMIIB"},
	"DASHSTREAM_SSL_CERTIFICATE_LOCATION":    {"-----BEGIN CERTIFICATE-----\nMIIB"},
	"DASHSTREAM_SSL_KEY_LOCATION":            {"-----BEGIN PRIVATE KEY-----\nMIIB"},
	"DASHSTREAM_HTTPS_CA_LOCATION":           {"a\nb"},
	"DASHSTREAM_SASL_OAUTHBEARER_TOKEN_FILE": {"a\nb"},
	"DASHSTREAM_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": {"idp.example.com",
		"ftp://idp.example.com/token", "https://id:secret@idp.example.com/token", "https://"},
	"DASHSTREAM_SASL_OAUTHBEARER_EXTENSIONS": {"logicalCluster", "auth=x", "a=", "1a=x",
		"a=b,"},
	"DASHSTREAM_START_TIMEOUT": {"0", "-1s", "5", "5m1s", "1µs",
		"five seconds"},
	"DASHSTREAM_QUEUE_BYTES": {"0", "-1", "63KiB", "2TiB", "64Mi", "64 M",
		"NaN", "Inf", "1e400", "0.5", "1.0000001KiB", "MiB", "0x"},
	"DASHSTREAM_QUEUE_EVENTS": {"0", "-1", "549755813889", "1e6",
		"99999999999999999999", "64KiB"},
	"DASHSTREAM_OVERFLOW":              {"newest", "wait"},
	"DASHSTREAM_OVERFLOW_SKELETON":     {"newest"},
	"DASHSTREAM_OVERFLOW_STATES":       {"newest"},
	"DASHSTREAM_OVERFLOW_CALLS":        {"oldest"},
	"DASHSTREAM_OVERFLOW_DETAILS":      {"none"},
	"DASHSTREAM_SHED":                  {"on", "true"},
	"DASHSTREAM_SAMPLE_RATE":           {"0", "-0.1", "1.1", "NaN", "all"},
	"DASHSTREAM_BLOCK_TIMEOUT":         {"0", "-5ms", "11m", "1"},
	"DASHSTREAM_BATCH_BYTES":           {"511", "65MiB", "big"},
	"DASHSTREAM_BATCH_EVENTS":          {"0", "1000001", "_"},
	"DASHSTREAM_LINGER":                {"-1ms", "61s", "soon", "250"},
	"DASHSTREAM_MAX_PERMITS":           {"0", "10000001"},
	"DASHSTREAM_MAX_MESSAGE_BYTES":     {"1023", "513MiB"},
	"DASHSTREAM_MAX_REQUEST_BYTES":     {"-1", "2GiB", "much"},
	"DASHSTREAM_DELIVERY_TIMEOUT":      {"999ms", "25h"},
	"DASHSTREAM_SHUTDOWN_TIMEOUT":      {"0s", "2h", "10"},
	"DASHFLOW_FLUSH_TIMEOUT_SECS":      {"10s", "-1", "ten", "NaN", "3601"},
	"DASHSTREAM_SELF_METRICS":          {"on", "never"},
	"DASHSTREAM_SELF_METRICS_INTERVAL": {"99ms", "61m", "10"},
	"DASHSTREAM_EXECUTION_TRACE":       {"sometimes"},
	"DASHSTREAM_STATE_BYTES":           {"63KiB", "2TiB", "much"},
	"DASHSTREAM_CHECKPOINT_PATCHES":    {"0", "1000001", "often"},
	"DASHSTREAM_CHECKPOINT_BYTES":      {"1023", "2TiB", "-1"},
	"DASHSTREAM_REMEMBERED_THREADS":    {"0", "2147483648"},
	"DASHSTREAM_REDACT":                {"names", "2"},
	"DASHFLOW_STATE_REDACT":            {"never"},
	"DASHSTREAM_REDACT_NAMES": {"ssn,", "a→b", "--",
		strings.Repeat("x", 65), "a b c d e f g h i j k"},
	"DASHSTREAM_REDACT_ALLOW":        {",", "?"},
	"DASHSTREAM_REDACT_CREDIT_CARDS": {"visa"},
	"DASHSTREAM_REDACT_EMAILS":       {"bob"},
	"DASHSTREAM_REDACT_OFF":          {"no-such-rule", "email,", "EMAIL"},
}

func TestABadVariableIsAnErrorThatNamesItItsValueAndWhatIsAllowed(t *testing.T) {
	count := 0
	for name, values := range badValues {
		for _, value := range values {
			count++
			t.Run(fmt.Sprintf("%s=%.20q", name, value), func(t *testing.T) {
				_, err := configFrom(environ(map[string]string{name: value}), nil)
				if err == nil {
					t.Fatal("it was taken")
				}
				allowed := ""
				for _, s := range table.Rows {
					for _, n := range append([]string{s.Env}, s.Also...) {
						if n == name {
							allowed = s.Allowed
						}
					}
				}
				text := err.Error()
				if !strings.HasPrefix(text, "callback: "+name) ||
					!strings.Contains(text, "want "+allowed) || allowed == "" {
					t.Errorf("the error is\n%v", err)
				}
				if !strings.Contains(text, "="+fmt.Sprintf("%q", value)+": ") &&
					!strings.Contains(text, " entry ") &&
					!strings.Contains(text, "(not shown)") {
					t.Errorf("the error does not show the value: %v", err)
				}
			})
		}
	}
	if count < 60 {
		t.Errorf("the table has %d values", count)
	}
}

// Every setting has bad values, except for those that take any text.
func TestEverySettingHasBadValues(t *testing.T) {
	for _, s := range table.Rows {
		if _, ok := badValues[s.Env]; !ok && s.Allowed != "any text" {
			t.Errorf("no bad value of %s is tried", s.Env)
		}
	}
}

func TestAllBadVariablesAreReportedAtOnce(t *testing.T) {
	vars := map[string]string{}
	for name, values := range badValues {
		vars[name] = values[0]
	}
	delete(vars, "DASHFLOW_FLUSH_TIMEOUT_SECS") // DASHSTREAM_SHUTDOWN_TIMEOUT wins over it
	delete(vars, "DASHFLOW_STATE_REDACT")       // DASHSTREAM_REDACT wins over it
	_, err := configFrom(environ(vars), nil)
	if err == nil {
		t.Fatal("no error")
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != len(vars) {
		t.Errorf("%d errors for %d bad variables:\n%v", len(lines), len(vars), err)
	}
}

// badFields are values that a field must reject, and parts of the error.
var badFields = []struct {
	set  func(*Config)
	want []string // the field, its variable, the value
}{
	{func(c *Config) { c.Service = "a\nb" }, []string{"Config.Service", "DASHSTREAM_SERVICE",
		`"a\nb"`}},
	{func(c *Config) { c.InstanceID = "\xff" },
		[]string{"Config.InstanceID", "DASHSTREAM_INSTANCE_ID", `"\xff"`}},
	{func(c *Config) { c.TenantID = "\x00" }, []string{"Config.TenantID", "DASHSTREAM_TENANT_ID",
		`"\x00"`}},
	{func(c *Config) { c.Brokers = []string{"a:1", ""} },
		[]string{"Config.Brokers", "DASHSTREAM_BROKERS", "entry 2 of 2 is empty"}},
	{func(c *Config) { c.Topic = "a/b" }, []string{"Config.Topic", "DASHSTREAM_TOPIC", `"a/b"`}},
	{func(c *Config) { c.TopicPartitions = -1 }, []string{"Config.TopicPartitions",
		"DASHSTREAM_TOPIC_PARTITIONS", "-1"}},
	{func(c *Config) { c.TopicReplication = 101 }, []string{"Config.TopicReplication",
		"DASHSTREAM_TOPIC_REPLICATION", "101"}},
	{func(c *Config) { c.SecurityProtocol = "tls" }, []string{"Config.SecurityProtocol",
		"DASHSTREAM_SECURITY_PROTOCOL", `"tls"`}},
	{func(c *Config) { c.SASLMechanism = "x" }, []string{"Config.SASLMechanism",
		"DASHSTREAM_SASL_MECHANISM", `"x"`}},
	{func(c *Config) { c.TLSEndpointAlgorithm = "x" }, []string{"Config.TLSEndpointAlgorithm",
		"DASHSTREAM_SSL_ENDPOINT_ALGORITHM", `"x"`}},
	{func(c *Config) { c.Compression = "gzip" }, []string{"Config.Compression",
		"DASHSTREAM_COMPRESSION", `"gzip"`}},
	{func(c *Config) { c.StartTimeout = -1 }, []string{"Config.StartTimeout",
		"DASHSTREAM_START_TIMEOUT", "-1ns"}},
	{func(c *Config) { c.QueueBytes = -1 }, []string{"Config.QueueBytes", "DASHSTREAM_QUEUE_BYTES",
		"-1"}},
	{func(c *Config) { c.QueueEvents = -1 }, []string{"Config.QueueEvents",
		"DASHSTREAM_QUEUE_EVENTS", "-1"}},
	{func(c *Config) { c.Overflow = "x" }, []string{"Config.Overflow", "DASHSTREAM_OVERFLOW",
		`"x"`}},
	{func(c *Config) { c.BlockTimeout = time.Hour }, []string{"Config.BlockTimeout",
		"DASHSTREAM_BLOCK_TIMEOUT", "1h0m0s"}},
	{func(c *Config) { c.BatchBytes = 1 }, []string{"Config.BatchBytes", "DASHSTREAM_BATCH_BYTES",
		"1"}},
	{func(c *Config) { c.BatchEvents = -1 }, []string{"Config.BatchEvents",
		"DASHSTREAM_BATCH_EVENTS", "-1"}},
	{func(c *Config) { c.Linger = time.Hour }, []string{"Config.Linger", "DASHSTREAM_LINGER",
		"1h0m0s"}},
	{func(c *Config) { c.MaxPermits = -1 }, []string{"Config.MaxPermits", "DASHSTREAM_MAX_PERMITS",
		"-1"}},
	{func(c *Config) { c.MaxMessageBytes = 1 }, []string{"Config.MaxMessageBytes",
		"DASHSTREAM_MAX_MESSAGE_BYTES", "1"}},
	{func(c *Config) { c.DeliveryTimeout = 1 }, []string{"Config.DeliveryTimeout",
		"DASHSTREAM_DELIVERY_TIMEOUT", "1ns"}},
	{func(c *Config) { c.ShutdownTimeout = -1 }, []string{"Config.ShutdownTimeout",
		"DASHSTREAM_SHUTDOWN_TIMEOUT", "-1ns"}},
	{func(c *Config) { c.SelfMetrics = "on" }, []string{"Config.SelfMetrics",
		"DASHSTREAM_SELF_METRICS", `"on"`}},
	{func(c *Config) { c.SelfMetricsInterval = 1 }, []string{"Config.SelfMetricsInterval",
		"DASHSTREAM_SELF_METRICS_INTERVAL", "1ns"}},
	{func(c *Config) { c.StateBytes = 1 }, []string{"Config.StateBytes", "DASHSTREAM_STATE_BYTES",
		"is 1,"}},
	{func(c *Config) { c.CheckpointPatches = -1 }, []string{"Config.CheckpointPatches",
		"DASHSTREAM_CHECKPOINT_PATCHES", "-1"}},
	{func(c *Config) { c.CheckpointBytes = 1 }, []string{"Config.CheckpointBytes",
		"DASHSTREAM_CHECKPOINT_BYTES", "is 1,"}},
	{func(c *Config) { c.RememberedThreads = -1 }, []string{"Config.RememberedThreads",
		"DASHSTREAM_REMEMBERED_THREADS", "-1"}},
	{func(c *Config) { c.Redaction.Names = []string{"ssn", "?"} },
		[]string{"Config.Redaction.Names", "DASHSTREAM_REDACT_NAMES", `entry 2 of 2`}},
	{func(c *Config) { c.Redaction.AllowNames = []string{""} },
		[]string{"Config.Redaction.AllowNames", "DASHSTREAM_REDACT_ALLOW",
			`entry 1 of 1 is empty`}},
	{func(c *Config) { c.Redaction.Off = []string{"mine"} }, []string{"Config.Redaction.Off",
		"DASHSTREAM_REDACT_OFF", `"mine"`}},

	{func(c *Config) { c.Redaction.Rules = []RedactionRule{{Name: "mine", Pattern: "("}} },
		[]string{"Config.Redaction", `"mine"`, "missing closing )"}},
	{func(c *Config) { c.Redaction.AllowPatterns = []string{"["} },
		[]string{"Config.Redaction", `pattern "["`}},
	{func(c *Config) { c.QueueBytes = 512 << 10 }, []string{"Config.MaxMessageBytes",
		"DASHSTREAM_MAX_MESSAGE_BYTES", "900KiB", "DASHSTREAM_QUEUE_BYTES", "512KiB"}},
	{func(c *Config) { c.MaxRequestBytes = 931 << 10 }, []string{
		"Config.MaxRequestBytes", "DASHSTREAM_MAX_REQUEST_BYTES", "931KiB", "932KiB",
		"DASHSTREAM_MAX_MESSAGE_BYTES", "900KiB"}},
	{func(c *Config) { c.BatchBytes = 1 << 20 },
		[]string{"Config.BatchBytes", "DASHSTREAM_BATCH_BYTES", "1MiB",
			"DASHSTREAM_MAX_MESSAGE_BYTES", "900KiB"}},
	{func(c *Config) {
		c.SecurityProtocol, c.SASLUsername, c.SASLMechanism = "sasl_ssl", "joe",
			"PLAIN"
	}, []string{"Config.SASLPassword", "DASHSTREAM_SASL_PASSWORD", `""`, "sasl_ssl"}},
	{func(c *Config) {
		c.SecurityProtocol, c.SASLPassword, c.SASLMechanism = "sasl_plaintext",
			NewSecret("hunter2"), "PLAIN"
	}, []string{"Config.SASLUsername", "DASHSTREAM_SASL_USERNAME", `""`, "sasl_plaintext"}},
	{func(c *Config) {
		c.SecurityProtocol, c.SASLPassword, c.SASLUsername = "sasl_ssl", NewSecret("hunter2"), "joe"
	}, []string{"Config.SASLMechanism", "DASHSTREAM_SASL_MECHANISM", `""`, "PLAIN"}},
	{func(c *Config) { c.SASLUsername = "joe" }, []string{"Config.SASLUsername",
		"DASHSTREAM_SASL_USERNAME", `"joe"`, "plaintext", "sasl_ssl"}},
	{func(c *Config) { c.SASLPassword = NewSecret("hunter2") }, []string{"Config.SASLPassword",
		"DASHSTREAM_SASL_PASSWORD", "[REDACTED]", "plaintext"}},
	{func(c *Config) { c.SecurityProtocol, c.SASLMechanism = "ssl", "PLAIN" },
		[]string{"Config.SASLMechanism", "DASHSTREAM_SASL_MECHANISM", `"PLAIN"`, "ssl"}},
	{func(c *Config) { c.TLSCAFile = "ca.pem" },
		[]string{"Config.TLSCAFile", "DASHSTREAM_SSL_CA_LOCATION", `"ca.pem"`, "plaintext"}},
	{func(c *Config) { c.TLSKeyPassword = NewSecret("hunter2") }, []string{"Config.TLSKeyPassword",
		"DASHSTREAM_SSL_KEY_PASSWORD", "[REDACTED]", "plaintext"}},
	{func(c *Config) { c.SecurityProtocol, c.TLSCertFile = "ssl", "c.pem" },
		[]string{"Config.TLSKeyFile", "DASHSTREAM_SSL_KEY_LOCATION", `""`, `"c.pem"`}},
	{func(c *Config) { c.SecurityProtocol, c.TLSKeyFile = "ssl", "k.pem" },
		[]string{"Config.TLSCertFile", "DASHSTREAM_SSL_CERTIFICATE_LOCATION", `""`, `"k.pem"`}},
	{func(c *Config) { c.SecurityProtocol, c.TLSKeyPassword = "ssl", NewSecret("hunter2") },
		[]string{"Config.TLSKeyFile", "DASHSTREAM_SSL_KEY_LOCATION", `""`,
			"DASHSTREAM_SSL_KEY_PASSWORD"}},
	{func(c *Config) { c.SecurityProtocol, c.TLSCAFile = "ssl", "/no/such/ca.pem" },
		[]string{"Config.TLSCAFile", "DASHSTREAM_SSL_CA_LOCATION", "/no/such/ca.pem"}},
	{func(c *Config) {
		c.SecurityProtocol, c.TLSCertFile, c.TLSKeyFile = "ssl", "/no/such/c.pem", "/no/such/k.pem"
	}, []string{"Config.TLSCertFile", "DASHSTREAM_SSL_CERTIFICATE_LOCATION",
		"DASHSTREAM_SSL_KEY_LOCATION", "/no/such/c.pem"}},
	{func(c *Config) { c.SecurityProtocol, c.TLSCAFile = "ssl", "settings_test.go" },
		[]string{"Config.TLSCAFile", "DASHSTREAM_SSL_CA_LOCATION", "settings_test.go", "PEM"}},
}

func TestABadFieldIsAnErrorThatNamesItItsVariableAndItsValue(t *testing.T) {
	for _, tt := range badFields {
		t.Run(strings.Join(tt.want, " "), func(t *testing.T) {
			var c Config
			tt.set(&c)
			client, err := New(c)
			if err == nil || client != nil {
				t.Fatalf("New gave %v and %v", client, err)
			}
			text := err.Error()
			for _, part := range append(tt.want, "callback: ") {
				if !strings.Contains(text, part) {
					t.Errorf("the error does not say %s: %v", part, err)
				}
			}
			if strings.Count(text, "\n") > 0 || strings.Contains(text, "hunter2") ||
				strings.Contains(text, "kafka:") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestAllBadFieldsAreReportedAtOnce(t *testing.T) {
	var c Config
	for _, tt := range badFields[:29] {
		tt.set(&c)
	}
	c.SASLUsername, c.TLSCAFile = "joe", "ca.pem" // judged by the default protocol
	_, err := New(c)
	if err == nil {
		t.Fatal("no error")
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 31 {
		t.Errorf("%d errors, want 31:\n%v", len(lines), err)
	}
}

func TestDefaultsAreThoseOfTheEngine(t *testing.T) {
	c := Config{}.withDefaults()
	if err := c.validate(); err != nil {
		t.Errorf("the defaults are wrong: %v", err)
	}
	got := c.engine(nil, nil)
	want := batching.Config{
		Kinds: kinds, QueueBytes: batching.DefaultQueueBytes,
		QueueEvents: batching.DefaultQueueEvents, BatchBytes: batching.DefaultBatchBytes,
		BatchEvents: batching.DefaultBatchEvents, Linger: batching.DefaultLinger,
		Permits:         batching.DefaultPermits,
		MaxMessageBytes: batching.DefaultMaxMessageBytes,
		BlockTimeout:    batching.DefaultBlockTimeout,
		DeliveryTimeout: batching.DefaultDeliveryTimeout, Logger: c.Logger,
		Overflows: map[batching.Class]batching.Overflow{},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the engine gets %+v, want %+v", got, want)
	}
}

// Fields that no variable sets: code, and values passed by code.
var fieldsWithoutSetting = []string{
	"KafkaOptions", "Traceparent", "OnPressure", "Sender", "Logger", "Dialer", "SASLToken",
	"Redaction.Rules", "Redaction.AllowValues", "Redaction.AllowPatterns",
}

func TestEveryFieldIsInTheTableOfSettings(t *testing.T) {
	rows := map[string]int{}
	for _, s := range Settings() {
		rows[s.Field]++
		if s.Env == "" || s.Allowed == "" || s.Help == "" {
			t.Errorf("the row of %s is incomplete: %+v", s.Field, s)
		}
	}
	for _, f := range fieldsWithoutSetting {
		rows[f]++
	}
	var fields []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if !f.IsExported() {
			continue
		}
		if f.Type != reflect.TypeFor[Redaction]() {
			fields = append(fields, f.Name)
			continue
		}
		for _, inner := range reflect.VisibleFields(f.Type) {
			fields = append(fields, f.Name+"."+inner.Name)
		}
	}
	for _, name := range fields {
		if rows[name] != 1 {
			t.Errorf("Config.%s has %d rows, want 1", name, rows[name])
		}
		delete(rows, name)
	}
	for name := range rows {
		t.Errorf("there is no field Config.%s", name)
	}
}

func TestSettingsMayBeChangedByTheirReader(t *testing.T) {
	Settings()[0].Env = "changed"
	if Settings()[0].Env != "DASHSTREAM_ENABLED" {
		t.Error("a caller changed the table of settings")
	}
}
