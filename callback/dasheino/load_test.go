package dasheino

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
)

// The bubble fails if a goroutine is left behind.
func TestManyRunsOfManyToolsAtOnce(t *testing.T) { synctest.Test(t, manyTools) }

func manyTools(t *testing.T) {
	runs, tools := 1000, 50
	if testing.Short() || raceEnabled {
		runs = 50
	}
	tp := newTopic(t, func(c *callback.Config) { c.QueueBytes, c.QueueEvents = 1<<30, 1<<22 })
	h := NewHandler(tp.client)
	asks := schema.AssistantMessage("", nil)
	for i := range tools {
		index := i
		asks.ToolCalls = append(asks.ToolCalls, schema.ToolCall{
			Index: &index, ID: fmt.Sprint("call-", i),
			Function: schema.FunctionCall{Name: "quick", Arguments: fmt.Sprintf(`{"q":"%d"}`, i)},
		})
	}
	r := calling(t, "many tools", &chatModel{answers: []*schema.Message{asks}}, quick{"quick"})
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() {
			ctx := WithThread(context.Background(), fmt.Sprint("thread-", i))
			if i%2 == 0 {
				if _, err := r.Invoke(ctx, question, compose.WithCallbacks(h)); err != nil {
					t.Error(err)
				}
				return
			}
			out, err := r.Stream(ctx, question, compose.WithCallbacks(h))
			for err == nil {
				_, err = out.Recv()
			}
			out.Close()
		})
	}
	wg.Wait()
	if err := h.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	if len(s.threads) != runs {
		t.Errorf("%d threads", len(s.threads))
	}
	for id, items := range s.threads {
		stages := map[string]string{}
		for _, it := range items {
			if x := it.msg.GetToolExecution(); x != nil {
				stages[x.GetCallId()] += x.GetStage().String()[len("EXECUTION_STAGE_"):] + " "
			}
		}
		for call, got := range stages {
			if got != "REQUESTED STARTED COMPLETED " {
				t.Fatalf("thread %s, %s: %s", id, call, got)
			}
		}
		if len(stages) != tools {
			t.Fatalf("thread %s: %d calls", id, len(stages))
		}
	}
}
