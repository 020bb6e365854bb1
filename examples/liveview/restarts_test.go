package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// instance is a program that runs.
type instance struct {
	cancel context.CancelFunc
	code   chan int
	stderr *bytes.Buffer
}

// launch starts the program at an address, reading the topic from its start.
func launch(brokers []string, topic, address string, more ...string) *instance {
	ctx, cancel := context.WithCancel(context.Background())
	i := &instance{cancel: cancel, code: make(chan int, 1), stderr: &bytes.Buffer{}}
	p := program{stdout: io.Discard, stderr: i.stderr, getenv: func(string) string { return "" },
		config: func() (callback.Config, error) {
			return callback.Config{Brokers: brokers, Topic: topic}, nil
		}}
	args := append([]string{"--listen", address, "--from", "start"}, more...)
	go func() { i.code <- p.run(ctx, args) }()
	return i
}

func (i *instance) stop(t *testing.T) {
	t.Helper()
	i.cancel()
	if code := <-i.code; code != exitDone {
		t.Errorf("exit code %d: %s", code, i.stderr)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// chaosFor is how long things are broken: LIVEVIEW_CHAOS says otherwise.
func chaosFor(t *testing.T) time.Duration {
	t.Helper()
	if text := os.Getenv("LIVEVIEW_CHAOS"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	return 10 * time.Second
}

// chatter emits a run that changes its state until ctx ends, and returns the last state.
func chatter(ctx context.Context, client *callback.Client, thread string) string {
	run := client.StartRun(callback.RunInfo{ThreadID: thread})
	n := 0
	var state string
	for ; ctx.Err() == nil; n++ {
		node := run.StartNode(fmt.Sprint("step-", n%5))
		state = fmt.Sprintf(`{"n":%d,"text":"%d"}`, n, n*7)
		node.SetState(json.RawMessage(state))
		node.End(nil)
		time.Sleep(20 * time.Millisecond)
	}
	run.End(nil)
	return state
}

func TestViewIsRightAgainAfterEverythingBroke(t *testing.T) {
	const topic, thread = "restarts", "conversation"
	real := kafkatest.FromEnv(t)
	var brokers []string
	if real != nil {
		brokers = real.Brokers(kafkatest.Plaintext)
	} else {
		t.Log("without kafkatest's cluster the broker is not killed")
		fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, topic))
		if err != nil {
			t.Fatal(err)
		}
		defer fake.Close()
		brokers = fake.ListenAddrs()
	}
	client, err := callback.New(callback.Config{Brokers: brokers, Topic: topic, CreateTopic: true,
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	i := launch(brokers, topic, address)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	var last string
	emitting, enough := context.WithCancel(ctx)
	running.Go(func() { last = chatter(emitting, client, thread) })
	v := newViewer(address, map[string]string{"run": `"kind":"run","thread":"` + thread + `"`,
		"runs": `"kind":"runs"`})
	done := make(chan struct{})
	go func() { defer close(done); v.run(ctx) }()

	random := rand.New(rand.NewPCG(3, 18))
	counts := map[string]int{}
	for end := time.Now().Add(chaosFor(t)); time.Now().Before(end); {
		time.Sleep(time.Duration(200+random.IntN(1500)) * time.Millisecond)
		switch n := random.IntN(8); {
		case n == 0:
			counts["view"]++
			i.stop(t)
			i = launch(brokers, topic, address)
		case n == 1 && real != nil:
			counts["broker"]++
			if err := real.Kill(1); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if err := real.Start(ctx, 1); err != nil {
				t.Fatal(err)
			}
		default:
			counts["connection"]++
			v.cut()
		}
	}
	enough()
	running.Wait()
	if report, err := client.Shutdown(t.Context()); err != nil {
		t.Errorf("%v: %+v", err, report)
	}
	checkRight(t, v, address, thread, last)
	t.Logf("%v, %d snapshots, %d resumed", counts, v.whole, v.resumed)
	cancel()
	<-done
	if v.broken != nil {
		t.Error(v.broken)
	}
	i.stop(t)
}

// checkRight waits until the viewer has what the view has, and the state that was set last.
func checkRight(t *testing.T, v *viewer, address, thread, last string) {
	t.Helper()
	var got, want string
	var state struct {
		State map[string]struct {
			Value struct{ JSON json.RawMessage }
		}
		Runs map[string]struct{ Status string }
	}
	for begin := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		got = v.of("run")
		response, err := http.Get("http://" + address + "/api/run?thread=" + thread)
		if err == nil {
			b, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			var whole entities
			if json.Unmarshal(b, &whole) == nil {
				again, _ := json.Marshal(whole)
				want = string(again)
			}
		}
		if got == want && strings.Contains(got, `"status":"ended"`) &&
			json.Unmarshal([]byte(got), &state) == nil {
			break
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("a minute later the page is not right: %d bytes, want %d\n%.3000s\n%.3000s",
				len(got), len(want), got, want)
		}
	}
	var shown, set any
	if json.Unmarshal(state.State["state"].Value.JSON, &shown) != nil ||
		json.Unmarshal([]byte(last), &set) != nil || fmt.Sprint(shown) != fmt.Sprint(set) {
		t.Errorf("the state is %s, the last one set was %s", state.State["state"].Value.JSON, last)
	}
}
