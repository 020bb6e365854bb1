package adk

import "context"

// Option changes what a [Recorder] does.
type Option func(*options)

type options struct {
	textless  bool
	stateless bool
	spanless  bool
	provide   bool
	threadOf  func(context.Context) string
}

// WithoutTexts leaves out the data that agents work on: prompts, answers, streamed tokens,
// arguments and results of tools, and the session's state. Names, times, token counts and errors
// are still sent.
func WithoutTexts() Option { return func(o *options) { o.textless = true } }

// WithoutState leaves out the state of sessions.
func WithoutState() Option { return func(o *options) { o.stateless = true } }

// WithThreadFunc sets a function that returns the thread of a run, for programs whose session ids
// are not unique, or that have an id of their own for a conversation. It is given the context of
// the run. If it returns "", or panics, the thread is the session's id.
func WithThreadFunc(threadOf func(ctx context.Context) string) Option {
	return func(o *options) { o.threadOf = threadOf }
}

// WithTracerProvider sets OpenTelemetry's global tracer provider when the first run begins, if the
// program has not set one that takes span processors. It exports nothing. Without a tracer
// provider, ADK makes no spans, and what only they tell is missing.
func WithTracerProvider() Option { return func(o *options) { o.provide = true } }

// WithoutSpans leaves the program's tracer provider alone. What only spans tell is then missing.
func WithoutSpans() Option { return func(o *options) { o.spanless = true } }
