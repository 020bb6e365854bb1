package main

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/record"
	"github.com/dashstream/dashstream-go/callback/dashstreampb"
)

const nameBare = "bare"

// bare is a reference: the message that dashstream writes for an event, encoded with protowire's
// functions into a slice that is used again and again, the way one writes it first. It sends
// nothing, and its time stamp is made once.
type bare struct{ tally }

func openBare(load.Setup) (load.Contender, error) { return new(bare), nil }

func (b *bare) Emitter(i int) load.Emitter {
	return &bareRun{
		message: record.Message{Tenant: "default", Thread: fmt.Sprintf("conversation-%04d", i),
			Micros: time.Now().UnixMicro()},
		buffer: make([]byte, 0, 256<<10), emitted: b.counter(),
	}
}

type bareRun struct {
	message record.Message
	buffer  []byte
	emitted *uint64
}

func (r *bareRun) One(v *load.Values) {
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING,
		[]record.Attribute{record.Text("message", load.Message), record.Text(load.Keys[0], v[0])})
}

func (r *bareRun) Ten(v *load.Values) {
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING, []record.Attribute{
		record.Text("message", load.Message), record.Text(load.Keys[0], v[0]),
		record.Text(load.Keys[1], v[1]), record.Text(load.Keys[2], v[2]),
		record.Text(load.Keys[3], v[3]), record.Text(load.Keys[4], v[4]),
		record.Text(load.Keys[5], v[5]), record.Text(load.Keys[6], v[6]),
		record.Text(load.Keys[7], v[7]), record.Text(load.Keys[8], v[8]),
		record.Text(load.Keys[9], v[9]),
	})
}

func (r *bareRun) Text(text string) {
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING,
		[]record.Attribute{record.Text("message", load.Message), record.Text("prompt", text)})
}

func (r *bareRun) Node(v *load.Values) {
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_START, []record.Attribute{
		record.Text(load.Keys[0], v[0]), record.Text(load.Keys[1], v[1]),
		record.Text(load.Keys[2], v[2]), record.Text(load.Keys[3], v[3]),
		record.Text(load.Keys[4], v[4]),
	})
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_END, nil)
}

func (r *bareRun) encode(kind dashstreampb.EventType, attributes []record.Attribute) {
	r.message.Sequence++
	binary.BigEndian.PutUint64(r.message.ID[8:], r.message.Sequence)
	r.message.Event, r.message.Node = kind, load.Node
	r.buffer = r.message.Append(r.buffer[:0], attributes)
	*r.emitted++
}
