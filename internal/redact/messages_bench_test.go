package redact

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// shortEvents is the elements of a batch of 100 events of ten attributes of 20 bytes each, whose
// names are the same in all of them.
func shortEvents(t testing.TB, name func(i int) string, value func(i int) string) []byte {
	batch := &pb.EventBatch{}
	for e := range 100 {
		attrs := map[string]*pb.AttributeValue{}
		for i := range 10 {
			attrs[(name(i) + strings.Repeat("x", 20))[:20]] = attributeText((value(10*e+i) +
				strings.Repeat("x", 20))[:20])
		}
		id := corpus.NewMaker(uint64(e)).Of("\x00\x17\x8a\xfe\xc3AbZz09", 16)
		batch.Events = append(batch.Events, &pb.Event{
			Header: &pb.Header{MessageId: []byte(id), TimestampUs: 1716201000000000 + int64(e),
				TenantId: "default", ThreadId: "conversation-7", Sequence: uint64(e + 1),
				SchemaVersion: 1},
			EventType: pb.EventType_EVENT_TYPE_NODE_END, NodeId: "retrieve", Attributes: attrs,
			DurationUs: 1234,
		})
	}
	return encoded(t, batch)
}

func batches(t testing.TB) map[string][]byte {
	m := corpus.NewMaker(13)
	name := func(i int) string { return fmt.Sprintf("attribute_name_%05d", i) }
	words := strings.Fields("the agent looked at each flight and found nothing before noon so it " +
		"asked whether another day would do and the customer said yes please")
	sentence := func(int) string {
		var b strings.Builder
		for b.Len() < 20 {
			b.WriteString(words[m.IntN(len(words))] + " ")
		}
		return b.String()
	}
	tokens := []string{"prompt_tokens_total", "max_tokens", "user_id", "total_tokens"}
	return map[string][]byte{
		"words":  shortEvents(t, name, sentence),
		"random": shortEvents(t, name, func(int) string { return m.Of(corpus.Base64Chars, 20) }),
		"hex":    shortEvents(t, name, func(int) string { return m.Of(corpus.HexDigits, 20) }),
		"tokens": shortEvents(t, func(i int) string {
			if i < len(tokens) {
				return tokens[i]
			}
			return name(i)
		}, sentence),
	}
}

func BenchmarkEvents(b *testing.B) {
	for _, bench := range []struct {
		what, batch string
		rules       Rules
	}{
		{"words", "words", Rules{}}, {"random", "random", Rules{}}, {"hex", "hex", Rules{}},
		{"tokens", "tokens", Rules{}},
		{"emails", "words", Rules{Emails: true}}, {"cards", "words", Rules{CreditCards: true}},
	} {
		elements := batches(b)[bench.batch]
		b.Run(bench.what, func(b *testing.B) {
			m := NewMessages(redactor(b, bench.rules))
			b.SetBytes(int64(len(elements)))
			b.ReportAllocs()
			for b.Loop() {
				if _, changed := m.Events(nil, elements); changed {
					b.Fatal("changed")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/event")
		})
	}
}

// BenchmarkClean looks at the texts of recorded runs as at the bytes of one batch.
func BenchmarkClean(b *testing.B) {
	r := redactor(b, Rules{})
	all := strings.Join(textsOf(recorded(b), 1), "\x12\x16\x0a\x14")
	perByte(b, len(all), func() {
		for i := r.filter.next(all, 0); i >= 0; i = r.filter.next(all, i+2) {
		}
	})
}
