package kafka

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// Closing does not wait for brokers, whatever they do, and leaves no goroutine: otherwise the
// bubble would not end.
func TestCloseGivesUpAtOnce(t *testing.T) {
	for name, begin := range troubles {
		t.Run(name, func(t *testing.T) {
			setup{brokers: 2, partitions: 4}.run(t, func(b *bench) {
				for i := range 50 {
					b.send(fmt.Sprint("thread ", i))
				}
				b.settle(time.Second)
				begin(b.faults)
				for i := range 300 {
					b.send(fmt.Sprint("thread ", i%10))
					time.Sleep(50 * time.Millisecond)
				}
				start := time.Now()
				b.close()
				if took := time.Since(start); took > 100*time.Millisecond {
					t.Errorf("Close took %v", took)
				}
				n := b.count()
				if n["delivered"] != 50 || n["shutdown"] == 0 ||
					n["shutdown"]+n["unacknowledged"] != 300 {
					t.Errorf("batches ended as %v, want 50 delivered and the others given up", n)
				}
				t.Log(n)
				b.sound(true)
			})
		})
	}
}

func TestSendAfterCloseIsShutdown(t *testing.T) {
	setup{}.run(t, func(b *bench) {
		b.close()
		b.send("thread")
		b.wantAll(batching.Shutdown.String())
		if err := b.sender.Close(context.Background()); err != nil {
			t.Errorf("a second Close returned %v", err)
		}
	})
}
