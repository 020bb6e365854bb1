// Package adk is what the adapters for the versions of Google's Agent Development Kit share: it
// turns what a plug-in is told, and what spans tell beyond it, into runs, nodes, and calls of
// models and tools. It imports no version of ADK.
package adk
