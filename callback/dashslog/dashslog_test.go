package dashslog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashslog"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// logged calls f with a logger and the context of the node "work", and returns the events inside it
// and what the next handler wrote.
func logged(
	t *testing.T, f func(ctx context.Context, log *slog.Logger), opts ...dashslog.Option,
) (events []*pb.Event, written string) {
	t.Helper()
	rec := callbacktest.NewRecorder()
	ctx, run := rec.Client(t).StartRunContext(context.Background(), callback.RunInfo{})
	ctx, node := callback.StartNodeContext(ctx, "work")
	var out bytes.Buffer
	f(ctx, slog.New(dashslog.NewHandler(slog.NewTextHandler(&out, withoutTime), opts...)))
	node.End(nil)
	run.End(nil)
	if err := rec.Check().Err(); err != nil {
		t.Error(err)
	}
	for _, e := range rec.Events() {
		switch e.GetEventType() {
		case pb.EventType_EVENT_TYPE_NODE_SUBSTEP, pb.EventType_EVENT_TYPE_NODE_WARNING:
			if e.GetNodeId() != "work" {
				t.Errorf("an event of node %q", e.GetNodeId())
			}
			events = append(events, e)
		}
	}
	return events, out.String()
}

var withoutTime = &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

// show writes an event's attributes in the order of their names.
func show(e *pb.Event) string {
	return strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_NODE_") + " " +
		inOrder(e.GetAttributes())
}

func inOrder(attrs map[string]*pb.AttributeValue) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(attrs)) {
		v := attrs[k]
		text := v.GetStringValue()
		switch x := v.GetValue().(type) {
		case *pb.AttributeValue_IntValue:
			text = fmt.Sprint(x.IntValue)
		case *pb.AttributeValue_MapValue:
			text = "{" + inOrder(x.MapValue.GetValues()) + "}"
		}
		parts = append(parts, k+"="+text)
	}
	return strings.Join(parts, " ")
}

func TestALineBecomesAnEventAndIsPassedOn(t *testing.T) {
	for _, tt := range []struct {
		name        string
		log         func(ctx context.Context, log *slog.Logger)
		event, line string
	}{
		{"info", func(ctx context.Context, log *slog.Logger) {
			log.InfoContext(ctx, "asking", "k", 5)
		}, "SUBSTEP k=5 log_level=INFO status=info substep_name=asking",
			"level=INFO msg=asking k=5\n"},
		{"warning", func(ctx context.Context, log *slog.Logger) {
			log.WarnContext(ctx, "slow")
		}, "WARNING log_level=WARN message=slow", "level=WARN msg=slow\n"},
		{"error", func(ctx context.Context, log *slog.Logger) {
			log.ErrorContext(ctx, "no answer", "error", errors.New("timeout"))
		}, "WARNING error=timeout log_level=ERROR message=no answer",
			"level=ERROR msg=\"no answer\" error=timeout\n"},
		{"a level between", func(ctx context.Context, log *slog.Logger) {
			log.Log(ctx, slog.LevelInfo+1, "between")
		}, "SUBSTEP log_level=INFO+1 status=info+1 substep_name=between",
			"level=INFO+1 msg=between\n"},
		{"attributes and groups", func(ctx context.Context, log *slog.Logger) {
			log.With("a", 1).WithGroup("g").With("b", 2).WithGroup("h").InfoContext(ctx,
				"m", "c", 3,
				slog.Group("i", "d", 4))
		}, "SUBSTEP a=1 g={b=2 h={c=3 i={d=4}}} log_level=INFO status=info substep_name=m",
			"level=INFO msg=m a=1 g.b=2 g.h.c=3 g.h.i.d=4\n"},
		{"an empty group", func(ctx context.Context, log *slog.Logger) {
			log.With("a", 1).WithGroup("g").InfoContext(ctx, "m")
		}, "SUBSTEP a=1 log_level=INFO status=info substep_name=m", "level=INFO msg=m a=1\n"},
		{"attributes with the names of the event's own",
			func(ctx context.Context, log *slog.Logger) {
				log.WarnContext(ctx, "m", "message", "mine")
			}, "WARNING app.message=mine log_level=WARN message=m",
			"level=WARN msg=m message=mine\n"},
		{"a panic in a value", func(ctx context.Context, log *slog.Logger) {
			slog.New(dashslog.NewHandler(nil)).InfoContext(ctx, "m", "v", panics{})
		}, "SUBSTEP log_level=INFO status=info substep_name=m v=!PANIC: boom", ""},
		{"below the level", func(ctx context.Context, log *slog.Logger) {
			log.DebugContext(ctx, "detail")
		}, "", ""},
		{"no run", func(_ context.Context, log *slog.Logger) {
			log.Info("elsewhere")
		}, "", "level=INFO msg=elsewhere\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events, line := logged(t, tt.log)
			var got []string
			for _, e := range events {
				got = append(got, show(e))
			}
			if s := strings.Join(got, "\n"); s != tt.event {
				t.Errorf("events:\n%s, want\n%s", s, tt.event)
			}
			if line != tt.line {
				t.Errorf("passed on %q, want %q", line, tt.line)
			}
		})
	}
}

type panics struct{}

func (panics) LogValue() slog.Value { panic("boom") }

func TestLevelsOfEventsAndOfTheNextHandlerAreApart(t *testing.T) {
	rec := callbacktest.NewRecorder()
	ctx, run := rec.Client(t).StartRunContext(context.Background(), callback.RunInfo{})
	var out bytes.Buffer
	level := new(slog.LevelVar)
	level.Set(slog.LevelDebug)
	log := slog.New(dashslog.NewHandler(slog.NewTextHandler(&out,
		&slog.HandlerOptions{Level: slog.LevelError}), dashslog.WithLevel(level)))
	if !log.Enabled(ctx, slog.LevelDebug) || log.Enabled(context.Background(), slog.LevelDebug) {
		t.Error("a debug line is wanted in a run, and only there")
	}
	log.DebugContext(ctx, "one")
	level.Set(slog.LevelError + 1)
	log.ErrorContext(ctx, "two")
	run.End(nil)
	if n := len(rec.Events()); n != 3 {
		t.Errorf("%d events, want start, line and end", n)
	}
	if got := out.String(); strings.Contains(got, "one") || !strings.Contains(got, "two") {
		t.Errorf("the next handler wrote %q", got)
	}
}

type failingHandler struct{ slog.Handler }

var errWrite = errors.New("disk full")

func (failingHandler) Handle(context.Context, slog.Record) error { return errWrite }

func TestTheErrorIsThatOfTheNextHandler(t *testing.T) {
	h := dashslog.NewHandler(failingHandler{slog.NewTextHandler(nil, nil)})
	if err := h.Handle(context.Background(), slog.Record{Level: slog.LevelInfo}); err != errWrite {
		t.Errorf("error %v", err)
	}
}

func TestTheNextHandlerSeesWhatItWouldSeeAlone(t *testing.T) {
	var out bytes.Buffer
	err := slogtest.TestHandler(dashslog.NewHandler(slog.NewJSONHandler(&out, nil)),
		func() (lines []map[string]any) {
			for _, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
				var m map[string]any
				if err := json.Unmarshal(line, &m); err != nil {
					t.Fatal(err)
				}
				lines = append(lines, m)
			}
			return lines
		})
	if err != nil {
		t.Error(err)
	}
}

// The client's own logger is the handler, its lines are written, and what they say is that events
// are lost: none of them may become an event.
func TestTheClientsOwnLinesBecomeNoEvents(t *testing.T) {
	rec := callbacktest.NewRecorder()
	var mu sync.Mutex
	var out bytes.Buffer
	log := slog.New(dashslog.NewHandler(lockedHandler{slog.NewTextHandler(&out, nil), &mu},
		dashslog.WithLevel(slog.LevelDebug)))
	client := rec.Client(t, func(c *callback.Config) {
		c.Logger = log
		c.QueueEvents = 10
	})
	ctx, run := client.StartRunContext(context.Background(), callback.RunInfo{ThreadID: "t"})
	for i := range 1000 {
		log.InfoContext(ctx, "line", "i", i) // more than the queue takes
	}
	run.End(nil)
	if _, err := client.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, e := range rec.Events() {
		if strings.Contains(e.String(), "dashstream:") {
			t.Errorf("a line of the client's became an event: %v", e)
		}
	}
	if total := client.Stats().Total; total.Emitted > 1002 {
		t.Errorf("%d events were emitted, want those of the run", total.Emitted)
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(out.String(), "dashstream:") {
		t.Error("the client's own lines were not passed on")
	}
}

type lockedHandler struct {
	slog.Handler
	mu *sync.Mutex
}

func (h lockedHandler) Handle(ctx context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.Handler.Handle(ctx, r)
}
