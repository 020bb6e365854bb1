package modelclients

import (
	"context"
	"net/http"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/openai/openai-go/v3/responses"
)

// client is a way to ask a model with one of the official clients. It returns what the model
// answers; a stream stops after so many parts, if that is not 0.
type client struct {
	name   string
	stream bool
	ask    func(ctx context.Context, hc *http.Client, url, text string, parts int) (string, error)
}

var clients = []client{
	{"chat completions", false, func(
		ctx context.Context, hc *http.Client, url, text string, _ int,
	) (string, error) {
		return chat(ctx, openAI(hc, url), text)
	}},
	{"chat completions streamed", true, func(
		ctx context.Context, hc *http.Client, url, text string, parts int,
	) (string, error) {
		c := openAI(hc, url)
		return collect(c.Chat.Completions.NewStreaming(ctx, question(text)), parts,
			func(chunk openai.ChatCompletionChunk) string {
				if len(chunk.Choices) == 0 {
					return ""
				}
				return chunk.Choices[0].Delta.Content
			})
	}},
	{"Azure", false, func(
		ctx context.Context, hc *http.Client, url, text string, _ int,
	) (string, error) {
		c := openai.NewClient(azure.WithEndpoint(url, "2026-01-01"), azure.WithAPIKey("x"),
			option.WithHTTPClient(hc))
		return chat(ctx, &c, text)
	}},
	{"responses", false, func(
		ctx context.Context, hc *http.Client, url, text string, _ int,
	) (string, error) {
		r, err := openAI(hc, url).Responses.New(ctx, task(text))
		if err != nil {
			return "", err
		}
		return r.OutputText(), nil
	}},
	{"responses streamed", true, func(
		ctx context.Context, hc *http.Client, url, text string, parts int,
	) (string, error) {
		return collect(openAI(hc, url).Responses.NewStreaming(ctx, task(text)), parts,
			func(e responses.ResponseStreamEventUnion) string { return e.Delta })
	}},
	{"embeddings", false, func(
		ctx context.Context, hc *http.Client, url, text string, _ int,
	) (string, error) {
		_, err := openAI(hc, url).Embeddings.New(ctx, openai.EmbeddingNewParams{Model: "asked",
			Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String(text)}})
		return "", err
	}},
	{"messages", false, func(
		ctx context.Context, hc *http.Client, url, text string, _ int,
	) (string, error) {
		c := claude(hc, url)
		m, err := c.Messages.New(ctx, letter(text))
		if err != nil {
			return "", err
		}
		return m.Content[0].Text, nil
	}},
	{"messages streamed", true, func(
		ctx context.Context, hc *http.Client, url, text string, parts int,
	) (string, error) {
		c := claude(hc, url)
		return collect(c.Messages.NewStreaming(ctx, letter(text)), parts,
			func(e anthropic.MessageStreamEventUnion) string { return e.Delta.Text })
	}},
}

func openAI(hc *http.Client, url string) *openai.Client {
	c := openai.NewClient(option.WithBaseURL(url+"/v1"), option.WithAPIKey("x"),
		option.WithHTTPClient(hc))
	return &c
}

func claude(hc *http.Client, url string) anthropic.Client {
	return anthropic.NewClient(anthropicoption.WithBaseURL(url), anthropicoption.WithAPIKey("x"),
		anthropicoption.WithHTTPClient(hc))
}

func chat(ctx context.Context, c *openai.Client, text string) (string, error) {
	r, err := c.Chat.Completions.New(ctx, question(text))
	if err != nil {
		return "", err
	}
	return r.Choices[0].Message.Content, nil
}

func question(text string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: "asked",
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(text)}}
}

func task(text string) responses.ResponseNewParams {
	return responses.ResponseNewParams{Model: "asked",
		Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(text)}}
}

func letter(text string) anthropic.MessageNewParams {
	return anthropic.MessageNewParams{Model: "asked", MaxTokens: 9,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(text))}}
}

// stream is a stream of either client.
type stream[E any] interface {
	Next() bool
	Current() E
	Err() error
	Close() error
}

var _ stream[openai.ChatCompletionChunk] = (*ssestream.Stream[openai.ChatCompletionChunk])(nil)

// collect reads a stream to its end, or until so many parts have come.
func collect[E any](s stream[E], parts int, text func(E) string) (string, error) {
	var all string
	for n := 0; s.Next(); {
		part := text(s.Current())
		all += part
		if part != "" {
			n++
		}
		if parts > 0 && n == parts {
			break
		}
	}
	if err := s.Err(); err != nil {
		return all, err
	}
	return all, s.Close()
}
