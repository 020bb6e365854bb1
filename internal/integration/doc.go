// Package integration is the suite that runs the whole SDK with brokers: kfake, unless
// DASHSTREAM_TEST_BROKERS names a real cluster. Tests that need more of a cluster than its address
// (other listeners, brokers to freeze) use one of package kafkatest:
//
//	go run ./internal/kafkatest/cmd/kafka run -- go test ./internal/integration
//
// Every test is proven by the topic, read back by a plain consumer. The package consists of tests
// only.
//
// Its module has all tests that need more than the core, so that none of that becomes a dependency
// of the core. Each folder here has one kind of them.
package integration
