package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/callback"
)

const (
	nameDashstream = "dashstream"
	// nameUnredacted is the same with redaction switched off, which nobody else does: rows are
	// alike in what they do for the user.
	nameUnredacted = "unredacted"
)

// dashstream is this project: an event is a NODE_WARNING of a node, a piece of work is a node.
type dashstream struct{ client *callback.Client }

func openDashstream(s load.Setup) (load.Contender, error) {
	return openClient(s, callback.Redaction{})
}

func openUnredacted(s load.Setup) (load.Contender, error) {
	return openClient(s, callback.Redaction{Disabled: true})
}

func openClient(s load.Setup, redaction callback.Redaction) (load.Contender, error) {
	cfg := callback.Config{Redaction: redaction,
		SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler), Topic: s.Topic,
		Compression: callback.Compression(s.Compression)}
	if s.Lossless {
		cfg.Overflow, cfg.BlockTimeout = callback.OverflowBlock, time.Minute
	}
	if s.Address == "" {
		cfg.Sender, cfg.Compression = discard{}, ""
	} else {
		cfg.Brokers = []string{s.Address}
	}
	return newDashstream(cfg)
}

func newDashstream(cfg callback.Config) (*dashstream, error) {
	client, err := callback.New(cfg)
	if err != nil {
		return nil, err
	}
	return &dashstream{client}, nil
}

func (d *dashstream) Emitter(i int) load.Emitter {
	run := d.client.StartRun(callback.RunInfo{ThreadID: fmt.Sprintf("conversation-%04d", i)})
	return &dashstreamRun{run: run, node: run.StartNode(load.Node)}
}

func (d *dashstream) Finish(ctx context.Context) (load.Outcome, error) {
	if err := d.client.Flush(ctx); err != nil {
		return load.Outcome{}, err
	}
	stats := d.client.Stats()
	_, err := d.client.Shutdown(ctx)
	batches := uint64(0)
	for _, n := range stats.Batches.Sealed {
		batches += n
	}
	end := d.client.Stats().Total
	return load.Outcome{
		Emitted: end.Emitted, Delivered: end.Delivered,
		EventsPerRecord: float64(stats.Total.Accepted) / float64(max(batches, 1)),
		EmitToAck: measure.Quantiles{
			N: stats.EmitToAck.Count, P50: stats.EmitToAck.Quantile(.5),
			P99: stats.EmitToAck.Quantile(.99), P999: stats.EmitToAck.Quantile(.999),
			Max: stats.EmitToAck.Quantile(1),
		},
	}, err
}

// dashstreamRun is a run with a node.
type dashstreamRun struct {
	run  *callback.Run
	node *callback.Node
}

func (r *dashstreamRun) One(v *load.Values) {
	r.node.Warning(load.Message, slog.String(load.Keys[0], v[0]))
}

func (r *dashstreamRun) Ten(v *load.Values) {
	r.node.Warning(load.Message,
		slog.String(load.Keys[0], v[0]), slog.String(load.Keys[1], v[1]),
		slog.String(load.Keys[2], v[2]), slog.String(load.Keys[3], v[3]),
		slog.String(load.Keys[4], v[4]), slog.String(load.Keys[5], v[5]),
		slog.String(load.Keys[6], v[6]), slog.String(load.Keys[7], v[7]),
		slog.String(load.Keys[8], v[8]), slog.String(load.Keys[9], v[9]))
}

func (r *dashstreamRun) Text(text string) {
	r.node.Warning(load.Message, slog.String("prompt", text))
}

func (r *dashstreamRun) Node(v *load.Values) {
	n := r.run.StartNode(load.Node,
		slog.String(load.Keys[0], v[0]), slog.String(load.Keys[1], v[1]),
		slog.String(load.Keys[2], v[2]), slog.String(load.Keys[3], v[3]),
		slog.String(load.Keys[4], v[4]))
	n.End(nil)
}

// discard is a Sender that acknowledges everything at once.
type discard struct{}

func (discard) Send(b *batching.Batch, done func(*batching.Batch, error)) { done(b, nil) }
func (discard) Stats() batching.SenderStats {
	return batching.SenderStats{}
}
func (discard) Close(context.Context) error { return nil }
