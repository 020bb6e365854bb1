// Package integration is the suite that runs the whole SDK against brokers: kfake, unless
// DASHSTREAM_TEST_BROKERS names a real cluster. What needs more of a cluster than its address (its
// other listeners, brokers to freeze) runs on one of package kafkatest:
//
//	go run ./internal/kafkatest/cmd/kafka run -- go test ./internal/integration
//
// The proof of every test is the topic, read back by a plain consumer. It is all tests.
//
// Its module has all tests that need more than the core, so that none of that becomes a dependency
// of the core: each folder here has one kind of them.
package integration
