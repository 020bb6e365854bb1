package integration

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// wrongBroker is a start that must fail, or warn, in words that say what to do. The phrase of each
// is in the table of troubles in callback/SETTINGS.md.
type wrongBroker struct {
	name     string
	listener kafkatest.Listener
	mech     callback.SASLMechanism
	change   func(*callback.Config)
	warns    bool     // instead of an error
	phrase   string   // in the message and in the table
	says     []string // in the message: what to set, or to run
}

func wrongBrokers(t *testing.T, c *cluster) []wrongBroker {
	const protocol = "DASHSTREAM_SECURITY_PROTOCOL"
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	oldTLS, _ := tlsListener(t, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 }, time.Hour)
	expired, expiredCA := tlsListener(t, func(*tls.Config) {}, -time.Minute)
	old, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.MaxVersions(kversion.V2_0_0()),
		kfake.SeedTopics(1, c.topic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(old.Close)
	at := func(addresses ...string) func(*callback.Config) {
		return func(cfg *callback.Config) { cfg.Brokers = addresses }
	}
	return []wrongBroker{
		{name: "plaintext to TLS", listener: kafkatest.SSL, change: plain, phrase: "want TLS",
			says: []string{protocol, "ssl or sasl_ssl"}},
		{name: "TLS to plaintext", listener: kafkatest.SSL,
			change: at(c.real.Brokers(kafkatest.Plaintext)...),
			phrase: "does not speak TLS", says: []string{protocol, "plaintext or sasl_plaintext"}},
		{name: "TLS to SASL without TLS", listener: kafkatest.SSL,
			change: at(c.real.Brokers(kafkatest.SASLPlaintext)...),
			phrase: "does not speak TLS", says: []string{protocol}},
		{name: "no login where one is wanted", listener: kafkatest.SASLPlaintext, change: plain,
			phrase: "want SASL", says: []string{protocol, "sasl_plaintext"}},
		{name: "a login where none is wanted", listener: kafkatest.SASLPlaintext, mech: "PLAIN",
			change: at(c.real.Brokers(kafkatest.Plaintext)...),
			phrase: "do not want SASL", says: []string{protocol}},
		{name: "a mechanism that is not offered", listener: kafkatest.SASLPlaintext, mech: "PLAIN",
			change: at(c.real.Brokers(kafkatest.OAuthJWKS)...),
			phrase: "do not offer SASL mechanism",
			says:   []string{"PLAIN", "DASHSTREAM_SASL_MECHANISM"}},
		{name: "a web server", listener: kafkatest.Plaintext,
			change: at(strings.TrimPrefix(web.URL, "http://")), phrase: "answers in HTTP",
			says: []string{"DASHSTREAM_BROKERS"}},
		{name: "old TLS", listener: kafkatest.SSL, change: at(oldTLS),
			phrase: "no version of TLS that is safe", says: []string{"1.2"}},
		{name: "a broker's certificate that has expired", listener: kafkatest.SSL,
			change: func(cfg *callback.Config) {
				cfg.Brokers, cfg.TLSCAFile = []string{expired}, expiredCA
			}, phrase: "certificate has expired", says: []string{"clock"}},
		{name: "an authority that is not trusted", listener: kafkatest.SSL,
			change: func(cfg *callback.Config) { cfg.TLSCAFile = c.real.TLS.WrongCA },
			phrase: "authority that is not trusted", says: []string{"DASHSTREAM_SSL_CA_LOCATION"}},
		{name: "a name that is not in the certificate", listener: kafkatest.SSL,
			change: func(cfg *callback.Config) {
				to := cfg.Brokers[0]
				cfg.Brokers = []string{"kafka.example:9093"}
				cfg.Dialer = func(ctx context.Context, network, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, network, to)
				}
			}, phrase: "not for the name by which it was called",
			says: []string{"DASHSTREAM_SSL_ENDPOINT_ALGORITHM", "DASHSTREAM_BROKERS",
				"kafka.example"}},
		{name: "no client certificate", listener: kafkatest.SSL,
			change: func(cfg *callback.Config) { cfg.TLSCertFile, cfg.TLSKeyFile = "", "" },
			phrase: "most likely since they want a certificate",
			says:   []string{"DASHSTREAM_SSL_CERTIFICATE_LOCATION", "DASHSTREAM_SSL_KEY_LOCATION"}},
		{name: "a foreign client certificate", listener: kafkatest.SSL,
			change: func(cfg *callback.Config) { cfg.TLSCertFile = c.real.TLS.ForeignCert },
			phrase: "do not accept the certificate",
			says:   []string{"DASHSTREAM_SSL_CERTIFICATE_LOCATION"}},
		{name: "a wrong password", listener: kafkatest.SASLSSL, mech: "SCRAM-SHA-512",
			change: func(cfg *callback.Config) {
				cfg.SASLPassword = callback.NewSecret("letmein")
			}, phrase: "does not accept user", says: []string{"DASHSTREAM_SASL_USERNAME",
				"DASHSTREAM_SASL_PASSWORD", "SCRAM-SHA-512"}},
		{name: "a password with a blank at its end", listener: kafkatest.SASLPlaintext,
			mech: "PLAIN", change: func(cfg *callback.Config) {
				cfg.SASLPassword = callback.NewSecret(c.real.Password + " ")
			}, phrase: "the password ends in a blank"},
		{name: "a password with an invisible character", listener: kafkatest.SASLPlaintext,
			mech: "SCRAM-SHA-256", change: func(cfg *callback.Config) {
				cfg.SASLPassword = callback.NewSecret("\ufeff" + c.real.Password)
			}, phrase: "has an invisible character in it"},
		{name: "no topic", listener: kafkatest.Plaintext, change: func(cfg *callback.Config) {
			cfg.Topic = "nobody-made-this"
		},
			phrase: "does not exist", says: []string{"kafka-topics.sh", "--create",
				"DASHSTREAM_CREATE_TOPIC", "DASHSTREAM_TOPIC"}},
		{name: "old brokers", listener: kafkatest.Plaintext, change: at(old.ListenAddrs()...),
			warns: true, phrase: "older than Kafka 2.1", says: []string{"DASHSTREAM_COMPRESSION"}},
		{name: "advertised addresses out of reach", listener: kafkatest.Plaintext, warns: true,
			change: func(cfg *callback.Config) {
				to := cfg.Brokers[0]
				cfg.Brokers = []string{"bootstrap:9092"}
				cfg.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
					if address != "bootstrap:9092" {
						return nil,
							&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no such host")}
					}
					return new(net.Dialer).DialContext(ctx, network, to)
				}
			}, phrase: "addresses that its brokers advertise cannot be reached",
			says: []string{"advertised.listeners", c.real.Brokers(kafkatest.Plaintext)[0]}},
		{name: "nobody there", listener: kafkatest.Plaintext, warns: true,
			change: at("127.0.0.1:1"), phrase: "cannot be reached; starting without it",
			says: []string{"127.0.0.1:1", "refused"}},
		{name: "no such name", listener: kafkatest.Plaintext, warns: true,
			change: at("no-such-host.invalid:9092"),
			phrase: "cannot be reached; starting without it",
			says:   []string{"no-such-host.invalid"}},
	}
}

// plain connects with neither TLS nor a login.
func plain(cfg *callback.Config) {
	cfg.SecurityProtocol, cfg.TLSCAFile, cfg.TLSCertFile, cfg.TLSKeyFile = "plaintext", "", "", ""
}

// tlsListener completes TLS handshakes and sends nothing. Its certificate expires after lives.
func tlsListener(t *testing.T, change func(*tls.Config), lives time.Duration) (address, ca string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "wrong broker"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lives), IsCA: true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		0o600); err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der},
		PrivateKey: key}}, MinVersion: tls.VersionTLS10}
	change(config)
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_ = conn.(*tls.Conn).Handshake() // the client reports the result
				_, _ = conn.Read(make([]byte, 1))
				_ = conn.Close()
			}()
		}
	}()
	return l.Addr().String(), ca
}

// startOf starts a client and returns everything that it logs or returns.
func startOf(cfg callback.Config) (said string, err error) {
	log := &logBuffer{}
	cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	client, err := callback.New(cfg)
	_, _ = client.Shutdown(canceled())
	if err != nil {
		return log.String() + err.Error(), err
	}
	return log.String(), nil
}

func TestAStartAgainstAWrongBrokerSaysWhatToDo(t *testing.T) {
	c := realCluster(t)
	docs, err := os.ReadFile("../../callback/SETTINGS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range wrongBrokers(t, c) {
		t.Run(tt.name, func(t *testing.T) {
			cfg := c.secure(tt.listener, tt.mech)
			tt.change(&cfg)
			begin := time.Now()
			said, err := startOf(cfg)
			if (err != nil) == tt.warns {
				t.Errorf("New returned %v", err)
			}
			for _, want := range append(tt.says, tt.phrase) {
				if !strings.Contains(said, want) {
					t.Errorf("it does not say %q: %s", want, said)
				}
			}
			if strings.Contains(said, "letmein") || strings.Contains(said, c.real.Password) ||
				strings.Contains(said, "Config.Security.") {
				t.Errorf("it says %s", said)
			}
			if took := time.Since(begin); took > 8*time.Second {
				t.Errorf("it took %v", took)
			}
			if !strings.Contains(string(docs), tt.phrase) {
				t.Errorf("%q is not in the table of troubles of callback/SETTINGS.md", tt.phrase)
			}
			t.Logf("%v: %s", time.Since(begin).Round(time.Millisecond), said)
		})
	}
}

// The advice of a start without permissions grants them, to the name by which brokers know the
// client.
func TestTheAdvisedRightsAreEnough(t *testing.T) {
	for _, tt := range []struct {
		name      string
		listener  kafkatest.Listener
		mech      callback.SASLMechanism
		principal string
	}{
		{"a certificate", kafkatest.SSL, "", "User:CN=client"},
		{"a user", kafkatest.SASLSSL, "SCRAM-SHA-512", "User:dashstream"},
		{"a token", kafkatest.OAuthJWKS, "OAUTHBEARER", "User:agent-7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := realCluster(t)
			c.allow(t, "User:somebody-else") // from now on nobody else may
			cfg := c.secure(tt.listener, tt.mech)
			if tt.mech == "OAUTHBEARER" {
				cfg.SecurityProtocol, cfg.SASLUsername, cfg.SASLPassword = "sasl_plaintext", "",
					callback.Secret{}
				cfg.SASLToken = func(context.Context) (string, time.Time, error) {
					token, err := c.real.Token("agent-7", time.Minute)
					return token, time.Time{}, err
				}
			}
			said, err := startOf(cfg)
			if err == nil ||
				!strings.Contains(said, "--operation Describe --operation Write --topic "+
					c.topic) ||
				!strings.Contains(strings.ReplaceAll(said, "'", ""), "--allow-principal "+
					tt.principal+" ") {
				t.Fatalf("%v; it says %s", err, said)
			}
			c.allow(t, tt.principal)
			if said, err := startOf(cfg); err != nil {
				t.Errorf("with the rights that were advised: %v %s", err, said)
			}
		})
	}
}

// allow grants a principal the permissions that the SDK needs, and waits until brokers know.
func (c *cluster) allow(t *testing.T, principal string) {
	t.Helper()
	admin, err := kgo.NewClient(kgo.SeedBrokers(c.brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	req := kmsg.NewPtrCreateACLsRequest()
	for _, operation := range []kmsg.ACLOperation{kmsg.ACLOperationDescribe,
		kmsg.ACLOperationWrite} {
		acl := kmsg.NewCreateACLsRequestCreation()
		acl.ResourceType, acl.ResourceName = kmsg.ACLResourceTypeTopic, c.topic
		acl.ResourcePatternType = kmsg.ACLResourcePatternTypeLiteral
		acl.Principal, acl.Host, acl.Operation, acl.PermissionType = principal, "*", operation,
			kmsg.ACLPermissionTypeAllow
		req.Creations = append(req.Creations, acl)
	}
	resp, err := req.RequestWith(deadline(t, 30*time.Second), admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resp.Results {
		if r.ErrorCode != 0 {
			t.Fatalf("creating ACLs: error %d", r.ErrorCode)
		}
	}
	after(500 * time.Millisecond)
}
