package callback

import (
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

// The choices are read in any case, written as the constants are, and what is none is an error.
func TestChoicesHaveATextForm(t *testing.T) {
	tests := []struct {
		to        encoding.TextUnmarshaler
		text      string
		want      any
		otherwise string // what an error says is allowed
	}{
		{new(SecurityProtocol), "SASL_SSL", ProtocolSASLSSL, "plaintext, ssl, sasl_plaintext, "},
		{new(SASLMechanism), "scram-sha-512", MechanismScramSHA512, "PLAIN, SCRAM-SHA-256, "},
		{new(EndpointAlgorithm), "None", EndpointNone, "https, none"},
		{new(Compression), "LZ4", CompressionLZ4, "zstd, lz4, snappy, none"},
		{new(Overflow), "Block", OverflowBlock, "drop, block"},
		{new(SelfMetrics), "ALWAYS", SelfMetricsAlways, "auto, always, off"},
	}
	for _, tt := range tests {
		value := func() any { return reflect.ValueOf(tt.to).Elem().Interface() }
		if err := tt.to.UnmarshalText([]byte(tt.text)); err != nil || value() != tt.want {
			t.Errorf("%T from %q: %v, %v", tt.want, tt.text, value(), err)
		}
		text, err := json.Marshal(value())
		want := `"` + tt.want.(interface{ String() string }).String() + `"`
		if string(text) != want {
			t.Errorf("%T as JSON: %s, %v, want %s", tt.want, text, err, want)
		}
		err = tt.to.UnmarshalText([]byte("bogus"))
		if err == nil || !strings.Contains(err.Error(), `"bogus"`) ||
			!strings.Contains(err.Error(), tt.otherwise) || value() != tt.want {
			t.Errorf("%T from bogus: %v, %v", tt.want, value(), err)
		}
		if err := tt.to.UnmarshalText(nil); err != nil || !reflect.ValueOf(value()).IsZero() {
			t.Errorf("%T from nothing: %v, %v, want the default", tt.want, value(), err)
		}
	}
}

func TestAChoiceCanBeAFlag(t *testing.T) {
	var cfg Config
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.TextVar(&cfg.Compression, "compression", CompressionSnappy, "")
	if err := flags.Parse([]string{"--compression=Zstd"}); err != nil ||
		cfg.Compression != CompressionZstd {
		t.Errorf("%q, %v", cfg.Compression, err)
	}
	if err := flags.Parse([]string{"--compression=gzip"}); err == nil {
		t.Error("gzip is taken")
	}
}

// A key that got into the place of a choice is not printed with the configuration, nor by an error.
func TestASecretInThePlaceOfAChoiceIsNotShown(t *testing.T) {
	const key = "sk-proj-Zx81kQ0vTt93LmPq77Bd"
	c := Config{
		SecurityProtocol: key, SASLMechanism: key, TLSEndpointAlgorithm: key, Compression: key,
		Overflow: key, SelfMetrics: key,
	}
	err := new(Compression).UnmarshalText([]byte(key))
	shown := fmt.Sprintf("%v %+v %#v %s %v %v", c, c, c, c, err, c.Validate())
	if strings.Contains(shown, key) {
		t.Errorf("the key is in %s", shown)
	}
}

func TestTypesAndSeveritiesHaveNames(t *testing.T) {
	tests := []struct {
		value fmt.Stringer
		want  string
	}{
		{MetricUnspecified, "unspecified"}, {MetricSummary, "summary"}, {MetricType(9), "9"},
		{SeverityUnspecified, "unspecified"}, {SeverityWarning, "warning"},
		{SeverityFatal, "fatal"}, {Severity(200), "200"},
	}
	for _, tt := range tests {
		if got := tt.value.String(); got != tt.want {
			t.Errorf("%T: got %s, want %s", tt.value, got, tt.want)
		}
	}
}
