package kafkatest

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

// TestRealBroker starts Kafka itself. The first run on a machine fetches it.
func TestRealBroker(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: starting Kafka takes seconds")
	}
	if err := Available(); err != nil {
		t.Skip(err)
	}
	c := start(t, Options{Dir: t.TempDir()})
	t.Run("listeners", func(t *testing.T) { checkListeners(t, c) })

	if err := c.Freeze(1); err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(t.Context(), 1); err == nil {
		t.Error("a frozen broker answers")
	}
	if err := c.Thaw(1); err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(t.Context(), 1); err != nil {
		t.Errorf("a thawed broker: %v", err)
	}

	for name, end := range map[string]func() error{
		"kill": func() error { return c.Kill(1) },
		"stop": func() error { return c.Stop(t.Context(), 1) },
	} {
		pid := pidOf(t, c, 1)
		if err := end(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkGone(t, pid)
		if err := c.Ready(t.Context(), 1); err == nil {
			t.Errorf("a broker answers after %s", name)
		}
		if err := c.Start(t.Context(), 1); err != nil {
			t.Fatalf("start after %s: %v", name, err)
		}
	}
}

func checkListeners(t *testing.T, c *Cluster) {
	for _, test := range tlsCases(c.TLS) {
		t.Run("SSL, "+test.name, func(t *testing.T) {
			conn := dial(t, c.Brokers(SSL)[0])
			_, err := ask(tls.Client(conn, clientConfig(t, c.TLS, test.ca, test.cert)),
				metadataRequest)
			if (err == nil) != test.ok {
				t.Errorf("metadata: %v, want success %v", err, test.ok)
			}
		})
	}
	for _, l := range []Listener{SASLPlaintext, SASLSSL} {
		for password, ok := range map[string]bool{c.Password: true, "wrong": false} {
			t.Run(fmt.Sprintf("%s, password %s", l, password), func(t *testing.T) {
				conn := dial(t, c.Brokers(l)[0])
				if l == SASLSSL {
					conn = tls.Client(conn, clientConfig(t, c.TLS, c.TLS.CA, ""))
				}
				if err := authenticate(conn, c.User, password); (err == nil) != ok {
					t.Errorf("authentication: %v, want success %v", err, ok)
				}
			})
		}
		for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
			t.Run(fmt.Sprintf("%s, %s", l, mechanism), func(t *testing.T) {
				conn := dial(t, c.Brokers(l)[0])
				if l == SASLSSL {
					conn = tls.Client(conn, clientConfig(t, c.TLS, c.TLS.CA, ""))
				}
				if err := offer(conn, mechanism); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// ask sends a request, including its size, and returns the response after size and correlation id.
func ask(conn net.Conn, request []byte) ([]byte, error) {
	if _, err := conn.Write(request); err != nil {
		return nil, err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(conn, head); err != nil {
		return nil, err
	}
	body := make([]byte, max(0, int64(binary.BigEndian.Uint32(head))-4))
	_, err := io.ReadFull(conn, body)
	return body, err
}

// request is a request of version 1 or older, with correlation id 1 and no client id.
func request(key, version byte, body []byte) []byte {
	head := []byte{0, key, 0, version, 0, 0, 0, 1, 0xff, 0xff}
	size := binary.BigEndian.AppendUint32(nil, uint32(len(head)+len(body)))
	return append(append(size, head...), body...)
}

// offer sends a SaslHandshake: it announces a mechanism.
func offer(conn net.Conn, mechanism string) error {
	body := binary.BigEndian.AppendUint16(nil, uint16(len(mechanism)))
	return refusal(ask(conn, request(17, 1, append(body, mechanism...))))
}

// authenticate sends a SaslAuthenticate for PLAIN.
func authenticate(conn net.Conn, user, password string) error {
	if err := offer(conn, "PLAIN"); err != nil {
		return err
	}
	token := "\x00" + user + "\x00" + password
	body := binary.BigEndian.AppendUint32(nil, uint32(len(token)))
	return refusal(ask(conn, request(36, 0, append(body, token...))))
}

// refusal returns the error code at the beginning of both responses.
func refusal(answer []byte, err error) error {
	if err != nil {
		return err
	}
	if len(answer) < 2 {
		return errShortMetadata
	}
	if code := binary.BigEndian.Uint16(answer); code != 0 {
		return fmt.Errorf("refused with Kafka's error %d", code)
	}
	return nil
}
