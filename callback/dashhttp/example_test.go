package dashhttp_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashhttp"
)

// Every client of models takes an http.Client.
func ExampleNewTransport() {
	models := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"model":"gpt-5","choices":[{"message":{"content":"Hello"},`+
			`"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}`)
	}))
	defer models.Close()
	rec := callbacktest.NewRecorder() // in the place of Kafka
	client, err := callback.New(callback.Config{Sender: rec, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}

	hc := &http.Client{Transport: dashhttp.NewTransport(client, nil)} // the line

	// With option.WithHTTPClient(hc), the clients of OpenAI and Anthropic do this.
	ctx, run := client.StartRunContext(context.Background(), callback.RunInfo{ThreadID: "t"})
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, models.URL+"/v1/chat/completions",
		strings.NewReader(`{"model":"gpt-5","messages":[{"role":"user","content":"Hi"}]}`))
	resp, err := hc.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	_, _ = io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	run.End(err)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, e := range rec.Events() {
		a := e.GetAttributes()
		fmt.Println(e.GetEventType(), a["model"].GetStringValue(),
			a["finish_reason"].GetStringValue(),
			a["total_tokens"].GetIntValue())
	}
	// Output:
	// EVENT_TYPE_GRAPH_START   0
	// EVENT_TYPE_LLM_START gpt-5  0
	// EVENT_TYPE_LLM_END gpt-5 stop 10
	// EVENT_TYPE_GRAPH_END   0
}
