package main

import (
	"encoding/json"
	"slices"
	"strings"
)

// anthropic reads messages in the form of Anthropic's API: the content is a list of blocks, the
// calls of tools and their results among them. A message of the user becomes one for each result in
// it, and one for what the user says.
type anthropic struct{}

// Types of blocks: what is said, what is called, what a call gave, and what is shown and has no
// text.
var (
	saidBlocks   = []string{"text", "thinking", "redacted_thinking"}
	callBlocks   = []string{"tool_use", "server_tool_use", "mcp_tool_use"}
	resultBlocks = []string{"tool_result", "web_search_tool_result", "web_fetch_tool_result",
		"code_execution_tool_result", "mcp_tool_result"}
	shownBlocks = []string{"image", "document", "search_result", "container_upload"}
)

func (anthropic) fits(s *source) bool {
	own := slices.Concat(saidBlocks[1:], callBlocks, resultBlocks)
	return s.run.field("system").form() != "nothing" || s.any(func(o object) bool {
		blocks, _ := o.field("content").list("")
		return slices.ContainsFunc(blocks, func(v value) bool {
			block, err := v.object("")
			return err == nil && slices.Contains(own, block.field("type").label())
		})
	})
}

func (a anthropic) read(s *source) (*transcript, error) {
	t, err := s.each(a.messages)
	if err != nil {
		return nil, err
	}
	if system := s.run.field("system"); !system.none() {
		text, err := parseContent(system)
		if err != nil {
			return nil, err
		}
		t.messages = append([]message{{role: "system", content: text,
			raw: rawMessage("system", system.raw)}}, t.messages...)
	}
	t.model, err = s.run.field("model").text("a string")
	return t, err
}

// rawMessage writes a message as JSON.
func rawMessage(role string, content json.RawMessage) []byte {
	raw, _ := json.Marshal(map[string]any{"role": role, "content": content}) // it was parsed before
	return raw
}

func (a anthropic) messages(v *value) ([]message, error) {
	o, err := v.object("a message: an object with role and content")
	if err != nil {
		return nil, err
	}
	m := message{raw: v.raw}
	if m.role, err = roleOf(o); err != nil {
		return nil, err
	}
	if m.model, err = o.field("model").text("a string"); err != nil {
		return nil, err
	}
	if err := m.spendOf(o.field("usage")); err != nil {
		return nil, err
	}
	content := o.field("content")
	if content.form() != "a list" {
		m.content, err = content.text("a string or a list of blocks")
		return []message{m}, err
	}
	blocks, err := content.list("")
	if err != nil {
		return nil, err
	}
	results, rest, err := a.blocks(&m, blocks)
	if err != nil {
		return nil, err
	}
	if len(results) == 0 {
		return []message{m}, nil
	}
	if len(rest) == 0 {
		return results, nil
	}
	raw, _ := json.Marshal(rest)
	m.raw = rawMessage(m.role, raw)
	if m.role == "assistant" { // a tool of the provider's has run inside the answer
		return append([]message{m}, results...), nil
	}
	return append(results, m), nil
}

// blocks takes the blocks of a message: what is said and called goes into m. It returns the results
// as messages of their own, and the other blocks.
func (anthropic) blocks(
	m *message, blocks []value,
) (results []message, rest []json.RawMessage, err error) {
	var said strings.Builder
	for i := range blocks {
		block, err := blocks[i].object("a block: an object with type")
		if err != nil {
			return nil, nil, err
		}
		kind, err := block.field("type").text("a string")
		if err != nil {
			return nil, nil, err
		}
		switch {
		case slices.Contains(resultBlocks, kind):
			r, err := anthropicResult(&blocks[i], block)
			if err != nil {
				return nil, nil, err
			}
			results = append(results, r)
			continue
		case slices.Contains(callBlocks, kind):
			call, err := parseCall(&value{parent: blocks[i].parent, index: i,
				raw: withoutType(block)})
			if err != nil {
				return nil, nil, err
			}
			m.calls = append(m.calls, call)
		case kind == "text":
			text, err := block.field("text").text("a string")
			if err != nil {
				return nil, nil, err
			}
			said.WriteString(text)
		case !slices.Contains(saidBlocks, kind) && !slices.Contains(shownBlocks, kind):
			return nil, nil, unknown(block.field("type"), "a block of type", kind,
				slices.Concat(saidBlocks, callBlocks, resultBlocks, shownBlocks)...)
		}
		rest = append(rest, blocks[i].raw)
	}
	m.content = said.String()
	return results, rest, nil
}

// withoutType returns a block without its type.
func withoutType(block object) []byte {
	fields := map[string]json.RawMessage{}
	for name, raw := range block.fields {
		if name != "type" {
			fields[name] = raw
		}
	}
	raw, _ := json.Marshal(fields) // it was parsed before
	return raw
}

func anthropicResult(v *value, block object) (message, error) {
	m := message{role: "tool", callID: block.field("tool_use_id").label()}
	if m.callID == "" {
		return message{}, block.field("tool_use_id").wrong("the id of a tool_use")
	}
	raw, _ := json.Marshal([]json.RawMessage{v.raw})
	m.raw = rawMessage("user", raw)
	m.failed = block.field("is_error").label() == "true"
	content := block.field("content")
	var err error
	switch {
	case content.form() == "an object" || block.field("type").label() != "tool_result" &&
		content.form() == "a list":
		m.content = string(content.raw) // what tools of the provider's give
	case content.form() == "a list":
		m.content, err = resultText(content)
	default:
		m.content, err = content.text("a string or a list of blocks")
	}
	return m, err
}

// resultText returns the texts of a result's blocks.
func resultText(content *value) (string, error) {
	blocks, err := content.list("")
	var said strings.Builder
	for i := 0; i < len(blocks) && err == nil; i++ {
		var block object
		if block, err = blocks[i].object("a block: an object with type"); err != nil {
			break
		}
		kind := block.field("type").label()
		var text string
		switch {
		case kind == "text":
			text, err = block.field("text").text("a string")
		case !slices.Contains(shownBlocks, kind):
			err = unknown(block.field("type"), "a block of type", kind,
				append([]string{"text"}, shownBlocks...)...)
		}
		said.WriteString(text)
	}
	return said.String(), err
}
