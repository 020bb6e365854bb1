package main

import (
	"bufio"
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
	"github.com/dashstream/dashstream-go/examples/internal/reading"
	"github.com/dashstream/dashstream-go/examples/internal/terminal"
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
	client, err := kgo.NewClient(append(kafkaOptions, kgo.ConsumeTopics(topic), kgo.ConsumeStartOffset(o.start))...)
	if err != nil {
		return p.fail(exitRead, err)
	}
	defer client.Close()

	timeout := cfg.StartTimeout
	if timeout <= 0 {
		timeout = answerTimeout
	}
	asked, cancel := context.WithTimeout(ctx, timeout)
	n, err := reading.Partitions(asked, client, topic)
	cancel()
	if ctx.Err() != nil {
		return exitDone
	}
	if err != nil {
		return p.fail(exitRead, err)
	}
	fmt.Fprintf(p.stderr, "tail: reading %s (%d partitions)\n", topic, n)
	return p.follow(ctx, &o, client)
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
	if o.brokers != "" {
		cfg.Brokers = strings.Split(o.brokers, ",")
	}
	if o.topic != "" {
		cfg.Topic = o.topic
	}
	cfg.Logger = slog.New(slog.NewTextHandler(p.stderr, nil))
	return cfg, err
}

// follow prints what is read until it has printed enough, its time is over or ctx ends.
func (p *program) follow(ctx context.Context, o *options, client *kgo.Client) int {
	if o.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.limit)
		defer cancel()
	}
	out := bufio.NewWriter(p.stdout)
	t := tailer{filter: &o.filter, count: o.count, sequences: newSequences(), out: out}
	if o.json {
		t.format = jsonLines{}
	} else {
		t.format = &textLines{location: time.Local, colored: terminal.Colored(p.stdout)}
	}
	var complaint string
	for {
		fetches := client.PollFetches(ctx)
		if fetches.IsClientClosed() {
			return exitDone
		}
		fetches.EachError(func(topic string, partition int32, err error) {
			// The client goes on by itself; what is said once is enough while it lasts.
			if text := fmt.Sprintf("partition %d: %v", partition, err); ctx.Err() == nil && text != complaint {
				complaint = text
				p.fail(exitRead, errors.New(text))
			}
		})
		for records := fetches.RecordIter(); !records.Done() && !t.enough(); {
			t.record(records.Next())
		}
		if err := out.Flush(); err != nil {
			return exitDone // nobody reads any more
		}
		if t.enough() || ctx.Err() != nil {
			return exitDone
		}
	}
}
