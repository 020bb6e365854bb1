package callback_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func TestRunsOfAThreadContinueItsNumbers(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	for range 3 {
		client.StartRun(callback.RunInfo{ThreadID: "thread"}).End(nil)
		client.StartRun(callback.RunInfo{ThreadID: "other"}).End(nil)
	}
	if got := sequences(rec, "thread"); !slices.Equal(got, upTo(6)) {
		t.Errorf("the numbers are %v, want 1 to 6", got)
	}
}

func TestAResumedRunHangsUnderTheRunThatItContinues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t)
		client.StartRun(callback.RunInfo{ThreadID: "thread"}).Interrupt("sure?")
		run := client.StartRun(callback.RunInfo{ThreadID: "thread", Resume: true})
		run.StartNode("n").End(nil)
		run.Interrupt("really?")
		client.StartRun(callback.RunInfo{ThreadID: "thread", Resume: true}).End(nil)
		want := "1:graph_start 2:human_interrupt 3:human_resume 4:node_start 5:node_end " +
			"6:human_interrupt 7:human_resume 8:graph_end"
		if got := describe(rec); got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		items := itemsOf(rec)
		for i, under := range []int{-1, 0, 0, 0, 3, 0, 0, 0} {
			var parent []byte
			if under >= 0 {
				parent = items[under].header.GetMessageId()
			}
			if !slices.Equal(items[i].header.GetParentId(), parent) {
				t.Errorf("%v hangs under %x, want message %d", items[i],
					items[i].header.GetParentId(), under)
			}
		}
		if report := rec.Check(); len(report.Violations) > 0 {
			t.Errorf("the stream breaks rules: %v", report.Violations)
		}
	})
}

// Another process continues a thread from what the first one passes on.
func TestAnotherProcessContinuesAThread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		first := rec.Client(t)
		run := first.StartRun(callback.RunInfo{ThreadID: "thread"})
		run.StartNode("n").End(nil)
		run.Interrupt("sure?")
		position := run.Position()
		flush(t, first)
		if start := itemsOf(rec)[0].header.GetMessageId(); position.Sequence != 4 ||
			!slices.Equal(position.Start[:], start) {
			t.Errorf("the position is %+v, want 4 and %x", position, start)
		}

		second := rec.Client(t)
		run = second.StartRun(callback.RunInfo{ThreadID: "thread", Resume: true, After: position})
		run.StartNode("n").End(nil)
		run.End(nil)
		if got := run.Position(); got.Sequence != 8 || got.Start != position.Start {
			t.Errorf("the position after it is %+v, want 8 and the same start", got)
		}
		items := itemsOf(rec)
		if got := sequences(rec); !slices.Equal(got, upTo(8)) {
			t.Errorf("the numbers are %v, want 1 to 8", got)
		}
		if !slices.Equal(items[4].header.GetParentId(), position.Start[:]) ||
			!slices.Equal(items[7].header.GetParentId(), position.Start[:]) {
			t.Errorf("the resumed run hangs under %x and ends under %x",
				items[4].header.GetParentId(), items[7].header.GetParentId())
		}
		if report := rec.Check(); len(report.Violations) > 0 || report.Missing() > 0 {
			t.Errorf("the stream breaks rules: %v", report)
		}

		// What this process knows itself takes precedence over what it is told.
		second.StartRun(callback.RunInfo{ThreadID: "thread",
			After: callback.Position{Sequence: 2}}).End(nil)
		if got := sequences(rec); !slices.Equal(got, upTo(10)) {
			t.Errorf("the numbers are %v, want 1 to 10", got)
		}
	})
}

// A position that no thread can have reached would leave no numbers for later messages.
func TestAPositionThatCannotBe(t *testing.T) {
	for _, after := range []uint64{1<<64 - 1<<32, 1<<64 - 1} {
		rec := callbacktest.NewRecorder()
		rec.Client(t).StartRun(callback.RunInfo{After: callback.Position{Sequence: after}}).End(nil)
		if got := sequences(rec); !slices.Equal(got, upTo(2)) {
			t.Errorf("after %d the numbers are %v, want 1 and 2", after, got)
		}
	}
}

func TestAResumedRunThatNobodyKnowsIsItsOwnRoot(t *testing.T) {
	rec := callbacktest.NewRecorder()
	run := rec.Client(t).StartRun(callback.RunInfo{ThreadID: "thread", Resume: true})
	run.StartNode("n")
	run.End(nil)
	items := itemsOf(rec)
	resume := items[0].header.GetMessageId()
	if len(items[0].header.GetParentId()) > 0 {
		t.Errorf("HUMAN_RESUME hangs under %x", items[0].header.GetParentId())
	}
	for _, i := range items[1:] {
		if !slices.Equal(i.header.GetParentId(), resume) {
			t.Errorf("%v hangs under %x, want the HUMAN_RESUME", i, i.header.GetParentId())
		}
	}
}

// The number of ended threads that keep their numbers is bounded: the one that ended first is
// forgotten first.
func TestRememberedThreadsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, func(cfg *callback.Config) { cfg.RememberedThreads = 2 })
		end := func(id string, after uint64) {
			client.StartRun(callback.RunInfo{ThreadID: id,
				After: callback.Position{Sequence: after}}).End(nil)
			flush(t, client)
		}
		check := func(id string, want ...uint64) {
			t.Helper()
			if got := sequences(rec, id); !slices.Equal(got, want) {
				t.Errorf("the numbers of %s are %v, want %v", id, got, want)
			}
		}
		end("a", 0)
		end("b", 0)
		end("a", 0) // b is now the one that ended first
		end("c", 0)
		if s := client.Stats().Input; s.Remembered != 2 || s.Threads != 0 || s.Runs != 0 {
			t.Errorf("the client holds %+v, want 2 remembered threads", s)
		}
		end("a", 0)
		check("a", 1, 2, 3, 4, 5, 6)
		end("b", 0) // forgotten, and no position is given
		check("b", 1, 2, 1, 2)
		end("c", 2) // forgotten, and the application gives the position
		check("c", 1, 2, 3, 4)

		// A thread with a run is never forgotten.
		run := client.StartRun(callback.RunInfo{ThreadID: "held"})
		for i := range 5 {
			end(fmt.Sprint(i), 0)
		}
		if s := client.Stats().Input; s.Remembered != 2 || s.Threads != 1 || s.Runs != 1 {
			t.Errorf("the client holds %+v, want 2 remembered threads and 1 with a run", s)
		}
		run.End(nil)
		check("held", 1, 2)
	})
}

// A thread with queued messages is kept beyond the bound: its new lane could overtake them.
func TestAThreadIsNotForgottenWhileSomethingOfItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t, func(cfg *callback.Config) {
			cfg.RememberedThreads,
				cfg.MaxPermits = 1, 1
		})
		client.StartRun(callback.RunInfo{ThreadID: "first"})
		c.hold()
		flushing := make(chan error, 1)
		go func() { flushing <- client.Flush(t.Context()) }()
		synctest.Wait() // the only permit is taken
		for i := range 3 {
			client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint(i)}).End(nil)
		}
		if n := client.Stats().Input.Remembered; n != 3 {
			t.Errorf("%d threads are remembered, want all 3, with queued messages", n)
		}
		client.StartRun(callback.RunInfo{ThreadID: "0"}).End(nil)
		c.release()
		if err := <-flushing; err != nil {
			t.Fatal(err)
		}
		if got := sequences(c.Recorder, "0"); !slices.Equal(got, upTo(4)) {
			t.Errorf("the numbers are %v, want 1 to 4", got)
		}
		client.StartRun(callback.RunInfo{ThreadID: "last"}).End(nil)
		flush(t, client)
		client.StartRun(callback.RunInfo{ThreadID: "last"}).End(nil)
		if n := client.Stats().Input.Remembered; n > 2 {
			t.Errorf("%d threads are remembered when nothing is queued", n)
		}
	})
}

func TestThreadIDs(t *testing.T) {
	long := strings.Repeat("é", 150) // 300 bytes
	tests := map[string]struct {
		id    string
		check func(got string) bool
	}{
		"as it is": {"conversation 7/ü", func(got string) bool {
			return got == "conversation 7/ü"
		}},
		"empty": {"", func(got string) bool {
			return len(got) == 36 &&
				strings.Count(got, "-") == 4
		}},
		"invalid UTF-8":      {"a\xffb", func(got string) bool { return got == "a\uFFFDb" }},
		"only invalid UTF-8": {"\xff", func(got string) bool { return got == "\uFFFD" }},
		"256 bytes": {strings.Repeat("a", 256), func(got string) bool {
			return got == strings.Repeat("a", 256)
		}},
		"257 bytes": {strings.Repeat("a", 257), func(got string) bool {
			return strings.HasPrefix(got, strings.Repeat("a", 239)+"#") && len(got) == 256
		}},
		"300 bytes of two each": {long, func(got string) bool {
			return strings.HasPrefix(got, strings.Repeat("é", 119)+"#")
		}},
		"grows when it is repaired": {strings.Repeat("\xff", 100) + strings.Repeat("a", 150),
			func(got string) bool {
				return strings.HasPrefix(got, "\uFFFDaaa") &&
					len(got) == 153
			}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rec := callbacktest.NewRecorder()
			run := rec.Client(t).StartRun(callback.RunInfo{ThreadID: tt.id})
			run.End(nil)
			got := run.ThreadID()
			if !tt.check(got) {
				t.Errorf("the id is %q", got)
			}
			if len(got) < 1 || len(got) > pb.MaxThreadIDBytes || !utf8.ValidString(got) {
				t.Errorf("%q (%d bytes) is no thread id", got, len(got))
			}
			for _, r := range rec.Records() {
				if string(r.Key) != got {
					t.Errorf("the record's key is %q, want %q", r.Key, got)
				}
			}
			if report := rec.Check(); len(report.Violations) > 0 {
				t.Errorf("the stream breaks rules: %v", report.Violations)
			}
		})
	}
}

func TestLongThreadIDsStayApart(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	long := strings.Repeat("x", 400)
	a := client.StartRun(callback.RunInfo{ThreadID: long + "a"})
	b := client.StartRun(callback.RunInfo{ThreadID: long + "b"})
	again := client.StartRun(callback.RunInfo{ThreadID: long + "a"})
	if a.ThreadID() == b.ThreadID() || a.ThreadID() != again.ThreadID() {
		t.Errorf("the ids are %q, %q and %q", a.ThreadID(), b.ThreadID(), again.ThreadID())
	}
}

func TestRunsWithoutAThreadHaveOneOfTheirOwn(t *testing.T) {
	client := callbacktest.NewRecorder().Client(t)
	seen := map[string]bool{}
	for range 100 {
		seen[client.StartRun(callback.RunInfo{}).ThreadID()] = true
	}
	if len(seen) != 100 {
		t.Errorf("100 runs have %d threads", len(seen))
	}
}

// Whatever threads come, wait, are resumed and end: the remembered ones are those that ended last
// and those with queued messages.
func TestWhatIsRememberedOfManyThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 20
		client, c := withCourier(t, func(cfg *callback.Config) {
			cfg.RememberedThreads, cfg.MaxPermits, cfg.DeliveryTimeout = limit, 5, time.Hour
		})
		random := rand.New(rand.NewPCG(1, 2))
		for round := range 30 {
			if c.hold(); round%2 == 1 {
				c.release()
			}
			for range random.IntN(200) {
				client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint("thread-",
					random.IntN(100+10*round))}).End(nil)
			}
			if random.IntN(3) == 0 {
				time.Sleep(time.Duration(random.IntN(3000)) * time.Millisecond)
			}
		}
		c.release()
		flush(t, client)
		last := map[string]bool{}
		for i := range limit {
			id := fmt.Sprint("last-", i)
			last[id] = true
			client.StartRun(callback.RunInfo{ThreadID: id}).End(nil)
		}
		time.Sleep(3 * time.Second)
		if s := client.Stats().Input; s.Remembered != limit || s.Threads != 0 {
			t.Errorf("%d threads are remembered, %d are active, want %d and none", s.Remembered,
				s.Threads, limit)
		}
		for id := range last {
			client.StartRun(callback.RunInfo{ThreadID: id}).End(nil)
			if got := sequences(c.Recorder, id); !slices.Equal(got, upTo(4)) {
				t.Errorf("the numbers of %s are %v, want 1 to 4", id, got)
			}
		}
	})
}
