package dashhttp

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

// observed feeds an answer to a call in pieces and returns what is known of it in the end.
func observed(
	to *endpoint, header http.Header, body []byte, piece func() int,
) (*call, callback.LLMResult, error) {
	c := &call{endpoint: to, texts: true, status: 200, form: formOf(header)}
	for len(body) > 0 {
		n := min(max(piece(), 1), len(body))
		c.read(body[:n])
		body = body[n:]
	}
	c.ended.Store(true)
	if c.form == formZipped {
		c.unzip()
	}
	if c.form == formEvents && c.scan.root != nil {
		c.events.flush(c)
	}
	res, err := c.outcome(nil, false)
	return c, res, err
}

// FuzzAnswers holds that whatever an answer is, it does no harm, and that it is the same in
// whatever pieces it comes.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"choices":[{"message":{"content":"a\u00e9\\\"b"},"finish_reason":"stop"}],"usage":{}}`,
		"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\ndata: [DONE]\n\n",
		"\ufeffdata:{\"type\":\"message_start\",\ndata: \"message\":{\"model\":\"m\"}}\n\n:x\n\n",
		`{"error":{"message":"\ud83d\ude00\`, "\r\r\n\n\rdata\r\r", "[[[[{{{{\"", `{"model":12e4}`,
		`{"usage":{"prompt_tokens":99999999999999999999,"total_tokens":-1}}`,
	} {
		for kind := range uint8(4) {
			f.Add(kind, []byte(seed), uint64(1))
		}
	}
	kinds := []*endpoint{chatCompletions, responses, messages, embeddings}
	f.Fuzz(func(t *testing.T, kind uint8, body []byte, seed uint64) {
		header := http.Header{}
		if kind&4 != 0 {
			header.Set("Content-Type", "text/event-stream")
		}
		if kind&8 != 0 {
			header.Set("Content-Encoding", "gzip")
		}
		to := kinds[kind&3]
		_, whole, wholeErr := observed(to, header, body, func() int { return len(body) })
		random := rand.New(rand.NewPCG(seed, 0))
		for _, piece := range []func() int{func() int { return 1 },
			func() int { return random.IntN(9) }} {
			_, got, err := observed(to, header, body, piece)
			if fmt.Sprint(got, err) != fmt.Sprint(whole, wholeErr) {
				t.Errorf("in pieces: %v %v, want %v %v", got, err, whole, wholeErr)
			}
		}
		for _, n := range []int{whole.PromptTokens, whole.CompletionTokens, whole.TotalTokens} {
			if n < 0 || n > 3<<28 {
				t.Errorf("%d tokens", n)
			}
		}
	})
}

// FuzzRequests holds that whatever a request is, it does no harm.
func FuzzRequests(f *testing.F) {
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":[{"text":"a"}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, to := range []*endpoint{chatCompletions, responses} {
			req, err := http.NewRequest(http.MethodPost, "http://x/v1/messages",
				bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r := request{texts: true}
			r.read(req, to.request)
			if call := r.describe(req); len(call.Prompt) > 3*maxPrompt {
				t.Errorf("the prompt is %d bytes long", len(call.Prompt))
			}
		}
	})
}

// floods are beginnings and what is repeated behind them for ever.
var floods = []struct{ name, head, body string }{
	{"a line without an end", `data: {"choices":[{"delta":{"content":"`, "aaaaaaaa"},
	{"escapes", `{"choices":[{"message":{"content":"`, `\\\"\n`},
	{"a half escape", `{"choices":[{"message":{"content":"a`, `\`},
	{"carriage returns", "data: x", "\r"},
	{"empty lines", "data: {}", "\n"},
	{"depth", `{"choices":`, `[{"delta":`},
	{"parts of a text", `{"choices":[{"message":{"content":[`,
		`{"text":"aaaaaaaaaaaaaaaaaaaaaaaaaaa\n"},`},
	{"choices", `{"choices":[`, `{"message":{"content":"abc"}},`},
	{"long keys", `{"`, `key`},
	{"digits", `{"usage":{"prompt_tokens":`, `1`},
	{"names of fields", ``, `data`},
	{"comments", `:`, "abc:data:"},
	{"small events", ``, "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"},
}

func TestNoAnswerTakesMemoryOrTimeBeyondItsBounds(t *testing.T) {
	const size = 4 << 20
	for _, tt := range floods {
		t.Run(tt.name, func(t *testing.T) {
			body := []byte(tt.head + strings.Repeat(tt.body, size/len(tt.body)))
			began := time.Now()
			for _, step := range []int{32 << 10, size} {
				c, _, _ := observed(chatCompletions, http.Header{}, body,
					func() int { return step })
				if held := cap(c.scan.text) + cap(c.answer.text) + cap(c.answer.part); held >
					8*maxText {
					t.Errorf("the call holds %d bytes", held)
				}
			}
			// twice 4 MiB take a tenth of a second; with each byte looked at again for each
			// that follows, many minutes
			if took := time.Since(began); took > time.Minute {
				t.Errorf("%d bytes took %v", 2*size, took)
			}
		})
	}
}

func TestNoRequestTakesMemoryBeyondItsBounds(t *testing.T) {
	for _, flood := range []string{`{"role":"user","content":"abc"},`,
		`{"role":"user","content":[{"text":"` + strings.Repeat("a", 1000) + `"}]},`,
		`{"content":"`} {
		body := `{"model":"m","messages":[` + strings.Repeat(flood, 4<<20/len(flood))
		req, err := http.NewRequest(http.MethodPost, "http://x/v1/messages",
			strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r := request{texts: true}
		r.read(req, chatRequest)
		if call := r.describe(req); len(call.Prompt) > 2*maxPrompt || call.Model != "m" {
			t.Errorf("model %q, a prompt of %d bytes", call.Model, len(call.Prompt))
		}
		if len(r.prompt) > maxPrompt || cap(r.text) > 8*maxPrompt {
			t.Errorf("%d messages and %d bytes are kept", len(r.prompt), cap(r.text))
		}
	}
}

func TestThePromptHasTheNewestMessages(t *testing.T) {
	long := strings.Repeat("b", maxPrompt-20)
	req, err := http.NewRequest(http.MethodPost, "http://x/v1/messages", strings.NewReader(
		`{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"`+long+
			`"},{"role":"user","content":"c"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r := request{texts: true}
	r.read(req, chatRequest)
	want := "(1 earlier messages)\n\nassistant: " + long + "\n\nuser: c"
	if got := r.describe(req).Prompt; got != want {
		t.Errorf("prompt of %d bytes, want %d: %.60s", len(got), len(want), got)
	}
}

func TestAPanicInTheReaderLeavesTheCallAlone(t *testing.T) {
	c := &call{endpoint: &endpoint{answer: chatAnswer}, status: 200}
	c.read([]byte("{"))
	c.scan.sink = nil
	c.read([]byte(`"model":"m"}`))
	c.read([]byte(`"model":"m"}`))
	if _, err := c.outcome(nil, false); c.form != formUnread || err != nil {
		t.Errorf("form %v, error %v", c.form, err)
	}
}

var errBroken = errors.New("broken")

type brokenBody struct{ *strings.Reader }

func (brokenBody) Close() error { return errBroken }

func TestErrorsOfTheBodyArePassedOn(t *testing.T) {
	b := &body{of: brokenBody{strings.NewReader("{}")}, call: &call{endpoint: messages}}
	if err := b.Close(); err != errBroken {
		t.Errorf("Close gives %v", err)
	}
}
