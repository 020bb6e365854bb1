package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/reading"
)

// demo is a broker inside this process, and agents that send to it.
type demo struct {
	cluster *kfake.Cluster
	config  callback.Config
	pace    float64
	logger  *slog.Logger
}

// newDemo starts the broker, and points cfg at it.
func newDemo(cfg *callback.Config, o *options, logger *slog.Logger) (*demo, error) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, reading.Topic(*cfg)))
	if err != nil {
		return nil, fmt.Errorf("starting the embedded broker: %w", err)
	}
	cfg.Brokers = cluster.ListenAddrs()
	d := &demo{cluster: cluster, config: *cfg, pace: o.pace, logger: logger}
	d.config.Service = "demo"
	return d, nil
}

func (d *demo) stop() { d.cluster.Close() }

func (d *demo) run(ctx context.Context) {
	<-ctx.Done()
}
