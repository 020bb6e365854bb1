package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/benchmarks/internal/sink"
	"github.com/dashstream/dashstream-go/callback"
)

// The pace of recorded runs: how many events a second all of them emit together, and how many runs
// are under way at once.
const (
	pacedRate = 10_000
	pacedRuns = 200
)

// runPaced replays recorded runs at a pace that a busy service has. An event costs more there than
// as fast as it goes, for a run emits little within the linger, and so records are small.
func runPaced(b *bench) ([]row, error) {
	recorded, err := load.ReadRuns(b.runs)
	if err != nil {
		return nil, b.left("recorded runs", err)
	}
	var rows []row
	for _, texts := range []texts{textsLeftOut, textsInEvents, textsInMessages} {
		for _, linger := range []time.Duration{0, time.Second} {
			how := &pacing{texts: texts, linger: linger}
			b.say("  %s, linger %v", textsNames[texts], how.name())
			r, err := atPace(b, recorded, how)
			if err != nil {
				return nil, err
			}
			rows = append(rows, *r)
		}
	}
	return rows, nil
}

type pacing struct {
	texts  texts
	linger time.Duration // 0: the default
}

func (p *pacing) name() string {
	if p.linger == 0 {
		return "default"
	}
	return p.linger.String()
}

// atPace replays the runs into a sink in another process.
func atPace(b *bench, recorded []load.Run, how *pacing) (*row, error) {
	messages, events, err := sizeOf(recorded, how.texts)
	if err != nil {
		return nil, err
	}
	receiver, err := sink.Start(sink.Kafka)
	if err != nil {
		return nil, err
	}
	client, err := callback.New(callback.Config{
		SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler), Topic: sink.Topic,
		Brokers: []string{receiver.Address}, Linger: how.linger,
	})
	if err != nil {
		return nil, errors.Join(err, receiver.Close())
	}
	p := &pace{interval: time.Duration(float64(time.Second) * events / messages / pacedRate)}
	p.play(client, recorded, how.texts, 2*time.Second) // until all runs are somewhere in the middle
	if err := client.Flush(context.Background()); err != nil {
		return nil, errors.Join(err, receiver.Close())
	}
	before := client.Stats()
	r, err := p.measured(client, recorded, how, pick(b, 20*time.Second, 2*time.Second))
	after := client.Stats()
	if err == nil {
		sealed := uint64(0)
		for reason, n := range after.Batches.Sealed {
			sealed += n - before.Batches.Sealed[reason]
		}
		emitted := after.Total.Emitted - before.Total.Emitted
		r.EventsPerRecord = float64(emitted) / float64(max(sealed, 1))
	}
	return r, errors.Join(err, receiver.Close())
}

// sizeOf returns how many messages the runs have, and how many events they emit.
func sizeOf(recorded []load.Run, with texts) (messages, events float64, err error) {
	client, err := callback.New(callback.Config{
		SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler), Sender: &discard{},
	})
	if err != nil {
		return 0, 0, err
	}
	p := &replayer{client: client, texts: with, each: func() { messages++ }}
	for i := range recorded {
		p.replay(&recorded[i], i)
	}
	_, err = client.Shutdown(context.Background())
	return messages, float64(client.Stats().Total.Emitted), err
}

// pace lets one message of all runs go at a time.
type pace struct {
	interval time.Duration
	threads  atomic.Int64

	mu   sync.Mutex
	next time.Time
}

func (p *pace) wait() {
	p.mu.Lock()
	at := p.next
	p.next = at.Add(p.interval)
	p.mu.Unlock()
	time.Sleep(time.Until(at))
}

// play replays runs for a while.
func (p *pace) play(client *callback.Client, recorded []load.Run, with texts, d time.Duration) {
	p.next = time.Now()
	end := p.next.Add(d)
	var all sync.WaitGroup
	for range pacedRuns {
		all.Go(func() {
			r := &replayer{client: client, texts: with, each: p.wait}
			for time.Now().Before(end) {
				n := int(p.threads.Add(1))
				r.replay(&recorded[n%len(recorded)], n)
			}
		})
	}
	all.Wait()
}

func (p *pace) measured(
	client *callback.Client, recorded []load.Run, how *pacing, d time.Duration,
) (*row, error) {
	var profile bytes.Buffer
	if err := pprof.StartCPUProfile(&profile); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	began := client.Stats().Total
	meter := measure.Start(true)
	p.play(client, recorded, how.texts, d)
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	_, err := client.Shutdown(ctx)
	cost := meter.Stop()
	pprof.StopCPUProfile()
	end := client.Stats()
	r := &row{
		Case:      fmt.Sprintf("%s, linger %s", textsNames[how.texts], how.name()),
		Contender: nameDashstream, Values: string(load.Recorded), Compression: "zstd",
		EmitToAck: measure.Quantiles{
			N: end.EmitToAck.Count, P50: end.EmitToAck.Quantile(.5),
			P99: end.EmitToAck.Quantile(.99),
		},
	}
	emitted := end.Total.Emitted - began.Emitted
	r.setCost(cost, emitted)
	r.setDelivered(end.Total.Delivered-began.Delivered, emitted)
	var failed error
	r.Shares, failed = measure.ReadShares(&profile, measure.Packages)
	return r, errors.Join(err, failed)
}
