package wire

import (
	"encoding/binary"
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// dice makes values from bytes, so that a fuzzer that changes bytes changes values. When the bytes
// are used up, everything is zero.
type dice []byte

// rolls calls f with dice of many lengths, the same in every run.
func rolls(t *testing.T, n int, f func(t *testing.T, d dice)) {
	t.Helper()
	for i := range n {
		rnd := rand.New(rand.NewPCG(7, uint64(i)))
		d := make(dice, rnd.IntN(2000))
		for j := range d {
			d[j] = byte(rnd.Uint32())
		}
		if f(t, d); t.Failed() {
			t.Fatalf("in roll %d", i)
		}
	}
}

// seeds adds dice to a fuzz target's corpus.
func seeds(f *testing.F) {
	f.Add([]byte{})
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 10, 100, 1000} {
		d := make([]byte, n)
		for i := range d {
			d[i] = byte(rnd.Uint32())
		}
		f.Add(d)
	}
}

func (d *dice) byte() byte {
	if len(*d) == 0 {
		return 0
	}
	b := (*d)[0]
	*d = (*d)[1:]
	return b
}

// below returns a number from 0 to n-1.
func (d *dice) below(n int) int { return (int(d.byte())<<8 | int(d.byte())) % n }

// number returns numbers of all widths.
func (d *dice) number() uint64 {
	var b [8]byte
	for i := range b {
		b[i] = d.byte()
	}
	return binary.BigEndian.Uint64(b[:]) >> d.below(64)
}

// text returns valid UTF-8, sometimes longer than a length of one or two bytes can express.
func (d *dice) text() string {
	runes := make([]rune, d.below(20))
	for i := range runes {
		runes[i] = []rune{'a', 'Z', 0, '"', 'é', '\u2028', '漢', '😀'}[d.below(8)]
	}
	s := string(runes)
	if d.below(40) == 0 {
		s += string(make([]byte, []int{100, 127, 128, 16383, 16384}[d.below(5)]))
	}
	return s
}

func (d *dice) bytes() []byte {
	p := make([]byte, d.below(30))
	for i := range p {
		p[i] = d.byte()
	}
	return p
}

func (d *dice) id() (id ID) {
	if d.below(3) > 0 {
		for i := range id {
			id[i] = d.byte()
		}
	}
	return id
}

func (d *dice) micros() int64 { return int64(d.number()) }

// plain returns attributes that need not be resolved.
func (d *dice) plain(groups int) []slog.Attr {
	attrs := make([]slog.Attr, d.below(6))
	for i := range attrs {
		attrs[i] = slog.Attr{Key: d.text(), Value: d.plainValue(groups)}
		if attrs[i].Value.Kind() == slog.KindGroup {
			attrs[i].Key += "g"
		}
	}
	return attrs
}

func (d *dice) plainValue(groups int) slog.Value {
	switch d.below(9) {
	case 0:
		return slog.Int64Value(int64(d.number()))
	case 1:
		return slog.Uint64Value(d.number() & math.MaxInt64)
	case 2:
		return slog.Float64Value(math.Float64frombits(d.number()))
	case 3:
		return slog.BoolValue(d.below(2) == 0)
	case 4:
		return slog.DurationValue(time.Duration(d.number()))
	case 5:
		return slog.AnyValue(d.bytes())
	case 6:
		if groups > 0 {
			return slog.GroupValue(append(d.plain(groups-1), slog.String("last", "x"))...)
		}
	}
	return slog.StringValue(d.text())
}
