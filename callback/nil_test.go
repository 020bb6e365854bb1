package callback_test

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dashstream/dashstream-go/callback"
)

// arguments makes arguments for a call of any method: plain ones, or the zero values of their
// types.
func arguments(m reflect.Type, zero bool) []reflect.Value {
	var in []reflect.Value
	for i := range m.NumIn() {
		typ := m.In(i)
		if m.IsVariadic() && i == m.NumIn()-1 {
			typ = typ.Elem()
		}
		v := reflect.New(typ).Elem()
		switch typ {
		case reflect.TypeFor[context.Context]():
			v.Set(reflect.ValueOf(context.Background()))
		case reflect.TypeFor[error]():
			if !zero {
				v.Set(reflect.ValueOf(errors.New("oops")))
			}
		case reflect.TypeFor[slog.Attr]():
			v.Set(reflect.ValueOf(slog.Int("n", 1)))
		}
		if typ.Kind() == reflect.String && !zero {
			v.SetString("text")
		}
		in = append(in, v)
	}
	return in
}

// checkIdle calls every method of a handle that must do nothing, and verifies that the results are
// zero.
func checkIdle(t *testing.T, handle reflect.Value, except map[string]bool) {
	t.Helper()
	for i := range handle.NumMethod() {
		name := handle.Type().Method(i).Name
		for _, zero := range []bool{true, false} {
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("%v.%s panicked: %v", handle.Type(), name, p)
					}
				}()
				for _, out := range handle.Method(i).Call(arguments(handle.Method(i).Type(),
					zero)) {
					isContext := out.Type() == reflect.TypeFor[context.Context]()
					if !isContext && !out.IsZero() && !except[name] {
						t.Errorf("%v.%s returned %v, want its zero value", handle.Type(), name, out)
					}
				}
			}()
		}
	}
}

func TestNilHandlesDoNothing(t *testing.T) {
	for _, h := range handles {
		checkIdle(t, reflect.ValueOf(h), map[string]bool{"Metrics": true, "Shutdown": true})
	}
}

func TestDisabledClientDoesNothing(t *testing.T) {
	client, err := callback.New(callback.Config{Disabled: true, Brokers: []string{"not an address"},
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	checkIdle(t, reflect.ValueOf(client), map[string]bool{"Metrics": true, "Shutdown": true})
	ctx, run := client.StartRunContext(context.Background(), callback.RunInfo{ThreadID: "thread"})
	if run != nil || callback.FromContext(ctx) != nil {
		t.Errorf("a disabled client gave the run %v", run)
	}
	if ctx, n := callback.StartNodeContext(ctx, "node"); n != nil ||
		callback.NodeFromContext(ctx) != nil {
		t.Errorf("a disabled client gave the node %v", n)
	}
}

func TestShutdownOfAClientThatDoesNothing(t *testing.T) {
	disabled, err := callback.New(callback.Config{Disabled: true,
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*callback.Client{"nil": nil, "disabled": disabled} {
		start := time.Now()
		report, err := c.Shutdown(context.Background())
		if err != nil || report.Emitted != 0 || report.Dropped != nil || !report.Complete() ||
			time.Since(start) > time.Second {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}

func TestMetricsOfAClientThatDoesNothing(t *testing.T) {
	disabled, err := callback.New(callback.Config{Disabled: true,
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*callback.Client{"nil": nil, "disabled": disabled} {
		registry := prometheus.NewRegistry()
		if err := registry.Register(c.Metrics()); err != nil {
			t.Errorf("%s: registering: %v", name, err)
		}
		if _, err := registry.Gather(); err != nil {
			t.Errorf("%s: gathering: %v", name, err)
		}
	}
}

func TestNilGraphIsNoGraph(t *testing.T) {
	var g *callback.Graph
	if id := g.ID(); id != "" {
		t.Errorf("the id of no graph is %q", id)
	}
}

func TestContextsThatCarryNothing(t *testing.T) {
	ctx := context.Background()
	if r, n := callback.FromContext(ctx), callback.NodeFromContext(ctx); r != nil || n != nil {
		t.Errorf("an empty context carries %v and %v", r, n)
	}
	for name, empty := range map[string]context.Context{
		"empty": ctx, "nil run": callback.NewContext(ctx, nil),
		"nil node": callback.NewNodeContext(ctx, nil),
	} {
		got, n := callback.StartNodeContext(empty, "node")
		if n != nil || got != empty || callback.FromContext(empty) != nil ||
			callback.NodeFromContext(empty) != nil {
			t.Errorf("%s: it carries %v, %v and gave the node %v", name,
				callback.FromContext(empty), callback.NodeFromContext(empty), n)
		}
	}
}
