package main

import (
	"io"
	"os"
	"testing"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/callback"
)

// gateEvents is how many events a producer sends; those that take ten times as long send an eighth
// of it. With fewer, what a process does only once would count: it touches the queue's memory for
// the first time.
const gateEvents = 2_000_000

// An event is sent to a sink in another process, everything is delivered, and all processor time of
// the producer counts.
func TestSendingCostsATenthOfASpanAndHalfOfARecordForEachEvent(t *testing.T) {
	skipUnlessAlone(t)
	if measure.CPU() == 0 {
		t.Skip("this system does not tell the processor time of a process")
	}
	b := &bench{progress: io.Discard}
	once := func(name, compression string) *row {
		t.Helper()
		c, err := findContender(name)
		if err != nil {
			t.Fatal(err)
		}
		spec := load.Spec{Values: load.Words, Events: gateEvents, Warmup: gateEvents / 10,
			Profile: true}
		if name == nameSpans {
			spec.Events, spec.Warmup = spec.Events/8, spec.Warmup/8
		}
		spec.Compression = compression
		r, err := runRemote(b, remote{name: c.name, sink: c.sink, compressions: c.compressions},
			spec)
		if err != nil {
			t.Fatal(err)
		}
		if r.Delivered != 100 {
			t.Fatalf("%s, %s: delivered %.3f %% of the events, want all", name, compression,
				r.Delivered)
		}
		return r
	}
	hold(t, []limit{
		{"uncompressed, against spans", 0, 1, otherProcessor / 10},
		{"uncompressed, with redaction, against spans, which have none", 2, 1, otherProcessor / 8},
		{"uncompressed, against a record for each event", 0, 3, otherProcessor / 2},
		{"zstd, against spans with gzip", 4, 6, 1. / 8},
		{"zstd, against a record for each event", 4, 7, 1},
		{"zstd, against a record for each event, without compression's shares", 5, 8,
			otherProcessor / 2},
	}, func() []float64 {
		runs := []struct{ name, compression string }{
			{nameUnredacted, "none"}, {nameSpans, "none"}, {nameDashstream, "none"},
			{nameFranz, "none"}, {nameUnredacted, "zstd"}, {nameSpans, "gzip"}, {nameFranz, "zstd"},
		}
		// the least of each: other programs only add to it
		all, rest := make([]float64, len(runs)), make([]float64, len(runs))
		for round := range 2 {
			for i, c := range runs {
				r := once(c.name, c.compression)
				if without := r.CPUPerOp - r.CompressionPerOp; round == 0 || without < rest[i] {
					rest[i] = without
				}
				if round == 0 || r.CPUPerOp < all[i] {
					all[i] = r.CPUPerOp
				}
			}
		}
		return []float64{all[0], all[1], all[2], all[3], all[4], rest[4], all[5], all[6], rest[6]}
	})
}

func TestDroppingCostsNoMoreThanEmitting(t *testing.T) {
	skipUnlessAlone(t)
	hold(t, []limit{{"a dropped event against an enqueued one", 0, 1, 1}},
		func() []float64 {
			r, times, err := dropPath(&bench{progress: io.Discard})
			if err != nil {
				t.Fatal(err)
			}
			if r.Delivered > 5 {
				t.Fatalf("%.1f %% of the events that were to be dropped were delivered",
					r.Delivered)
			}
			return times
		})
}

func TestAnIdleRunTakesLessThanAKilobyte(t *testing.T) {
	skipWhenSlowed(t)
	const many = 20_000
	r, err := newRuns(many)
	if err != nil {
		t.Fatal(err)
	}
	if r.bytes < 100 || r.bytes > 1000 {
		t.Errorf("%.0f bytes for each of %d runs, want at most 1000, and some", r.bytes, many)
	}
	if err := r.finish(new(row)); err != nil {
		t.Fatal(err)
	}
}

// gateRuns returns recorded runs of about thirty messages: of the file that the environment names,
// or made of the sample's, which are shorter, one after the other.
func gateRuns(t *testing.T) []load.Run {
	t.Helper()
	if path := os.Getenv(load.RunsVariable); path != "" {
		recorded, err := runsOfThirtyMessages(&bench{options: options{runs: path}})
		if err != nil {
			t.Fatal(err)
		}
		return recorded
	}
	sample, err := load.ReadRuns("../examples/testdata/quickstart.json")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s names no file of recorded runs: the sample is used", load.RunsVariable)
	var joined []load.Run
	for i := range sample {
		var r load.Run
		for k := i; len(r.Messages) < shortestRun; k++ {
			r.Messages = append(r.Messages, sample[k%len(sample)].Messages...)
		}
		if len(r.Messages) <= longestRun {
			joined = append(joined, r)
		}
	}
	if len(joined) == 0 {
		t.Fatal("the sample makes no run of thirty messages")
	}
	return joined
}

// Recorded runs are used: what texts cost depends on what they are.
func TestTheTextsOfARunCostLittleMoreThanCompressingThem(t *testing.T) {
	skipUnlessAlone(t)
	b := &bench{progress: io.Discard}
	recorded := gateRuns(t)
	off := callback.Redaction{Disabled: true}
	hold(t, []limit{{"what the texts add against compressing them once", 0, 1, 1.5},
		{"a run without its texts against bare's events", 2, 3, 8}}, func() []float64 {
		once, err := compressCost(b, recorded)
		if err != nil {
			t.Fatal(err)
		}
		bare, err := bareCost(b, recorded)
		if err != nil {
			t.Fatal(err)
		}
		cost := func(how *replaying) float64 {
			r, err := cheapest(2, func() (*row, error) { return replayed(b, recorded, how) })
			if err != nil {
				t.Fatal(err)
			}
			return r.CPUPerOp
		}
		without := cost(&replaying{textsLeftOut, "zstd", off})
		return []float64{cost(&replaying{textsInEvents, "zstd", off}) - without, once, without,
			bare}
	})
}
