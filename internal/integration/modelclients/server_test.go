package modelclients

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// models is a server of models that answers as OpenAI's and Anthropic's do. What it does is asked
// for in the prompt: "again" fails the first attempt, "bad" all of them, "endless" begins a stream
// and does not end it.
type models struct {
	*httptest.Server
	mu     sync.Mutex
	failed map[string]bool
}

func newModels(t *testing.T) *models {
	m := &models{failed: map[string]bool{}}
	m.Server = httptest.NewTLSServer(m) // Azure's client passes no transport on its way without TLS
	t.Cleanup(m.Close)
	return m
}

// transport returns a transport of its own that trusts the server.
func (m *models) transport() *http.Transport {
	return m.Client().Transport.(*http.Transport).Clone()
}

func (m *models) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	text := string(body)
	if strings.Contains(text, "bad") || strings.Contains(text, "again") && m.first(text) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After-Ms", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"type":"error","error":{"type":"rate_limit","message":"wait"}}`)
		return
	}
	var asked struct {
		Stream bool
	}
	_ = json.Unmarshal(body, &asked)
	way := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	if !asked.Stream {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, documents[way])
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for _, data := range streams[way] {
		kind, _, _ := strings.Cut(strings.TrimPrefix(data, `{"type":"`), `"`)
		fmt.Fprintf(w, "event: %s\ndata: %s\n\n", kind, data)
		w.(http.Flusher).Flush()
		if strings.Contains(text, "endless") && strings.Contains(data, "Hel") {
			<-r.Context().Done()
			return
		}
	}
}

// first reports whether a request comes for the first time.
func (m *models) first(text string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.failed[text]
	m.failed[text] = true
	return !before
}

const (
	responseUsage = `"usage":{"input_tokens":7,"output_tokens":3,"total_tokens":10,` +
		`"input_tokens_details":{"cached_tokens":4},"output_tokens_details":{"reasoning_tokens":1}}`
	responseOutput = `"output":[{"type":"message","id":"m1","role":"assistant","status":` +
		`"completed","content":[{"type":"output_text","text":"Hello","annotations":[]}]}]`
	chatUsage = `"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10,` +
		`"prompt_tokens_details":{"cached_tokens":4},` +
		`"completion_tokens_details":{"reasoning_tokens":1}}`
)

// documents and streams are answers by the end of the path that is called.
var documents = map[string]string{
	"completions": `{"id":"c1","object":"chat.completion","model":"served","choices":[{"index":0,` +
		`"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],` + chatUsage +
		`}`,
	"responses": `{"id":"r1","object":"response","status":"completed","model":"served",` +
		responseOutput + "," + responseUsage + `}`,
	"messages": `{"id":"a1","type":"message","role":"assistant","model":"served","content":[{` +
		`"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{"input_tokens":3,` +
		`"cache_read_input_tokens":4,"output_tokens":3}}`,
	"embeddings": `{"object":"list","model":"served","data":[{"object":"embedding","index":0,` +
		`"embedding":[0.5,0.25]}],"usage":{"prompt_tokens":7,"total_tokens":7}}`,
}

var streams = map[string][]string{
	"completions": {
		`{"id":"c1","model":"served","choices":[{"index":0,"delta":{"content":"Hel"}}]}`,
		`{"id":"c1","model":"served","choices":[{"index":0,"delta":{"content":"lo"}}]}`,
		`{"id":"c1","model":"served","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
		`{"id":"c1","model":"served","choices":[],` + chatUsage + `}`, `[DONE]`,
	},
	"responses": {
		`{"type":"response.created","response":{"id":"r1","status":"in_progress","model":"served"}}`,
		`{"type":"response.output_text.delta","item_id":"m1","delta":"Hel"}`,
		`{"type":"response.output_text.delta","item_id":"m1","delta":"lo"}`,
		`{"type":"response.completed","response":{"id":"r1","status":"completed","model":"served",` +
			responseOutput + "," + responseUsage + `}}`,
	},
	"messages": {
		`{"type":"message_start","message":{"id":"a1","type":"message","role":"assistant",` +
			`"model":"served","content":[],"usage":{"input_tokens":3,` +
			`"cache_read_input_tokens":4,"output_tokens":1}}}`,
		`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}`,
		`{"type":"content_block_stop","index":0}`,
		`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}`,
		`{"type":"message_stop"}`,
	},
}
