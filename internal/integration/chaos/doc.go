// Package chaos runs the real client on three real brokers that are killed, frozen and cut off
// while it works, and reads everything back:
//
//	go run ./internal/kafkatest/cmd/kafka run --brokers 3 -- \
//		go test -v ./internal/integration/chaos
//
// Each event that the test emits carries a number of its own, so that the topic tells which events
// arrived, how often, and in which order. Whatever is missing has to be in a loss statement in the
// topic or in the shutdown report. The package consists of tests only.
//
// TestSchedulesOnAFakeClusterAreExplained needs no brokers. It holds the same for random schedules
// on an embedded cluster and a fake clock. In some of them brokers refuse the statements.
//
// DASHSTREAM_CHAOS sets how long the faults go on (2m by default, 10m with DASHSTREAM_LONG), and
// DASHSTREAM_CHAOS_SEED which faults they are, or the seed of the first schedule. DASHSTREAM_SOAK
// sets the length of the soak (1m by default, 30m with DASHSTREAM_LONG).
package chaos
