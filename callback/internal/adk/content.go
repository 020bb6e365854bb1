package adk

import (
	"encoding/json"
	"maps"
	"strings"
	"unicode/utf8"

	"google.golang.org/genai"
)

// text returns the text of a content, without the model's thoughts.
func text(c *genai.Content) string {
	if c == nil {
		return ""
	}
	if len(c.Parts) == 1 && c.Parts[0] != nil && !c.Parts[0].Thought {
		return c.Parts[0].Text
	}
	var b strings.Builder
	for _, p := range c.Parts {
		if p != nil && !p.Thought {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func hasCalls(c *genai.Content) bool {
	if c != nil {
		for _, p := range c.Parts {
			if p != nil && p.FunctionCall != nil {
				return true
			}
		}
	}
	return false
}

// answersHuman reports whether the user's message answers what a run has waited for: it holds the
// response of a function.
func answersHuman(c *genai.Content) bool {
	if c != nil {
		for _, p := range c.Parts {
			if p != nil && p.FunctionResponse != nil {
				return true
			}
		}
	}
	return false
}

// maxPrompt is how much of a prompt is sent, in bytes: each call repeats the whole conversation.
const maxPrompt = 16 << 10

// prompt formats the newest contents that fit, a line for each part.
func prompt(contents []*genai.Content) string {
	var lines []string
	room := maxPrompt
	for i := len(contents) - 1; i >= 0 && room > 0; i-- {
		line := lineOf(contents[i], room)
		lines = append(lines, line)
		room -= len(line) + 1
	}
	var b strings.Builder
	for i := len(lines) - 1; i >= 0; i-- {
		b.WriteString(lines[i])
		if i > 0 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func lineOf(c *genai.Content, limit int) string {
	if c == nil {
		return ""
	}
	parts := make([]string, 0, len(c.Parts)+1)
	parts = append(parts, c.Role+":")
	for _, p := range c.Parts {
		switch {
		case p == nil:
		case p.FunctionCall != nil:
			args, _ := json.Marshal(p.FunctionCall.Args) // "" if it cannot be encoded
			parts = append(parts, p.FunctionCall.Name+string(args))
		case p.FunctionResponse != nil:
			result, _ := json.Marshal(withoutStack(p.FunctionResponse.Response))
			parts = append(parts, p.FunctionResponse.Name+" = "+string(result))
		case p.Text != "":
			parts = append(parts, p.Text)
		}
	}
	line := strings.Join(parts, " ")
	if len(line) <= limit {
		return line
	}
	for limit > 0 && !utf8.RuneStart(line[limit]) {
		limit--
	}
	return line[:limit] + "…"
}

// withoutStack returns a tool's response without the stack that ADK writes into its error when the
// tool panics.
func withoutStack(response map[string]any) map[string]any {
	text, _ := response["error"].(string)
	line, _, more := strings.Cut(text, "\n")
	if !more {
		return response
	}
	response = maps.Clone(response)
	response["error"] = line
	return response
}
