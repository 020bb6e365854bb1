package settings

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

func TestWhatErrorsShow(t *testing.T) {
	for _, shown := range []string{
		"", "gzip", "zstd:3", "SCRAM-SHA-1", "64Mi", "5m1s", "-1", "0x10", "NaN", "1e400",
		"/etc/ssl/certs/ca.pem", "ca.pem", "/Users/JohnSmith/KafkaCerts",
		"a b", "a\nb", "my service", "5m", "64 M", "C:/certs/client.key", "five seconds", "straße",
		"topic_2", "ten", strings.Repeat("x", 250),
	} {
		if got := Shown(shown); got[0] != '"' {
			t.Errorf("%q is not shown: %s", shown, got)
		}
	}
	for _, hidden := range []string{
		"q7Kx9vTz2LmN4pR8s", "p@ssw0rd", "user:pass@host", "-----BEGIN PRIVATE KEY-----\nMIIB",
		"AKIAIOSFODNN7EXAMPLE", "d57995aa-797c-a96e-35f5-a4d7eb9d9aba",
		"bWFkZSB1cCBrZXksIG1hZGUgdXAga2V5Cg==", "a=b", "{\"a\":1}",
		"Endpoint=sb://x;SharedAccessKey=y", "ghp_0123456789abcdefghijABCDEFGHIJ012345",
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", strings.Repeat("word ", 100),
		"$ConnectionString", "sk-lf-940822c5-32a4-dbd9-95e4-4410351eabb8", "AKIAVQKIJUASPTNQLPIJ",
		"A3-ELWZBU-544875-IMZUX-CWDHE-QXRGE-TOXQP", "55555555-5555-5555-5555-555555555555",
	} {
		if got := Shown(hidden); got[0] == '"' || strings.Contains(got, hidden) {
			t.Errorf("%q is shown: %s", hidden, got)
		}
	}
}

func TestNoKnownFormIsShown(t *testing.T) {
	for seed := range uint64(30) {
		for _, key := range corpus.NewMaker(seed).Tokens() {
			if got := Shown(key.Text); strings.Contains(got, key.Text) {
				t.Errorf("%s of seed %d is shown: %s", key.Rule, seed, got)
			}
		}
	}
}

func TestWhatIsWrongWithAnAddress(t *testing.T) {
	for address, want := range map[string]string{
		"kafka":                        `"kafka", without a port`,
		"kafka:":                       "port",
		"kafka:0":                      `port "0"`,
		"kafka:65536":                  `port "65536"`,
		":9092":                        "without a host",
		"kafka://b-1.x:9092/":          "want b-1.x:9092 alone",
		"SASL_SSL://b:9092":            `"SASL_SSL://"`,
		"user:secret@b:9092":           "want b:9092 alone",
		"sasl://user:p@ss/word@b:9092": "want b:9092 alone",
		"b:9092;c:9092":                "separated by commas",
		"b:9092 c:9092":                "separated by commas",
		"fd00::1":                      "[fd00::1]:9092",
		"pkc-4nym6.us-east-1.aws.confluent.cloud":             `"pkc-4nym6.us-east-1.aws.confluent.cloud", without a port`,
		"b-1.name.ab12cd.c2.kafka.eu-central-1.amazonaws.com": "b-1.name.ab12cd",
		"q7kx9vtz2lmn4pr8s":                                   "(17 characters, not shown)",
		"q7kx9vtz2lmn4pr8s:9092:1":                            "not shown",
		"host:q7kx9vtz2lmn4pr8s":                              "port that is not a number",
	} {
		if BrokerAddress.OK(address) {
			t.Errorf("%q is taken", address)
		}
		got := BrokerAddress.Why(address)
		if !strings.Contains(got, want) || strings.Contains(got, "secret") ||
			strings.Contains(got, "p@ss") || strings.Contains(got, "q7kx") {
			t.Errorf("%q %s, want %q in it", address, got, want)
		}
	}
	for _, address := range []string{"a:1", "[::1]:9092", "b-1.x.y:65535", "10.0.0.1:9092"} {
		if !BrokerAddress.OK(address) {
			t.Errorf("%q is refused: %s", address, BrokerAddress.Why(address))
		}
	}
}

type config struct{ A, B string }

var table = Table[config]{Package: "test", Rows: []Row[config]{
	Text("X_A", "A", func(c *config) *string { return &c.A }, "", AnyText,
		"").With("OTHER_A").In("group"),
	Text("X_BEE", "B", func(c *config) *string { return &c.B }, "", AnyText,
		"").With("OTHER_B").In("group"),
}}

func TestOneVariableOfOursMakesAGroupOurs(t *testing.T) {
	for _, tt := range []struct {
		vars    map[string]string
		want    config
		ignored map[string]string
	}{
		{map[string]string{"OTHER_A": "a", "OTHER_B": "b"}, config{"a", "b"}, map[string]string{}},
		{map[string]string{"OTHER_A": "a", "OTHER_B": "b", "X_A": ""}, config{"a", "b"},
			map[string]string{}},
		{map[string]string{"OTHER_A": "a", "OTHER_B": "b", "X_A": "x"}, config{"x", ""},
			map[string]string{"B": "OTHER_B is ignored, because X_A is set"}},
		{map[string]string{"OTHER_A": "a", "X_BEE": "x"}, config{"", "x"},
			map[string]string{"A": "OTHER_A is ignored, because X_BEE is set"}},
	} {
		read, err := table.From(func(name string) (string, bool) {
			v, ok := tt.vars[name]
			return v,
				ok
		})
		if err != nil || read.Config != tt.want || !reflect.DeepEqual(read.Ignored, tt.ignored) {
			t.Errorf("%v: %+v, %v", tt.vars, read, err)
		}
	}
}

func TestUnknownVariablesAreToldWithTheNearestName(t *testing.T) {
	got := table.Unknown([]string{
		"X_BE=1", "X_A=1", "X_EMPTY=", "OTHER_C=1", "PATH=/", "X_SERVICE_HOST=10.0.0.1",
		"X_SERVICE_PORT=80", "X_SERVICE_PORT_HTTP=80",
		"X_PORT=tcp://10.0.0.1:80", "X_PORT_80_TCP=tcp://10.0.0.1:80",
		"X_PORT_80_TCP_ADDR=10.0.0.1", "X_B_SERVICE_HOST=10.0.0.1", "X_PORT_A=1", "X_TEST_1=1",
		"x_bee=1", "X_" + strings.Repeat("Y", 10_000) + "=1", "=C:=1", "",
	}, "X_", "X_TEST_")
	if len(got) != 4 || got[0] != "X_BE (nearest: X_BEE)" ||
		!strings.HasPrefix(got[1], "X_PORT_A (nearest: ") || got[3] != "x_bee (nearest: X_BEE)" {
		t.Errorf("%.300q", got)
	}
}

func FuzzShownIsOneLine(f *testing.F) {
	f.Add("a:1")
	f.Add("sasl://user:password@host:9092")
	f.Fuzz(func(t *testing.T, s string) {
		for _, said := range []string{Shown(s), wrongAddress(s), FilePath.Why(s)} {
			if said == "" || strings.ContainsAny(said, "\n\x00") {
				t.Errorf("%q: %q", s, said)
			}
		}
	})
}
