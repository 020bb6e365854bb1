package redact

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// nameSets are names of ten attributes: of nothing in particular, of public conventions
// (OpenTelemetry's for generative AI, OpenInference's), with digits, with words that secrets have
// too, and drawn at random.
func nameSets(seed uint64) map[string][]string {
	rnd := rand.New(rand.NewPCG(seed, 1))
	m := corpus.NewMaker(seed)
	sets := map[string][]string{
		"neutral": {"colour", "height", "weather", "village", "animal", "distance", "building",
			"river", "morning", "speed"},
		"conventions": {"gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens",
			"gen_ai.operation.name", "gen_ai.request.max_tokens", "gen_ai.response.finish_reasons",
			"llm.token_count.prompt", "llm.token_count.completion", "openinference.span.kind",
			"session.id", "gen_ai.conversation.id"},
		"digits": {"user_key_v2", "s3_key", "oauth2_scope", "step1_tokens", "attribute_key_num_01",
			"sha256_of_input", "p95_latency_ms", "h264_profile", "layer3_hits", "x509_issuer"},
		"telling": {"cache_key", "session.id", "token_count", "sort_key", "password_policy",
			"auth_type", "max_tokens", "cookie_policy", "partition_key", "credential_type"},
	}
	var random []string
	for range 10 {
		n := 4 + rnd.IntN(20)
		random = append(random, m.Of(corpus.Letters, 1)+m.Of(corpus.Alnums+"_._", n))
	}
	sets["random"] = random
	return sets
}

// namedEvents is the elements of a batch of 100 events that have these attributes.
func namedEvents(t testing.TB, names []string) []byte {
	batch := &pb.EventBatch{}
	m := corpus.NewMaker(3)
	for e := range 100 {
		attrs := map[string]*pb.AttributeValue{}
		for i, name := range names {
			attrs[name] = attributeText(fmt.Sprintf("value %d of %s", i, m.Of(corpus.Lowers, 8)))
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

func BenchmarkNames(b *testing.B) {
	for _, set := range []string{"neutral", "conventions", "digits", "telling", "random"} {
		b.Run(set, func(b *testing.B) {
			m := NewMessages(redactor(b, Rules{}))
			elements := namedEvents(b, nameSets(7)[set])
			b.ReportAllocs()
			for b.Loop() {
				if out, changed := m.Events(nil, elements); changed {
					b.Fatalf("changed: %q", out)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/event")
			b.ReportMetric(float64(len(elements))/100, "bytes/event")
		})
	}
}
