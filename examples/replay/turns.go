package main

import (
	"bytes"
	"encoding/json"
	"strings"
)

// The nodes of the graph that the known roles run in.
const (
	agentNode  = "agent"
	toolsNode  = "tools"
	userNode   = "user"
	systemNode = "system"
)

// roles says which node a role's messages run in, and how. Providers and recorders do not agree on
// the names of roles.
var roles = map[string]turn{
	"assistant": {kind: agentTurn, node: agentNode},
	"ai":        {kind: agentTurn, node: agentNode},
	"model":     {kind: agentTurn, node: agentNode},
	"tool":      {kind: toolsTurn, node: toolsNode},
	"function":  {kind: toolsTurn, node: toolsNode},
	"user":      {kind: userTurn, node: userNode},
	"human":     {kind: userTurn, node: userNode},
	"system":    {kind: otherTurn, node: systemNode},
	"developer": {kind: otherTurn, node: systemNode},
}

// maxNodeName bounds the name of a node that is made from a role that is not known, in bytes.
const maxNodeName = 64

// place returns the kind and the node of a role's turns.
func place(role string) turn {
	name := strings.ToLower(strings.TrimSpace(role))
	if t, ok := roles[name]; ok {
		return t
	}
	if len(name) > maxNodeName {
		name = strings.ToValidUTF8(name[:maxNodeName], "")
	}
	return turn{kind: otherTurn, node: name}
}

// conversation turns messages into turns.
type conversation struct {
	turns  []turn
	prompt string // what was said last
	tokens int    // of all that was said so far
	said   []byte // all messages but those of begin, see recording
	opened bool   // begin has taken a message
}

// begin takes the messages of the system with which a run begins, and returns the state that they
// make and the messages that follow.
func (c *conversation) begin(messages []message) (initial []byte, rest []message) {
	n := 0
	var state bytes.Buffer
	state.WriteString(`{"messages":[`)
	for n < len(messages) && place(messages[n].role).node == systemNode {
		if n > 0 {
			state.WriteByte(',')
		}
		_ = json.Compact(&state, messages[n].raw) // it was parsed before
		c.heard(&messages[n])
		n++
	}
	state.WriteString("]}")
	if c.opened = n > 0; !c.opened {
		return nil, messages
	}
	return state.Bytes(), messages[n:]
}

func (c *conversation) heard(m *message) {
	c.prompt = m.content
	c.tokens += countTokens(m.content)
	for i := range m.calls {
		c.tokens += countTokens(string(m.calls[i].arguments))
	}
}

// add appends a message: a turn of its own, but for the results of tools, which belong to the turn
// in which the tools run.
func (c *conversation) add(m *message) {
	t := place(m.role)
	t.text, t.prompt, t.promptTokens, t.tokens, t.model = m.content, c.prompt, c.tokens,
		countTokens(m.content), m.model
	if m.sent > 0 {
		t.promptTokens, t.cached = m.sent, m.cached
	}
	if m.received > 0 {
		t.tokens, t.counted = m.received, true
	}
	switch t.kind {
	case toolsTurn:
		c.answer(m)
	case agentTurn:
		t.calls = m.calls
		t.said = []int{c.append(m)}
		c.turns = append(c.turns, t)
		if len(m.calls) > 0 {
			tools := turn{kind: toolsTurn, node: toolsNode, calls: append([]toolCall(nil),
				m.calls...)}
			c.turns = append(c.turns, tools)
		}
	default:
		t.said = []int{c.append(m)}
		c.turns = append(c.turns, t)
	}
	c.heard(m)
}

// append appends a message to what was said, and returns where that ends.
func (c *conversation) append(m *message) (end int) {
	text := bytes.NewBuffer(c.said)
	if c.opened {
		text.WriteByte(',')
	}
	c.opened = true
	_ = json.Compact(text, m.raw) // it was parsed before
	c.said = text.Bytes()
	return len(c.said)
}

// answer puts a tool's result where its call is. A result that no call asked for is an execution of
// which only the end is known.
func (c *conversation) answer(m *message) {
	if len(c.turns) == 0 || c.turns[len(c.turns)-1].kind != toolsTurn {
		c.turns = append(c.turns, turn{kind: toolsTurn, node: toolsNode})
	}
	t := &c.turns[len(c.turns)-1]
	call := t.open(m.callID)
	if call == nil {
		t.calls = append(t.calls, toolCall{id: m.callID})
		call = &t.calls[len(t.calls)-1]
	}
	if call.name == "" {
		call.name = m.name
	}
	call.result, call.answered, call.failed = m.content, true, m.failed
	t.said = append(t.said, c.append(m))
}

// open returns the call with an id that has no result yet: the first such call if the result names
// none, and nil if there is none.
func (t *turn) open(id string) *toolCall {
	for i := range t.calls {
		if call := &t.calls[i]; !call.answered && (id == "" || call.id == id) {
			return call
		}
	}
	return nil
}
