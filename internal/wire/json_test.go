package wire

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

type base struct {
	ID     int `json:"id"`
	Hidden int `json:"-"`
}

type score struct {
	base
	Value   float64        `json:"value"`
	Name    string         `json:"name,omitempty"`
	Count   int64          `json:"count,string"`
	When    time.Time      `json:"when,omitzero"`
	Err     error          `json:"err"`
	Any     map[any]any    `json:"any,omitempty"`
	Pointer *pointerMethod `json:"pointer,omitempty"`
	Method  pointerMethod  `json:"method"`
	Secret  chan int       `json:"-"`
}

type pointerMethod struct{ text string }

func (p *pointerMethod) MarshalJSON() ([]byte, error) {
	if p.text == "" {
		return nil, errors.New("no text")
	}
	return json.Marshal(p.text)
}

func TestJSONKeepsWhatCanBeWritten(t *testing.T) {
	nan := math.NaN()
	whole := &score{base: base{ID: 1, Hidden: 2}, Value: nan, Count: 7, Err: errors.New("late"),
		Method: pointerMethod{"m"}, Secret: make(chan int)}
	whole.Any = map[any]any{1: "x", true: nan}
	whole.Pointer = &pointerMethod{}
	ring := map[string]any{}
	ring["again"], ring["kept"] = ring, 1
	twice := &pointerMethod{"p"}
	loop := make([]any, 2)
	loop[0], loop[1] = loop, loop
	const note = `{"$unreadable":"json: unsupported value: NaN"}`
	for name, tt := range map[string]struct {
		value any
		want  string
		notes int
	}{
		"nothing wrong": {map[string]any{"a": []int{1}}, `{"a":[1]}`, 0},
		"a number":      {nan, note, 1},
		"in a list": {[]any{1, nan, math.Inf(1)}, `[1,` + note +
			`,{"$unreadable":"json: unsupported value: +Inf"}]`, 2},
		"in a map of numbers": {map[int]float64{2: nan, 1: 1}, `{"1":1,"2":` + note + `}`, 1},
		"keys of any type":    {map[any]any{1: "x"}, `{"1":"x"}`, 0},
		"a cycle":             {ring, `{"again":{"$unreadable":"json: a cycle"},"kept":1}`, 1},
		"a cycle of slices": {loop,
			`[{"$unreadable":"json: a cycle"},{"$unreadable":"json: a cycle"}]`, 2},
		"one part twice": {[]any{twice, twice, nan}, `["p","p",` + note + `]`, 1},
		"errors": {map[string]error{"a": errors.New("one"), "b": nil},
			`{"a":"one","b":null}`, 0},
		"a struct": {whole, `{"value":` + note +
			`,"count":"7","err":"late","any":{"1":"x","true":` + note + `},` +
			`"pointer":{"$unreadable":"json: error calling MarshalJSON for type *wire.pointerMethod: no text"},"method":"m","id":1}`, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var f Faults
			got, notes := JSON(tt.value, &f)
			if got != tt.want || notes != tt.notes || f != (Faults{}) {
				t.Errorf("got %s with %d notes and %+v, want %s with %d", got, notes, f, tt.want,
					tt.notes)
			}
			if !json.Valid([]byte(got)) {
				t.Errorf("%s is no JSON", got)
			}
		})
	}
}

// A type that may contain errors is written part by part, even if a value contains none.
func TestJSONIsThatOfEncodingJSONWhereThatWorks(t *testing.T) {
	for name, v := range map[string]any{
		"struct":  score{base: base{ID: 3}, Name: "n", When: time.Unix(0, 0).UTC()},
		"pointer": &score{Method: pointerMethod{"m"}},
		"bytes":   map[string]any{"b": []byte{1, 2}, "nil": []byte(nil), "array": [2]byte{1, 2}},
		"nil":     []any{nil, (*score)(nil), map[string]int(nil), []int(nil), map[string]any{}},
		"texts":   []any{"<a&b>\u2028", "\xff", json.Number("1.50"), json.RawMessage(` { } `)},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			var f Faults
			got, notes := JSON(v, &f)
			var a, b any
			if err := errors.Join(json.Unmarshal(want, &a), json.Unmarshal([]byte(got), &b)); err !=
				nil {
				t.Fatal(err)
			}
			if notes != 0 || !reflect.DeepEqual(a, b) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestJSONOfWhatDoesNotEndIsBounded(t *testing.T) {
	deep := any(math.NaN())
	for range 10 * maxJSONDepth {
		deep = []any{deep}
	}
	var f Faults
	long := make([]float64, 10*maxJSONParts)
	long[0] = math.NaN()
	if got, notes := JSON(long, &f); notes != 2 || !json.Valid([]byte(got)) {
		t.Errorf("%d notes in %d bytes", notes, len(got))
	}
	if got, notes := JSON(deep, &f); notes != 1 || !json.Valid([]byte(got)) ||
		!strings.Contains(got, "too deep") {
		t.Errorf("%d notes in %d bytes", notes, len(got))
	}
}
