package dashhttp

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/dashstream/dashstream-go/callback"
)

// What a request can say.
const (
	fieldRole field = iota + 1
	fieldContent
	fieldMessageEnd
	fieldSystem // what stands in front of all messages
	fieldAsked  // the model
	fieldToolEnd
)

var (
	content = &place{value: fieldContent, within: map[string]*place{"text": is(fieldContent)}}
	system  = &place{value: fieldSystem, within: map[string]*place{"text": is(fieldSystem)}}
	tools   = &place{ends: fieldToolEnd}

	chatRequest = in(map[string]*place{
		"model": is(fieldAsked), "system": system, "tools": tools,
		"messages": {ends: fieldMessageEnd, within: map[string]*place{
			"role": is(fieldRole), "content": content,
		}},
	})
	responsesRequest = in(map[string]*place{
		"model": is(fieldAsked), "instructions": system, "tools": tools,
		"input": {value: fieldContent, ends: fieldMessageEnd, within: map[string]*place{
			"role": is(fieldRole), "content": content, "output": content,
		}},
	})
)

const (
	// maxRequest is how much of a request is read, in bytes.
	maxRequest = 8 << 20
	// maxPrompt is how much of a prompt is sent, in bytes: a conversation is sent again with every
	// call.
	maxPrompt = 16 << 10
	// maxName bounds what is kept of a string where texts are not asked for.
	maxName = 1 << 10
)

// request is what is known of a request. It is the sink of the scanner that reads it.
type request struct {
	texts bool // the prompt is asked for

	model           string
	messages, tools int

	system  []byte
	prompt  []string // the newest messages
	size    int      // of the prompt, in bytes
	omitted int      // messages in front of it
	role    string   // of the message that is being read
	text    []byte
}

// read reads a copy of the request's body, if the request can give one.
func (r *request) read(req *http.Request, root *place) {
	if req.GetBody == nil {
		return
	}
	body, err := req.GetBody()
	if err != nil || body == nil {
		return
	}
	defer body.Close() //nolint:errcheck // it was only read
	scan := scanner{root: root, sink: r, limit: maxName}
	if r.texts {
		scan.limit = maxPrompt
	}
	scan.reset()
	var buf [4 << 10]byte
	for read := 0; read < maxRequest && !scan.complete(); {
		n, err := body.Read(buf[:])
		scan.feed(buf[:n])
		if read += n; err != nil || n == 0 {
			break
		}
	}
	r.endMessage()
}

func (r *request) value(f field, text []byte, quoted bool) {
	switch {
	case !quoted:
	case f == fieldAsked:
		r.model = unquote(text)
	case !r.texts:
	case f == fieldRole:
		r.role = unquote(text)
	case f == fieldContent && len(r.text) < maxPrompt:
		r.text = appendLine(r.text, text)
	case f == fieldSystem && len(r.system) < maxPrompt:
		r.system = appendLine(r.system, text)
	}
}

func appendLine(to, text []byte) []byte {
	if len(to) > 0 {
		to = append(to, '\n')
	}
	return appendUnquoted(to, text)
}

func (r *request) end(f field) {
	switch f {
	case fieldToolEnd:
		r.tools++
	case fieldMessageEnd:
		r.messages++
		r.endMessage()
	}
}

// endMessage takes the message that was read into the prompt, of which the oldest go.
func (r *request) endMessage() {
	text := string(r.text[:min(len(r.text), maxPrompt)])
	if r.role != "" && text != "" {
		text = r.role + ": " + text
	}
	r.role, r.text = "", r.text[:0]
	if text == "" {
		return
	}
	r.prompt = append(r.prompt, text)
	for r.size += len(text); r.size > maxPrompt && len(r.prompt) > 1; r.omitted++ {
		r.size -= len(r.prompt[0])
		r.prompt[0] = ""
		r.prompt = r.prompt[1:]
	}
}

// describe says what is asked, as it is told.
func (r *request) describe(req *http.Request) callback.LLMRequest {
	call := callback.LLMRequest{Model: r.model, Provider: providerOf(req)}
	if call.Model == "" {
		call.Model = deploymentOf(req.URL.Path)
	}
	if r.messages > 0 {
		call.Attrs = append(call.Attrs, slog.Int("messages", r.messages))
	}
	if r.tools > 0 {
		call.Attrs = append(call.Attrs, slog.Int("tools", r.tools))
	}
	if n, err := strconv.Atoi(req.Header.Get("X-Stainless-Retry-Count")); err == nil && n >= 0 &&
		n < maxAttempts {
		call.Attrs = append(call.Attrs, slog.Int("attempt", n+1))
	}
	if r.texts {
		call.Prompt = r.whole()
	}
	return call
}

// maxAttempts is more than the attempts that any client makes.
const maxAttempts = 1 << 20

// whole returns the prompt.
func (r *request) whole() string {
	var parts []string
	if len(r.system) > 0 {
		parts = append(parts, "system: "+string(r.system[:min(len(r.system), maxPrompt)]))
	}
	if r.omitted > 0 {
		parts = append(parts, "("+strconv.Itoa(r.omitted)+" earlier messages)")
	}
	return strings.Join(append(parts, r.prompt...), "\n\n")
}
