package selfmetrics

import (
	"sync"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// Every scrape looks too, beside the Watch's own goroutine. This fails with the race detector.
func TestScrapesDoNotDisturbShedding(t *testing.T) {
	sender := new(heldSender)
	e, err := batching.New(batching.Config{Sender: sender, Kinds: []string{"event"}, Shed: true,
		Seal: func(*batching.Sealing) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	w := NewWatch(WatchConfig{Engine: e, DeliveryTimeout: time.Minute, Shed: true})
	defer func() {
		w.Stop()
		_ = e.Close(t.Context())
	}()
	var scrapes sync.WaitGroup
	for range 4 {
		scrapes.Go(func() {
			for range 200 {
				w.look()
			}
		})
	}
	scrapes.Wait()
}
