// Package observability tests what examples/observability has: Kafka, Prometheus with the alert
// rules and Grafana with the dashboard, as its README.md says to run them. It is all tests.
package observability
