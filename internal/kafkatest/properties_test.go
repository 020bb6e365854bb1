package kafkatest

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func propertiesOf(t *testing.T, s spec, id int) map[string]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "server.properties")
	if err := os.WriteFile(file, serverProperties(layout{"/cluster"}, s, id), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := readProperties(file)
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

func TestServerProperties(t *testing.T) {
	for name, c := range map[string]struct {
		brokers, id int
		want        map[string]string
	}{
		"one broker": {1, 1, map[string]string{
			"node.id":                           "1",
			"controller.quorum.voters":          "1@127.0.0.1:21003",
			"default.replication.factor":        "1",
			"min.insync.replicas":               "1",
			"offsets.topic.replication.factor":  "1",
			"transaction.state.log.min.isr":     "1",
			"auto.create.topics.enable":         "false",
			"listener.name.ssl.ssl.client.auth": "required",
			"log.dirs":                          "/cluster/broker-1/data",
		}},
		"second of three": {3, 2, map[string]string{
			"node.id": "2",
			"controller.quorum.voters": "1@127.0.0.1:21003,2@127.0.0.1:21013," +
				"3@127.0.0.1:21023",
			"default.replication.factor":       "3",
			"min.insync.replicas":              "2",
			"offsets.topic.replication.factor": "3",
			"transaction.state.log.min.isr":    "2",
			"advertised.listeners": "PLAINTEXT://127.0.0.1:21010,SASL_SSL://127.0.0.1:21011," +
				"SSL://127.0.0.1:21012,SASL_PLAINTEXT://127.0.0.1:21014," +
				"OAUTH_UNSECURED://127.0.0.1:21015,OAUTH_JWKS://127.0.0.1:21016",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := propertiesOf(t, spec{Brokers: c.brokers, BasePort: 21000}, c.id)
			for key, want := range c.want {
				if got[key] != want {
					t.Errorf("%s = %q, want %q", key, got[key], want)
				}
			}
		})
	}
}

func TestEveryListenerIsOnLoopbackAndHasAPort(t *testing.T) {
	s := spec{Brokers: 3, BasePort: 21000}
	var addrs []string
	for id := 1; id <= 3; id++ {
		for listener := range strings.SplitSeq(propertiesOf(t, s, id)["listeners"], ",") {
			_, addr, _ := strings.Cut(listener, "://")
			if host, _, err := net.SplitHostPort(addr); err != nil || host != "127.0.0.1" {
				t.Errorf("%s is not on loopback", listener)
			}
			addrs = append(addrs, addr)
		}
	}
	slices.Sort(addrs)
	if got := len(slices.Compact(addrs)); got != 21 {
		t.Errorf("%d different addresses of three brokers, want 21", got)
	}
}

func TestPropertiesAreEscaped(t *testing.T) {
	for value, want := range map[string]string{
		"/plain path/x=1": "k=/plain path/x=1\n",
		`C:\kafka`:        `k=C:\\kafka` + "\n",
		"/tmp/Zoë/😀":      `k=/tmp/Zo\u00eb/\ud83d\ude00` + "\n",
	} {
		var p properties
		p.set("k", value)
		if string(p.text) != want {
			t.Errorf("%q: %q, want %q", value, p.text, want)
		}
	}
}

func TestFreePortsAreReservedUntilTheyAreBound(t *testing.T) {
	base, reservation, err := freePorts(3)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkPorts(base, 3); err != nil {
		t.Errorf("the ports that were chosen are not free: %v", err)
	}
	if l, err := net.Listen("tcp", loopback(base+reservedPort)); err == nil {
		_ = l.Close()
		t.Error("nothing keeps another process from choosing the same ports")
	}
	if err := reservation.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", loopback(base+reservedPort))
	if err != nil {
		t.Fatalf("the reservation outlives its end: %v", err)
	}
	_ = l.Close()
}
