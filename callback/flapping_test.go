package callback_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

// One goroutine may report the pressure to the application, and one may end late batches.
func TestNoGoroutineGrowsWhileTheSinkFlaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t, func(cfg *callback.Config) {
			cfg.OnPressure = func(callback.Pressure) {}
		})
		client.StartRun(callback.RunInfo{}).End(nil)
		flush(t, client)
		synctest.Wait()
		before := runtime.NumGoroutine()
		most := 0
		for range 60 {
			c.hold()
			for range 500 {
				client.StartRun(callback.RunInfo{}).End(nil)
			}
			time.Sleep(500 * time.Millisecond)
			synctest.Wait()
			most = max(most, runtime.NumGoroutine()-before)
			c.release()
			time.Sleep(500 * time.Millisecond)
			synctest.Wait()
			most = max(most, runtime.NumGoroutine()-before)
		}
		if most > 2 {
			t.Errorf("%d goroutines more while the sink flaps", most)
		}
		t.Logf("at most %d goroutines more than before", most)
		flush(t, client)
	})
}
