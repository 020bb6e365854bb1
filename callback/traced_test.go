package callback_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// nodesOf calls f in a run and returns its events, "START name" and "END name ..." for nodes.
func nodesOf(t *testing.T, f func(ctx context.Context)) []string {
	t.Helper()
	rec := callbacktest.NewRecorder()
	ctx, run := rec.Client(t).StartRunContext(context.Background(), callback.RunInfo{})
	func() {
		defer func() { _ = recover() }()
		f(ctx)
	}()
	run.End(nil)
	if err := rec.Check().Err(); err != nil {
		t.Error(err)
	}
	var got []string
	for _, e := range rec.Events() {
		kind, isNode := strings.CutPrefix(e.GetEventType().String(), "EVENT_TYPE_NODE_")
		if !isNode {
			continue
		}
		line := kind + " " + e.GetNodeId()
		if text := e.GetAttributes()["error"].GetStringValue(); text != "" {
			line += ": " + text
		}
		if e.GetAttributes()["abandoned"].GetBoolValue() {
			line += " (abandoned)"
		}
		got = append(got, line)
	}
	return got
}

var errTraced = errors.New("no result")

func three(context.Context) iter.Seq[int] { return slices.Values([]int{1, 2, 3}) }

// failingSeq gives two values and an error with the second.
func failingSeq(context.Context) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) { _ = yield(1, nil) && yield(0, errTraced) }
}

func TestANodeEndsAsItsFunctionDoes(t *testing.T) {
	goexit := func(f func()) {
		var wg sync.WaitGroup
		wg.Go(f)
		wg.Wait()
	}
	for _, tt := range []struct {
		name string
		do   func(ctx context.Context)
		want string
	}{
		{"returns", func(ctx context.Context) {
			_ = callback.Traced(ctx, "a", func(context.Context) error { return nil })
		}, "START a, END a"},
		{"fails", func(ctx context.Context) {
			_ = callback.Traced(ctx, "a", func(context.Context) error { return errTraced })
		}, "START a, ERROR a: no result"},
		{"nested", func(ctx context.Context) {
			_ = callback.Traced(ctx, "a", func(ctx context.Context) error {
				_, err := callback.TracedValue(ctx, "b", func(context.Context) (int, error) {
					return 0, errTraced
				})
				return err
			})
		}, "START a, START b, ERROR b: no result, ERROR a: no result"},
		{"panics", func(ctx context.Context) {
			_ = callback.Traced(ctx, "a", func(context.Context) error { panic("boom") })
		}, "START a, ERROR a: callback: panic: boom"},
		{"panics with a value", func(ctx context.Context) {
			_, _ = callback.TracedValue(ctx, "a", func(context.Context) (int, error) {
				panic(errTraced)
			})
		}, "START a, ERROR a: callback: panic: no result"},
		{"ends its goroutine", func(ctx context.Context) {
			goexit(func() {
				_ = callback.Traced(ctx, "a", func(context.Context) error {
					runtime.Goexit()
					return nil
				})
			})
		}, "START a, ERROR a: callback: the goroutine was ended in the node"},
		{"a sequence that ends", func(ctx context.Context) {
			for range callback.TracedSeq(ctx, "s", three) {
			}
		}, "START s, END s"},
		{"a sequence that is used twice", func(ctx context.Context) {
			s := callback.TracedSeq(ctx, "s", three)
			_, _ = slices.Collect(s), slices.Collect(s)
		}, "START s, END s, START s, END s"},
		{"a sequence that nobody uses", func(ctx context.Context) {
			callback.TracedSeq(ctx, "s", three)
		}, ""},
		{"a loop that is left", func(ctx context.Context) {
			for range callback.TracedSeq(ctx, "s", three) {
				break
			}
		}, "START s, END s (abandoned)"},
		{"a loop that panics", func(ctx context.Context) {
			for range callback.TracedSeq(ctx, "s", three) {
				panic("boom")
			}
		}, "START s, END s (abandoned)"},
		{"a sequence that panics", func(ctx context.Context) {
			for range callback.TracedSeq(ctx, "s", func(context.Context) iter.Seq[int] {
				return func(yield func(int) bool) { yield(1); panic("boom") }
			}) {
			}
		}, "START s, ERROR s: callback: panic: boom"},
		{"a sequence that panics when the loop is left", func(ctx context.Context) {
			for range callback.TracedSeq(ctx, "s", func(context.Context) iter.Seq[int] {
				return func(yield func(int) bool) { yield(1); panic("boom") }
			}) {
				break
			}
		}, "START s, ERROR s: callback: panic: boom"},
		{"a sequence that is pulled and stopped", func(ctx context.Context) {
			next, stop := iter.Pull(callback.TracedSeq(ctx, "s", three))
			next()
			stop()
		}, "START s, END s (abandoned)"},
		{"a sequence with an error", func(ctx context.Context) {
			for range callback.TracedSeq2(ctx, "s", failingSeq) {
			}
		}, "START s, ERROR s: no result"},
		{"a loop that is left because of an error", func(ctx context.Context) {
			for _, err := range callback.TracedSeq2(ctx, "s", failingSeq) {
				if err != nil {
					break
				}
			}
		}, "START s, ERROR s: no result"},
		{"a loop that is left before an error", func(ctx context.Context) {
			for range callback.TracedSeq2(ctx, "s", failingSeq) {
				break
			}
		}, "START s, END s (abandoned)"},
		{"a loop that panics because of an error", func(ctx context.Context) {
			for _, err := range callback.TracedSeq2(ctx, "s", failingSeq) {
				if err != nil {
					panic(err)
				}
			}
		}, "START s, ERROR s: no result"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(nodesOf(t, tt.do), ", "); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAPanicGoesOnAsItWas(t *testing.T) {
	rec := callbacktest.NewRecorder()
	in, run := rec.Client(t).StartRunContext(context.Background(), callback.RunInfo{})
	defer run.End(nil)
	boom := &struct{ n int }{1}
	for name, do := range map[string]func(ctx context.Context){
		"function": func(ctx context.Context) {
			_ = callback.Traced(ctx, "a", func(context.Context) error { panic(boom) })
		},
		"sequence": func(ctx context.Context) {
			for range callback.TracedSeq(ctx, "a", func(context.Context) iter.Seq[int] {
				panic(boom)
			}) {
			}
		},
		"loop": func(ctx context.Context) {
			for range callback.TracedSeq(ctx, "a", three) {
				panic(boom)
			}
		},
	} {
		for _, ctx := range []context.Context{in, context.Background()} {
			func() {
				defer func() {
					if got := recover(); got != boom {
						t.Errorf("%s: recovered %v, want what it panicked with", name, got)
					}
				}()
				do(ctx)
			}()
		}
	}
}

func TestTracedOutsideOfARunOnlyCalls(t *testing.T) {
	ctx := context.WithValue(context.Background(), tracedKey{}, 1)
	v, err := callback.TracedValue(ctx, "a", func(in context.Context) (int, error) {
		if callback.NodeFromContext(in) != nil {
			t.Error("there is a node")
		}
		return in.Value(tracedKey{}).(int), errTraced
	})
	if v != 1 || err != errTraced {
		t.Errorf("%v, %v", v, err)
	}
	if err := callback.Traced(ctx, "a", func(context.Context) error { return errTraced }); err !=
		errTraced {
		t.Error(err)
	}
	if got := slices.Collect(callback.TracedSeq(ctx, "a", three)); len(got) != 3 {
		t.Errorf("%v", got)
	}
	for _, err = range callback.TracedSeq2(ctx, "a", failingSeq) {
	}
	if err != errTraced {
		t.Error(err)
	}
}

type tracedKey struct{}

func TestTracedNodesThatRunAtOnceStayApart(t *testing.T) {
	got := nodesOf(t, func(ctx context.Context) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				name := fmt.Sprint(i)
				_ = callback.Traced(ctx, name, func(ctx context.Context) error {
					if n := callback.NodeFromContext(ctx).Name(); n != name {
						t.Errorf("node %s has the context of %s", name, n)
					}
					return nil
				}, slog.Int("i", i))
			})
		}
		wg.Wait()
	})
	if len(got) != 40 {
		t.Errorf("%d events, want a start and an end of each: %v", len(got), got)
	}
}
