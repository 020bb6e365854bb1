package callback_test

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// wicked stands for all user code that can be passed, and does the same wherever it is called.
type wicked struct{ do func() }

func (w *wicked) run() {
	if w.do == nil {
		return
	}
	w.do()
}

func (w *wicked) Error() string        { w.run(); return "the application's own" }
func (w *wicked) Is(error) bool        { w.run(); return false }
func (w *wicked) As(any) bool          { w.run(); return false }
func (w *wicked) Unwrap() error        { w.run(); return nil }
func (w *wicked) LogValue() slog.Value { w.run(); return slog.StringValue("the application's own") }
func (w *wicked) MarshalJSON() ([]byte, error) {
	w.run()
	return []byte(`"the application's own"`), nil
}
func (w *wicked) MarshalText() ([]byte, error) {
	w.run()
	return []byte("the application's own"),
		nil
}
func (w *wicked) String() string              { w.run(); return "the application's own" }
func (w *wicked) Value(any) any               { w.run(); return nil }
func (w *wicked) Done() <-chan struct{}       { w.run(); return nil }
func (w *wicked) Err() error                  { w.run(); return nil }
func (w *wicked) Deadline() (time.Time, bool) { w.run(); return time.Time{}, false }

func (w *wicked) Enabled(context.Context, slog.Level) bool { w.run(); return true }
func (w *wicked) Handle(context.Context, slog.Record) error {
	w.run()
	return nil
}
func (w *wicked) WithAttrs([]slog.Attr) slog.Handler { w.run(); return w }
func (w *wicked) WithGroup(string) slog.Handler      { w.run(); return w }

// wickedness is what user code does, and what appears in place of its text.
var wickedness = []struct {
	name  string
	value *wicked
	text  string
}{
	{"panics", &wicked{func() { panic("oh") }}, "!PANIC: oh"},
	{"panics with what panics", &wicked{func() { panic(&wicked{func() { panic("oh") }}) }},
		"!PANIC"},
	{"blocks for a while", &wicked{func() { time.Sleep(10 * time.Second) }},
		"the application's own"},
	{"is a typed nil", nil, "!PANIC: runtime error: invalid memory address or nil pointer " +
		"dereference"},
}

// fill makes a value of a type with w in place of everything that can be user code.
func fill(v reflect.Value, w *wicked, depth int) {
	switch v.Type() {
	case reflect.TypeFor[slog.Attr]():
		v.Set(reflect.ValueOf(slog.Group("group", slog.Any("a", w),
			slog.Any("b", struct{ Inner any }{w}))))
		return
	case reflect.TypeFor[*callback.Graph]():
		v.Set(reflect.ValueOf(&callback.Graph{Name: "graph"}))
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		if reflect.TypeFor[*wicked]().Implements(v.Type()) {
			v.Set(reflect.ValueOf(w))
		}
	case reflect.String:
		v.SetString("text")
	case reflect.Slice:
		if depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), w, depth-1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() && depth > 0 {
				fill(f, w, depth-1)
			}
		}
	}
}

// callAll calls every method of the handles with user code wherever one accepts it.
func callAll(t *testing.T, w *wicked, handles ...any) {
	t.Helper()
	for _, h := range handles {
		v := reflect.ValueOf(h)
		for i := range v.NumMethod() {
			name, typ := v.Type().Method(i).Name, v.Method(i).Type()
			if name == "Shutdown" || strings.HasPrefix(name, "End") || name == "Interrupt" ||
				name == "Complete" || name == "Fail" {
				continue // called last, by the caller
			}
			var in []reflect.Value
			for p := range typ.NumIn() {
				arg := typ.In(p)
				if typ.IsVariadic() && p == typ.NumIn()-1 {
					arg = arg.Elem()
				}
				value := reflect.New(arg).Elem()
				fill(value, w, 4)
				in = append(in, value)
			}
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("%T.%s panicked", h, name)
					}
				}()
				v.Method(i).Call(in)
			}()
		}
	}
}

// Whatever user code passed to any method does, the call returns, the run ends, and every event is
// sent.
func TestUserCodeInEveryCall(t *testing.T) {
	for _, kind := range wickedness {
		t.Run(kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := kind.value
				rec := callbacktest.NewRecorder()
				client := rec.Client(t, func(cfg *callback.Config) {
					cfg.Logger, cfg.SelfMetrics, cfg.ExecutionTrace = slog.New(w), "always", true
					cfg.Traceparent = func(context.Context) (string, string) {
						w.run()
						return "",
							""
					}
					cfg.OnPressure = func(callback.Pressure) { w.run() }
				})
				run := client.StartRun(callback.RunInfo{ThreadID: "thread", InitialState: w,
					Attrs: []slog.Attr{slog.Any("a", w)}})
				node := run.StartNode("node", slog.Any("a", w))
				llm, tool, other := node.StartLLM(callback.LLMRequest{}),
					node.StartTool(callback.ToolCall{Arguments: w}),
					node.RequestTool(callback.ToolCall{EventsOnly: true, Arguments: w})
				parallel, search := node.StartParallel("a", "b"),
					node.StartOptimization(callback.Optimization{}, slog.Any("a", w))
				graph := &callback.Graph{Name: "graph"}
				callAll(t, w, client, run, node, llm, tool, other, parallel, search, graph)

				ctx := callback.NewContext(w, run)
				callback.FromContext(w)
				callback.NodeFromContext(w)
				callback.NewNodeContext(w, node)
				callback.StartNodeContext(w, "n", slog.Any("a", w))
				callback.StartNodeContext(ctx, "n", slog.Any("a", w))

				search.End(callback.OptimizationResult{}, slog.Any("a", w))
				parallel.End()
				tool.Complete(w)
				other.Fail(w)
				llm.End(callback.LLMResult{Attrs: []slog.Attr{slog.Any("a", w)}}, w)
				node.End(w, slog.Any("a", w))
				run.End(errors.Join(w, context.Canceled), slog.Any("a", w))
				second := client.StartRun(callback.RunInfo{ThreadID: "second"})
				second.End(w)
				third := client.StartRun(callback.RunInfo{ThreadID: "third"})
				third.Interrupt("why", slog.Any("a", w))

				if err := client.Flush(t.Context()); err != nil {
					t.Error(err)
				}
				s := client.Stats()
				if s.Input.Runs != int64(startedByReflection) {
					t.Errorf("%d runs have not ended, want those that reflection began",
						s.Input.Runs)
				}
				if s.Total.Delivered+s.Total.Unchanged != s.Total.Emitted ||
					s.Worker.Restarts != 0 {
					t.Errorf("%d of %d events were delivered; the worker was restarted %d "+
						"times", s.Total.Delivered, s.Total.Emitted, s.Worker.Restarts)
				}
				for _, thread := range []string{"thread", "second"} {
					events := rec.Events(thread)
					last := events[len(events)-1]
					if got := last.GetAttributes()["error"].GetStringValue(); last.GetEventType().
						String() != "EVENT_TYPE_GRAPH_ERROR" || !strings.Contains(got, kind.text) {
						t.Errorf("%s ended with %v, error %q, want %q", thread, last.GetEventType(),
							got, kind.text)
					}
				}
				if report := rec.Check(); len(report.Violations) > 0 {
					t.Errorf("the stream breaks rules: %v", report.Violations)
				}
				if _, err := client.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Hour) // until the log handler has returned
			})
		})
	}
}

// startedByReflection are the runs that callAll starts, with StartRun and StartRunContext, and does
// not end.
const startedByReflection = 2

// An ended context ends a call even if its own code is wicked, and Shutdown returns whatever its
// context does.
func TestWickedContexts(t *testing.T) {
	for _, kind := range wickedness {
		t.Run(kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, c := withCourier(t)
				c.hold()
				run := client.StartRun(callback.RunInfo{})
				run.End(nil)
				if kind.value == nil || !strings.HasPrefix(kind.name, "blocks") {
					if err := client.Flush(kind.value); err == nil {
						t.Error("a flush with a context that panics gave no error")
					}
				}
				c.release()
				report, err := client.Shutdown(kind.value)
				if report.Emitted != 2 || report.Left != 0 {
					t.Errorf("%+v, %v", report, err)
				}
			})
		})
	}
}
