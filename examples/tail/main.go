package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/dashstream/dashstream-go/callback"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal then ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. It ends when ctx does, and when it has printed what it was asked for.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return (&program{stdout: stdout, stderr: stderr, config: callback.ConfigFromEnv}).run(ctx, args)
}
