// Package dashstreampb is the wire contract of DashStream: the messages in Kafka records, and
// functions to read them.
//
// [Decode] decodes a record's value into a [DashStreamMessage]; a [Decoder] does the same under
// limits of the caller. The .proto file in this directory has the rules that producers follow and
// readers rely on, from framing to sequences.
//
// The package depends on nothing of the producer: a reader of the stream can import it alone.
package dashstreampb

//go:generate ../../internal/tools/generate
