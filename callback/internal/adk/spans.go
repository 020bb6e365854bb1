package adk

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/guard"
)

// scope is the instrumentation scope of ADK's own spans.
const scope = "gcp.vertex.agent"

// span is a span inside a run that has not ended. Its run's mu guards it, once it is in
// Recorder.spans.
type span struct {
	run   *run
	told  bool   // the plug-in is told of what happens in it
	agent bool   // it is an agent's, whose callback is still to come or has come
	outer *place // where it is; nil if only the callback can say
	place *place // what it is; nil if it is no node
	llm   *callback.LLM
	tool  *callback.Tool
}

// at returns the place of what happens inside the span.
func (s *span) at() *place {
	if s.place != nil {
		return s.place
	}
	return s.outer
}

// registrar is a tracer provider that takes span processors, as OpenTelemetry's SDK has it.
type registrar interface {
	RegisterSpanProcessor(sdktrace.SpanProcessor)
	UnregisterSpanProcessor(sdktrace.SpanProcessor)
}

// listen makes the Recorder hear the spans of the global tracer provider. It is called when a run
// begins, for a program sets its provider by then, and may do so after it has made its plug-ins.
func (r *Recorder) listen() {
	if r.opts.spanless {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := otel.GetTracerProvider().(registrar)
	if !ok && r.opts.provide {
		provider := sdktrace.NewTracerProvider()
		otel.SetTracerProvider(provider)
		p, ok = provider, true
	}
	if !ok || p == r.heard {
		return
	}
	if r.heard != nil {
		r.heard.UnregisterSpanProcessor((*processor)(r))
	}
	r.heard = p
	p.RegisterSpanProcessor((*processor)(r))
}

// Close makes the Recorder hear no more spans.
func (r *Recorder) Close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.heard != nil {
		r.heard.UnregisterSpanProcessor((*processor)(r))
		r.heard = nil
	}
	return nil
}

// processor is a Recorder as a span processor.
type processor Recorder

// Shutdown does nothing: a plug-in needs no spans.
func (*processor) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing: spans are heard as they come.
func (*processor) ForceFlush(context.Context) error { return nil }

// OnStart begins what the plug-in is not told of.
func (q *processor) OnStart(ctx context.Context, s sdktrace.ReadWriteSpan) {
	defer guard.Recover(ignore)
	r := (*Recorder)(q)
	ours := s.InstrumentationScope().Name == scope
	invocation := ""
	if c, ok := ctx.(interface{ InvocationID() string }); ok && ours {
		invocation = c.InvocationID()
	}
	r.mu.Lock()
	outer, x := r.spans[s.Parent().SpanID()], r.runs[invocation]
	r.mu.Unlock()
	began := &span{run: x, told: x != nil}
	switch {
	case x == nil && outer == nil:
		return // of no run
	case x == nil:
		began.run, began.told = outer.run, invocation == "" && outer.told
	case outer != nil && outer.run != x:
		outer = nil // it is where a run inside a tool of another one begins
	}
	began.run.mu.Lock()
	defer began.run.mu.Unlock()
	if outer != nil {
		began.outer = outer.at()
	}
	if ours {
		began.begin(s)
	}
	id := s.SpanContext().SpanID()
	began.run.spans = append(began.run.spans, id)
	r.mu.Lock()
	r.spans[id] = began
	r.mu.Unlock()
}

// begin begins what a span of ADK is, as far as the plug-in is not told of it.
func (s *span) begin(from sdktrace.ReadOnlySpan) {
	a := attributesOf(from)
	in := s.outer
	if in == nil {
		in = &s.run.root
	}
	switch a[keyOperation] {
	case "invoke_node":
		s.place = in.begin(a[keyNode])
		s.place.heard = true
	case "invoke_agent", "invoke_workflow":
		if s.agent = s.told; s.agent {
			return
		}
		name := a[keyAgent]
		if name == "" {
			name = a[keyWorkflow]
		}
		s.place = in.begin(name)
		s.place.agent, s.place.heard = name, true
	case "generate_content":
		if !s.told {
			s.llm = in.node.StartLLM(callback.LLMRequest{Model: a[keyModel]})
		}
	case "execute_tool":
		if !s.told {
			s.tool = in.start(&call{name: a[keyTool], raw: a[keyArguments]})
		}
	}
}

// OnEnd ends what OnStart, or an agent's callback, has begun.
func (q *processor) OnEnd(s sdktrace.ReadOnlySpan) {
	defer guard.Recover(ignore)
	r := (*Recorder)(q)
	id := s.SpanContext().SpanID()
	r.mu.Lock()
	ended := r.spans[id]
	delete(r.spans, id)
	r.mu.Unlock()
	if ended == nil {
		return
	}
	ended.run.mu.Lock()
	defer ended.run.mu.Unlock()
	err := failure(s)
	switch {
	case ended.llm != nil:
		ended.llm.End(resultOf(s), err)
	case ended.tool != nil && err != nil:
		ended.tool.Fail(err)
	case ended.tool != nil && r.opts.textless:
		ended.tool.Complete(nil)
	case ended.tool != nil:
		ended.tool.Complete(attributesOf(s)[keyResult])
	case ended.place != nil:
		ended.place.endHeard(err, ended.agent)
	}
}

// endHeard ends a place as its span says. err is nil for a node that was stopped by the end of the
// context, for which ADK reports no error; and for an agent that has panicked, or whose reader has.
func (p *place) endHeard(err error, agent bool) {
	switch {
	case p.ended && err != nil: // behind its result
		p.node.Warning(err.Error())
		p.outer.failed = err
	case err != nil && p.failed != nil && p.failed.Error() == err.Error():
		err = p.failed // which errors.Is knows
	case err != nil:
	case p.run.ctx.Err() != nil:
		err = p.run.ctx.Err()
	case agent && !p.returned && panicking():
		err = errPanicked
	}
	p.end(err)
}

// forgetSpans forgets the run's spans that have not ended. The caller holds the run's mu.
func (x *run) forgetSpans() {
	x.rec.mu.Lock()
	defer x.rec.mu.Unlock()
	for _, id := range x.spans {
		if s := x.rec.spans[id]; s != nil && s.run == x {
			delete(x.rec.spans, id)
		}
	}
	x.spans = nil
}

// failure returns the error that a span has ended with. A panic leaves the status unset, and an
// event.
func failure(s sdktrace.ReadOnlySpan) error {
	status := s.Status()
	if status.Code == codes.Error {
		return firstLine(errors.New(status.Description))
	}
	for _, e := range s.Events() {
		if e.Name != "exception" {
			continue
		}
		for _, a := range e.Attributes {
			if a.Key == "exception.message" {
				return firstLine(errors.New("panic: " + a.Value.AsString()))
			}
		}
	}
	return nil
}

// The attributes of ADK's spans that are read, at their places in attributes.
const (
	keyOperation = iota
	keyAgent
	keyWorkflow
	keyNode
	keyModel
	keyTool
	keyArguments
	keyResult
	keys
)

var keyNames = map[attribute.Key]int{
	"gen_ai.operation.name":           keyOperation,
	"gen_ai.agent.name":               keyAgent,
	"gen_ai.workflow.name":            keyWorkflow,
	"gen_ai.node.name":                keyNode,
	"gen_ai.request.model":            keyModel,
	"gen_ai.tool.name":                keyTool,
	"gcp.vertex.agent.tool_call_args": keyArguments,
	"gcp.vertex.agent.tool_response":  keyResult,
}

type attributes [keys]string

func attributesOf(s sdktrace.ReadOnlySpan) (a attributes) {
	for _, kv := range s.Attributes() {
		if at, ok := keyNames[kv.Key]; ok {
			a[at] = kv.Value.AsString()
		}
	}
	return a
}

// resultOf reads the counts of tokens from a span.
func resultOf(s sdktrace.ReadOnlySpan) (res callback.LLMResult) {
	for _, kv := range s.Attributes() {
		switch kv.Key {
		case "gen_ai.usage.input_tokens":
			res.PromptTokens = int(kv.Value.AsInt64())
		case "gen_ai.usage.output_tokens":
			res.CompletionTokens = int(kv.Value.AsInt64())
		}
	}
	return res
}

var _ sdktrace.SpanProcessor = (*processor)(nil)
