package batching

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestLevelsAgreeWithStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits, c.QueueEvents = 5, 30 })
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(40) {
			state(i).emit(l)
		}
		time.Sleep(time.Second)
		s.end(nil)
		time.Sleep(time.Second)
		x, st := e.Levels(), e.Stats()
		if x.Bytes != st.Queue.Bytes || x.Events != st.Queue.Events ||
			x.MaxBytes != st.Queue.MaxBytes-e.memory.reserve || x.MaxEvents != st.Queue.MaxEvents {
			t.Errorf("levels %+v, stats %+v", x, st.Queue)
		}
		if x.EventsIn != st.Total.Accepted || x.EventsOut != st.Total.Delivered ||
			x.Delivered != st.Total.Delivered || x.Queued != int64(st.Total.Queued) {
			t.Errorf("levels %+v, account %+v", x, st.Total)
		}
		if x.BytesIn-x.BytesOut != uint64(x.Bytes) || x.BytesOut == 0 {
			t.Errorf("%d bytes came in, %d went out, %d are held", x.BytesIn, x.BytesOut, x.Bytes)
		}
		if x.Lost != st.Total.Dropped[QueueFull] || x.Lost != 10 {
			t.Errorf("%d events count as lost, want 10: %+v", x.Lost, st.Total)
		}
		if !x.Oldest.Equal(st.Queue.Oldest) || !x.LastAck.Equal(st.LastAck) ||
			x.Permits != st.Permits.InUse || x.MaxPermits != st.Permits.Limit {
			t.Errorf("levels %+v, stats %+v", x, st)
		}
		s.end(nil)
		synctest.Wait()
		s.end(nil)
	})
}

func TestLevelsAllocateNothing(t *testing.T) {
	e := start(t, new(heldSender), nil)
	if n := testing.AllocsPerRun(100, func() { e.Levels() }); n != 0 {
		t.Errorf("Levels allocates %v times", n)
	}
}

func TestAwaitReturnsWithTheFirstEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		l := e.NewLane("a", nil, 0, 0)
		returned := make(chan time.Time)
		await := func(stop chan struct{}) {
			go func() { e.Await(stop); returned <- time.Now() }()
		}
		await(nil)
		time.Sleep(time.Hour)
		emitted := time.Now()
		event(1).emit(l)
		if at := <-returned; at != emitted {
			t.Errorf("it returned %v after the first event", at.Sub(emitted))
		}
		await(nil)
		<-returned // an event is held
		time.Sleep(time.Second)
		s.end(nil)
		stop := make(chan struct{})
		await(stop)
		time.Sleep(time.Hour)
		select {
		case <-returned:
			t.Error("it returned although nothing is held")
		default:
		}
		close(stop)
		<-returned
	})
}

// The worker may be stuck in a send, or anywhere, when the first event comes.
func TestAwaitNeedsNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		block := make(chan struct{})
		e := start(t, s, nil)
		s.onSend = func(*Batch) { s.end(nil); <-block }
		l := e.NewLane("a", nil, 0, 0)
		event(1).emit(l)
		time.Sleep(time.Second) // delivered, but the worker is stuck
		if x := e.Levels(); x.Events != 0 {
			t.Fatalf("%d events are held", x.Events)
		}
		done := make(chan struct{})
		go func() { e.Await(nil); close(done) }()
		time.Sleep(time.Minute)
		event(2).emit(l)
		synctest.Wait()
		select {
		case <-done:
		default:
			t.Error("it still waits")
		}
		s.onSend = nil
		close(block)
		time.Sleep(time.Second)
		s.end(nil)
	})
}

func TestLevelRoseWhenMemoryFillsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.QueueBytes = 100 * minSegment })
		l := e.NewLane("a", nil, 0, 0)
		var at []int64
		for i := range uint64(100) {
			state(i).emit(l)
			select {
			case <-e.LevelRose():
				at = append(at, e.Levels().Bytes/minSegment)
			default:
			}
		}
		// a quarter of so small a queue is kept for sealing, so those who emit have 75 segments
		if len(at) != 2 || at[0] != 38 || at[1] != 60 {
			t.Errorf("notices came at %v segments of 100, want 38 and 60", at)
		}
		time.Sleep(time.Second)
		s.end(nil)
	})
}

func TestLevelRoseWhenEventsFillUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.QueueEvents = 100 })
		l := e.NewLane("a", nil, 0, 0)
		var at []int64
		for i := range uint64(110) {
			event(i + 1).emit(l)
			select {
			case <-e.LevelRose():
				at = append(at, e.Levels().Events)
			default:
			}
		}
		if len(at) != 2 || at[0] != 50 || at[1] != 80 {
			t.Errorf("notices came at %v events of 100, want 50 and 80", at)
		}
		time.Sleep(time.Second)
		s.end(nil)
	})
}

func TestHistogramsKeepTheLastTraceOfEachBucket(t *testing.T) {
	var r recorder
	began := time.Now()
	long := string(make([]byte, 100))
	for i, d := range []time.Duration{time.Millisecond, time.Millisecond, time.Second, time.Hour} {
		r.observeTraced(d, began.Add(d), &Trace{ID: string(rune('a' + i))})
	}
	r.observe(time.Minute)
	r.observeTraced(time.Minute, began, &Trace{ID: long})
	r.observeTraced(time.Minute, began, &Trace{})
	h := r.snapshot()
	var got []string
	for i, x := range h.Exemplars {
		if x.TraceID != "" {
			got = append(got, x.TraceID)
			if !x.At.Equal(began.Add(seconds(x.Value))) || i < len(HistogramBounds) &&
				x.Value > HistogramBounds[i] {
				t.Errorf("bucket %d has the exemplar %+v", i, x)
			}
		}
	}
	if len(got) != 3 || got[0] != "b" || got[1] != "c" || got[2] != "d" {
		t.Errorf("the exemplars are %q", got)
	}
	if h := new(recorder).snapshot(); h.Exemplars != nil {
		t.Errorf("without traces there are %v", h.Exemplars)
	}
}
