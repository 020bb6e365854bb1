package view

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// statement is what the producer p1 states about its losses.
func statement(n uint64, all ...pb.Loss) *pb.DashStreamMessage {
	m, _ := pb.NewLossStatement("p1", map[string]string{"instance": "p1", "epoch": "1",
		pb.LossNumberTag: "1"}, all)
	m.Header = &pb.Header{ThreadId: pb.ReportThreadPrefix + "p1", SchemaVersion: 1,
		MessageId: idIn("p1", n), TimestampUs: start}
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: m}}
}

func TestGapsAreExplainedByWhatProducersState(t *testing.T) {
	for name, before := range map[string]bool{"after the gap": false, "before it": true} {
		tp := newTopic(t)
		all := aRun("t")
		said := statement(1, pb.Loss{Thread: "t", First: 3, Last: 4, Count: 2, Events: 2,
			Type: pb.MessageType_MESSAGE_TYPE_EVENT, Reason: "queue_full"})
		tp.messages(all[:2]...)
		p := newPage(t)
		tp.follow(p, "t")
		if before {
			tp.messages(proto.CloneOf(said))
		}
		tp.messages(all[4:]...)
		if !before {
			tp.tick()
			if m := tp.shown("t", Moment{}).Meta["thread"]; !slices.Contains(m.Flags, FlagGap) ||
				len(m.Gaps) != 1 || m.Gaps[0].Explained {
				t.Errorf("%s: %+v before anything is stated", name, m)
			}
			tp.messages(said)
		}
		tp.tick()
		want := Gap{From: 3, To: 4, Explained: true, Reason: "queue_full"}
		for _, m := range []Thread{tp.shown("t", Moment{}).Meta["thread"],
			tp.shown("t", Moment{Sequence: 9}).Meta["thread"]} {
			if slices.Contains(m.Flags, FlagGap) || !slices.Contains(m.Flags, FlagGapExplained) ||
				!slices.Equal(m.Gaps, []Gap{want}) {
				t.Errorf("%s: %+v, want the gap %+v", name, m, want)
			}
		}
		row := ""
		for _, b := range p.channels[Want{Kind: "runs", Limit: 100}.keyOf()]["runs"] {
			row = string(b)
		}
		if !contains(row, FlagGapExplained) ||
			!contains(string(p.channels["run/t"]["meta"]["thread"]), `"reason":"queue_full"`) {
			t.Errorf("%s: the pages that are open show %s, %s", name, row,
				p.channels["run/t"]["meta"]["thread"])
		}
	}
}
