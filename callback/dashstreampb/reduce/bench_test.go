package reduce

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// BenchmarkConversation follows a conversation of 200 messages that is sent as 199 patches of a
// state that grows to 80 kB.
func BenchmarkConversation(b *testing.B) {
	s := newStream()
	var messages []*pb.DashStreamMessage
	var c statediff.Canonicalizer
	var d statediff.Differ
	var sum statediff.Summer
	base, whole := new(statediff.Document), 0
	var list []string
	for i := range 200 {
		list = append(list, fmt.Sprintf(`{"content":%q,"role":"user"}`,
			strings.Repeat(fmt.Sprint("message ", i, " "), 30)))
		next := new(statediff.Document)
		if err := c.ParseAfter(next, fmt.Appendf(nil, `{"messages":[%s],"step":%d}`,
			strings.Join(list, ","), i), base); err != nil {
			b.Fatal(err)
		}
		whole += len(next.Bytes())
		hash := sum.Sum(next, base)
		m := &pb.StateDiff{StateHash: hash[:]}
		if ops, _, ok := d.Diff(base, next); ok {
			for _, o := range ops {
				m.Operations = append(m.Operations,
					&pb.DiffOperation{Op: pb.DiffOperation_OpType(o.Kind), Path: o.Path,
						From: o.From, Value: bytes.Clone(o.Value)})
			}
		} else {
			m.FullState = bytes.Clone(next.Bytes())
		}
		messages = append(messages, s.diff(m))
		base = next
	}
	b.ReportAllocs()
	b.SetBytes(int64(whole))
	for b.Loop() {
		var r Reducer
		for _, m := range messages {
			if _, err := r.Add(m); err != nil {
				b.Fatal(err)
			}
		}
		if got, _ := r.Thread("t").State(); !bytes.Equal(got, base.Bytes()) ||
			r.Thread("t").Hashes().Verified != 200 {
			b.Fatal("another state")
		}
	}
}
