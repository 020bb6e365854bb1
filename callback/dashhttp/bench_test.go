package dashhttp

import (
	"net/http"
	"strings"
	"testing"
)

// streamedEvents are events as the APIs stream them, by whom.
var streamedEvents = []struct {
	name  string
	to    *endpoint
	event string
}{
	{"chat completions", chatCompletions, `data: {"id":"chatcmpl-BxQ2mTfS3oUeVvLKs0aYcNw1Zr7Gd",` +
		`"object":"chat.completion.chunk","created":1796033605,"model":"gpt-5-2026-01-12",` +
		`"service_tier":"default","system_fingerprint":"fp_560af6e559","choices":[{"index":0,` +
		`"delta":{"content":" together"},"logprobs":null,"finish_reason":null}],"usage":null,` +
		`"obfuscation":"hXq8Lr2Wn"}` + "\n\n"},
	{"responses", responses, "event: response.output_text.delta\n" +
		`data: {"type":"response.output_text.delta","sequence_number":42,"item_id":` +
		`"msg_68a1f0c2d4e88191a3b5c7d9e1f30517","output_index":0,"content_index":0,` +
		`"delta":" together","logprobs":[],"obfuscation":"hXq8Lr2"}` + "\n\n"},
	{"messages", messages, "event: content_block_delta\n" +
		`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",` +
		`"text":" together"}}` + "\n\n"},
}

// streaming returns a call whose answer is being streamed.
func streaming(to *endpoint, event []byte, texts bool) *call {
	c := &call{endpoint: to, texts: texts, status: 200,
		form: formOf(http.Header{"Content-Type": {"text/event-stream"}})}
	c.read(event)
	return c
}

func TestAnEventTakesNoMemoryWithoutTexts(t *testing.T) {
	for _, e := range streamedEvents {
		event := []byte(e.event)
		c := streaming(e.to, event, false)
		if n := testing.AllocsPerRun(100, func() { c.read(event) }); n > 0 {
			t.Errorf("%s: %v allocations an event, want none", e.name, n)
		}
	}
}

// BenchmarkStreamedEvent shows what an event of a streamed answer costs its reader: ns/op is an
// event's. With texts, it leaves out what sending a token costs, which callback's benchmarks have.
func BenchmarkStreamedEvent(b *testing.B) {
	for _, e := range streamedEvents {
		for name, texts := range map[string]bool{"": false, ", texts": true} {
			b.Run(e.name+name, func(b *testing.B) {
				event := []byte(e.event)
				c := streaming(e.to, event, texts)
				b.ReportAllocs()
				b.SetBytes(int64(len(event)))
				for b.Loop() {
					c.read(event)
				}
			})
		}
	}
}

// BenchmarkRequest shows what it costs to read a request whose model stands behind a long
// conversation.
func BenchmarkRequest(b *testing.B) {
	req := conversation(b, 100)
	b.ReportAllocs()
	b.SetBytes(req.ContentLength)
	for b.Loop() {
		var r request
		if r.read(req, chatRequest); r.model != "m" {
			b.Fatal(r.model)
		}
	}
}

// conversation is a request with so many messages.
func conversation(tb testing.TB, n int) *http.Request {
	message := `{"role":"user","content":"` + strings.Repeat("What is it? ", 50) + `"},`
	req, err := http.NewRequest(http.MethodPost, "http://x/v1/messages", strings.NewReader(
		`{"messages":[`+strings.Repeat(message, n)+`{}],"model":"m"}`))
	if err != nil {
		tb.Fatal(err)
	}
	return req
}
