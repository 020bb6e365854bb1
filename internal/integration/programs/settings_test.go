package programs

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/dashstream/dashstream-go/callback"
)

// usage is how each program is started, and its exit code for a wrong flag or environment variable.
var usage = map[string]struct {
	args []string
	code int
}{
	"replay":     {[]string{sample}, 2},
	"tail":       {[]string{"--for=1s"}, 2},
	"quickstart": {[]string{"--runs=1"}, 2},
}

// wrongVariables are environments that every program must reject, with a part of the error.
func wrongVariables(t *testing.T) (rows []struct{ name, value, says string }) {
	t.Helper()
	add := func(name, value, says string) {
		rows = append(rows, struct{ name, value, says string }{name, value, says})
	}
	for _, s := range callback.Settings() {
		if s.Allowed == "any text" {
			continue
		}
		for _, name := range append([]string{s.Env}, s.Also...) {
			add(name, "\a", name) // no setting's value may have a control character in it
		}
	}
	if len(rows) < 40 {
		t.Fatalf("%d settings", len(rows))
	}
	add("KAFKA_SECURITY_PROTOCOL", "tls13", "KAFKA_SECURITY_PROTOCOL")
	add("KAFKA_BROKERS", ",,", "KAFKA_BROKERS")
	add("KAFKA_BROKERS", "localhost", "KAFKA_BROKERS")
	add("DASHSTREAM_QUEUE_BYTES", "much", "DASHSTREAM_QUEUE_BYTES")
	add("DASHSTREAM_MAX_PERMITS", "-1", "DASHSTREAM_MAX_PERMITS")
	return rows
}

func TestEveryProgramNamesTheVariableThatIsWrong(t *testing.T) {
	rows := wrongVariables(t)
	if testing.Short() {
		rows = rows[len(rows)-12:]
	}
	for program, u := range usage {
		for _, row := range rows {
			o := run(t, []string{row.name + "=" + row.value}, program, u.args...)
			// a value that is one, and does not fit the others
			apart := program == "replay" && o.code == 4
			if o.code != u.code && !apart || !strings.Contains(o.stderr, row.says) ||
				strings.Contains(o.stdout, "{") {
				t.Errorf("%s with %s=%q: exit code %d, want %d: %s", program, row.name, row.value,
					o.code, u.code, o.stderr)
			}
		}
	}
}

// Settings that are wrong in combination, and wrong places.
func TestEveryProgramSaysWhatIsWrong(t *testing.T) {
	closed := closedPort(t)
	secured := fake(t, kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.Superuser("PLAIN", "root", "secret"), kfake.User("PLAIN", "ada", "secret"),
		kfake.SeedTopics(1, "dashstream-events"))
	brokers := fake(t)
	quick := []string{"DASHSTREAM_START_TIMEOUT=500ms", "DASHSTREAM_DELIVERY_TIMEOUT=1s",
		"DASHSTREAM_SHUTDOWN_TIMEOUT=1s"}
	login := func(user, password string) []string {
		return []string{
			"KAFKA_BROKERS=" + secured, "KAFKA_SECURITY_PROTOCOL=sasl_plaintext",
			"KAFKA_SASL_MECHANISM=PLAIN", "KAFKA_SASL_USERNAME=" + user,
			"KAFKA_SASL_PASSWORD=" + password,
		}
	}
	type end struct {
		code int
		says string
	}
	for name, tt := range map[string]struct {
		env  []string
		args []string
		want map[string]end
	}{
		"a mechanism is missing": {[]string{"KAFKA_SECURITY_PROTOCOL=sasl_ssl"}, nil,
			map[string]end{"replay": {4, "DASHSTREAM_SASL_MECHANISM"},
				"tail":       {2, "DASHSTREAM_SASL_MECHANISM"},
				"quickstart": {2, "DASHSTREAM_SASL_MECHANISM"}}},
		"a certificate is absent": {[]string{"KAFKA_SECURITY_PROTOCOL=ssl",
			"KAFKA_SSL_CA_LOCATION=absent.pem"}, nil,
			map[string]end{"replay": {4, "absent.pem"}, "tail": {2, "absent.pem"},
				"quickstart": {2, "absent.pem"}}},
		"a topic that cannot be": {nil, []string{"--topic=no topic"},
			map[string]end{"replay": {4, "no topic"}, "tail": {2, "no topic"},
				"quickstart": {2, "no topic"}}},
		"a topic that is absent": {[]string{"KAFKA_BROKERS=" + brokers}, []string{"--topic=absent"},
			map[string]end{"replay": {4, "DASHSTREAM_CREATE_TOPIC"},
				"tail":       {1, "DASHSTREAM_CREATE_TOPIC"},
				"quickstart": {2, "DASHSTREAM_CREATE_TOPIC"}}},
		"nobody listens": {[]string{"KAFKA_BROKERS=" + closed}, nil,
			map[string]end{"replay": {5, "cannot be reached"}, "tail": {1, "connection refused"},
				"quickstart": {2, "connection refused"}}},
		"no rights": {login("ada", "secret"), nil,
			map[string]end{"replay": {4, "kafka-acls.sh"}, "tail": {1, "kafka-acls.sh"},
				"quickstart": {2, "kafka-acls.sh"}}},
		"a flag": {nil, []string{"--frobnicate"}, map[string]end{"replay": {2, "-frobnicate"},
			"tail": {2, "-frobnicate"}, "quickstart": {2, "-frobnicate"}}},
	} {
		for program, want := range tt.want {
			t.Run(name+"/"+program, func(t *testing.T) {
				o := run(t, append(quick, tt.env...), program,
					append(usage[program].args, tt.args...)...)
				if o.code != want.code || !strings.Contains(o.stderr, want.says) {
					t.Errorf("exit code %d, want %d with %q:\n%s", o.code, want.code, want.says,
						o.stderr)
				}
			})
		}
	}
}

func TestTheQuickstartCreatesATopicIfItIsTold(t *testing.T) {
	env := []string{"KAFKA_BROKERS=" + fake(t)}
	o := run(t, env, "quickstart", "--runs=1", "--create-topic", "--topic=new")
	if o.code != 0 || !strings.Contains(o.stdout, "every message was read back") {
		t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
}

// closedPort returns an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // that is the point
	return l.Addr().String()
}

func TestNobodyWatches(t *testing.T) {
	brokers := fake(t)
	topic := newTopic(t, brokers, 1, conversation)
	env := []string{"KAFKA_BROKERS=" + brokers, "KAFKA_TOPIC=" + topic, "TERM=xterm"}
	for program, args := range map[string][]string{
		"replay": {sample}, "tail": {"--from=start", "--count=5"}, "quickstart": {"--runs=2"},
	} {
		if o := run(t, env, program, args...); o.code != 0 || strings.Contains(o.stdout+o.stderr,
			"\x1b") {
			t.Errorf("%s without a terminal: exit code %d: %s%s", program, o.code, o.stdout,
				o.stderr)
		}
	}
	if runtime.GOOS == "windows" {
		t.Skip("no shell that closes what a program writes to: that is not tested on Windows")
	}
	code := filepath.Join(t.TempDir(), "code")
	for program, tt := range map[string]struct {
		args          string
		gone, nothing string // exit codes: nobody reads what it prints; it has nothing to print to
	}{
		"replay": {sample, "1", "0"}, "tail": {"--from=start --count=5", "0", "0"},
		"quickstart": {"--runs=2", "0", "0"},
	} {
		said := func(script, want string) {
			t.Helper()
			if out, err := shell(t, env, script); err != nil {
				t.Fatalf("%s: %v: %s", script, err, out)
			}
			text, err := os.ReadFile(code)
			if err != nil || strings.TrimSpace(string(text)) != want {
				t.Errorf("%s: exit code %s, want %s (%v)", script, text, want, err)
			}
		}
		said(fmt.Sprintf("{ sleep 0.2; %s/%s %s; echo $? >%s; } | :", binaries, program, tt.args,
			code), tt.gone)
		said(fmt.Sprintf("%s/%s %s >&- 2>&- <&-; echo $? >%s", binaries, program, tt.args, code),
			tt.nothing)
	}
}
