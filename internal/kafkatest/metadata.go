package kafkatest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// probeTimeout bounds one request to a broker. A frozen broker accepts the connection and never
// responds.
const probeTimeout = 2 * time.Second

// maxMetadata is far more than the response of a cluster of three takes without topics.
const maxMetadata = 64 << 10

// registered asks the broker at addr, on its plaintext listener, for the brokers of the cluster. A
// broker responds once the controller has registered it, so a response that names it proves more
// than an open port.
func registered(ctx context.Context, addr string) ([]int, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	conn, err := connect(ctx, addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	if _, err := conn.Write(metadataRequest); err != nil {
		return nil, err
	}
	var size [4]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxMetadata {
		return nil, fmt.Errorf("%s: an answer of %d bytes is none of Kafka's", addr, n)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(conn, body); err != nil {
		return nil, err
	}
	return brokerIDs(body)
}

func connect(ctx context.Context, addr string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: probeTimeout}
	return dialer.DialContext(ctx, "tcp", addr)
}

// metadataRequest is a Metadata request, version 1: size, API key, version, correlation id, no
// client id, and an empty list of topics, which means none.
var metadataRequest = []byte{
	0, 0, 0, 14,
	0, 3,
	0, 1,
	0, 0, 0, 1,
	0xff, 0xff,
	0, 0, 0, 0,
}

var errShortMetadata = errors.New("metadata ends too early")

// brokerIDs decodes the correlation id and the brokers in a response to metadataRequest: for each a
// node id, host, port and rack. It ignores the rest.
func brokerIDs(body []byte) ([]int, error) {
	r := wireReader{rest: body}
	r.skip(4)
	count := r.int32()
	var ids []int
	for i := int32(0); i < count && !r.short; i++ {
		ids = append(ids, int(r.int32()))
		r.skip(max(0, int(r.int16())))
		r.skip(4)
		r.skip(max(0, int(r.int16())))
	}
	if r.short {
		return nil, errShortMetadata
	}
	return ids, nil
}

// wireReader decodes big-endian numbers from rest. Once that is too short, it records that and
// returns zeros.
type wireReader struct {
	rest  []byte
	short bool
}

func (r *wireReader) take(n int) []byte {
	if len(r.rest) < n {
		r.rest, r.short = nil, true
		return make([]byte, n)
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *wireReader) skip(n int)   { r.take(n) }
func (r *wireReader) int16() int16 { return int16(binary.BigEndian.Uint16(r.take(2))) }
func (r *wireReader) int32() int32 { return int32(binary.BigEndian.Uint32(r.take(4))) }
