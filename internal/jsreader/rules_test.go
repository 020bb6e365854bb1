package jsreader

import (
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func add(path, value string) *pb.StateDiff {
	return &pb.StateDiff{Operations: []*pb.DiffOperation{{Op: pb.DiffOperation_OP_TYPE_ADD, Path: path, Value: []byte(value)}}}
}

func full(text string) *pb.StateDiff { return &pb.StateDiff{FullState: []byte(text)} }

func TestTheReaderKeepsTheRulesOfABrowser(t *testing.T) {
	tests := []struct {
		name  string
		build func(th *thread)
		state string // canonical; "" for none
		want  Thread // of it, the counts that matter
	}{
		{"the initial state, and a patch", func(th *thread) { th.start(`{"b":1}`); th.diff(add("/a", "2")) }, `{"a":2,"b":1}`, Thread{Patches: 1, Unhashed: 1}},
		{"a whole state wins", func(th *thread) {
			d := add("/a", "2")
			d.FullState = []byte(`{"a":1}`)
			th.diff(d)
		}, `{"a":1}`, Thread{Wholes: 1, Unhashed: 1}},
		{"a whole state that is none makes it skip", func(th *thread) { th.diff(full(`{"a":1}`)); th.diff(full(`{`)); th.diff(add("/a", "2")) },
			`{"a":1}`, Thread{Wholes: 2, Skipped: 1, Unhashed: 1, Resyncs: 2}},
		{"until there is another", func(th *thread) { th.diff(full(`{`)); th.diff(full(`{"a":1}`)); th.diff(add("/a", "2")) },
			`{"a":2}`, Thread{Wholes: 2, Patches: 1, Unhashed: 2, Resyncs: 1}},
		{"__proto__", func(th *thread) { th.diff(full(`{}`)); th.diff(add("/__proto__/a", "2")) }, `{}`, Thread{Wholes: 1, Skipped: 1, Unhashed: 1, Resyncs: 1}},
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
		{"nothing before the patch", func(th *thread) { th.diff(add("/a", "2")) }, "", Thread{Skipped: 1, Resyncs: 1}},
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
	said := Read(t, all)
	for _, tt := range tests {
		got := said[tt.name]
		if tt.state != "" && got.Hash != hash(tt.state) || got.Known != (tt.state != "") {
			t.Errorf("%s: another state than %s: %+v", tt.name, tt.state, got)
		}
		want := tt.want
		want.Thread, want.Messages, want.Last, want.Known, want.Hash = got.Thread, got.Messages, got.Last, got.Known, got.Hash
		if !equal(got, want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, want)
		}
	}
}

// equal compares all but the problems.
func equal(a, b Thread) bool {
	return a.Duplicates == b.Duplicates && a.Older == b.Older && a.Missing == b.Missing && a.Wholes == b.Wholes && a.Checkpoints == b.Checkpoints &&
		a.Patches == b.Patches && a.Skipped == b.Skipped && a.Verified == b.Verified && a.Failed == b.Failed && a.Unhashed == b.Unhashed &&
		a.Resyncs == b.Resyncs
}
