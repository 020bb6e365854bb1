package main

import (
	"encoding/binary"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/callback/dashstreampb"
)

const nameBare = "bare"

// bare is a reference: the message that dashstream writes for an event, encoded with protowire's functions into a slice that is used
// again and again, the way one writes it first. It sends nothing, and its time stamp is made once.
type bare struct{ tally }

func openBare(load.Setup) (load.Contender, error) { return new(bare), nil }

func (b *bare) Emitter(i int) load.Emitter {
	return &bareRun{
		message: bareMessage{tenant: "default", thread: fmt.Sprintf("conversation-%04d", i), micros: time.Now().UnixMicro()},
		buffer:  make([]byte, 0, 256<<10), emitted: b.counter(),
	}
}

type bareRun struct {
	message bareMessage
	buffer  []byte
	emitted *uint64
}

func (r *bareRun) One(v *load.Values) {
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING, []bareAttribute{{"message", load.Message}, {load.Keys[0], v[0]}})
}

func (r *bareRun) Ten(v *load.Values) {
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING, []bareAttribute{
		{"message", load.Message}, {load.Keys[0], v[0]}, {load.Keys[1], v[1]}, {load.Keys[2], v[2]}, {load.Keys[3], v[3]}, {load.Keys[4], v[4]},
		{load.Keys[5], v[5]}, {load.Keys[6], v[6]}, {load.Keys[7], v[7]}, {load.Keys[8], v[8]}, {load.Keys[9], v[9]},
	})
}

func (r *bareRun) Text(text string) {
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING, []bareAttribute{{"message", load.Message}, {"prompt", text}})
}

func (r *bareRun) Node(v *load.Values) {
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_START, []bareAttribute{
		{load.Keys[0], v[0]}, {load.Keys[1], v[1]}, {load.Keys[2], v[2]}, {load.Keys[3], v[3]}, {load.Keys[4], v[4]},
	})
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_END, nil)
}

func (r *bareRun) encode(kind dashstreampb.EventType, attributes []bareAttribute) {
	r.message.sequence++
	binary.BigEndian.PutUint64(r.message.id[8:], r.message.sequence)
	r.message.event, r.message.node = kind, load.Node
	r.buffer = r.message.append(r.buffer[:0], attributes)
	*r.emitted++
}

// bareMessage is an Event, and bareAttribute one of its attributes.
type bareMessage struct {
	id, parent     [16]byte
	micros         int64
	tenant, thread string
	sequence       uint64
	event          dashstreampb.EventType
	node           string
}

type bareAttribute struct{ key, value string }

func (a *bareAttribute) valueSize() int {
	return protowire.SizeTag(1) + protowire.SizeBytes(len(a.value))
}

func (a *bareAttribute) size() int {
	return protowire.SizeTag(1) + protowire.SizeBytes(len(a.key)) + protowire.SizeTag(2) + protowire.SizeBytes(a.valueSize())
}

func (m *bareMessage) headerSize() int {
	return protowire.SizeTag(1) + protowire.SizeBytes(len(m.id)) +
		protowire.SizeTag(2) + protowire.SizeVarint(uint64(m.micros)) +
		protowire.SizeTag(3) + protowire.SizeBytes(len(m.tenant)) +
		protowire.SizeTag(4) + protowire.SizeBytes(len(m.thread)) +
		protowire.SizeTag(5) + protowire.SizeVarint(m.sequence) +
		protowire.SizeTag(6) + protowire.SizeVarint(uint64(dashstreampb.MessageType_MESSAGE_TYPE_EVENT)) +
		protowire.SizeTag(7) + protowire.SizeBytes(len(m.parent)) +
		protowire.SizeTag(9) + protowire.SizeVarint(1)
}

func (m *bareMessage) size(attributes []bareAttribute) int {
	n := protowire.SizeTag(1) + protowire.SizeBytes(m.headerSize()) +
		protowire.SizeTag(2) + protowire.SizeVarint(uint64(m.event)) +
		protowire.SizeTag(3) + protowire.SizeBytes(len(m.node))
	for i := range attributes {
		n += protowire.SizeTag(4) + protowire.SizeBytes(attributes[i].size())
	}
	return n
}

// append appends the Event as a field of an EventBatch.
func (m *bareMessage) append(b []byte, attributes []bareAttribute) []byte {
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(m.size(attributes)))
	return m.appendFields(b, attributes)
}

func (m *bareMessage) appendFields(b []byte, attributes []bareAttribute) []byte {
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(m.headerSize()))
	b = m.appendHeader(b)
	b = protowire.AppendTag(b, 2, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(m.event))
	b = protowire.AppendTag(b, 3, protowire.BytesType)
	b = protowire.AppendString(b, m.node)
	for i := range attributes {
		a := &attributes[i]
		b = protowire.AppendTag(b, 4, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(a.size()))
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendString(b, a.key)
		b = protowire.AppendTag(b, 2, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(a.valueSize()))
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendString(b, a.value)
	}
	return b
}

func (m *bareMessage) appendHeader(b []byte) []byte {
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	b = protowire.AppendBytes(b, m.id[:])
	b = protowire.AppendTag(b, 2, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(m.micros))
	b = protowire.AppendTag(b, 3, protowire.BytesType)
	b = protowire.AppendString(b, m.tenant)
	b = protowire.AppendTag(b, 4, protowire.BytesType)
	b = protowire.AppendString(b, m.thread)
	b = protowire.AppendTag(b, 5, protowire.VarintType)
	b = protowire.AppendVarint(b, m.sequence)
	b = protowire.AppendTag(b, 6, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(dashstreampb.MessageType_MESSAGE_TYPE_EVENT))
	b = protowire.AppendTag(b, 7, protowire.BytesType)
	b = protowire.AppendBytes(b, m.parent[:])
	b = protowire.AppendTag(b, 9, protowire.VarintType)
	return protowire.AppendVarint(b, 1)
}

// appendRecord appends the value of a Kafka record that holds this Event alone.
func (m *bareMessage) appendRecord(b []byte, attributes []bareAttribute) []byte {
	b = append(b, dashstreampb.FramingPlain)
	b = protowire.AppendTag(b, protowire.Number(dashstreampb.MessageType_MESSAGE_TYPE_EVENT), protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(m.size(attributes)))
	return m.appendFields(b, attributes)
}

// recordSize is the size of what appendRecord appends.
func (m *bareMessage) recordSize(attributes []bareAttribute) int {
	return 1 + protowire.SizeTag(1) + protowire.SizeBytes(m.size(attributes))
}
