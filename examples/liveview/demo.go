package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/dasheino"
	"github.com/dashstream/dashstream-go/examples/quickstart/gopher"
	"github.com/dashstream/dashstream-go/internal/reading"
)

const (
	demoAgents = 5 // runs that go on at once
	// Every so many runs one fails, because its model does.
	demoFailsEvery = 4
	// demoWaits is how long the human takes who is asked.
	demoWaits = 2 * time.Minute
)

// demo is a broker inside this process, and agents that send to it.
type demo struct {
	cluster *kfake.Cluster
	client  *callback.Client
	handler *dasheino.Handler
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
	d := &demo{cluster: cluster, pace: o.pace, logger: logger}
	own := *cfg
	own.Service = "gopher-demo"
	if d.client, err = callback.New(own); err != nil {
		cluster.Close()
		return nil, err
	}
	d.handler = dasheino.NewHandler(d.client)
	return d, nil
}

// stop ends the client and the broker.
func (d *demo) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, _ = d.client.Shutdown(ctx) // nobody reads what it could not send
	d.cluster.Close()
}

// run asks until ctx ends.
func (d *demo) run(ctx context.Context) {
	if d.pace == 0 {
		return
	}
	corpus, err := gopher.Load(ctx)
	if err == nil {
		err = d.ask(ctx, corpus)
	}
	if err != nil && ctx.Err() == nil {
		d.logger.Error("liveview: the demo has no agent; is Go installed?", "error", err)
	}
}

func (d *demo) ask(ctx context.Context, corpus *gopher.Corpus) error {
	agents, err := d.agents(ctx, corpus)
	if err != nil {
		return err
	}
	began := time.Now().Unix()
	var running sync.WaitGroup
	defer running.Wait()
	for worker := range demoAgents {
		running.Go(func() {
			for run := worker; ctx.Err() == nil; run += demoAgents {
				thread := fmt.Sprintf("gopher-%d-%d", began, run)
				d.one(dasheino.WithThread(ctx, thread), agents, worker, run)
				d.pause(ctx, 2*time.Second)
			}
		})
	}
	return nil
}

// agents are the same agent with different writers.
type agents struct{ ordinary, failing, asking gopher.Agent }

func (d *demo) agents(ctx context.Context, corpus *gopher.Corpus) (a agents, err error) {
	slow := paced{gopher.Extractive{}, d.pace, false}
	if a.ordinary, err = gopher.New(ctx, corpus, slow); err != nil {
		return a, err
	}
	slow.fails = true
	if a.failing, err = gopher.New(ctx, corpus, slow); err != nil {
		return a, err
	}
	slow.fails = false
	a.asking, err = gopher.New(ctx, corpus, slow, compose.WithCheckPointStore(&checkpoints{}),
		compose.WithInterruptBeforeNodes([]string{"answer"}))
	return a, err
}

// one runs an agent once. The last worker asks a human before each answer.
func (d *demo) one(ctx context.Context, a agents, worker, run int) {
	question := gopher.Questions[run%len(gopher.Questions)]
	handler := compose.WithCallbacks(d.handler)
	switch {
	case worker == demoAgents-1:
		id := compose.WithCheckPointID(fmt.Sprint(run))
		if _, err := gopher.Ask(ctx, a.asking, question, handler, id); err != nil {
			d.pause(ctx, demoWaits)
		}
		if ctx.Err() == nil {
			_, _ = gopher.Ask(ctx, a.asking, question, handler, id) // the page shows how it ends
		}
	case run%demoFailsEvery == demoFailsEvery-1:
		_, _ = gopher.Ask(ctx, a.failing, question, handler)
	default:
		_, _ = gopher.Ask(ctx, a.ordinary, question, handler)
	}
}

func (d *demo) pause(ctx context.Context, t time.Duration) {
	select {
	case <-time.After(time.Duration(float64(t) / d.pace)):
	case <-ctx.Done():
	}
}

// checkpoints keeps runs that wait, in memory.
type checkpoints struct{ m sync.Map }

// Get implements compose.CheckPointStore.
func (c *checkpoints) Get(_ context.Context, id string) ([]byte, bool, error) {
	b, found := c.m.Load(id)
	if !found {
		return nil, false, nil
	}
	return b.([]byte), true, nil
}

// Set implements compose.CheckPointStore.
func (c *checkpoints) Set(_ context.Context, id string, b []byte) error {
	c.m.Store(id, b)
	return nil
}

// paced writes as slowly as a model does, and may fail on the way.
type paced struct {
	model.BaseChatModel
	pace  float64
	fails bool
}

var errOverloaded = errors.New("the model is overloaded: 529 after 3 tokens")

// Stream passes the parts of an answer on, one after the other.
func (p paced) Stream(
	ctx context.Context, input []*schema.Message, options ...model.Option,
) (*schema.StreamReader[*schema.Message], error) {
	parts, err := p.BaseChatModel.Stream(ctx, input, options...)
	if err != nil {
		return nil, err
	}
	out, in := schema.Pipe[*schema.Message](1)
	go func() {
		defer in.Close()
		defer parts.Close()
		for n := 0; ; n++ {
			part, err := parts.Recv()
			if err == nil && p.fails && n == 3 {
				err = errOverloaded
			}
			if err == nil {
				select {
				case <-time.After(time.Duration(float64(300*time.Millisecond) / p.pace)):
				case <-ctx.Done():
					err = ctx.Err()
				}
			}
			if in.Send(part, err) || err != nil {
				return
			}
		}
	}()
	return out, nil
}
