package kafka

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/kafka"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// passing is a trouble that an operator causes and undoes while a Sender is running.
type passing struct {
	*bench
	log   *logbook
	admin *kgo.Client
}

// forHow returns how long a trouble lasts: short, or long if DASHSTREAM_LONG is set.
func forHow(short, long time.Duration) time.Duration {
	if os.Getenv("DASHSTREAM_LONG") != "" {
		return long
	}
	return short
}

// newPassing opens a Sender for a new topic on a listener of a real cluster.
func newPassing(
	t *testing.T, listener kafkatest.Listener, security func(*kafkatest.Cluster) kafka.Security,
) *passing {
	t.Helper()
	c := kafkatest.FromEnv(t)
	if c == nil {
		t.Skip("DASHSTREAM_TEST_KAFKA_DIR is not set: there is no real Kafka")
	}
	p := &passing{
		bench: newBench(t, c.Brokers(kafkatest.Plaintext),
			fmt.Sprintf("passing-%d", time.Now().UnixNano()), new(net.Dialer).DialContext),
		log: new(logbook),
	}
	var err error
	if p.admin, err = kgo.NewClient(kgo.SeedBrokers(p.brokers...)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.admin.Close)
	p.createTopic()
	p.open(func(cfg *kafka.Config) {
		cfg.Brokers, cfg.Security = c.Brokers(listener), security(c)
		cfg.Logger = slog.New(slog.NewTextHandler(p.log, nil))
	})
	t.Cleanup(p.close)
	return p
}

func (p *passing) createTopic() {
	p.t.Helper()
	req := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = p.topic, 6, -1
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(p.t.Context(), p.admin)
	if err == nil {
		err = kerr.ErrorForCode(resp.Topics[0].ErrorCode)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *passing) deleteTopic() {
	p.t.Helper()
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TopicNames = []string{p.topic}
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = &p.topic
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(p.t.Context(), p.admin)
	if err == nil {
		err = kerr.ErrorForCode(resp.Topics[0].ErrorCode)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// denyWriting forbids a user to write to the topic, and returns a function that undoes it.
func (p *passing) denyWriting(user string) (undo func()) {
	p.t.Helper()
	rule := kmsg.NewCreateACLsRequestCreation()
	rule.ResourceType, rule.ResourceName = kmsg.ACLResourceTypeTopic, p.topic
	rule.ResourcePatternType = kmsg.ACLResourcePatternTypeLiteral
	rule.Principal, rule.Host, rule.Operation, rule.PermissionType = "User:"+user, "*",
		kmsg.ACLOperationWrite, kmsg.ACLPermissionTypeDeny
	req := kmsg.NewPtrCreateACLsRequest()
	req.Creations = append(req.Creations, rule)
	resp, err := req.RequestWith(p.t.Context(), p.admin)
	if err == nil {
		err = kerr.ErrorForCode(resp.Results[0].ErrorCode)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return func() {
		filter := kmsg.NewDeleteACLsRequestFilter()
		filter.ResourceType, filter.ResourceName = rule.ResourceType, &p.topic
		filter.ResourcePatternType = rule.ResourcePatternType
		filter.Operation, filter.PermissionType = kmsg.ACLOperationAny, kmsg.ACLPermissionTypeAny
		req := kmsg.NewPtrDeleteACLsRequest()
		req.Filters = append(req.Filters, filter)
		resp, err := req.RequestWith(p.t.Context(), p.admin)
		if err == nil {
			err = kerr.ErrorForCode(resp.Results[0].ErrorCode)
		}
		if err != nil {
			p.t.Error(err)
		}
	}
}

// arrivedInAll returns how many records are in the topic.
func (p *passing) arrivedInAll() (n int) {
	for _, ids := range p.arrived() {
		n += len(ids)
	}
	return n
}

// load sends for d, at about 200 batches a second.
func (p *passing) load(d time.Duration) {
	for end, i := time.Now().Add(d), 0; time.Now().Before(end); i++ {
		for range 2 {
			p.send(fmt.Sprint("thread ", i%30))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// through causes the trouble, keeps it for a while, undoes it, and checks that nothing was lost and
// that the log has it once, with these words.
func (p *passing) through(lasts time.Duration, begin, end func(), words ...string) {
	p.t.Helper()
	p.load(2 * time.Second)
	begin()
	p.load(lasts)
	waiting := p.left()
	end()
	p.load(12 * time.Second)
	p.settle(time.Minute)
	p.wantAll("delivered")
	p.t.Logf("%v, %d of them waiting when it was over, the slowest for %v; last error %q",
		p.count(), waiting, p.slowest(), p.sender.Stats().LastError)
	p.close()
	p.check(true, false)
	if n := len(p.log.lines(append([]string{"level=WARN"}, words...)...)); n != 1 {
		p.t.Errorf("%d lines say that it begins, in the words %q, want 1:\n%s", n, words, p.log)
	}
	if n := len(p.log.lines("level=INFO", "kafka: over", words[0])); n != 1 {
		p.t.Errorf("%d lines say that it is over, want 1:\n%s", n, p.log)
	}
	if waiting == 0 {
		p.t.Error("nothing had to wait: the trouble was none")
	}
}

// cutNowAndThen cuts all connections at intervals, until the returned function is called: brokers
// check logins and certificates only when a connection begins.
func (p *passing) cutNowAndThen() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			p.faults.cut()
			select {
			case <-done:
				return
			case <-time.After(time.Second):
			}
		}
	}()
	return func() { close(done); <-ended }
}

func TestRealPasswordIsRefusedForAWhile(t *testing.T) {
	user := fmt.Sprintf("rotating-%d", time.Now().UnixNano())
	var admin *kgo.Client
	setPassword := func(password string) {
		const iterations = 4096
		salt := []byte("0123456789abcdef")
		salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
		if err != nil {
			t.Fatal(err)
		}
		req := kmsg.NewPtrAlterUserSCRAMCredentialsRequest()
		up := kmsg.NewAlterUserSCRAMCredentialsRequestUpsertion()
		up.Name, up.Mechanism, up.Iterations = user, 1, iterations
		up.Salt, up.SaltedPassword = salt, salted
		req.Upsertions = append(req.Upsertions, up)
		resp, err := req.RequestWith(t.Context(), admin)
		if err == nil {
			err = kerr.ErrorForCode(resp.Results[0].ErrorCode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p := newPassing(t, kafkatest.SASLPlaintext, func(c *kafkatest.Cluster) kafka.Security {
		var err error
		if admin, err = kgo.NewClient(kgo.SeedBrokers(c.Brokers(kafkatest.Plaintext)...)); err !=
			nil {
			t.Fatal(err)
		}
		t.Cleanup(admin.Close)
		setPassword("first")
		time.Sleep(2 * time.Second) // until all brokers know
		return kafka.Security{Protocol: kafka.SASLPlaintext, Mechanism: kafka.ScramSHA256,
			Username: user, Password: kafka.NewSecret("first")}
	})
	var stop func()
	p.through(forHow(8*time.Second, 30*time.Second),
		func() { setPassword("second"); stop = p.cutNowAndThen() },
		func() { setPassword("first"); stop() },
		"kind=SASL_AUTHENTICATION_FAILED", "does not accept user")
}

func TestRealRightIsTakenAwayForAWhile(t *testing.T) {
	p := newPassing(t, kafkatest.SASLPlaintext, func(c *kafkatest.Cluster) kafka.Security {
		return kafka.Security{Protocol: kafka.SASLPlaintext, Mechanism: kafka.ScramSHA512,
			Username: c.User, Password: kafka.NewSecret(c.Password)}
	})
	var undo func()
	p.through(forHow(8*time.Second, 30*time.Second),
		func() { undo = p.denyWriting("dashstream") },
		func() { undo() },
		"kind=TOPIC_AUTHORIZATION_FAILED", "kafka-acls.sh")
}

func TestRealTopicIsAwayForAWhile(t *testing.T) {
	p := newPassing(t, kafkatest.Plaintext, func(*kafkatest.Cluster) kafka.Security {
		return kafka.Security{}
	})
	before := 0
	p.load(2 * time.Second)
	p.settle(time.Minute)
	before = len(p.outcome)
	p.deleteTopic()
	p.load(forHow(12*time.Second, time.Minute))
	p.createTopic()
	p.load(10 * time.Second)
	p.settle(time.Minute)
	p.wantAll("delivered")
	arrived := p.arrivedInAll()
	p.t.Logf("%d before, %d in all, %d in the new topic; the slowest took %v", before,
		len(p.outcome), arrived, p.slowest())
	if arrived < len(p.outcome)-before {
		t.Errorf("%d records are in the new topic, want at least the %d that were sent without one",
			arrived, len(p.outcome)-before)
	}
	p.close()
	if n := len(p.log.lines("level=WARN", "kind=UNKNOWN_TOPIC", "topic")); n < 1 || n > 2 {
		t.Errorf("%d lines say that the topic is away, or another one, want 1 or 2:\n%s", n, p.log)
	}
}

func TestRealCertificateIsReplaced(t *testing.T) {
	dir := t.TempDir()
	cert := filepath.Join(dir, "client.pem")
	var tls kafkatest.TLSFiles
	install := func(from string) {
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(cert+".new", data, 0o600)
		}
		if err == nil {
			err = os.Rename(cert+".new", cert)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p := newPassing(t, kafkatest.SSL, func(c *kafkatest.Cluster) kafka.Security {
		tls = c.TLS
		install(tls.Cert)
		return kafka.Security{Protocol: kafka.SSL, CAFile: tls.CA, CertFile: cert, KeyFile: tls.Key}
	})
	var stop func()
	p.through(forHow(8*time.Second, 30*time.Second),
		func() { install(tls.ForeignCert); stop = p.cutNowAndThen() },
		func() { install(tls.Cert); stop() },
		"kind=certificate", "do not accept the certificate")
}
