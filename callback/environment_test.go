package callback

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// field reads a field of a Config as text.
func field(c Config, name string) string {
	v := at(reflect.ValueOf(c), name)
	if s, ok := v.Interface().(Secret); ok {
		return s.Reveal()
	}
	return fmt.Sprint(v.Interface())
}

func TestVariablesAndTheFieldsThatTheySet(t *testing.T) {
	tests := []struct{ env, value, field, want string }{
		{"DASHSTREAM_ENABLED", "false", "Disabled", "true"},
		{"DASHSTREAM_ENABLED", "true", "Disabled", "false"},
		{"DASHSTREAM_ENABLED", " Off ", "Disabled", "true"},
		{"DASHSTREAM_SERVICE", "my service", "Service", "my service"},
		{"DASHSTREAM_INSTANCE_ID", "i1", "InstanceID", "i1"},
		{"DASHSTREAM_TENANT_ID", "t1", "TenantID", "t1"},
		{"KAFKA_TENANT_ID", "t1", "TenantID", "t1"},
		{"DASHSTREAM_BROKERS", "a:1", "Brokers", "[a:1]"},
		{"KAFKA_BROKERS", "a:1, [::1]:2 ", "Brokers", "[a:1 [::1]:2]"},
		{"KAFKA_BOOTSTRAP_SERVERS", "a:1,b:65535", "Brokers", "[a:1 b:65535]"},
		{"KAFKA_TOPIC", "t.o-p_ic", "Topic", "t.o-p_ic"},
		{"DASHSTREAM_TOPIC", "topic", "Topic", "topic"},
		{"DASHSTREAM_CREATE_TOPIC", "YES", "CreateTopic", "true"},
		{"DASHSTREAM_TOPIC_PARTITIONS", "12", "TopicPartitions", "12"},
		{"DASHSTREAM_TOPIC_PARTITIONS", "0", "TopicPartitions", "0"},
		{"DASHSTREAM_TOPIC_REPLICATION", "3", "TopicReplication", "3"},
		{"DASHSTREAM_SECURITY_PROTOCOL", "SASL_SSL", "SecurityProtocol", "sasl_ssl"},
		{"KAFKA_SECURITY_PROTOCOL", "ssl", "SecurityProtocol", "ssl"},
		{"DASHSTREAM_SASL_MECHANISM", "scram-sha-512", "SASLMechanism", "SCRAM-SHA-512"},
		{"KAFKA_SASL_MECHANISM", "plain", "SASLMechanism", "PLAIN"},
		{"KAFKA_SASL_USERNAME", "joe", "SASLUsername", "joe"},
		{"KAFKA_SASL_PASSWORD", " hunter2 ", "SASLPassword", " hunter2 "},
		{"DASHSTREAM_SASL_PASSWORD", "hunter2", "SASLPassword", "hunter2"},
		{"DASHSTREAM_CLIENT_ID", "checkout", "ClientID", "checkout"},
		{"DASHSTREAM_METADATA_MAX_AGE", "10s", "MetadataMaxAge", "10s"},
		{"DASHSTREAM_SASL_MECHANISM", "None", "SASLMechanism", "none"},
		{"DASHSTREAM_SASL_MECHANISM", "oauthbearer", "SASLMechanism", "OAUTHBEARER"},
		{"DASHSTREAM_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "https://idp/token", "SASLTokenURL",
			"https://idp/token"},
		{"DASHSTREAM_SASL_OAUTHBEARER_CLIENT_ID", "id", "SASLClientID", "id"},
		{"DASHSTREAM_SASL_OAUTHBEARER_CLIENT_SECRET", "hunter4", "SASLClientSecret", "hunter4"},
		{"DASHSTREAM_SASL_OAUTHBEARER_SCOPE", "a b", "SASLScope", "a b"},
		{"DASHSTREAM_SASL_OAUTHBEARER_EXTENSIONS", "logicalCluster=lkc-1, identityPoolId=pool-1",
			"SASLExtensions", "[logicalCluster=lkc-1 identityPoolId=pool-1]"},
		{"DASHSTREAM_SASL_OAUTHBEARER_TOKEN_FILE", "/token", "SASLTokenFile", "/token"},
		{"DASHSTREAM_HTTPS_CA_LOCATION", "/ca", "SASLTokenCAFile", "/ca"},
		{"KAFKA_SSL_CA_LOCATION", "/ca", "TLSCAFile", "/ca"},
		{"KAFKA_SSL_CERTIFICATE_LOCATION", "/c", "TLSCertFile", "/c"},
		{"KAFKA_SSL_KEY_LOCATION", "/k", "TLSKeyFile", "/k"},
		{"KAFKA_SSL_KEY_PASSWORD", "hunter3", "TLSKeyPassword", "hunter3"},
		{"KAFKA_SSL_ENDPOINT_ALGORITHM", "none", "TLSEndpointAlgorithm", "none"},
		{"DASHSTREAM_COMPRESSION", "LZ4", "Compression", "lz4"},
		{"DASHSTREAM_START_TIMEOUT", "250ms", "StartTimeout", "250ms"},
		{"DASHSTREAM_QUEUE_BYTES", "64MiB", "QueueBytes", "67108864"},
		{"DASHSTREAM_QUEUE_BYTES", "65536", "QueueBytes", "65536"},
		{"DASHSTREAM_QUEUE_BYTES", "1.5GiB", "QueueBytes", "1610612736"},
		{"DASHSTREAM_QUEUE_BYTES", "1 TiB", "QueueBytes", "1099511627776"},
		{"DASHSTREAM_QUEUE_BYTES", "100kB", "QueueBytes", "100000"},
		{"DASHSTREAM_QUEUE_BYTES", "64mib", "QueueBytes", "67108864"},
		{"DASHSTREAM_QUEUE_BYTES", "2MB", "QueueBytes", "2000000"},
		{"DASHSTREAM_QUEUE_BYTES", "1GB", "QueueBytes", "1000000000"},
		{"DASHSTREAM_QUEUE_BYTES", "1TB", "QueueBytes", "1000000000000"},
		{"DASHSTREAM_QUEUE_BYTES", "70000B", "QueueBytes", "70000"},
		{"DASHSTREAM_QUEUE_EVENTS", "1_000_000", "QueueEvents", "1000000"},
		{"DASHSTREAM_OVERFLOW", "Block", "Overflow", "block"},
		{"DASHSTREAM_OVERFLOW_SKELETON", "block", "OverflowSkeleton", "block"},
		{"DASHSTREAM_OVERFLOW_STATES", "drop", "OverflowStates", "drop"},
		{"DASHSTREAM_OVERFLOW_CALLS", "drop_oldest", "OverflowCalls", "drop_oldest"},
		{"DASHSTREAM_OVERFLOW_DETAILS", "DROP_OLDEST", "OverflowDetails", "drop_oldest"},
		{"DASHSTREAM_SHED", "auto", "Shed", "auto"},
		{"DASHSTREAM_SAMPLE_RATE", "0.25", "SampleRate", "0.25"},
		{"DASHSTREAM_BLOCK_TIMEOUT", "1m30s", "BlockTimeout", "1m30s"},
		{"DASHSTREAM_BATCH_BYTES", "512", "BatchBytes", "512"},
		{"DASHSTREAM_BATCH_EVENTS", "1", "BatchEvents", "1"},
		{"DASHSTREAM_LINGER", "5ms", "Linger", "5ms"},
		{"DASHSTREAM_LINGER", "0", "Linger", "-1ns"},
		{"DASHSTREAM_LINGER", "0s", "Linger", "-1ns"},
		{"DASHSTREAM_MAX_PERMITS", "1", "MaxPermits", "1"},
		{"DASHSTREAM_MAX_MESSAGE_BYTES", "1KiB", "MaxMessageBytes", "1024"},
		{"DASHSTREAM_MAX_REQUEST_BYTES", "1046528", "MaxRequestBytes", "1046528"},
		{"DASHSTREAM_DELIVERY_TIMEOUT", "24h", "DeliveryTimeout", "24h0m0s"},
		{"DASHSTREAM_SHUTDOWN_TIMEOUT", "2s", "ShutdownTimeout", "2s"},
		{"DASHFLOW_FLUSH_TIMEOUT_SECS", "30", "ShutdownTimeout", "30s"},
		{"DASHFLOW_FLUSH_TIMEOUT_SECS", " 0.5 ", "ShutdownTimeout", "500ms"},
		{"DASHSTREAM_SELF_METRICS", "ALWAYS", "SelfMetrics", "always"},
		{"DASHSTREAM_SELF_METRICS_INTERVAL", "1m", "SelfMetricsInterval", "1m0s"},
		{"DASHSTREAM_EXECUTION_TRACE", "1", "ExecutionTrace", "true"},
		{"DASHSTREAM_STATE_BYTES", "1MiB", "StateBytes", "1048576"},
		{"DASHSTREAM_CHECKPOINT_PATCHES", "7", "CheckpointPatches", "7"},
		{"DASHSTREAM_CHECKPOINT_BYTES", "2KiB", "CheckpointBytes", "2048"},
		{"DASHSTREAM_REMEMBERED_THREADS", "5", "RememberedThreads", "5"},
		{"DASHSTREAM_REDACT", "no", "Redaction.Disabled", "true"},
		{"DASHSTREAM_REDACT", "yes", "Redaction.Disabled", "false"},
		{"DASHFLOW_STATE_REDACT", "false", "Redaction.Disabled", "true"},
		{"DASHFLOW_STATE_REDACT", "1", "Redaction.Disabled", "false"},
		{"DASHSTREAM_REDACT_NAMES", "ssn, employee number", "Redaction.Names",
			"[ssn employee number]"},
		{"DASHSTREAM_REDACT_ALLOW", "token,sessionSecret", "Redaction.AllowNames",
			"[token sessionSecret]"},
		{"DASHSTREAM_REDACT_CREDIT_CARDS", "on", "Redaction.CreditCards", "true"},
		{"DASHSTREAM_REDACT_EMAILS", "true", "Redaction.Emails", "true"},
		{"DASHSTREAM_LINES_FILE", "-", "LinesFile", "-"},
		{"DASHSTREAM_REDACT_OFF", "jwt,session", "Redaction.Off", "[jwt session]"},
	}
	tried := map[string]bool{}
	for _, tt := range tests {
		tried[tt.env] = true
		t.Run(tt.env+"="+tt.value, func(t *testing.T) {
			c, err := configFrom(environ(map[string]string{tt.env: tt.value}), nil)
			if got := field(c, tt.field); err != nil || got != tt.want {
				t.Errorf("Config.%s is %s, want %s (%v)", tt.field, got, tt.want, err)
			}
			at(reflect.ValueOf(&c).Elem(), tt.field).SetZero()
			if got := c.environment.from[tt.field]; got != tt.env {
				t.Errorf("Config.%s is said to come from %q", tt.field, got)
			}
			if delete(c.environment.from, tt.field); len(c.environment.from) == 0 {
				c.environment.from = nil
			}
			if !reflect.DeepEqual(c, Config{}) {
				t.Errorf("it set more than Config.%s: %+v", tt.field, c)
			}
		})
	}
	for _, s := range table.Rows {
		if !tried[s.Env] && len(s.Also) == 0 {
			t.Errorf("%s is not tried", s.Env)
		}
	}
}

// Our variables win over the names that deployments may already set.
func TestWhichOfSeveralVariablesWins(t *testing.T) {
	orders := map[string][]string{
		"Brokers":          {"DASHSTREAM_BROKERS", "KAFKA_BROKERS", "KAFKA_BOOTSTRAP_SERVERS"},
		"Topic":            {"DASHSTREAM_TOPIC", "KAFKA_TOPIC"},
		"TenantID":         {"DASHSTREAM_TENANT_ID", "KAFKA_TENANT_ID"},
		"SecurityProtocol": {"DASHSTREAM_SECURITY_PROTOCOL", "KAFKA_SECURITY_PROTOCOL"},
		"SASLMechanism":    {"DASHSTREAM_SASL_MECHANISM", "KAFKA_SASL_MECHANISM"},
		"SASLUsername":     {"DASHSTREAM_SASL_USERNAME", "KAFKA_SASL_USERNAME"},
		"SASLPassword":     {"DASHSTREAM_SASL_PASSWORD", "KAFKA_SASL_PASSWORD"},
		"TLSCAFile":        {"DASHSTREAM_SSL_CA_LOCATION", "KAFKA_SSL_CA_LOCATION"},
		"TLSCertFile": {"DASHSTREAM_SSL_CERTIFICATE_LOCATION",
			"KAFKA_SSL_CERTIFICATE_LOCATION"},
		"TLSKeyFile":     {"DASHSTREAM_SSL_KEY_LOCATION", "KAFKA_SSL_KEY_LOCATION"},
		"TLSKeyPassword": {"DASHSTREAM_SSL_KEY_PASSWORD", "KAFKA_SSL_KEY_PASSWORD"},
		"TLSEndpointAlgorithm": {"DASHSTREAM_SSL_ENDPOINT_ALGORITHM",
			"KAFKA_SSL_ENDPOINT_ALGORITHM"},
		"ShutdownTimeout":    {"DASHSTREAM_SHUTDOWN_TIMEOUT", "DASHFLOW_FLUSH_TIMEOUT_SECS"},
		"Redaction.Disabled": {"DASHSTREAM_REDACT", "DASHFLOW_STATE_REDACT"},
	}
	values := map[string][]string{ // in the order of precedence
		"Brokers": {"a:1", "b:2", "c:3"}, "SecurityProtocol": {"ssl", "sasl_ssl"},
		"SASLMechanism":        {"PLAIN", "SCRAM-SHA-256"},
		"TLSEndpointAlgorithm": {"none", "https"}, "ShutdownTimeout": {"7s", "9"},
		"Redaction.Disabled": {"false", "true"},
	}
	for name, order := range orders {
		given := values[name]
		if given == nil {
			given = []string{"first", "second"}
		}
		for first := range order {
			vars := map[string]string{}
			for i := range order {
				if vars[order[i]] = given[i]; i < first {
					vars[order[i]] = "" // counts as unset
				}
			}
			c, err := configFrom(environ(vars), nil)
			alone, _ := configFrom(environ(map[string]string{order[first]: given[first]}), nil)
			if got, want := field(c, name), field(alone, name); err != nil || got != want {
				t.Errorf("Config.%s is %s with %v, want %s (%v)", name, got, vars, want, err)
			}
		}
	}
	for _, s := range table.Rows {
		if len(s.Also) > 0 && len(orders[s.Field]) != 1+len(s.Also) {
			t.Errorf("the order of %s and %v is not tried", s.Env, s.Also)
		}
	}
}

func TestAnEmptyEnvironmentIsTheZeroConfig(t *testing.T) {
	empty := map[string]string{}
	for _, s := range table.Rows {
		empty[s.Env] = ""
		for _, also := range s.Also {
			empty[also] = ""
		}
	}
	for name, vars := range map[string]map[string]string{"nothing set": {},
		"everything set, and empty": empty} {
		if c, err := configFrom(environ(vars), nil); err != nil || !reflect.DeepEqual(c, Config{}) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestConfigFromEnvReadsTheEnvironment(t *testing.T) {
	t.Setenv("DASHSTREAM_SERVICE", "from the environment")
	t.Setenv("KAFKA_BROKERS", "a:1,b:2")
	c, err := ConfigFromEnv()
	if err != nil || c.Service != "from the environment" || len(c.Brokers) != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	t.Setenv("DASHSTREAM_MAX_PERMITS", "none")
	if _, err := ConfigFromEnv(); err == nil || !strings.Contains(err.Error(),
		"DASHSTREAM_MAX_PERMITS") {
		t.Errorf("the error is %v", err)
	}
}

func TestASecretIsNeverShown(t *testing.T) {
	const password, keyPassword = "hunter2-sasl", "hunter2-key"
	c, err := configFrom(environ(map[string]string{
		"KAFKA_SASL_PASSWORD": password, "DASHSTREAM_SSL_KEY_PASSWORD": keyPassword,
		"KAFKA_SASL_USERNAME": "joe", "KAFKA_SASL_MECHANISM": "PLAIN",
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.SASLPassword.Reveal() != password || c.TLSKeyPassword.Reveal() != keyPassword {
		t.Fatal("the secrets did not arrive")
	}
	var shown []string
	show := func(format string, args ...any) { shown = append(shown, fmt.Sprintf(format, args...)) }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		show(verb, c)
		show(verb, &c)
		show(verb, []any{c})
		show(verb, map[string]Config{"c": c})
		show(verb, c.SASLPassword)
		show(verb, struct{ hidden Config }{c})
	}
	for _, v := range []any{c, c.SASLPassword, map[string]any{"p": c.SASLPassword}} {
		b, err := json.Marshal(v)
		show("%s %v", b, err)
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil),
		slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("config", "config", c, "pointer", &c, "secret", c.SASLPassword)
	}
	show("%s", log.String())
	dir := t.TempDir()
	pem := filepath.Join(dir, "file.pem")
	if err := os.WriteFile(pem, []byte("no PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*Config){
		func(*Config) {},
		func(c *Config) { c.SecurityProtocol = "ssl" },
		func(c *Config) { c.SecurityProtocol = "sasl_ssl" },
		func(c *Config) { c.SecurityProtocol = "nonsense" },
		func(c *Config) { c.SecurityProtocol, c.SASLUsername = "sasl_ssl", "" },
		func(c *Config) { c.SecurityProtocol, c.TLSCertFile, c.TLSKeyFile = "sasl_ssl", pem, pem },
		func(c *Config) { c.SecurityProtocol, c.TLSCAFile = "sasl_ssl", pem },
	} {
		bad := c
		change(&bad)
		_, err := New(bad)
		if err == nil {
			t.Errorf("no error for %+v", bad)
		}
		show("%v", err)
		show("%+v", err)
		show("%#v", err)
	}
	for _, s := range table.Rows {
		if s.IsSecret {
			show("%v", table.Wrong(&s, s.Env, password, nil))
		}
	}
	for _, text := range shown {
		for _, secret := range []string{password, keyPassword, fmt.Sprintf("%x", password),
			fmt.Sprintf("%X", password)} {
			if strings.Contains(text, secret) {
				t.Errorf("a secret is shown: %.300s", text)
			}
		}
	}
}

func TestOptionsOfTheUsersOwnBringTheirOwnLogin(t *testing.T) {
	c := Config{SecurityProtocol: "sasl_ssl",
		KafkaOptions: []kgo.Opt{kgo.ClientID("x")}}.withDefaults()
	if err := c.validate(); err != nil {
		t.Errorf("a login by the options is rejected: %v", err)
	}
	c.SASLUsername = "joe"
	if err := c.validate(); err == nil || !strings.Contains(err.Error(),
		"DASHSTREAM_SASL_PASSWORD") {
		t.Errorf("half a login is accepted: %v", err)
	}
	c = Config{KafkaOptions: []kgo.Opt{kgo.MaxBufferedRecords(-1)}}.withDefaults()
	if err := c.validate(); err == nil || !strings.Contains(err.Error(), "Config.KafkaOptions") {
		t.Errorf("a wrong option is accepted: %v", err)
	}
}

func FuzzConfigFrom(f *testing.F) {
	for _, values := range badValues {
		for _, v := range values {
			f.Add(uint(len(v)), v, v)
		}
	}
	f.Add(uint(3), "64MiB", "250ms")
	var names []string
	for _, s := range table.Rows {
		names = append(append(names, s.Env), s.Also...)
	}
	f.Fuzz(func(t *testing.T, seed uint, a, b string) {
		vars := map[string]string{}
		for i, name := range names {
			switch (seed + uint(i)) % 3 {
			case 0:
				vars[name] = a
			case 1:
				vars[name] = b
			}
		}
		c, err := configFrom(environ(vars), nil)
		if err != nil && !strings.HasPrefix(err.Error(), "callback: ") {
			t.Errorf("the error is %v", err)
		}
		c.TLSCAFile, c.TLSCertFile, c.TLSKeyFile = "", "", "" // reads no files
		c = c.withDefaults()
		if err := c.validate(); err == nil && (c.QueueBytes <= 0 ||
			c.BatchBytes > c.MaxMessageBytes || c.Linger > time.Minute) {
			t.Errorf("taken: %+v", c)
		}
	})
}
