package traces

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/internal/spanmap"
)

// langfuse is a trace or an observation, as Langfuse's API and its exports have them: with the
// names of the API, or those of the columns of its tables.
type langfuse map[string]json.RawMessage

// text returns the first of the fields that is a string, or the JSON of one that is not.
func (l langfuse) text(names ...string) string {
	for _, name := range names {
		raw := bytes.TrimSpace(l[name])
		if len(raw) == 0 || string(raw) == "null" {
			continue
		}
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = string(raw)
		}
		if s != "" {
			return s
		}
	}
	return ""
}

// time returns the first of the fields that is a time; zero if there is none.
func (l langfuse) time(names ...string) time.Time {
	text := l.text(names...)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999",
		"2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil && t.UnixNano() > 0 {
			return t
		}
	}
	return time.Time{}
}

// Langfuse reads a trace with its observations, or an observation.
func Langfuse(raw []byte) ([]Span, error) {
	var l langfuse
	if err := json.Unmarshal(raw, &l); err != nil {
		return nil, err
	}
	if l.text("traceId", "trace_id") != "" {
		s, err := l.observation()
		return []Span{s}, err
	}
	return l.trace()
}

// trace reads a trace. It encloses its observations.
func (l langfuse) trace() ([]Span, error) {
	root := Span{Trace: l.text("id"), ID: "trace",
		Start: l.time("timestamp", "createdAt", "created_at")}
	if root.Name = l.text("name"); root.Name == "" {
		root.Name = "trace"
	}
	var observations []langfuse
	if list := l["observations"]; len(list) > 0 && string(list) != "null" {
		if err := json.Unmarshal(list, &observations); err != nil {
			return nil, fmt.Errorf("trace %.40q: observations: %w", root.Trace, err)
		}
	}
	spans := []Span{root}
	for _, o := range observations {
		if o == nil {
			return nil, fmt.Errorf("trace %.40q: found null, want an observation", root.Trace)
		}
		o["traceId"] = l["id"]
		s, err := o.observation()
		if err != nil {
			return nil, err
		}
		if s.Parent == "" {
			s.Parent = root.ID
		}
		spans = append(spans, s)
	}
	r := &spans[0]
	for _, s := range spans[1:] {
		if r.Start.IsZero() || s.Start.Before(r.Start) {
			r.Start = s.Start
		}
		if s.End.After(r.End) {
			r.End = s.End
		}
	}
	if r.Trace == "" || r.Start.IsZero() {
		return nil, fmt.Errorf("trace %.40q has no id or no timestamp", root.Name)
	}
	r.set("openinference.span.kind", "CHAIN")
	if id := l.text("sessionId", "session_id"); id != "" {
		r.set("session.id", id)
	}
	return spans, nil
}

// observationKinds are the types of observations; events are not shown. A span is a step.
var observationKinds = map[string]string{
	"SPAN": "CHAIN", "GENERATION": "LLM", "AGENT": "AGENT", "TOOL": "TOOL", "CHAIN": "CHAIN",
	"RETRIEVER": "RETRIEVER", "EVALUATOR": "EVALUATOR", "EMBEDDING": "EMBEDDING",
	"GUARDRAIL": "GUARDRAIL",
}

func (l langfuse) observation() (Span, error) {
	s := Span{Trace: l.text("traceId", "trace_id"), ID: l.text("id"),
		Parent: l.text("parentObservationId", "parent_observation_id"),
		Start:  l.time("startTime", "start_time"), End: l.time("endTime", "end_time")}
	s.Name = l.text("name")
	kind := strings.ToUpper(l.text("type"))
	if s.Trace == "" || s.ID == "" || s.Start.IsZero() {
		return s, fmt.Errorf("observation %.40q has no traceId, no id or no startTime", s.Name)
	}
	if s.Name == "" {
		s.Name = strings.ToLower(kind)
	}
	for _, a := range []struct{ key, text string }{
		{"openinference.span.kind", observationKinds[kind]},
		{"session.id", l.text("sessionId", "session_id")},
		{"llm.model_name", l.text("model", "providedModelName", "provided_model_name")},
		{"input.value", l.text("input")},
		{"output.value", l.text("output")},
	} {
		if a.text != "" {
			s.set(a.key, a.text)
		}
	}
	l.usage(&s)
	if l.text("level") == "ERROR" {
		s.Status, s.Message = spanmap.Failed, l.text("statusMessage", "status_message")
	}
	return s, nil
}

// usage reads the counts of tokens: usageDetails today, usage before.
func (l langfuse) usage(s *Span) {
	for _, field := range []string{"usageDetails", "usage_details", "usage"} {
		raw := l[field]
		if text := l.text(field); strings.HasPrefix(text, "{") {
			raw = json.RawMessage(text) // exports have JSON in strings
		}
		var counts map[string]any
		if json.Unmarshal(raw, &counts) != nil || len(counts) == 0 {
			continue
		}
		for _, c := range []struct{ name, key string }{
			{"input", "llm.token_count.prompt"}, {"promptTokens", "llm.token_count.prompt"},
			{"output", "llm.token_count.completion"},
			{"completionTokens", "llm.token_count.completion"},
			{"total", "llm.token_count.total"}, {"totalTokens", "llm.token_count.total"},
			{"input_cached_tokens", "llm.token_count.prompt_details.cache_read"},
			{"cache_read_input_tokens", "llm.token_count.prompt_details.cache_read"},
			{"output_reasoning_tokens", "llm.token_count.completion_details.reasoning"},
		} {
			if n, ok := counts[c.name].(float64); ok && n > 0 {
				s.set(c.key, int64(n))
			}
		}
		return
	}
}

// Form is a form of export.
type Form uint8

// The forms.
const (
	NoForm Form = iota
	OTLPForm
	LangfuseForm
)

// FormOf says which export an object is from, by the names of its fields.
func FormOf(fields map[string]json.RawMessage) Form {
	has := func(name string) bool { _, ok := fields[name]; return ok }
	switch {
	case has("resourceSpans"):
		return OTLPForm
	case has("observations") && has("id"),
		has("id") && (has("traceId") || has("trace_id")) && (has("startTime") || has("start_time")):
		return LangfuseForm
	}
	return NoForm
}

// Read reads an object of a form.
func Read(form Form, raw []byte) ([]Span, error) {
	if form == OTLPForm {
		return OTLP(raw)
	}
	return Langfuse(raw)
}
