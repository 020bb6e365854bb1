package dashotel_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashotel"
	"github.com/dashstream/dashstream-go/internal/jsreader"
)

// The driver instruments functions as an instrumentation would, with the API of OpenTelemetry.
func TestDashotelConforms(t *testing.T) {
	found := callbacktest.Conform(t, play)
	found.Compare(t, "testdata/conform.txt", *write)
	jsreader.CheckAll(t, found.Streams())
}

var write = flag.Bool("write", false, "write testdata/conform.txt and README.md")

var errPlay = errors.New("no luck")

// program is a program whose functions have spans.
type program struct{ tracer trace.Tracer }

func play(
	ctx context.Context, s callbacktest.Scenario, p callbacktest.Play,
) (result any, err error) {
	switch s {
	case callbacktest.ScenarioTokens, callbacktest.ScenarioUnread:
		return nil, fmt.Errorf("%w: tokens are in no span", callbacktest.ErrCannot)
	case callbacktest.ScenarioInterrupt:
		return nil, fmt.Errorf("%w: interrupts are in no span", callbacktest.ErrCannot)
	case callbacktest.ScenarioShortCircuit:
		return nil, fmt.Errorf("%w: processors of spans change nothing",
			callbacktest.ErrCannot)
	}
	tp := sdktrace.NewTracerProvider()
	if p.Client != nil {
		tp.RegisterSpanProcessor(dashotel.NewSpanProcessor(p.Client))
	} else {
		tp.RegisterSpanProcessor(idle{})
	}
	defer func() { _ = tp.Shutdown(context.Background()) }()
	prog := program{tp.Tracer("play")}
	ctx, span := prog.tracer.Start(ctx, "invoke_workflow wf", trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "invoke_workflow"),
		attribute.String("gen_ai.workflow.name", "wf"),
		attribute.String("gen_ai.conversation.id", p.Thread)))
	defer span.End()
	return string(s), prog.steps(ctx, s, span)
}

func (p program) steps(ctx context.Context, s callbacktest.Scenario, span trace.Span) (err error) {
	defer func() {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
	}()
	switch s {
	case callbacktest.ScenarioSequence:
		return errors.Join(p.node(ctx, "a", nil), p.node(ctx, "b", nil))
	case callbacktest.ScenarioBranch:
		return errors.Join(p.node(ctx, "a", nil), p.node(ctx, "c", nil))
	case callbacktest.ScenarioLoop:
		return errors.Join(p.node(ctx, "a", nil), p.node(ctx, "a", nil), p.node(ctx, "a", nil))
	case callbacktest.ScenarioParallel:
		var both sync.WaitGroup
		both.Go(func() { _ = p.node(ctx, "a", nil) })
		both.Go(func() { _ = p.node(ctx, "b", nil) })
		both.Wait()
		return p.node(ctx, "c", nil)
	case callbacktest.ScenarioNested:
		return p.node(ctx, "a", func(ctx context.Context) error { return p.node(ctx, "b", nil) })
	case callbacktest.ScenarioNodeError:
		return p.node(ctx, "a", func(context.Context) error { return errPlay })
	case callbacktest.ScenarioNodePanic:
		return p.node(ctx, "a", func(context.Context) error { panic(errPlay) })
	case callbacktest.ScenarioCancel:
		ctx, cancel := context.WithCancel(ctx)
		return p.node(ctx, "a", func(ctx context.Context) error {
			cancel()
			return ctx.Err()
		})
	case callbacktest.ScenarioToolError:
		_ = p.span(ctx, "execute_tool search", func(context.Context) error { return errPlay },
			attribute.String("gen_ai.operation.name", "execute_tool"),
			attribute.String("gen_ai.tool.name", "search"))
		return nil
	case callbacktest.ScenarioRetry:
		_ = p.model(ctx, errPlay)
		return p.model(ctx, nil)
	case callbacktest.ScenarioModelError:
		return p.model(ctx, errPlay)
	}
	return nil
}

func (p program) node(ctx context.Context, name string, f func(context.Context) error) error {
	return p.span(ctx, "invoke_node "+name, f,
		attribute.String("gen_ai.operation.name", "invoke_node"),
		attribute.String("gen_ai.node.name", name))
}

func (p program) model(ctx context.Context, err error) error {
	return p.span(ctx, "chat m", func(context.Context) error { return err },
		attribute.String("gen_ai.operation.name", "chat"),
		attribute.String("gen_ai.request.model", "m"))
}

// span sets its attributes after the start, as most instrumentations do.
func (p program) span(
	ctx context.Context, name string, f func(context.Context) error, attrs ...attribute.KeyValue,
) (err error) {
	ctx, span := p.tracer.Start(ctx, name)
	defer span.End()
	span.SetAttributes(attrs...)
	if f != nil {
		err = f(ctx)
	}
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
	return err
}

// idle is a processor that does nothing: without one, nothing is recorded.
type idle struct{}

func (idle) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (idle) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (idle) Shutdown(context.Context) error                  { return nil }
func (idle) ForceFlush(context.Context) error                { return nil }
