package dashhttp_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashhttp"
)

// An agent summarizes a text with a model that is busy at first and then streams its answer. Every
// client of models takes an http.Client, which is where the one line belongs.
func ExampleNewTransport() {
	models := httptest.NewServer(busyAtFirst())
	defer models.Close()
	rec := callbacktest.NewRecorder() // in the place of Kafka
	client, err := callback.New(callback.Config{Sender: rec, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}

	hc := &http.Client{Transport: dashhttp.NewTransport(client, nil, dashhttp.WithTexts())}

	ctx, run := client.StartRunContext(context.Background(), callback.RunInfo{ThreadID: "t"})
	err = callback.Traced(ctx, "summarize", func(ctx context.Context) error {
		return askUntilServed(ctx, hc, models.URL+"/v1/chat/completions")
	})
	run.End(err)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Print(rec.Timeline())
	// Output:
	// GRAPH_START
	//   NODE_START summarize
	//     LLM_START summarize attempt=1 messages=1 model=gpt-5 prompt="user: Summarize."
	//         provider=127.0.0.1
	//     LLM_ERROR summarize error="dashhttp: 429 Too Many Requests: try again"
	//         finish_reason=error model=gpt-5 status_code=429
	//     LLM_START summarize attempt=2 messages=1 model=gpt-5 prompt="user: Summarize."
	//         provider=127.0.0.1
	//       TOKENS "The sky is blue."
	//     LLM_END summarize completion_tokens=4 finish_reason=stop model=gpt-5 prompt_tokens=12
	//         response_model=gpt-5 total_tokens=16
	//   NODE_END summarize
	// GRAPH_END
}

// busyAtFirst is a model that refuses the first request and streams its answer to the others.
func busyAtFirst() http.HandlerFunc {
	var asked atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprint(w, `{"error":{"message":"try again"}}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for _, part := range []string{"The ", "sky ", "is ", "blue."} {
			fmt.Fprintf(w, `data: {"model":"gpt-5","choices":[{"delta":{"content":%q}}]}`+"\n\n",
				part)
		}
		fmt.Fprint(w, `data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":`+
			`{"prompt_tokens":12,"completion_tokens":4}}`+"\n\ndata: [DONE]\n\n")
	}
}

// askUntilServed does what clients of models do: it asks again while the model is busy, and reads
// the stream.
func askUntilServed(ctx context.Context, hc *http.Client, url string) error {
	for attempt := 0; ; attempt++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(
			`{"model":"gpt-5","stream":true,"messages":[{"role":"user","content":"Summarize."}]}`))
		if err != nil {
			return err
		}
		req.Header.Set("X-Stainless-Retry-Count", strconv.Itoa(attempt))
		resp, err := hc.Do(req)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode == http.StatusOK {
			return err
		}
	}
}
