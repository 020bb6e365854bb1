package spanmap

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// maxText is how much of a text is sent, in bytes: each call repeats the whole conversation.
const maxText = 16 << 10

// cut shortens a text to what is sent of it, on the border of a character.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "")
}

func (s *Span) prompt() string {
	if m := s.messages[0]; len(m) > 0 {
		return numbered(m)
	}
	return conversation(s.text(prompt))
}

func (s *Span) answer() string {
	if m := s.messages[1]; len(m) > 0 {
		return numbered(m)
	}
	return conversation(s.first(answer, genkitOutput))
}

// numbered joins messages that have an attribute each, in their order.
func numbered(messages []message) string {
	slices.SortStableFunc(messages, func(a, b message) int {
		return cmp.Compare(number(a.key), number(b.key))
	})
	texts := make([]string, len(messages))
	for i, m := range messages {
		texts[i] = m.text
	}
	return newest(texts)
}

// number returns the first number in a key, as in llm.input_messages.2.message.content.
func number(key string) int {
	for part := range strings.SplitSeq(key, ".") {
		if n, err := strconv.Atoi(part); err == nil {
			return n
		}
	}
	return 0
}

// newest joins the last texts that fit.
func newest(texts []string) string {
	size, from := 0, len(texts)
	for from > 0 && (size == 0 || size+len(texts[from-1]) <= maxText) {
		from--
		size += len(texts[from]) + 2
	}
	return cut(strings.Join(texts[from:], "\n\n"))
}

// maxMessages is how much JSON is read for the texts in it.
const maxMessages = 1 << 20

// conversation returns what is said in messages that are written as JSON; anything else as it is.
func conversation(text string) string {
	if len(text) > maxMessages || !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return cut(text)
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return cut(text)
	}
	known := false
	if o, ok := v.(map[string]any); ok {
		for _, key := range []string{"messages", "message", "contents", "content"} {
			if inner := o[key]; inner != nil {
				v, known = inner, true
				break
			}
		}
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var texts []string
	for _, m := range list {
		if t := said(m, 0); t != "" {
			texts = append(texts, t)
		}
	}
	if len(texts) == 0 && !known {
		return cut(text)
	}
	return newest(texts)
}

// said returns the text of a message or of a part of one, whatever provider's form it has.
func said(v any, depth int) string {
	if depth > 4 {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var parts []string
		for _, p := range v {
			if t := said(p, depth+1); t != "" {
				parts = append(parts, t)
			}
		}
		return strings.Join(parts, "\n")
	case map[string]any:
		for _, key := range []string{"content", "parts", "text"} {
			if t := said(v[key], depth+1); t != "" {
				return t
			}
		}
	}
	return ""
}
