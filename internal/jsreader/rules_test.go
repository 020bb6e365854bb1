package jsreader

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func add(path, value string) *pb.StateDiff {
	return &pb.StateDiff{Operations: []*pb.DiffOperation{{Op: pb.DiffOperation_OP_TYPE_ADD,
		Path: path, Value: []byte(value)}}}
}

func full(text string) *pb.StateDiff { return &pb.StateDiff{FullState: []byte(text)} }

// What proto3 omits on the wire is lost on the way through a browser.
func TestABrowserSeesNoDefaults(t *testing.T) {
	th := &thread{id: "t"}
	th.diff(full(`{}`))
	th.diff(add("/a", "2"))
	var values [][]byte
	for _, m := range th.messages {
		body, err := proto.Marshal(m) // omits ADD and JSON, which are 0
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, append([]byte{pb.FramingPlain}, body...))
	}
	if js := Read(t, values)["t"]; js.Skipped != 1 || js.Resyncs != 1 {
		t.Errorf("without them: %+v", js)
	}
	if js := ReadMessages(t, th.messages)["t"]; js.Patches != 1 || js.Resyncs != 0 ||
		js.Hash != hash(`{"a":2}`) {
		t.Errorf("with them: %+v", js)
	}
}

func TestABrowserDrawsTheGraph(t *testing.T) {
	for name, tt := range map[string]struct {
		schema string
		drawn  bool
	}{
		"nothing": {`{"nodes":[],"edges":[]}`, true},
		"a condition": {
			`{"nodes":[{"name":"a","node_type":"llm"}],"edges":[{"from":"a","to":"a","edge_type":"conditional","conditional_targets":["a","__end__"]}],"entry_point":"a"}`, true},
		"by results": {
			`{"nodes":[{"name":"a","node_type":"llm"}],"edges":[{"from":"a","to":"a","edge_type":"conditional","conditional_targets":{"x":"a"}}],"entry_point":"a"}`, false},
		"a line twice": {
			`{"nodes":[{"name":"a","node_type":"llm"}],"edges":[{"from":"a","to":"a","edge_type":"conditional","conditional_targets":["a","a"]}],"entry_point":"a"}`, false},
		"another type": {
			`{"nodes":[{"name":"a","node_type":"function"}],"edges":[],"entry_point":"a"}`, false},
		"into nowhere": {
			`{"nodes":[{"name":"a","node_type":"llm"}],"edges":[{"from":"a","to":"b","edge_type":"direct"}],"entry_point":"a"}`, false},
		"from nowhere": {
			`{"nodes":[{"name":"a","node_type":"llm"}],"edges":[],"entry_point":"b"}`, false},
		"no JSON": {`{`, false},
		"a truncated it": {`{"nodes":[{"$truncated":{"elements":3}}],"edges":[],"entry_point":"a"}`,
			false},
	} {
		th := &thread{id: "t"}
		th.start("")
		th.messages[0].GetEvent().Attributes = map[string]*pb.AttributeValue{
			pb.AttrGraphSchemaJSON: {Value: &pb.AttributeValue_StringValue{StringValue: tt.schema}}}
		if js := ReadMessages(t, th.messages)["t"]; (js.Graphs == 1) != tt.drawn ||
			(js.Undrawn == 0) != tt.drawn {
			t.Errorf("%s: %+v", name, js)
		}
	}
}

func TestALiveViewStaysOnTheGraph(t *testing.T) {
	th := &thread{id: "t"}
	th.start("")
	report := &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: &pb.Metrics{
		Header: &pb.Header{MessageId: make([]byte, pb.MessageIDBytes),
			ThreadId: pb.ReportThreadPrefix + "i", Type: pb.MessageType_MESSAGE_TYPE_METRICS},
		Scope: pb.ReportScope, ScopeId: "i",
	}}}
	said := ReadMessages(t, append(th.messages, report))
	if !said["t"].Shown || said[pb.ReportThreadPrefix+"i"].Followed ||
		said[pb.ReportThreadPrefix+"i"].Resyncs > 0 {
		t.Errorf("%+v", said)
	}
	report.Header().Sequence = 1
	if said := ReadMessages(t, append(th.messages, report)); said["t"].Shown {
		t.Errorf("a report with a number did not take the view: %+v", said)
	}
}

func TestTheReaderKeepsTheRulesOfABrowser(t *testing.T) {
	tests := []struct {
		name  string
		build func(th *thread)
		state string // canonical; "" for none
		want  Thread // the counts of it that matter
	}{
		{"the initial state, and a patch", func(th *thread) {
			th.start(`{"b":1}`)
			th.diff(add("/a", "2"))
		}, `{"a":2,"b":1}`, Thread{Patches: 1, Unhashed: 1}},
		{"a whole state wins", func(th *thread) {
			d := add("/a", "2")
			d.FullState = []byte(`{"a":1}`)
			th.diff(d)
		}, `{"a":1}`, Thread{Wholes: 1, Unhashed: 1}},
		{"a whole state that is none makes it skip", func(th *thread) {
			th.diff(full(`{"a":1}`))
			th.diff(full(`{`))
			th.diff(add("/a", "2"))
		},
			`{"a":1}`, Thread{Wholes: 2, Skipped: 1, Unhashed: 1, Resyncs: 2}},
		{"until there is another", func(th *thread) {
			th.diff(full(`{`))
			th.diff(full(`{"a":1}`))
			th.diff(add("/a", "2"))
		},
			`{"a":2}`, Thread{Wholes: 2, Patches: 1, Unhashed: 2, Resyncs: 1}},
		{"__proto__", func(th *thread) { th.diff(full(`{}`)); th.diff(add("/__proto__/a", "2")) },
			`{}`, Thread{Wholes: 1, Skipped: 1, Unhashed: 1, Resyncs: 1}},
		{"a value that is not JSON", func(th *thread) {
			th.diff(full(`{}`))
			d := add("/a", "2")
			d.Operations[0].Encoding = pb.DiffOperation_VALUE_ENCODING_MSGPACK
			th.diff(d)
		}, `{}`, Thread{Wholes: 1, Skipped: 1, Unhashed: 1, Resyncs: 1}},
		{"all or nothing", func(th *thread) {
			th.diff(full(`{}`))
			d := add("/a", "2")
			d.Operations = append(d.Operations, add("/b/c", "3").Operations...)
			th.diff(d)
		}, `{}`, Thread{Wholes: 1, Skipped: 1, Unhashed: 1, Resyncs: 1}},
		{"another hash", func(th *thread) {
			d := full(`{}`)
			d.StateHash = make([]byte, 32)
			th.diff(d)
		}, `{}`, Thread{Wholes: 1, Failed: 1, Resyncs: 1}},
		{"a checkpoint that never came", func(th *thread) {
			th.diff(full(`{}`))
			d := add("/a", "2")
			d.BaseCheckpointId = []byte("c")
			th.diff(d)
		}, `{"a":2}`, Thread{Wholes: 1, Patches: 1, Unhashed: 2, Resyncs: 1}},
		{"nothing before the patch", func(th *thread) { th.diff(add("/a", "2")) }, "",
			Thread{Skipped: 1, Resyncs: 1}},
		{"twice the same", func(th *thread) {
			th.diff(full(`[]`))
			th.diff(add("/-", "2"))
			th.messages = append(th.messages, th.messages[1])
		}, `[2]`, Thread{Wholes: 1, Patches: 1, Unhashed: 2, Duplicates: 1}},
		{"older, and a gap", func(th *thread) {
			th.start("")
			th.diff(full(`1`))
			th.diff(full(`2`))
			th.messages[1], th.messages[2] = th.messages[2], th.messages[1]
		}, `2`, Thread{Wholes: 1, Unhashed: 1, Older: 1, Missing: 1}},
		{"no number", func(th *thread) {
			th.diff(full(`1`))
			th.diff(full(`2`))
			th.messages[1].Header().Sequence = 0
		}, `1`, Thread{Wholes: 1, Unhashed: 1, Resyncs: 1}},
	}
	var all []*pb.DashStreamMessage
	for _, tt := range tests {
		th := &thread{id: tt.name}
		tt.build(th)
		all = append(all, th.messages...)
	}
	said := ReadMessages(t, all)
	for _, tt := range tests {
		got := said[tt.name]
		if tt.state != "" && got.Hash != hash(tt.state) || got.Known != (tt.state != "") {
			t.Errorf("%s: another state than %s: %+v", tt.name, tt.state, got)
		}
		want := tt.want
		want.Thread, want.Messages, want.Last = got.Thread, got.Messages, got.Last
		want.Known, want.Hash = got.Known, got.Hash
		if !equal(got, want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, want)
		}
	}
}

// equal compares everything except the problems.
func equal(a, b Thread) bool {
	return a.Duplicates == b.Duplicates && a.Older == b.Older && a.Missing == b.Missing &&
		a.Wholes == b.Wholes && a.Checkpoints == b.Checkpoints &&
		a.Patches == b.Patches && a.Skipped == b.Skipped && a.Verified == b.Verified &&
		a.Failed == b.Failed && a.Unhashed == b.Unhashed &&
		a.Resyncs == b.Resyncs
}

// A statement of losses is no run, and none that is flagged: the view stays on the graph, and
// nothing is asked for again.
func TestALiveViewIgnoresStatementsOfLosses(t *testing.T) {
	th := &thread{id: "t"}
	th.start(`{"a":1}`)
	th.diff(add("/a", "2"))
	statement, _ := pb.NewLossStatement("i", map[string]string{"instance": "i", "number": "1"},
		[]pb.Loss{{Thread: "t", First: 3, Last: 9, Count: 7, Events: 7,
			Type: pb.MessageType_MESSAGE_TYPE_EVENT, Reason: "queue_full"}, {Thread: "never",
			First: 1, Last: 1, Count: 1, Type: pb.MessageType_MESSAGE_TYPE_ERROR, Reason: "shed"}})
	statement.Header = &pb.Header{MessageId: make([]byte, pb.MessageIDBytes),
		ThreadId: pb.ReportThreadPrefix + "i", Type: pb.MessageType_MESSAGE_TYPE_METRICS,
		SchemaVersion: pb.SchemaVersion}
	m := &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: statement}}
	for name, messages := range map[string][]*pb.DashStreamMessage{
		"after the run":  append(slices.Clone(th.messages), m),
		"before the run": append([]*pb.DashStreamMessage{m}, th.messages...),
		"in between":     {th.messages[0], m, m, th.messages[1]},
	} {
		said := ReadMessages(t, messages)
		run, own := said["t"], said[pb.ReportThreadPrefix+"i"]
		if !run.Shown || run.Sound() != "" || run.Hash != hash(`{"a":2}`) {
			t.Errorf("%s: the run is %+v", name, run)
		}
		if own.Thread == "" || own.Sound() != "" || own.Followed || own.Shown ||
			own.Messages > 0 || own.Known {
			t.Errorf("%s: the statement is %+v", name, own)
		}
		if len(said) != 2 {
			t.Errorf("%s: %d threads; one that is only named in a statement is none", name,
				len(said))
		}
	}
}
