package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/benchmarks/internal/sink"
)

// nameConfluent is the contender that needs cgo, and is a program of its own.
const nameConfluent = "confluent"

// remote is a contender that sends to another process.
type remote struct {
	name         string
	program      string // "" for this one
	sink         string
	compressions []string
}

// remotes are the contenders that were asked for and send somewhere.
func (b *bench) remotes() (list []remote, cleanup func()) {
	cleanup = func() {}
	for _, c := range contenders {
		if c.sink != "" && b.wants(c.name) {
			list = append(list, remote{c.name, "", c.sink, c.compressions})
		}
	}
	if !b.wants(nameConfluent) {
		return list, cleanup
	}
	program := b.confluent
	if program == "" {
		dir, err := os.MkdirTemp("", "benchmarks")
		if err == nil {
			cleanup = func() { _ = os.RemoveAll(dir) }
			program, err = buildConfluent(dir)
		}
		if err != nil {
			b.say("  %s: left out: it cannot be built here: %v", nameConfluent, err)
			return list, cleanup
		}
	}
	return append(list, remote{nameConfluent, program, sink.Kafka, []string{"none", "zstd"}}),
		cleanup
}

const endToEndGoroutines = 4

// valueKinds are the kinds of values of a row with a compression: without one they make no
// difference.
func (b *bench) valueKinds(compression string) []load.Kind {
	if compression == "none" {
		return []load.Kind{load.Words}
	}
	if b.quick {
		return []load.Kind{load.Words}
	}
	return []load.Kind{load.Constant, load.Words, load.Random, load.Recorded}
}

func runEndToEnd(b *bench) ([]row, error) {
	list, cleanup := b.remotes()
	defer cleanup()
	var rows []row
	for _, like := range [][]string{{"none"}, {"zstd", "gzip"}} {
		for _, kind := range b.valueKinds(like[0]) {
			for _, r := range list {
				for _, compression := range like {
					if !slices.Contains(r.compressions, compression) {
						continue
					}
					spec := load.Spec{Values: kind, Events: pick(b, 2_000_000, 100_000),
						Warmup: pick(b, 50_000, 5_000), Profile: true}
					if r.name != nameDashstream && r.name != nameUnredacted {
						spec.Events /= 4 // they take that much longer
					}
					spec.Compression = compression
					line, err := runRemote(b, r, spec)
					if err = b.left(string(kind), err); err != nil {
						return nil, err
					}
					if line != nil {
						rows = append(rows, *line)
					}
				}
			}
		}
	}
	return rows, nil
}

// runRemote drives one contender in a process of its own against a sink in another one.
func runRemote(b *bench, r remote, spec load.Spec) (*row, error) {
	if spec.Values == load.Recorded && b.runs == "" {
		return nil, load.ErrNoRuns
	}
	b.say("  %s, %s, %s", r.name, spec.Compression, spec.Values)
	receiver, err := sink.Start(r.sink)
	if err != nil {
		return nil, err
	}
	spec.Address, spec.Topic = receiver.Address, sink.Topic
	line, err := drive(b, r, spec)
	if err != nil {
		return nil, errors.Join(err, receiver.Close())
	}
	counts, err := receiver.Counts()
	if err != nil {
		return nil, errors.Join(err, receiver.Close())
	}
	line.WirePerOp = float64(counts.WireBytes) / float64(line.Operations+uint64(spec.Warmup))
	if r.sink == sink.OTLP || line.EventsPerRecord == 1 { // the receiver's word counts
		line.setDelivered(min(counts.Records, line.Operations+uint64(spec.Warmup)),
			line.Operations+uint64(spec.Warmup))
	}
	return line, receiver.Close()
}

// drive runs the producer's process and turns its result into a row.
func drive(b *bench, r remote, spec load.Spec) (*row, error) {
	spec.Contender, spec.Runs = r.name, b.runs
	if spec.Rate == 0 {
		spec.Lossless = true
	}
	if spec.Goroutines == 0 {
		spec.Goroutines = endToEndGoroutines
	}
	result, err := load.Spawn(r.program, spec)
	if err != nil {
		return nil, err
	}
	line := &row{
		Contender: r.name, Values: string(spec.Values), Compression: spec.Compression,
		EventsPerRecord: result.Outcome.EventsPerRecord,
		Call:            result.Call, EmitToAck: result.Outcome.EmitToAck, Shares: result.Shares,
		Note: result.Outcome.Note,
	}
	line.setCost(result.Cost, result.Emitted)
	line.CompressionPerOp = line.CPUPerOp * result.Shares[measure.ShareCompression]
	line.setDelivered(result.Outcome.Delivered,
		result.Outcome.Taken(result.Emitted+uint64(spec.Warmup)))
	return line, nil
}

// sharesText says who used the processor, the largest part first, in nanoseconds for each event.
func (r *row) sharesText() string {
	parts := slices.SortedFunc(maps.Keys(r.Shares), func(a, b string) int {
		if r.Shares[a] > r.Shares[b] {
			return -1
		}
		return 1
	})
	text := make([]string, 0, len(parts))
	for _, p := range parts {
		if ns := r.Shares[p] * r.CPUPerOp; ns >= 0.5 {
			text = append(text, fmt.Sprintf("%s %.0f", p, ns))
		}
	}
	return strings.Join(text, ", ")
}

func runRates(b *bench) ([]row, error) {
	list, cleanup := b.remotes()
	defer cleanup()
	var rows []row
	for _, rate := range []float64{10_000, 100_000} {
		for _, r := range list {
			spec := load.Spec{Values: load.Words, Rate: rate, Seconds: pick(b, 10.0, 2.0),
				Warmup: 1000, Profile: true}
			spec.Compression = r.compressions[1]
			line, err := runRemote(b, r, spec)
			if err != nil {
				return nil, err
			}
			line.Case = fmt.Sprintf("%.0f k events/s", rate/1000)
			rows = append(rows, *line)
		}
	}
	return rows, nil
}
