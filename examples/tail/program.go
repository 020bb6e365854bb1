package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/reading"
)

// program is one execution of the program.
type program struct {
	stdout, stderr io.Writer
	config         func() (callback.Config, error)
}

// answerTimeout bounds the first question to the cluster where the environment does not say more.
const answerTimeout = 5 * time.Second

func (p *program) run(ctx context.Context, args []string) int {
	o, err := parseOptions(args, p.stdout, time.Now())
	if errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	if err != nil {
		return p.fail(exitUsage, errors.Join(err, errors.New("see tail --help")))
	}
	cfg, err := p.configure(&o)
	if err != nil {
		return p.fail(exitUsage, err)
	}
	kafkaOptions, err := reading.Options(cfg)
	if err != nil {
		return p.fail(exitUsage, err)
	}
	topic := reading.Topic(cfg)
	client, err := kgo.NewClient(kafkaOptions...)
	if err != nil {
		return p.fail(exitRead, err)
	}
	defer client.Close()

	timeout := cfg.StartTimeout
	if timeout <= 0 {
		timeout = answerTimeout
	}
	r := &reader{program: p, client: client, topic: topic, timeout: timeout, options: &o}
	err = r.begin(ctx)
	if ctx.Err() != nil {
		return exitDone
	}
	if err != nil {
		return p.fail(exitRead, reading.Explain(cfg, err))
	}
	return r.follow(ctx)
}

func (p *program) fail(code int, err error) int {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(p.stderr, "tail: %s\n", strings.TrimSuffix(line, "\n"))
	}
	return code
}

// configure puts what the command line says over what the environment says.
func (p *program) configure(o *options) (callback.Config, error) {
	cfg, err := p.config()
	cfg.LinesFile = "" // it is for what emits
	if o.brokers != "" {
		cfg.Brokers = strings.Split(o.brokers, ",")
	}
	if o.topic != "" {
		cfg.Topic = o.topic
	}
	cfg.Logger = slog.New(slog.NewTextHandler(p.stderr, nil))
	if err == nil {
		err = cfg.Validate()
	}
	return cfg, err
}
