package main

import (
	"maps"
	"slices"
	"strings"
)

// langChain reads messages as LangChain writes them: {"type": "human", "content": ...}, the same
// under "data", and the constructors of its own serialization: {"lc": 1, "id": [...,
// "HumanMessage"], "kwargs": {...}}.
type langChain struct{}

// langChainRoles are the roles of the types of message. A message of type chat has a role of its
// own.
var langChainRoles = map[string]string{
	"human": "user", "ai": "assistant", "system": "system", "developer": "developer",
	"tool": "tool", "function": "function", "chat": "",
}

func (langChain) fits(s *source) bool {
	return s.any(func(o object) bool {
		return o.field("lc").form() == "a number" || o.field("role").none() &&
			o.field("type").form() == "a string" && s.key != "history" && s.key != "trajectory"
	})
}

func (l langChain) read(s *source) (*transcript, error) {
	return s.each(func(v *value) ([]message, error) {
		m, err := l.message(v)
		return []message{m}, err
	})
}

func (langChain) message(v *value) (message, error) {
	o, err := v.object("a message: an object with type and content")
	if err != nil {
		return message{}, err
	}
	kind := o.field("type")
	name, err := kind.text("a string")
	if err != nil {
		return message{}, err
	}
	if id, err := o.field("id").list("a list of names"); err == nil && name == "constructor" &&
		len(id) > 0 {
		kind = &id[len(id)-1]
		name = kind.label()
	}
	if inner := o.field("data", "kwargs"); !inner.none() {
		if o, err = inner.object("an object with content"); err != nil {
			return message{}, err
		}
	}
	short := strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(name, "Chunk"), "Message"))
	role, known := langChainRoles[short]
	if !known {
		if name == "" {
			return message{}, kind.wrong("the type of a message")
		}
		return message{}, unknown(kind, "a message of type", name,
			slices.Sorted(maps.Keys(langChainRoles))...)
	}
	if role == "" {
		if role, err = roleOf(o); err != nil {
			return message{}, err
		}
	}
	m := message{role: role, raw: v.raw, callID: o.field("tool_call_id").label(),
		failed: o.field("status").label() == "error"}
	return m, m.langChain(o)
}

// langChain reads what a message says and calls, and what it took.
func (m *message) langChain(o object) (err error) {
	if m.name, err = o.field("name").text("a string"); err != nil {
		return err
	}
	content := o.field("content")
	if m.role == "assistant" && content.form() == "a list" { // the blocks of a provider's
		blocks, err := content.list("")
		if err != nil {
			return err
		}
		if _, _, err := (anthropic{}).blocks(m, blocks); err != nil {
			return err
		}
		m.calls = nil // they are in tool_calls too
	} else if m.content, err = parseContent(content); err != nil {
		return err
	}
	if m.calls, err = parseCalls(o); err != nil {
		return err
	}
	if err = m.invalid(o.field("invalid_tool_calls")); err != nil {
		return err
	}
	if more := o.field("additional_kwargs"); len(m.calls) == 0 && !more.none() {
		inner, err := more.object("an object")
		if err != nil {
			return err
		}
		if m.calls, err = parseCalls(inner); err != nil {
			return err
		}
	}
	if meta := o.field("response_metadata"); meta.form() == "an object" {
		inner, err := meta.object("")
		if err != nil {
			return err
		}
		m.model = inner.field("model_name", "model").label()
	}
	return m.spendOf(o.field("usage_metadata"))
}

// invalid reads the calls whose arguments are no JSON, which LangChain keeps apart. They were asked
// for all the same.
func (m *message) invalid(v *value) error {
	calls, err := v.list("a list of tool calls")
	for i := 0; i < len(calls) && err == nil; i++ {
		var call toolCall
		if call, err = parseCall(&calls[i]); err == nil {
			m.calls = append(m.calls, call)
		}
	}
	return err
}
