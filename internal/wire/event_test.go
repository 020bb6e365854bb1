package wire

import (
	"bytes"
	"log/slog"
	"math"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// checkEvent encodes an event as an element of a batch, and compares its size with its bytes and
// its bytes with those of the generated types.
func checkEvent(t *testing.T, h *Header, e *Event) {
	t.Helper()
	h.Thread, h.Type = AppendThread(nil, "default", "thread"), 1
	body, w := SizeEventBody(e), width(h.Sequence)
	if body == NotPlain {
		t.Fatalf("event %+v is not plain", e)
	}
	got := AppendEvent(nil, h, w, e, body)
	if n := SizeEvent(h, w, body); n != len(got) {
		t.Errorf("SizeEvent = %d, %d bytes appended", n, len(got))
	}
	all := slices.Clone(e.Own)
	if e.Timed {
		all = append(all, slog.Int64(DurationKey, e.Micros))
	}
	all = append(all, e.Attrs...)
	want := &pb.Event{
		Header: protoHeader(h, "default", "thread"), EventType: pb.EventType(e.Type),
		NodeId: e.Node, Attributes: protoAttrs(all),
		DurationUs: e.Micros, LlmRequestId: e.LLMRequestID,
	}
	number, kind, n := protowire.ConsumeTag(got)
	element, m := protowire.ConsumeBytes(got[max(n, 0):])
	if number != 2 || kind != protowire.BytesType || m < 0 || n+m != len(got) {
		t.Fatalf("% x is not one element of EventBatch.events", got)
	}
	equalMessages(t, decodeBody(t, element, &pb.Event{}), want)
	if ordered(all) {
		if encoded := marshal(t, want); !bytes.Equal(element, encoded) {
			t.Errorf("event %+v\n% x, the generated types write\n% x", e, element, encoded)
		}
	}
}

// ordered reports whether attributes are in the order in which the generated types write maps, with
// no key twice.
func ordered(attrs []slog.Attr) bool {
	for i, a := range attrs {
		if i > 0 && attrs[i-1].Key >= a.Key || a.Value.Kind() == slog.KindGroup &&
			!ordered(a.Value.Group()) {
			return false
		}
	}
	return true
}

func TestEventWithOneAttribute(t *testing.T) {
	long := string(bytes.Repeat([]byte("é"), 9000))
	values := map[string]slog.Attr{
		"string":               slog.String("key", "value"),
		"string of 99 in all":  slog.String("key", string(make([]byte, 96))),
		"string of 100 in all": slog.String("key", string(make([]byte, 97))),
		"long string":          slog.String("key", long),
		"long key":             slog.String(long, "x"),
		"empty string":         slog.String("key", ""),
		"empty key":            slog.String("", "value"),
		"empty key and string": slog.String("", ""),
		"number without a key": slog.Int("", 5),
		"int":                  slog.Int("key", 42),
		"zero":                 slog.Int("key", 0),
		"least int":            slog.Int64("key", math.MinInt64),
		"largest int":          slog.Int64("key", math.MaxInt64),
		"uint":                 slog.Uint64("key", math.MaxInt64),
		"float":                slog.Float64("key", 1.5),
		"zero float":           slog.Float64("key", 0),
		"negative zero":        slog.Float64("key", math.Copysign(0, -1)),
		"NaN":                  slog.Float64("key", math.NaN()),
		"infinite":             slog.Float64("key", math.Inf(-1)),
		"true":                 slog.Bool("key", true),
		"false":                slog.Bool("key", false),
		"duration in µs":       slog.Duration("key", 1500*time.Nanosecond),
		"negative duration":    slog.Duration("key", -time.Second),
		"bytes":                slog.Any("key", []byte{0, 1, 0xff}),
		"no bytes":             slog.Any("key", []byte{}),
		"nil bytes":            slog.Any("key", []byte(nil)),
		"group":                slog.Group("key", slog.Int("a", 1), slog.String("b", "x")),
		"group with empty key": slog.Group("key", slog.Int("", 1)),
		"groups in groups": slog.Group("key",
			slog.Group("a", slog.Group("b", slog.Bool("c", false)))),
	}
	for name, a := range values {
		t.Run(name, func(t *testing.T) {
			e := Event{Type: 10, Node: "node", Attrs: []slog.Attr{a}}
			checkEvent(t, &Header{ID: ID{1}, Parent: ID{2}, Micros: 3, Sequence: 4}, &e)
			e.Own, e.Attrs = e.Attrs, nil
			checkEvent(t, &Header{ID: ID{1}, Parent: ID{2}, Micros: 3, Sequence: 4}, &e)
		})
	}
}

func TestEventFieldsLeftOut(t *testing.T) {
	for name, e := range map[string]Event{
		"only the type":   {Type: 1},
		"node":            {Type: 1, Node: "n"},
		"duration":        {Type: 11, Micros: 1},
		"no time at all":  {Type: 11, Micros: 0},
		"request":         {Type: 30, LLMRequestID: "r"},
		"largest type":    {Type: 127},
		"negative micros": {Type: 11, Micros: -1},
		"timed":           {Type: 11, Micros: 300, Timed: true},
		"timed, negative": {Type: 11, Micros: -1, Timed: true},
		"timed, at once":  {Type: 11, Timed: true},
	} {
		t.Run(name, func(t *testing.T) {
			checkEvent(t, &Header{ID: ID{1}, Sequence: 1, Micros: 1},
				&e)
		})
	}
}

// Of two attributes with one name the last counts, as in any protobuf map: the caller's come after
// the SDK's own.
func TestLastAttributeOfANameCounts(t *testing.T) {
	e := Event{Type: 1, Own: []slog.Attr{slog.String("k", "own")},
		Attrs: []slog.Attr{slog.String("k", "given")}}
	checkEvent(t, &Header{ID: ID{1}, Sequence: 1, Micros: 1}, &e)
}

func eventOf(d *dice) (Header, Event) {
	h := Header{ID: d.id(), Parent: d.id(), Micros: d.micros(), Sequence: d.number()}
	e := Event{
		Type: 1 + byte(d.below(127)), Node: d.text(), Own: d.plain(1), Attrs: d.plain(MaxGroups),
		Micros: d.micros(), Timed: d.below(2) == 1, LLMRequestID: d.text(),
	}
	return h, e
}

func TestEventEqualsTheGeneratedTypes(t *testing.T) {
	rolls(t, 2000, func(t *testing.T, d dice) {
		h, e := eventOf(&d)
		checkEvent(t, &h, &e)
	})
}

func FuzzEvent(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		d := dice(b)
		h, e := eventOf(&d)
		checkEvent(t, &h, &e)
	})
}

func checkTool(t *testing.T, x *Tool) {
	t.Helper()
	got := AppendTool(nil, x)
	if n := SizeTool(x); n != len(got) {
		t.Errorf("SizeTool = %d, %d bytes appended", n, len(got))
	}
	want := marshal(t, &pb.ToolExecution{
		CallId: x.CallID, ToolName: x.Name, Stage: pb.ToolExecution_ExecutionStage(x.Stage),
		Arguments: x.Arguments, Result: x.Result,
		Error: x.Error, DurationUs: x.Micros, RetryCount: x.Retries,
	})
	if !bytes.Equal(got, want) {
		t.Errorf("tool %+v\n% x, want\n% x", x, got, want)
	}
}

func toolOf(d *dice) *Tool {
	return &Tool{
		CallID: d.text(), Name: d.text(), Stage: byte(d.below(6)), Arguments: d.bytes(),
		Result: d.bytes(), Error: d.text(),
		Micros: d.micros(), Retries: uint32(d.number()),
	}
}

func TestToolEqualsTheGeneratedTypes(t *testing.T) {
	checkTool(t, &Tool{})
	rolls(t, 1000, func(t *testing.T, d dice) { checkTool(t, toolOf(&d)) })
}

func FuzzTool(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		d := dice(b)
		checkTool(t, toolOf(&d))
	})
}
