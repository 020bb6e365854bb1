package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/callback"
)

// nameMarshal is what a state costs whoever writes it as JSON, and does nothing with it.
const nameMarshal = "json.Marshal"

func runState(b *bench) ([]row, error) {
	var rows []row
	for _, form := range []string{formMaps, formStructs} {
		b.say("  100 kB, %s", form)
		few, err := oneField(form, pick(b, 40, 8))
		if err != nil {
			return nil, err
		}
		rows = append(rows, few...)
	}
	all, err := load.ReadRuns(b.runs)
	if err != nil {
		return rows, b.left("conversations", err)
	}
	for _, form := range []string{formMaps, formStructs} {
		for _, redaction := range []callback.Redaction{{}, {Disabled: true}} {
			b.say("  conversations, %s, redaction: %v", form, !redaction.Disabled)
			more, err := conversations(statesOf(all, form), redaction, pick(b, 9, 3))
			if err != nil {
				return nil, err
			}
			for i := range more {
				more[i].Case = "the conversation of a recorded run after each message, " + form
			}
			rows = append(rows, more...)
		}
	}
	return rows, nil
}

// The forms in which an application has its state.
const (
	formMaps    = "map[string]any"
	formStructs = "structs"
)

// document is a state of about 100 kB, as structs.
type document struct {
	Step     int             `json:"step"`
	Question string          `json:"question"`
	Passages []passage       `json:"passages"`
	Scores   []float64       `json:"scores"`
	Options  map[string]bool `json:"options"`
}

type passage struct {
	ID     int      `json:"id"`
	Source string   `json:"source"`
	Text   string   `json:"text"`
	Tags   []string `json:"tags"`
	Score  float64  `json:"score"`
}

func newDocument() *document {
	d := &document{Question: "What is it that makes a state large?",
		Options: map[string]bool{"broad": true, "cited": false}}
	text := strings.Repeat("A passage of what was found, with words in it as they are found in "+
		"passages. ", 5)
	for i := range 200 {
		d.Passages = append(d.Passages, passage{i, fmt.Sprintf("docs/%d.md", i), text,
			[]string{"found", "read"}, 1 / float64(i+1)})
		d.Scores = append(d.Scores, float64(i)/7)
	}
	return d
}

// asMaps is a value as maps, lists and the like.
func asMaps(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var maps any
	return maps, json.Unmarshal(text, &maps)
}

// sealed is a client that does all but send.
type sealed struct{ client *callback.Client }

func newSealed(redaction callback.Redaction) (*sealed, error) {
	client, err := callback.New(callback.Config{
		Sender: discard{}, SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler),
		Redaction: redaction,
		Overflow:  callback.OverflowBlock, BlockTimeout: time.Minute, QueueBytes: replayQueue,
	})
	return &sealed{client}, err
}

// flush returns when all is sealed.
func (s *sealed) flush() error { return s.client.Flush(context.Background()) }

// end ends the client and says of a row what became of its states.
func (s *sealed) end(r *row) error {
	report, err := s.client.Shutdown(context.Background())
	st := s.client.Stats().State
	r.setDelivered(report.Delivered, report.Emitted)
	if n := st.Patches + st.Whole + st.Checkpoints; n > 0 {
		r.WirePerOp = float64(st.Bytes) / float64(n)
		r.Note += fmt.Sprintf("%d patches, %d whole, %d checkpoints", st.Patches, st.Whole,
			st.Checkpoints)
	}
	return err
}

// oneFieldStates is how many states are set between two flushes.
const oneFieldStates = 10

// oneField sets a state of 100 kB in which one field has changed, over and over.
func oneField(form string, rounds int) ([]row, error) {
	doc := newDocument()
	state, err := asMaps(doc)
	if err != nil {
		return nil, err
	}
	step := func(i int) any {
		if form == formStructs {
			doc.Step = i
			return doc
		}
		state.(map[string]any)["step"] = i
		return state
	}
	s, err := newSealed(callback.Redaction{})
	if err != nil {
		return nil, err
	}
	run := s.client.StartRun(callback.RunInfo{})
	var n int
	var errs []error
	marshal := func() float64 {
		began := time.Now()
		for range oneFieldStates {
			n++
			if _, err := json.Marshal(step(n)); err != nil {
				errs = append(errs, err)
			}
		}
		return perOp(time.Since(began), oneFieldStates)
	}
	var all []float64
	set := func() float64 {
		cpu, began := measure.CPU(), time.Now()
		for range oneFieldStates {
			n++
			run.SetState(step(n))
		}
		caller := time.Since(began)
		errs = append(errs, s.flush())
		all = append(all, perOp(measure.CPU()-cpu, oneFieldStates))
		return perOp(caller, oneFieldStates)
	}
	set()
	all = nil
	times := measure.LowerQuartiles(rounds, marshal, set)
	name := "100 kB with one field changed, " + form
	mine := row{
		Case: name, Contender: nameDashstream, NsPerOp: times[1], CPUPerOp: lowerQuartile(all),
		Multiple: times[1] / times[0],
		Note:     "multiple of the caller's time; the other CPU time is the worker's; ",
	}
	errs = append(errs, s.end(&mine))
	return []row{{Case: name, Contender: nameMarshal, NsPerOp: times[0], CPUPerOp: times[0],
		Delivered: 100}, mine}, errors.Join(errs...)
}

func lowerQuartile(samples []float64) float64 {
	at := 0
	return measure.LowerQuartiles(len(samples), func() float64 { at++; return samples[at-1] })[0]
}

// statesOf returns the states of runs: the conversation so far, after each message.
func statesOf(runs []load.Run, form string) (all [][]any) {
	for _, r := range runs {
		var states []any
		var messages []any
		for i, m := range r.Messages {
			if form == formStructs {
				states = append(states, struct {
					Messages []load.RunMessage `json:"messages"`
				}{r.Messages[:i+1]})
				continue
			}
			message, _ := asMaps(m) // it came as JSON
			messages = append(messages, message)
			states = append(states,
				map[string]any{"messages": messages[:len(messages):len(messages)]})
		}
		all = append(all, states)
	}
	return all
}

// conversations sets the states of runs, each run on a thread of its own, beside writing each state
// as JSON alone: all processor time.
func conversations(runs [][]any, redaction callback.Redaction, rounds int) ([]row, error) {
	s, err := newSealed(redaction)
	if err != nil {
		return nil, err
	}
	states := uint64(0)
	for _, r := range runs {
		states += uint64(len(r))
	}
	var errs []error
	marshal := func() float64 {
		cpu := measure.CPU()
		for _, r := range runs {
			for _, state := range r {
				if _, err := json.Marshal(state); err != nil {
					errs = append(errs, err)
				}
			}
		}
		return perOp(measure.CPU()-cpu, states)
	}
	var caller []float64
	set := func() float64 {
		cpu := measure.CPU()
		var took time.Duration
		for _, r := range runs {
			run := s.client.StartRun(callback.RunInfo{})
			began := time.Now()
			for _, state := range r {
				run.SetState(state)
			}
			took += time.Since(began)
			run.End(nil)
			errs = append(errs, s.flush()) // so that the caller never waits for room
		}
		caller = append(caller, perOp(took, states))
		return perOp(measure.CPU()-cpu, states)
	}
	set()
	caller = nil
	times := measure.LowerQuartiles(rounds, marshal, set)
	mine := row{Contender: nameDashstream, NsPerOp: lowerQuartile(caller), CPUPerOp: times[1],
		Multiple: times[1] / times[0], Note: "multiple of all processor time; "}
	if redaction.Disabled {
		mine.Contender = nameUnredacted
	}
	errs = append(errs, s.end(&mine))
	return []row{{Contender: nameMarshal, NsPerOp: times[0], CPUPerOp: times[0], Delivered: 100},
		mine}, errors.Join(errs...)
}
