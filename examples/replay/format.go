package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// format reads the conversations of one form of file. What it does not know, it refuses with the
// place where it stands.
type format interface {
	// fits says whether a run has the form.
	fits(s *source) bool
	// read returns the run's messages.
	read(s *source) (*transcript, error)
}

// formats are tried in this order: the first that fits reads the run.
var formats = []format{miniSWEAgent{}, sweAgent{}, langChain{}, anthropic{}, openAI{}}

// source is a run as a file has it: an object with its messages under one of the known names, or
// the list of messages alone.
type source struct {
	run      object // without fields where there is no object
	key      string // the name of the list; "" where there is no object
	messages []value
}

// transcript is a conversation in the form that it is replayed from.
type transcript struct {
	messages []message
	// sent and received are the tokens of all calls of the model together, where the file has only
	// those; 0 where it has none.
	sent, received int
	// model is the model of calls that do not name one.
	model string
}

// lists are the names under which a run's messages are known, as runs are looked through for them.
var lists = []string{"traj", "messages", "history", "trajectory"}

// sourceOf finds the messages of a run.
func sourceOf(v *value) (*source, error) {
	const want = "a run: an object with the messages in traj, messages, history or " +
		"trajectory, or a list of messages"
	s := &source{run: object{of: v}}
	list := v
	if v.form() != "a list" {
		var err error
		if s.run, err = v.object(want); err != nil {
			return nil, err
		}
		for _, key := range lists {
			if f := s.run.field(key); len(f.raw) > 0 {
				s.key, list = key, f
				break
			}
		}
		if s.key == "" {
			return nil, fmt.Errorf("%s: found an object with %s, want %s", v.path(),
				fieldNames(s.run), want)
		}
	}
	if list.none() {
		return nil, list.wrong("the list of the run's messages")
	}
	var err error
	if s.messages, err = list.list("the list of the run's messages"); err != nil {
		return nil, err
	}
	if len(s.messages) == 0 {
		return nil, fmt.Errorf("%s: the run has no messages", list.path())
	}
	return s, nil
}

func fieldNames(o object) string {
	if len(o.fields) == 0 {
		return "no fields"
	}
	names := slices.Sorted(maps.Keys(o.fields))
	if len(names) > 8 {
		names = append(names[:8], "...")
	}
	return strings.Join(names, ", ")
}

// read reads a run by the format that fits.
func (s *source) read() (*transcript, error) {
	for _, f := range formats {
		if f.fits(s) {
			return f.read(s)
		}
	}
	return nil, s.run.of.wrong("a run of a known form") // never: the last format fits everything
}

// any reports whether one of the messages is an object of which ok is true.
func (s *source) any(ok func(o object) bool) bool {
	return slices.ContainsFunc(s.messages, func(v value) bool {
		o, err := v.object("")
		return err == nil && ok(o)
	})
}

// each reads all messages.
func (s *source) each(read func(v *value) ([]message, error)) (*transcript, error) {
	t := &transcript{}
	for i := range s.messages {
		messages, err := read(&s.messages[i])
		if err != nil {
			return nil, err
		}
		t.messages = append(t.messages, messages...)
	}
	return t, nil
}

// unknown is the error for what a format does not know.
func unknown(v *value, what, found string, known ...string) error {
	return fmt.Errorf("%s: %s %q is not known, want one of %s", v.path(), what, found,
		strings.Join(known, ", "))
}

// roleOf reads the role of a message, which every message has.
func roleOf(o object) (string, error) {
	f := o.field("role")
	role, err := f.text("a string")
	if err == nil && strings.TrimSpace(role) == "" {
		err = f.wrong("the role of a message")
		if !f.none() {
			err = fmt.Errorf("%s: the role is empty", f.path())
		}
	}
	return role, err
}

// spendOf reads what a call of the model took, where a message has it: {prompt_tokens,
// completion_tokens} or {input_tokens, output_tokens}, and how much of the prompt the provider had
// cached.
func (m *message) spendOf(usage *value) error {
	if usage.none() {
		return nil
	}
	o, err := usage.object("an object with the numbers of tokens")
	if err != nil {
		return err
	}
	if m.sent, err = o.field("prompt_tokens", "input_tokens").count(); err != nil {
		return err
	}
	if err = m.cachedOf(o); err != nil {
		return err
	}
	m.received, err = o.field("completion_tokens", "output_tokens").count()
	return err
}

// cachedOf reads the tokens of the prompt that came from the provider's cache. OpenAI and LangChain
// count them among the prompt's, and say so in an object of details. Anthropic's input_tokens are
// those alone that were neither read from the cache nor written to it: the prompt is the sum of the
// three.
func (m *message) cachedOf(usage object) error {
	read, err := usage.field("cache_read_input_tokens").count()
	if err != nil {
		return err
	}
	written, err := usage.field("cache_creation_input_tokens").count()
	if err != nil {
		return err
	}
	m.cached = read
	if usage.field("prompt_tokens").none() {
		m.sent += read + written
	}
	details := usage.field("prompt_tokens_details", "input_tokens_details", "input_token_details")
	if read > 0 || details.none() {
		return nil
	}
	o, err := details.object("an object with the numbers of tokens")
	if err == nil {
		m.cached, err = o.field("cached_tokens", "cache_read").count()
	}
	return err
}
