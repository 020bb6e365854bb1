package view

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// canary returns a text that is nowhere in the program.
func canary(n int) string { return fmt.Sprintf("%x-canary-%x", 0xfeed00+n, 0xc0ffee*n) }

// plant adds a run that has the canary wherever something can stand that is not in the contract.
//
//go:noinline
func plant(tp *topic, kept int) {
	c := canary(77)
	all := aRun("t")
	for _, m := range all {
		if e := m.GetEvent(); e != nil {
			e.Attributes["own"] = &pb.AttributeValue{
				Value: &pb.AttributeValue_StringValue{StringValue: c}}
			e.Attributes["list"] = &pb.AttributeValue{
				Value: &pb.AttributeValue_ArrayValue{ArrayValue: &pb.AttributeArray{
					Values: []*pb.AttributeValue{{
						Value: &pb.AttributeValue_BytesValue{BytesValue: []byte(c)}}}}}}
		}
	}
	tp.messages(all...)
	r := report("p1", 1, tp.clock.now, "interval")
	r.GetMetrics().Tags["own"] = c
	tp.messages(r, &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Error{Error: &pb.Error{
		Header:  header("t", 15, pb.MessageType_MESSAGE_TYPE_ERROR),
		Context: map[string]string{"k": c}, Message: "broken"}}})
	tp.messages(&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Checkpoint{
		Checkpoint: &pb.Checkpoint{Header: header("t", 16, pb.MessageType_MESSAGE_TYPE_CHECKPOINT),
			Metadata: map[string]string{"k": c}}}})
	if kept > 0 { // what the test is worth: this one is found
		tp.messages(event("t", 17, nodeStart, canary(kept), 1, nil))
	}
}

func TestCanaryIsNotInTheMemoryOfTheView(t *testing.T) {
	tp := newTopic(t)
	plant(tp, 78)
	p := newPage(t)
	tp.follow(p, "t")
	if err := tp.Subscribe(p, Want{Kind: "producers"}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	page := string(appendData(nil, p.channels["run/t"])) +
		string(appendData(nil, p.channels["producers"]))
	if contains(page, canary(77)) || !contains(page, "broken") {
		t.Error("the page gets the canary, or nothing")
	}
	if !contains(page, "own") {
		t.Error("nothing says that there was an attribute that is not in the contract")
	}
	page = ""
	debug.FreeOSMemory() // what was decoded on the way is garbage
	runtime.GC()
	path := filepath.Join(t.TempDir(), "heap")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	debug.WriteHeapDump(f.Fd())
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	dump, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(dump, []byte(canary(78))) {
		t.Error("what the view does keep is not in the dump: this test sees nothing")
	}
	if bytes.Contains(dump, []byte(canary(77))) {
		t.Error("the canary is in the memory of the process")
	}
	runtime.KeepAlive(tp)
	runtime.KeepAlive(p)
}
