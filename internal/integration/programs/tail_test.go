package programs

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func TestTopicIsPrintedAsItIsAskedFor(t *testing.T) {
	brokers := cluster(t)
	topic := newTopic(t, brokers, 1, conversation)
	produce(t, brokers, topic, skipped(t, "gappy", 1), skipped(t, "gappy", 5),
		&kgo.Record{Key: []byte("broken"), Value: []byte{7}})
	for _, c := range []struct {
		args  []string
		lines int
		first string // of the first line, a part
	}{
		{[]string{"--from=start", "--count=24"}, 24, "graph_start"},
		{[]string{"--from=-1h", "--count=3"}, 3, "graph_start"},
		{[]string{"--from=start", "--kind=gap", "--count=1"}, 1, "gap: 2..4 missing"},
		{[]string{"--from=start", "--thread=conv*", "--kind=metrics", "--count=1"}, 1, "quality"},
		{[]string{"--from=start", "--json", "--kind=tool_execution", "--count=2"}, 2,
			`"arguments":{"n":9007199254740993,"q":"Go"}`},
		{[]string{"--from=start", "--kind=tool_execution", "--count=1"}, 1,
			"plan          web started"},
		{[]string{"--state=conversation-7", "--json", "--count=3"}, 3,
			`"state":{"question":"where?"}`},
		{[]string{"--from=1", "--count=1"}, 1, "token_chunk"},
	} {
		o := run(t, nil, "tail", append(c.args, "--brokers", brokers, "--topic", topic,
			"--for=60s")...)
		if o.code != 0 {
			t.Errorf("%q: exit code %d: %s", c.args, o.code, o.stderr)
		}
		first, _, _ := strings.Cut(o.stdout, "\n")
		if n := strings.Count(o.stdout, "\n"); n != c.lines || !strings.Contains(first, c.first) ||
			strings.Contains(o.stdout, "\x1b") {
			t.Errorf("%q: %d lines, want %d beginning with %q:\n%s", c.args, n, c.lines, c.first,
				o.stdout)
		}
	}
}

// skipped is a record of a thread with this number.
func skipped(t *testing.T, thread string, number uint64) *kgo.Record {
	t.Helper()
	id := fmt.Appendf(nil, "%-*d", pb.MessageIDBytes, number)
	value, err := pb.Encode(
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: &pb.Event{
			Header: &pb.Header{MessageId: id, ThreadId: thread, Sequence: number,
				Type: pb.MessageType_MESSAGE_TYPE_EVENT, SchemaVersion: 1},
			EventType: pb.EventType_EVENT_TYPE_NODE_WARNING,
		}}})
	if err != nil {
		t.Fatal(err)
	}
	return &kgo.Record{Key: []byte(thread), Value: value}
}

// tailing is a running tail.
type tailing struct {
	lines chan string
	ended chan int

	mu     sync.Mutex
	stderr bytes.Buffer
}

func (t *tailing) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stderr.Write(p)
}

func (t *tailing) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stderr.String()
}

// startTail starts a tail, which ends with the test, and waits until it reads.
func startTail(t *testing.T, args ...string) *tailing {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	x := &tailing{lines: make(chan string, 10_000), ended: make(chan int, 1)}
	cmd := command(ctx, nil, "tail", args...)
	cmd.Stderr = x
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); <-x.ended })
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			x.lines <- lines.Text()
		}
		_ = cmd.Wait() // its exit code tells
		close(x.lines)
		x.ended <- cmd.ProcessState.ExitCode()
	}()
	await(t, "tail reads", func() bool { return strings.Contains(x.said(), "tail: reading") })
	return x
}

// A full device differs from a reader that has left: lines are lost that somebody wants.
func TestProgramsSayWhenWhatTheyPrintCannotBeWritten(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no device that is full: %v", err)
	}
	defer full.Close() //nolint:errcheck // nothing can be written
	brokers := cluster(t)
	topic := newTopic(t, brokers, 1, conversation)
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var stderr strings.Builder
	cmd := command(ctx, nil, "tail", "--brokers="+brokers, "--topic="+topic, "--from=start",
		"--count=3")
	cmd.Stdout, cmd.Stderr = full, &stderr
	_ = cmd.Run() // its exit code tells
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(stderr.String(),
		"no space left") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	stderr.Reset()
	cmd = command(ctx, []string{"KAFKA_BROKERS=" + brokers}, "quickstart", "--runs=1",
		"--create-topic")
	cmd.Stdout, cmd.Stderr = full, &stderr
	_ = cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(stderr.String(),
		"no space left") {
		t.Errorf("quickstart: exit code %d: %s", code, stderr.String())
	}
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

func TestWhatIsWrittenNowIsPrintedLive(t *testing.T) {
	brokers := cluster(t)
	topic := newTopic(t, brokers, 1, conversation)
	x := startTail(t, "--brokers", brokers, "--topic", topic, "--json", "--count=2")
	client := clientOf(t, brokers, topic, 1)
	client.StartRun(callback.RunInfo{ThreadID: "live"}).End(nil)
	if _, err := client.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"EVENT_TYPE_GRAPH_START", "EVENT_TYPE_GRAPH_END"} {
		var line struct {
			Event struct {
				Header struct {
					Thread string `json:"thread_id"`
				}
				Type string `json:"event_type"`
			}
		}
		if err := json.Unmarshal([]byte(<-x.lines), &line); err != nil || line.Event.Type != want ||
			line.Event.Header.Thread != "live" {
			t.Fatalf("%+v (%v), want %s", line, err, want)
		}
	}
}

// An offset beyond the end of a partition means what is written next, not what was there.
func TestAnOffsetBeyondTheEndIsTheEnd(t *testing.T) {
	brokers := cluster(t)
	topic := newTopic(t, brokers, 1, conversation)
	x := startTail(t, "--brokers", brokers, "--topic", topic, "--from=100000", "--count=1")
	if !strings.Contains(x.said(), "tail: partition 0 ends at offset ") {
		t.Errorf("said %s", x.said())
	}
	produce(t, brokers, topic, skipped(t, "new", 1))
	if line := <-x.lines; !strings.Contains(line, "node_warning") ||
		!strings.Contains(line, "new") {
		t.Errorf("the first line is %q", line)
	}
}

// A thread continues in another partition once the topic has more of them, and the reader sees both
// at the same time.
func TestMorePartitionsAreReadAndNothingIsLate(t *testing.T) {
	brokers := fake(t) // real brokers take time for that
	topic := newTopic(t, brokers, 1)
	x := startTail(t, "--brokers", brokers, "--topic", topic, "--from=start", "--json")
	var old, moved []*kgo.Record
	for n := range uint64(50) {
		old = append(old, skipped(t, "t", n+1))
		r := skipped(t, "t", n+51)
		r.Partition = 2
		moved = append(moved, r)
	}
	grow(t, brokers, topic, 3)
	produce(t, brokers, topic, moved...)
	await(t, "tail says that there are more partitions",
		func() bool { return strings.Contains(x.said(), "has 3 partitions now") })
	produce(t, brokers, topic, old...)
	for n := 0; n < 100; n++ {
		line, ok := <-x.lines
		if !ok || strings.Contains(line, "out_of_order") || strings.Contains(line, `"gap"`) {
			t.Fatalf("after %d lines: %q", n, line)
		}
	}
}

// grow gives a topic more partitions.
func grow(t *testing.T, brokers, topic string, n int32) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	req := kmsg.NewPtrCreatePartitionsRequest()
	grown := kmsg.NewCreatePartitionsRequestTopic()
	grown.Topic, grown.Count = topic, n
	req.Topics = append(req.Topics, grown)
	resp, err := req.RequestWith(t.Context(), client)
	if err != nil || resp.Topics[0].ErrorCode != 0 {
		t.Fatalf("%+v, %v", resp, err)
	}
}

func TestItEndsWhenItsTimeIsOver(t *testing.T) {
	brokers := cluster(t)
	topic := newTopic(t, brokers, 1, conversation)
	if o := run(t, nil, "tail", "--brokers", brokers, "--topic", topic, "--for=200ms"); o.code !=
		0 || o.stdout != "" {
		t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
}
