package callback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
)

// failingOnce is a writer whose second write fails after so many bytes.
type failingOnce struct {
	bytes.Buffer
	writes, takes int
}

func (f *failingOnce) Write(p []byte) (int, error) {
	if f.writes++; f.writes == 2 {
		n, _ := f.Buffer.Write(p[:f.takes])
		return n, errors.New("the disk is full")
	}
	return f.Buffer.Write(p)
}

// A record that is written in part may have been read. What follows begins on a new line, and shows
// the gap.
func TestALineThatIsTornSpoilsNoOther(t *testing.T) {
	for _, takes := range []int{0, 20} {
		f := &failingOnce{takes: takes}
		client, err := callback.New(callback.Config{
			Sender: callback.NewLines(f), SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		run := client.StartRun(callback.RunInfo{ThreadID: "t"})
		for range 3 {
			run.StartNode("plan").End(nil)
			if err := client.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		run.End(nil)
		report, err := client.Shutdown(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		want, got := report.Dropped[batching.Rejected.String()], "as rejected"
		if takes > 0 {
			want, got = report.Unacknowledged, "as unacknowledged"
		}
		if want != 2 {
			t.Errorf("after %d bytes %d events are counted %s, want 2: %+v", takes, want, got,
				report)
		}
		if last := client.Stats().Sender.LastError; !strings.Contains(last, "the disk is full") {
			t.Errorf("LastError is %q", last)
		}
		broken, gaps := 0, 0
		for line := range strings.Lines(f.String()) {
			switch {
			case !json.Valid([]byte(line)):
				broken++
			case strings.Contains(line, `"gap"`):
				gaps++
			}
		}
		if gaps != 1 || broken != min(takes, 1) {
			t.Errorf("after %d bytes: %d gaps and %d broken lines:\n%s", takes, gaps, broken,
				f.String())
		}
	}
}

// unreadPipe is a pipe that nobody reads.
type unreadPipe struct{ until chan struct{} }

func (s unreadPipe) Write(p []byte) (int, error) {
	<-s.until
	return len(p), nil
}

func TestAWriterThatIsStuckHoldsUpNoShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := unreadPipe{make(chan struct{})}
		client, err := callback.New(callback.Config{
			Sender: callback.NewLines(s), SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		client.StartRun(callback.RunInfo{ThreadID: "t"}).End(nil)
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		begin := time.Now()
		report, _ := client.Shutdown(ctx)
		if took := time.Since(begin); took > 3*time.Second || report.Delivered > 0 {
			t.Errorf("it took %v: %+v", took, report)
		}
		close(s.until)
	})
}
