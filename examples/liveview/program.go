package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/feed"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/serve"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
)

// page is the page as it was built from page/src.
//
//go:embed page/dist
var page embed.FS

// The exit codes.
const (
	exitDone  = 0
	exitRun   = 1
	exitUsage = 2
)

// program is one execution of the program.
type program struct {
	stdout, stderr io.Writer
	config         func() (callback.Config, error)
	getenv         func(string) string
	logger         *slog.Logger
}

func (p *program) run(ctx context.Context, args []string) int {
	o, err := parseOptions(args, p.getenv, p.stdout, time.Now())
	if errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	if err != nil {
		return p.fail(exitUsage, errors.Join(err, errors.New("see liveview --help")))
	}
	p.logger = slog.New(slog.NewTextHandler(p.stderr, nil))
	cfg, err := p.configure(&o)
	if err != nil {
		return p.fail(exitUsage, err)
	}
	var d *demo
	if len(cfg.Brokers) == 0 {
		if d, err = newDemo(&cfg, &o, p.logger); err != nil {
			return p.fail(exitRun, err)
		}
		defer d.stop()
	}
	return p.serve(ctx, cfg, &o, d)
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
	cfg.Logger = slog.New(slog.NewTextHandler(p.stderr,
		&slog.HandlerOptions{Level: slog.LevelWarn}))
	if err == nil {
		err = cfg.Validate()
	}
	return cfg, err
}

// serve reads and serves until ctx ends.
func (p *program) serve(ctx context.Context, cfg callback.Config, o *options, d *demo) int {
	files, err := fs.Sub(page, "page/dist")
	if err != nil {
		return p.fail(exitRun, err)
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return p.fail(exitRun, err)
	}
	var server *serve.Server
	// half of the memory is for messages, a quarter for states; the rest is for who looks
	v := view.New(view.Config{Store: view.NewMemory(o.memory << 19), Now: time.Now,
		MaxBytes: o.memory << 18, Clients: func() int {
			if server == nil {
				return 0
			}
			return server.Clients()
		}})
	server = serve.New(serve.Config{View: v, Page: files, Now: time.Now,
		SendTimeout: o.sendTimeout, Token: o.token, Loopback: o.loopback,
		Version: callback.Version(), Demo: d != nil, Logger: p.logger,
		PerAddress: o.perAddress, MaxClients: o.maxClients})
	f := &feed.Feed{Config: cfg, View: v, Start: o.from, Logger: p.logger, Now: time.Now}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	failed := make(chan error, 2)
	running.Go(func() { failed <- f.Run(ctx) })
	running.Go(func() { failed <- server.Serve(l) })
	if d != nil {
		running.Go(func() { d.run(ctx) })
	}
	fmt.Fprintf(p.stdout, "The live view is at http://%s/ (Ctrl-C ends it).\n", l.Addr())
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
	}
	cancel()
	server.Shutdown()
	running.Wait()
	if err != nil {
		return p.fail(exitRun, err)
	}
	fmt.Fprintln(p.stdout, "The live view has ended.")
	return exitDone
}

func (p *program) fail(code int, err error) int {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(p.stderr, "liveview: %s\n", strings.TrimSuffix(line, "\n"))
	}
	return code
}
