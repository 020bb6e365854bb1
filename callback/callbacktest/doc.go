// Package callbacktest helps to test what writes or reads DashStream.
//
// [Recorder] stands in for Kafka: it gives a test a client, and shows what was sent.
//
// [Checker] takes the records of a topic and says where they break the rules that readers rely on.
package callbacktest
