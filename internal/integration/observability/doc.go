// Package observability tests examples/observability: Kafka, Prometheus with the alert rules and
// Grafana with the dashboard, run as its README.md describes. It consists of tests only.
package observability
