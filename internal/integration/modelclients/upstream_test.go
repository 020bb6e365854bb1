package modelclients

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashhttp"
	"github.com/dashstream/dashstream-go/callback/dashotel"
)

// upstream are the programs that the READMEs of openai-go v3.99.0 and anthropic-sdk-go v1.84.0
// show, with the server's address and the HTTP client as options and what they print returned.
var upstream = []struct {
	name  string
	calls int
	run   func(hc *http.Client, url string) (string, error)
}{
	{"openai-go: Usage", 1, func(hc *http.Client, url string) (string, error) {
		ctx := context.Background()
		client := openAI(hc, url)

		question := "Write me a haiku about computers"

		resp, err := client.Responses.New(ctx, responses.ResponseNewParams{
			Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(question)},
			Model: openai.ChatModelGPT5_2,
		})
		if err != nil {
			return "", err
		}
		return resp.OutputText(), nil
	}},
	{"openai-go: Multi-turn Responses", 2, multiTurn},
	{"openai-go: Streaming responses", 1, func(
		hc *http.Client, url string,
	) (out string, err error) {
		ctx := context.Background()
		client := openAI(hc, url)

		stream := client.Responses.NewStreaming(ctx, responses.ResponseNewParams{
			Model: openai.ChatModelGPT5_2,
			Input: responses.ResponseNewParamsInputUnion{
				OfString: openai.String("Write a haiku about programming"),
			},
		})
		defer func() { _ = stream.Close() }()

		for stream.Next() {
			event := stream.Current()
			out += event.Delta
		}
		return out, stream.Err()
	}},
	{"openai-go: Chat Completions API", 1, func(hc *http.Client, url string) (string, error) {
		client := openAI(hc, url)

		chatCompletion, err := client.Chat.Completions.New(context.TODO(),
			openai.ChatCompletionNewParams{
				Messages: []openai.ChatCompletionMessageParamUnion{
					openai.DeveloperMessage("You are a coding assistant that talks like a pirate."),
					openai.UserMessage("How do I check if a slice is empty in Go?"),
				},
				Model: openai.ChatModelGPT5_2,
			})
		if err != nil {
			return "", err
		}
		return chatCompletion.Choices[0].Message.Content, nil
	}},
	{"anthropic-sdk-go: Getting started", 1, func(hc *http.Client, url string) (string, error) {
		return quaternion(anthropicoption.WithHTTPClient(hc), anthropicoption.WithBaseURL(url))
	}},
}

func multiTurn(hc *http.Client, url string) (out string, err error) {
	ctx := context.Background()
	client := openai.NewClient(option.WithBaseURL(url+"/v1"), option.WithAPIKey("x"),
		option.WithHTTPClient(hc))

	response, err := client.Responses.New(ctx, responses.ResponseNewParams{
		Model: openai.ChatModelGPT5_2,
		Input: responses.ResponseNewParamsInputUnion{
			OfString: openai.String("What is the capital of France?"),
		},
	})
	if err != nil {
		return "", err
	}
	out += fmt.Sprintln("First response:", response.OutputText())

	// Use PreviousResponseID to continue the conversation
	response, err = client.Responses.New(ctx, responses.ResponseNewParams{
		Model:              openai.ChatModelGPT5_2,
		PreviousResponseID: openai.String(response.ID),
		Input: responses.ResponseNewParamsInputUnion{
			OfString: openai.String("And what is the population of that city?"),
		},
	})
	if err != nil {
		return "", err
	}
	return out + fmt.Sprintln("Second response:", response.OutputText()), nil
}

func quaternion(opts ...anthropicoption.RequestOption) (string, error) {
	client := anthropic.NewClient(append(opts, anthropicoption.WithAPIKey("x"))...)
	message, err := client.Messages.New(context.TODO(), anthropic.MessageNewParams{
		MaxTokens: 1024,
		Messages: []anthropic.MessageParam{
			anthropic.NewUserMessage(anthropic.NewTextBlock("What is a quaternion?")),
		},
		Model: anthropic.ModelClaudeOpus5_5,
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%+v\n", message.Content), nil
}

func TestTheClientsOwnExamplesGiveTheSameWithTheLine(t *testing.T) {
	for _, tt := range upstream {
		t.Run(tt.name, func(t *testing.T) {
			srv := newModels(t)
			plain, with := &wire{under: srv.transport()}, &wire{under: srv.transport()}
			want, wantErr := tt.run(&http.Client{Transport: plain}, srv.URL)

			rec := callbacktest.NewRecorder()
			client := rec.Client(t)
			hc := &http.Client{Transport: dashhttp.NewTransport(client, with)} // the line
			got, err := tt.run(hc, srv.URL)

			if got != want || errors.Join(err, wantErr) != nil || !strings.Contains(got, "Hello") {
				t.Errorf("with the line %q, %v, without %q, %v", got, err, want, wantErr)
			}
			if !slices.Equal(with.requests, plain.requests) || len(with.requests) != tt.calls {
				t.Errorf("with the line the server is sent\n%q\nwithout\n%q", with.requests,
					plain.requests)
			}
			recorded(t, rec, tt.calls)
		})
	}
}

// Anthropic's client makes spans by itself, of the GenAI conventions, where there is a provider.
func TestTheSpansOfAnthropicsOwnExampleAreItsCall(t *testing.T) {
	srv := newModels(t)
	rec := callbacktest.NewRecorder()
	run := func(tp *sdktrace.TracerProvider) string {
		t.Helper()
		out, err := quaternion(anthropicoption.WithBaseURL(srv.URL),
			anthropicoption.WithHTTPClient(srv.Client()), anthropicoption.WithTracerProvider(tp))
		if err = errors.Join(err, tp.Shutdown(context.Background())); err != nil {
			t.Error(err)
		}
		return out
	}
	want := run(sdktrace.NewTracerProvider())
	tp := sdktrace.NewTracerProvider()
	tp.RegisterSpanProcessor(dashotel.NewSpanProcessor(rec.Client(t))) // the line
	if got := run(tp); got != want || got == "" {
		t.Errorf("with the line %q, without %q", got, want)
	}
	recorded(t, rec, 1)
}

// recorded holds that so many calls of models were recorded, with their tokens, and how they
// finished.
func recorded(t *testing.T, rec *callbacktest.Recorder, calls int) {
	t.Helper()
	if err := rec.Check().Err(); err != nil {
		t.Error(err)
	}
	timeline := rec.Timeline()
	if strings.Count(timeline, "LLM_START") != calls ||
		strings.Count(timeline, "LLM_END") != calls ||
		strings.Count(timeline, " finish_reason=stop") != calls ||
		strings.Count(timeline, "prompt_tokens=7") != calls ||
		strings.Count(timeline, "cached_tokens=4") != calls ||
		strings.Count(timeline, "completion_tokens=3") != calls {
		t.Errorf("%d calls were recorded as\n%s", calls, timeline)
	}
}

// wire keeps what a client sends.
type wire struct {
	under    http.RoundTripper
	mu       sync.Mutex
	requests []string
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.requests = append(w.requests, fmt.Sprint(r.Method, " ", r.URL.Path, " ",
		withoutIDs(r.Header), " ", string(body)))
	w.mu.Unlock()
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return w.under.RoundTrip(r)
}

// withoutIDs returns headers without those whose value is another one in each request.
func withoutIDs(h http.Header) http.Header {
	h = h.Clone()
	for _, key := range []string{"Idempotency-Key", "X-Client-Request-Id"} {
		h.Del(key)
	}
	return h
}
