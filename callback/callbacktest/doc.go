// Package callbacktest helps to test code that writes or reads DashStream.
//
// [Recorder] replaces Kafka: it gives a test a client, and shows what was sent.
//
// [Checker] reads the records of a topic and reports where they break the rules that readers rely
// on, and what is missing: explained by what producers state as lost, or not.
package callbacktest
