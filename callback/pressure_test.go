package callback_test

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

func TestAnApplicationIsToldOfPressureAndReadersOfTheTopicToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []string
		client, c := withCourier(t, reporting("always"), func(cfg *callback.Config) {
			cfg.QueueEvents = 100
			cfg.OnPressure = func(p callback.Pressure) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, p.Level.String())
			}
		})
		synctest.Wait()
		c.holdBut(isReport)
		run := client.StartRun(callback.RunInfo{})
		for range 120 {
			run.Root().Warning("one a second")
			time.Sleep(time.Second)
		}
		run.Root().Warning("the last")
		time.Sleep(500 * time.Millisecond) // the loss has not ended when the next event is checked
		s := client.Stats()                // which looks
		if p := client.Pressure(); p.Level != selfmetrics.PressureDropping ||
			p != s.Pressure {
			t.Errorf("the pressure is %+v, in Stats %+v", p, s.Pressure)
		}
		if h := client.History(); len(h) < 100 || h[len(h)-1].Events != 100 {
			t.Errorf("the history has %d moments", len(h))
		}
		c.release()
		time.Sleep(time.Minute)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if got, want := strings.Join(told, " "), "elevated critical dropping ok"; got != want {
			t.Errorf("it was told %s, want %s", got, want)
		}
		if n := strings.Count(reasons(c.Recorder), ":level"); n != 4 {
			t.Errorf("%d reports were sent because of a level, want 4: %s", n, reasons(c.Recorder))
		}
	})
}

func TestAClientThatHasEndedIsUnderNoPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t, reporting("always"), func(cfg *callback.Config) {
			cfg.QueueEvents = 100
		})
		synctest.Wait()
		c.holdBut(isReport)
		run := client.StartRun(callback.RunInfo{})
		for range 120 {
			run.Root().Warning("too much")
		}
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := client.Shutdown(ctx); err == nil {
			t.Error("shutdown was complete")
		}
		if n := strings.Count(reasons(c.Recorder), ":final"); n != 1 {
			t.Errorf("%d last reports were sent", n)
		}
		s := client.Stats()
		if _, seconds := s.Forecast.First(); client.Pressure().Level != selfmetrics.PressureOK ||
			s.Pressure != client.Pressure() || !math.IsInf(seconds, 1) {
			t.Errorf("the pressure is %+v, the first loss in %v s", s.Pressure, seconds)
		}
		c.release()
	})
}

func TestAnIdleClientIsNotWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, reporting("off"))
		client.StartRun(callback.RunInfo{}).End(nil)
		time.Sleep(20 * time.Second)
		before := client.History()
		time.Sleep(10 * time.Second)
		if after := client.History(); len(after) != len(before) {
			t.Errorf("%d moments were seen in ten idle seconds", len(after)-len(before))
		}
	})
}

func TestReadingThePressureAllocatesNothing(t *testing.T) {
	client := callbacktest.NewRecorder().Client(t)
	if n := testing.AllocsPerRun(100, func() { client.Pressure() }); n != 0 {
		t.Errorf("it allocates %v times", n)
	}
}

func TestTheCostOfEmittingIsSampled(t *testing.T) {
	client := callbacktest.NewRecorder().Client(t)
	run := client.StartRun(callback.RunInfo{})
	const n = 20_000
	for range n {
		run.Root().Warning("again")
	}
	h := client.Stats().Emit
	if h.Count < n/1024/2 || h.Count > 2*n/1024 || h.Sum <= 0 || h.Sum > float64(h.Count) {
		t.Errorf("of %d calls %d were measured, %v s in all", n, h.Count, h.Sum)
	}
}
