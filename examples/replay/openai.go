package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// openAI reads messages in the form of OpenAI's chat API, or near it: {role, content, tool_calls,
// tool_call_id}.
type openAI struct{}

func (openAI) fits(*source) bool { return true }

func (openAI) read(s *source) (*transcript, error) {
	return s.each(func(v *value) ([]message, error) {
		m, err := openAIMessage(v)
		return []message{m}, err
	})
}

func openAIMessage(v *value) (message, error) {
	o, err := v.object("a message: an object with role and content")
	if err != nil {
		return message{}, err
	}
	m := message{raw: v.raw}
	if m.role, err = roleOf(o); err != nil {
		return message{}, err
	}
	if m.name, err = o.field("name").text("a string"); err != nil {
		return message{}, err
	}
	if m.content, err = parseContent(o.field("content")); err != nil {
		return message{}, err
	}
	if m.model, err = o.field("model").text("a string"); err != nil {
		return message{}, err
	}
	if err := m.spendOf(o.field("usage")); err != nil {
		return message{}, err
	}
	m.callID = o.field("tool_call_id").label()
	m.calls, err = parseCalls(o)
	return m, err
}

const contentWanted = "a string, a list of parts or null"

// parseContent reads a text, or the texts of a list of parts. Parts that are no text, such as
// images, are left out.
func parseContent(v *value) (string, error) {
	if v.form() != "a list" {
		return v.text(contentWanted)
	}
	parts, err := v.list(contentWanted)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for i := range parts {
		s, err := parsePart(&parts[i])
		if err != nil {
			return "", err
		}
		text.WriteString(s)
	}
	return text.String(), nil
}

// Types of parts that are text, and of those that are none. One without a type is text if it has
// one.
var (
	textParts  = []string{"", "text", "input_text", "output_text", "refusal"}
	otherParts = []string{"image_url", "input_image", "image", "input_audio", "audio", "file",
		"input_file", "video_url"}
)

func parsePart(v *value) (string, error) {
	if v.form() == "a string" {
		return v.text("")
	}
	part, err := v.object("a string or an object with type and text")
	if err != nil {
		return "", err
	}
	kind, err := part.field("type").text("a string")
	switch {
	case err != nil:
		return "", err
	case slices.Contains(otherParts, kind):
		return "", nil
	case !slices.Contains(textParts, kind):
		return "", unknown(part.field("type"), "a part of type", kind,
			append(textParts[1:], otherParts...)...)
	}
	return part.field("text", "refusal").text("a string")
}

// parseCalls reads the tool calls of a message: tool_calls, or the function_call of older
// recordings.
func parseCalls(o object) ([]toolCall, error) {
	elements, err := o.field("tool_calls").list("a list of tool calls")
	if err != nil {
		return nil, err
	}
	if older := o.field("function_call"); len(elements) == 0 && !older.none() {
		elements = append(elements, *older)
	}
	var calls []toolCall
	for i := range elements {
		call, err := parseCall(&elements[i])
		if err != nil {
			return nil, err
		}
		calls = append(calls, call)
	}
	return calls, nil
}

// parseCall reads {id, function: {name, arguments}}, {id, custom: {name, input}}, or the same
// without the inner object.
func parseCall(v *value) (toolCall, error) {
	o, err := v.object("a tool call: an object with id and function")
	if err != nil {
		return toolCall{}, err
	}
	kind, err := o.field("type").text("a string")
	if err != nil {
		return toolCall{}, err
	}
	if known := []string{"", "function", "custom", "tool_call",
		"invalid_tool_call"}; !slices.Contains(known, kind) {
		return toolCall{}, unknown(o.field("type"), "a tool call of type", kind, known[1:]...)
	}
	call := toolCall{id: o.field("id").label()}
	if f := o.field("function", "custom"); !f.none() {
		if o, err = f.object("an object with name and arguments"); err != nil {
			return toolCall{}, err
		}
	}
	if call.name, err = o.field("name").text("a string"); err != nil {
		return toolCall{}, err
	}
	if call.name == "" {
		return toolCall{}, o.field("name").wrong("the name of a tool")
	}
	call.arguments = parseArguments(o.field("arguments", "args", "input"))
	return call, nil
}

// parseArguments returns arguments as JSON: models give them as a text that holds JSON, some
// recorders as JSON itself. A text that is not JSON, which models give too, becomes a JSON string.
func parseArguments(v *value) []byte {
	if v.none() {
		return nil
	}
	if text, err := v.text(""); err == nil {
		if text == "" {
			return nil
		}
		if json.Valid([]byte(text)) {
			return []byte(text)
		}
	}
	return bytes.Clone(v.raw)
}
