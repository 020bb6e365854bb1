package main

import (
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// planted are records of a thread that have a text wherever something can stand that is not in the
// contract, and one that does not decode.
func planted(t *testing.T, thread, canary string) (records []*kgo.Record) {
	t.Helper()
	n := uint64(0)
	header := func(kind pb.MessageType) *pb.Header {
		n++
		id := binary.BigEndian.AppendUint64(make([]byte, 8), n)
		return &pb.Header{MessageId: id, ThreadId: thread, Sequence: n, SchemaVersion: 1,
			TimestampUs: time.Now().UnixMicro(), Type: kind}
	}
	event := func(kind pb.EventType) *pb.DashStreamMessage {
		text := &pb.AttributeValue{Value: &pb.AttributeValue_StringValue{StringValue: canary}}
		bytes := &pb.AttributeValue{
			Value: &pb.AttributeValue_BytesValue{BytesValue: []byte(canary)}}
		return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: &pb.Event{
			Header: header(pb.MessageType_MESSAGE_TYPE_EVENT), EventType: kind, NodeId: "node",
			Attributes: map[string]*pb.AttributeValue{"own": text, "deep": {
				Value: &pb.AttributeValue_MapValue{MapValue: &pb.AttributeMap{
					Values: map[string]*pb.AttributeValue{canary: bytes}}}}}}}}
	}
	report := header(pb.MessageType_MESSAGE_TYPE_METRICS)
	report.ThreadId, report.Sequence = pb.ReportThreadPrefix+"p1", 0
	n--
	tags := map[string]string{"own": canary, "service": "shop", "epoch": "1"}
	failed := header(pb.MessageType_MESSAGE_TYPE_ERROR)
	for _, m := range []*pb.DashStreamMessage{
		{Message: &pb.DashStreamMessage_Metrics{Metrics: &pb.Metrics{Header: report,
			Scope: pb.ReportScope, ScopeId: "p1", Tags: tags}}},
		{Message: &pb.DashStreamMessage_Error{Error: &pb.Error{Header: failed, Message: "broken",
			Context: map[string]string{"k": canary}}}},
		event(pb.EventType_EVENT_TYPE_GRAPH_START), event(pb.EventType_EVENT_TYPE_NODE_START),
		{Message: &pb.DashStreamMessage_Checkpoint{Checkpoint: &pb.Checkpoint{
			Header: header(pb.MessageType_MESSAGE_TYPE_CHECKPOINT), CheckpointId: []byte("c"),
			Metadata: map[string]string{"k": canary}}}},
		{Message: &pb.DashStreamMessage_Metrics{Metrics: &pb.Metrics{
			Header: header(pb.MessageType_MESSAGE_TYPE_METRICS), Scope: "quality", ScopeId: thread,
			Tags: map[string]string{"own": canary}}}},
		event(pb.EventType_EVENT_TYPE_NODE_ERROR), event(pb.EventType_EVENT_TYPE_GRAPH_ERROR),
	} {
		b, err := pb.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, &kgo.Record{Key: []byte(thread), Value: b})
	}
	return append(records, &kgo.Record{Key: []byte("other"), Value: []byte("\xff" + canary)},
		&kgo.Record{Key: []byte("other"), Value: []byte("\x00\xff" + canary)})
}

// TestCanaryIsInNothingThatIsShown plants a text outside of the contract, and looks for it in
// everything that the program says. A test of the view looks for it in memory.
func TestCanaryIsInNothingThatIsShown(t *testing.T) {
	const topic, thread, canary = "canary", "conversation", "c4n4ry-5ecret-71"
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topic))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	producer, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...),
		kgo.DefaultProduceTopic(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	records := planted(t, thread, canary)
	if err := producer.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	i := launch(cluster.ListenAddrs(), topic, address)
	get := func(path string) string {
		r, err := http.Get("http://" + address + path)
		if err != nil {
			return ""
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		return string(b)
	}
	run := "/api/run?thread=" + thread
	for begin := time.Now(); !strings.Contains(get("/health"), `"records":10,`) ||
		!strings.Contains(get(run), "own"); { // its name is kept
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("after 30 s: %s\n%s", get("/health"), get(run))
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, path := range []string{"/health", "/metrics", "/version", run, run + "&sequence=3"} {
		if s := get(path); s == "" || strings.Contains(s, canary) {
			t.Errorf("%s has the canary, or nothing: %.2000s", path, s)
		}
	}
	if cmd := inBrowser(t, "canary.mjs", "http://"+address+"/", thread, canary); cmd != nil {
		out, err := cmd.CombinedOutput()
		if t.Logf("%s", out); err != nil {
			t.Error(err)
		}
	}
	i.stop(t)
	if logged := i.stderr.String(); !strings.Contains(logged, "reading") ||
		strings.Contains(logged, canary) {
		t.Errorf("the log has the canary, or nothing: %s", logged)
	}
}
