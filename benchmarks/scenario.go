package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
)

// scenario is one table.
type scenario struct {
	name, title string
	run         func(*bench) ([]row, error)
}

// scenarios are listed in the order in which they run.
var scenarios = []scenario{
	{"emit", "emitting: what one call costs its caller, into a sink in the same process that " +
		"takes everything", runEmit},
	{"call", "where the time of a call goes: from a profile of one goroutine that emits into a " +
		"sink in the same process", runCall},
	{"goroutines", "emitting ten attributes from several goroutines, each on a run of its own",
		runGoroutines},
	{"sinks", "latency of one call with ten attributes while the sink is healthy, slow, stalled " +
		"or flapping", runSinks},
	{"endtoend", "ten attributes to a sink in another process, as fast as it goes: processor " +
		"time of the producer alone", runEndToEnd},
	{"compression", "compressing encoded events of ten attributes, ns and bytes for each event, " +
		"in blocks as large as a record and as a batch of records", runCompression},
	{"rates", "ten attributes to a sink in another process at fixed rates: time from the call to " +
		"the acknowledgement", runRates},
	{"kafka", "ten attributes into a real Kafka cluster, as fast as it goes: processor time of " +
		"the producer alone", runKafka},
	{"overload", "an application at work emits twice what the sink takes: effect on its own " +
		"latency", runOverload},
	{"outage", "the sink does not respond for a while at 2,000 events a second, then goes on",
		runOutage},
	{"recorded", "instrumenting recorded agent runs of 30 messages, from the call to the socket",
		runRecorded},
	{"paced", "recorded agent runs at 10,000 events a second, 200 at once: processor time for " +
		"each event, and how large records become", runPaced},
	{"state", "setting a state, beside writing it as JSON alone: caller and worker, without " +
		"sending", runState},
	{"observe", "what looking on takes at 100,000 events a second: forecast, pressure, metrics " +
		"and the page", runObserve},
	{"scale", "concurrent runs: memory of an idle one, and emitting to all in turn", runScale},
}

func scenarioList() string {
	var b strings.Builder
	for _, s := range scenarios {
		fmt.Fprintf(&b, "  %-12s %s\n", s.name, s.title)
	}
	return b.String()
}

func findScenarios(names string) ([]scenario, error) {
	if names == "" {
		return scenarios, nil
	}
	var found []scenario
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("--scenario %q: there is no such one; --help lists them", name)
		}
		found = append(found, scenarios[i])
	}
	return found, nil
}

// bench is one run of the command.
type bench struct {
	options
	progress io.Writer
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.progress, format+"\n", args...) }

// wants says whether a contender was asked for.
func (b *bench) wants(name string) bool {
	return len(b.contenders) == 0 || slices.Contains(b.contenders, name)
}

// pick returns one of two numbers: the usual one, or the one for a quick look.
func pick[T any](b *bench, usual, quick T) T {
	if b.quick {
		return quick
	}
	return usual
}

// left says that a row is left out, and why, if that is what err means.
func (b *bench) left(what string, err error) error {
	if errors.Is(err, load.ErrNoRuns) {
		b.say("  %s: left out: %v", what, err)
		return nil
	}
	return err
}
