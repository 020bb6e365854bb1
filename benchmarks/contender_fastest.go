package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

const nameFastest = "fastest"

// fastest is a reference: the encoder that dashstream uses, called alone. It sends nothing, and its
// time stamp is made once.
type fastest struct{ tally }

func openFastest(load.Setup) (load.Contender, error) { return new(fastest), nil }

func (f *fastest) Emitter(i int) load.Emitter {
	thread := wire.AppendThread(nil, "default", fmt.Sprintf("conversation-%04d", i))
	return &fastestRun{
		header: wire.Header{Parent: wire.ID{1}, Micros: time.Now().UnixMicro(), Thread: thread,
			Type: byte(dashstreampb.MessageType_MESSAGE_TYPE_EVENT)},
		buffer: make([]byte, 0, 256<<10), emitted: f.counter(),
	}
}

type fastestRun struct {
	header  wire.Header
	buffer  []byte
	emitted *uint64
}

func (r *fastestRun) One(v *load.Values) {
	r.warning([]slog.Attr{slog.String(load.Keys[0], v[0])})
}

func (r *fastestRun) Ten(v *load.Values) {
	r.warning([]slog.Attr{
		slog.String(load.Keys[0], v[0]), slog.String(load.Keys[1], v[1]),
		slog.String(load.Keys[2], v[2]), slog.String(load.Keys[3], v[3]),
		slog.String(load.Keys[4], v[4]), slog.String(load.Keys[5], v[5]),
		slog.String(load.Keys[6], v[6]), slog.String(load.Keys[7], v[7]),
		slog.String(load.Keys[8], v[8]), slog.String(load.Keys[9], v[9]),
	})
}

func (r *fastestRun) Text(text string) { r.warning([]slog.Attr{slog.String("prompt", text)}) }

func (r *fastestRun) Node(v *load.Values) {
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_START, nil, []slog.Attr{
		slog.String(load.Keys[0], v[0]), slog.String(load.Keys[1], v[1]),
		slog.String(load.Keys[2], v[2]), slog.String(load.Keys[3], v[3]),
		slog.String(load.Keys[4], v[4]),
	})
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_END, []slog.Attr{slog.Int("duration_us", 1)},
		nil)
}

func (r *fastestRun) warning(attrs []slog.Attr) {
	r.encode(dashstreampb.EventType_EVENT_TYPE_NODE_WARNING,
		[]slog.Attr{slog.String("message", load.Message)}, attrs)
}

func (r *fastestRun) encode(kind dashstreampb.EventType, own, attrs []slog.Attr) {
	e := wire.Event{Type: byte(kind), Node: load.Node, Own: own, Attrs: attrs}
	r.header.Sequence++
	width := wire.VarintLen(r.header.Sequence)
	r.buffer = wire.AppendEvent(r.buffer[:0], &r.header, width, &e, wire.SizeEventBody(&e))
	*r.emitted++
}
