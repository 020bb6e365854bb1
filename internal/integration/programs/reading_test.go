package programs

import (
	"context"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/reading"
)

// partitionsOf connects with a configuration and asks for the partitions of a topic.
func partitionsOf(
	t *testing.T, cfg callback.Config, topic string, within time.Duration,
) (int, error) {
	t.Helper()
	options, err := reading.Options(cfg)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	return reading.Partitions(ctx, client, topic)
}

// known returns a broker with a topic of this name.
func known(t *testing.T, opts ...kfake.Opt) []string {
	t.Helper()
	return strings.Split(fake(t, append(opts, kfake.SeedTopics(3, "known"))...), ",")
}

func TestReaderUsesTheCredentialsOfTheSDK(t *testing.T) {
	brokers := known(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "ada", "secret"))
	cfg := callback.Config{Brokers: brokers, SecurityProtocol: "sasl_plaintext",
		SASLMechanism: "SCRAM-SHA-256", SASLUsername: "ada"}
	cfg.SASLPassword = callback.NewSecret("secret")
	if n, err := partitionsOf(t, cfg, "known", 5*time.Second); n != 3 || err != nil {
		t.Errorf("%d partitions, error %v", n, err)
	}
	cfg.SASLPassword = callback.NewSecret("wrong")
	if _, err := partitionsOf(t, cfg, "known", time.Second); err == nil {
		t.Error("a wrong password is taken")
	}
}

func TestReaderUsesTheCertificatesOfTheSDK(t *testing.T) {
	server := httptest.NewTLSServer(nil) // for its certificate, which is for 127.0.0.1
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := callback.Config{Brokers: known(t, kfake.TLS(server.TLS)),
		SecurityProtocol: "ssl", TLSCAFile: ca}
	if n, err := partitionsOf(t, cfg, "known", 5*time.Second); n != 3 || err != nil {
		t.Errorf("%d partitions, error %v", n, err)
	}
	cfg.TLSCAFile = ""
	if _, err := partitionsOf(t, cfg, "known", 5*time.Second); err == nil {
		t.Error("a certificate from nobody known is taken")
	}
}

func TestAbsentTopicIsNamed(t *testing.T) {
	_, err := partitionsOf(t, callback.Config{Brokers: known(t)}, "absent", 5*time.Second)
	if !errors.Is(err, kerr.UnknownTopicOrPartition) || !strings.Contains(err.Error(), `"absent"`) {
		t.Errorf("error %v", err)
	}
}

func TestDefaultsAreThoseOfTheSDK(t *testing.T) {
	if topic := reading.Topic(callback.Config{}); topic != "dashstream-events" {
		t.Errorf("topic %q", topic)
	}
	options, err := reading.Options(callback.Config{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if seeds, _ := client.OptValue(kgo.SeedBrokers).([]string); len(seeds) != 1 ||
		seeds[0] != "localhost:9092" {
		t.Errorf("brokers %v", seeds)
	}
}

// A program's user sets variables, and knows no fields.
func TestReadersErrorsNameVariables(t *testing.T) {
	cfg := callback.Config{SecurityProtocol: "sasl_ssl", SASLMechanism: "PLAIN",
		SASLUsername: "ada"}
	for err, want := range map[*kerr.Error][]string{
		kerr.UnknownTopicOrPartition: {"DASHSTREAM_TOPIC"},
		kerr.SaslAuthenticationFailed: {"DASHSTREAM_SASL_USERNAME", "DASHSTREAM_SASL_PASSWORD",
			"DASHSTREAM_SASL_MECHANISM"},
		kerr.IllegalSaslState:         {"DASHSTREAM_SECURITY_PROTOCOL"},
		kerr.TopicAuthorizationFailed: {"User:ada"},
	} {
		text := reading.Explain(cfg, err).Error()
		for _, name := range want {
			if !strings.Contains(text, name) || strings.Contains(text, "Config.") {
				t.Errorf("%v does not name %s: %s", err, name, text)
			}
		}
	}
}

func TestWrongConfigurationIsNamed(t *testing.T) {
	_, err := reading.Options(callback.Config{SecurityProtocol: "ssl", TLSCAFile: "absent.pem"})
	if err == nil || !strings.Contains(err.Error(), "absent.pem") {
		t.Errorf("error %v", err)
	}
}
