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

// run is the program. When ctx ends, it ends what is under way, sends what waits, and says what became of all events.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p := program{stdout: stdout, screen: newScreen(stderr), config: callback.ConfigFromEnv}
	return p.run(ctx, args)
}
