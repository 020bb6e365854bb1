package reduce_test

import (
	"crypto/sha256"
	"fmt"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// A reader follows a thread. One of its messages is lost, and with it a change of the state.
func Example() {
	attr := func(s string) *pb.AttributeValue {
		return &pb.AttributeValue{Value: &pb.AttributeValue_StringValue{StringValue: s}}
	}
	header := func(sequence uint64, parent ...byte) *pb.Header {
		return &pb.Header{ThreadId: "conversation-7", MessageId: append(make([]byte, 15),
			byte(sequence)), Sequence: sequence, SchemaVersion: 1, ParentId: parent}
	}
	start := &pb.Event{Header: header(1), EventType: pb.EventType_EVENT_TYPE_GRAPH_START,
		Attributes: map[string]*pb.AttributeValue{
			"graph_name": attr("support"), "initial_state_json": attr(`{"messages":[]}`),
		}}
	node := &pb.Event{Header: header(2, start.Header.MessageId...),
		EventType: pb.EventType_EVENT_TYPE_NODE_START, NodeId: "retrieve"}
	// the hash of the producer's state after number 4
	hash := sha256.Sum256([]byte(`{"messages":["hello"],"user":"ann"}`))
	messages := []*pb.DashStreamMessage{
		{Message: &pb.DashStreamMessage_Event{Event: start}},
		{Message: &pb.DashStreamMessage_Event{Event: node}},
		// Number 3 was lost.
		{Message: &pb.DashStreamMessage_StateDiff{StateDiff: &pb.StateDiff{Header: header(4),
			StateHash: hash[:], Operations: []*pb.DiffOperation{
				{Op: pb.DiffOperation_OP_TYPE_ADD, Path: "/messages/0", Value: []byte(`"hello"`)},
			}}}},
		{Message: &pb.DashStreamMessage_StateDiff{StateDiff: &pb.StateDiff{Header: header(5),
			FullState: []byte(`{"user":"ann","messages":["hello"]}`)}}},
	}

	var r reduce.Reducer
	for _, m := range messages {
		change, err := r.Add(m)
		if err != nil {
			fmt.Println(err)
		}
		if change.State {
			state, _ := change.Thread.State()
			fmt.Printf("%s %s\n", state, change.Thread.Trust())
		}
	}

	t := r.Thread("conversation-7")
	missing, _ := t.Missing()
	fmt.Println(t.Run().Graph.Name, t.Run().Status, "missing", missing)
	for n := range t.NodesOf(t.Run().ID) {
		fmt.Println(n.Name, n.Status)
	}
	// Output:
	// {"messages":[]} current
	// reduce: hash_mismatch: message 4 of thread "conversation-7"
	// {"messages":[]} lost
	// {"messages":["hello"],"user":"ann"} current
	// support running missing [{3 3}]
	// retrieve running
}
