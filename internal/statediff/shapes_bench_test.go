package statediff

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// shape is a way in which states follow one another: it returns the state after step i, about 100
// kB.
type shape struct {
	name  string
	state func(i int) any
}

type structMessage struct {
	Role    string         `json:"role"`
	Content string         `json:"content"`
	Args    map[string]any `json:"args"`
}

type structState struct {
	Step     int             `json:"step"`
	Messages []structMessage `json:"messages"`
	Context  map[string]any  `json:"context"`
}

func shapes() []shape {
	text := func(i int) string {
		return strings.Repeat(fmt.Sprintf("Message %d says a thing or two, <b>and</b> \"quotes\" "+
			"some of it.\n", i), 6)
	}
	message := func(i int) map[string]any {
		return map[string]any{"role": "user", "content": text(i), "args": map[string]any{"n": i,
			"price": 1.25 * float64(i), "ok": true}}
	}
	list := func(n int) (all []any) {
		for i := range n {
			all = append(all, message(i))
		}
		return all
	}
	const n = 220
	messages := list(n)
	many := list(n + 4096)
	structs := make([]structMessage, n)
	for i := range structs {
		structs[i] = structMessage{"user", text(i), map[string]any{"n": i, "ok": true}}
	}
	return []shape{
		{"field at the end", func(i int) any {
			return map[string]any{"messages": messages,
				"step": i}
		}},
		{"field at the front",
			func(i int) any { return map[string]any{"at": i, "messages": messages} }},
		{"field in the middle", func(i int) any {
			return map[string]any{"messages": messages[:n/2],
				"now": i, "rest": messages[n/2:]}
		}},
		{"front and grows",
			func(i int) any { return map[string]any{"at": i, "messages": many[:n+i%4096]} }},
		{"window slides",
			func(i int) any {
				return map[string]any{"messages": many[i%4096 : i%4096+n],
					"step": i}
			}},
		{"struct", func(i int) any { return structState{i, structs, map[string]any{"user": "x"}} }},
	}
}

// BenchmarkShapes compares, for states of 100 kB, the worker's work with what it costs the
// application to marshal them.
func BenchmarkShapes(b *testing.B) {
	for _, s := range shapes() {
		b.Run(s.name, func(b *testing.B) {
			var p pipeline
			p.start()
			var marshal, rest time.Duration
			i, bytes := 0, 0
			for b.Loop() {
				state := s.state(i)
				at := time.Now()
				var w strings.Builder
				e := json.NewEncoder(&w)
				e.SetEscapeHTML(false)
				if err := e.Encode(state); err != nil {
					b.Fatal(err)
				}
				marshal += time.Since(at)
				src := []byte(w.String())
				bytes += len(src)
				at = time.Now()
				if _, _, ok := p.state(b, src); !ok && i > 0 {
					b.Fatal("goes out whole")
				}
				rest += time.Since(at)
				i++
			}
			b.ReportMetric(float64(rest)/float64(marshal), "of-marshal")
			b.ReportMetric(float64(rest.Nanoseconds())/float64(i), "worker-ns/state")
			b.ReportMetric(float64(rest.Nanoseconds())/float64(bytes), "worker-ns/B")
		})
	}
}
