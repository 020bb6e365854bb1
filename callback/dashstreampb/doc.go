// Package dashstreampb is the wire contract of DashStream: the messages that a Kafka record
// carries, and the reader's half of it.
//
// [Decode] turns a record's value into a [DashStreamMessage]; a [Decoder] does the same under
// limits of the caller's. The .proto file beside this one holds the rules that producers keep and
// readers rely on, from framing to sequences.
//
// The package needs nothing of the producer's: a reader of the stream can import it alone.
package dashstreampb

//go:generate ../../internal/tools/generate
