package dashhttp_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashhttp"
	"github.com/dashstream/dashstream-go/internal/jsreader"
	"github.com/dashstream/dashstream-go/internal/plaingo"
)

var write = flag.Bool("write", false, "write testdata/conform.txt")

// Every node of the program asks a model, as agents do.
func TestDashhttpConforms(t *testing.T) {
	found := callbacktest.Conform(t, plaingo.Program{
		Node: func(ctx context.Context, client *callback.Client) error {
			_, err := ask(ctx, client, served, 1, 0)
			return err
		},
		Model: askAs,
		Cannot: map[callbacktest.Scenario]string{
			callbacktest.ScenarioToolError: "it sees calls of models; tools run elsewhere",
		}}.Play)
	found.Compare(t, "testdata/conform.txt", *write)
	jsreader.CheckAll(t, found.Streams())
}

// askAs asks a model over HTTP as a scenario says.
func askAs(ctx context.Context, client *callback.Client, s callbacktest.Scenario) error {
	switch s {
	case callbacktest.ScenarioModelError:
		_, err := ask(ctx, client, busy, 1, 0)
		return err
	case callbacktest.ScenarioRetry:
		if _, err := ask(ctx, client, busy, 1, 0); err == nil {
			return fmt.Errorf("a busy model answered")
		}
		_, err := ask(ctx, client, served, 2, 0)
		return err
	case callbacktest.ScenarioUnread:
		_, err := ask(ctx, client, streamed, 1, len(firstEvent))
		return err
	case callbacktest.ScenarioShortCircuit: // a cache in front of the adapter answers
		_, err := ask(ctx, nil, served, 1, 0)
		return err
	}
	text, err := ask(ctx, client, streamed, 1, 0)
	if err == nil && !strings.HasSuffix(text, "[DONE]\n\n") {
		return fmt.Errorf("the client read %q", text)
	}
	return err
}

const firstEvent = `data: {"model":"m","choices":[{"delta":{"content":"Hel"}}]}` + "\n\n"

// The models of the scenarios.
var (
	served = model(200, "application/json", `{"model":"m","choices":[{"finish_reason":"stop"}]}`)
	busy   = model(429, "application/json", `{"error":{"message":"wait"}}`)

	streamed = model(200, "text/event-stream", firstEvent+
		`data: {"model":"m","choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}`+
		"\n\ndata: [DONE]\n\n")
)

// model answers every request with the same bytes.
func model(status int, contentType, body string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Content-Type": {contentType}}, Request: r}, nil
	}
}

// ask asks a model and returns what the client has read: to the end, or so many bytes.
func ask(
	ctx context.Context, client *callback.Client, of roundTripper, attempt, most int,
) (string, error) {
	rt := http.RoundTripper(of)
	if client != nil {
		rt = dashhttp.NewTransport(client, rt, dashhttp.WithTexts())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://x/v1/chat/completions",
		strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"Hi"}]}`))
	if err != nil {
		return "", err
	}
	req.Header.Set("X-Stainless-Retry-Count", fmt.Sprint(attempt-1))
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	if most > 0 {
		text := make([]byte, most)
		_, err := io.ReadFull(resp.Body, text)
		return string(text), err
	}
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%d: %s", resp.StatusCode, text)
	}
	return string(text), err
}
