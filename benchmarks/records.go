package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// recordClient is what the Kafka clients have in common that send one record per event: they encode it straightforwardly, and note how
// each record ended.
type recordClient struct {
	produce   func(key, value []byte, at time.Time)
	delivered atomic.Uint64

	mu        sync.Mutex
	failed    error
	latencies measure.Latencies
}

// ended notes how a record ended that was emitted at a time.
func (c *recordClient) ended(at time.Time, err error) {
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

func (c *recordClient) outcome() load.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := load.Outcome{Delivered: c.delivered.Load(), EventsPerRecord: 1, DoorToAck: c.latencies.Quantiles()}
	if c.failed != nil {
		o.Note = c.failed.Error()
	}
	return o
}

// Emitter implements [load.Contender].
func (c *recordClient) Emitter(i int) load.Emitter {
	thread := fmt.Sprintf("conversation-%04d", i)
	return &recordRun{client: c, key: []byte(thread), message: bareMessage{tenant: "default", thread: thread}}
}

type recordRun struct {
	client  *recordClient
	key     []byte
	message bareMessage
}

func (r *recordRun) emit(kind dashstreampb.EventType, attributes []bareAttribute) {
	now := time.Now()
	r.message.sequence++
	r.message.micros, r.message.event, r.message.node = now.UnixMicro(), kind, load.Node
	value := make([]byte, 0, r.message.recordSize(attributes))
	r.client.produce(r.key, r.message.appendRecord(value, attributes), now)
}

func (r *recordRun) One(v *load.Values) {
	r.emit(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING, []bareAttribute{{"message", load.Message}, {load.Keys[0], v[0]}})
}

func (r *recordRun) Ten(v *load.Values) {
	r.emit(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING, []bareAttribute{
		{"message", load.Message}, {load.Keys[0], v[0]}, {load.Keys[1], v[1]}, {load.Keys[2], v[2]}, {load.Keys[3], v[3]}, {load.Keys[4], v[4]},
		{load.Keys[5], v[5]}, {load.Keys[6], v[6]}, {load.Keys[7], v[7]}, {load.Keys[8], v[8]}, {load.Keys[9], v[9]},
	})
}

func (r *recordRun) Text(text string) {
	r.emit(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING, []bareAttribute{{"message", load.Message}, {"prompt", text}})
}

func (r *recordRun) Node(v *load.Values) {
	r.emit(dashstreampb.EventType_EVENT_TYPE_NODE_START, []bareAttribute{
		{load.Keys[0], v[0]}, {load.Keys[1], v[1]}, {load.Keys[2], v[2]}, {load.Keys[3], v[3]}, {load.Keys[4], v[4]},
	})
	r.emit(dashstreampb.EventType_EVENT_TYPE_NODE_END, nil)
}
