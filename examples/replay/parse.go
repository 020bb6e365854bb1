package main

import "encoding/json"

// parseRun reads a run: an object with the conversation and, if they are known, task_id, trial and
// reward; or the conversation alone.
func parseRun(v *value) (*recording, error) {
	s, err := sourceOf(v)
	if err != nil {
		return nil, err
	}
	rec := &recording{task: s.run.field("task_id", "instance_id").label(),
		trial: s.run.field("trial").label()}
	if rec.reward, rec.judged, err = parseReward(s.run.field("reward")); err != nil {
		return nil, err
	}
	t, err := s.read()
	if err != nil {
		return nil, err
	}
	var c conversation
	var messages []message
	rec.initial, messages = c.begin(t.messages)
	for i := range messages {
		c.add(&messages[i])
	}
	rec.turns, rec.said = c.turns, c.said
	t.spread(rec.turns)
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

// spread gives the calls of the model what the file says of all of them together, by what they are
// estimated to take.
func (t *transcript) spread(turns []turn) {
	var sent, received int
	for i := range turns {
		if x := &turns[i]; x.kind == agentTurn {
			sent, received = sent+x.promptTokens, received+x.tokens
			if x.model == "" {
				x.model = t.model
			}
		}
	}
	leftSent, leftReceived := t.sent, t.received
	for i := range turns {
		x := &turns[i]
		if x.kind != agentTurn {
			continue
		}
		if t.sent > 0 {
			x.promptTokens, leftSent, sent = share(x.promptTokens, leftSent, sent)
		}
		if t.received > 0 {
			x.tokens, leftReceived, received = share(x.tokens, leftReceived, received)
			x.counted = true
		}
	}
}

// share returns what one of several estimates gets of what is left, and what is left of both after
// it.
func share(estimate, left, estimates int) (part, rest, others int) {
	part = left
	if estimates > estimate {
		part = int(float64(left) * float64(estimate) / float64(estimates))
	}
	return part, left - part, estimates - estimate
}
