package main

import (
	"encoding/json"
	"strings"
)

// sweAgent reads the trajectories of SWE-agent: history has its messages, trajectory its steps,
// each an action and what came of it. A step has no role: what others call a trajectory is often a
// list of messages.
type sweAgent struct{}

func (sweAgent) fits(s *source) bool {
	roles := func(o object) bool { return !o.field("role").none() }
	return s.key == "history" || s.key == "trajectory" && !s.any(roles)
}

func (a sweAgent) read(s *source) (*transcript, error) {
	read := a.step
	if s.key == "history" {
		var open pending
		read = func(v *value) ([]message, error) {
			m, observes, err := a.message(v)
			open.take(&m, observes)
			return []message{m}, err
		}
	}
	t, err := s.each(read)
	if err != nil {
		return nil, err
	}
	return t, t.stats(s)
}

// pending counts the calls whose results have not come.
type pending int

// take takes the next message. What the user says is the result of a call that has none, if it
// observes one.
func (n *pending) take(m *message, observes bool) {
	switch {
	case m.role == "assistant":
		*n = pending(len(m.calls))
	case m.role == "user" && observes && *n > 0:
		m.role = "tool"
		*n--
	case m.role == "tool":
		*n = max(*n-1, 0)
	}
}

// stats reads what all calls of the model took together.
func (t *transcript) stats(s *source) (err error) {
	info := s.run.field("info")
	if info.none() {
		return nil
	}
	o, err := info.object("an object with model_stats")
	if err != nil {
		return err
	}
	stats := o.field("model_stats")
	if stats.none() {
		return nil
	}
	if o, err = stats.object("an object with tokens_sent and tokens_received"); err != nil {
		return err
	}
	if t.sent, err = o.field("tokens_sent").count(); err != nil {
		return err
	}
	t.received, err = o.field("tokens_received").count()
	return err
}

// message reads a message of the history, and says whether it is an observation.
func (sweAgent) message(v *value) (m message, observes bool, err error) {
	o, err := v.object("a message: an object with role and content")
	if err != nil {
		return message{}, false, err
	}
	if m, err = openAIMessage(v); err != nil {
		return message{}, false, err
	}
	kind, err := o.field("message_type").text("a string")
	if err != nil {
		return message{}, false, err
	}
	action, err := o.field("action").text("a string")
	if err != nil {
		return message{}, false, err
	}
	ids, err := o.field("tool_call_ids").list("a list of ids")
	if err != nil {
		return message{}, false, err
	}
	if len(ids) > 0 {
		m.callID = ids[0].label()
	}
	if m.role == "assistant" && len(m.calls) == 0 && strings.TrimSpace(action) != "" {
		m.calls = []toolCall{actionCall(action)}
	}
	return m, kind == "observation", nil
}

// step reads a step of the trajectory as two messages: the answer of the model with its action, and
// the observation.
func (sweAgent) step(v *value) ([]message, error) {
	o, err := v.object("a step: an object with action and observation")
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, name := range []string{"action", "observation", "response", "thought"} {
		if texts[name], err = o.field(name).text("a string"); err != nil {
			return nil, err
		}
	}
	if strings.TrimSpace(texts["action"]) == "" && texts["response"] == "" &&
		texts["thought"] == "" {
		return nil, o.field("action").wrong("the action of a step")
	}
	said := texts["response"]
	if said == "" {
		said = texts["thought"]
	}
	quoted, _ := json.Marshal(said) // strings always have a JSON form
	answer := message{role: "assistant", content: said, raw: rawMessage("assistant", quoted)}
	if strings.TrimSpace(texts["action"]) == "" {
		return []message{answer}, nil
	}
	answer.calls = []toolCall{actionCall(texts["action"])}
	quoted, _ = json.Marshal(texts["observation"])
	return []message{answer, {role: "tool", content: texts["observation"],
		raw: rawMessage("tool", quoted)}}, nil
}

// actionCall is a call that is written as a command: the tool is the first word.
func actionCall(action string) toolCall {
	arguments, _ := json.Marshal(map[string]string{"action": action})
	name, _, _ := strings.Cut(strings.TrimSpace(action), "\n")
	name, _, _ = strings.Cut(name, " ")
	return toolCall{name: name, arguments: arguments}
}

// miniSWEAgent reads the trajectories of mini-swe-agent: messages in OpenAI's form, whose commands
// stand in a block of bash, or under extra.actions, and whose observations the user says.
type miniSWEAgent struct{}

func (miniSWEAgent) fits(s *source) bool {
	return s.key == "messages" && strings.HasPrefix(s.run.field("trajectory_format").label(),
		"mini-swe-agent")
}

func (a miniSWEAgent) read(s *source) (*transcript, error) {
	var open pending
	t, err := s.each(func(v *value) ([]message, error) {
		m, err := a.message(v)
		open.take(&m, true)
		return []message{m}, err
	})
	if err != nil {
		return nil, err
	}
	return t, t.stats(s)
}

func (miniSWEAgent) message(v *value) (message, error) {
	m, err := openAIMessage(v)
	if err != nil {
		return message{}, err
	}
	o, err := v.object("")
	if err != nil {
		return message{}, err
	}
	if extra := o.field("extra"); !extra.none() {
		if o, err = extra.object("an object with response or actions"); err != nil {
			return message{}, err
		}
		if err := m.extra(o); err != nil {
			return message{}, err
		}
	}
	if m.role == "assistant" && len(m.calls) == 0 {
		if command, ok := bashBlock(m.content); ok {
			m.calls = []toolCall{bashCall("", command)}
		}
	}
	return m, nil
}

// extra reads the commands of a message, and what the call of the model took.
func (m *message) extra(o object) error {
	actions, err := o.field("actions").list("a list of actions")
	if err != nil {
		return err
	}
	for i := range actions {
		action, err := actions[i].object("an action: an object with command")
		if err != nil {
			return err
		}
		command, err := action.field("command").text("a string")
		if err != nil {
			return err
		}
		if len(m.calls) < len(actions) {
			m.calls = append(m.calls, bashCall(action.field("tool_call_id").label(), command))
		}
	}
	response := o.field("response")
	if response.none() {
		return nil
	}
	if o, err = response.object("an object with usage"); err != nil {
		return err
	}
	m.model = o.field("model").label()
	return m.spendOf(o.field("usage"))
}

func bashCall(id, command string) toolCall {
	arguments, _ := json.Marshal(map[string]string{"command": command})
	return toolCall{id: id, name: "bash", arguments: arguments}
}

// bashBlock returns the command of an answer: the first block of bash in it.
func bashBlock(text string) (command string, ok bool) {
	for _, opening := range []string{"```bash\n", "```mswea_bash_command\n"} {
		if _, after, found := strings.Cut(text, opening); found {
			command, _, ok = strings.Cut(after, "\n```")
			return command, ok
		}
	}
	return "", false
}
