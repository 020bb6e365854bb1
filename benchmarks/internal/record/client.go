package record

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Client is what the Kafka clients have in common that send one record per event: they encode it
// straightforwardly, and note how each record ended.
type Client struct {
	// Produce sends one record; it may wait.
	Produce   func(key, value []byte, at time.Time)
	delivered atomic.Uint64

	mu        sync.Mutex
	failed    error
	latencies measure.Latencies
}

// Ended notes how a record ended that was emitted at a time.
func (c *Client) Ended(at time.Time, err error) {
	if err == nil && c.delivered.Add(1)%latencyEvery != 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.failed = err
		return
	}
	c.latencies.Add(time.Since(at))
}

// latencyEvery is how many records there are to one whose latency is noted.
const latencyEvery = 16

// Outcome returns what became of all records.
func (c *Client) Outcome() load.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := load.Outcome{Delivered: c.delivered.Load(), EventsPerRecord: 1,
		EmitToAck: c.latencies.Quantiles()}
	if c.failed != nil {
		o.Note = c.failed.Error()
	}
	return o
}

// Emitter implements [load.Contender].
func (c *Client) Emitter(i int) load.Emitter {
	thread := fmt.Sprintf("conversation-%04d", i)
	return &run{client: c, key: []byte(thread), message: Message{Tenant: "default", Thread: thread}}
}

type run struct {
	client  *Client
	key     []byte
	message Message
}

func (r *run) emit(kind dashstreampb.EventType, attributes []Attribute) {
	now := time.Now()
	r.message.Sequence++
	r.message.Micros, r.message.Event, r.message.Node = now.UnixMicro(), kind, load.Node
	value := make([]byte, 0, r.message.RecordSize(attributes))
	r.client.Produce(r.key, r.message.AppendRecord(value, attributes), now)
}

func (r *run) One(v *load.Values) {
	r.emit(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING, []Attribute{{"message", load.Message},
		{load.Keys[0], v[0]}})
}

func (r *run) Ten(v *load.Values) {
	r.emit(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING, []Attribute{
		{"message", load.Message}, {load.Keys[0], v[0]}, {load.Keys[1], v[1]}, {load.Keys[2], v[2]},
		{load.Keys[3], v[3]}, {load.Keys[4], v[4]},
		{load.Keys[5], v[5]}, {load.Keys[6], v[6]}, {load.Keys[7], v[7]}, {load.Keys[8], v[8]},
		{load.Keys[9], v[9]},
	})
}

func (r *run) Text(text string) {
	r.emit(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING, []Attribute{{"message", load.Message},
		{"prompt", text}})
}

func (r *run) Node(v *load.Values) {
	r.emit(dashstreampb.EventType_EVENT_TYPE_NODE_START, []Attribute{
		{load.Keys[0], v[0]}, {load.Keys[1], v[1]}, {load.Keys[2], v[2]}, {load.Keys[3], v[3]},
		{load.Keys[4], v[4]},
	})
	r.emit(dashstreampb.EventType_EVENT_TYPE_NODE_END, nil)
}
