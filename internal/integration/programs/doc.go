// Package programs tests the example programs as their users run them: built, with arguments, an
// environment and signals, against a broker, and what the examples need of others: OpenTelemetry,
// Kubernetes's API.
package programs
