// Package record encodes an event straightforwardly, and holds what the Kafka clients have in
// common that send one record per event.
package record

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Message is an Event.
type Message struct {
	ID, Parent     [16]byte
	Micros         int64
	Tenant, Thread string
	Sequence       uint64
	Event          dashstreampb.EventType
	Node           string
}

// Attribute is an attribute of an event.
type Attribute struct{ Key, Value string }

// Text makes an attribute.
func Text(key, value string) Attribute { return Attribute{key, value} }

func (a *Attribute) valueSize() int {
	return protowire.SizeTag(1) + protowire.SizeBytes(len(a.Value))
}

func (a *Attribute) size() int {
	return protowire.SizeTag(1) + protowire.SizeBytes(len(a.Key)) + protowire.SizeTag(2) +
		protowire.SizeBytes(a.valueSize())
}

func (m *Message) headerSize() int {
	return protowire.SizeTag(1) + protowire.SizeBytes(len(m.ID)) +
		protowire.SizeTag(2) + protowire.SizeVarint(uint64(m.Micros)) +
		protowire.SizeTag(3) + protowire.SizeBytes(len(m.Tenant)) +
		protowire.SizeTag(4) + protowire.SizeBytes(len(m.Thread)) +
		protowire.SizeTag(5) + protowire.SizeVarint(m.Sequence) +
		protowire.SizeTag(6) +
		protowire.SizeVarint(uint64(dashstreampb.MessageType_MESSAGE_TYPE_EVENT)) +
		protowire.SizeTag(7) + protowire.SizeBytes(len(m.Parent)) +
		protowire.SizeTag(9) + protowire.SizeVarint(1)
}

func (m *Message) size(attributes []Attribute) int {
	n := protowire.SizeTag(1) + protowire.SizeBytes(m.headerSize()) +
		protowire.SizeTag(2) + protowire.SizeVarint(uint64(m.Event)) +
		protowire.SizeTag(3) + protowire.SizeBytes(len(m.Node))
	for i := range attributes {
		n += protowire.SizeTag(4) + protowire.SizeBytes(attributes[i].size())
	}
	return n
}

// Append appends the Event as a field of an EventBatch.
func (m *Message) Append(b []byte, attributes []Attribute) []byte {
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(m.size(attributes)))
	return m.appendFields(b, attributes)
}

func (m *Message) appendFields(b []byte, attributes []Attribute) []byte {
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(m.headerSize()))
	b = m.appendHeader(b)
	b = protowire.AppendTag(b, 2, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(m.Event))
	b = protowire.AppendTag(b, 3, protowire.BytesType)
	b = protowire.AppendString(b, m.Node)
	for i := range attributes {
		a := &attributes[i]
		b = protowire.AppendTag(b, 4, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(a.size()))
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendString(b, a.Key)
		b = protowire.AppendTag(b, 2, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(a.valueSize()))
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendString(b, a.Value)
	}
	return b
}

func (m *Message) appendHeader(b []byte) []byte {
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	b = protowire.AppendBytes(b, m.ID[:])
	b = protowire.AppendTag(b, 2, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(m.Micros))
	b = protowire.AppendTag(b, 3, protowire.BytesType)
	b = protowire.AppendString(b, m.Tenant)
	b = protowire.AppendTag(b, 4, protowire.BytesType)
	b = protowire.AppendString(b, m.Thread)
	b = protowire.AppendTag(b, 5, protowire.VarintType)
	b = protowire.AppendVarint(b, m.Sequence)
	b = protowire.AppendTag(b, 6, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(dashstreampb.MessageType_MESSAGE_TYPE_EVENT))
	b = protowire.AppendTag(b, 7, protowire.BytesType)
	b = protowire.AppendBytes(b, m.Parent[:])
	b = protowire.AppendTag(b, 9, protowire.VarintType)
	return protowire.AppendVarint(b, 1)
}

// AppendRecord appends the value of a Kafka record that holds this Event alone.
func (m *Message) AppendRecord(b []byte, attributes []Attribute) []byte {
	b = append(b, dashstreampb.FramingPlain)
	b = protowire.AppendTag(b, protowire.Number(dashstreampb.MessageType_MESSAGE_TYPE_EVENT),
		protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(m.size(attributes)))
	return m.appendFields(b, attributes)
}

// RecordSize is the size of what AppendRecord appends.
func (m *Message) RecordSize(attributes []Attribute) int {
	return 1 + protowire.SizeTag(1) + protowire.SizeBytes(m.size(attributes))
}
