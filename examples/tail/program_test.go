package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// topicOf returns brokers, those that the environment names or one inside this process, and a topic with the records.
func topicOf(t *testing.T, records []*kgo.Record) (brokers, topic string) {
	t.Helper()
	if brokers = kafkatest.Brokers(t); brokers == "" {
		fake, err := kfake.NewCluster(kfake.NumBrokers(1))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(fake.Close)
		brokers = strings.Join(fake.ListenAddrs(), ",")
	}
	topic = fmt.Sprintf("tail-test-%d", time.Now().UnixNano())
	t.Setenv("DASHSTREAM_TOPIC_PARTITIONS", "1")
	client := clientOf(t, brokers, topic)
	if _, err := client.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	writer, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...), kgo.DefaultProduceTopic(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	for _, r := range records {
		if err := writer.ProduceSync(t.Context(), &kgo.Record{Key: r.Key, Value: r.Value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	return brokers, topic
}

// clientOf returns a client that creates the topic, and reports nothing of itself.
func clientOf(t *testing.T, brokers, topic string) *callback.Client {
	t.Helper()
	cfg, err := callback.ConfigFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Brokers, cfg.Topic, cfg.CreateTopic, cfg.SelfMetrics = strings.Split(brokers, ","), topic, true, "off"
	client, err := callback.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestTopicIsPrintedAsItIsAskedFor(t *testing.T) {
	brokers, topic := topicOf(t, everything())
	for _, c := range []struct {
		args  []string
		lines int
		first string // of the first line, a part
	}{
		{[]string{"--from=start", "--count=25"}, 25, "graph_start"},
		{[]string{"--from=9", "--count=1"}, 1, "quality"},
		{[]string{"--from=-1h", "--count=3"}, 3, "graph_start"},
		{[]string{"--from=start", "--kind=gap", "--count=1"}, 1, "gap: 13..15 missing"},
		{[]string{"--from=start", "--thread=conv*", "--kind=metrics", "--count=1"}, 1, "quality"},
		{[]string{"--from=start", "--json", "--kind=tool_execution", "--count=2"}, 2, `"arguments":{"q":"Go","n":9007199254740993}`},
	} {
		var stdout, stderr bytes.Buffer
		args := append(c.args, "--brokers", brokers, "--topic", topic, "--for=30s")
		if code := run(t.Context(), args, &stdout, &stderr); code != exitDone {
			t.Errorf("%q: exit code %d: %s", c.args, code, &stderr)
		}
		first, _, _ := strings.Cut(stdout.String(), "\n")
		if n := strings.Count(stdout.String(), "\n"); n != c.lines || !strings.Contains(first, c.first) || strings.Contains(stdout.String(), "\x1b") {
			t.Errorf("%q: %d lines, want %d beginning with %q:\n%s", c.args, n, c.lines, c.first, &stdout)
		}
	}
}

func TestWhatIsWrittenNowIsPrintedLive(t *testing.T) {
	brokers, topic := topicOf(t, everything())
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	stdout, out := io.Pipe()
	stderr, said := io.Pipe()
	code := make(chan int)
	go func() {
		code <- run(ctx, []string{"--brokers", brokers, "--topic", topic, "--json", "--count=2"}, out, said)
		out.Close() //nolint:errcheck // never fails
	}()
	if n, err := stderr.Read(make([]byte, 1)); n != 1 || err != nil { // it is reading now
		t.Fatal(err)
	}
	go io.Copy(io.Discard, stderr) //nolint:errcheck // whatever else it says

	client := clientOf(t, brokers, topic)
	run := client.StartRun(callback.RunInfo{ThreadID: "live"})
	run.End(nil)
	if _, err := client.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(stdout)
	for _, want := range []string{"EVENT_TYPE_GRAPH_START", "EVENT_TYPE_GRAPH_END"} {
		var line struct {
			Event struct {
				Header struct {
					Thread string `json:"thread_id"`
				}
				Type string `json:"event_type"`
			}
		}
		if err := dec.Decode(&line); err != nil || line.Event.Type != want || line.Event.Header.Thread != "live" {
			t.Fatalf("%+v (%v), want %s", line, err, want)
		}
	}
	if c := <-code; c != exitDone {
		t.Errorf("exit code %d", c)
	}
}

func TestTopicThatCannotBeReadIsNamed(t *testing.T) {
	brokers, _ := topicOf(t, nil)
	start := time.Now()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close() //nolint:errcheck // it only held the port
	t.Setenv("DASHSTREAM_START_TIMEOUT", "1s")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--brokers", brokers, "--topic=absent"}, exitRead, `topic "absent"`},
		{[]string{"--brokers", nobody.Addr().String()}, exitRead, `topic "dashstream-events": the cluster does not answer`},
		{[]string{"--topic=no topic"}, exitUsage, "no topic"},
		{[]string{"--count=many"}, exitUsage, "see tail --help"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), c.args, &stdout, &stderr); code != c.code || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%q: exit code %d, want %d with %q: %s", c.args, code, c.code, c.says, &stderr)
		}
	}
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("it took %v", took)
	}
	t.Setenv("KAFKA_SECURITY_PROTOCOL", "carrier pigeon")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), nil, &stdout, &stderr); code != exitUsage || !strings.Contains(stderr.String(), "KAFKA_SECURITY_PROTOCOL") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}

func TestItEndsWhenItsTimeIsOverAndWhenNobodyReads(t *testing.T) {
	brokers, topic := topicOf(t, everything())
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"--brokers", brokers, "--topic", topic, "--for=200ms"}, &stdout, &stderr); code != exitDone || stdout.Len() > 0 {
		t.Errorf("exit code %d: %s%s", code, &stdout, &stderr)
	}
	closed, w := io.Pipe()
	closed.Close() //nolint:errcheck // never fails
	if code := run(t.Context(), []string{"--brokers", brokers, "--topic", topic, "--from=start"}, w, &stderr); code != exitDone {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}
