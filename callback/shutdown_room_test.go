package callback_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

// The clock is real: on a fake one, a lock that is never released would stop it.
func TestShutdownWaitsForNobodyWhoWaitsForRoom(t *testing.T) {
	for name, emit := range map[string]func(l *callback.LLM){
		"a part waits":            func(l *callback.LLM) { l.Token("one ") },
		"what is kept would wait": func(*callback.LLM) {},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := callback.New(callback.Config{Sender: new(stuck), SelfMetrics: "off",
				Logger: slog.New(slog.DiscardHandler), QueueEvents: 8,
				Overflow: callback.OverflowBlock, BlockTimeout: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			node := client.StartRun(callback.RunInfo{ThreadID: "t"}).StartNode("n")
			llm := node.StartLLM(callback.LLMRequest{Model: "m"})
			llm.Token("the password is ") // is kept
			for client.Stats().Queue.Events+client.Stats().Permits.InUse < 8 {
				node.Warning("fills the queue")
			}
			waiting := make(chan struct{})
			go func() {
				defer close(waiting)
				emit(llm)
			}()
			time.Sleep(50 * time.Millisecond)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			began := time.Now()
			report, _ := client.Shutdown(ctx)
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %v, and waiting for room ends after a minute", took)
			}
			<-waiting
			checkReport(t, report)
		})
	}
}
