// Package observability holds what it takes to see a producer as its operator does: Kafka,
// Prometheus with the alert rules and Grafana with the dashboard, in containers or without. There
// is nothing to import; README.md says how to run it, and the tests check its parts.
package observability
