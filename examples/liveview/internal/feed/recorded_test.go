package feed

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

const topicName = "live"

// fed is a view that is fed from a broker.
type fed struct {
	*view.View
	t       *testing.T
	brokers []string
}

// newFed starts a broker of its own, and a view that reads from it.
func newFed(t *testing.T) *fed {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, topicName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return follow(t, cluster.ListenAddrs(), topicName)
}

// follow starts a view that reads a topic until the test ends.
func follow(t *testing.T, brokers []string, topic string) *fed {
	t.Helper()
	v := view.New(view.Config{Store: view.NewMemory(256 << 20), Now: time.Now,
		MaxBytes: 256 << 20})
	f := &Feed{Config: callback.Config{Brokers: brokers, Topic: topic}, View: v,
		Start: kgo.NewOffset().AtStart(), Logger: slog.New(slog.DiscardHandler), Now: time.Now}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return &fed{v, t, brokers}
}

// shown is a part of what a page has of a thread.
type shown struct {
	Meta  map[string]struct{ Flags []string }
	Runs  map[string]struct{ Status string }
	Nodes map[string]struct {
		Name, Status, Error, Parent, Run string
		Sequence                         uint64
	}
	Calls    map[string]struct{ Status, Name string }
	Timeline map[string]struct {
		Kind, Node string
		Sequence   uint64
	}
	State map[string]struct {
		Known bool
		Value struct{ JSON json.RawMessage }
	}
}

func (f *fed) at(thread string, m view.Moment) (s shown) {
	f.t.Helper()
	b, err := f.At(thread, m)
	if err != nil {
		f.t.Fatal(thread, err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		f.t.Fatal(err)
	}
	return s
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for begin := time.Now(); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// recordedRuns returns the messages of recorded runs: those of DASHSTREAM_TEST_RUNS, or those that
// are always there.
func recordedRuns(t *testing.T) (runs [][]json.RawMessage) {
	t.Helper()
	path := cmp.Or(os.Getenv("DASHSTREAM_TEST_RUNS"), "../../../testdata/quickstart.json")
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var src io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if src, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	var all []struct{ Traj []json.RawMessage }
	if err := json.NewDecoder(src).Decode(&all); err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		runs = append(runs, r.Traj)
	}
	return runs
}

// stateAfter is the state of a run after its first n messages.
func stateAfter(messages []json.RawMessage, n int) json.RawMessage {
	state := []byte(`{"messages":[`)
	for i, m := range messages[:n] {
		if i > 0 {
			state = append(state, ',')
		}
		state = append(state, m...)
	}
	return append(state, "]}"...)
}

// portable is a state as a page gets it.
func portable(t *testing.T, src []byte) string {
	t.Helper()
	var c statediff.Canonicalizer
	var d statediff.Document
	if err := c.Parse(&d, src); err != nil {
		t.Fatal(err)
	}
	return string(d.AppendPortable(nil))
}

func roleOf(t *testing.T, message json.RawMessage) string {
	t.Helper()
	var m struct{ Role string }
	if err := json.Unmarshal(message, &m); err != nil {
		t.Fatal(err)
	}
	return m.Role
}

// emit streams recorded runs, with a node for each message.
func emit(t *testing.T, brokers []string, topic string, runs [][]json.RawMessage) {
	t.Helper()
	client, err := callback.New(callback.Config{Brokers: brokers, Topic: topic,
		// what is compared is the file's own text
		Redaction: callback.Redaction{Disabled: true},
		Logger:    slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for i, messages := range runs {
		run := client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint("run-", i)})
		for n, m := range messages {
			node := run.StartNode(roleOf(t, m))
			node.SetState(stateAfter(messages, n+1))
			node.End(nil)
		}
		run.End(nil)
		if i%50 == 49 { // less than the queue holds
			if err := client.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := client.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestViewOfRecordedRunsIsWhatTheFileSays(t *testing.T) {
	runs := recordedRuns(t)
	f := newFed(t)
	emit(t, f.brokers, topicName, runs)
	total := 0
	for _, messages := range runs {
		total += 3*len(messages) + 2
	}
	eventually(t, "everything is read", func() bool {
		return len(f.Threads()) == len(runs) && f.Health().LagRecords == 0 && f.ended(len(runs))
	})
	moments := 0
	for i, messages := range runs {
		thread := fmt.Sprint("run-", i)
		s := f.at(thread, view.Moment{})
		if flags := s.Meta["thread"].Flags; len(flags) != 0 {
			t.Errorf("%s: flags %v", thread, flags)
		}
		var roles, want []string
		ends := map[string]uint64{}
		for _, e := range s.Timeline {
			if e.Kind == "node_end" {
				ends[e.Node] = e.Sequence
			}
		}
		var order []uint64
		ids := map[uint64]string{}
		for id, n := range s.Nodes {
			order = append(order, n.Sequence)
			ids[n.Sequence] = id
		}
		slices.Sort(order)
		for _, n := range order {
			roles = append(roles, s.Nodes[ids[n]].Name+" "+s.Nodes[ids[n]].Status)
		}
		for _, m := range messages {
			want = append(want, roleOf(t, m)+" ended")
		}
		if !slices.Equal(roles, want) {
			t.Fatalf("%s: nodes %q\nwant %q", thread, roles, want)
		}
		for n := range messages {
			if n != len(messages)-1 && i%20 != 0 { // all moments of some runs, the last of all
				continue
			}
			at := f.at(thread, view.Moment{Sequence: ends[ids[order[n]]]})
			if got, want := portable(t, at.State["state"].Value.JSON),
				portable(t, stateAfter(messages, n+1)); got != want {
				t.Errorf("%s: after %d messages the state is %.200s\nwant %.200s", thread, n+1,
					got, want)
			}
			moments++
		}
	}
	t.Logf("%d runs, %d messages and events, %d moments compared", len(runs), total, moments)
}

// ended reports whether so many runs have ended.
func (f *fed) ended(n int) bool {
	p := &summaryOf{}
	err := f.Subscribe(p, view.Want{Kind: "runs", Limit: 1}, func(key string) { p.key = key })
	f.Unsubscribe(p, p.key)
	return err == nil && bytes.Contains(p.frame, fmt.Appendf(nil, `"ended":%d,`, n))
}

// summaryOf keeps the last frame.
type summaryOf struct {
	key   string
	frame []byte
}

func (s *summaryOf) Push(b []byte) bool    { s.frame = b; return true }
func (s *summaryOf) PushSnapshot(b []byte) { s.frame = b }
