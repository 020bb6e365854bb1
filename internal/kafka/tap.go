package kafka

import (
	"encoding/binary"
	"net"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// tap reads along the responses of brokers on a connection. franz-go reports the reason of a
// failure only when it gives up: a leader that has too few replicas is asked again in silence until
// the deadline. Of a rejection, only the code comes through, without the broker's message. The tap
// also knows of a rejection before the client does (see again.go).
//
// It examines the responses to a few kinds of request, which are short, and copies nothing else. It
// skips what it does not understand.
type tap struct {
	net.Conn
	hear func(answer)

	mu      sync.Mutex
	pending map[int32]asked // by correlation ID

	// The response being read. Only Read accesses it, and calls of Read do not overlap.
	head [8]byte // size and correlation ID
	have int     // bytes of head read so far
	left int     // bytes of the response not yet read
	keep bool
	body []byte
	ask  asked
}

// asked is a request that is still to be answered.
type asked struct{ key, version int16 }

// answer is a broker's response to a request, or its part about one partition.
type answer struct {
	key       int16
	partition int32 // for produce and metadata requests; -1 if it is about no partition
	err       error // a *kerr.Error; nil means success
	text      string
}

// The requests whose responses a tap reads.
const (
	metadataKey       = 3
	saslHandshakeKey  = 17
	initProducerKey   = 22
	saslAuthenticate  = 36
	maxAnswerBytes    = 1 << 20
	maxPendingAnswers = 1 << 10
)

func newTap(c net.Conn, hear func(answer)) *tap {
	return &tap{Conn: c, hear: hear, pending: make(map[int32]asked)}
}

// Write records the request in p: the client writes each one in one call.
func (t *tap) Write(p []byte) (int, error) {
	if len(p) >= 12 && int(binary.BigEndian.Uint32(p)) == len(p)-4 {
		a := asked{int16(binary.BigEndian.Uint16(p[4:])), int16(binary.BigEndian.Uint16(p[6:]))}
		switch a.key {
		case produceKey, metadataKey, saslHandshakeKey, initProducerKey, saslAuthenticate:
			t.mu.Lock()
			if len(t.pending) < maxPendingAnswers {
				t.pending[int32(binary.BigEndian.Uint32(p[8:]))] = a
			}
			t.mu.Unlock()
		}
	}
	return t.Conn.Write(p)
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.listen(p[:n])
	return n, err
}

// listen consumes the next bytes of the stream of responses: a length of four bytes, and as many
// bytes, which begin with the ID of the request.
func (t *tap) listen(p []byte) {
	for len(p) > 0 {
		if t.have < len(t.head) {
			n := copy(t.head[t.have:], p)
			t.have += n
			p = p[n:]
			if t.have == len(t.head) {
				t.begin()
			}
			continue
		}
		n := min(len(p), t.left)
		if t.keep {
			t.body = append(t.body, p[:n]...)
		}
		t.left -= n
		p = p[n:]
		if t.left == 0 {
			t.end()
		}
	}
}

func (t *tap) begin() {
	size := int(int32(binary.BigEndian.Uint32(t.head[:])))
	id := int32(binary.BigEndian.Uint32(t.head[4:]))
	t.left = max(size-4, 0)
	t.mu.Lock()
	t.ask, t.keep = t.pending[id]
	delete(t.pending, id)
	t.mu.Unlock()
	t.keep = t.keep && t.left <= maxAnswerBytes
	if t.left == 0 {
		t.end()
	}
}

func (t *tap) end() {
	if t.keep {
		for _, a := range answersIn(t.ask, t.body) {
			t.hear(a)
		}
	}
	t.have, t.keep, t.body = 0, false, t.body[:0]
	if cap(t.body) > 64<<10 {
		t.body = nil
	}
}

// answersIn decodes the response to a request: one [answer] for each partition in it, or one for
// all.
func answersIn(ask asked, body []byte) []answer {
	request := kmsg.RequestForKey(ask.key)
	request.SetVersion(ask.version)
	response := request.ResponseKind()
	if response.IsFlexible() {
		var ok bool
		if body, ok = skipTags(body); !ok {
			return nil
		}
	}
	if err := response.ReadFrom(body); err != nil {
		return nil
	}
	one := func(partition int32, code int16, text *string) answer {
		a := answer{key: ask.key, partition: partition, err: kerr.ErrorForCode(code)}
		if text != nil {
			a.text = *text
		}
		return a
	}
	switch r := response.(type) {
	case *kmsg.ProduceResponse:
		return produceAnswers(r)
	case *kmsg.MetadataResponse:
		var out []answer
		for _, t := range r.Topics {
			out = append(out, one(-1, t.ErrorCode, nil))
			for _, p := range t.Partitions {
				out = append(out, one(p.Partition, p.ErrorCode, nil))
			}
		}
		return out
	case *kmsg.SASLHandshakeResponse:
		return []answer{one(-1, r.ErrorCode, nil)}
	case *kmsg.SASLAuthenticateResponse:
		return []answer{one(-1, r.ErrorCode, r.ErrorMessage)}
	case *kmsg.InitProducerIDResponse:
		return []answer{one(-1, r.ErrorCode, nil)}
	}
	return nil
}

// produceAnswers decodes the broker's messages on partitions and on single records.
func produceAnswers(r *kmsg.ProduceResponse) (out []answer) {
	for _, t := range r.Topics {
		for _, p := range t.Partitions {
			a := answer{key: produceKey, partition: p.Partition,
				err: kerr.ErrorForCode(p.ErrorCode)}
			if p.ErrorMessage != nil {
				a.text = *p.ErrorMessage
			}
			for _, e := range p.ErrorRecords {
				if e.ErrorMessage != nil && *e.ErrorMessage != "" && *e.ErrorMessage != a.text {
					a.text += ": " + *e.ErrorMessage
					break
				}
			}
			out = append(out, a)
		}
	}
	return out
}

// skipTags skips the tagged fields in the header of a flexible response.
func skipTags(b []byte) (rest []byte, ok bool) {
	next := func() (uint64, bool) {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, false
		}
		b = b[n:]
		return v, true
	}
	count, ok := next()
	for ; ok && count > 0; count-- {
		if _, ok = next(); !ok { // the tag
			return nil, false
		}
		var size uint64
		if size, ok = next(); !ok || size > uint64(len(b)) {
			return nil, false
		}
		b = b[size:]
	}
	return b, ok
}
