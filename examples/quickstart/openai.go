package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/schema"
)

// openAI writes answers by a model behind an endpoint that speaks OpenAI's chat completions.
type openAI struct {
	baseURL, key, model string
	client              *http.Client
}

// openAIFromEnv returns nil unless OPENAI_BASE_URL and OPENAI_API_KEY are set. OPENAI_MODEL names
// the model.
func openAIFromEnv() *openAI {
	base, key := os.Getenv("OPENAI_BASE_URL"), os.Getenv("OPENAI_API_KEY")
	if base == "" || key == "" {
		return nil
	}
	name := os.Getenv("OPENAI_MODEL")
	if name == "" {
		name = "gpt-4o-mini"
	}
	return &openAI{baseURL: strings.TrimSuffix(base, "/"), key: key, model: name,
		client: &http.Client{Timeout: 2 * time.Minute}}
}

func (m *openAI) String() string { return "the model " + m.model + " at " + m.baseURL }

type chatMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type chatRequest struct {
	Model         string         `json:"model"`
	Messages      []chatMessage  `json:"messages"`
	Stream        bool           `json:"stream"`
	StreamOptions map[string]any `json:"stream_options,omitempty"`
}

type chatAnswer struct {
	Choices []struct {
		Message      chatMessage `json:"message"`
		Delta        chatMessage `json:"delta"`
		FinishReason string      `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
		TotalTokens      int `json:"total_tokens"`
	} `json:"usage"`
}

func (a *chatAnswer) message(stream bool) *schema.Message {
	m := schema.AssistantMessage("", nil)
	m.ResponseMeta = &schema.ResponseMeta{}
	for _, c := range a.Choices {
		m.ResponseMeta.FinishReason = c.FinishReason
		if stream {
			m.Content += c.Delta.Content
		} else {
			m.Content += c.Message.Content
		}
	}
	if u := a.Usage; u != nil {
		m.ResponseMeta.Usage = &schema.TokenUsage{PromptTokens: u.PromptTokens,
			CompletionTokens: u.CompletionTokens, TotalTokens: u.TotalTokens}
	}
	return m
}

func (m *openAI) post(
	ctx context.Context, input []*schema.Message, stream bool,
) (io.ReadCloser, error) {
	req := chatRequest{Model: m.model, Stream: stream}
	if stream {
		req.StreamOptions = map[string]any{"include_usage": true}
	}
	for _, in := range input {
		req.Messages = append(req.Messages, chatMessage{Role: string(in.Role), Content: in.Content})
	}
	body, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.baseURL+"/chat/completions",
		bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+m.key)
	resp, err := m.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", m, err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
		return nil, fmt.Errorf("asking %s: %s: %s", m, resp.Status, strings.TrimSpace(string(said)))
	}
	return resp.Body, nil
}

// Generate implements model.BaseChatModel.
func (m *openAI) Generate(
	ctx context.Context, input []*schema.Message, _ ...model.Option,
) (*schema.Message, error) {
	body, err := m.post(ctx, input, false)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var answer chatAnswer
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("asking %s: %w", m, err)
	}
	return answer.message(false), nil
}

// Stream implements model.BaseChatModel.
func (m *openAI) Stream(
	ctx context.Context, input []*schema.Message, _ ...model.Option,
) (*schema.StreamReader[*schema.Message], error) {
	body, err := m.post(ctx, input, true)
	if err != nil {
		return nil, err
	}
	out, in := schema.Pipe[*schema.Message](16)
	go func() {
		defer body.Close()
		defer in.Close()
		lines := bufio.NewScanner(body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			if !ok || data == "[DONE]" {
				continue
			}
			var part chatAnswer
			if err := json.Unmarshal([]byte(data), &part); err != nil {
				in.Send(nil, fmt.Errorf("asking %s: %w", m, err))
				return
			}
			if in.Send(part.message(true), nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			in.Send(nil, fmt.Errorf("asking %s: %w", m, err))
		}
	}()
	return out, nil
}
