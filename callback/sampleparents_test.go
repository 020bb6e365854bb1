package callback

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// In a run that is sent for an error, whatever is sent has a parent that was sent as well.
func TestParentsOfARunThatIsSentForAnErrorWereSent(t *testing.T) {
	failure := errors.New("it broke")
	tests := []struct {
		name string
		play func(c *Client)
	}{
		{"a run that is resumed", func(c *Client) {
			run := c.StartRun(RunInfo{ThreadID: unsampledThread, Resume: true})
			run.StartNode("n").End(failure)
			run.End(nil)
		}},
		{"a run that is resumed after one that was not sent", func(c *Client) {
			c.StartRun(RunInfo{ThreadID: unsampledThread}).Interrupt("wait")
			run := c.StartRun(RunInfo{ThreadID: unsampledThread, Resume: true})
			run.StartNode("n").End(failure)
			run.End(nil)
		}},
		{"a run that is resumed after one that was sent", func(c *Client) {
			run := c.StartRun(RunInfo{ThreadID: unsampledThread})
			run.StartNode("n").End(failure)
			run.Interrupt("wait")
			run = c.StartRun(RunInfo{ThreadID: unsampledThread, Resume: true})
			run.StartNode("n").End(failure)
			run.End(nil)
		}},
		{"a tool", func(c *Client) {
			run := c.StartRun(RunInfo{ThreadID: unsampledThread})
			n := run.StartNode("n")
			tool := n.RequestTool(ToolCall{Name: "t"})
			tool.Start()
			tool.Fail(failure)
			n.End(nil)
			run.End(nil)
		}},
		{"a call that is open when another one fails", func(c *Client) {
			run := c.StartRun(RunInfo{ThreadID: unsampledThread})
			n := run.StartNode("n")
			l := n.StartLLM(LLMRequest{Model: "m"})
			n.StartTool(ToolCall{Name: "t"}).Fail(failure)
			l.Token("hello world ")
			l.Retry(2, failure)
			l.End(LLMResult{}, nil)
			n.End(nil)
			run.End(nil)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &readSender{t: t}
				c := lossClient(t, s, func(cfg *Config) { cfg.SampleRate = 0.0001 })
				tt.play(c)
				if _, err := c.Shutdown(context.Background()); err != nil {
					t.Error(err)
				}
				checkParents(t, s.messages)
			})
		})
	}
}

func checkParents(t *testing.T, messages []*pb.DashStreamMessage) {
	t.Helper()
	sent := map[string]bool{"": true}
	n := 0
	check := func(h *pb.Header, what any) {
		if n++; !sent[string(h.GetParentId())] {
			t.Errorf("%v: its parent was not sent before", what)
		}
		sent[string(h.GetMessageId())] = true
	}
	for _, m := range messages {
		for _, e := range m.GetEventBatch().GetEvents() {
			check(e.Header, e.EventType)
		}
		if m.GetEventBatch() == nil {
			check(m.Header(), m)
		}
	}
	if n == 0 {
		t.Error("nothing was sent")
	}
}
