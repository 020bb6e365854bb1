package dasheino

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/cloudwego/eino/adk"
	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback"
)

// Eino's agents report to callbacks since version 0.8, with types that older versions do not have.
// They are recognised by their shape, so that the package compiles with both.
const (
	componentOfAgent            components.Component = "Agent"
	componentOfAgenticAgent     components.Component = "AgenticAgent"
	componentOfAgenticModel     components.Component = "AgenticModel"
	componentOfAgenticToolsNode components.Component = "AgenticToolsNode"
)

func isAgent(c components.Component) bool {
	return c == componentOfAgent || c == componentOfAgenticAgent
}

// isRun reports whether a component with nothing around it is a run.
func isRun(c components.Component) bool { return isGraph(c) || isAgent(c) }

// agentInput returns the input of an agent, and whether the agent is resumed. input is that of the
// callback.
func agentInput(input any) (given any, resumed bool) {
	if in := member(reflect.ValueOf(input), "Input"); in.IsValid() {
		return in.Interface(), false
	}
	return nil, member(reflect.ValueOf(input), "ResumeInfo").IsValid()
}

// member follows the names of fields through pointers. If a field is missing or nil, it returns no
// value.
func member(v reflect.Value, names ...string) reflect.Value {
	for _, name := range names {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		v = v.FieldByName(name)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return reflect.Value{}
		}
	}
	return v
}

// eventsOf returns the method that returns an agent's next event until there is none; nil if output
// is not that of an agent.
func eventsOf(output any) func() (event reflect.Value, ok bool) {
	events := member(reflect.ValueOf(output), "Events")
	if !events.IsValid() {
		return nil
	}
	next := events.MethodByName("Next")
	if !next.IsValid() || next.Type().NumIn() != 0 || next.Type().NumOut() != 2 ||
		next.Type().Out(1).Kind() != reflect.Bool {
		return nil
	}
	return func() (reflect.Value, bool) {
		out := next.Call(nil)
		return out[0], out[1].Bool()
	}
}

// follow reads an agent's events to their end, and then ends the agent's span. Agents return at
// once, and work while their events are read.
func (s *span) follow(ctx context.Context, next func() (reflect.Value, bool)) {
	stop := s.endsWith(ctx)
	var last outcome
	err := func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("dasheino: panic in an agent's events: %v", r)
			}
		}()
		for {
			event, ok := next()
			if !ok {
				return nil
			}
			s.tree.parts.Add(1)
			s.work.part(nil)
			last = outcomeOfEvent(event)
		}
	}()
	stop()
	if err != nil {
		last = outcome{err: err}
	}
	s.finish(last)
}

// outcomeOfEvent returns the outcome of an agent whose last event this is. It closes the event's
// own copy of a stream.
func outcomeOfEvent(event reflect.Value) outcome {
	if stream := member(event, "Output", "MessageOutput", "MessageStream"); stream.IsValid() {
		if c, ok := stream.Interface().(interface{ Close() }); ok {
			c.Close()
		}
	}
	if failure := member(event, "Err"); failure.IsValid() {
		err, _ := failure.Interface().(error)
		if err == nil || err == io.EOF {
			return outcome{}
		}
		// of a CancelError: the agent continues when resumed
		if contexts := member(reflect.ValueOf(err), "InterruptContexts"); contexts.IsValid() {
			return outcome{interrupt: agentInterrupt(contexts, err.Error())}
		}
		return outcomeOf(err)
	}
	if contexts := member(event, "Action", "Interrupted", "InterruptContexts"); contexts.IsValid() {
		return outcome{interrupt: agentInterrupt(contexts, "")}
	}
	return outcome{}
}

func agentInterrupt(contexts reflect.Value, reason string) *interrupt {
	info := &compose.InterruptInfo{}
	info.InterruptContexts, _ = contexts.Interface().([]*compose.InterruptCtx)
	in := interruptOf(info)
	if reason != "" {
		in.reason = reason
	}
	return in
}

// related finds runs of the same query. If an agent hands the query over to others, they are called
// besides it, with a context that does not carry it; but all share a session.
func (b *beginning) related() (thread string) {
	value, _ := adk.GetSessionValue(b.ctx, b.h.sessionKey())
	token, _ := value.(string)
	if token == "" {
		return ""
	}
	b.h.mu.Lock()
	around := b.h.agents[token]
	b.h.mu.Unlock()
	if around != nil && isAgent(b.info.Component) && !around.tree.isClosed() {
		b.outer, b.node, b.handedOver = around, around.node, true
	}
	thread, _, _ = strings.Cut(token, sessionSeparator)
	return thread
}

// relate makes a run, and an agent while it works, known to those that come after.
func (b *beginning) relate(s *span, run *callback.Run) {
	s.token = run.ThreadID() + sessionSeparator + newID()
	adk.AddSessionValue(b.ctx, b.h.sessionKey(), s.token)
	if !isAgent(b.info.Component) {
		return
	}
	b.h.mu.Lock()
	defer b.h.mu.Unlock()
	if b.h.agents == nil {
		b.h.agents = map[string]*span{}
	}
	b.h.agents[s.token] = s
}

const sessionSeparator = "\n"

// sessionKey is the name of the session's value by which the runs of a query find each other.
func (h *Handler) sessionKey() string { return "dasheino " + h.client.InstanceID() }
