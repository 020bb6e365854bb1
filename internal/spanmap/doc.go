// Package spanmap says what a span of a trace is to an agent's graph: a run or node, a call of a
// language model, a call of a tool, or nothing that is shown. It knows the attributes by which
// instrumentations say so: the GenAI semantic conventions of three ages, OpenInference, Traceloop,
// and what genkit and ADK write of their own. The names are kept here, for they move, and the
// modules that once had them have them no longer.
//
// A [Span] is filled with its attributes, one at a time and in any order. Where several conventions
// speak of the same, the first of them in the tables has the word.
package spanmap
