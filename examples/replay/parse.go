package main

import (
	"bytes"
	"encoding/json"
	"strings"
)

// parseRun reads a run: an object with the conversation in traj and, if they are known, task_id, trial and reward.
func parseRun(v *value) (*recording, error) {
	run, err := v.object("a run: an object with task_id, trial, reward, info and traj")
	if err != nil {
		return nil, err
	}
	rec := &recording{task: run.field("task_id").label(), trial: run.field("trial").label()}
	if rec.reward, rec.judged, err = parseReward(run.field("reward")); err != nil {
		return nil, err
	}
	traj := run.field("traj")
	if traj.none() {
		return nil, traj.wrong("the list of the run's messages")
	}
	elements, err := traj.list("the list of the run's messages")
	if err != nil {
		return nil, err
	}
	messages := make([]message, len(elements))
	for i := range elements {
		if messages[i], err = parseMessage(&elements[i]); err != nil {
			return nil, err
		}
	}
	var c conversation
	rec.initial, messages = c.begin(messages)
	for i := range messages {
		c.add(&messages[i])
	}
	rec.turns, rec.said = c.turns, c.said
	return rec, nil
}

func parseReward(v *value) (reward float64, judged bool, err error) {
	if v.none() {
		return 0, false, nil
	}
	switch v.form() {
	case "a number":
		err = json.Unmarshal(v.raw, &reward)
	case "a bool":
		if v.raw[0] == 't' {
			reward = 1
		}
	default:
		err = v.wrong("")
	}
	if err != nil {
		return 0, false, v.wrong("a number, true or false")
	}
	return reward, true, nil
}

// parseMessage reads a message in the form of OpenAI's API, or near it.
func parseMessage(v *value) (message, error) {
	o, err := v.object("a message: an object with role and content")
	if err != nil {
		return message{}, err
	}
	m := message{raw: v.raw}
	if m.role, err = o.field("role").text("a string"); err != nil {
		return message{}, err
	}
	if m.name, err = o.field("name").text("a string"); err != nil {
		return message{}, err
	}
	if m.content, err = parseContent(o.field("content")); err != nil {
		return message{}, err
	}
	m.callID = o.field("tool_call_id").label()
	m.calls, err = parseCalls(o)
	return m, err
}

const contentWanted = "a string, a list of parts or null"

// parseContent reads a text, or the texts of a list of parts. Parts that are no text, such as images, are left out.
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

func parsePart(v *value) (string, error) {
	if v.form() == "a string" {
		return v.text("")
	}
	part, err := v.object("a string or an object with type and text")
	if err != nil {
		return "", err
	}
	return part.field("text", "refusal").text("a string")
}

// parseCalls reads the tool calls of a message: tool_calls, or the function_call of older recordings.
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

// parseCall reads {id, function: {name, arguments}}, or the same without the inner object.
func parseCall(v *value) (toolCall, error) {
	o, err := v.object("a tool call: an object with id and function")
	if err != nil {
		return toolCall{}, err
	}
	call := toolCall{id: o.field("id").label()}
	if f := o.field("function"); !f.none() {
		if o, err = f.object("an object with name and arguments"); err != nil {
			return toolCall{}, err
		}
	}
	if call.name, err = o.field("name").text("a string"); err != nil {
		return toolCall{}, err
	}
	call.arguments = parseArguments(o.field("arguments", "args", "input"))
	return call, nil
}

// parseArguments returns arguments as JSON: models give them as a text that holds JSON, some recorders as JSON itself. A text that is
// not JSON, which models give too, becomes a JSON string.
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
