package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Values whose own code misbehaves.
type (
	logs     func() slog.Value
	marshals func() ([]byte, error)
	fails    func() string
	node     struct{ Next *node }
	badError struct{ text string }
)

func (f logs) LogValue() slog.Value             { return f() }
func (f marshals) MarshalJSON() ([]byte, error) { return f() }
func (f fails) Error() string                   { return f() }
func (e *badError) Error() string               { return e.text }
func (f logs) String() string                   { panic("String is not asked") }
func panics[T any](what any) func() T           { return func() T { panic(what) } }
func returns[T any](v T) func() T               { return func() T { return v } }
func marshalled(s string) marshals {
	return func() ([]byte, error) { return []byte(s), nil }
}
func itself() slog.LogValuer {
	var l logs
	l = func() slog.Value {
		return slog.AnyValue(l)
	}
	return l
}
func nested(n int, inner slog.Attr) (a slog.Attr) {
	for a = inner; n > 0; n-- {
		a = slog.Attr{Key: "g", Value: slog.GroupValue(a)}
	}
	return a
}

// groupOfItself resolves to a group of n like itself.
func groupOfItself(n int) slog.LogValuer {
	var l logs
	l = func() slog.Value {
		attrs := make([]slog.Attr, n)
		for i := range attrs {
			attrs[i] = slog.Any("again", l)
		}
		return slog.GroupValue(attrs...)
	}
	return l
}

// checkResolved resolves attributes and verifies that the result can be encoded and read.
func checkResolved(t *testing.T, attrs []slog.Attr) (map[string]*pb.AttributeValue, Faults) {
	t.Helper()
	var f Faults
	plain := Resolve(attrs, &f)
	n := SizeAttrs(plain)
	if n == NotPlain {
		t.Fatalf("resolved to %v, which is not plain", plain)
	}
	b := AppendAttrs(nil, 4, plain)
	if len(b) != n {
		t.Fatalf("SizeAttrs = %d, %d bytes appended", n, len(b))
	}
	e := decodeBody(t, b, &pb.Event{})
	if want := (&pb.Event{Attributes: protoAttrs(plain)}); !proto.Equal(e, want) {
		t.Errorf("decoded %v, want %v", e, want)
	}
	checkDepth(t, b)
	return e.GetAttributes(), f
}

// checkDepth verifies that readers with the smallest limit accept the attributes at the deepest
// place where they can occur.
func checkDepth(t *testing.T, attrs []byte) {
	t.Helper()
	event := append(appendMessageHead(nil, 2, len(attrs)), attrs...)
	record := append(appendMessageHead([]byte{0}, 8, len(event)), event...)
	if _, err := (pb.Decoder{MaxElements: 10 * maxValues}).Decode(record); err != nil {
		t.Errorf("readers refuse the record: %v", err)
	}
}

func TestResolve(t *testing.T) {
	zone := time.FixedZone("", 2*3600+1800)
	tests := map[string]struct {
		value any
		want  any // string, int64, …; nil: left out
	}{
		"string":                {"x", "x"},
		"invalid UTF-8":         {"a\xffb", "a\uFFFDb"},
		"duration":              {1500 * time.Microsecond, int64(1500)},
		"uint64":                {uint64(math.MaxUint64), "18446744073709551615"},
		"uint64 just too large": {uint64(math.MaxInt64) + 1, "9223372036854775808"},
		"uint64 that fits":      {uint64(math.MaxInt64), int64(math.MaxInt64)},
		"time": {time.Date(2026, 5, 4, 3, 2, 1, 5000, zone),
			"2026-05-04T00:32:01.000005Z"},
		"time before year 0": {time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC),
			"-0005-01-01T00:00:00Z"},
		"zero time":         {time.Time{}, "0001-01-01T00:00:00Z"},
		"nil":               {nil, "null"},
		"typed nil pointer": {(*node)(nil), "null"},
		"error": {fmt.Errorf("outer: %w", errors.New("inner")),
			"outer: inner"},
		"error of invalid UTF-8": {errors.New("\xff"), "\uFFFD"},
		"typed nil error": {(*badError)(nil),
			"!PANIC: runtime error: invalid memory address or nil pointer dereference"},
		"error that panics":      {fails(panics[string]("oh")), "!PANIC: oh"},
		"panic with an error":    {fails(panics[string](errors.New("oh"))), "!PANIC: oh"},
		"panic of invalid UTF-8": {fails(panics[string]("\xff")), "!PANIC: \uFFFD"},
		"panic with a panicking one": {fails(panics[string](fails(panics[string]("again")))),
			"!PANIC: %!v(PANIC=Error method: again)"},
		"panics all the way": {
			fails(panics[string](fails(panics[string](fails(panics[string]("x")))))), "!PANIC"},
		"bytes":                      {[]byte{0xff}, []byte{0xff}},
		"nil bytes":                  {[]byte(nil), []byte{}},
		"struct":                     {node{&node{}}, `{"Next":{"Next":null}}`},
		"raw JSON":                   {json.RawMessage(`{"a":1}`), `{"a":1}`},
		"raw JSON of invalid UTF-8":  {json.RawMessage("\"\xff\""), "\"\uFFFD\""},
		"MarshalJSON, invalid UTF-8": {marshalled("\"\xff\""), "\"\uFFFD\""},
		"MarshalJSON, no JSON": {marshalled("{"),
			"!ERROR: json: error calling MarshalJSON for type wire.marshals: unexpected end of " +
				"JSON input"},
		"MarshalJSON that panics": {marshals(func() ([]byte, error) { panic("oh") }),
			"!PANIC: oh"},
		"MarshalJSON that fails": {marshals(func() ([]byte, error) {
			return nil,
				errors.New("\xff")
		}), "!ERROR: json: error calling MarshalJSON for type wire.marshals: \uFFFD"},
		"NaN in JSON": {[]float64{1, math.NaN()},
			`[1,{"$unreadable":"json: unsupported value: NaN"}]`},
		"errors": {[]error{errors.New("one"), nil, errors.New("two")},
			`["one",null,"two"]`},
		"a channel": {make(chan int), "!ERROR: json: unsupported type: chan int"},
		"a func":    {func() {}, "!ERROR: json: unsupported type: func()"},
		"LogValuer": {logs(returns(slog.IntValue(5))), int64(5)},
		"LogValuer, LogValuer": {
			logs(returns(slog.AnyValue(logs(returns(slog.BoolValue(true)))))), true},
		"LogValuer that panics": {logs(panics[slog.Value]("oh")), "!PANIC: oh"},
		"LogValuer of a nil pointer": {(*logs)(nil),
			"!PANIC: value method " +
				"github.com/dashstream/dashstream-go/internal/wire.logs.LogValue called " +
				"using nil *logs pointer"},
		"LogValuer that gives itself": {itself(), "!ERROR: LogValue calls do not end"},
		"LogValuer of nothing":        {logs(returns(slog.Value{})), "null"},
		"empty group":                 {slog.GroupValue(), nil},
		"group of empty":              {slog.GroupValue(slog.Attr{}, slog.Group("x")), nil},
		"LogValuer of an empty group": {logs(returns(slog.GroupValue())), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, f := checkResolved(t, []slog.Attr{slog.Any("key", tt.value)})
			if tt.want == nil {
				if len(got) > 0 {
					t.Errorf("attributes %v, want none", got)
				}
				return
			}
			want := map[string]*pb.AttributeValue{"key": protoValue(slog.AnyValue(tt.want))}
			if !proto.Equal(&pb.Event{Attributes: got}, &pb.Event{Attributes: want}) {
				t.Errorf("attributes %v, want %v", got, want)
			}
			text, _ := tt.want.(string)
			if panicked := strings.HasPrefix(text, "!PANIC"); panicked != (f.Panics == 1) {
				t.Errorf("%d panics counted", f.Panics)
			}
			if broken := strings.Contains(text, "\uFFFD"); broken != (f.InvalidUTF8 == 1) {
				t.Errorf("%d strings of invalid UTF-8 counted", f.InvalidUTF8)
			}
		})
	}
}

func TestResolveOfCycles(t *testing.T) {
	ring := &node{}
	ring.Next = ring
	got, _ := checkResolved(t, []slog.Attr{slog.Any("key", ring)})
	if text := got["key"].GetStringValue(); text != `{"Next":{"$unreadable":"json: a cycle"}}` {
		t.Errorf("a cycle became %q", text)
	}
	m := map[string]any{}
	m["m"] = m
	checkResolved(t, []slog.Attr{slog.Any("key", m)})
}

func TestResolveOfGroups(t *testing.T) {
	tests := map[string]struct {
		attrs, want []slog.Attr
	}{
		"nothing":         {nil, nil},
		"empty attribute": {[]slog.Attr{{}, slog.Int("a", 1)}, []slog.Attr{slog.Int("a", 1)}},
		"no name": {[]slog.Attr{slog.Group("", slog.Int("a", 1)), slog.Int("b", 2)},
			[]slog.Attr{slog.Int("a", 1), slog.Int("b", 2)}},
		"no name, no name": {[]slog.Attr{slog.Group("", slog.Group("", slog.Int("a", 1)))},
			[]slog.Attr{slog.Int("a", 1)}},
		"no name, in a group": {[]slog.Attr{slog.Group("g", slog.Group("", slog.Int("a", 1)))},
			[]slog.Attr{slog.Group("g", slog.Int("a", 1))}},
		"value without a name": {[]slog.Attr{slog.Group("g", slog.Int("", 1))},
			[]slog.Attr{slog.Group("g", slog.Int("", 1))}},
		"empty groups": {[]slog.Attr{slog.Group("g", slog.Group("h"), slog.Int("a", 1)),
			slog.Group("i")}, []slog.Attr{slog.Group("g", slog.Int("a", 1))}},
		"repaired name": {[]slog.Attr{slog.Group("\xff", slog.Int("\xfe", 1))},
			[]slog.Attr{slog.Group("\uFFFD", slog.Int("\uFFFD", 1))}},
		"LogValuer of a group": {[]slog.Attr{slog.Any("",
			logs(returns(slog.GroupValue(slog.Int("a", 1)))))}, []slog.Attr{slog.Int("a", 1)}},
		"[]slog.Attr": {[]slog.Attr{slog.Any("g", []slog.Attr{slog.Int("a", 1)})},
			[]slog.Attr{slog.Group("g", slog.Int("a", 1))}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, _ := checkResolved(t, tt.attrs)
			if want := protoAttrs(tt.want); !proto.Equal(&pb.Event{Attributes: got},
				&pb.Event{Attributes: want}) {
				t.Errorf("attributes %v, want %v", got, want)
			}
		})
	}
}

// Groups without a name are inlined, and empty ones omitted, even if everything else about them is
// plain.
func TestWhatIsNotPlain(t *testing.T) {
	for name, a := range map[string]slog.Attr{
		"no name":             slog.Group("", slog.Int("a", 1)),
		"no name, in a group": slog.Group("g", slog.Group("", slog.Int("a", 1))),
		"empty":               {Key: "g", Value: slog.GroupValue()},
		"too deep":            nested(MaxGroups+1, slog.Int("a", 1)),
		"invalid name":        slog.Group("\xff", slog.Int("a", 1)),
		"invalid name inside": slog.Group("g", slog.Int("\xff", 1)),
		"too large a number":  slog.Uint64("n", math.MaxInt64+1),
	} {
		if n := SizeAttrs([]slog.Attr{a}); n != NotPlain {
			t.Errorf("%s: the size is %d, want NotPlain", name, n)
		}
	}
	if n := SizeAttrs([]slog.Attr{nested(MaxGroups, slog.Int("a", 1))}); n == NotPlain {
		t.Errorf("%d groups in each other are not plain", MaxGroups)
	}
}

func TestResolveOfWhatDoesNotEnd(t *testing.T) {
	inner := func(m map[string]*pb.AttributeValue, key string) (depth int, text string) {
		for depth = 0; m[key].GetMapValue() != nil; depth++ {
			m = m[key].GetMapValue().GetValues()
		}
		return depth, m[key].GetStringValue()
	}
	t.Run("as deep as may be", func(t *testing.T) {
		got, _ := checkResolved(t,
			[]slog.Attr{nested(MaxGroups, slog.Any("g", errors.New("seen")))})
		if depth, text := inner(got, "g"); depth != MaxGroups || text != "seen" {
			t.Errorf("%d groups down is %q", depth, text)
		}
	})
	for name, a := range map[string]slog.Attr{
		"1000 groups":                   nested(1000, slog.Int("g", 1)),
		"1000 groups with an error":     nested(1000, slog.Any("g", errors.New("x"))),
		"a LogValuer in its own group":  slog.Any("again", groupOfItself(1)),
		"two of them":                   slog.Any("again", groupOfItself(2)),
		"a thousand":                    slog.Any("again", groupOfItself(1000)),
		"a slice of a million elements": slog.Any("list", make([]int, 1_000_000)),
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := checkResolved(t, []slog.Attr{a})
			if depth, _ := inner(got, a.Key); depth > MaxGroups {
				t.Errorf("%d groups deep", depth)
			}
		})
	}
}

// hostile returns attributes of any kind, including misbehaving ones.
func (d *dice) hostile(groups int) []slog.Attr {
	attrs := make([]slog.Attr, d.below(5))
	for i := range attrs {
		attrs[i] = slog.Attr{Key: string(d.bytes()), Value: d.hostileValue(groups)}
		if d.below(8) == 0 {
			attrs[i].Key = ""
		}
	}
	return attrs
}

func (d *dice) hostileValue(groups int) slog.Value {
	switch d.below(14) {
	case 0:
		return slog.StringValue(string(d.bytes()))
	case 1:
		return slog.Uint64Value(d.number())
	case 2:
		return slog.TimeValue(time.Unix(int64(d.number()), int64(d.number())))
	case 3:
		return slog.AnyValue(errors.New(string(d.bytes())))
	case 4:
		return slog.AnyValue((*badError)(nil))
	case 5:
		return slog.AnyValue(json.RawMessage(d.bytes()))
	case 6:
		return slog.AnyValue(map[string]any{string(d.bytes()): math.Float64frombits(d.number())})
	case 7:
		return slog.AnyValue(logs(panics[slog.Value](string(d.bytes()))))
	case 8:
		return slog.Value{}
	case 9, 10, 11:
		if groups > 0 {
			inner := slog.GroupValue(d.hostile(groups - 1)...)
			if d.below(2) == 0 {
				return slog.AnyValue(logs(returns(inner)))
			}
			return inner
		}
	}
	return d.plainValue(1)
}

func TestResolvedIsPlain(t *testing.T) {
	rolls(t, 3000, func(t *testing.T, d dice) { checkResolved(t, d.hostile(2*MaxGroups)) })
}

func FuzzResolve(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		d := dice(b)
		attrs := d.hostile(2 * MaxGroups)
		checkResolved(t, attrs)
		var faults Faults
		if again := Resolve(Resolve(attrs, &faults), &faults); SizeAttrs(again) !=
			SizeAttrs(Resolve(attrs, &faults)) {
			t.Errorf("resolving twice gives %v", again)
		}
	})
}
