package jsonlines

import (
	"fmt"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func TestStartsThatAreRememberedAreBounded(t *testing.T) {
	o := NewOwners()
	o.limit = 10
	for n := range 50 { // none of them ends
		h := &pb.Header{MessageId: []byte(fmt.Sprint(n))}
		e := &pb.Event{Header: h, EventType: pb.EventType_EVENT_TYPE_NODE_START, NodeId: "n"}
		o.See("t", h, e, nil)
	}
	if len(o.starts) != 10 || len(o.order) != 10 || len(o.open) != 10 {
		t.Errorf("%d starts, %d in order, %d nodes", len(o.starts), len(o.order), len(o.open))
	}
}
