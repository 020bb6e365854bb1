// Package proof shows that losses are announced before they happen. It is all tests.
//
// The real client runs on a fake clock against a fake broker that keeps its own ledger. It goes
// through scenarios, healthy ones and lossy ones; its real metrics are scraped every 15 seconds
// into a real Prometheus database, over which the real alert rules are evaluated every 15 seconds.
// For each scenario the table in SCENARIOS.md says when the signal, the alert and the first loss
// came, and how far off the forecast was:
//
//	go test -run TestEveryScenario -full -write
//
// writes it. Without -full a subset runs.
package proof
