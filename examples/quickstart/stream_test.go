package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// emitted is what a client sent for one run with a tool, and its account.
func emitted(t *testing.T) ([]callbacktest.Record, callback.Stats, string) {
	t.Helper()
	recorder := callbacktest.NewRecorder()
	client := recorder.Client(t, func(c *callback.Config) { c.CheckpointPatches = 3 })
	run := client.StartRun(callback.RunInfo{ThreadID: "t"})
	n := run.StartNode("n")
	n.StartTool(callback.ToolCall{Name: "tool"}).Complete("x")
	for step := range 5 {
		state := map[string]any{"step": step, "text": "a state that is long enough for patches"}
		n.SetState(state)
		n.SetState(state) // unchanged
	}
	n.SaveCheckpoint(callback.Checkpoint{ID: "c", State: 1})
	n.End(nil)
	run.End(nil)
	if _, err := client.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	return recorder.Records(), client.Stats(), client.InstanceID()
}

// replayed is a stream that has read the records.
func replayed(producer string, records []callbacktest.Record) (s *stream, seen int) {
	s = &stream{producer: producer, seen: map[string]struct{}{}, kinds: map[pb.MessageType]uint64{}}
	s.each = func(*pb.DashStreamMessage) { seen++ }
	for _, r := range records {
		k := &kgo.Record{Partition: r.Partition, Offset: r.Offset, Key: r.Key, Value: r.Value}
		for _, h := range r.Headers {
			k.Headers = append(k.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
		}
		s.take(k)
	}
	return s, seen
}

func TestCompareSaysWhatIsWrong(t *testing.T) {
	records, stats, producer := emitted(t)
	broken := records[0]
	broken.Value = []byte{9}
	for name, c := range map[string]struct {
		records []callbacktest.Record
		says    string // "" if nothing is wrong
	}{
		"everything":            {records, ""},
		"everything, once more": {append(records[:len(records):len(records)], records...), ""},
		"nothing": {nil,
			"0 messages of type MESSAGE_TYPE_EVENT were read back, 5 were sent"},
		"the last is missing": {records[:len(records)-1],
			"messages of type MESSAGE_TYPE_EVENT were read back, 5 were sent"},
		"one between": {append(records[:1:1], records[2:]...),
			"messages of type MESSAGE_TYPE_TOOL_EXECUTION were read back, 2 were sent"},
		"one that is broken": {append(records[:len(records):len(records)], broken),
			"unknown_framing"},
	} {
		s, _ := replayed(producer, c.records)
		err := s.compare(stats)
		if c.says == "" && err != nil || c.says != "" &&
			(err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	for i, r := range records {
		m, err := pb.Decode(r.Value)
		if err != nil || len(m.GetStateDiff().GetFullState()) == 0 {
			continue
		}
		m.GetStateDiff().FullState = []byte(`{"step":7}`)
		value, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		r.Value = append([]byte{pb.FramingPlain}, value...)
		s, _ := replayed(producer, append(append(records[:i:i], r), records[i+1:]...))
		if err := s.compare(stats); err == nil || !strings.Contains(err.Error(), "hash_mismatch") {
			t.Errorf("another state: %v", err)
		}
	}
	lossy := stats
	lossy.Total.Unacknowledged = 3
	s, seen := replayed(producer, append(records[:len(records):len(records)], records...))
	if err := s.compare(lossy); err == nil || !strings.Contains(err.Error(), "3 events were lost") {
		t.Errorf("after a loss: %v", err)
	}
	if seen != len(records) {
		t.Errorf("%d records were shown, want each of %d once", seen, len(records))
	}
	if s, seen := replayed("another", records); seen != 0 || s.messages.Load() != 0 {
		t.Error("what another producer wrote was taken")
	}
}

func TestReportsFromBeforeTheReaderAreNotMissed(t *testing.T) {
	recorder := callbacktest.NewRecorder()
	client := recorder.Client(t, func(c *callback.Config) { c.SelfMetrics = "always" })
	client.StartRun(callback.RunInfo{}).End(nil)
	if _, err := client.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	records := recorder.Records()
	first := slices.IndexFunc(records, func(r callbacktest.Record) bool {
		return strings.HasPrefix(string(r.Key), pb.ReportThreadPrefix)
	})
	if first < 0 {
		t.Fatal("there is no report")
	}
	s, _ := replayed(client.InstanceID(), slices.Delete(records, first, first+1))
	if err := s.compare(client.Stats()); err != nil {
		t.Error(err)
	}
}

func TestReaderErrorIsAMismatch(t *testing.T) {
	records, stats, producer := emitted(t)
	s, _ := replayed(producer, records)
	s.fail(errors.New("cut off"))
	s.fail(errors.New("and again"))
	if err := s.compare(stats); err == nil || err.Error() != "cut off" {
		t.Errorf("got %v", err)
	}
}

func TestReaderBeginsBehindWhatWasThereBefore(t *testing.T) {
	fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, "topic"))
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	cfg := callback.Config{Brokers: fake.ListenAddrs(), Topic: "topic"}
	writer, err := kgo.NewClient(kgo.SeedBrokers(cfg.Brokers...), kgo.DefaultProduceTopic("topic"))
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	write := func(text string) {
		for i := range 40 {
			r := &kgo.Record{Key: fmt.Append(nil, i), Value: []byte(text)}
			if err := writer.ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("before")
	s, err := openStream(t.Context(), cfg, func(*pb.DashStreamMessage) {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.client.Close()
	write("after") // before the reader has asked for anything
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for read := 0; read < 40; {
		fetches := s.client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%d read: %v", read, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if read++; string(r.Value) != "after" {
				t.Fatalf("read %q at partition %d, offset %d", r.Value, r.Partition, r.Offset)
			}
		})
	}
}

func TestReaderSaysThatTheTopicIsAbsent(t *testing.T) {
	fake, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	if _, err := openStream(t.Context(), callback.Config{Brokers: fake.ListenAddrs(),
		Topic: "absent"}, nil); err == nil || !strings.Contains(err.Error(), `"absent"`) {
		t.Errorf("got %v", err)
	}
}
