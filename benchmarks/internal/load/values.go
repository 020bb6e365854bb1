// Package load holds what every contender is given to carry, and runs one of them from its first
// event to its last acknowledgement.
package load

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
)

// Attributes is how many attributes a full event has, size how long each of their keys and values
// is.
const (
	Attributes = 10
	size       = 20
)

// Keys are the names of an event's attributes. [Drive] sets them.
var Keys = [Attributes]string{
	"attribute_number_001", "attribute_number_002", "attribute_number_003", "attribute_number_004",
	"attribute_number_005",
	"attribute_number_006", "attribute_number_007", "attribute_number_008", "attribute_number_009",
	"attribute_number_010",
}

// Message is the text of every event, Node the node that it belongs to.
const (
	Message = "tool call finished"
	Node    = "search"
)

// Values are the values of one event's attributes.
type Values [Attributes]string

// Kind says what values look like; compression depends on it more than on anything else.
type Kind string

// The kinds of values.
const (
	Constant Kind = "constant" // the same in every event
	Words    Kind = "words"    // English words
	Random   Kind = "random"   // letters and digits drawn at random
	Recorded Kind = "recorded" // pieces of the messages of recorded agent runs
)

// RunsVariable names the file of recorded runs in the environment.
const RunsVariable = "DASHSTREAM_TEST_RUNS"

// ErrNoRuns says that a row needs recorded runs.
var ErrNoRuns = errors.New(RunsVariable + " names no file of recorded runs")

// NewValues makes n sets of values of a kind, the same in every process. runs is the file of
// recorded runs, for [Recorded].
func NewValues(kind Kind, n int, runs string) ([]Values, error) {
	random := rand.New(rand.NewPCG(1, 2))
	var next func() string
	switch kind {
	case Constant:
		next = func() string { return "values of 20 letters" }
	case Words:
		next = func() string { return words(random) }
	case Random:
		next = func() string { return letters(random) }
	case Recorded:
		var err error
		if next, err = recorded(runs); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("values %q: want constant, words, random or recorded", kind)
	}
	out := make([]Values, n)
	for i := range out {
		for k := range out[i] {
			out[i][k] = next()
		}
	}
	return out, nil
}

func letters(random *rand.Rand) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	var b [size]byte
	for i := range b {
		b[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(b[:])
}

// vocabulary is drawn from with Zipf's law, as words are in a text.
var vocabulary = strings.Fields(
	`the of and to in is for that with as on it by are this from at be or an not have which you can
has will one all
	more if use when their would what there been other also than some time any into new only may
data first two like these user system agent
	request answer question search result document flight reservation customer order model tool call
value error state node graph message
	token price account number date payment policy change cancel booking passenger travel airport
baggage insurance membership refund card
	gift certificate cabin economy business available direct connection morning evening total amount
details confirm proceed please
	information provide retrieve calculate update complete invoke response latency timeout retry
schema index vector embedding cluster`)

func words(random *rand.Rand) string {
	zipf := rand.NewZipf(random, 1.1, 4, uint64(len(vocabulary)-1))
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(vocabulary[zipf.Uint64()])
		b.WriteByte(' ')
	}
	return b.String()[:size]
}

// recorded returns pieces of the messages of recorded runs, one after another. Pieces are of ASCII
// so that each has the same length.
func recorded(path string) (func() string, error) {
	runs, err := ReadRuns(path)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for _, r := range runs {
		for _, m := range r.Messages {
			for _, c := range []byte(m.Content) {
				if c >= ' ' && c < 0x80 {
					text.WriteByte(c)
				}
			}
		}
		if text.Len() > 4<<20 {
			break
		}
	}
	all := text.String()
	if len(all) < size {
		return nil, fmt.Errorf("%s: the recorded runs hold no text", path)
	}
	at := 0
	return func() string {
		if at+size > len(all) {
			at = 0
		}
		at += size
		return all[at-size : at]
	}, nil
}

// Run is one recorded run of an agent.
type Run struct {
	Messages []RunMessage `json:"traj"`
}

// RunMessage is one message of a run, in the form of OpenAI's chat API.
type RunMessage struct {
	Role      string    `json:"role"`
	Content   string    `json:"content"`
	Name      string    `json:"name"`
	CallID    string    `json:"tool_call_id"`
	ToolCalls []RunCall `json:"tool_calls"`
}

// RunCall is a model's request for a tool.
type RunCall struct {
	ID       string `json:"id"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// ReadRuns reads a file of recorded runs, .json or .json.gz. The error is [ErrNoRuns] for an empty
// path.
func ReadRuns(path string) ([]Run, error) {
	if path == "" {
		return nil, ErrNoRuns
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("recorded runs: %w", err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("recorded runs: %s: %w", path, err)
		}
	}
	var runs []Run
	if err := json.NewDecoder(in).Decode(&runs); err != nil {
		return nil, fmt.Errorf("recorded runs: %s: %w", path, err)
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("recorded runs: %s holds none", path)
	}
	return runs, nil
}
