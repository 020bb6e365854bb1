package main

import (
	"hash/fnv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// written are the records of a producer that dies, with something wrong in each of its threads.
type written struct {
	t       *testing.T
	records []*kgo.Record
}

const dying = "dying-1" // the producer's id

func newHeader(thread string, n uint64) *pb.Header {
	id := make([]byte, 16)
	h := fnv.New128a()
	_, _ = h.Write([]byte(thread + string(rune(n))))
	h.Sum(id[:0])
	return &pb.Header{MessageId: id, ThreadId: thread, Sequence: n, SchemaVersion: 1,
		TimestampUs: time.Now().UnixMicro()}
}

func (w *written) add(m *pb.DashStreamMessage) {
	w.t.Helper()
	b, err := pb.Encode(m)
	if err != nil {
		w.t.Fatal(err)
	}
	w.records = append(w.records, &kgo.Record{Key: []byte(m.Header().GetThreadId()), Value: b,
		Headers: []kgo.RecordHeader{{Key: pb.HeaderProducer, Value: []byte(dying)},
			{Key: pb.HeaderEpoch, Value: []byte("1")}}})
}

func (w *written) event(thread string, n uint64, kind pb.EventType, attributes ...string) {
	w.t.Helper()
	e := &pb.Event{Header: newHeader(thread, n), EventType: kind, NodeId: "step",
		Attributes: map[string]*pb.AttributeValue{}}
	for i := 0; i < len(attributes); i += 2 {
		e.Attributes[attributes[i]] = &pb.AttributeValue{
			Value: &pb.AttributeValue_StringValue{StringValue: attributes[i+1]}}
	}
	w.add(&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: e}})
}

// everything writes a thread for each thing that has to be said of a run.
func (w *written) everything() {
	const start, node = pb.EventType_EVENT_TYPE_GRAPH_START, pb.EventType_EVENT_TYPE_NODE_START
	w.event("middle", 5, node)
	w.event("gap", 1, start)
	w.event("gap", 4, node)
	w.event("explained", 1, start)
	w.event("explained", 3, node)
	said, _ := pb.NewLossStatement(dying, map[string]string{"instance": dying, "epoch": "1",
		pb.LossNumberTag: "1"}, []pb.Loss{{Thread: "explained", First: 2, Last: 2, Count: 1,
		Events: 1, Type: pb.MessageType_MESSAGE_TYPE_EVENT, Reason: "queue_full"}})
	said.Header = newHeader(pb.ReportThreadPrefix+dying, 0)
	w.add(&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: said}})

	w.event("resync", 1, start, pb.AttrInitialStateJSON, `{"n":1}`)
	w.add(&pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{StateDiff: &pb.StateDiff{
		Header: newHeader("resync", 2), Operations: []*pb.DiffOperation{{
			Op: pb.DiffOperation_OP_TYPE_REPLACE, Path: "/none/at/all", Value: []byte("1")}}}}})
	w.event("rejected", 1, start, pb.AttrGraphSchemaJSON, strings.Repeat("[", 300<<10))
	w.event("stopped", 1, start)
	newer := newHeader("stopped", 2)
	newer.SchemaVersion = 2
	w.add(&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: &pb.Event{
		Header: newer, EventType: node}}})

	w.add(&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: &pb.Metrics{
		Header: newHeader(pb.ReportThreadPrefix+dying, 0), Scope: pb.ReportScope, ScopeId: dying,
		Tags: map[string]string{"epoch": "1", pb.ReportNumberTag: "1", "interval_seconds": "1",
			"service": "shop", "reason": "interval"}}}})
	w.event("died", 1, start)
}

// TestPageSaysEachThingThatHasToBeKnown has a browser find, by role and name, what the view makes
// of a topic with everything in it, of a topic that is idle, and of a cluster that is gone.
func TestPageSaysEachThingThatHasToBeKnown(t *testing.T) {
	const topic = "honesty"
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topic))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	address := freeAddress(t)
	look := func(what string) bool {
		cmd := inBrowser(t, "honesty.mjs", "http://"+address+"/", what)
		if cmd == nil {
			return false
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", what, err, out)
		}
		return true
	}
	w := &written{t: t}
	w.everything()
	producer, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...),
		kgo.DefaultProduceTopic(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	i := launch(cluster.ListenAddrs(), topic, address)
	defer i.stop(t)
	if err := producer.ProduceSync(t.Context(), w.records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if r, err := http.Get("http://" + address + "/health"); err == nil {
			_ = r.Body.Close()
			break
		}
		if time.Since(begin) > 30*time.Second {
			t.Fatal("it does not serve")
		}
	}
	if !look("runs") {
		return
	}
	cluster.Close()
	look("stale")
}
