// Package programs tests the example programs as users run them: built, with arguments, an
// environment and signals, against a broker. It also tests what the examples use of others:
// OpenTelemetry and the API of Kubernetes.
package programs
