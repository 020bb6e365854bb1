package dashhttp

import (
	"net/http"
	"strings"

	"github.com/dashstream/dashstream-go/callback"
)

// endpoint is a kind of call that is recorded.
type endpoint struct {
	graph   *callback.Graph // of a run that consists of the call
	request *place
	answer  *place
	element *place // of an event of a streamed answer
}

var (
	chatCompletions = &endpoint{&callback.Graph{Name: "chat_completions"}, chatRequest, chatAnswer,
		chatAnswer}
	responses = &endpoint{&callback.Graph{Name: "responses"}, responsesRequest, responsesAnswer,
		responsesElement}
	messages = &endpoint{&callback.Graph{Name: "messages"}, chatRequest, messagesAnswer,
		messagesElement}
	embeddings = &endpoint{&callback.Graph{Name: "embeddings"}, responsesRequest, embeddingsAnswer,
		embeddingsAnswer}
)

// endpointOf returns what a request calls, nil if that is not recorded. Servers have these paths
// below others, as gateways and Azure's deployments do.
func endpointOf(req *http.Request) *endpoint {
	if req.Method != http.MethodPost || req.URL == nil {
		return nil
	}
	switch path := strings.TrimSuffix(req.URL.Path, "/"); {
	case strings.HasSuffix(path, "/chat/completions"):
		return chatCompletions
	case strings.HasSuffix(path, "/responses"):
		return responses
	case strings.HasSuffix(path, "/v1/messages"): // others are those of OpenAI's threads
		return messages
	case strings.HasSuffix(path, "/embeddings"):
		return embeddings
	}
	return nil
}

// deploymentOf returns the model that the path of a request to Azure names.
func deploymentOf(path string) string {
	_, rest, _ := strings.Cut(path, "/deployments/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// azureHosts end the names of Azure's servers.
var azureHosts = []string{".openai.azure.com", ".cognitiveservices.azure.com",
	".services.ai.azure.com", ".openai.azure.us"}

// providerOf says who serves a request: by its name if it is known, else its host's.
func providerOf(req *http.Request) string {
	host := strings.ToLower(req.URL.Hostname())
	switch host {
	case "api.openai.com", "eu.api.openai.com", "us.api.openai.com":
		return "openai"
	case "api.anthropic.com":
		return "anthropic"
	}
	for _, end := range azureHosts {
		if strings.HasSuffix(host, end) {
			return "azure"
		}
	}
	return host
}
