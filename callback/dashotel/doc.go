// Package dashotel makes runs, nodes, and calls of models and tools of the spans that a program
// records with OpenTelemetry. One line instruments whatever is instrumented with OpenTelemetry:
//
//	tp.RegisterSpanProcessor(dashotel.NewSpanProcessor(client))
//
// It understands the GenAI semantic conventions, those of today and of two earlier ages,
// OpenInference, Traceloop (OpenLLMetry), and what genkit and ADK write of their own. The README
// has an example with the timeline that it gives.
//
// # Runs, nodes and calls
//
// A run is the topmost span of this process that is known as an agent, a workflow, a step, or a
// call; what such spans enclose are its nodes and calls. Spans that are not known, such as those of
// HTTP, are not shown, and what they enclose belongs to what encloses them; [WithPlainSpans] makes
// nodes of those inside a run. Where the context of a span carries a run or node of the callback
// package, the span is shown inside that one.
//
// The thread of a run is the first of these that is there: what [WithThreadFunc] returns,
// gen_ai.conversation.id, session.id, Traceloop's association properties session_id and thread_id,
// session.id in the baggage, the trace's id. Its execution id is made of the ids of the trace and
// of the span.
//
// # Starts and ends
//
// What a span is, is often known only some time after its start. A span whose attributes do not say
// it yet is asked again when a child starts, when 50 ms have passed, and at its end. Whenever it is
// shown, it has its own start time. Genkit's actions say at their end whether they were the call of
// a model or tool. Those that last longer are shown as nodes, with the call inside.
//
// Spans may end in any order. A run ends when its span and all below have ended, or some time after
// its span ([WithGrace]): what is still open then is closed with an error that says so. No more
// than 100,000 spans are open; beyond that, the oldest is closed. [SpanProcessor.Stats] has both
// counts. A span whose parent has ended is shown at the top of the run.
//
// A span has failed if its status is an error, or if its status is unset and it has an exception,
// as after a panic, or the attribute error.type. The interruption of a tool in genkit is no error.
//
// # What it cannot tell
//
// Tokens as they come, interrupts, edges, states and retries are in no span, and neither is
// anything of a trace that is not sampled. Prompts, answers, arguments and results are sent only
// with [WithTexts], and only if they are attributes of the span. A call that another adapter
// records as well, such as dashhttp, is recorded twice: use one.
//
// It makes no spans. [Traceparent] is for the other direction: it puts the trace context of the
// caller into records.
package dashotel
