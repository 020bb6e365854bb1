package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/sink"
)

// contender is one way to get events out of a process, or a reference for what that costs at the
// least.
type contender struct {
	name string
	open load.Open
	// sink is where it sends to: a kind of package sink, or "" if it only works inside the process.
	sink string
	// compressions are what it is measured with, end to end.
	compressions []string
	// local says that it can run against a sink inside the process.
	local bool
}

// contenders are listed in the order in which tables show them.
var contenders = []contender{
	{name: nameDashstream, open: openDashstream, sink: sink.Kafka,
		compressions: []string{"none", "zstd"}, local: true},
	{name: nameUnredacted, open: openUnredacted, sink: sink.Kafka,
		compressions: []string{"none", "zstd"}, local: true},
	{name: nameFranz, open: openFranz, sink: sink.Kafka, compressions: []string{"none", "zstd"}},
	{name: nameSarama, open: openSarama, sink: sink.Kafka, compressions: []string{"none", "zstd"}},
	{name: nameSegmentio, open: openSegmentio, sink: sink.Kafka,
		compressions: []string{"none", "zstd"}},
	{name: nameSpans, open: openSpans, sink: sink.OTLP, compressions: []string{"none", "gzip"},
		local: true},
	{name: nameLogs, open: openLogs, sink: sink.OTLP, compressions: []string{"none", "gzip"},
		local: true},
	{name: nameChannel, open: openChannel, local: true},
	{name: nameZerolog, open: openZerolog, local: true},
	{name: nameBare, open: openBare, local: true},
	{name: nameFastest, open: openFastest, local: true},
}

// opens returns all contenders by name.
func opens() map[string]load.Open {
	m := make(map[string]load.Open, len(contenders))
	for _, c := range contenders {
		m[c.name] = c.open
	}
	return m
}

func findContender(name string) (contender, error) {
	for _, c := range contenders {
		if c.name == name {
			return c, nil
		}
	}
	return contender{}, fmt.Errorf("no contender %q", name)
}

// tally counts the events of contenders that have nothing to send. Each goroutine has a counter of
// its own.
type tally struct {
	mu       sync.Mutex
	counters []*uint64
}

func (t *tally) counter() *uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := new(struct {
		n uint64
		_ [15]uint64 // keeps the counters of goroutines on different cache lines
	})
	t.counters = append(t.counters, &n.n)
	return &n.n
}

// Finish implements [load.Contender]. It must not be called before all emitters are done.
func (t *tally) Finish(context.Context) (load.Outcome, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var o load.Outcome
	for _, n := range t.counters {
		o.Delivered += *n
	}
	o.Emitted = o.Delivered // a call may count for several
	return o, nil
}
