package dasheino

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/eino/compose"
)

// sleeping is a graph in which several nodes run at the same time, each for a while.
func sleeping(
	t *testing.T, name string, nodes map[string]func(context.Context) error,
	opts ...compose.GraphCompileOption,
) compose.Runnable[string, string] {
	t.Helper()
	b := newGraph(t)
	b.must(b.AddLambdaNode("join", compose.InvokableLambda(func(context.Context,
		map[string]any) (string, error) {
		return "", nil
	})))
	for key, do := range nodes {
		b.must(b.AddLambdaNode(key,
			compose.InvokableLambda(func(ctx context.Context, in string) (string, error) {
				return in, do(ctx)
			}), compose.WithOutputKey(key)))
		b.path("start", key, "join")
	}
	return b.path("join", "end").compile(append(opts, named(name))...)
}

func TestNodeThatTheProgramInterruptsFromOutsideHasNotFailed(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	release := make(chan struct{})
	defer close(release)
	wait := func(context.Context) error { <-release; return nil }
	r := sleeping(t, "deployed", map[string]func(context.Context) error{"one": wait, "two": wait},
		compose.WithCheckPointStore(&checkpoints{}))
	ctx, interrupt := compose.WithGraphInterrupt(WithThread(context.Background(), "conversation"))
	time.AfterFunc(20*time.Millisecond,
		func() { interrupt(compose.WithGraphInterruptTimeout(time.Millisecond)) })
	_, err := r.Invoke(ctx, "in", compose.WithCallbacks(h), compose.WithCheckPointID("cp"))
	if info, ok := compose.ExtractInterruptInfo(err); !ok || len(info.RerunNodes) != 2 {
		t.Fatalf("error %v, want an interrupt that says that both run again", err)
	}
	s := tp.read()
	s.before("conversation", "NODE_START one", "NODE_END one interrupted=true")
	s.before("conversation", "NODE_START two", "NODE_END two interrupted=true")
	if n := s.count("conversation", "NODE_ERROR") + s.count("conversation", "GRAPH_ERROR"); n > 0 ||
		s.count("conversation", "HUMAN_INTERRUPT reason=in ") != 1 {
		t.Errorf("got\n%s", strings.Join(s.lines("conversation"), "\n"))
	}
}

func TestNodeThatPanickedIsToldFromThoseThatWereCutOff(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	started := make(chan struct{})
	cut := make(chan struct{})
	defer close(cut)
	inner := sleeping(t, "deep", map[string]func(context.Context) error{
		"bad":  func(context.Context) error { <-started; panic("at the disco") },
		"slow": func(context.Context) error { close(started); <-cut; return nil },
	}, compose.WithNodeTriggerMode(compose.AllPredecessor))
	r := newGraph(t).do("caller", func(ctx context.Context, in string) (string, error) {
		return inner.Invoke(ctx, in)
	}).
		path("start", "caller", "end").compile(named("panicking inside"))
	if _, err := r.Invoke(context.Background(), "in", compose.WithCallbacks(h)); err == nil {
		t.Fatal("no error")
	}
	s := tp.read()
	bad, slow := s.find("", "NODE_ERROR caller/deep/bad").attr("error"),
		s.find("", "NODE_ERROR caller/deep/slow").attr("error")
	if !strings.Contains(bad, "at the disco") || strings.Contains(bad, errLeft.Error()) {
		t.Errorf("the node that panicked has the error %q", bad)
	}
	if !strings.HasPrefix(slow, errLeft.Error()) {
		t.Errorf("the node that was cut off has the error %q", slow)
	}
}

func TestPathOfTheNodeThatFailed(t *testing.T) {
	for text, want := range map[string]string{
		"no luck": "",
		"[NodeRunError] no luck\n------------------------\nnode path: [a]":    "a",
		"[NodeRunError] no luck\n------------------------\nnode path: [a, b]": "a/b",
		"node path: [a] and more": "",
	} {
		if got := nodePath(errors.New(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if nodePath(nil) != "" || nodePath(panickingError{}) != "" {
		t.Error("an error without a text has a path")
	}
}

func TestTextOfAPanicHasNoStack(t *testing.T) {
	const path = "\n------------------------\nnode path: [a]"
	for text, want := range map[string]string{
		"no luck":                               "no luck",
		"panic error: no, \nstack: goroutine 1": "panic error: no",
		"[NodeRunError] panic error: no, \nstack: main.go" +
			path: "[NodeRunError] panic error: no" + path,
		"mine, \nstack: of cards": "mine, \nstack: of cards",
	} {
		err := errors.New(text)
		if got := (outcome{err: err}).failure(); got.Error() != want || !errors.Is(got, err) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if (outcome{err: panickingError{}}).failure() != (panickingError{}) {
		t.Error("an error without a text is another one")
	}
}

type panickingError struct{}

func (panickingError) Error() string { panic("at the disco") }

func TestDeadlineIsToldFromACancel(t *testing.T) {
	for name, c := range map[string]struct {
		ctx  func() (context.Context, context.CancelFunc)
		want string
	}{
		"deadline": {func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 10*time.Millisecond)
		}, "true"},
		"cancel": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(10*time.Millisecond, cancel)
			return ctx, cancel
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tp := newTopic(t)
			h := NewHandler(tp.client)
			r := newGraph(t).do("slow", func(ctx context.Context, _ string) (string, error) {
				<-ctx.Done()
				return "", ctx.Err()
			}).path("start", "slow", "end").compile(named("with a " + name))
			ctx, cancel := c.ctx()
			defer cancel()
			if _, err := r.Invoke(ctx, "in", compose.WithCallbacks(h)); err == nil {
				t.Fatal("no error")
			}
			end := tp.read().find("", "GRAPH_ERROR")
			if end.attr("canceled") != "true" || end.attr("deadline_exceeded") != c.want {
				t.Errorf("canceled %q, deadline_exceeded %q", end.attr("canceled"),
					end.attr("deadline_exceeded"))
			}
		})
	}
}
