package kafka

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// cluster starts a fake cluster on loopback.
func cluster(t *testing.T, options ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(3, topic)},
		options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// open opens a Sender, which is closed at the end of the test, and returns its log.
func open(t *testing.T, cfg kafka.Config) (*kafka.Sender, *bytes.Buffer, error) {
	t.Helper()
	log := new(bytes.Buffer)
	cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	s, err := kafka.Open(t.Context(), cfg)
	if s != nil {
		t.Cleanup(func() {
			if err := s.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	return s, log, err
}

func allow(resource kmsg.ACLResourceType, name string, operation kmsg.ACLOperation) kfake.ACL {
	return kfake.ACL{Resource: resource, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral,
		Operation: operation, Allow: true}
}

func TestOpenExplainsRefusals(t *testing.T) {
	const (
		describe = kmsg.ACLOperationDescribe
		write    = kmsg.ACLOperationWrite
	)
	topicACL := func(operation kmsg.ACLOperation) kfake.ACL {
		return allow(kmsg.ACLResourceTypeTopic, topic, operation)
	}
	login := func(m kafka.Mechanism, password string) kafka.Security {
		return kafka.Security{Protocol: kafka.SASLPlaintext, Mechanism: m,
			Username: "alice", Password: kafka.NewSecret(password)}
	}
	withUser := func(acls ...kfake.ACL) []kfake.Opt {
		return []kfake.Opt{kfake.EnableSASL(), kfake.EnableACLs(),
			kfake.User("PLAIN", "alice", "open sesame", acls...)}
	}
	idempotent := allow(kmsg.ACLResourceTypeCluster, "kafka-cluster",
		kmsg.ACLOperationIdempotentWrite)
	for _, tt := range []struct {
		name    string
		cluster []kfake.Opt
		// the response to an authentication; kfake's own is to close the connection
		fault    *kerr.Error
		topic    string
		security kafka.Security
		is       error
		advice   string
	}{
		{"absent topic", nil, nil, "other", kafka.Security{}, nil,
			"kafka-topics.sh --bootstrap-server 127.0.0.1:"},
		{"absent topic, the setting", nil, nil, "other", kafka.Security{}, nil,
			"Config.CreateTopic=true"},
		{"wrong password", withUser(), kerr.SaslAuthenticationFailed, topic,
			login(kafka.Plain, "wrong"), kerr.SaslAuthenticationFailed, `user "alice"`},
		{"wrong password, SCRAM", []kfake.Opt{kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-512",
			"alice", "open sesame")}, kerr.SaslAuthenticationFailed, topic,
			login(kafka.ScramSHA512, "wrong"), kerr.SaslAuthenticationFailed, "SCRAM-SHA-512"},
		{"no SASL", withUser(), nil, topic, kafka.Security{}, nil,
			"want SASL; set Config.Security.Protocol to sasl_plaintext"},
		{"may neither see nor write", withUser(idempotent), nil, topic,
			login(kafka.Plain, "open sesame"),
			kerr.TopicAuthorizationFailed, "--allow-principal User:alice --operation Describe " +
				"--operation Write --topic " + topic},
		{"may see, not write", withUser(idempotent, topicACL(describe)), nil, topic,
			login(kafka.Plain, "open sesame"),
			kerr.TopicAuthorizationFailed, "--operation Write"},
		{"TLS to a broker that has none", nil, nil, topic, kafka.Security{Protocol: kafka.SSL}, nil,
			"does not speak TLS; set Config.Security.Protocol to plaintext"},
		{"brokers that are too old", []kfake.Opt{kfake.MaxVersions(kversion.V0_10_2())}, nil, topic,
			kafka.Security{}, nil, "older than Kafka 0.11"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := cluster(t, tt.cluster...)
			if tt.fault != nil {
				c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.SASLAuthenticate}, TopLevel: true,
					Err: tt.fault, Count: -1})
			}
			start := time.Now()
			s, log, err := open(t, kafka.Config{Brokers: c.ListenAddrs(), Topic: tt.topic,
				Security: tt.security, StartTimeout: 2 * time.Second})
			if err == nil || s != nil {
				t.Fatalf("Open returned no error")
			}
			if !strings.Contains(err.Error(), tt.advice) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("Open returned %q, want %q in it, and that it is %v", err, tt.advice,
					tt.is)
			}
			if strings.Contains(err.Error()+log.String(), "sesame") ||
				strings.Contains(err.Error()+log.String(), `"wrong"`) {
				t.Errorf("a password is in %q or %q", err, log)
			}
			if took := time.Since(start); took >= 2*time.Second {
				t.Errorf("Open took %v: it waited for its timeout", took)
			}
		})
	}
}

func TestOpenWithTheRightsThatREADMENames(t *testing.T) {
	for _, mechanism := range []kafka.Mechanism{kafka.Plain, kafka.ScramSHA256, kafka.ScramSHA512} {
		t.Run(string(mechanism), func(t *testing.T) {
			c := cluster(t, kfake.EnableSASL(), kfake.EnableACLs(),
				kfake.User(string(mechanism), "alice", "open sesame",
					allow(kmsg.ACLResourceTypeTopic, topic, kmsg.ACLOperationDescribe),
					allow(kmsg.ACLResourceTypeTopic, topic, kmsg.ACLOperationWrite),
				))
			_, _, err := open(t, kafka.Config{Brokers: c.ListenAddrs(), Topic: topic,
				Security: kafka.Security{
					Protocol: kafka.SASLPlaintext, Mechanism: mechanism,
					Username: "alice", Password: kafka.NewSecret("open sesame"),
				}})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestOpenCreatesTheTopicIfAsked(t *testing.T) {
	c := cluster(t)
	for range 2 { // the second time it exists
		if _, _, err := open(t, kafka.Config{Brokers: c.ListenAddrs(),
			Topic: "new", CreateTopic: true, Partitions: 7}); err != nil {
			t.Fatal(err)
		}
	}
	if info := c.TopicInfo("new"); info == nil || len(c.PartitionInfos("new")) != 7 {
		t.Errorf("the topic is %+v with %d partitions, want 7", info, len(c.PartitionInfos("new")))
	}
}

func TestTopicIsCreatedOnceTheClusterIsThere(t *testing.T) {
	s := setup{
		partitions: -1, before: func(b *bench) { b.faults.die() },
		config: func(c *kafka.Config) { c.CreateTopic = true },
	}
	s.run(t, func(b *bench) {
		b.send("thread")
		time.Sleep(20 * time.Second)
		b.faults.goOn()
		b.settle(10 * time.Second)
		b.wantAll("delivered")
	})
}

func TestOpenDoesNotWaitForBrokersThatStandStill(t *testing.T) {
	for _, timeout := range []time.Duration{100 * time.Millisecond, 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			silent := newFaults(nil)
			silent.standStill()
			start := time.Now()
			_, log, err := open(t, kafka.Config{
				Brokers: []string{"one:9092", "two:9092"}, Topic: topic, Dialer: silent.DialContext,
				StartTimeout: timeout,
			})
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took != timeout {
				t.Errorf("Open took %v, want %v", took, timeout)
			}
			if !strings.Contains(log.String(), "cannot be reached") {
				t.Errorf("the log says %q, want a warning", log)
			}
			silent.cut()
		})
	}
}

func TestOpenNeedsOneBrokerOfSeveral(t *testing.T) {
	setup{before: func(b *bench) {}, config: func(c *kafka.Config) {
		c.Brokers = append([]string{"localhost:1", "localhost:2"}, c.Brokers...)
	}}.run(t, func(b *bench) {
		b.send("thread")
		b.settle(10 * time.Second)
		b.wantAll("delivered")
	})
}

func TestOpenEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := newFaults(nil)
		silent.standStill()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s, err := kafka.Open(ctx, kafka.Config{Brokers: []string{"one:9092"}, Topic: topic,
			Dialer: silent.DialContext})
		if s != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Open returned %v, %v, want the error of its context", s, err)
		}
		silent.cut()
	})
}

// That brokers stop responding, and that they respond again, is logged once each, however often
// connections fail in between.
func TestLogSaysOnceThatBrokersAreSilent(t *testing.T) {
	log := new(bytes.Buffer)
	s := setup{config: func(c *kafka.Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) }}
	s.run(t, func(b *bench) {
		for range 3 {
			b.send("thread")
			b.settle(time.Second)
			b.faults.die()
			for range 100 {
				b.send("thread")
				time.Sleep(time.Second / 2)
			}
			b.faults.goOn()
			b.settle(10 * time.Second)
			b.wantAll("delivered")
		}
		if n := strings.Count(log.String(), "no broker responds"); n != 3 {
			t.Errorf("the log says %d times that no broker answers, want 3:\n%s", n, log)
		}
		if n := strings.Count(log.String(), "brokers respond again"); n != 3 {
			t.Errorf("the log says %d times that brokers respond again, want 3:\n%s", n, log)
		}
	})
}
